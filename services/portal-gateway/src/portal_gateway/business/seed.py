"""What a fresh installation starts with: defaults told to every service, examples, placeholders from outside."""

import os
from collections.abc import Mapping

from kontor.database import Tx
from portal_gateway.business import flags, payment_terms, sections

#: Placeholders of the business profile that the environment may set.
_PROFILE = {
    "KONTOR_BUSINESS_NAME": "name",
    "KONTOR_BUSINESS_COUNTRY": "country",
    "KONTOR_BUSINESS_TIMEZONE": "timezone",
    "KONTOR_BUSINESS_CURRENCY": "default_currency",
    "KONTOR_BUSINESS_LANGUAGE": "default_language",
    "KONTOR_BUSINESS_EMAIL": "email",
}


def seed(tx: Tx, environ: Mapping[str, str] | None = None) -> bool:
    """Store and tell every section that was never saved; True if there was anything to do."""
    environ = os.environ if environ is None else environ
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('portal_gateway.seed'))")
    done = False
    for section in sections.SECTIONS:
        if sections.stored_version(tx, section) == 0:
            given = {field: environ[name] for name, field in _PROFILE.items() if environ.get(name)}
            sections.change(tx, section, None, given if section == "business_profile" else {})
            done = True
    if flags.read(tx)["version"] == 0:
        flags.change(tx, {})
        done = True
    if sections.stored_version(tx, "payment_terms") == 0:
        payment_terms.seed(tx)
        done = True
    if sections.stored_version(tx, "bank_accounts") == 0:
        sections.keep(tx, "bank_accounts", 1, {"accounts": []})
        done = True
    return done
