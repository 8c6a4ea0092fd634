"""The studio as the top and the foot of a page show it."""

from collections.abc import Mapping
from typing import Any

_SHOWN = ("name", "street", "house_number", "postcode", "town", "email", "phone", "website", "logo_url")


def issuer_view(profile: Mapping[str, Any] | None) -> dict[str, str]:
    """The profile with every field a page reads; what is not filled in is empty."""
    profile = profile or {}
    return {field: str(profile.get(field) or "") for field in _SHOWN}
