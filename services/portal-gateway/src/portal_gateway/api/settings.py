"""Features, settings, bank accounts, payment terms."""

from typing import Any

from pydantic import ConfigDict, create_model

from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Answer, Entity, Items, Version, Versioned
from portal_gateway.business import bank_accounts, flags, payment_terms, sections
from portal_gateway.business import values as v
from portal_gateway.web import SIGNED_IN

routes = Api(tag="Settings")


class Flags(v.Strict):
    """Flags to switch; those not sent stay as they are."""

    model_config = ConfigDict(extra="allow", strict=True)

    version: Version | None = None


class FlagsAnswer(Answer):
    flags: dict[str, bool]
    version: int


class SectionAnswer(Answer):
    version: int


@routes.get("/features", permission=SIGNED_IN, answer=FlagsAnswer)
def get_features(call: Call) -> Any:
    """Every feature flag as it takes effect."""
    with call.request.tx() as tx:
        return _flags(flags.read(tx))


@routes.patch("/features", permission="settings.features", body=Flags, answer=FlagsAnswer)
def change_features(call: Call) -> Any:
    """Switch features; the rules between them are applied, roadmap flags stay off."""
    with call.request.tx() as tx:
        return _flags(flags.change(tx, call.sent, call.version))


def _flags(read: dict[str, Any]) -> dict[str, Any]:
    return {**read["flags"], **read, "roadmap": sorted(flags.ROADMAP)}


def _section_routes(section: str) -> None:
    path = f"/settings/{section.replace('_', '-')}"
    model = sections.SECTIONS[section]
    changes = create_model(f"{model.__name__}Changes", __base__=(model, Versioned))
    answer = create_model(f"{model.__name__}Answer", __base__=(model, SectionAnswer))

    def shown(read: dict[str, Any]) -> dict[str, Any]:
        extra = {"missing": read["missing"]} if section == "business_profile" else {}
        return {**read["value"], "version": read["version"], **extra}

    def read(call: Call) -> Any:
        with call.request.tx() as tx:
            return shown(sections.read(tx, section))

    def change(call: Call) -> Any:
        with call.request.tx() as tx:
            return shown(sections.change(tx, section, call.version, call.sent))

    name = section.replace("_", " ")
    read.__doc__ = f"The settings of {name}."
    change.__doc__ = f"Change settings of {name}; only the fields sent change."
    routes.get(path, permission="settings.manage", answer=answer)(read)
    routes.patch(path, permission="settings.manage", body=changes, answer=answer)(change)


for _section in sections.SECTIONS:
    _section_routes(_section)


class BankAccountChanges(bank_accounts.BankAccount, Versioned):
    holder: v.Name = ""
    iban: v.Iban = ""
    currency: v.Currency = ""


class PaymentTermChanges(payment_terms.PaymentTerm, Versioned):
    name: v.Name = ""


@routes.get("/bank-accounts", permission="bills.view", answer=Items)
def list_bank_accounts(call: Call) -> Any:
    """Every bank account."""
    with call.request.tx() as tx:
        return {"items": bank_accounts.all(tx)}


@routes.post("/bank-accounts", permission="settings.banking", body=bank_accounts.BankAccount, answer=Entity, status=201)
def create_bank_account(call: Call) -> Any:
    """Add a bank account; the IBAN's check digits and the reference type are checked."""
    with call.request.tx() as tx:
        return bank_accounts.create(tx, call.new_id("bank account"), call.sent)


@routes.get("/bank-accounts/{id:uuid}", permission="bills.view", answer=Entity)
def get_bank_account(call: Call, id: str) -> Any:
    """One bank account."""
    with call.request.tx() as tx:
        return bank_accounts.find(tx, id)


@routes.patch("/bank-accounts/{id:uuid}", permission="settings.banking", body=BankAccountChanges, answer=Entity)
def change_bank_account(call: Call, id: str) -> Any:
    """Change a bank account; what was issued keeps what was printed."""
    with call.request.tx() as tx:
        return bank_accounts.change(tx, id, call.version, call.sent)


@routes.delete("/bank-accounts/{id:uuid}", permission="settings.banking")
def delete_bank_account(call: Call, id: str) -> None:
    """Remove a bank account."""
    with call.request.tx() as tx:
        bank_accounts.delete(tx, id)


@routes.get("/payment-terms", permission="bills.view", answer=Items)
def list_payment_terms(call: Call) -> Any:
    """Every template of payment terms."""
    with call.request.tx() as tx:
        return {"items": payment_terms.all(tx)}


@routes.post("/payment-terms", permission="settings.manage", body=payment_terms.PaymentTerm, answer=Entity, status=201)
def create_payment_terms(call: Call) -> Any:
    """Add payment terms."""
    with call.request.tx() as tx:
        return payment_terms.create(tx, call.new_id("payment terms"), call.sent)


@routes.get("/payment-terms/{id:uuid}", permission="bills.view", answer=Entity)
def get_payment_terms(call: Call, id: str) -> Any:
    """One template of payment terms."""
    with call.request.tx() as tx:
        return payment_terms.find(tx, id)


@routes.patch("/payment-terms/{id:uuid}", permission="settings.manage", body=PaymentTermChanges, answer=Entity)
def change_payment_terms(call: Call, id: str) -> Any:
    """Change payment terms; documents keep the terms they copied."""
    with call.request.tx() as tx:
        return payment_terms.change(tx, id, call.version, call.sent)


@routes.delete("/payment-terms/{id:uuid}", permission="settings.manage")
def delete_payment_terms(call: Call, id: str) -> None:
    """Remove payment terms."""
    with call.request.tx() as tx:
        payment_terms.delete(tx, id)
