"""Invoices: list, record, editor, issue and send, payments."""

from datetime import date
from typing import Any

from kontor.errors import Refusal
from kontor.ids import uuid7
from portal_gateway.admin import editor, figures, records
from portal_gateway.admin import form as forms
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request, Response, Routes

routes = Routes("admin")

SEE: Any = {"permission": "bills.view", "feature": "bills"}
DO: Any = {"permission": "bills.manage", "feature": "bills"}
PATH = "/admin/clients/bills"

KIND = editor.Kind(
    name="invoice",
    noun=_("Invoice"),
    heading=_("New invoice"),
    list_label=_("Invoices"),
    service="invoicing",
    list_route="admin.invoices",
    section="invoices",
    sends=False,
    get=lambda services, id: services.invoicing.get_invoice(id=id),
    create=lambda services, id, fields: services.invoicing.create_invoice(id=id, fields=fields),
    update=lambda services, id, version, changes: services.invoicing.update_invoice(
        id=id, version=version, changes=changes
    ),
)


@routes.get(f"{PATH}/new", name="admin.invoice.new", **DO)
def invoice_new(request: Request) -> Response:
    id = str(uuid7())
    return editor.page(request, KIND, id, forms.blank(request, KIND, id))


@routes.post(f"{PATH}/price", name="admin.invoice.price", **DO)
def invoice_price(request: Request) -> Response:
    return editor.price(request, KIND)


@routes.get(f"{PATH}/{{id:uuid}}", name="admin.invoice", **SEE)
def invoice(request: Request, id: str) -> Response:
    record = request.services.invoicing.get_invoice(id=id)
    customer = record["customer"]
    return request.render(
        "admin/records/invoice.html",
        record=record,
        list_href=request.url("admin.invoices"),
        list_label=say(request, _("Invoices")),
        payment_words=records.payment_words(request, record["payment"]),
        due_words=_due_words(request, record),
        recipient=customer.get("billing_email") or customer["email"],
        mail_problem=_mail_problem(request, record),
        payment_id=str(uuid7()),
        payable=not {"pay", "record_payment"}.isdisjoint(record["allowed"]),
        owed=bool(record["number"]) and record["open_minor"] > 0,
        paid_on=_paid_on(record),
        open_plain=figures.show_money(max(record["open_minor"], 0), record["currency"], request.locale),
        today=request.today().isoformat(),
        **records.deal_of(request, record),
        **records.pdf_of(
            request,
            record["document_id"],
            say(request, _("PDF, final")) if record["number"] else "PDF",
            say(request, _("The PDF is being made."))
            if record["number"]
            else say(request, _("The PDF is made when the invoice is issued.")),
        ),
    )


def _paid_on(record: dict[str, Any]) -> str:
    """The day of the last payment of an invoice that is paid."""
    return max((payment["date"] for payment in record["payments"]), default="") if record["state"] == "paid" else ""


def _due_words(request: Request, record: dict[str, Any]) -> str:
    if not record["due_date"] or not record["number"] or record["open_minor"] <= 0:
        return ""
    days = (date.fromisoformat(record["due_date"]) - request.today()).days
    if days == 0:
        return say(request, _("today"))
    if days > 0:
        return say(request, _("in %(days)s d"), days=days)
    return say(request, _("%(days)s d late"), days=-days)


def _mail_problem(request: Request, record: dict[str, Any]) -> dict[str, str] | None:
    if not record["number"] or not request.may("operations.manage"):
        return None
    page, away = request.unavailable(lambda: request.services.documents.list_mails(record_id=record["id"]))
    failed = [] if away else [mail for mail in page["items"] if mail["state"] == "failed"]
    return {"id": failed[0]["id"], "reason": failed[0].get("last_error") or ""} if failed else None


@routes.get(f"{PATH}/{{id:uuid}}/edit", name="admin.invoice.edit", **DO)
def invoice_edit(request: Request, id: str) -> Response:
    record = request.services.invoicing.get_invoice(id=id)
    if "update" not in record["allowed"]:
        request.flash(say(request, _("This invoice has been issued. It cannot be changed.")), "info")
        return request.redirect("admin.invoice", id=id)
    return editor.page(request, KIND, id, forms.of_record(request, record))


@routes.post(f"{PATH}/{{id:uuid}}/save", name="admin.invoice.save", **DO)
def invoice_save(request: Request, id: str) -> Response:
    return editor.save(request, KIND, id)


@routes.get(f"{PATH}/{{id:uuid}}/preview", name="admin.invoice.preview", **DO)
def invoice_preview(request: Request, id: str) -> Response:
    return editor.preview(request, KIND, id)


@routes.get(f"{PATH}/{{id:uuid}}/preview.pdf", name="admin.invoice.preview_pdf", **DO)
def invoice_preview_pdf(request: Request, id: str) -> Response:
    return editor.preview_pdf(request, KIND, id)


@routes.post(f"{PATH}/{{id:uuid}}/send", name="admin.invoice.send", **DO)
def invoice_send(request: Request, id: str) -> Response:
    try:
        record = request.services.invoicing.send_invoice(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.invoice", id=id)
    request.flash(say(request, _("Invoice %(number)s is issued and on its way."), number=record["number"]))
    return request.redirect("admin.invoice", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/payments", name="admin.invoice.pay", **DO)
def invoice_pay(request: Request, id: str) -> Response:
    form = request.form()
    payment_id = str(form.uuid("payment_id"))
    record = request.services.invoicing.get_invoice(id=id)
    try:
        amount = figures.read_money(form.get("amount", ""), record["currency"], request.locale, "amount_minor")
        request.services.invoicing.record_payment(
            id=id,
            payment_id=payment_id,
            amount_minor=amount,
            date=form.get("date") or None,
            method=form.get("method") or None,
            reference=form.get("reference") or None,
            note=form.get("note") or None,
        )
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.invoice", id=id)
    request.flash(say(request, _("Payment recorded.")))
    return request.redirect("admin.invoice", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/delete", name="admin.invoice.delete", **DO)
def invoice_delete(request: Request, id: str) -> Response:
    try:
        request.services.invoicing.delete_invoice(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.invoice", id=id)
    request.flash(say(request, _("Draft deleted.")))
    return request.redirect("admin.invoices")
