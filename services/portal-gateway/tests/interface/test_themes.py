"""Documents & themes: the settings section, its page with preview, and the files of a quote."""

import base64
import struct
import zlib
from typing import Any

import pytest

from kontor.errors import Refused
from portal_gateway.app import AREAS, create_app

PATH = "/admin/settings/documents"
QUOTE = "0190d0a0-0000-7000-8000-000000000001"
FILE = "0190d0a0-0000-7000-8000-00000000000f"
PNG = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture
def pages(gateway: Any, script: Any) -> Any:
    """A signed-in admin in front of every page; documents answers one picture."""
    gateway.app = create_app(gateway.kernel, AREAS)
    script.on("documents.preview", {"content_b64": "", "pages": 1, "page_pngs": [PNG.decode()]})
    return gateway.signed_in()


def shown(script: Any) -> dict[str, Any]:
    """The snapshot documents was last asked to show."""
    snapshot: dict[str, Any] = [arguments for method, arguments, _ in script.calls if method == "documents.preview"][
        -1
    ]["snapshot"]
    return snapshot


def big_png() -> bytes:
    rows = b"".join(b"\x00" + bytes((x * y * 7919) % 251 for x in range(900)) for y in range(900))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 900, 900, 8, 0, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


def test_the_theme_is_a_section_of_the_settings_told_to_every_service(gateway: Any) -> None:
    client = gateway.bearer()
    read = client.get("/api/v1/settings/documents").json()
    assert read == {"accent": "#0F5C4A", "font": "inter", "window": "auto", "footer_text": "", "version": 1}
    changed = client.patch("/api/v1/settings/documents", json={"accent": "#B5472F", "window": "left"}).json()
    assert (changed["accent"], changed["font"], changed["window"]) == ("#B5472F", "inter", "left")
    told = [event["data"] for event in gateway.events("settings_changed.v1")][-1]
    assert told["section"] == "documents"
    assert told["value"] == {"accent": "#B5472F", "font": "inter", "window": "left", "footer_text": ""}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "red"),
        ("accent", "#12345"),
        ("accent", "#0F5C4A; } body { display: none"),
        ("font", "comic"),
        ("window", "up"),
        ("footer_text", "x" * 301),
        ("footer_text", "a\nb"),
    ],
)
def test_a_theme_of_bad_values_is_refused(gateway: Any, field: str, value: str) -> None:
    answer = gateway.bearer().patch("/api/v1/settings/documents", json={field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_the_page_shows_a_sample_in_the_studios_look(pages: Any, script: Any) -> None:
    page = pages.get(PATH)
    assert page.status_code == 200
    assert f"data:image/png;base64,{PNG.decode()}" in page.text
    snapshot = shown(script)
    assert snapshot["theme"] == {"accent": "#0F5C4A", "font": "inter", "window": "auto", "footer_text": ""}
    assert snapshot["kind"] == "quote"


def test_the_preview_follows_the_form_and_saves_nothing(pages: Any, script: Any, gateway: Any) -> None:
    form = {"accent": "#112233", "font": "liberation_serif", "window": "right", "footer_text": "Danke", "version": "1"}
    logo = {"logo": ("logo.png", base64.b64decode(PNG), "image/png")}
    answer = pages.post(f"{PATH}/preview", data=form, files=logo)
    assert answer.status_code == 200
    assert "<form" not in answer.text
    assert shown(script)["theme"]["accent"] == "#112233"
    assert shown(script)["theme"]["footer_text"] == "Danke"
    assert shown(script)["issuer"]["logo"] == f"data:image/png;base64,{PNG.decode()}"
    assert gateway.bearer().get("/api/v1/settings/documents").json()["version"] == 1


def test_theme_and_logo_are_saved_together(pages: Any, gateway: Any) -> None:
    form = {"accent": "#112233", "font": "liberation_sans", "window": "left", "footer_text": "", "version": "1"}
    logo = {"logo": ("logo.png", base64.b64decode(PNG), "image/png")}
    assert pages.post(PATH, data=form, files=logo, follow_redirects=False).status_code == 303
    client = gateway.bearer()
    assert client.get("/api/v1/settings/documents").json()["font"] == "liberation_sans"
    assert client.get("/api/v1/settings/business-profile").json()["logo"] == f"data:image/png;base64,{PNG.decode()}"
    assert (
        pages.post(PATH, data={**form, "version": "2", "remove_logo": "on"}, follow_redirects=False).status_code == 303
    )
    assert client.get("/api/v1/settings/business-profile").json()["logo"] is None


def test_a_wrong_logo_is_refused_and_the_theme_stays(pages: Any, gateway: Any) -> None:
    form = {"accent": "#112233", "font": "inter", "window": "left", "footer_text": "", "version": "1"}
    for content in (b"<svg onload='alert(1)'/>", big_png()):
        answer = pages.post(PATH, data=form, files={"logo": ("logo.png", content, "image/png")}, follow_redirects=False)
        assert answer.status_code == 422
    assert gateway.bearer().get("/api/v1/settings/documents").json()["version"] == 1


def test_documents_away_leaves_a_page_that_says_so(pages: Any, script: Any) -> None:
    script.on("documents.preview", Refused("SERVICE_UNAVAILABLE", "The service is not there."))
    answer = pages.get(PATH)
    assert answer.status_code == 200
    assert 'name="accent"' in answer.text


def row(name: str = "Moodboard.pdf") -> dict[str, Any]:
    return {"id": FILE, "name": name, "mime": "application/pdf", "size": 9, "sha256": "a" * 64, "pages": 2}


def test_a_file_is_stored_for_a_quote_beside_what_it_has(gateway: Any, script: Any) -> None:
    other = "0190d0a0-0000-7000-8000-00000000000e"
    script.on("quotes.get_quote", {"id": QUOTE, "attachments": [{"document_id": other, "name": "x"}]})
    script.on("documents.store_attachment", {**row(), "key": "secret/place", "backend": "disk"})
    answer = gateway.bearer().post(
        f"/api/v1/quotes/{QUOTE}/attachments", json={"name": "Moodboard.pdf", "content_b64": "JVBERi0="}
    )
    assert answer.status_code == 201
    assert answer.json() == row()
    [sent] = [arguments for method, arguments, _ in script.calls if method == "documents.store_attachment"]
    assert (sent["record_id"], sent["beside"], sent["name"]) == (QUOTE, [other], "Moodboard.pdf")


@pytest.mark.parametrize(("code", "status"), [("ATTACHMENT_INVALID", 422), ("TOO_LARGE", 413)])
def test_a_refused_file_answers_with_its_code(gateway: Any, script: Any, code: str, status: int) -> None:
    script.on("quotes.get_quote", {"id": QUOTE, "attachments": []})
    script.on("documents.store_attachment", Refused(code, "No."))
    answer = gateway.bearer().post(f"/api/v1/quotes/{QUOTE}/attachments", json={"name": "x", "content_b64": "AA=="})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_only_the_files_a_quote_names_are_handed_out(gateway: Any, script: Any) -> None:
    content = {"content_b64": base64.b64encode(b"%PDF-1").decode(), "name": "Foto Ö.pdf", "mime": "application/pdf"}
    script.on("documents.get_content", content)
    script.on("quotes.get_quote", {"id": QUOTE, "attachments": [{"document_id": FILE, "name": "Foto Ö.pdf"}]})
    client = gateway.bearer()
    answer = client.get(f"/api/v1/quotes/{QUOTE}/attachments/{FILE}")
    assert answer.content == b"%PDF-1"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert client.get(f"/api/v1/quotes/{QUOTE}/attachments/{QUOTE}").status_code == 404
