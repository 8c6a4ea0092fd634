"""The requests a studio makes, through the JSON API."""

import itertools
import re
import tempfile
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.support.ports import eventually as eventually

_numbers = itertools.count(1)


def temporary_folder() -> str:
    """A folder that the database's system user may enter."""
    path = tempfile.mkdtemp(prefix="kontor-bench-")
    Path(path).chmod(0o755)
    return path


def lines(count: int = 12) -> list[dict[str, Any]]:
    return [
        {
            "description": f"Reportage, Teil {n}",
            "quantity": "1.5",
            "unit": "hour",
            "unit_price_minor": 12000 + n,
            "vat_rate": "8.1" if n % 3 else "2.6",
        }
        for n in range(1, count + 1)
    ]


def post(client: httpx.Client, path: str, body: dict[str, Any] | None = None) -> Any:
    response = client.post(path, json=body or {}, headers={"Idempotency-Key": str(uuid4())})
    if response.is_error:
        raise RuntimeError(f"{path}: {response.status_code} {response.text}")
    return response.json()


def get(client: httpx.Client, path: str, **query: Any) -> Any:
    response = client.get(path, params=query)
    if response.is_error:
        raise RuntimeError(f"{path}: {response.status_code} {response.text}")
    return response.json()


def patch(client: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    response = client.patch(path, json=body)
    if response.is_error:
        raise RuntimeError(f"{path}: {response.status_code} {response.text}")
    return response.json()


def set_up_studio(client: httpx.Client) -> None:
    """Switch the modules on and fill what documents need."""
    patch(client, "features", {"clients": True, "quotes": True, "contracts": True, "bills": True})
    patch(
        client,
        "settings/business-profile",
        {
            "name": "Atelier Nordwand",
            "street": "Seestrasse",
            "house_number": "12",
            "postcode": "8002",
            "town": "Zürich",
            "country": "CH",
            "vat_id": "CHE-109.322.551 MWST",
            "email": "studio@example.test",
            "timezone": "Europe/Zurich",
            "default_currency": "CHF",
            "default_language": "de",
            "vat_registered": True,
        },
    )
    post(
        client,
        "bank-accounts",
        {
            "holder": "Atelier Nordwand",
            "iban": "CH9300762011623852957",
            "currency": "CHF",
            "is_default": True,
            "reference_type": "SCOR",
            "qr_bill_enabled": True,
        },
    )


def create_customer(client: httpx.Client) -> str:
    n = next(_numbers)
    created = post(
        client,
        "customers",
        {
            "email": f"kundin{n}@example.test",
            "first_name": "Anna",
            "last_name": f"Meier {n}",
            "street": "Bahnhofstrasse",
            "house_number": str(n),
            "postcode": "8001",
            "town": "Zürich",
            "country": "CH",
            "language": "de",
            "currency": "CHF",
        },
    )
    return str(created["id"])


def create_quote(client: httpx.Client, customer: str) -> dict[str, Any]:
    body = {
        "customer_id": customer,
        "title": "Hochzeit Meier",
        "currency": "CHF",
        "language": "de",
        "lines": lines(),
        "payment": {"net_days": 30, "from": "issue"},
        "installments": [
            {"label": "Anzahlung", "percent": "30", "trigger": "on_acceptance"},
            {"label": "Rest", "percent": "70", "trigger": "on_delivery"},
        ],
    }
    created: dict[str, Any] = post(client, "quotes", body)
    return created


def create_invoice(client: httpx.Client, customer: str) -> dict[str, Any]:
    body = {
        "customer_id": customer,
        "title": "Portraits",
        "currency": "CHF",
        "language": "de",
        "lines": lines(),
        "payment": {"net_days": 30, "from": "issue"},
    }
    created: dict[str, Any] = post(client, "invoices", body)
    return created


def until(client: httpx.Client, path: str, field: str, *, timeout: float = 30) -> Any:
    """Wait until a field of a record is set; returns its value."""

    def look() -> Any:
        return get(client, path)[field]

    return eventually(look, timeout=timeout, every=0.005, what=f"{field} of {path}")


def mailed_link(folder: Path, path: str, marker: str) -> str:
    """The newest link to ``path`` in a mail that mentions ``marker``."""
    for file in sorted(folder.glob("*.eml"), key=lambda one: one.stat().st_mtime, reverse=True):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        text = body.get_content() if body else ""
        if marker in text or marker in str(message["subject"]):
            found = re.search(rf"{path}/([\w-]+)", text)
            if found:
                return found[1]
    return ""
