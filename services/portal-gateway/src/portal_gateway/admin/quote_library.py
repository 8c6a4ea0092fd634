"""What the studio writes once and uses often: the lists and forms of line-item presets and quote templates."""

from collections.abc import Mapping
from typing import Any

from kontor.errors import FieldError, Invalid, Refusal
from kontor.ids import uuid7
from portal_gateway.admin import editor, figures, lines, records, vat
from portal_gateway.admin.quotes import DO, PATH, SEE
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

PRESETS, TEMPLATES = f"{PATH}/presets", f"{PATH}/templates"
PAGE = 50
_TEXTS = ("name", "title", "intro", "closing")


def _views(request: Request, current: str) -> list[dict[str, Any]]:
    pages = (("admin.quote.templates", _("Quote templates")), ("admin.presets", _("Line-item presets")))
    return [
        {"label": say(request, label), "href": request.url(name), "current": name == current} for name, label in pages
    ]


def _paging(request: Request, name: str, page: Mapping[str, Any]) -> dict[str, Any]:
    q, cursor = request.query.get("q", ""), request.query.get("cursor")
    following = page["next_cursor"]
    return {
        "views": _views(request, name),
        "q": q,
        "never": not q and not cursor and not page["items"],
        "next_href": request.url(name, q=q or None, cursor=following) if following else None,
        "first_href": request.url(name, q=q or None) if cursor else None,
    }


def _asked(request: Request) -> dict[str, Any]:
    return {"q": request.query.get("q") or None, "cursor": request.query.get("cursor") or None, "limit": PAGE}


@routes.get(PRESETS, name="admin.presets", **SEE)
def preset_list(request: Request) -> Response:
    page = request.services.quotes.list_presets(**_asked(request))
    units = dict(editor.units(request))
    rows = [
        {
            **one,
            "amount": f"{figures.show_decimal(one['quantity'], request.locale)} {units.get(one['unit'], '')}".strip(),
        }
        for one in page["items"]
    ]
    return request.render("admin/library/presets.html", rows=rows, **_paging(request, "admin.presets", page))


@routes.get(f"{PRESETS}/new", name="admin.preset.new", **DO)
def preset_new(request: Request) -> Response:
    currency = request.business.get("default_currency") or "CHF"
    form = {"id": str(uuid7()), "version": None, "name": "", "currency": currency, "lines": [_blank(request)]}
    return _preset_form(request, form)


@routes.post(f"{PRESETS}/new", name="admin.preset.create", **DO)
def preset_create(request: Request) -> Response:
    id = str(request.form().uuid("id"))
    return _save_preset(request, id, lambda fields: request.services.quotes.create_preset(id=id, fields=fields))


@routes.get(f"{PRESETS}/{{id:uuid}}", name="admin.preset", **DO)
def preset_edit(request: Request, id: str) -> Response:
    preset = request.services.quotes.get_preset(id=id)
    rows = lines.to_rows([preset], preset["currency"], request.locale)
    form = {name: preset[name] for name in ("id", "version", "name", "currency")}
    return _preset_form(request, form | {"lines": rows})


@routes.post(f"{PRESETS}/{{id:uuid}}", name="admin.preset.save", **DO)
def preset_save(request: Request, id: str) -> Response:
    version = records.version_of(request)
    return _save_preset(
        request,
        id,
        lambda fields: request.services.quotes.update_preset(
            id=id, version=version, changes={"sub_lines": [], **fields}
        ),
    )


@routes.post(f"{PRESETS}/{{id:uuid}}/delete", name="admin.preset.delete", **DO)
def preset_delete(request: Request, id: str) -> Response:
    try:
        request.services.quotes.delete_preset(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.preset", id=id)
    request.flash(say(request, _("Preset deleted. Lines made from it stay.")))
    return request.redirect("admin.presets")


def _blank(request: Request) -> dict[str, Any]:
    return lines.blank(vat.choices(request)[0][0])


def _save_preset(request: Request, id: str, save: Any) -> Response:
    form = request.form()
    currency = form.get("currency") or "CHF"
    rows = form.nested("lines")
    grid = lines.from_rows(rows, currency, request.locale)
    try:
        if grid.errors:
            raise Invalid(grid.errors[0].message, errors=grid.errors)
        if not grid.lines:
            raise Invalid.field("lines[0].description", "Please fill in this field.")
        save({"name": form.get("name", ""), "currency": currency, **grid.lines[0]})
    except Refusal as refusal:
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        own = ("name", "currency")
        named = [
            one.field if one.field in own or "lines" in one.field else f"lines[0].{one.field}" for one in problem.errors
        ]
        errors = [
            FieldError(grid.place(field) if grid.lines else "lines-0-description", one.message)
            for field, one in zip(named, problem.errors, strict=True)
        ]
        typed = [_blank(request) | row for row in rows] or [_blank(request)]
        shown = {"id": id, "version": records.version_of(request), "name": form.get("name", ""), "currency": currency}
        return _preset_form(request, shown | {"lines": typed}, problem_of(_Shown(refusal, errors)))
    request.flash(say(request, _("Preset saved. Lines made from it before stay as they are.")))
    return request.redirect("admin.presets")


class _Shown(Refusal):
    """A refusal whose fields are those of the form."""

    def __init__(self, refusal: Refusal, errors: list[FieldError]) -> None:
        super().__init__(refusal.detail, errors=errors)
        self.code = refusal.code


def _preset_form(request: Request, form: Mapping[str, Any], problem: Any = None) -> Response:
    detail = lines.blank("") | {"level": "sub", "quantity": ""}
    rows = form["lines"]
    if len(rows) > 1 and lines.is_empty(rows[-1]):
        rows = rows[:-1]
    return request.render(
        "admin/library/preset.html",
        status=problem.status if problem else 200,
        form=form,
        line=rows[0],
        details=[*rows[1:], detail],
        heading=form["name"] if form["version"] else say(request, _("New preset")),
        units=editor.units(request),
        vat_rates=vat.choices(request, [rows[0]["vat_rate"]]),
        currencies=[(code, code) for code in dict.fromkeys([*editor.CURRENCIES, form["currency"]])],
        problem=problem,
    )


@routes.get(TEMPLATES, name="admin.quote.templates", **SEE)
def template_list(request: Request) -> Response:
    page = request.services.quotes.list_templates(**_asked(request))
    paging = _paging(request, "admin.quote.templates", page)
    return request.render("admin/library/templates.html", rows=page["items"], **paging)


@routes.get(f"{TEMPLATES}/{{id:uuid}}", name="admin.quote_template", **SEE)
def template(request: Request, id: str) -> Response:
    record = request.services.quotes.get_template(id=id)
    return _template_form(request, record, {name: record[name] for name in _TEXTS})


@routes.post(f"{TEMPLATES}/{{id:uuid}}", name="admin.quote_template.save", **DO)
def template_save(request: Request, id: str) -> Response:
    form = request.form()
    changes = {name: form.get(name, "") for name in _TEXTS}
    version = records.version_of(request)
    try:
        request.services.quotes.update_template(id=id, version=version, changes=changes)
    except Refusal as refusal:
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        return _template_form(request, request.services.quotes.get_template(id=id), changes, problem)
    request.flash(say(request, _("Template saved. Quotes made from it before stay as they are.")))
    return request.redirect("admin.quote_template", id=id)


@routes.post(f"{TEMPLATES}/{{id:uuid}}/delete", name="admin.quote_template.delete", **DO)
def template_delete(request: Request, id: str) -> Response:
    try:
        request.services.quotes.delete_template(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote_template", id=id)
    request.flash(say(request, _("Template deleted. Quotes made from it stay.")))
    return request.redirect("admin.quote.templates")


def _template_form(
    request: Request, record: Mapping[str, Any], form: Mapping[str, Any], problem: Any = None
) -> Response:
    return request.render(
        "admin/library/template.html",
        status=problem.status if problem else 200,
        record=record,
        form=form,
        rows=lines.to_rows(record["lines"], record["currency"], request.locale),
        units=dict(editor.units(request)),
        terms=records.payment_words(request, record["payment"]),
        problem=problem,
    )
