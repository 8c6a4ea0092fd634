"""The settings, section by section: one checked value each, versioned, told to every service."""

import base64
import binascii
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import AfterValidator, Field, StringConstraints
from pydantic import ValidationError as ModelInvalid
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx
from kontor.errors import Invalid, NotFound, StaleVersion
from kontor.series import NumberFormatInvalid, check_pattern
from portal_gateway.adapters.tables import setting
from portal_gateway.business import values as v
from portal_gateway.business.refusals import invalid

MAX_LOGO_BYTES = 300_000


def _logo(value: str | None) -> str | None:
    """A PNG or JPEG as data URI; told by its content, not by its name."""
    if not value:
        return None
    kind, _, encoded = value.partition(";base64,")
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("must be a PNG or JPEG as data URI") from error
    starts = {"data:image/png": b"\x89PNG\r\n\x1a\n", "data:image/jpeg": b"\xff\xd8\xff"}
    if kind not in starts or not content.startswith(starts[kind]):
        raise ValueError("must be a PNG or JPEG as data URI")
    if len(content) > MAX_LOGO_BYTES:
        raise ValueError(f"must not be larger than {MAX_LOGO_BYTES // 1000} kB")
    return value


def _website(value: str) -> str:
    if value and not value.startswith(("https://", "http://")):
        value = f"https://{value}"
    if " " in value or any(character in value for character in "\"'<>"):
        raise ValueError("is no web address")
    return value


def _pattern(value: str) -> str:
    try:
        check_pattern(value)
    except NumberFormatInvalid as error:
        raise ValueError(error.detail) from error
    return value


Pattern = Annotated[str, StringConstraints(max_length=40), AfterValidator(_pattern)]
Days = Annotated[int, Field(ge=0, le=365)]
ValidDays = Annotated[int, Field(ge=1, le=365)]


class BusinessProfile(v.Strict):
    name: v.ShortLine = ""
    street: v.ShortLine = ""
    house_number: Annotated[str, StringConstraints(max_length=16), AfterValidator(v._one_line)] = ""
    postcode: Annotated[str, StringConstraints(max_length=16), AfterValidator(v._one_line)] = ""
    town: Annotated[str, StringConstraints(max_length=35), AfterValidator(v._one_line)] = ""
    country: v.Country = "CH"
    vat_id: v.VatId = ""
    tax_id: v.Line = ""
    email: v.OptionalEmail = ""
    phone: v.Line = ""
    website: Annotated[v.Line, AfterValidator(_website)] = ""
    timezone: v.Timezone = "Europe/Zurich"
    default_currency: v.Currency = "CHF"
    default_language: v.Language = "de"
    vat_registered: bool | None = None
    logo: Annotated[str | None, AfterValidator(_logo)] = None


class Numbering(v.Strict):
    quote: Pattern = "Q-{YEAR}-{SEQ:04d}"
    contract: Pattern = "K-{YEAR}-{SEQ:04d}"
    invoice: Pattern = "INV-{YEAR}-{SEQ:04d}"
    customer: Pattern = "C-{YEAR}-{SEQ:04d}"


class Quotes(v.Strict):
    valid_days: ValidDays = 30
    net_days: Days = 30
    price_entry: Literal["net", "gross"] = "net"
    intro: v.LongText = ""
    closing: v.LongText = ""
    terms_text: v.LongText = ""
    terms_required: bool = False
    correction_minutes: Annotated[int, Field(ge=0, le=120)] = 0
    code_required: bool = False
    auto_convert: bool = False
    expiring_days: Annotated[int, Field(ge=0, le=60)] = 3


class Invoices(v.Strict):
    net_days: Days = 30
    price_entry: Literal["net", "gross"] = "net"
    intro: v.LongText = ""
    closing: v.LongText = ""
    payment_slip: Literal["auto", "swiss", "epc", "none"] = "auto"
    cash_rounding: bool = False
    skonto_percent: v.Percent = "0"
    skonto_days: Days = 0


class Contracts(v.Strict):
    valid_days: ValidDays = 30
    code_required: bool = False
    signing_modes: Annotated[list[Literal["draw", "type", "upload"]], Field(min_length=1, max_length=3)] = Field(
        default_factory=lambda: ["draw"]  # type: ignore[arg-type]
    )
    signing_order: Literal["parallel", "sequential"] = "parallel"
    reminder_days: Annotated[list[Annotated[int, Field(ge=1, le=90)]], Field(max_length=5)] = Field(
        default_factory=lambda: [3, 7]
    )
    record_ip: bool = True


class Documents(v.Strict):
    """The look of every PDF; the logo is part of the business profile."""

    accent: Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#0F5C4A"
    font: Literal["inter", "liberation_sans", "liberation_serif"] = "inter"
    window: Literal["auto", "left", "right"] = "auto"
    footer_text: Annotated[str, StringConstraints(max_length=300), AfterValidator(v._one_line)] = ""


class CustomerDefaults(v.Strict):
    language: v.Language = "de"
    currency: v.Currency = "CHF"
    feature_quotes: bool = True
    feature_bills: bool = True
    feature_contracts: bool = True
    feature_hours: bool = False
    hourly_rate_minor: Annotated[int, Field(ge=0, le=10**12)] | None = None
    vat_rate: v.Percent | None = None
    billing_cadence: Literal["per_event", "monthly"] = "per_event"
    billing_cycle_day: Annotated[int, Field(ge=1, le=31)] = 1


SECTIONS: dict[str, type[v.Strict]] = {
    "business_profile": BusinessProfile,
    "numbering": Numbering,
    "quotes": Quotes,
    "invoices": Invoices,
    "contracts": Contracts,
    "customer_defaults": CustomerDefaults,
    "documents": Documents,
}

#: What a document cannot be sent without.
REQUIRED = ("name", "street", "postcode", "town", "country", "email")


def missing(value: dict[str, Any]) -> list[str]:
    """The fields of the business profile that still have to be filled in before anything is sent."""
    empty = [name for name in REQUIRED if not value.get(name)]
    if value.get("vat_registered") and not value.get("vat_id"):
        empty.append("vat_id")
    return empty


def read(tx: Tx, section: str) -> dict[str, Any]:
    """``{"value", "version", "missing"}``; defaults and version 0 before anything was saved."""
    model = _model(section)
    row = tx.execute(sa.select(setting.c.value, setting.c.version).where(setting.c.section == section)).one_or_none()
    value = {**model().model_dump(), **(row.value if row else {})}
    return {
        "value": value,
        "version": row.version if row else 0,
        "missing": missing(value) if section == "business_profile" else [],
    }


def _model(section: str) -> type[v.Strict]:
    if section not in SECTIONS:
        raise NotFound("There is no such section of the settings.")
    return SECTIONS[section]


def change(tx: Tx, section: str, version: int | None, changes: dict[str, Any]) -> dict[str, Any]:
    """Change only the fields sent. Raises `Invalid` with fields, or `StaleVersion`."""
    model = _model(section)
    lock(tx, section)
    before = read(tx, section)
    if version is not None and version != before["version"]:
        raise StaleVersion(version, before["version"])
    try:
        value = model.model_validate({**before["value"], **changes}).model_dump()
    except ModelInvalid as error:
        raise invalid(error) from error
    _refuse_what_is_not_built(section, value)
    if section == "business_profile":
        problem = v.postcode_problem(value["postcode"], value["country"])
        if problem:
            raise Invalid.field("postcode", problem)
    if value == before["value"] and before["version"]:
        return before
    keep(tx, section, before["version"] + 1, value)
    tx.record(
        "settings.changed",
        record="settings",
        record_id=section,
        before={key: _short(before["value"][key]) for key in value if before["value"].get(key) != value[key]},
        after={key: _short(value[key]) for key in value if before["value"].get(key) != value[key]},
    )
    return read(tx, section)


class CodeNotAvailable(Invalid):
    code = "CODE_NOT_AVAILABLE"


class SigningModeNotAvailable(Invalid):
    code = "SIGNING_MODE_NOT_AVAILABLE"


_NOT_BUILT = {"invoices": ("cash_rounding",)}


def _refuse_what_is_not_built(section: str, value: dict[str, Any]) -> None:
    """A step that does not exist must not be switched on: it would be skipped in silence, or block every send."""
    if section == "contracts" and value["code_required"]:
        raise CodeNotAvailable.field("code_required", "Codes by mail are not available in this version.")
    if section == "contracts" and set(value["signing_modes"]) != {"draw"}:
        raise SigningModeNotAvailable.field("signing_modes", "Only drawn signatures are available in this version.")
    for name in _NOT_BUILT.get(section, ()):
        if value[name]:
            raise Invalid.field(name, "This is not available in this version.")


def _short(value: Any) -> Any:
    return f"{value[:60]}… ({len(value)} characters)" if isinstance(value, str) and len(value) > 500 else value


def lock(tx: Tx, section: str) -> None:
    """Savers of the same section queue until the transaction ends."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtext(:name))", {"name": f"portal_gateway.settings.{section}"})


def keep(tx: Tx, section: str, version: int, value: dict[str, Any]) -> None:
    """Store a section's value and tell every service, in this transaction."""
    statement = insert(setting).values(section=section, version=version, value=value, updated_at=tx.now)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[setting.c.section], set_={"version": version, "value": value, "updated_at": tx.now}
        )
    )
    tx.emit(
        "settings_changed.v1",
        deal_uuid=None,
        aggregate_id=section,
        aggregate_version=version,
        data={"section": section, "value": value, "version": version},
    )


def stored_version(tx: Tx, section: str) -> int:
    return tx.conn.scalar(sa.select(setting.c.version).where(setting.c.section == section)) or 0
