"""Documents & themes: how PDFs look, tried on a sample quote while it is being chosen."""

import base64
from typing import Any

from kontor.errors import Refusal
from portal_gateway.admin import records
from portal_gateway.admin.sample_quote import sample_quote
from portal_gateway.admin.settings import PATH, navigation
from portal_gateway.admin.words import _, say, told
from portal_gateway.business import sections
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

#: A logo over the limit still arrives, so that the answer can say so in words.
MAX_BODY = 4 * 1024 * 1024
PREVIEW_WIDTH = 900
_FIELDS = ("accent", "font", "window", "footer_text")
_FONTS = (("inter", "Inter"), ("liberation_sans", "Liberation Sans"), ("liberation_serif", "Liberation Serif"))
_WINDOWS = (("auto", _("By country")), ("left", _("Left")), ("right", _("Right")))
TEMPLATE = "admin/settings/documents.html"


@routes.get(f"{PATH}/documents", name="admin.settings.documents", permission="settings.manage")
def documents(request: Request) -> Response:
    """The theme as it is, with a sample beside it."""
    with request.tx() as tx:
        section = sections.read(tx, "documents")
        profile = sections.read(tx, "business_profile")["value"]
    return _page(request, section["value"], profile, section["version"])


@routes.post(f"{PATH}/documents", name="admin.settings.documents.save", permission="settings.manage", max_body=MAX_BODY)
def documents_save(request: Request) -> Response:
    """Theme and logo are saved together or not at all."""
    typed = _typed(request)
    try:
        with request.tx() as tx:
            sections.change(tx, "documents", records.version_of(request), typed)
            if (logo := _logo(request)) is not None:
                sections.change(tx, "business_profile", None, {"logo": logo})
    except Refusal as refusal:
        with request.tx() as tx:
            profile = sections.read(tx, "business_profile")["value"]
        return _page(request, typed, profile, records.version_of(request), problem_of(refusal))
    request.flash(say(request, _("Documents & themes saved.")))
    return request.redirect("admin.settings.documents")


@routes.post(
    f"{PATH}/documents/preview",
    name="admin.settings.documents.preview",
    permission="settings.manage",
    max_body=MAX_BODY,
)
def documents_preview(request: Request) -> Response:
    """The sample quote with what the form says now; nothing is saved."""
    with request.tx() as tx:
        profile = sections.read(tx, "business_profile")["value"]
    if (logo := _logo(request)) is not None:
        profile = {**profile, "logo": logo or None}
    return request.render(TEMPLATE, block="preview", **_preview(request, _typed(request), profile))


def _page(
    request: Request, form: dict[str, Any], profile: dict[str, Any], version: int | None, problem: Any = None
) -> Response:
    return request.render(
        TEMPLATE,
        status=problem.status if problem else 200,
        heading=say(request, _("Documents & themes")),
        settings_nav=navigation(request),
        form=form,
        version=version,
        logo=profile.get("logo"),
        fonts=_FONTS,
        windows=[(value, say(request, label)) for value, label in _WINDOWS],
        problem=problem,
        **_preview(request, form, profile),
    )


def _preview(request: Request, theme: dict[str, Any], profile: dict[str, Any]) -> dict[str, Any]:
    with request.tx() as tx:
        today = tx.today(profile.get("timezone") or "Europe/Zurich")
    try:
        made = request.services.documents.preview(
            kind="quote", snapshot=sample_quote(profile, theme, today), width=PREVIEW_WIDTH
        )
    except Refusal as refusal:
        return {"preview_pages": [], "preview_problem": told(request, problem_of(refusal).detail)}
    return {"preview_pages": made.get("page_pngs") or [], "preview_problem": ""}


def _typed(request: Request) -> dict[str, Any]:
    form = request.form()
    return {name: form.get(name, "") for name in _FIELDS}


def _logo(request: Request) -> str | None:
    """The chosen logo as data URI; empty when it is to go, None when it stays as it is."""
    form = request.form()
    upload = form.file("logo")
    if upload is not None and upload.data:
        kind = "png" if upload.data.startswith(b"\x89PNG") else "jpeg"
        return f"data:image/{kind};base64,{base64.b64encode(upload.data).decode()}"
    return "" if form.checked("remove_logo") else None
