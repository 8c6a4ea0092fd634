"""Cookies, CSRF tokens, flash messages and the headers every answer carries."""

import hashlib
import hmac
import json
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

from kontor.secrets import SealBroken
from portal_gateway.web.problems import CsrfMissing

if TYPE_CHECKING:
    from portal_gateway.web.request import Cookie, Request
    from portal_gateway.web.response import Response

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors {ancestors}"
)
#: Anything that is not one of our own pages: it may load nothing, and what is in it is sandboxed.
CSP_DATA = "default-src 'none'; sandbox; frame-ancestors {ancestors}"
#: The browser's PDF viewer needs its own styles and an unsandboxed document; scripts stay off.
CSP_PDF = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors {ancestors}"

#: Cookies that are a secret; with Secure they get the ``__Host-`` prefix.
_HOST_ONLY = {"kontor_admin", "kontor_customer", "kontor_visitor", "kontor_flash"}
_HOST_ONLY_OF_LINKS = "kontor_quote_"


def cookie_name(name: str, *, secure: bool) -> str:
    secret = name in _HOST_ONLY or name.startswith(_HOST_ONLY_OF_LINKS)
    return f"__Host-{name}" if secure and secret else name


def read_cookies(header: str, *, secure: bool) -> dict[str, str]:
    """The request's cookies under their plain names. Secret ones without the prefix do not count over TLS."""
    jar: SimpleCookie = SimpleCookie()
    for part in header.split(";"):
        try:
            jar.load(part.strip())
        except CookieError:
            continue
    found = {}
    for name, morsel in jar.items():
        plain = name.removeprefix("__Host-")
        if cookie_name(plain, secure=secure) == name:
            found[plain] = morsel.value
    return found


def cookie_header(name: str, cookie: "Cookie", *, secure: bool) -> str:
    parts = [f"{cookie_name(name, secure=secure)}={cookie.value}", "Path=/", "SameSite=Lax"]
    if cookie.max_age is not None:
        parts.append(f"Max-Age={cookie.max_age}")
    if cookie.http_only:
        parts.append("HttpOnly")
    if secure:
        parts.append("Secure")
    return "; ".join(parts)


def csrf_token_for(request: "Request") -> str:
    """The token of this browser: bound to the session, or to the visitor cookie before anybody signed in."""
    secret = request.session_token
    if secret is None:
        secret = request.cookies.get("kontor_visitor", "")
        if len(secret) < 32:
            secret = secrets.token_urlsafe(32)
            request.set_cookie("kontor_visitor", secret)
    return csrf_of(secret)


def csrf_of(secret: str) -> str:
    return hmac.new(secret.encode(), b"kontor csrf 1", hashlib.sha256).hexdigest()


def check_csrf(request: "Request") -> None:
    """Raise `CsrfMissing` unless an unsafe request proves that one of our own pages sent it."""
    if request.method not in UNSAFE:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise CsrfMissing()
    given = request.headers.get("x-csrf-token", "")
    if not given and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        given = request.form().get("csrf_token", "")
    secret = request.session_token or request.cookies.get("kontor_visitor", "")
    if len(secret) < 32 or not hmac.compare_digest(given.encode(), csrf_of(secret).encode()):
        raise CsrfMissing()


def flashes(request: "Request") -> list[dict[str, Any]]:
    """The messages left by the page before, and those of this one; read once."""
    sealed = request.cookies.get("kontor_flash")
    kept: list[dict[str, Any]] = []
    if sealed:
        try:
            kept = json.loads(request.kernel.sealer.unseal(sealed))
        except SealBroken:
            kept = []
        request.set_cookie("kontor_flash", "", max_age=0)
    shown = kept + request.new_flashes
    request.new_flashes = []
    return shown


def finish(request: "Request", response: "Response") -> list[tuple[bytes, bytes]]:
    """All headers of the answer, cookies included."""
    secure = request.kernel.settings.secure_cookies
    if request.new_flashes:
        request.set_cookie("kontor_flash", request.kernel.sealer.seal(json.dumps(request.new_flashes)), max_age=120)
    headers = {**standard_headers(request.route.audience, response, secure=secure), **response.headers}
    headers["X-Request-Id"] = request.id
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    for name, cookie in request.new_cookies.items():
        pairs.append((b"set-cookie", cookie_header(name, cookie, secure=secure).encode("latin-1")))
    return pairs


def standard_headers(audience: str, response: "Response", *, secure: bool) -> dict[str, str]:
    media = response.headers.get("Content-Type", "")
    if media.startswith("text/html"):
        policy = CSP
    elif media.startswith("application/pdf"):
        policy = CSP_PDF
    else:
        policy = CSP_DATA
    headers = {
        "Content-Security-Policy": policy.format(ancestors=response.frame_ancestors),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY" if response.frame_ancestors == "'none'" else "SAMEORIGIN",
        "Referrer-Policy": "no-referrer" if audience in {"public", "public_api"} else "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    }
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if not response.public:
        headers["Cache-Control"] = "no-store"
    return headers
