"""What stands between a request and its handler: who is it, may they, is the module on, is it our own form."""

from urllib.parse import quote

from kontor.database import Tx
from kontor.errors import FeatureDisabled, NotFound
from portal_gateway.accounts import sessions, tokens
from portal_gateway.business import flags, sections
from portal_gateway.web import security
from portal_gateway.web.problems import Forbidden, Unauthenticated
from portal_gateway.web.request import Request
from portal_gateway.web.response import Response
from portal_gateway.web.routing import ANYONE, SIGNED_IN

#: Which of the customer's own toggles belongs to a flag of the installation.
TOGGLES = {
    "quotes": "feature_quotes",
    "contracts": "feature_contracts",
    "bills": "feature_bills",
    "hoursLogging": "feature_hours",
}


def pass_through(request: Request) -> Response:
    """Run the handler if everything about the request is in order; raises a refusal otherwise."""
    route = request.route
    if route.options.get("bare"):
        return route.handler(request, **request.path_params)  # type: ignore[no-any-return]
    with request.kernel.db.transaction() as tx:
        identify(tx, request)
    authorise(request)
    if route.audience in {"admin", "customer", "public", "kernel"}:
        security.check_csrf(request)
        request.csrf_token = security.csrf_token_for(request)
    elif route.audience == "api" and _cookie_vouches(request):
        # A JSON call is forged only where a cookie would vouch for it; signing in has none yet.
        security.check_csrf(request)
    wrap = route.options.get("wrap")
    if wrap:
        return wrap(request)  # type: ignore[no-any-return]
    return route.handler(request, **request.path_params)  # type: ignore[no-any-return]


def _cookie_vouches(request: Request) -> bool:
    return request.by_cookie and request.session_token is not None and not request.route.options.get("signs_in")


def identify(tx: Tx, request: Request) -> None:
    """Fill in the person, the flags and the business profile: what every handler needs to know."""
    audience = request.route.audience
    authorization = request.headers.get("authorization", "")
    if audience == "api" and authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Only bearer tokens are accepted here.")
        request.by_cookie = False
        request.admin = tokens.admin_of(tx, token.strip())
        if request.admin is None:
            raise Unauthenticated("This API token is unknown, expired or revoked.")
    elif audience in {"admin", "api", "kernel"}:
        token = request.cookies.get("kontor_admin", "")
        if token and (found := sessions.admin_of(tx, token)):
            request.admin, request.session_token = found, token
    if audience == "customer" or (audience == "kernel" and request.admin is None):
        token = request.cookies.get("kontor_customer", "")
        if token and (customer := sessions.customer_of(tx, token)):
            request.customer, request.session_token = customer, token
    request.features = flags.read(tx)["flags"]
    request.business = sections.read(tx, "business_profile")["value"]


def authorise(request: Request) -> None:
    """Check sign-in, permission and feature flag; a customer's own toggle hides a page altogether."""
    route = request.route
    permission = route.permission
    if permission != ANYONE:
        if route.audience in {"admin", "api"} and request.admin is None:
            raise Unauthenticated("Please sign in.")
        if route.audience == "customer" and request.customer is None:
            raise Unauthenticated("Please sign in.")
        if route.audience == "kernel" and request.admin is None and request.customer is None:
            raise Unauthenticated("Please sign in.")
        if permission != SIGNED_IN and not request.may(permission):
            raise Forbidden("Your role does not allow this.", permission=permission)
    if route.feature and not request.features.get(route.feature, False):
        if route.audience == "customer":
            raise NotFound("There is nothing at this address.")
        raise FeatureDisabled(route.feature)
    if route.feature and request.customer and route.audience == "customer":
        toggle = TOGGLES.get(route.feature)
        if toggle and not request.customer.toggles.get(toggle, False):
            raise NotFound("There is nothing at this address.")


def to_sign_in(request: Request) -> Response:
    """The way to the sign-in page, and back afterwards."""
    page = "/customer/login" if request.route.audience == "customer" else "/admin/login"
    back = request.path if request.method == "GET" else ""
    return request.redirect_to(f"{page}?next={quote(back, safe='')}" if back else page)
