"""The quotes service in a studio's hands."""

from collections.abc import Callable, Iterator

import pytest

from services.quotes.tests.studio import ALL_ON, NOW, PROFILE, Studio
from tests.support.harness import ServiceHarness


@pytest.fixture(scope="module")
def module_studio(module_harness: Callable[..., ServiceHarness]) -> Studio:
    return Studio(module_harness("quotes"))


@pytest.fixture
def studio(module_studio: Studio) -> Iterator[Studio]:
    """The module's studio, with settings and clock put back after the test."""
    yield module_studio
    module_studio.harness.clock.set(NOW)
    module_studio.features(ALL_ON)
    module_studio.settings("business_profile", PROFILE)
    module_studio.settings("quotes", {})
    module_studio.customer(module_studio.customer_id)
