"""The dashboard: what needs the customer's action, and what happened last."""

from collections.abc import Callable
from functools import partial
from typing import Any

from portal_gateway.portal import records
from portal_gateway.portal.contracts import waits_for
from portal_gateway.portal.records import Record
from portal_gateway.web import Request, Response, Routes

routes = Routes("customer")

RECENT = 5


def collected(request: Request) -> dict[str, Any]:
    """Everything the dashboard shows. A service that does not answer leaves its part out and is named."""
    email = records.signed_in(request).email
    parts: dict[str, Callable[[Request], list[Record]]] = {
        "quotes": records.quotes,
        "contracts": records.contracts,
        "bills": records.bills,
    }
    found: dict[str, list[Record]] = {feature: [] for feature in parts}
    missing: list[str] = []
    for feature, read in parts.items():
        if records.sees(request, feature):
            found[feature], away = request.unavailable(partial(read, request), [])
            missing += [feature] if away else []
    bills = [bill for bill in found["bills"] if bill["state"] in records.OPEN_BILLS]
    return {
        "to_answer": [quote for quote in found["quotes"] if quote["state"] == "sent"],
        "to_sign": [contract for contract in found["contracts"] if waits_for(contract, email)],
        "to_pay": sorted(bills, key=lambda bill: bill.get("due_date") or ""),
        "recent": _recent(found),
        "missing": missing,
    }


def _recent(found: dict[str, list[Record]]) -> list[dict[str, Any]]:
    done: list[tuple[str, Record]] = [
        (kind, record)
        for kind, settled in (
            ("quote", {"accepted", "declined", "converted"}),
            ("contract", {"signed", "sealing", "fully_signed"}),
            ("bill", {"paid"}),
        )
        for record in found[f"{kind}s"]
        if record["state"] in settled
    ]
    done.sort(key=lambda item: str(item[1].get("updated_at") or item[1].get("created_at")), reverse=True)
    return [{"kind": kind, "record": record} for kind, record in done[:RECENT]]


@routes.get("/customer", name="customer.home")
def home(request: Request) -> Response:
    return request.render("portal/home.html", here="home", **collected(request))
