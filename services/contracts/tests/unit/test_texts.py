"""Markdown to HTML, drawings, frozen content."""

import base64
import io
import struct
import zlib
from uuid import UUID

import pytest
from PIL import Image, ImageDraw, ImageFile

from contracts.adapters import drawing, markdown
from contracts.domain.blocks import Block, BlockLanguage, Section
from contracts.domain.composition import freeze, include, mismatch
from contracts.domain.errors import SignatureRefused


def encoded(image: Image.Image, format: str = "PNG") -> str:
    buffer = io.BytesIO()
    image.save(buffer, format=format)
    return base64.b64encode(buffer.getvalue()).decode()


def sheet(mode: str = "RGBA", size: tuple[int, int] = (600, 200)) -> Image.Image:
    return Image.new(mode, size, (0, 0, 0, 0) if mode == "RGBA" else "white")


def signed(mode: str = "RGBA") -> Image.Image:
    image = sheet(mode)
    draw = ImageDraw.Draw(image)
    draw.line([(60, 150), (140, 40), (220, 160), (320, 60), (480, 120)], fill="black", width=3)
    return image


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "L", "1", "P", "LA"])
def test_a_drawing_is_taken_in_every_kind_of_png(mode: str) -> None:
    result = drawing.read(encoded(signed().convert(mode) if mode in ("RGBA", "LA") else signed("RGB").convert(mode)))
    assert result.png.startswith(b"\x89PNG")
    assert len(result.sha256) == len(result.received_sha256) == 64


def test_a_data_url_is_taken_and_what_hides_behind_the_picture_is_dropped() -> None:
    hidden = base64.b64decode(encoded(signed())) + b"<script>alert(1)</script>"
    result = drawing.read("data:image/png;base64," + base64.b64encode(hidden).decode())
    assert b"script" not in result.png


def with_dot() -> Image.Image:
    image = sheet()
    ImageDraw.Draw(image).ellipse([100, 100, 108, 108], fill="black")
    return image


def test_a_cut_picture_is_refused_also_where_pillow_was_told_to_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(drawing.SignatureRefused, match="damaged"):
        drawing.read(base64.b64encode(base64.b64decode(encoded(signed()))[:300]).decode())


def bomb() -> str:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "draw your signature"),
        (None, "draw your signature"),
        (12, "draw your signature"),
        ("@@@", "base64"),
        (base64.b64encode(b"GIF89a" + b"x" * 100).decode(), "not a PNG"),
        (encoded(signed("RGB"), "JPEG"), "not a PNG"),
        ("data:image/svg+xml;base64,PHN2Zy8+", "not a PNG"),
        (encoded(sheet()), "empty"),
        (encoded(sheet("RGB")), "empty"),
        (encoded(with_dot()), "dot"),
        (encoded(Image.new("RGB", (600, 200), "black")), "dark area"),
        (encoded(signed().resize((30, 10))), "smaller"),
        (bomb(), "larger than 4000"),
        (base64.b64encode(base64.b64decode(encoded(signed()))[:300]).decode(), "damaged"),
        ("A" * 2_000_000, "larger than 1 MB"),
    ],
)
def test_what_is_no_signature_is_refused_with_the_reason(text: object, part: str) -> None:
    with pytest.raises(SignatureRefused) as refused:
        drawing.read(text)
    assert part in refused.value.detail
    assert [error.field for error in refused.value.errors] == ["signature_png"]


@pytest.mark.parametrize(
    "text",
    ["<b>bold</b>", "a <script>alert(1)</script>", "<!-- note -->", "line\n\n<div>\n\nx\n\n</div>", "<br/>"],
)
def test_raw_html_is_refused_at_save(text: str) -> None:
    with pytest.raises(markdown.HtmlNotAllowed):
        markdown.refuse_html(text, "body_markdown")


@pytest.mark.parametrize("text", ["5 < 6 and 7 > 6", "A & B", "**bold** *it* | pipe", "1 <2"])
def test_text_that_only_looks_like_html_is_not(text: str) -> None:
    markdown.refuse_html(text, "body_markdown")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b*", "<p><strong>a</strong> <em>b</em></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("![a](http://x/y.png)", "<p>![a](http://x/y.png)</p>"),
    ],
)
def test_markdown_becomes_only_the_allowed_html(text: str, html: str) -> None:
    assert markdown.to_html(text).strip() == html


def test_right_aligned_cells_get_a_class_not_a_style() -> None:
    html = markdown.to_html("| a | b |\n| --- | ---: |\n| 1 | 2 |")
    assert '<td class="right">2</td>' in html
    assert "style" not in html


BLOCK = Block(UUID(int=1), Section.BODY, "Titel", "Text", BlockLanguage.DE, system=True, example=True, key="k")


def test_including_copies_the_text_and_an_override_shows() -> None:
    plain, changed = include(UUID(int=2), BLOCK), include(UUID(int=3), BLOCK, body="Anderes")
    assert not plain.overridden
    assert plain.example
    assert changed.overridden
    assert changed.library_body == "Text"


def test_a_mismatch_of_content_or_blocks_is_named() -> None:
    content = {"blocks": [{"id": "1", "title": "Titel", "markdown": "Text"}]}
    frozen = freeze(content)
    rows = [{"id": "1", "title": "Titel", "body": "Text"}]
    assert mismatch(frozen.text, frozen.sha256, content, rows) is None
    assert "hash" in (mismatch(frozen.text + " ", frozen.sha256, content, rows) or "")
    assert "Block 1" in (mismatch(frozen.text, frozen.sha256, content, [rows[0] | {"body": "Anderes"}]) or "")
    assert "1 blocks were sent, 0" in (mismatch(frozen.text, frozen.sha256, content, []) or "")
