"""What must be known before an invoice may be issued. Every gap is named by the field that fills it."""

from collections.abc import Mapping, Sequence
from typing import Any

from invoicing.domain.content import Content, PaymentSlip
from invoicing.domain.errors import (
    BankAccountMissing,
    BusinessProfileIncomplete,
    CustomerIncomplete,
    ExemptionReasonMissing,
    VatIdMissing,
)
from invoicing.domain.references import ReferenceType, is_qr_iban
from kontor.errors import FieldError, Invalid

# Art. 26 (2) MWSTG, § 14 (4) UStG, § 11 (1) UStG AT: full name and address of the supplier.
_PROFILE = {
    "name": "the name of the business",
    "street": "the street",
    "postcode": "the postcode",
    "town": "the town",
    "country": "the country",
    "email": "the e-mail address",
    "timezone": "the timezone",
}
# The same paragraphs: full name and address of the recipient.
_CUSTOMER = {"street": "the street", "postcode": "the postcode", "town": "the town", "country": "the country"}


def _empty(record: Mapping[str, Any], field: str) -> bool:
    return not str(record.get(field) or "").strip()


def require_profile(profile: Mapping[str, Any]) -> None:
    """Raise `BusinessProfileIncomplete` naming ``business_profile.<field>`` for everything that is missing.

    Who is registered for VAT shows a VAT or tax number (Art. 26 (2) a MWSTG, § 14 (4) no. 2 UStG).
    """
    missing = [(field, words) for field, words in _PROFILE.items() if _empty(profile, field)]
    if profile.get("vat_registered") and _empty(profile, "vat_id") and _empty(profile, "tax_id"):
        missing.append(("vat_id", "the VAT number or tax number"))
    if missing:
        raise BusinessProfileIncomplete(
            f"The business profile is not complete: {', '.join(words for _, words in missing)}.",
            errors=[FieldError(f"business_profile.{name}", f"Please fill in {words}.") for name, words in missing],
        )


def require_customer(customer: Mapping[str, Any]) -> None:
    """Raise `CustomerIncomplete` naming ``customer.<field>`` for everything that is missing."""
    missing = [(field, words) for field, words in _CUSTOMER.items() if _empty(customer, field)]
    if all(_empty(customer, field) for field in ("company", "first_name", "last_name", "display_name")):
        missing.insert(0, ("last_name", "a name or company"))
    if _empty(customer, "email") and _empty(customer, "billing_email"):
        missing.append(("email", "the e-mail address"))
    if missing:
        raise CustomerIncomplete(
            f"The customer's record is not complete: {', '.join(words for _, words in missing)}.",
            errors=[FieldError(f"customer.{name}", f"Please fill in {words}.") for name, words in missing],
        )


def require_vat_facts(content: Content, customer: Mapping[str, Any]) -> None:
    """Raise `ExemptionReasonMissing` or `VatIdMissing` when the VAT categories of the lines need something said.

    Nothing is needed while the whole invoice charges no VAT: its own note says why.
    """
    if content.vat_mode != "standard":
        return
    if content.charges("exempt") and not content.exemption_reason:
        raise ExemptionReasonMissing.field("exemption_reason", "Please say why the exempt lines bear no VAT.")
    if content.charges("reverse_charge") and _empty(customer, "vat_id"):
        raise VatIdMissing.field("customer.vat_id", "Reverse charge needs the customer's VAT number.")


def choose_account(accounts: Sequence[Mapping[str, Any]], content: Content) -> Mapping[str, Any]:
    """The account to be paid to: the chosen one, else the default of the currency, else its only one.

    Raises `BankAccountMissing` when there is none, or when it has another currency, no holder or no IBAN.
    """
    usable = [account for account in accounts if account.get("currency") == content.currency]
    if content.bank_account_id is not None:
        found = [account for account in usable if str(account.get("id")) == content.bank_account_id]
    else:
        found = [account for account in usable if account.get("is_default")] or usable[:1]
    if not found:
        chosen = content.bank_account_id is not None
        message = (
            f"The chosen bank account is not in {content.currency} or no longer exists."
            if chosen
            else f"There is no bank account in {content.currency}."
        )
        raise BankAccountMissing(message, errors=[FieldError("bank_account_id", message)])
    missing = [field for field in ("holder", "iban") if _empty(found[0], field)]
    if missing:
        raise BankAccountMissing(
            "The bank account is not complete.",
            errors=[FieldError(f"bank_account.{field}", "Please fill in this field.") for field in missing],
        )
    return found[0]


def reference_type(account: Mapping[str, Any]) -> ReferenceType:
    """The reference the account works with. A QR-IBAN takes QRR and nothing else (SIX IG QR-bill 2.3 § 3.4)."""
    kind = ReferenceType(account.get("reference_type") or ReferenceType.NON)
    if is_qr_iban(str(account["iban"])) != (kind is ReferenceType.QRR):
        message = "A QR-IBAN is used with QRR references, and QRR references only with a QR-IBAN."
        raise BankAccountMissing(message, errors=[FieldError("bank_account.reference_type", message)])
    return kind


def choose_slip(content: Content, account: Mapping[str, Any], total_minor: int) -> PaymentSlip:
    """The payment slip that is printed: the one asked for, else a Swiss slip where the account can have one.

    Raises `Invalid` when a slip is asked for that the currency, the account or the amount does not permit.
    """
    swiss_account = str(account["iban"]).replace(" ", "")[:2].upper() in ("CH", "LI")
    swiss = content.currency in ("CHF", "EUR") and swiss_account and bool(account.get("qr_bill_enabled"))
    if content.payment_slip is None:
        return "swiss" if swiss and total_minor > 0 else "none"
    if content.payment_slip == "swiss" and not swiss:
        raise Invalid.field(
            "payment_slip", "A Swiss slip needs CHF or EUR and a CH or LI account with the QR-bill switched on."
        )
    if content.payment_slip == "epc" and content.currency != "EUR":
        raise Invalid.field("payment_slip", "An EPC code is possible in EUR only.")
    return content.payment_slip if total_minor > 0 else "none"


def recipient(customer: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Who gets the invoice: the billing address if there is one, with the main address then in copy."""
    billing, email = str(customer.get("billing_email") or ""), str(customer.get("email") or "")
    to = billing or email
    copies = [email if billing else "", str(customer.get("cc_email") or "")]
    return {"email": to, "name": name, "cc": list(dict.fromkeys(c for c in copies if c and c != to))}
