"""Line-item presets in the editor: find one to insert, keep a line as one."""

from typing import Any

from kontor.errors import Refusal
from kontor.ids import uuid7
from portal_gateway.admin import lines
from portal_gateway.admin.quotes import DO, PATH
from portal_gateway.admin.words import _, say, told
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

MOST = 30


@routes.get(f"{PATH}/presets/pick", name="admin.quote.presets", **DO)
def preset_pick(request: Request) -> Response:
    """The presets of a currency that fit what was typed, each with the rows it puts into the grid."""
    q = request.query.get("q", "")
    currency = request.query.get("currency", "")
    page = request.services.quotes.list_presets(q=q or None, currency=currency or None, limit=MOST)
    found = [
        {**preset, "rows": lines.to_rows([preset], preset["currency"], request.locale)} for preset in page["items"]
    ]
    return request.render("admin/records/presets.html", presets=found, q=q)


@routes.post(f"{PATH}/presets/pick", name="admin.quote.presets.keep", **DO)
def preset_keep(request: Request) -> Response:
    """Keep the line in the form, with its details, under a name."""
    form = request.form()
    currency = form.get("currency") or "CHF"
    try:
        grid = lines.from_rows(form.nested("lines"), currency, request.locale)
        if grid.errors:
            return _refused(request, grid.errors[0].message)
        line: dict[str, Any] = grid.lines[0] if grid.lines else {}
        preset = request.services.quotes.create_preset(
            id=str(uuid7()), fields={"name": form.get("name", ""), "currency": currency, **line}
        )
    except Refusal as refusal:
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        parts = dict.fromkeys([error.message for error in problem.errors] or [problem.detail])
        return _refused(request, *parts)
    return request.answer_json({"said": say(request, _("Kept as preset “%(name)s”."), name=preset["name"])})


def _refused(request: Request, *sentences: str) -> Response:
    return request.answer_json({"detail": " ".join(told(request, one) for one in sentences)}, 422)
