"""Admin pages without a browser: what comes back for what somebody sends."""

from typing import Any

import pytest

from portal_gateway.app import AREAS, create_app

NO_IDS = ("", "guess", "0190d0a0-0000-7000-8000-00000000000g", "²")


@pytest.fixture
def pages(gateway: Any) -> Any:
    """A signed-in admin in front of every page."""
    gateway.app = create_app(gateway.kernel, AREAS)
    return gateway.signed_in()


@pytest.mark.parametrize("id", NO_IDS)
@pytest.mark.parametrize(
    "path, field",
    [
        ("/admin/clients/accounts/new", "id"),
        ("/admin/clients/contracts/new", "id"),
        ("/admin/clients/contracts/blocks/new", "id"),
        ("/admin/clients/contracts/0190d0a0-0000-7000-8000-000000000001/include", "block_id"),
        ("/admin/clients/bills/0190d0a0-0000-7000-8000-000000000001/payments", "payment_id"),
        ("/admin/settings/bank-accounts/new", "id"),
    ],
)
def test_a_form_whose_id_is_none_is_refused(pages: Any, script: Any, path: str, field: str, id: str) -> None:
    answer = pages.post(path, data={field: id})
    assert answer.status_code == 422
    assert script.calls == [], "no service is asked"


@pytest.mark.parametrize(
    "path", ["/admin/clients/quotes", "/admin/clients/contracts", "/admin/clients/bills", "/admin/clients/quotes/new"]
)
def test_a_filter_for_a_customer_that_is_no_id_is_refused(pages: Any, path: str) -> None:
    assert pages.get(f"{path}?customer_id=guess").status_code == 422


def test_a_page_of_an_id_that_is_none_is_not_found(pages: Any) -> None:
    for path in ("/admin/settings/bank-accounts/guess", "/admin/clients/accounts/guess", "/admin/clients/bills/guess"):
        assert pages.get(path).status_code == 404, path
