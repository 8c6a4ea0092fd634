"""The quote on paper, read back with poppler and qpdf: structure, choices, VAT, carry-over, themes, hostile text."""

import re
import subprocess
from pathlib import Path
from tempfile import gettempdir

import pytest

from documents.rendering import fonts
from documents.rendering.engine import Renderer
from documents.rendering.theme import Theme
from services.documents.tests.samples import CUSTOMER, ISSUER, invoice, line, quote

CACHE = Path(gettempdir()) / "kontor-test-fonts"
ACCEPTANCE = {
    "by": "customer",
    "name": "Anna Meier",
    "at": "2026-11-20T10:00:00Z",
    "total_minor": 390084,
    "message": "Wir freuen uns!",
    "ip": "203.0.113.5",
    "quote_version": 2,
    "document_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "terms_sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
}
WORD = re.compile(r'<word xMin="(-?[\d.]+)" yMin="(-?[\d.]+)" xMax="(-?[\d.]+)" yMax="(-?[\d.]+)">')


@pytest.fixture(scope="module")
def renderer():
    return Renderer(CACHE)


@pytest.fixture
def pages(renderer, tmp_path):
    """The pages of a document as poppler reads them, after qpdf found no fault in the file."""

    def read(kind, snapshot):
        path = tmp_path / "document.pdf"
        path.write_bytes(renderer.render(kind, snapshot).content)
        subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
        text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True).stdout
        return text.decode(errors="replace").replace("\u00a0", " ").split("\f")[:-1]

    return read


def flat(pages):
    return re.sub(r"\s+", " ", " ".join(pages))


def choices(**changes):
    lines = [
        line(1, "**Reportage**\n- Trauung\n- Apéro", "8", 18000, 144000),
        line(2, "Treuerabatt", "1", -10000, -10000, unit="flat"),
        line(3, "Album klein", "1", 20000, 20000, unit="piece", choice_group="Album", selected=False),
        line(4, "Album gross", "1", 35000, 35000, unit="piece", choice_group="Album", selected=True),
        line(5, "Drohnenaufnahmen", "1", 45000, 45000, optional=True, selected=False, unit="flat"),
        line(6, "Weitere Stunden", "2", 18000, 36000, optional=True, min_quantity="1", max_quantity="5"),
        line(7, "Frühbucherrabatt", "1", 0, -10250, kind="discount", discount_percent="5", unit="flat"),
    ]
    # 1440.00 − 100.00 + 350.00 + 360.00 = 2050.00; 5 % = 102.50; 1947.50 × 8.1 % = 157.75
    groups = [{"vat_rate": "8.1", "vat_category": "standard", "net_minor": 194750, "vat_minor": 15775}]
    totals = {"net_minor": 194750, "vat_minor": 15775, "total_minor": 210525, "vat_groups": groups}
    return quote() | {"lines": lines, "totals": totals, "record_version": 2} | changes


def test_a_quote_tells_its_facts_and_its_studio(pages):
    [first, *_] = pages("quote", choices(theme={"footer_text": "Wir pflanzen einen Baum."}))
    words = flat([first])
    for expected in (
        "Offerte Q-2026-0031 Hochzeit Meier",
        "Nummer Q-2026-0031",
        "Version 2",
        "Datum 12.11.2026",
        "Gültig bis 31.12.2026",
        "Kontakt +41 44 555 12 12",
        "Tel. +41 44 555 12 12 · hallo@lindenhof.example",
        "lindenhof.example · MWST-Nr. CHE-106.017.086 MWST",
        "Wir pflanzen einen Baum.",
        "Seite 1 von 2",
    ):
        assert expected in words, expected


def test_choices_and_options_stand_apart_and_discounts_come_last(pages):
    words = flat(pages("quote", choices()))
    places = [
        words.index(part)
        for part in (
            "Reportage",
            "Treuerabatt",
            "Album: bitte eines wählen",
            "Album klein",
            "Album gross",
            "Nur die angekreuzten sind im Total enthalten",
            "Drohnenaufnahmen",
            "Weitere Stunden",
            "Zwischentotal 2’050.00",
            "Frühbucherrabatt -5 % -102.50",
            "Total exkl. MWST 1’947.50",
            "MWST 8.1 % auf 1’947.50 157.75",
            "Total inkl. MWST CHF 2’105.25",
        )
    ]
    assert places == sorted(places)
    assert "optional, im Total nicht enthalten" in words
    assert "wählbar von 1 bis 5" in words
    assert "vorausgewählt, im Total enthalten" in words


def test_an_english_quote_has_choices_and_a_place_to_sign(pages):
    words = flat(pages("quote", choices(language="en", locale="en")))
    for expected in (
        "Album: choose one",
        "Only the ticked ones",
        "Subtotal 2,050.00",
        "Place, date",
        "Name, signature",
    ):
        assert expected in words, expected


def test_sub_lines_show_their_prices_and_the_line_its_sum(pages):
    def sub(description, price):
        return {"description": description, "quantity": "2", "unit": "piece", "unit_price_minor": price}

    lines = [line(1, "Fotobuch", "1", 0, 42000, sub_lines=[sub("Buch", 21000), sub("Leinen", None)])]
    text = "\n".join(pages("quote", choices(lines=lines)))
    assert re.search(r"1 +Fotobuch +8\.1 % +420\.00", text)
    assert re.search(r"Buch +2 Stk\. +210\.00", text)
    assert re.search(r"Leinen *\n", text)


def test_every_vat_category_has_its_total_and_its_note(pages):
    lines = [
        line(1, "Beratung", "1", 100000, 100000, vat_rate="0", vat_category="reverse_charge"),
        line(2, "Kurs", "1", 50000, 50000, vat_rate="0", vat_category="exempt"),
        line(3, "Foto", "1", 10000, 10000, vat_category="standard"),
    ]
    groups = [
        {"vat_rate": "8.1", "vat_category": "standard", "net_minor": 10000, "vat_minor": 810},
        {"vat_rate": "0", "vat_category": "exempt", "net_minor": 50000, "vat_minor": 0},
        {"vat_rate": "0", "vat_category": "reverse_charge", "net_minor": 100000, "vat_minor": 0},
    ]
    totals = {"net_minor": 160000, "vat_minor": 810, "total_minor": 160810, "vat_groups": groups}
    snapshot = choices(lines=lines, totals=totals, exemption_reason="Art. 21 MWSTG, Bildung.")
    words = flat(pages("quote", snapshot))
    for expected in (
        "MWST 8.1 % auf 100.00 8.10",
        "MWST-frei, auf 500.00¹ 0.00",
        "Reverse Charge, auf 1’000.00² 0.00",
        "Total inkl. MWST CHF 1’608.10",
        "¹ Art. 21 MWSTG, Bildung.",
        "² Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge).",
    ):
        assert expected in words, expected
    english = flat(pages("quote", snapshot | {"language": "en", "locale": "en"}))
    assert "² Reverse charge: VAT is to be accounted for by the recipient." in english


def test_an_accepted_quote_proves_what_was_accepted(pages):
    words = flat(pages("quote_accepted", choices(acceptance=ACCEPTANCE)))
    for expected in (
        "Elektronisch angenommen",
        "Angenommen durch Anna Meier",
        "Angenommen am 20.11.2026, 11:00 CET",
        "Gewählt 1 Stk. Album gross · 2 Std. Weitere Stunden",
        "Angenommener Betrag CHF 3’900.84",
        "Wir freuen uns!",
        f"SHA-256 des PDF {ACCEPTANCE['document_sha256']}",
        f"SHA-256 der Bedingungen {ACCEPTANCE['terms_sha256']}",
    ):
        assert expected in words, expected
    assert "Ort, Datum" not in words
    by_admin = flat(pages("quote_accepted", choices(acceptance=ACCEPTANCE | {"by": "admin"})))
    assert "durch den Aussteller im Auftrag des Kunden" in by_admin


@pytest.mark.parametrize(("kind", "make"), [("quote", quote), ("invoice", invoice)])
def test_sixty_lines_are_carried_over_from_page_to_page(pages, kind, make):
    lines = [line(n, f"Position {n}", "1", 1000 * n, 1000 * n) for n in range(1, 61)]
    read = [page for page in pages(kind, make() | {"lines": lines}) if "Position" in page]
    assert len(read) >= 3
    last = 0
    for number, page in enumerate(read):
        shown = [figure.replace("’", "") for figure in re.findall(r"Übertrag +([\d’.]+)", page)]
        expected = [f"{10 * last * (last + 1) // 2}.00"] if number else []  # 10 + 20 + … + 10 n
        last = max(int(position) for position in re.findall(r"Position (\d+)", page))
        if number < len(read) - 1:
            expected.append(f"{10 * last * (last + 1) // 2}.00")
        assert shown == expected
        assert "Einzelpreis" in page
    assert last == 60


def test_what_is_not_chosen_is_not_carried_over(pages):
    lines = [line(1, "Grund", "1", 10000, 10000)]
    lines += [line(n, f"Zusatz {n}", "1", 5000, 5000, optional=True, selected=n == 2) for n in range(2, 40)]
    first, second, *_ = pages("quote", choices(lines=lines))
    assert re.findall(r"Übertrag +([\d.]+)", first) == ["150.00"]
    assert re.findall(r"Übertrag +([\d.]+)", second)[0] == "150.00"


def test_a_quotes_total_never_stands_alone(pages):
    for count in range(15, 21, 2):
        lines = [line(n, f"Position {n}", "1", 1000, 1000) for n in range(1, count)]
        for page in pages("quote", choices(lines=lines)):
            if "Total inkl. MWST" in page:
                assert "Position" in page


def test_a_theme_sets_font_window_and_footer(renderer, tmp_path):
    theme = {"accent": "#B5472F", "font": "liberation_serif", "window": "left", "footer_text": "Fusszeile"}
    path = tmp_path / "theme.pdf"
    path.write_bytes(renderer.render("quote", choices(theme=theme)).content)
    listed = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    assert "Liberation-Serif" in listed or "LiberationSerif" in listed
    assert "Inter" not in listed
    boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    [left] = re.findall(r'xMin="([\d.]+)"[^>]*>Biel<', boxes)
    assert float(left) < 120


@pytest.mark.parametrize(
    "theme",
    [
        None,
        "x",
        {"accent": "red; } @page { size: A5 }"},
        {"accent": 7, "font": ["x"], "window": {}},
        {"font": "comic", "window": "up", "footer_text": {"a": 1}},
    ],
)
def test_a_theme_of_bad_values_falls_back(renderer, theme):
    assert Theme.of(choices(theme=theme)) == Theme("#0F5C4A", "right", "inter")
    assert renderer.render("quote", choices(theme=theme)).pages == 2


def test_a_pale_accent_is_darkened_for_text():
    assert Theme("#0F5C4A").ink == "#0F5C4A"
    pale = Theme("#FFE000").ink
    assert pale != "#FFE000"
    assert int(pale[1:3], 16) < 0xA0


def test_a_font_that_is_not_installed_falls_back_and_says_so(monkeypatch, tmp_path, caplog):
    real = fonts.find
    fonts.font_set.cache_clear()
    monkeypatch.setattr(fonts, "find", lambda name: None if "Serif" in name else real(name))
    rendered = Renderer(tmp_path).render("quote", choices(theme={"font": "liberation_serif"}))
    fonts.font_set.cache_clear()
    assert any("Liberation Serif" in warning for warning in rendered.warnings)
    assert "is not installed" in caplog.text


HOSTILE = (
    '<script>alert(1)</script><img src="file:///etc/passwd"/>&amp;\'',
    "שלום \u202eevil\u202c مرحبا",
    "👩\u200d👩\u200d👧 🎉 Zoë",
    "W" * 300,
    "x" * 1000,
    "null\x00byte\x0b\ud800 =1+1",
)


@pytest.mark.parametrize("text", HOSTILE, ids=["markup", "rtl", "emoji", "wide", "endless", "control"])
def test_hostile_text_in_every_field_stays_on_the_page(renderer, tmp_path, text):
    party = dict.fromkeys(("name", "company", "last_name", "street", "town", "email", "phone", "website"), text)
    sub = {"description": text, "quantity": "1", "unit": "piece", "unit_price_minor": 100, "discount_percent": "0"}
    lines = [
        line(1, text, "1", 1, 1, sub_lines=[sub]),
        line(2, text, "1", 1, 1, choice_group=text[:60]),
        line(3, text, "1", 1, 0, kind="discount"),
    ]
    snapshot = choices(
        lines=lines,
        issuer={**ISSUER, **party},
        customer={**CUSTOMER, **party},
        title=text,
        intro=text,
        closing=text,
        terms={"text": text, "required": True},
        theme={"footer_text": text},
        installments=[{"label": text, "percent": "100", "trigger": "on_acceptance", "total_minor": 1}],
        acceptance=ACCEPTANCE | {"name": text, "message": text},
    )
    path = tmp_path / "hostile.pdf"
    path.write_bytes(renderer.render("quote_accepted" if len(text) < 100 else "quote", snapshot).content)
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True).stdout
    words = [[float(edge) for edge in found] for found in WORD.findall(boxes.decode(errors="replace"))]
    assert words
    assert all(x0 >= 0 and y0 >= 0 and x1 <= 595.5 and y1 <= 842 for x0, y0, x1, y1 in words)


def test_the_largest_amounts_have_room(pages):
    groups = [{"vat_rate": "0", "net_minor": 9 * 10**17, "vat_minor": 0}]
    totals = {"net_minor": 9 * 10**17, "vat_minor": 0, "total_minor": 9 * 10**17, "vat_groups": groups}
    lines = [line(1, "Viel", "999999999", 9 * 10**9, 9 * 10**17, vat_rate="0")]
    text = flat(pages("quote", choices(lines=lines, totals=totals, currency="KWD")))
    for expected in ("Viel", "999’999’999 Std.", "9’000’000.000", "900’000’000’000’000.000"):
        assert expected in text, expected
