"""The installations that scenarios run on."""

import pytest

from tests.support.running import Kontor


@pytest.fixture(params=["embedded", "distributed"])
def kontor(request: pytest.FixtureRequest) -> Kontor:
    """The same scenario in one process, and with every service on its own on real servers."""
    name = "fresh_kontor" if request.param == "embedded" else "distributed_kontor"
    installation: Kontor = request.getfixturevalue(name)
    return installation
