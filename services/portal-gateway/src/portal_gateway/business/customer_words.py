"""What a person is told about a field of a customer that was not accepted."""

from collections.abc import Iterable

from kontor.errors import FieldError


def _(message: str) -> str:
    return message


_EMAIL = _("Enter an e-mail address such as name@example.ch.")
_SENTENCES = {
    "email": _EMAIL,
    "billing_email": _EMAIL,
    "cc_email": _EMAIL,
    "postcode": _("The country has no such postcode."),
    "country": _("Choose a country."),
    "vat_id": _("This VAT id is not right. Please check every digit."),
    "leitweg_id": _("This Leitweg-ID is not right. Please check every digit."),
    "hourly_rate_minor": _("Enter an amount such as 120.00."),
    "vat_rate": _("Enter a percentage such as 8.1."),
    "billing_cycle_day": _("Choose a day from 1 to 31."),
    "language": _("Choose German or English."),
    "currency": _("Enter a currency such as CHF."),
    "tags": _("At most 20 tags of 40 characters, with commas between them."),
    "skonto_opt_out": _("Answer yes or no."),
}
_OTHERWISE = _("Too long, or with characters that cannot be stored.")
#: Said by the record itself, in words a person understands.
_KEPT = {
    "Enter a name or a company.",
    "Another customer has this number.",
    "The row has more cells than there are titles.",
}


def sentences(errors: Iterable[FieldError]) -> list[FieldError]:
    """The same errors in words for a person, to be translated; one per field."""
    told: dict[str, FieldError] = {}
    for field, message in errors:
        name = field.partition("[")[0]
        feature = name.startswith("feature_")
        sentence = _SENTENCES["skonto_opt_out"] if feature else _SENTENCES.get(name, _OTHERWISE)
        told.setdefault(name, FieldError(name, message if message in _KEPT else sentence))
    return list(told.values())
