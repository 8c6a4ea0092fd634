"""How quotes are sent and answered: validity, reminder, code, correction time, terms of service."""

from typing import Any

from kontor.errors import Refusal
from portal_gateway.admin import records
from portal_gateway.admin.settings import PATH, navigation
from portal_gateway.admin.words import _, say
from portal_gateway.business import sections
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

_NUMBERS = ("valid_days", "net_days", "expiring_days", "correction_minutes")
_SWITCHES = ("code_required", "auto_convert", "terms_required")
_TEXTS = ("price_entry", "intro", "closing", "terms_text")


@routes.get(f"{PATH}/quotes", name="admin.settings.quotes", permission="settings.manage")
def quote_settings(request: Request) -> Response:
    """The section as it is."""
    with request.tx() as tx:
        section = sections.read(tx, "quotes")
    return _page(request, section["value"], section["version"])


@routes.post(f"{PATH}/quotes", name="admin.settings.quotes.save", permission="settings.manage")
def quote_settings_save(request: Request) -> Response:
    """Save everything on the page or nothing."""
    typed = _typed(request)
    try:
        with request.tx() as tx:
            sections.change(tx, "quotes", records.version_of(request), typed)
    except Refusal as refusal:
        return _page(request, typed, records.version_of(request), problem_of(refusal))
    request.flash(say(request, _("Settings of quotes saved.")))
    return request.redirect("admin.settings.quotes")


def _typed(request: Request) -> dict[str, Any]:
    form = request.form()
    numbers = {name: form.get(name, "").strip() for name in _NUMBERS}
    return {
        **{name: int(text) if text.isascii() and text.isdigit() else text for name, text in numbers.items()},
        **{name: form.checked(name) for name in _SWITCHES},
        **{name: form.get(name, "") for name in _TEXTS},
    }


def _page(request: Request, form: dict[str, Any], version: int | None, problem: Any = None) -> Response:
    return request.render(
        "admin/settings/quotes.html",
        status=problem.status if problem else 200,
        heading=say(request, _("Quotes")),
        settings_nav=navigation(request),
        form=form,
        version=version,
        problem=problem,
    )
