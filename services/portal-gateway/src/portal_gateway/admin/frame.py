"""What every admin page shows around its own: rail, bottom bar, the menu of new records."""

from typing import Any

from markupsafe import Markup

from kontor.locale import format_money
from portal_gateway.admin.words import _, say, told
from portal_gateway.web import Request

#: label, route, icon, key after "g", permission, feature, further paths that belong to it
_CLIENTS = (
    (_("Customers"), "admin.customers", "customers", "customers", "customers.view", "clients"),
    (_("Quotes"), "admin.quotes", "quote", "quotes", "quotes.view", "quotes"),
    (_("Contracts"), "admin.contracts", "contract", "contracts", "contracts.view", "contracts"),
    (_("Invoices"), "admin.invoices", "invoice", "invoices", "bills.view", "bills"),
    (_("Bookings"), "admin.bookings", "calendar", "bookings", "quotes.view", "quotes"),
)
_LAST = (
    (_("Developer tools"), "admin.dev", "pen", "", "settings.manage", "crmDevelopment"),
    (_("Mails"), "admin.mails", "mail", "", "operations.manage", None),
    (_("Activity"), "admin.activity", "activity", "", "operations.manage", None),
    (_("Settings"), "admin.settings", "settings", "settings", "settings.manage", None),
)
_NEW = (
    (_("Quote"), "admin.quote.new", "quote", "quotes.manage", "quotes"),
    (_("Quote from template"), "admin.quote.from_template", "copy", "quotes.manage", "quotes"),
    (_("Contract"), "admin.contract.new", "contract", "contracts.manage", "contracts"),
    (_("Invoice"), "admin.invoice.new", "invoice", "bills.manage", "bills"),
    (_("Booking"), "admin.booking.new", "calendar", "quotes.manage", "quotes"),
    (_("Customer"), "admin.customer.new", "customers", "customers.create", "clients"),
)


def context(request: Request) -> dict[str, Any]:
    """Navigation by permission and feature: what somebody cannot reach is not shown."""

    def figure(minor: int, currency: str) -> str:
        """An amount without its currency, where the currency stands beside or above it."""
        return format_money(minor, currency, request.locale, symbol=False)

    always = {"figure": figure, "problem": None, "told": lambda sentence: told(request, sentence)}
    if request.admin is None:
        return {"nav": [], "short_nav": [], "more_nav": [], "new_menu": [], **always}
    overview = _link(request, _("Overview"), "admin.home", "overview", "", exact=True)
    clients = [
        _link(request, label, name, icon, go)
        for label, name, icon, go, permission, feature in _CLIENTS
        if request.may(permission) and request.features.get(feature)
    ]
    last = [
        _link(request, label, name, icon, go)
        for label, name, icon, go, permission, feature in _LAST
        if request.may(permission) and (feature is None or request.features.get(feature))
    ]
    groups = [{"label": "", "items": [overview]}]
    if clients:
        groups.append({"label": say(request, _("Clients")), "items": clients})
    groups.append({"label": "", "items": last})
    return {
        "nav": groups,
        "short_nav": [overview, *clients][:5],
        "more_nav": [*clients[4:], *last],
        "new_menu": [
            {"label": say(request, label), "href": request.url(name), "icon": icon}
            for label, name, icon, permission, feature in _NEW
            if request.may(permission) and request.features.get(feature)
        ],
        "avatar": Markup('<span class="avatar" aria-hidden="true">{}</span>').format(_initials(request.admin.name)),
        **always,
    }


def _link(request: Request, label: str, name: str, icon: str, go: str, *, exact: bool = False) -> dict[str, Any]:
    href = request.url(name)
    current = request.path == href if exact else (request.path + "/").startswith(href + "/")
    return {"label": say(request, label), "href": href, "icon": icon, "go": go, "current": current}


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"
