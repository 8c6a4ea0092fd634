"""Who is behind a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Admin:
    """An admin of the studio; ``permissions`` are the role's, narrowed by the scopes of an API token."""

    id: str
    email: str
    name: str
    role: str
    language: str
    permissions: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class PortalCustomer:
    """A customer signed in to the portal. ``id`` is the customer record's, which owns everything shown."""

    id: str
    account_id: str
    email: str
    display_name: str
    language: str
    toggles: Mapping[str, bool] = field(default_factory=dict)
