"""Invoicing beside the real documents service: the slip is checked, the invoice rendered, stored and mailed."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from kontor.errors import Refused


@pytest.fixture(scope="module")
def pair(make_studio: Callable[..., Any]) -> Any:
    return make_studio(services=("documents",), fakes={})


def await_state(studio: Any, id: str, state: str, seconds: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while (found := studio.get(id))["state"] != state:
        assert time.monotonic() < deadline, f"{found['state']}: {found['problem']}"
        time.sleep(0.1)
    return found


def test_an_issued_invoice_comes_back_stored_and_mailed(pair: Any) -> None:
    sent = await_state(pair, pair.issued()["id"], "sent")
    assert sent["problem"] is None
    content = pair.harness.rpc_of("documents").get_content(id=sent["document_id"])
    assert content["sha256"] == sent["document_sha256"]
    assert len(list((pair.harness.data / "mail").glob("*.eml"))) == 1


def test_a_name_that_does_not_fit_the_slip_blocks_the_issue(pair: Any) -> None:
    one = pair.draft(customer_id=pair.customer(display_name="", company="Müller " * 12))
    with pytest.raises(Refused) as answer:
        pair.rpc.send_invoice(id=one["id"])
    assert (answer.value.code, answer.value.errors[0].field) == ("QRBILL_INVALID", "payment_slip.debtor.name")
    assert answer.value.extra == {"rules": ["too_long"]}
    assert pair.get(one["id"])["state"] == "draft"
