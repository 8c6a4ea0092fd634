"""Signing in, first set-up, admins, API tokens."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from kontor.errors import FieldError, Invalid
from portal_gateway.accounts import admins, passwords, sign_in, tokens
from portal_gateway.accounts.identity import Admin
from portal_gateway.accounts.roles import Role
from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Answer, Entity, Items, Versioned
from portal_gateway.business import values as v
from portal_gateway.web import ANYONE, SIGNED_IN

routes = Api(tag="Sign-in and admins")

Password = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
RoleName = Literal["super_admin", "admin", "team", "viewer", "accountant"]


class SignIn(v.Strict):
    email: Annotated[str, StringConstraints(min_length=1, max_length=254), AfterValidator(v._clean)]
    password: Password
    otp: Annotated[str, StringConstraints(max_length=20)] | None = None


class SetUp(v.Strict):
    """``token`` is the one of the link printed at the first start."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    email: v.Email
    name: v.Line = ""
    password: Password


class SessionAnswer(Answer):
    csrf_token: str
    admin: dict[str, Any]


class NewAdmin(v.Strict):
    email: v.Email
    name: v.Line = ""
    role: RoleName
    language: v.Language = "de"
    password: Password


class AdminChanges(Versioned):
    name: v.Line = ""
    role: RoleName = "viewer"
    language: v.Language = "de"
    active: bool = True
    password: Password = ""


class NewToken(v.Strict):
    """Without ``scopes`` the token may do what its admin may."""

    name: v.Name
    scopes: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=40)] | None = None


class TokenAnswer(Answer):
    id: str
    name: str
    scopes: list[str]
    token: str | None = None


def shown(admin: Admin) -> dict[str, Any]:
    """An admin as the API shows the one who asks."""
    return {
        "id": admin.id,
        "email": admin.email,
        "name": admin.name,
        "role": admin.role,
        "language": admin.language,
        "permissions": sorted(admin.permissions),
    }


@routes.post(
    "/session", permission=ANYONE, body=SignIn, answer=SessionAnswer, signs_in=True, unrecorded=True, name="api.sign_in"
)
def post_session(call: Call) -> Any:
    """Sign in with e-mail and password; sets the session cookie."""
    if call.body.otp:
        raise Invalid.field("otp", "One-time passwords are not set up for this account.")
    admin = sign_in.admin(call.request, call.body.email, call.body.password)
    return {"csrf_token": call.request.csrf_token, "admin": shown(admin)}


@routes.get("/session", permission=SIGNED_IN, answer=SessionAnswer)
def get_session(call: Call) -> Any:
    """Who is signed in, and the CSRF token of a cookie session."""
    from portal_gateway.web import security

    request = call.request
    assert request.admin is not None
    csrf = security.csrf_of(request.session_token) if request.session_token else ""
    return {"csrf_token": csrf, "admin": shown(request.admin)}


@routes.delete("/session", permission=SIGNED_IN, name="api.sign_out")
def delete_session(call: Call) -> Any:
    """Sign out: the session ends on the server."""
    sign_in.leave(call.request)


@routes.get("/setup", permission=ANYONE, answer=Answer)
def get_setup(call: Call) -> Any:
    """Whether the installation waits for its first admin."""
    with call.request.tx() as tx:
        return {"needed": sign_in.setup_needed(tx)}


@routes.post(
    "/setup",
    permission=ANYONE,
    body=SetUp,
    answer=SessionAnswer,
    status=201,
    signs_in=True,
    unrecorded=True,
)
def post_setup(call: Call) -> Any:
    """Create the first admin with the one-time set-up link, and sign in."""
    body = call.body
    admin = sign_in.first_admin(call.request, body.token, body.email, body.name, body.password)
    return {"csrf_token": call.request.csrf_token, "admin": shown(admin)}


@routes.get("/admins", permission="admins.manage", answer=Items)
def list_admins(call: Call) -> Any:
    """Every admin."""
    with call.request.tx() as tx:
        return {"items": admins.all_admins(tx)}


@routes.post("/admins", permission="admins.manage", body=NewAdmin, answer=Entity, status=201)
def create_admin(call: Call) -> Any:
    """Add an admin with a role."""
    body: NewAdmin = call.body
    passwords.check(body.password, email=body.email)
    hashed = passwords.hash_password(body.password, call.request.kernel.heavy)
    with call.request.tx() as tx:
        return admins.add(
            tx,
            call.new_id("admin"),
            email=body.email,
            name=body.name,
            role=Role(body.role),
            language=body.language,
            password_hash=hashed,
        )


@routes.get("/admins/{id:uuid}", permission="admins.manage", answer=Entity)
def get_admin(call: Call, id: str) -> Any:
    """One admin."""
    with call.request.tx() as tx:
        return admins.find(tx, id)


@routes.patch("/admins/{id:uuid}", permission="admins.manage", body=AdminChanges, answer=Entity)
def change_admin(call: Call, id: str) -> Any:
    """Change name, role, language, password, or switch the account off. Narrower access ends the sessions."""
    changes = call.sent
    with call.request.tx() as tx:
        email = admins.find(tx, id)["email"]
    if "password" in changes:
        password = changes.pop("password")
        passwords.check(password, email=email)
        changes["password_hash"] = passwords.hash_password(password, call.request.kernel.heavy)
    with call.request.tx() as tx:
        return admins.change(tx, id, call.version, changes)


@routes.get("/api-tokens", permission="settings.manage", answer=Items)
def list_tokens(call: Call) -> Any:
    """Every API token, without its secret."""
    with call.request.tx() as tx:
        return {"items": tokens.all_tokens(tx)}


@routes.post("/api-tokens", permission="settings.manage", body=NewToken, answer=TokenAnswer, status=201)
def create_token(call: Call) -> Any:
    """Create a token for yourself; ``token`` is shown in this answer and never again."""
    from uuid import UUID

    admin = call.request.admin
    assert admin is not None
    scopes = sorted(admin.permissions) if call.body.scopes is None else call.body.scopes
    wider = [index for index, scope in enumerate(scopes) if scope not in admin.permissions]
    if wider:
        raise Invalid(
            "A token cannot do more than you may.",
            errors=[FieldError(f"scopes[{index}]", f"You do not have {scopes[index]}.") for index in wider],
        )
    token = tokens.mint()
    with call.request.tx() as tx:
        made = tokens.add(tx, call.new_id("token"), UUID(admin.id), call.body.name, scopes, token)
    return {**made, "token": token}


@routes.delete("/api-tokens/{id:uuid}", permission="settings.manage", answer=TokenAnswer)
def revoke_token(call: Call, id: str) -> Any:
    """Revoke a token; it ends at once."""
    with call.request.tx() as tx:
        return tokens.revoke(tx, id)
