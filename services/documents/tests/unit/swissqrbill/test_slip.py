"""The slip as it comes out of the printer: rasterised, decoded, measured."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.documents.tests.bills import NON, QRR, SCOR, changed
from services.documents.tests.decode import page_image, symbol_lines, texts
from services.documents.tests.slip_pdf import MEASURE, slip_pdf
from swissqrbill import LABELS, Address, Bill, errors, layout, modules, payload, png
from swissqrbill.slip import Box, Symbol, Text
from swissqrbill.symbol import _by_segno, encoder

BLANK = changed(NON, currency="CHF")
NOTIFICATION = changed(NON, amount_minor=0, message="NICHT ZUR ZAHLUNG VERWENDEN")


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
@pytest.mark.parametrize("bill", [QRR, SCOR, BLANK, NOTIFICATION], ids=["QRR", "SCOR", "blank", "0.00"])
def test_the_printed_symbol_reads_line_by_line_as_the_payload(bill, language):
    assert symbol_lines(page_image(slip_pdf(bill, language))) == payload(bill).split("\n")


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_the_slip_prints_all_its_words_in_its_language(language):
    [text] = texts(slip_pdf(QRR, language))
    labels = LABELS[language]
    for words in (
        labels.payment_part,
        labels.receipt,
        labels.account,
        labels.reference,
        labels.additional_information,
        labels.currency,
        labels.amount,
        labels.acceptance_point,
        labels.payable_by,
        labels.separate,
        "CH44 3199 9123 0008 8901 2",
        "21 00000 00003 13947 14300 09017",
        "1 949.75",
        "Auftrag vom 15.06.2026",
        "//S1/10/10201409",
        "Name AV1: UV;UltraPay005;12345",
        "Name AV2: XY;XYService;54321",
    ):
        assert words in text, words


def test_message_and_billing_information_are_both_printed():
    words = [mark.words for mark in layout(QRR, "de", MEASURE) if isinstance(mark, Text)]
    assert "Auftrag vom 15.06.2026" in words
    assert any(line.startswith("//S1/10/") for line in words)


def test_a_bill_without_amount_and_debtor_has_the_fields_to_fill_in_by_hand():
    [text] = texts(slip_pdf(BLANK, "de"))
    assert "Zahlbar durch (Name/Adresse)" in text
    assert text.count("CHF") == 2


def test_symbol_and_cross_have_the_prescribed_size_and_place():
    marks = layout(QRR, "de", MEASURE)
    [symbol] = [mark for mark in marks if isinstance(mark, Symbol)]
    assert (symbol.x, symbol.y, symbol.side) == (67.0, 17.0, 46.0)
    rim, black, *_ = [mark for mark in marks if isinstance(mark, Box)]
    assert (rim.width, rim.height, rim.white) == (7.0, 7.0, True)
    assert (rim.x + 3.5, rim.y + 3.5) == (67.0 + 23.0, 17.0 + 23.0)
    assert (black.width, black.white) == (6.0, False)


def test_the_symbol_is_46_millimetres_wide_on_paper_and_the_slip_105_high():
    image = page_image(slip_pdf(QRR), dots_per_inch=254).convert("L")  # 10 pixels per millimetre
    top = image.height - 1050
    row = [x for x in range(630, 1180) if image.getpixel((x, top + 173)) < 128]
    assert abs(row[0] - 670) <= 1
    assert abs(row[-1] - 1129) <= 1
    line = [y for y in range(image.height) if image.getpixel((1900, y)) < 128]
    assert abs(line[0] - top) <= 2


def test_titles_headings_and_values_have_the_recommended_sizes():
    sizes = {(mark.words, mark.points, mark.bold) for mark in layout(QRR, "de", MEASURE) if isinstance(mark, Text)}
    assert ("Zahlteil", 11, True) in sizes
    assert ("Empfangsschein", 11, True) in sizes
    assert ("Währung", 6, True) in sizes
    assert ("Währung", 8, True) in sizes
    assert ("Simon Muster", 8, False) in sizes
    assert ("Simon Muster", 10, False) in sizes
    assert ("Annahmestelle", 6, True) in sizes


def test_the_largest_amount_stays_inside_its_field():
    marks = layout(changed(QRR, amount_minor=99_999_999_999), "it", MEASURE)
    amounts = [mark for mark in marks if isinstance(mark, Text) and mark.words == "999 999 999.99"]
    receipt, part = sorted(amounts, key=lambda mark: mark.x)
    assert receipt.x + MEASURE(receipt.words, False) * 8 * 25.4 / 72 <= 57
    assert part.x + MEASURE(part.words, False) * 10 * 25.4 / 72 <= 118


def _inside(marks):
    for mark in marks:
        if isinstance(mark, Text) and mark.y > 0:
            right = mark.x + MEASURE(mark.words, mark.bold) * mark.points * 25.4 / 72
            limit = 57 if mark.x < 62 else 118 if mark.x < 118 and mark.y < 90 else 205
            assert right <= limit + 0.01, mark
            assert mark.y <= (68 if mark.x == 5 and mark.y < 68.1 else 105), mark


def test_the_widest_texts_shrink_and_wrap_but_never_leave_their_sections():
    wide = Address("W" * 70, "W" * 16, "W" * 35, "DE", "W" * 70, "W" * 16)
    for language in LABELS:
        marks = layout(
            changed(QRR, creditor=wide, debtor=wide, message="W" * 140, billing_information="", alternative_schemes=()),
            language,
            MEASURE,
        )
        _inside(marks)


LETTERS = st.text("abcdefghijklmnopqrstuvwxyz ÄÖÜéàçœșŁŻ&.,-/", min_size=1, max_size=30).map(
    lambda text: text.strip() or "x"
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(LETTERS, LETTERS, LETTERS, LETTERS, st.none() | st.integers(1, 99_999_999_999))
def test_any_permitted_text_survives_printing_and_reading(name, street, town, message, amount):
    address = Address(name, "8000", town, "CH", street)
    bill = Bill(iban=NON.iban, creditor=address, currency="CHF", amount_minor=amount, debtor=address, message=message)
    assert symbol_lines(page_image(slip_pdf(bill))) == payload(bill).split("\n")


def test_a_language_without_labels_is_refused():
    with pytest.raises(errors.LanguageUnknown):
        layout(QRR, "rm", MEASURE)


def test_both_encoders_make_a_symbol_of_level_m_that_reads_the_same():
    from io import BytesIO

    from PIL import Image, ImageOps

    text = payload(QRR)
    assert encoder() in ("libqrencode", "segno")
    assert len(modules(text)) == len(_by_segno(text))
    picture = ImageOps.expand(Image.open(BytesIO(png(text))).convert("L"), 64, 255)
    assert symbol_lines(picture) == text.split("\n")
    rows = _by_segno(text)
    side = len(rows)
    plain = Image.frombytes("L", (side, side), bytes(255 * (1 - m) for row in rows for m in row))
    enlarged = ImageOps.expand(plain.resize((side * 8, side * 8), Image.Resampling.NEAREST), 64, 255)
    assert symbol_lines(enlarged) == text.split("\n")
