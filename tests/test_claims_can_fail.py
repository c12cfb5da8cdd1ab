"""Every claim of the notebooks fails under some planted fault; a claim that can't fail doesn't belong in the text."""

import pytest

from tests.notebooks import FAULTS

PLANTED = [(name, fault) for name in FAULTS for fault in FAULTS[name]]


@pytest.mark.parametrize(("name", "fault"), PLANTED)
def test_fault_is_caught(name, fault, planted_claims):
    _, failed, error = planted_claims()[name, fault]
    assert not error
    assert failed


@pytest.mark.parametrize("name", FAULTS)
def test_every_claim_fails_under_some_fault(name, planted_claims):
    held, failed, _ = zip(*(planted_claims()[name, fault] for fault in FAULTS[name]), strict=True)
    assert set.union(*map(set, failed)) >= set.union(*map(set, held))
