"""A service's own copy of customers, settings and feature flags, kept up to date by the gateway's events.

A service works on its replica also while the gateway is down.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.core_tables import replica
from kontor.database import Tx
from kontor.envelope import Event
from kontor.errors import FeatureDisabled, NotFound


def _keep(tx: Tx, kind: str, id: str, version: int, data: Any) -> None:
    """Store the newer of what is there and what comes: events may arrive in any order, and twice."""
    statement = insert(replica).values(kind=kind, id=id, version=version, data=data)
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=[replica.c.kind, replica.c.id],
            set_={"version": statement.excluded.version, "data": statement.excluded.data},
            where=replica.c.version < statement.excluded.version,
        )
    )


def _read(tx: Tx, kind: str, id: str) -> Any:
    return tx.conn.scalar(sa.select(replica.c.data).where(replica.c.kind == kind, replica.c.id == id))


def keep_customer(tx: Tx, event: Event) -> None:
    record = event.data["customer"]
    _keep(tx, "customer", record["id"], event.data["version"], record)


def keep_settings(tx: Tx, event: Event) -> None:
    _keep(tx, "settings", event.data["section"], event.data["version"], event.data["value"])


def keep_features(tx: Tx, event: Event) -> None:
    _keep(tx, "features", "features", event.data["version"], event.data["flags"])


def customer(tx: Tx, id: str) -> dict[str, Any]:
    """The customer's record; raises `NotFound`."""
    found: dict[str, Any] | None = _read(tx, "customer", str(id))
    if found is None:
        raise NotFound("There is no such customer.")
    return found


def customers(tx: Tx, ids: list[str]) -> dict[str, dict[str, Any]]:
    """The records of several customers by id; unknown ids are absent."""
    rows = tx.conn.execute(
        sa.select(replica.c.id, replica.c.data).where(replica.c.kind == "customer", replica.c.id.in_(ids))
    )
    return {row.id: row.data for row in rows}


def settings(tx: Tx, section: str) -> dict[str, Any]:
    """The settings of a section; empty before the gateway told any."""
    return _read(tx, "settings", section) or {}


def theme(tx: Tx) -> dict[str, Any]:
    """How documents look, for a snapshot: null where nothing was chosen."""
    chosen = settings(tx, "documents")
    return {name: chosen.get(name) for name in ("accent", "font", "window", "footer_text")}


def bank_accounts(tx: Tx) -> list[dict[str, Any]]:
    return list(settings(tx, "bank_accounts").get("accounts", []))


def feature(tx: Tx, flag: str) -> bool:
    """Whether the module is switched on; everything is off on a fresh installation."""
    return bool((_read(tx, "features", "features") or {}).get(flag, False))


def require_feature(tx: Tx, flag: str) -> None:
    """Raise `FeatureDisabled` unless the flag is on."""
    if not feature(tx, flag):
        raise FeatureDisabled(flag)
