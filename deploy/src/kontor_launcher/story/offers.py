"""The quotes of the demonstration: what was offered to whom, when, and how it went on."""

from dataclasses import dataclass, field
from typing import Any

Line = dict[str, Any]

PHOTOGRAPHY, PRINT = "8.1", "2.6"


def item(description: str, quantity: str, unit: str, price_minor: int, vat: str = PHOTOGRAPHY, **more: Any) -> Line:
    line = {"description": description, "quantity": quantity, "unit": unit, "unit_price_minor": price_minor}
    return line | {"vat_rate": vat} | more


def abroad(description: str, quantity: str, unit: str, price_minor: int, **more: Any) -> Line:
    """A service to a company abroad: the place of supply is there, no Swiss VAT."""
    return item(description, quantity, unit, price_minor, "0", vat_category="outside_scope", **more)


def option(line: Line, *, most: str | None = None, ticked: bool = False) -> Line:
    return line | {"optional": True, "selected": ticked} | ({"min_quantity": "1", "max_quantity": most} if most else {})


def choice(group: str, line: Line, *, ticked: bool = False) -> Line:
    return line | {"choice_group": group, "selected": ticked}


def percent_off(description: str, percent: str) -> Line:
    return {"kind": "discount", "description": description, "discount_percent": percent}


def amount_off(description: str, minor: int) -> Line:
    return {"kind": "discount", "description": description, "unit_price_minor": minor}


@dataclass(frozen=True)
class Offer:
    """``days_ago``: drafted, sent, answered or withdrawn, converted; as far as it got. Valid for days from sending."""

    customer: str
    title: str
    lines: tuple[Line, ...]
    days_ago: tuple[int, ...]
    outcome: str = "sent"
    words: str = ""
    valid_days: int = 30
    intro: str = ""
    closing: str = ""
    event: dict[str, Any] | None = None
    installments: tuple[dict[str, Any], ...] = field(default=())


HALVES = (
    {"label": "Anzahlung", "percent": "50", "trigger": "on_acceptance"},
    {"label": "Schlussrate", "percent": "50", "trigger": "on_delivery"},
)
THIRDS = (
    {"label": "On acceptance", "percent": "30", "trigger": "on_acceptance"},
    {"label": "On delivery", "percent": "70", "trigger": "on_delivery"},
)
HELLO_DE = "Guten Tag\n\nVielen Dank für Ihre Anfrage. Gerne bieten wir Ihnen an:"
HELLO_EN = "Hello\n\nThank you for your enquiry. We are pleased to offer:"
BYE_DE = "Bei Fragen sind wir gerne für Sie da."
BYE_EN = "Please call us with any question."

OFFERS: tuple[Offer, ...] = (
    Offer(
        "brandt",
        "Reproduktionen der Sammlung Hartmann",
        (
            item("Reproaufnahmen, farbverbindlich", "64", "piece", 4800),
            item("Auf- und Abbau der Reproanlage", "2", "flat", 28000),
            option(item("Druckfertige Daten für den Katalog", "64", "piece", 1200)),
            percent_off("Mengenrabatt", "8"),
        ),
        (164, 163, 151, 150),
        "converted",
        "Wir freuen uns auf die Aufnahmen.",
        intro=HELLO_DE,
        closing=BYE_DE,
        installments=HALVES,
    ),
    Offer(
        "keller",
        "Hochzeit Anna und Simon",
        (
            item("Reportage am Hochzeitstag", "10", "hour", 19500),
            item("Bildauswahl und Bearbeitung", "1", "flat", 68000),
            choice("Album", item("Album klein, 20 Seiten, Leinen", "1", "piece", 39000, PRINT), ticked=True),
            choice("Album", item("Album gross, 40 Seiten, Leder", "1", "piece", 74000, PRINT)),
            option(item("Zweite Fotografin", "6", "hour", 14000), most="10"),
        ),
        (158, 157, 149, 148),
        "converted",
        "Wir nehmen das kleine Album.",
        intro=HELLO_DE,
        closing=BYE_DE,
        event={"title": "Hochzeit Anna und Simon", "type": "Hochzeit", "start": -70, "hours": 10, "location": "Zug"},
        installments=HALVES,
    ),
    Offer(
        "aebi",
        "Baudokumentation Neubau Werkhalle",
        (
            item("Aufnahmen auf der Baustelle, Halbtag", "6", "flat", 78000),
            item("Drohnenaufnahmen", "3", "flat", 45000),
            item("Anfahrt", "420", "km", 70),
            amount_off("Treuerabatt", 25000),
        ),
        (149, 148, 139),
        "declined",
        "Wir machen die Aufnahmen dieses Mal selbst.",
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer(
        "whitfield",
        "Portraits of the partners",
        (
            item("Studio day in Geneva, with assistant", "1", "day", 280000),
            item("Retouched portraits", "14", "piece", 9500),
            option(item("Hair and make-up", "1", "day", 72000), ticked=True),
        ),
        (144, 143, 136, 135),
        "converted",
        "Agreed. Please book the day.",
        intro=HELLO_EN,
        closing=BYE_EN,
        event={"title": "Portraits Northlight", "type": "Portrait", "start": -96, "hours": 8, "location": "Genève"},
        installments=THIRDS,
    ),
    Offer(
        "huber",
        "Kochbuch „Brot und Butter“: Rezeptfotos",
        (
            abroad("Rezeptaufnahmen mit Foodstyling", "48", "piece", 21000),
            abroad("Nutzungsrechte, alle Auflagen", "1", "flat", 190000),
            option(abroad("Umschlagbild in drei Varianten", "1", "flat", 98000), ticked=True),
            percent_off("Serienpreis", "5"),
        ),
        (137, 135, 128, 127),
        "converted",
        "Passt alles. Bitte mit Umschlagbild.",
        intro=HELLO_DE,
        closing=BYE_DE,
        installments=HALVES,
    ),
    Offer(
        "marxer",
        "Produktbilder Katalog 2027",
        (
            item("Produktaufnahmen, freigestellt", "120", "piece", 3400),
            item("Retusche Metalloberflächen", "30", "hour", 11000),
            percent_off("Mengenrabatt", "10"),
        ),
        (131, 130),
        "expired",
        intro=HELLO_DE,
        closing=BYE_DE,
        valid_days=21,
    ),
    Offer(
        "oduya",
        "Stills for the series “Harbour Lights”",
        (
            abroad("Unit stills, shooting day", "9", "day", 125000),
            abroad("Gallery shoot of the cast", "1", "day", 240000),
            option(abroad("Additional shooting day", "1", "day", 125000), most="5"),
        ),
        (124, 123, 117),
        "declined",
        "The production has been postponed to next year.",
        intro=HELLO_EN,
        closing=BYE_EN,
    ),
    Offer(
        "steiner",
        "Bilder für die Lese 2026",
        (
            abroad("Reportage während der Lese", "2", "day", 165000),
            abroad("Flaschenaufnahmen", "22", "piece", 4500),
        ),
        (118, 116, 108, 107),
        "converted",
        "Bitte in der ersten Septemberwoche.",
        intro=HELLO_DE,
        closing=BYE_DE,
        event={"title": "Lese", "type": "Reportage", "start": -75, "days": 2, "location": "Langenlois"},
    ),
    Offer(
        "rossi",
        "Family portraits by the lake",
        (
            item("Photo session, two hours", "1", "flat", 52000),
            item("Fine art prints 30 × 40 cm", "4", "piece", 8500, PRINT),
        ),
        (112, 111),
        "expired",
        intro=HELLO_EN,
        closing=BYE_EN,
        valid_days=14,
    ),
    Offer(
        "brandt",
        "Ausstellungsansichten „Licht über dem See“",
        (
            item("Raumaufnahmen", "18", "piece", 12500),
            item("Nachtaufnahme der Fassade", "1", "flat", 48000),
        ),
        (103, 102, 95),
        "withdrawn",
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer(
        "keller",
        "Nachbestellung Hochzeitsbilder",
        (item("Abzüge 20 × 30 cm", "25", "piece", 1200, PRINT), item("Versand", "1", "flat", 1500)),
        (92, 92, 90, 89),
        "converted",
        "Danke!",
        closing=BYE_DE,
    ),
    Offer(
        "aebi",
        "Firmenporträt für die Website",
        (
            item("Porträts der Mitarbeitenden", "32", "piece", 6500),
            item("Gruppenbild", "1", "flat", 35000),
            option(item("Kurzfilm, 60 Sekunden", "1", "flat", 420000)),
        ),
        (84, 83),
        "expired",
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer(
        "whitfield",
        "Annual report: photography and layout",
        (
            item(
                "Art direction and layout, 64 pages",
                "1",
                "flat",
                0,
                sub_lines=[
                    {"description": "Concept", "quantity": "12", "unit": "hour", "unit_price_minor": 19000},
                    {"description": "Layout", "quantity": "64", "unit": "piece", "unit_price_minor": 11500},
                    {"description": "Two rounds of corrections"},
                ],
            ),
            item("Photography on three sites", "3", "day", 240000),
            item("Printed copies", "400", "piece", 1450, PRINT),
        ),
        (76, 74, 66),
        "declined",
        "We have chosen another agency. Thank you for the thorough quote.",
        intro=HELLO_EN,
        closing=BYE_EN,
    ),
    Offer(
        "marxer",
        "Messestand Hannover: Bildwelt",
        (
            item("Grossbilder, druckfertig", "8", "piece", 68000),
            item("Abstimmung mit dem Standbauer", "6", "hour", 16000),
        ),
        (69, 68, 60),
        "withdrawn",
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer(
        "huber",
        "Autorenporträts Herbstprogramm",
        (abroad("Porträt im Studio Berlin", "7", "piece", 38000), abroad("Reisekosten", "1", "flat", 54000)),
        (61, 59),
        "expired",
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer(
        "oduya",
        "Poster key art",
        (
            abroad("Shoot with two actors", "1", "day", 310000),
            choice("Rights", abroad("Festival rights", "1", "flat", 90000), ticked=True),
            choice("Rights", abroad("World rights, five years", "1", "flat", 260000)),
        ),
        (52, 50, 41),
        "accepted",
        "World rights may follow.",
        intro=HELLO_EN,
        closing=BYE_EN,
        installments=THIRDS,
    ),
    Offer(
        "rossi",
        "Engagement shoot in Ascona",
        (item("Photo session at sunset", "3", "hour", 19500), item("Journey", "160", "km", 70)),
        (44, 43, 40),
        "withdrawn",
        closing=BYE_EN,
    ),
    Offer(
        "steiner",
        "Etiketten: Aufnahmen der Lagen",
        (
            abroad("Landschaftsaufnahmen", "6", "piece", 42000),
            option(abroad("Luftaufnahmen", "1", "flat", 68000), ticked=True),
        ),
        (38, 36, 30),
        "accepted",
        "Bitte mit Luftaufnahmen.",
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer(
        "brandt",
        "Katalog „Licht über dem See“: Gestaltung",
        (
            item("Gestaltung, 96 Seiten", "96", "piece", 9500),
            item("Lithografie", "1", "flat", 240000),
            item("Druck, 600 Exemplare", "600", "piece", 2150, PRINT),
            percent_off("Kulturrabatt", "6"),
        ),
        (27, 25, 18),
        "accepted",
        "Der Stiftungsrat hat zugestimmt.",
        intro=HELLO_DE,
        closing=BYE_DE,
        installments=HALVES,
    ),
    Offer(
        "aebi",
        "Drohnenfilm Werkhalle fertig",
        (item("Drohnenfilm, 90 Sekunden", "1", "flat", 285000), item("Musiklizenz", "1", "flat", 18000)),
        (22, 20),
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer(
        "whitfield",
        "Event photography: winter reception",
        (
            item("Event photography", "5", "hour", 21000),
            option(item("Photo booth with prints", "1", "flat", 140000)),
        ),
        (15, 13),
        intro=HELLO_EN,
        closing=BYE_EN,
        event={"title": "Winter reception", "type": "Event", "start": 18, "hours": 5, "location": "Genève"},
    ),
    Offer(
        "marxer",
        "Lehrlingsfilm",
        (item("Drehtag", "2", "day", 260000), item("Schnitt und Ton", "24", "hour", 13000)),
        (11, 9),
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer(
        "huber",
        "Kochbuch „Suppe“: Probeaufnahmen",
        (abroad("Probeaufnahmen, fünf Rezepte", "5", "piece", 24000),),
        (7, 5),
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer(
        "keller",
        "Babybauch und Neugeborenes",
        (
            item("Zwei Termine im Studio", "2", "flat", 42000),
            choice("Bilder", item("15 Bilder digital", "1", "flat", 30000), ticked=True),
            choice("Bilder", item("Alle Bilder digital", "1", "flat", 58000)),
        ),
        (4, 3),
        intro=HELLO_DE,
        closing=BYE_DE,
    ),
    Offer("oduya", "Behind the scenes, season two", (abroad("Shooting day", "4", "day", 125000),), (6,), "draft"),
    Offer(
        "steiner",
        "Weihnachtskarte",
        (abroad("Motiv und Gestaltung", "1", "flat", 78000),),
        (3,),
        "draft",
        intro=HELLO_DE,
    ),
    Offer("aebi", "Kalender 2027", (item("Zwölf Motive", "12", "piece", 22000),), (2,), "draft", intro=HELLO_DE),
    Offer("rossi", "Wedding in spring", (item("Full day reportage", "12", "hour", 19500),), (1,), "draft"),
)
