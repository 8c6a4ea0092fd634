"""What the customer of a quote may choose, and what somebody chose for them in a form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kontor.money import plain
from portal_gateway.admin import figures
from portal_gateway.web import Request


def offered(record: Mapping[str, Any], locale: str) -> list[dict[str, Any]]:
    """The lines that are a choice, in order: ``group`` is the package they belong to, or empty."""
    return [
        {
            "id": line["id"],
            "description": line["description"],
            "group": line.get("choice_group") or "",
            "selected": bool(line.get("selected")),
            "quantity": figures.show_decimal(line["quantity"], locale),
            "counts": line.get("min_quantity") is not None or line.get("max_quantity") is not None,
            "least": figures.show_decimal(line.get("min_quantity"), locale),
            "most": figures.show_decimal(line.get("max_quantity"), locale),
            "net_minor": line["net_minor"],
        }
        for line in record["lines"]
        if line.get("optional") or line.get("choice_group")
    ]


def read(request: Request, record: Mapping[str, Any]) -> dict[str, str] | None:
    """Quantity by line id, as the form chose; None of a quote without choices. Raises `Invalid` for no number."""
    form = request.form()
    options = offered(record, request.locale)
    if not options:
        return None
    chosen: dict[str, str] = {}
    for option in options:
        id = option["id"]
        picked = form.get(f"package-{option['group']}") == id if option["group"] else form.checked(f"choose-{id}")
        if picked:
            typed = form.get(f"quantity-{id}", "") or option["quantity"]
            chosen[id] = plain(Decimal(figures.read_decimal(typed, request.locale, f"quantity-{id}")))
    return chosen
