"""A quote is converted while the services it is converted to are down."""

from typing import Any

import pytest

from kontor_launcher.story.deal import Deal, set_up_studio
from tests.support.ports import eventually
from tests.support.running import DistributedKontor
from tests.support.together import refused, simultaneously


@pytest.mark.timeout(600)
def test_a_conversion_completes_when_contracts_and_invoicing_return(distributed_kontor: DistributedKontor) -> None:
    kontor = distributed_kontor
    admins = [kontor.signed_in(patience=60) for _ in range(2)]
    set_up_studio(admins[0])
    deal = Deal(admins[0], kontor.mails, email="umwandlung@bergwerk.example", timeout=90)
    deal.create_customer()
    deal.create_quote()
    deal.accept(deal.send_quote())
    away = [*kontor.processes["contracts"], *kontor.processes["invoicing"]]
    for process in away:
        process.kill()

    path = f"quotes/{deal.quote['id']}"
    body = {"booking": False, "contract": True, "invoice": True}
    answers = simultaneously(*[lambda api=api: api.post(f"{path}/convert", body) for api in admins])
    assert refused(answers) == [(409, "INVALID_TRANSITION")]

    def conversion() -> dict[str, Any]:
        quote = admins[1].get(path)
        assert quote["state"] == "converted"
        return dict(quote["conversion"])

    meanwhile = conversion()
    kinds = [(target["kind"], target["state"]) for target in meanwhile["targets"]]
    assert kinds == [("contract", "being_prepared"), ("invoice", "being_prepared"), ("invoice", "being_prepared")]
    assert (meanwhile["complete"], meanwhile["contract_id"], meanwhile["invoice_ids"]) == (False, None, None)

    for process in kontor.processes["invoicing"]:
        process.start()
    eventually(lambda: conversion()["invoice_ids"], timeout=90, what="the invoices are there")
    halfway = {(target["kind"], target["state"]) for target in conversion()["targets"]}
    assert halfway == {("contract", "being_prepared"), ("invoice", "there")}

    for process in kontor.processes["contracts"]:
        process.start()
    eventually(lambda: conversion()["complete"], timeout=90, what="the conversion is complete")
    done = conversion()
    records = deal.api.get(f"deals/{deal.quote['deal_uuid']}")["records"]
    assert sorted(record["kind"] for record in records) == ["contract", "invoice", "invoice", "quote"]
    assert admins[0].get(f"contracts/{done['contract_id']}")["state"] == "draft"
    invoices = [admins[0].get(f"invoices/{id}") for id in done["invoice_ids"]]
    assert sum(invoice["total_minor"] for invoice in invoices) == deal.quote["total_minor"]
    for api in admins:
        api.close()
