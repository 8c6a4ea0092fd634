"""The request a handler gets: facts, the person behind it, and the few things it may do."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from python_multipart import FormParser
from python_multipart.multipart import parse_options_header

from kontor.database import Tx
from kontor.errors import Invalid, ServiceUnavailable
from portal_gateway.accounts.identity import Admin, PortalCustomer
from portal_gateway.web.problems import Forbidden, MalformedJson
from portal_gateway.web.response import HTML, Response, file_response, json_response

if TYPE_CHECKING:
    from portal_gateway.kernel import Kernel
    from portal_gateway.web.routing import Route

MAX_FORM_FIELDS = 5_000

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NESTED = re.compile(r"-(\d{1,4})-(.+)")


def clean_text(value: str, field_name: str) -> str:
    """Text as typed: NFC, line ends unified, stripped. Control characters are refused with 422."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if CONTROL.search(value):
        raise Invalid.field(field_name, "The text contains characters that cannot be stored.")
    return unicodedata.normalize("NFC", value).strip()


@dataclass(frozen=True)
class Upload:
    """A file sent with a form. The name and the type are what the sender claims."""

    name: str
    content_type: str
    data: bytes


class _Pairs(Mapping[str, str]):
    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs

    def __getitem__(self, key: str) -> str:
        for name, value in self.pairs:
            if name == key:
                return value
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for name, _ in self.pairs))

    def __len__(self) -> int:
        return len({name for name, _ in self.pairs})

    def getlist(self, key: str) -> list[str]:
        return [value for name, value in self.pairs if name == key]

    def uuid(self, name: str) -> UUID:
        """The field as an id; 422 where it is none."""
        try:
            return UUID(self.get(name, ""))
        except ValueError as error:
            raise Invalid.field(name, "This is no id.") from error


class Query(_Pairs):
    """The query parameters."""

    def int(self, key: str, default: int, *, least: int = 0, most: int = 1_000) -> int:
        """The parameter as a number within bounds; the default where it is none."""
        try:
            return min(max(int(self.get(key, "")), least), most)
        except ValueError:
            return default


class Form(_Pairs):
    """The fields and files of a submitted form."""

    def __init__(self, pairs: list[tuple[str, str]], files: dict[str, Upload]) -> None:
        super().__init__([(name, clean_text(value, name)) for name, value in pairs])
        self.files = files

    def file(self, name: str) -> Upload | None:
        upload = self.files.get(name)
        return upload if upload and (upload.name or upload.data) else None

    def checked(self, name: str) -> bool:
        return self.get(name, "") in {"on", "true", "1", "yes"}

    def nested(self, prefix: str) -> list[dict[str, str]]:
        """Rows from fields such as ``lines-0-description``, in the order of their index."""
        rows: dict[int, dict[str, str]] = {}
        for name, value in self.pairs:
            if name.startswith(prefix) and (match := _NESTED.fullmatch(name[len(prefix) :])):
                rows.setdefault(int(match[1]), {})[match[2]] = value
        return [rows[index] for index in sorted(rows)]


def parse_form(body: bytes, content_type: str) -> Form:
    """Read a urlencoded or multipart body; anything else is an empty form."""
    media, options = parse_options_header(content_type.encode("latin-1"))
    if media == b"application/x-www-form-urlencoded":
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS, errors="strict")
        except (UnicodeDecodeError, ValueError) as error:
            raise Invalid("The form could not be read.") from error
        return Form(pairs, {})
    if media != b"multipart/form-data":
        return Form([], {})
    pairs, files = [], {}

    def on_field(item: Any) -> None:
        name = item.field_name.decode()
        pairs.append((name, (item.value or b"").decode()))
        if len(pairs) > MAX_FORM_FIELDS:
            raise Invalid("The form has too many fields.")

    def on_file(item: Any) -> None:
        item.file_object.seek(0)
        name = (item.file_name or b"").decode(errors="replace")
        kind = getattr(item, "content_type", None) or "application/octet-stream"
        files[item.field_name.decode()] = Upload(name, str(kind), item.file_object.read())

    try:
        parser = FormParser(
            "multipart/form-data",
            on_field,
            on_file,
            boundary=options.get(b"boundary"),
            config={"MAX_MEMORY_FILE_SIZE": len(body) + 1},
        )
        parser.write(BytesIO(body).read())
        parser.finalize()
    except Invalid:
        raise
    except Exception as error:
        raise Invalid("The form could not be read.") from error
    return Form(pairs, files)


class _Service:
    def __init__(self, request: "Request", name: str) -> None:
        self._request = request
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        request, name = self._request, self._name

        def call(**arguments: Any) -> Any:
            return request.kernel.rpc.call(name, method, arguments, actor=request.actor, request_id=request.id)

        return call


class Services:
    """``request.services.quotes.get_quote(id=…)``: the RPCs of the other services, on this person's behalf."""

    NAMES = ("quotes", "contracts", "invoicing", "documents")

    def __init__(self, request: "Request") -> None:
        self._request = request

    def __getattr__(self, name: str) -> _Service:
        if name not in self.NAMES:
            raise AttributeError(name)
        return _Service(self._request, name)

    def named(self, name: str) -> _Service:
        return getattr(self, name)  # type: ignore[no-any-return]


@dataclass
class Cookie:
    value: str
    max_age: int | None
    http_only: bool = True


@dataclass
class Request:
    """One request. Built by the bridge; used in one green thread only."""

    kernel: "Kernel"
    route: "Route"
    id: str
    method: str
    path: str
    path_params: dict[str, str]
    query: Query
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    ip: str
    body: bytes
    admin: Admin | None = None
    customer: PortalCustomer | None = None
    session_token: str | None = None
    features: dict[str, bool] = field(default_factory=dict)
    business: dict[str, Any] = field(default_factory=dict)
    new_cookies: dict[str, Cookie] = field(default_factory=dict)
    new_flashes: list[dict[str, Any]] = field(default_factory=list)
    csrf_token: str = ""
    spoken: str | None = None
    by_cookie: bool = True

    # -- facts ---------------------------------------------------------------------------------

    @property
    def user_agent(self) -> str:
        return self.headers.get("user-agent", "")[:300]

    @property
    def htmx(self) -> bool:
        return "hx-request" in self.headers

    @property
    def services(self) -> Services:
        return Services(self)

    @property
    def actor(self) -> dict[str, Any]:
        """Who did it, as activity entries and events keep it."""
        if self.admin:
            return {"kind": "admin", "id": self.admin.id, "name": self.admin.name, "ip": self.ip}
        if self.customer:
            return {"kind": "customer", "id": self.customer.id, "name": self.customer.display_name, "ip": self.ip}
        return {"kind": "link", "id": None, "name": "", "ip": self.ip}

    @property
    def timezone(self) -> str:
        return self.business.get("timezone") or "Europe/Zurich"

    @property
    def language(self) -> str:
        return self.spoken or self.kernel.languages.of(self)

    def speak(self, language: str) -> None:
        """Answer this request in that language: link pages speak the document's."""
        if language in self.kernel.languages.catalogues:
            self.spoken = language

    def gettext(self, message: str) -> str:
        return self.kernel.languages.catalogue(self.language).gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.kernel.languages.catalogue(self.language).ngettext(singular, plural, n)

    @property
    def locale(self) -> str:
        return self.kernel.languages.locale_of(self)

    @property
    def theme(self) -> str:
        theme = self.cookies.get("kontor_theme", "system")
        return theme if theme in {"light", "dark", "system"} else "system"

    def may(self, permission: str) -> bool:
        return self.admin is not None and permission in self.admin.permissions

    def require(self, permission: str) -> None:
        """For what a single route cannot tell beforehand; raises `Forbidden`."""
        if not self.may(permission):
            raise Forbidden("Your role does not allow this.", permission=permission)

    def now(self) -> datetime:
        return self.kernel.db.clock.now()

    def today(self) -> date:
        from kontor.clock import calendar_date

        return calendar_date(self.now(), self.timezone)

    # -- what was sent -------------------------------------------------------------------------

    def form(self) -> Form:
        cached: Form | None = self.__dict__.get("_form")
        if cached is None:
            cached = parse_form(self.body, self.headers.get("content-type", ""))
            self.__dict__["_form"] = cached
        return cached

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise MalformedJson("The body is no valid JSON.") from error

    # -- doing ---------------------------------------------------------------------------------

    def tx(self) -> AbstractContextManager[Tx]:
        """A transaction on the gateway's own schema, in this person's name."""
        return self.kernel.db.transaction(actor=self.actor, request_id=self.id)

    def unavailable(self, read: Callable[[], Any], default: Any = None) -> tuple[Any, bool]:
        """``(value, False)``, or ``(default, True)`` while the service behind ``read`` does not answer."""
        try:
            return read(), False
        except ServiceUnavailable:
            return default, True

    # -- answering -----------------------------------------------------------------------------

    def url(self, name: str, **parameters: Any) -> str:
        """The path of a route; parameters that are not in the path become the query string."""
        path, used = self.kernel.routing.path_of(name, parameters)
        rest = {key: value for key, value in parameters.items() if key not in used and value is not None}
        return f"{path}?{urlencode(rest, doseq=True)}" if rest else path

    def render(self, template: str, *, block: str | None = None, status: int = 200, **context: Any) -> Response:
        context.setdefault("status", status)
        return Response(self.kernel.templates.render(self, template, block, context), status, HTML)

    def redirect(self, name: str, **parameters: Any) -> Response:
        return self.redirect_to(self.url(name, **parameters))

    def redirect_to(self, path: str) -> Response:
        """303, or for htmx a header that makes the page follow. Only paths of this site are followed."""
        if not path.startswith("/") or path.startswith("//") or "\\" in path or CONTROL.search(path):
            path = "/"
        if self.htmx:
            response = Response(b"", 200)
            response.headers["HX-Redirect"] = path
            return response
        response = Response(b"", 303)
        response.headers["Location"] = path
        return response

    def pdf(self, content: bytes, name: str, *, inline: bool = True, embed: bool = False) -> Response:
        return file_response(content, name, "application/pdf", inline=inline, embed=embed)

    def image(self, content: bytes, media_type: str = "image/png") -> Response:
        return Response(content, 200, media_type)

    def text(self, content: str, status: int = 200) -> Response:
        return Response(content, status, "text/plain; charset=utf-8")

    def answer_json(self, body: Any, status: int = 200) -> Response:
        return json_response(body, status)

    def set_cookie(self, name: str, value: str, *, max_age: int | None = None, http_only: bool = True) -> None:
        self.new_cookies[name] = Cookie(value, max_age, http_only)

    def flash(self, text: str, level: str = "success", undo: str | None = None) -> None:
        """A message for the next page; ``undo`` is a path to POST to."""
        self.new_flashes.append({"text": text, "level": level, "undo": undo})
