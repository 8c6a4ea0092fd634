"""What can be wrong with an invoice or a payment: one class per mistake."""

from datetime import date

from kontor.errors import Invalid, Refusal


class BusinessProfileIncomplete(Invalid):
    """The issuer's own data lack something every invoice must show (Art. 26 MWSTG, § 14 UStG, § 11 UStG AT)."""

    code = "BUSINESS_PROFILE_INCOMPLETE"


class BankAccountMissing(Invalid):
    """No bank account fits: none in the document's currency, or the chosen one is gone or incomplete."""

    code = "BANK_ACCOUNT_MISSING"


class CustomerIncomplete(Invalid):
    """The recipient's name, address or e-mail is not complete."""

    code = "CUSTOMER_INCOMPLETE"


class ExemptionReasonMissing(Invalid):
    """A line is exempt from VAT and nothing says why (EN 16931 BR-E-10, § 14 (4) no. 8 UStG)."""

    code = "EXEMPTION_REASON_MISSING"


class VatIdMissing(Invalid):
    """The customer owes the VAT and has no VAT id on record (EN 16931 BR-AE-2, § 14a (5) UStG)."""

    code = "VAT_ID_MISSING"


class QrBillInvalid(Invalid):
    """The payment slip would break a rule of the Swiss QR-bill guidelines; the fields and rules are named."""

    code = "QRBILL_INVALID"


class CustomerUnknown(Invalid):
    """There is no customer with this id."""

    code = "CUSTOMER_UNKNOWN"


class CustomerFeatureDisabled(Refusal):
    """Invoices are switched off for this customer."""

    code = "CUSTOMER_FEATURE_DISABLED"


class InstallmentFixed(Refusal):
    """Amounts, currency and customer of an instalment come from its plan and cannot be edited alone."""

    code = "INSTALLMENT_FIXED"


class IssueDateBeforeLast(Refusal):
    """The clock says an earlier day than the last invoice carries; issuing now would break the order of dates."""

    code = "ISSUE_DATE_BEFORE_LAST"

    def __init__(self, today: date, last: date) -> None:
        super().__init__(
            f"The last invoice was issued on {last.isoformat()}, but the clock says {today.isoformat()}. "
            "Numbers and issue dates must rise together: please check the clock of the server.",
            today=today.isoformat(),
            last=last.isoformat(),
        )


class FactsChanged(Refusal):
    """The invoice, the settings or the customer changed between the check of the payment slip and the issue."""

    code = "FACTS_CHANGED"

    def __init__(self) -> None:
        super().__init__("Something changed while the invoice was being issued. Please look at it and send it again.")


class PaymentIdReused(Refusal):
    """A payment with this id is recorded already, and says something else."""

    code = "PAYMENT_ID_REUSED"


class PlanInconsistent(Exception):
    """The instalments of a conversion do not sum to its total: a defect of the sender, not of a person."""
