"""The documents on paper: what they say, where it stands, and that the same facts give the same bytes."""

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from tempfile import gettempdir

import kontor_messages
import pytest

from documents.rendering import fonts
from documents.rendering.engine import Renderer
from documents.rendering.markup import AssetFetcher, FetchRefused, from_html, from_markdown, paragraphs
from documents.texts import catalogue
from kontor.errors import Refusal
from services.documents.tests.decode import opened, page_image, symbol_lines, texts
from services.documents.tests.samples import CUSTOMER, ISSUER, contract, contract_final, invoice, line, quote
from swissqrbill import errors

CACHE = Path(gettempdir()) / "kontor-test-fonts"


@pytest.fixture(scope="module")
def renderer():
    return Renderer(CACHE)


def words(renderer, kind, snapshot):
    return "\n".join(texts(renderer.render(kind, snapshot).content))


def test_an_invoice_says_what_its_snapshot_says(renderer):
    text = words(renderer, "invoice", invoice())
    for expected in (
        "Rechnung INV-2026-0042",
        "Hochzeit Meier",
        "12.11.2026",
        "12.12.2026",
        "03.10.2026 – 04.10.2026",
        "C-1007",
        "Reportage Trauung",
        "abzüglich 10 % Rabatt",
        "12.5 Std.",
        "1’350.00",
        "MWST 8.1 % auf 2’790.00",
        "225.99",
        "MWST 2.6 % auf 300.00",
        "7.80",
        "CHF 3’323.79",
        "Zahlbar bis 12.12.2026, rein netto.",
        "2 % Skonto bei Zahlung innert 10 Tagen.",
        "CHE-106.017.086 MWST",
    ):
        assert expected in " ".join(text.split()), expected


def test_an_english_invoice_speaks_english_throughout(renderer):
    text = words(renderer, "invoice", invoice(language="en", locale="en")).replace("\u00a0", " ")
    for expected in (
        "Invoice INV-2026-0042",
        "12 Dec 2026",
        "VAT 8.1% on 2,790.00",
        "Payable by 12 Dec 2026",
        "Page 1 of",
    ):
        assert expected in text, expected
    assert "Receipt" in text
    assert "Rechnung" not in text


def test_a_german_studio_issues_an_angebot_with_umsatzsteuer(renderer):
    issuer = {**ISSUER, "country": "DE", "vat_id": "DE123456789"}
    text = words(renderer, "quote", quote(locale="de-DE", currency="EUR", issuer=issuer)).replace("\u00a0", " ")
    assert "Angebot Q-2026-0031" in text
    assert "USt 8,1 % auf 2.790,00" in text
    assert "3.323,79 €" in text


def test_optional_lines_say_whether_they_count(renderer):
    text = words(renderer, "quote", quote())
    assert "optional, im Total nicht enthalten" in text
    assert "bei Annahme" in text


def test_a_business_outside_vat_prints_the_note_and_no_vat(renderer):
    issuer = {**ISSUER, "vat_registered": False, "vat_id": None, "country": "DE"}
    text = words(renderer, "invoice", invoice(issuer=issuer, locale="de-DE", payment_slip="none", bank=None))
    assert "§ 19 UStG" in text
    assert "USt" not in text.replace("UStG", "")


def test_reverse_charge_is_named(renderer):
    assert "Reverse Charge" in words(renderer, "quote", quote(vat_mode="reverse_charge"))


def test_what_is_already_paid_is_deducted_and_the_slip_is_over_the_open_amount(renderer):
    content = renderer.render("invoice", invoice(paid_minor=100000, open_minor=232379)).content
    text = "\n".join(texts(content))
    assert "-1’000.00" in text.replace("−", "-")
    assert "2’323.79" in text
    assert symbol_lines(page_image(content))[18] == "2323.79"


def test_the_slip_carries_number_and_swico_facts(renderer):
    lines = symbol_lines(page_image(renderer.render("invoice", invoice()).content))
    assert lines[29] == "INV-2026-0042"
    assert lines[31] == (
        "//S1/10/INV-2026-0042/11/261112/20/C-1007/30/106017086/31/261003261004/32/8.1:2790.00;2.6:300.00/40/2:10;0:30"
    )


def test_a_short_invoice_and_its_slip_share_one_page(renderer):
    snapshot = invoice(lines=[line(1, "Reportage", "8", 18000, 144000)], intro=None, closing=None)
    assert renderer.render("invoice", snapshot).pages == 1


def test_an_ordinary_invoice_and_its_slip_share_one_page(renderer):
    assert renderer.render("invoice", invoice()).pages == 1


def test_twelve_lines_and_the_slip_share_one_page(renderer):
    lines = [line(n, f"Position Nummer {n}", "2", 10000, 20000) for n in range(1, 13)]
    assert renderer.render("invoice", invoice(lines=lines)).pages == 1


def test_amount_cells_of_contract_tables_stay_right_aligned():
    assert str(from_html('<table><tr><td class="right evil">1</td></tr></table>')).count('class="right"') == 1


def test_a_long_invoice_repeats_its_header_and_keeps_the_slip_on_the_last_page(renderer):
    lines = [line(n, f"Position Nummer {n}", "1", 1000, 1000) for n in range(1, 61)]
    rendered = renderer.render("invoice", invoice(lines=lines))
    pages = texts(rendered.content)
    assert rendered.pages == len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert f"Seite {number} von {rendered.pages}" in page
    assert all("Einzelpreis" in page for page in pages if "Position Nummer" in page)
    assert all("Atelier Lindenhof GmbH · Rechnung INV-2026-0042" in page for page in pages[1:])
    assert ["Zahlteil" in page for page in pages].index(True) == rendered.pages - 1
    assert len(symbol_lines(page_image(rendered.content))) == 32


def test_a_total_never_stands_alone_on_a_page(renderer):
    for count in range(8, 30, 3):
        lines = [line(n, f"Position Nummer {n}", "1", 1000, 1000) for n in range(1, count)]
        for page in texts(renderer.render("invoice", invoice(lines=lines)).content):
            if "Total inkl. MWST" in page:
                assert "Position Nummer" in page


def test_an_invoice_with_a_wrong_slip_is_not_made(renderer):
    with pytest.raises(errors.ReferenceCheckDigitWrong):
        renderer.render("invoice", invoice(reference="210000000003139471430009016"))


def test_a_contract_has_its_blocks_parties_and_places_to_sign(renderer):
    text = words(renderer, "contract", contract(consents=[{"id": "c1", "text": "Ich habe die Bedingungen gelesen."}]))
    for expected in ("Vertrag K-2026-0012", "1. Gegenstand", "die Trauung", "Apéro", "2. Honorar", "Anna Meier"):
        assert expected in text
    assert "Ich habe die Bedingungen gelesen." in text
    assert "Ort, Datum, Unterschrift" in text


def test_a_final_contract_has_a_signature_page_and_an_audit_page(renderer):
    rendered = renderer.render("contract_final", contract_final())
    assert rendered.pages == 3
    _, signatures, audit = texts(rendered.content)
    assert "Unterschriften" in signatures
    assert "10.11.2026, 14:02 CET" in signatures
    assert "203.0.113.7" in audit
    assert "keine qualifizierten" in audit
    assert "9f86d081884c7d65" in audit
    assert "60303ae22b998861" in audit


def test_the_same_snapshot_gives_the_same_bytes_in_another_process(renderer, tmp_path):
    script = (
        "import sys, json, hashlib; from pathlib import Path; from documents.rendering.engine import Renderer;"
        "r = Renderer(Path(sys.argv[1]));"
        "[print(hashlib.sha256(r.render(k, s).content).hexdigest()) for k, s in json.load(open(sys.argv[2]))]"
    )
    jobs = [["contract_final", contract_final()], ["invoice", invoice()], ["quote", quote()]]
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    command = [sys.executable, "-c", script, str(CACHE), str(tmp_path / "jobs.json")]
    other = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    import hashlib

    assert [hashlib.sha256(renderer.render(kind, snapshot).content).hexdigest() for kind, snapshot in jobs] == other


@pytest.mark.parametrize(
    ("kind", "snapshot"),
    [("invoice", invoice()), ("quote", quote()), ("contract", contract()), ("contract_final", contract_final())],
)
def test_every_document_is_marked_as_pdf_a_3u_with_embedded_fonts_title_and_language(renderer, kind, snapshot):
    rendered = renderer.render(kind, snapshot)
    with opened(rendered.content) as pdf:
        xmp = pdf.Root.Metadata.read_bytes().decode()
        assert 'part="3"' in xmp or "<pdfaid:part>3<" in xmp
        assert 'conformance="U"' in xmp or "<pdfaid:conformance>U<" in xmp
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert str(pdf.docinfo["/Title"]).endswith(snapshot["number"])
        assert str(pdf.Root.Lang) == "de-CH"
        assert not pdf.is_encrypted
        for page in pdf.pages:
            for font in page.Resources.Font.values():
                descriptor = font.DescendantFonts[0].FontDescriptor
                assert "/FontFile2" in descriptor, "TrueType, embedded"
                assert "/ToUnicode" in font
    assert len(rendered.content) < 60_000


def test_a_draft_is_marked_on_every_page(renderer):
    lines = [line(n, f"Position {n}", "1", 1000, 1000) for n in range(1, 50)]
    pages = texts(renderer.render("invoice", invoice(lines=lines), draft=True).content)
    assert all("ENTWURF" in page for page in pages)
    assert "ENTWURF" not in words(renderer, "invoice", invoice())


def test_text_from_people_is_escaped_and_cannot_load_anything(renderer):
    evil = '<img src="file:///etc/passwd"/><script>alert(1)</script> & "quotes" \x0b\ud800'
    text = words(renderer, "invoice", invoice(title=evil, intro=evil, customer={**CUSTOMER, "last_name": "<b>M</b>"}))
    assert '<img src="file:///etc/passwd"/>' in text
    assert "<b>M</b>" in text


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.1/x.png", "https://example.com/x", "ftp://x/y", "asset:../secret", "//x/y"],
)
def test_only_data_and_own_assets_are_fetched(url):
    with pytest.raises(FetchRefused):
        AssetFetcher({})(url)


def test_a_logo_that_points_elsewhere_loads_nothing(renderer, caplog):
    image = '<image href="file:///etc/passwd" width="9" height="9"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{image}</svg>'
    logo = {"mime": "image/svg+xml", "content_b64": b64encode(svg.encode()).decode()}
    content = renderer.render("invoice", invoice(issuer={**ISSUER, "logo": logo})).content
    assert b"root:" not in content
    assert "Failed to render SVG image" in caplog.text


def test_markdown_loses_raw_html_images_and_scripts():
    text = str(from_markdown("**fett** <b onclick=x>roh</b> ![x](http://x/y.png) [x](javascript:alert(1))"))
    assert "<strong>fett</strong>" in text
    assert "onclick=x&gt;" in text
    assert "<img" not in text
    assert "javascript:" not in text.replace("(javascript:alert(1))", "")
    assert str(from_html('<p style="x" onload="y">a<br>b<script>z</script></p>')) == "<div><p>a<br/>b</p></div>"


def test_plain_text_keeps_its_lines():
    assert str(paragraphs("a\nb\n\n<c>")) == "<p>a<br/>b</p><p>&lt;c&gt;</p>"


@pytest.mark.parametrize("field", ["issuer", "customer", "language", "currency", "totals"])
def test_a_snapshot_without_a_needed_fact_is_refused_by_its_name(renderer, field):
    with pytest.raises(Refusal) as caught:
        renderer.render("invoice", {**invoice(), field: None})
    assert caught.value.code == "SNAPSHOT_INCOMPLETE"
    assert caught.value.errors[0].field == field


def test_an_unknown_kind_is_refused(renderer):
    with pytest.raises(Refusal) as caught:
        renderer.render("poem", invoice())
    assert caught.value.code == "DOCUMENT_KIND_UNKNOWN"


def test_both_languages_have_the_same_texts():
    assert set(catalogue("de", "de-CH")) == set(catalogue("en", "en"))
    assert set(catalogue("de", "de-AT")) == set(catalogue("de", "de-CH"))


def test_a_missing_inter_is_named_and_replaced_a_missing_liberation_stops(monkeypatch, tmp_path):
    real = fonts.find
    fonts.font_set.cache_clear()
    monkeypatch.setattr(fonts, "find", lambda name: None if name.startswith("Inter") else real(name))
    chosen = fonts.font_set(tmp_path)
    assert chosen.body == "Liberation Sans"
    assert "fonts-inter" in chosen.missing[0]
    assert "Rechnung" in words(Renderer(tmp_path), "invoice", invoice())
    fonts.font_set.cache_clear()
    monkeypatch.setattr(fonts, "find", lambda name: None)
    with pytest.raises(Refusal) as caught:
        fonts.font_set(tmp_path)
    assert caught.value.code == "FONT_MISSING"
    fonts.font_set.cache_clear()


@pytest.mark.parametrize(
    "type", ["quote_sent.v1", "quote_accepted.v1", "invoice_issued.v1", "contract_sent.v1", "contract_countersigned.v1"]
)
def test_the_snapshots_other_services_send_can_be_rendered(renderer, type):
    snapshot = kontor_messages.example(type)["data"]["snapshot"]
    kind = "quote_accepted" if type == "quote_accepted.v1" else snapshot["kind"]
    rendered = renderer.render(kind, snapshot)
    assert snapshot["number"] in texts(rendered.content)[0]
