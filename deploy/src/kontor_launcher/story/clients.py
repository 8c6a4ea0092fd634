"""The studio's customers in the demonstration: companies and people in four countries and two languages."""

from typing import Any

Record = dict[str, Any]


def _customer(first: str, last: str, email: str, address: tuple[str, str, str, str, str], **more: Any) -> Record:
    street, house_number, postcode, town, country = address
    return {
        "first_name": first,
        "last_name": last,
        "email": email,
        "street": street,
        "house_number": house_number,
        "postcode": postcode,
        "town": town,
        "country": country,
        "language": "de",
        "currency": "CHF",
    } | more


CUSTOMERS: dict[str, Record] = {
    "brandt": _customer(
        "Corinne",
        "Brandt",
        "corinne.brandt@museum-am-see.example",
        ("Seestrasse", "14", "8700", "Küsnacht ZH", "CH"),
        salutation="Frau",
        company="Museum am See",
    ),
    "keller": _customer(
        "Anna", "Keller", "anna.keller@post.example", ("Hauptstrasse", "3", "6330", "Cham", "CH"), salutation="Frau"
    ),
    "aebi": _customer(
        "Reto",
        "Aebi",
        "reto.aebi@holzbau-aebi.example",
        ("Sägeweg", "21", "3550", "Langnau im Emmental", "CH"),
        salutation="Herr",
        company="Aebi Holzbau AG",
    ),
    "whitfield": _customer(
        "Grace",
        "Whitfield",
        "grace.whitfield@northlight.example",
        ("Rue du Rhône", "48", "1204", "Genève", "CH"),
        company="Northlight Capital SA",
        language="en",
    ),
    "marxer": _customer(
        "Daniel",
        "Marxer",
        "daniel.marxer@feinmechanik-vaduz.example",
        ("Landstrasse", "88", "9490", "Vaduz", "LI"),
        salutation="Herr",
        company="Feinmechanik Marxer Anstalt",
    ),
    "huber": _customer(
        "Lena",
        "Huber",
        "lena.huber@kochbuchverlag.example",
        ("Kreuzbergstraße", "9", "10965", "Berlin", "DE"),
        salutation="Frau",
        company="Tischkante Verlag GmbH",
        currency="EUR",
    ),
    "oduya": _customer(
        "Samuel",
        "Oduya",
        "samuel.oduya@harbour-films.example",
        ("Am Sandtorkai", "27", "20457", "Hamburg", "DE"),
        company="Harbour Films GmbH",
        language="en",
        currency="EUR",
    ),
    "steiner": _customer(
        "Magdalena",
        "Steiner",
        "m.steiner@weingut-steiner.example",
        ("Kellergasse", "5", "3550", "Langenlois", "AT"),
        salutation="Frau",
        company="Weingut Steiner",
        currency="EUR",
    ),
    "rossi": _customer(
        "Luca",
        "Rossi",
        "luca.rossi@posta.example",
        ("Via Nassa", "12", "6900", "Lugano", "CH"),
        language="en",
    ),
}
