"""The studio's bank accounts. They travel as one section, so that every service has a whole picture."""

from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError as ModelInvalid
from schwifty import IBAN
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx, plain
from kontor.errors import FieldError, Invalid, NotFound, Refusal, StaleVersion
from portal_gateway.adapters.rows import inserted
from portal_gateway.adapters.tables import bank_account
from portal_gateway.business import sections
from portal_gateway.business import values as v
from portal_gateway.business.refusals import invalid

_SECTION = "bank_accounts"


class AccountInUse(Refusal):
    """The same IBAN is there already for that currency."""

    code = "CONFLICT"

    def __init__(self) -> None:
        message = "This IBAN is already there for this currency."
        super().__init__(message, errors=[FieldError("iban", message)])


class BankAccount(v.Strict):
    holder: v.Name
    iban: v.Iban
    bic: v.Bic = None
    currency: v.Currency
    is_default: bool = False
    reference_type: Literal["QRR", "SCOR", "NON"] = "SCOR"
    qr_bill_enabled: bool = False


def is_qr_iban(iban: str) -> bool:
    """Whether the institution id lies in 30000–31999 (QR-bill IG 2.3 § 4.2.2)."""
    return iban[:2] in {"CH", "LI"} and iban[4:9].isdigit() and 30000 <= int(iban[4:9]) <= 31999


def check(account: dict[str, Any]) -> None:
    """The rules between the fields of an account (QR-bill IG 2.3 § 4.2.2 and § 4.2.3)."""
    errors = []
    iban = account["iban"]
    swiss = iban[:2] in {"CH", "LI"}
    if account["reference_type"] == "QRR" and not is_qr_iban(iban):
        errors.append(FieldError("reference_type", "QRR needs a QR-IBAN; with this IBAN use SCOR or NON."))
    if account["reference_type"] != "QRR" and is_qr_iban(iban):
        errors.append(FieldError("reference_type", "A QR-IBAN goes with QRR only."))
    if account["qr_bill_enabled"] and not swiss:
        errors.append(FieldError("qr_bill_enabled", "QR-bills need an IBAN of Switzerland or Liechtenstein."))
    if account["qr_bill_enabled"] and account["currency"] not in {"CHF", "EUR"}:
        errors.append(FieldError("qr_bill_enabled", "QR-bills are in CHF or EUR."))
    if errors:
        raise Invalid(errors[0].message, errors=errors)


def all(tx: Tx) -> list[dict[str, Any]]:
    """Every account, the default of each currency first."""
    rows = tx.execute(
        sa.select(bank_account).order_by(
            bank_account.c.currency, bank_account.c.is_default.desc(), bank_account.c.created_at, bank_account.c.id
        )
    )
    return [_record(row) for row in rows.mappings()]


def _record(row: Any) -> dict[str, Any]:
    record: dict[str, Any] = plain(dict(row))
    record["iban_formatted"] = IBAN(record["iban"], allow_invalid=True).formatted
    return record


def find(tx: Tx, id: object) -> dict[str, Any]:
    row = tx.execute(sa.select(bank_account).where(bank_account.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such bank account.")
    return _record(row)


def create(tx: Tx, id: UUID, fields: dict[str, Any], *, example: bool = False) -> dict[str, Any]:
    """Add an account; the first of a currency becomes its default. Creating the same id again changes nothing."""
    value = _validated(fields)
    sections.lock(tx, _SECTION)
    existing = tx.execute(sa.select(bank_account.c.id).where(bank_account.c.id == id)).one_or_none()
    if existing:
        return find(tx, id)
    first = not tx.conn.scalar(
        sa.select(sa.exists(sa.select(bank_account.c.id).where(bank_account.c.currency == value["currency"])))
    )
    value["is_default"] = value["is_default"] or first
    if value["is_default"]:
        _no_default(tx, value["currency"])
    made = inserted(
        tx,
        insert(bank_account)
        .values(id=id, version=1, **value, example=example, created_at=tx.now, updated_at=tx.now)
        .on_conflict_do_nothing(index_elements=[bank_account.c.iban, bank_account.c.currency]),
    )
    if not made:
        raise AccountInUse()
    tx.record("bank_account.created", record="bank_account", record_id=id, after=value)
    _tell(tx)
    return find(tx, id)


def change(tx: Tx, id: object, version: int | None, changes: dict[str, Any]) -> dict[str, Any]:
    sections.lock(tx, _SECTION)
    before = find(tx, id)
    if version is not None and version != before["version"]:
        raise StaleVersion(version, before["version"])
    fields = {name: before[name] for name in BankAccount.model_fields}
    value = _validated({**fields, **changes})
    if value == fields:
        return before
    if value["is_default"]:
        _no_default(tx, value["currency"], but=id)
    taken = tx.conn.scalar(
        sa.select(bank_account.c.id).where(
            bank_account.c.iban == value["iban"],
            bank_account.c.currency == value["currency"],
            bank_account.c.id != UUID(str(id)),
        )
    )
    if taken:
        raise AccountInUse()
    tx.execute(
        sa.update(bank_account)
        .where(bank_account.c.id == id)
        .values(**value, example=False, version=bank_account.c.version + 1, updated_at=tx.now)
    )
    tx.record(
        "bank_account.changed",
        record="bank_account",
        record_id=str(id),
        before={key: fields[key] for key in value if value[key] != fields[key]},
        after={key: value[key] for key in value if value[key] != fields[key]},
    )
    _tell(tx)
    return find(tx, id)


def delete(tx: Tx, id: object) -> None:
    """Remove an account. Documents that were issued with it keep it in their snapshot."""
    sections.lock(tx, _SECTION)
    before = find(tx, id)
    tx.execute(sa.delete(bank_account).where(bank_account.c.id == id))
    tx.record(
        "bank_account.deleted",
        record="bank_account",
        record_id=str(id),
        before={"iban": before["iban"], "currency": before["currency"]},
    )
    _tell(tx)


def _validated(fields: dict[str, Any]) -> dict[str, Any]:
    try:
        value = BankAccount.model_validate(fields).model_dump()
    except ModelInvalid as error:
        raise invalid(error) from error
    check(value)
    return value


def _no_default(tx: Tx, currency: str, but: object = None) -> None:
    statement = sa.update(bank_account).where(bank_account.c.currency == currency, bank_account.c.is_default)
    if but is not None:
        statement = statement.where(bank_account.c.id != UUID(str(but)))
    tx.execute(statement.values(is_default=False, version=bank_account.c.version + 1, updated_at=tx.now))


def _tell(tx: Tx) -> None:
    accounts = [
        {key: value for key, value in account.items() if key not in {"created_at", "updated_at", "iban_formatted"}}
        for account in all(tx)
    ]
    sections.keep(tx, _SECTION, sections.stored_version(tx, _SECTION) + 1, {"accounts": accounts})
