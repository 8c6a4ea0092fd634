"""Roles and what each may do: the table of the product specification, checked on every route."""

from enum import StrEnum

PERMISSIONS: tuple[str, ...] = (
    "quotes.view",
    "quotes.manage",
    "contracts.view",
    "contracts.manage",
    "bills.view",
    "bills.manage",
    "customers.view",
    "customers.create",
    "customers.delete",
    "hours.view",
    "hours.manage",
    "accounting.view",
    "accounting.manage",
    "settings.manage",
    "settings.features",
    "settings.banking",
    "admins.manage",
    "operations.manage",
)


class Role(StrEnum):
    SUPER_ADMIN = "super_admin"
    ADMIN = "admin"
    TEAM = "team"
    VIEWER = "viewer"
    ACCOUNTANT = "accountant"


ROLES: dict[Role, frozenset[str]] = {
    Role.SUPER_ADMIN: frozenset(PERMISSIONS),
    Role.ADMIN: frozenset(PERMISSIONS) - {"admins.manage"},
    Role.TEAM: frozenset(
        {
            "quotes.view",
            "quotes.manage",
            "contracts.view",
            "contracts.manage",
            "bills.view",
            "bills.manage",
            "hours.view",
            "hours.manage",
            "customers.view",
            "customers.create",
        }
    ),
    Role.VIEWER: frozenset(name for name in PERMISSIONS if name.endswith(".view")),
    Role.ACCOUNTANT: frozenset({"bills.view", "accounting.view"}),
}
