"""Line-item presets and quote templates."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from kontor.errors import Invalid
from portal_gateway.api import documents_models as m
from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Entity, Id, Page, Quote, Text, Versioned
from portal_gateway.business import values as v

routes = Api(tag="Presets and templates")
VIEW: Any = {"permission": "quotes.view", "feature": "quotes"}
MANAGE: Any = {"permission": "quotes.manage", "feature": "quotes"}

Name = Annotated[v.Line, StringConstraints(max_length=120)]


class PresetFields(m.LineItem):
    """A line item under a name; without one it is called like its text begins. The price is in ``currency``."""

    id: None = None
    name: Name = ""
    currency: v.Currency | None = None


class PresetChanges(PresetFields, Versioned):
    pass


class _Template(v.Strict):
    language: v.Language | None = None
    currency: v.Currency | None = None
    price_entry: Literal["net", "gross"] = "net"
    title: v.Line = ""
    intro: v.QuoteText = ""
    closing: v.QuoteText = ""
    exemption_reason: Annotated[Text, StringConstraints(max_length=500)] = ""
    lines: Annotated[list[m.LineItem], Field(max_length=2_000)] = Field(default_factory=list)
    payment: m.Payment | None = None
    installments: Annotated[list[m.Installment], Field(max_length=36)] = Field(default_factory=list)


class TemplateFields(_Template):
    """A quote without customer and dates; with ``quote_id`` the content of that quote, under the name."""

    name: Name
    quote_id: Id | None = None


class TemplateChanges(_Template, Versioned):
    name: Name = ""


class Use(v.Strict):
    customer_id: Id


class _ByName(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, StringConstraints(max_length=200), AfterValidator(v._clean)] | None = None
    cursor: Annotated[str, StringConstraints(max_length=1_000)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class PresetQuery(_ByName):
    """``q`` is searched for in name and text."""

    currency: v.Currency | None = None


class TemplateQuery(_ByName):
    """``q`` is searched for in name and title."""


class Preset(Entity):
    name: str
    currency: str
    description: str
    quantity: str
    unit: str
    unit_price_minor: int
    vat_rate: str


class Template(Entity):
    name: str
    language: str
    currency: str
    title: str
    lines: list[dict[str, Any]]
    total_minor: int | None


def _quotes(call: Call) -> Any:
    return call.request.services.quotes


@routes.get("/line-item-presets", query=PresetQuery, answer=Page, **VIEW)
def list_presets(call: Call) -> Any:
    """A page of presets by name."""
    return _quotes(call).list_presets(**call.query.model_dump())


@routes.post("/line-item-presets", body=PresetFields, answer=Preset, status=201, **MANAGE)
def create_preset(call: Call) -> Any:
    """Keep a line item."""
    return _quotes(call).create_preset(id=str(call.new_id("preset")), fields=call.sent)


@routes.get("/line-item-presets/{id:uuid}", answer=Preset, **VIEW)
def get_preset(call: Call, id: str) -> Any:
    """One preset."""
    return _quotes(call).get_preset(id=id)


@routes.patch("/line-item-presets/{id:uuid}", body=PresetChanges, answer=Preset, **MANAGE)
def change_preset(call: Call, id: str) -> Any:
    """Change only the fields sent; lines made from the preset stay."""
    return _quotes(call).update_preset(id=id, version=call.version, changes=call.sent)


@routes.delete("/line-item-presets/{id:uuid}", **MANAGE)
def delete_preset(call: Call, id: str) -> None:
    """Remove the preset; lines made from it stay."""
    _quotes(call).delete_preset(id=id, version=call.version)


@routes.get("/quote-templates", query=TemplateQuery, answer=Page, **VIEW)
def list_templates(call: Call) -> Any:
    """A page of templates by name."""
    return _quotes(call).list_templates(**call.query.model_dump())


@routes.post("/quote-templates", body=TemplateFields, answer=Template, status=201, **MANAGE)
def create_template(call: Call) -> Any:
    """Keep a template, written out or as the copy of a quote."""
    sent, id = call.sent, str(call.new_id("template"))
    quote_id = sent.pop("quote_id", None)
    if quote_id is None:
        return _quotes(call).create_template(id=id, fields=sent)
    more = next((name for name in sent if name != "name"), None)
    if more is not None:
        raise Invalid.field(more, "With a quote its content is taken; only the name can be given.")
    return _quotes(call).create_template_from_quote(id=id, quote_id=quote_id, name=sent["name"])


@routes.get("/quote-templates/{id:uuid}", answer=Template, **VIEW)
def get_template(call: Call, id: str) -> Any:
    """One template."""
    return _quotes(call).get_template(id=id)


@routes.patch("/quote-templates/{id:uuid}", body=TemplateChanges, answer=Template, **MANAGE)
def change_template(call: Call, id: str) -> Any:
    """Change only the fields sent; quotes made from the template stay."""
    return _quotes(call).update_template(id=id, version=call.version, changes=call.sent)


@routes.delete("/quote-templates/{id:uuid}", **MANAGE)
def delete_template(call: Call, id: str) -> None:
    """Remove the template; quotes made from it stay."""
    _quotes(call).delete_template(id=id, version=call.version)


@routes.post("/quote-templates/{id:uuid}/use", body=Use, answer=Quote, status=201, **MANAGE)
def use_template(call: Call, id: str) -> Any:
    """A new draft for the customer, with a copy of the template."""
    return _quotes(call).create_quote_from_template(
        id=str(call.new_id("quote")), template_id=id, customer_id=call.body.customer_id
    )
