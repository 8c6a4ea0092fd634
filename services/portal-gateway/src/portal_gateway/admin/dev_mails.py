"""Developer tools: the words of every mail, with preview, sample and the way back to how they came."""

import re
from typing import Any

from kontor.errors import FieldError, Refusal, StaleVersion
from kontor.ids import uuid7
from portal_gateway.admin import records
from portal_gateway.admin.words import _, say, told
from portal_gateway.web import Request, Response, Routes, problem_of
from portal_gateway.web.security import CSP

routes = Routes("admin")

PATH = "/admin/clients/dev"
MANAGE: Any = {"permission": "settings.manage", "feature": "crmDevelopment"}

#: name -> (title, when it is sent, who gets it)
TEMPLATES = {
    "quote_sent": (_("Quote"), _("To the customer when a quote is sent.")),
    "quote_expiring": (_("Quote about to expire"), _("To the customer some days before a quote ends unanswered.")),
    "quote_code": (_("Code for a quote"), _("To the customer who opens a quote that is protected by a code.")),
    "quote_accepted_customer": (_("Quote accepted"), _("To the customer as confirmation.")),
    "quote_accepted_admin": (_("Quote accepted, to you"), _("To you when a customer accepts.")),
    "quote_declined_admin": (_("Quote declined, to you"), _("To you when a customer declines.")),
    "contract_sent": (_("Contract"), _("To each signer when it is their turn.")),
    "contract_signature_reminder": (_("Contract, reminder"), _("To a signer who has not signed yet.")),
    "contract_fully_signed": (_("Contract fully signed"), _("To everybody, with the final document.")),
    "invoice_sent": (_("Invoice"), _("To the customer when an invoice is issued.")),
    "customer_invitation": (_("Invitation to the portal"), _("To a customer you invite.")),
    "customer_password_reset": (_("New portal password"), _("To a customer who has forgotten the password.")),
    "customer_sign_in_link": (_("Portal sign-in link"), _("To a customer who signs in without password.")),
}
_LANGUAGES = (("de", _("German")), ("en", _("English")))
_FIELDS = ("subject", "body", "button")

#: Sentences of the documents service that name something; the rest stands in the catalogue as it is.
_NAMING = (
    (
        re.compile(r"The placeholder \{(?P<name>.*)\} is not known here\."),
        _("The placeholder {%(name)s} is not known here."),
    ),
    (
        re.compile(r"The placeholder \{(?P<name>.*)\} must stay in the text\."),
        _("The placeholder {%(name)s} must stay in the text."),
    ),
    (
        re.compile(r"At most (?P<count>\d+) characters are possible here\."),
        _("At most %(count)s characters are possible here."),
    ),
)


def showing_mail(response: Response) -> Response:
    """Let the page's sandboxed frame show a mail's own style attributes; scripts and sources stay as strict."""
    policy = CSP.format(ancestors=response.frame_ancestors)
    response.headers["Content-Security-Policy"] = f"{policy}; style-src-attr 'unsafe-inline'"
    return response


@routes.get(PATH, name="admin.dev", **MANAGE)
def tools(request: Request) -> Response:
    return request.redirect("admin.dev.mails")


@routes.get(f"{PATH}/mails", name="admin.dev.mails", **MANAGE)
def mail_templates(request: Request) -> Response:
    found, away = request.unavailable(lambda: request.services.documents.list_mail_templates())
    rows: dict[str, dict[str, Any]] = {}
    for item in (found or {"items": []})["items"]:
        name, language = item["name"], item["language"]
        row = rows.setdefault(name, {**_titles(request, name), "languages": []})
        href = request.url("admin.dev.mail", template=name, language=language)
        label = say(request, dict(_LANGUAGES).get(language, language))
        row["languages"].append({"label": label, "href": href, "lang": language, **item})
    return request.render("admin/dev/mails.html", templates=list(rows.values()), unavailable=away)


@routes.get(f"{PATH}/mails/{{template}}/{{language}}", name="admin.dev.mail", **MANAGE)
def mail_template(request: Request, template: str, language: str) -> Response:
    saved = _saved(request, template, language)
    return _editor(request, saved, form=saved)


@routes.post(f"{PATH}/mails/{{template}}/{{language}}", name="admin.dev.mail.save", **MANAGE)
def mail_template_save(request: Request, template: str, language: str) -> Response:
    typed = _typed(request)
    try:
        request.services.documents.change_mail_template(
            name=template, language=language, changes=typed, version=records.version_of(request)
        )
    except Refusal as refusal:
        saved = _saved(request, template, language)
        stale = saved if refusal.code == StaleVersion.code else None
        return _editor(request, saved, form={**saved, **typed}, refusal=refusal, stale=stale)
    request.flash(say(request, _("Mail template saved. Mails from now on are written with it.")))
    return request.redirect("admin.dev.mail", template=template, language=language)


@routes.post(f"{PATH}/mails/{{template}}/{{language}}/preview", name="admin.dev.mail.preview", **MANAGE)
def mail_template_preview(request: Request, template: str, language: str) -> Response:
    """The preview of what is typed: the part of the page for scripts, else the whole page, nothing saved."""
    typed = _typed(request)
    if request.htmx:
        preview, refusal = _preview(request, template, language, typed)
        problem = _problem(request, refusal) if refusal else None
        return request.render("admin/dev/mail.html", block="preview", preview=preview, preview_problem=problem)
    saved = _saved(request, template, language)
    return _editor(request, saved, form={**saved, **typed, "version": records.version_of(request)})


@routes.post(f"{PATH}/mails/{{template}}/{{language}}/reset", name="admin.dev.mail.reset", **MANAGE)
def mail_template_reset(request: Request, template: str, language: str) -> Response:
    try:
        request.services.documents.reset_mail_template(name=template, language=language)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.dev.mail", template=template, language=language)
    request.flash(say(request, _("The template reads as delivered again.")))
    return request.redirect("admin.dev.mail", template=template, language=language)


@routes.post(f"{PATH}/mails/{{template}}/{{language}}/sample", name="admin.dev.mail.sample", **MANAGE)
def mail_template_sample(request: Request, template: str, language: str) -> Response:
    form = request.form()
    id = str(form.uuid("id"))
    to = form.get("to", "").strip()
    try:
        request.services.documents.send_sample_mail(id=id, name=template, language=language, to=to)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.dev.mail", template=template, language=language)
    request.flash(say(request, _("The sample is on its way to %(to)s."), to=to))
    return request.redirect("admin.dev.mail", template=template, language=language)


def _saved(request: Request, name: str, language: str) -> dict[str, Any]:
    saved: dict[str, Any] = request.services.documents.get_mail_template(name=name, language=language)
    return saved


def _typed(request: Request) -> dict[str, str]:
    form = request.form()
    return {field: form.get(field, "") for field in _FIELDS if field in form}


def _preview(
    request: Request, name: str, language: str, typed: dict[str, Any]
) -> tuple[dict[str, Any] | None, Refusal | None]:
    try:
        return request.services.documents.preview_mail(name=name, language=language, **typed), None
    except Refusal as refusal:
        if problem_of(refusal).status >= 500:
            raise
        return None, refusal


def _editor(
    request: Request,
    saved: dict[str, Any],
    *,
    form: dict[str, Any],
    refusal: Refusal | None = None,
    stale: dict[str, Any] | None = None,
) -> Response:
    name, language = saved["name"], saved["language"]
    words = {field: form[field] for field in _FIELDS if form.get(field) is not None}
    preview, wrong = _preview(request, name, language, words)
    problem = _problem(request, refusal) if refusal else None
    response = request.render(
        "admin/dev/mail.html",
        status=problem.status if problem else 200,
        **_titles(request, name),
        form=form,
        saved=saved,
        stale=stale,
        problem=problem,
        preview=preview,
        preview_problem=_problem(request, wrong) if wrong else None,
        placeholders=[
            {"name": item["name"], "meaning": told(request, item["meaning"])} for item in saved["placeholders"]
        ],
        tabs=[
            {
                "label": say(request, label),
                "href": request.url("admin.dev.mail", template=name, language=key),
                "current": key == language,
            }
            for key, label in _LANGUAGES
        ],
        own_address=request.admin.email if request.admin else "",
        sample_id=str(uuid7()),
    )
    return showing_mail(response)


def _titles(request: Request, name: str) -> dict[str, str]:
    title, purpose = TEMPLATES.get(name, (name, ""))
    return {"title": say(request, title), "purpose": say(request, purpose) if purpose else ""}


def _problem(request: Request, refusal: Refusal) -> Any:
    """The refusal with its sentences in the viewer's language."""
    errors = [FieldError(error.field, _in_words(request, error.message)) for error in refusal.errors]
    worded = Refusal(_in_words(request, refusal.detail), errors=errors)
    worded.code = refusal.code
    return problem_of(worded)


def _in_words(request: Request, sentence: str) -> str:
    for pattern, message in _NAMING:
        found = pattern.fullmatch(sentence)
        if found:
            return say(request, message, **found.groupdict())
    return told(request, sentence)
