"""Feature flags: the rules between them are applied on every save and on every read."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx
from kontor.errors import FieldError, Invalid, StaleVersion
from portal_gateway.adapters.tables import setting

FLAGS = (
    "clients",
    "quotes",
    "contracts",
    "bills",
    "hoursLogging",
    "calendar",
    "calendarBooking",
    "accounting",
    "taxReport",
    "customerPortal",
    "crmDevelopment",
    "reminderEmails",
    "messaging",
)
#: Shown with a lock and kept off until the feature behind them exists.
ROADMAP = frozenset({"reminderEmails", "calendarBooking", "messaging"})
#: Everything that hangs under ``clients``.
UNDER_CLIENTS = frozenset(FLAGS) - {"clients"}

_SECTION = "features"


def settle(flags: dict[str, bool]) -> dict[str, bool]:
    """The flags as they take effect, whatever was asked for or is stored."""
    flags = {flag: bool(flags.get(flag, False)) and flag not in ROADMAP for flag in FLAGS}
    if not flags["clients"]:
        return dict.fromkeys(FLAGS, False)
    if not flags["quotes"]:
        flags["bills"] = False
    if flags["bills"]:
        flags["accounting"] = True
    if not flags["accounting"]:
        flags["taxReport"] = False
    if not flags["calendar"]:
        flags["calendarBooking"] = False
    return flags


def check(changes: dict[str, Any]) -> None:
    """Refuse unknown keys and values that are no booleans."""
    errors = [FieldError(str(key), "There is no such feature.") for key in changes if key not in FLAGS]
    errors += [
        FieldError(key, "Must be true or false.")
        for key, value in changes.items()
        if key in FLAGS and not isinstance(value, bool)
    ]
    if errors:
        raise Invalid("The features were not accepted.", errors=errors)


def read(tx: Tx) -> dict[str, Any]:
    """``{"flags": {…}, "version": n}``; version 0 before anything was saved."""
    row = tx.execute(sa.select(setting.c.value, setting.c.version).where(setting.c.section == _SECTION)).one_or_none()
    return {"flags": settle(row.value if row else {}), "version": row.version if row else 0}


def change(tx: Tx, changes: dict[str, Any], version: int | None = None) -> dict[str, Any]:
    """Save what was sent on top of what is; the difference is recorded and every service told."""
    check(changes)
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('portal_gateway.features'))")
    before = read(tx)
    if version is not None and version != before["version"]:
        raise StaleVersion(version, before["version"])
    after = settle({**before["flags"], **changes})
    if after == before["flags"] and before["version"]:
        return before
    new_version = before["version"] + 1
    statement = insert(setting).values(section=_SECTION, version=new_version, value=after, updated_at=tx.now)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[setting.c.section],
            set_={"version": new_version, "value": after, "updated_at": tx.now},
        )
    )
    differing = [flag for flag in FLAGS if after[flag] != before["flags"][flag]]
    tx.record(
        "features.changed",
        record="settings",
        record_id=_SECTION,
        before={flag: before["flags"][flag] for flag in differing},
        after={flag: after[flag] for flag in differing},
    )
    tx.emit(
        "features_changed.v1",
        deal_uuid=None,
        aggregate_id=_SECTION,
        aggregate_version=new_version,
        data={"flags": after, "version": new_version},
    )
    return {"flags": after, "version": new_version}
