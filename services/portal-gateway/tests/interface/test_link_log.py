"""What the log may know of a personal link: never its token, whatever goes wrong."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from kontor.links import mint
from portal_gateway.app import AREAS, create_app


@pytest.mark.parametrize(
    "path",
    ["/quotes/respond/{token}", "/api/v1/public/quotes/{token}", "/contracts/sign/{token}"],
)
def test_a_failure_behind_a_link_is_logged_without_its_token(gateway: Any, script: Any, path: str) -> None:
    gateway.app = create_app(gateway.kernel, AREAS)
    script.on("quotes.public_quote", RuntimeError("unforeseen"))
    script.on("contracts.public_contract", RuntimeError("unforeseen"))
    token = mint()[0]
    with capture_logs() as lines:
        answer = gateway.browser().get(path.format(token=token))
    assert answer.status_code == 500
    failed = [line for line in lines if line["event"] == "request failed"]
    assert [line["path"] for line in failed] == [path.format(token="…")]
    assert token not in str([{key: value for key, value in line.items() if key != "exc_info"} for line in lines])
