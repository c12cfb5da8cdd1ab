"""Every claim of the notebooks fails under some planted fault; a claim that can't fail doesn't belong in the text."""

import pytest

from tests.notebooks import FAULTS

PLANTED = [(name, fault) for name in FAULTS for fault in FAULTS[name]]


@pytest.mark.parametrize(("name", "fault"), PLANTED)
def test_fault_is_caught(name, fault, fault_outcomes):
    run = fault_outcomes()[name, fault]
    assert not run["error"]
    assert run["failed"]


@pytest.mark.parametrize("name", FAULTS)
def test_every_claim_fails_under_some_fault(name, fault_outcomes):
    held, failed = ({claim for fault in FAULTS[name] for claim in fault_outcomes()[name, fault][which]}
                    for which in ("held", "failed"))  # fmt: skip
    assert not held - failed
