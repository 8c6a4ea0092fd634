"""Customers."""

from typing import Any

from portal_gateway.accounts import (
    customer_csv,
    customer_fields,
    customer_import,
    customer_list,
    customers,
    invitations,
)
from portal_gateway.api.customer_models import CustomerExport, CustomerImport, CustomerImportAnswer
from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import CustomerQuery, Entity, Items, Page, Versioned
from portal_gateway.business import values as v
from portal_gateway.web.response import Response, file_response

routes = Api(tag="Customers")


class CustomerChanges(customer_fields.CustomerFields, Versioned):
    email: v.Email = ""


@routes.get("/customers", permission="customers.view", feature="clients", query=CustomerQuery, answer=Page)
def list_customers(call: Call) -> Any:
    """Search customers."""
    with call.request.tx() as tx:
        return customer_list.search(tx, **call.query.model_dump())


@routes.get("/customers/tags", permission="customers.view", feature="clients", answer=Items)
def list_tags(call: Call) -> Any:
    """Every tag in use, with its number of customers."""
    with call.request.tx() as tx:
        return {"items": customer_fields.known_tags(tx)}


@routes.get("/customers.csv", permission="customers.view", feature="clients", query=CustomerExport, produces="text/csv")
def export_customers(call: Call) -> Response:
    """All customers that fit, as a file for spreadsheets; the import reads it back."""
    filters = call.query.model_dump()
    language = filters.pop("language")
    with call.request.tx() as tx:
        content = customer_csv.written(customer_list.every_one(tx, **filters), language)
    return file_response(content, "customers.csv", "text/csv; charset=utf-8", inline=False)


@routes.post(
    "/customers/import",
    permission="customers.create",
    feature="clients",
    body=CustomerImport,
    answer=CustomerImportAnswer,
    max_body=8 * 1024 * 1024,
)
def import_customers(call: Call) -> Any:
    """Bring customers in from CSV; without `"dry_run": false` only tells what would happen to each row."""
    return customer_import.run(
        call.request,
        call.body.content(),
        delimiter=call.body.delimiter,
        mapping=call.body.mapping,
        dry_run=call.body.dry_run,
    )


@routes.post(
    "/customers",
    permission="customers.create",
    feature="clients",
    body=customer_fields.CustomerFields,
    answer=Entity,
    status=201,
)
def create_customer(call: Call) -> Any:
    """Add a customer; what is not sent comes from the customer defaults."""
    with call.request.tx() as tx:
        return customers.create(tx, call.new_id("customer"), call.sent)


@routes.get("/customers/{id:uuid}", permission="customers.view", feature="clients", answer=Entity)
def get_customer(call: Call, id: str) -> Any:
    """One customer."""
    with call.request.tx() as tx:
        return customers.find(tx, id)


@routes.patch(
    "/customers/{id:uuid}", permission="customers.create", feature="clients", body=CustomerChanges, answer=Entity
)
def change_customer(call: Call, id: str) -> Any:
    """Change a customer; only the fields sent change."""
    with call.request.tx() as tx:
        return customers.change(tx, id, call.version, call.sent)


@routes.delete("/customers/{id:uuid}", permission="customers.delete", feature="clients")
def delete_customer(call: Call, id: str) -> None:
    """Remove a customer without documents; others can only be deactivated."""
    with call.request.tx() as tx:
        customers.delete(tx, id, call.version)


@routes.post("/customers/{id:uuid}/invite", permission="customers.create", feature="clients", answer=Entity)
def invite_customer(call: Call, id: str) -> Any:
    """Mail an invitation to the portal: one link, seven days."""
    with call.request.tx() as tx:
        return invitations.invite(tx, id, call.request.kernel.sealer)


@routes.post(
    "/customers/{id:uuid}/withdraw-invitation", permission="customers.create", feature="clients", answer=Entity
)
def withdraw_invitation(call: Call, id: str) -> Any:
    """End the open invitation: its link is over at once."""
    with call.request.tx() as tx:
        return invitations.withdraw(tx, id)


@routes.post("/customers/{id:uuid}/deactivate", permission="customers.delete", feature="clients", answer=Entity)
def deactivate_customer(call: Call, id: str) -> Any:
    """Nothing new for this customer, and no access to the portal from the next request on."""
    with call.request.tx() as tx:
        return customers.deactivate(tx, id)


@routes.post("/customers/{id:uuid}/reactivate", permission="customers.delete", feature="clients", answer=Entity)
def reactivate_customer(call: Call, id: str) -> Any:
    """Undo a deactivation."""
    with call.request.tx() as tx:
        return customers.reactivate(tx, id)
