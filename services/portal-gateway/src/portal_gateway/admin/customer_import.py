"""Bringing customers in from a file: choose it, look at what would happen, then bring them in."""

import base64
import binascii
from dataclasses import replace
from typing import Any

from kontor.errors import FieldError, Invalid, Refusal
from portal_gateway.accounts import customer_csv, customer_import
from portal_gateway.admin.customers import DO, PATH
from portal_gateway.admin.words import _, say, told
from portal_gateway.business import customer_words
from portal_gateway.web import Problem, Request, Response, Routes, problem_of

routes = Routes("admin")

MAX_BODY = 8 * 1024 * 1024
#: Rows shown of each kind; a file is looked at as a whole, not read line by line.
SHOWN = 200


@routes.get(f"{PATH}/import", name="admin.customers.import", **DO)
def import_page(request: Request) -> Response:
    return _choose(request)


@routes.get(f"{PATH}/import-example.csv", name="admin.customers.import_example", **DO)
def import_example(request: Request) -> Response:
    """An empty file with every column the import knows."""
    response = Response(customer_csv.written([], request.language), 200, "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return response


def _choose(request: Request, problem: Problem | None = None, titles: list[str] | None = None) -> Response:
    if problem:
        problem = replace(problem, errors=[], detail=told(request, problem.detail))
    return request.render(
        "admin/customers/import.html",
        status=problem.status if problem else 200,
        problem=problem,
        titles=titles or [],
        most=customer_csv.MOST_ROWS,
    )


@routes.post(f"{PATH}/import", name="admin.customers.import.look", max_body=MAX_BODY, **DO)
def import_look(request: Request) -> Response:
    """Show what would become of each row; nothing is saved."""
    try:
        content = _content(request)
        answer = customer_import.run(request, content, mapping=_mapping(request))
    except Refusal as refusal:
        return _choose(request, problem_of(refusal))
    return request.render("admin/customers/import_look.html", **_shown(request, answer, content))


@routes.post(f"{PATH}/import/run", name="admin.customers.import.run", max_body=MAX_BODY, **DO)
def import_run(request: Request) -> Response:
    """Bring in every row that is right."""
    try:
        answer = customer_import.run(request, _content(request), mapping=_mapping(request), dry_run=False)
    except Refusal as refusal:
        return _choose(request, problem_of(refusal))
    counts = answer["counts"]
    request.flash(
        say(
            request,
            _("Imported: %(created)s. Known already: %(duplicate)s. Not accepted: %(refused)s."),
            created=counts.get("created", 0),
            duplicate=counts.get("duplicate", 0),
            refused=counts.get("refused", 0),
        )
    )
    return request.redirect("admin.customers", sort="-created")


def _content(request: Request) -> bytes:
    form = request.form()
    upload = form.file("file")
    if upload:
        return upload.data
    try:
        content = base64.b64decode(form.get("content_b64", ""), validate=True)
    except (ValueError, binascii.Error) as error:
        raise Invalid.field("file", "Choose a file.") from error
    if not content:
        raise Invalid.field("file", "Choose a file.")
    return content


def _mapping(request: Request) -> dict[str, str] | None:
    """The fields chosen for the columns; none as long as the file was only chosen."""
    rows = request.form().nested("columns")
    return {row["title"]: row.get("field", "") for row in rows if "title" in row} or None


def _shown(request: Request, answer: dict[str, Any], content: bytes) -> dict[str, Any]:
    language = 1 if request.language == "de" else 0
    fields = {name: titles[language] for name, titles in customer_csv.COLUMNS.items()}
    rows: dict[str, list[dict[str, Any]]] = {"would_create": [], "duplicate": [], "refused": []}
    for row in answer["rows"]:
        kept = rows[row["result"]]
        if len(kept) < SHOWN:
            errors = customer_words.sentences(FieldError(one["field"], one["message"]) for one in row["errors"])
            told_errors = [(fields.get(error.field, ""), told(request, error.message)) for error in errors]
            kept.append({**row, "errors": told_errors})
    return {
        "counts": answer["counts"],
        "columns": answer["columns"],
        "fields": fields,
        "groups": rows,
        "most_shown": SHOWN,
        "content_b64": base64.b64encode(content).decode(),
    }
