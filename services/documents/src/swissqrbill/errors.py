"""What can be wrong with a QR-bill: one class per mistake, one stable code for all.

Every error carries ``code`` (always ``QRBILL_INVALID``), ``field`` (dotted path
into the bill, e.g. ``creditor.postal_code``), ``rule`` (stable, for programs)
and a sentence for a person (``str(error)``).
"""

from __future__ import annotations


class QrBillInvalid(ValueError):
    """A bill that must not be printed; subclasses name the mistake."""

    code = "QRBILL_INVALID"
    rule = "invalid"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence

    def as_dict(self) -> dict[str, str]:
        """Code, field, rule and sentence, as carried over RPC."""
        return {
            "code": self.code,
            "field": self.field,
            "rule": self.rule,
            "message": self.sentence,
        }


class NotText(QrBillInvalid):
    """A text field holds something that is not a string."""

    rule = "not_text"


class FieldMissing(QrBillInvalid):
    """A field the guidelines demand is empty."""

    rule = "missing"


class FieldTooLong(QrBillInvalid):
    """A field has more characters than its line may have (IG 2.3 § 4.2.2)."""

    rule = "too_long"


class ControlCharacter(QrBillInvalid):
    """A control or line-separating character, which would shift every later line."""

    rule = "control_character"


class ForeignCharacter(QrBillInvalid):
    """A character outside the permitted set (IG 2.3 § 4.1.1)."""

    rule = "foreign_character"


class UnknownCountry(QrBillInvalid):
    """A country that is not an ISO 3166-1 alpha-2 code in capitals."""

    rule = "unknown_country"


class IbanMalformed(QrBillInvalid):
    """An IBAN with wrong length or characters for CH or LI."""

    rule = "iban_malformed"


class IbanCountryNotAllowed(QrBillInvalid):
    """An IBAN of a country other than CH and LI."""

    rule = "iban_country"


class IbanCheckDigitsWrong(QrBillInvalid):
    """An IBAN whose ISO 7064 mod 97-10 check digits do not match."""

    rule = "iban_check_digits"


class QrIbanRequired(QrBillInvalid):
    """A QR reference with an IBAN that is no QR-IBAN."""

    rule = "qr_iban_required"


class QrIbanForbidden(QrBillInvalid):
    """A QR-IBAN together with SCOR or NON."""

    rule = "qr_iban_forbidden"


class ReferenceTypeUnknown(QrBillInvalid):
    """A reference type other than QRR, SCOR and NON."""

    rule = "reference_type"


class ReferenceMalformed(QrBillInvalid):
    """A reference of wrong length or characters for its type."""

    rule = "reference_malformed"


class ReferenceCheckDigitWrong(QrBillInvalid):
    """A reference whose check digit (QRR) or digits (SCOR) do not match."""

    rule = "reference_check_digit"


class ReferenceForbidden(QrBillInvalid):
    """A reference given although the type is NON."""

    rule = "reference_forbidden"


class CurrencyNotAllowed(QrBillInvalid):
    """A currency other than CHF and EUR."""

    rule = "currency"


class AmountNotWhole(QrBillInvalid):
    """An amount that is not a whole number of minor units (Rappen, cents)."""

    rule = "amount_not_whole"


class AmountZero(QrBillInvalid):
    """0.00 on a bill that is no notification."""

    rule = "amount_zero"


class AmountOutOfRange(QrBillInvalid):
    """An amount below 0.01 or above 999 999 999.99."""

    rule = "amount_range"


class TextsTooLong(QrBillInvalid):
    """Message and billing information together exceed 140 characters."""

    rule = "texts_too_long"


class BillingInformationMalformed(QrBillInvalid):
    """Billing information that does not follow its own syntax (Swico S1)."""

    rule = "billing_information_malformed"


class TooManySchemes(QrBillInvalid):
    """More than two alternative schemes."""

    rule = "too_many_schemes"


class PayloadTooLong(QrBillInvalid):
    """More than the 997 bytes a version 25 symbol holds at level M."""

    rule = "payload_too_long"


class LanguageUnknown(QrBillInvalid):
    """A slip language other than de, fr, it and en."""

    rule = "language"


class SlipOverflow(QrBillInvalid):
    """Texts that cannot be set inside their section at the smallest size allowed."""

    rule = "slip_overflow"
