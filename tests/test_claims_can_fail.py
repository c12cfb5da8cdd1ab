"""Every claim of the notebooks fails under some planted fault; a claim that can't fail doesn't belong in the text."""

import nbformat
import pytest

from course_lib import building
from tests.notebook_running import ahead
from tests.notebooks import FAULTS
from tools import claims

PLANTED = [(name, fault) for name in FAULTS for fault in FAULTS[name]]


@pytest.fixture(scope="module")
def outcomes(request):
    """Run every notebook with every fault; the result waits for one: the claims that hold, and those that fail."""
    with ahead(request, "test_fault_is_caught") as start:
        yield start(outcome)


def outcome(name, fault):
    """Return the claims that hold and those that fail when the notebook runs with the fault."""
    nb = building.build(building.source_of(name), name, outputs=None)
    nb.cells.insert(0, nbformat.v4.new_code_cell(FAULTS[name][fault]))
    entries, error = claims.run_seed(nb, name, 0)
    assert not error
    failed = {entry["claim"] for entry in entries if not entry["holds"]}
    return {entry["claim"] for entry in entries} - failed, failed


@pytest.mark.parametrize(("name", "fault"), PLANTED)
def test_fault_is_caught(name, fault, outcomes):
    assert outcomes(name=name, fault=fault)[1]


@pytest.mark.parametrize("name", FAULTS)
def test_every_claim_fails_under_some_fault(name, outcomes):
    held, failed = zip(*(outcomes(name=name, fault=fault) for fault in FAULTS[name]), strict=True)
    assert not set.union(*held) - set.union(*failed)
