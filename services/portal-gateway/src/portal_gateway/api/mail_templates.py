"""Mail templates: the words of every mail, edited, reset, tried out."""

from typing import Annotated, Any

from pydantic import StringConstraints

from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Answer, Page, Versioned
from portal_gateway.business import values as v

routes = Api(tag="Settings")

MANAGE: Any = {"permission": "settings.manage", "feature": "crmDevelopment", "answer": Answer}
Body = Annotated[str, StringConstraints(max_length=10_000)]
Line = Annotated[str, StringConstraints(max_length=200)]


class MailWords(v.Strict):
    """What is not sent is as saved."""

    subject: Line | None = None
    body: Body | None = None
    button: Line | None = None


class MailTemplateChanges(MailWords, Versioned):
    """Plain text with ``{placeholder}``; null: as delivered."""


class Sample(v.Strict):
    """Without ``to`` it goes to your own address."""

    to: v.Email | None = None


@routes.get("/mail-templates", **{**MANAGE, "answer": Page})
def list_mail_templates(call: Call) -> Any:
    """Every template in German and English, in the order of a deal."""
    found = call.request.services.documents.list_mail_templates()
    return {"items": found["items"], "next_cursor": None, "counts": {}}


_ONE = "/mail-templates/{name}/{language}"


@routes.get(_ONE, **MANAGE)
def get_mail_template(call: Call, name: str, language: str) -> Any:
    """Subject, text and button as they are sent now, and the placeholders they may use."""
    return call.request.services.documents.get_mail_template(name=name, language=language)


@routes.patch(_ONE, body=MailTemplateChanges, **MANAGE)
def change_mail_template(call: Call, name: str, language: str) -> Any:
    """Change the words; mails queued from now on are written with them."""
    return call.request.services.documents.change_mail_template(
        name=name, language=language, changes=call.sent, version=call.version
    )


@routes.delete(_ONE, **MANAGE)
def reset_mail_template(call: Call, name: str, language: str) -> Any:
    """Back to the words as delivered."""
    return call.request.services.documents.reset_mail_template(name=name, language=language)


@routes.post(_ONE + "/preview", body=MailWords, **MANAGE)
def preview_mail_template(call: Call, name: str, language: str) -> Any:
    """Subject, plain text and HTML with the facts of an invented deal; nothing is saved."""
    return call.request.services.documents.preview_mail(name=name, language=language, **call.sent)


@routes.post(_ONE + "/send-sample", body=Sample, **MANAGE)
def send_sample_mail(call: Call, name: str, language: str) -> Any:
    """Mail the template with the facts of an invented deal; answers the queued mail."""
    to = call.body.to or (call.request.admin.email if call.request.admin else "")
    return call.request.services.documents.send_sample_mail(
        id=str(call.new_id("sample mail")), name=name, language=language, to=to
    )
