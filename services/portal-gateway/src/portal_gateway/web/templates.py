"""Jinja2 as every page sees it: escaped, strict, in the viewer's language, formatted on the server."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from jinja2_fragments import render_block
from markupsafe import Markup, escape

from kontor import richtext
from kontor.locale import format_date, format_decimal, format_money, format_percent

if TYPE_CHECKING:
    from portal_gateway.kernel import Kernel
    from portal_gateway.web.request import Request


def as_datetime(value: str | datetime) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def as_date(value: str | date) -> date:
    if isinstance(value, datetime):
        raise TypeError("A moment is no date: say in which timezone, with |datetime.")
    return value if isinstance(value, date) else date.fromisoformat(value)


@pass_context
def _money(context: Context, minor: int | None, currency: str, locale: str | None = None) -> str:
    return "" if minor is None else format_money(minor, currency, locale or context["locale"])


@pass_context
def _date(context: Context, value: str | date | None, style: Any = "medium", locale: str | None = None) -> str:
    return "" if value in (None, "") else format_date(as_date(value), locale or context["locale"], style)


@pass_context
def _datetime(context: Context, value: str | datetime | None) -> str:
    """Date and minute on the business's clock."""
    if not value:
        return ""
    moment = as_datetime(value).astimezone(ZoneInfo(context["timezone"]))
    return f"{format_date(moment.date(), context['locale'])}, {moment:%H:%M}"


@pass_context
def _ago(context: Context, value: str | datetime | None) -> str:
    if not value:
        return ""
    delta = as_datetime(value) - context["now"]
    return format_timedelta(delta, add_direction=True, locale=context["language"])


@pass_context
def _decimal(context: Context, value: str | Decimal | int | None, places: int | None = None) -> str:
    return "" if value in (None, "") else format_decimal(Decimal(str(value)), context["locale"], places=places)


@pass_context
def _percent(context: Context, value: str | Decimal | None) -> str:
    return "" if value in (None, "") else format_percent(Decimal(str(value)), context["locale"])


def _nl2br(value: str | None) -> Markup:
    return Markup("<br>").join(escape(line) for line in (value or "").split("\n"))


def _rich(value: str | None) -> Markup:
    """The text of a line: bold, italic and lists; all else escaped."""
    return richtext.rich((value or "").strip())


def _headed(value: str | None) -> tuple[Markup, Markup]:
    """The same in two: the first line, which names the thing, and what describes it."""
    return richtext.headed((value or "").strip())


def _first_line(value: str | None) -> str:
    """What a line is called where only words fit: its first line without the marks."""
    head, rest = _headed(value)
    return (head or rest).striptags()


def _json_attr(value: Any) -> str:
    """JSON for an attribute in quotes; autoescape makes it safe there."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Templates:
    """The environment. Templates live in ``portal_gateway/templates``."""

    def __init__(self, kernel: "Kernel", folder: str) -> None:
        self._kernel = kernel
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(default=True, default_for_string=True, disabled_extensions=()),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
            auto_reload=False,
        )
        self.environment.install_gettext_callables(  # type: ignore[attr-defined]
            _gettext, _ngettext, newstyle=True, pgettext=_pgettext
        )
        self.environment.filters.update(
            money=_money,
            date=_date,
            datetime=_datetime,
            ago=_ago,
            decimal=_decimal,
            percent=_percent,
            nl2br=_nl2br,
            rich=_rich,
            headed=_headed,
            first_line=_first_line,
            json_attr=_json_attr,
        )

    def has(self, template: str) -> bool:
        try:
            self.environment.get_template(template)
        except TemplateNotFound as missing:
            if missing.name == template:
                return False
            raise
        return True

    def render(self, request: "Request", template: str, block: str | None, context: dict[str, Any]) -> str:
        full = self._context(request)
        if request.route.context:
            full.update(request.route.context(request))
        full.update(context)
        if block:
            return str(render_block(self.environment, template, block, **full))
        return self.environment.get_template(template).render(full)

    def _context(self, request: "Request") -> dict[str, Any]:
        from portal_gateway.web import security

        language = request.language
        csrf = request.csrf_token
        field = Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf)

        def csrf_field() -> Markup:
            return field

        url: Callable[..., str] = request.url
        return {
            "_catalogue": self._kernel.languages.catalogue(language),
            "request": request,
            "admin": request.admin,
            "customer": request.customer,
            "features": request.features,
            "business": request.business,
            "may": request.may,
            "url": url,
            "static": self._kernel.assets.url,
            "assets_ready": self._kernel.assets.ready,
            "csrf_token": csrf,
            "csrf_field": csrf_field,
            "flashes": security.flashes(request),
            "language": language,
            "locale": request.locale,
            "theme": request.theme,
            "timezone": request.timezone,
            "now": request.now(),
        }


@pass_context
def _gettext(context: Context, message: str) -> str:
    return context["_catalogue"].gettext(message)  # type: ignore[no-any-return]


@pass_context
def _ngettext(context: Context, singular: str, plural: str, n: int) -> str:
    return context["_catalogue"].ngettext(singular, plural, n)  # type: ignore[no-any-return]


@pass_context
def _pgettext(context: Context, where: str, message: str) -> str:
    return context["_catalogue"].pgettext(where, message)  # type: ignore[no-any-return]
