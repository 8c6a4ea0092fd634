"""The render process: hard limits, and life after them."""

from pathlib import Path
from tempfile import gettempdir

import pytest

from documents.adapters.render_process import RenderProcess
from documents.rendering.errors import RenderingFailed
from kontor.errors import Refused
from services.documents.tests.samples import invoice, line

CACHE = Path(gettempdir()) / "kontor-test-fonts"


@pytest.fixture
def process():
    process = RenderProcess(CACHE)
    yield process
    process.stop()


def test_a_document_over_the_time_limit_is_stopped_and_the_next_one_is_made(process):
    process.render("invoice", invoice())
    process._time_limit = 0.3
    many = [line(n, f"Position {n}", "1", 1000, 1000) for n in range(1, 1200)]
    with pytest.raises(RenderingFailed, match="took longer"):
        process.render("invoice", invoice(lines=many))
    process._time_limit = 20
    assert process.render("invoice", invoice()).pages >= 1


def test_a_process_that_dies_is_replaced(process):
    process.start()
    assert process._process is not None
    process._process.kill()
    process._process.wait()
    assert process.render("invoice", invoice()).pages >= 1


def test_a_mistake_in_the_snapshot_arrives_with_its_code_and_field(process):
    with pytest.raises(Refused) as caught:
        process.render("invoice", invoice(reference="21"))
    assert caught.value.code == "QRBILL_INVALID"
    assert caught.value.extra["rule"] == "reference_malformed"


def test_a_fault_in_a_document_is_told_and_does_not_end_the_process(process):
    with pytest.raises(RenderingFailed):
        process.render("invoice", invoice(issue_date="no date"))
    assert process.render("invoice", invoice()).pages >= 1
