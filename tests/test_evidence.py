"""What is stored of each notebook belongs to today's files, holds, and fails where a fault was planted."""

import shutil
from pathlib import Path

import pytest

from course_lib.delivery import building
from course_lib.delivery.building import ROOT
from tests.notebooks import FAULTS
from tools import evidence

MEND = "commit what changed, then run `make prove`: it runs what isn't proved, and only that"
NAMES = building.names()


def faults(name):
    return FAULTS.get(name, {})


@pytest.fixture(scope="module")
def entries():
    """What is stored of each notebook."""
    return {name: evidence.stored(evidence.path_of(name)) for name in NAMES}


# What is stored


@pytest.mark.parametrize("name", NAMES)
def test_what_is_stored_belongs_to_todays_files(name):
    assert evidence.outdated(name, faults(name)) == {}, MEND


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", building.FORMS)
def test_every_claim_holds(name, form, entries):
    claims = entries[name][form]["claims"]
    assert evidence.judged(form, claims) == ""
    assert [entry["claim"] for entry in claims] == [entry["claim"] for entry in entries[name]["blank"]["claims"]]


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_fails_under_some_fault(name, entries):
    """A claim that can't fail doesn't belong in the text."""
    made = {entry["claim"] for entry in entries[name]["blank"]["claims"]} if faults(name) else set()
    planted = [entries[name][evidence.FAULT + label]["claims"] for label in faults(name)]
    assert all(evidence.judged(evidence.FAULT, claims) == "" for claims in planted)
    assert made - {entry["claim"] for claims in planted for entry in claims if not entry["holds"]} == set()


# What makes it outdated


@pytest.fixture
def copy(tmp_path):
    """A copy of what keys are made of."""
    for folder in ("course_lib", "sources", "studies"):
        kinds = ("*.py", "*.json", "*.csv")
        for path in (path for kind in kinds for path in (ROOT / folder).rglob(kind)):
            target = tmp_path / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    shutil.copy2(ROOT / "requirements.txt", tmp_path)
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_fault_in_a_rule_makes_every_notebook_outdated_that_uses_it(copy):
    change(copy / "course_lib/optimizers.py", "return w - lr * grad, state", "return w + lr * grad, state")
    using = [name for name in NAMES if "sgd" in building.source_of(name)]
    assert len(using) >= 5
    for name in using:
        found = evidence.outdated(name, faults(name), copy)
        assert set(found) == {*building.FORMS, "outputs", *(evidence.FAULT + label for label in faults(name))}
        assert all(why == ["course_lib/optimizers.py"] for why in found.values())


def test_a_study_that_was_read_makes_its_notebook_outdated(copy):
    change(copy / "studies/rules.csv", "Adam", "Adan")
    reading = [name for name in NAMES if evidence.outdated(name, faults(name), copy)]
    assert "05_optimizers" in reading and "01_vanishing_gradients" not in reading


def test_prose_makes_nothing_outdated(copy):
    change(copy / "course_lib/optimizers.py", '"""Update rules', '"""Otherwise said: update rules')
    change(copy / "course_lib/training.py", "\nclass Step:", "\n# A remark\nclass Step:")
    assert [name for name in NAMES if evidence.outdated(name, faults(name), copy)] == []


def test_a_lock_and_a_python_of_another_version_make_all_outdated(copy, monkeypatch):
    change(copy / "requirements.txt", "numpy==", "numpy==0")
    assert {why for found in outdated(copy).values() for whys in found.values() for why in whys} == {"requirements.txt"}
    monkeypatch.setattr(evidence, "PYTHON", "3.99")
    assert any("Python, 3." in why for why in outdated(copy)["01_vanishing_gradients"]["blank"])


def outdated(root):
    return {name: evidence.outdated(name, faults(name), root) for name in NAMES}


def test_damaged_and_missing_evidence_is_said(copy):
    path = evidence.path_of("01_vanishing_gradients", copy)
    path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    found = evidence.outdated("01_vanishing_gradients", faults("01_vanishing_gradients"), copy)
    assert found["blank"] == found["solved"] == ["nothing is stored"] and "outputs" not in found


def test_a_job_that_is_gone_is_said(copy):
    found = evidence.outdated("01_vanishing_gradients", {}, copy)
    assert set(found) == {evidence.FAULT + label for label in faults("01_vanishing_gradients")}


@pytest.mark.parametrize(("text", "other", "same"), [
    ('"""A."""\nx = 1\n', '"""B."""\n# c\nx = (1)\n', True),
    ('def f():\n    """A."""\n', 'def f():\n    """B, longer."""\n    # c\n', True),
    ('class A:\n    """A."""\n    x = 1\n', 'class A:\n    x = 1\n', True),
    ("x = 1\n", "x = 2\n", False), ("x = '1'\n", "x = 1\n", False), ("x = 'a'\n", "x = 'b'\n", False)])
def test_files_are_compared_without_comments_and_docstrings(text, other, same, tmp_path):
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text(text), two.write_text(other)
    assert (evidence.fingerprint(one) == evidence.fingerprint(two)) == same
    assert evidence.fingerprint(Path("no such file")) == "gone"


# What a second run is compared with


def entry(evidence="1", holds=True, machine="Xeon, 2 cores; Linux"):
    return {"claims": [{"claim": "so", "holds": holds, "evidence": evidence}], "made": {"machine": machine}}


@pytest.mark.parametrize(("before", "again", "same"), [
    ("0.31 of 1,000", "0.34 of 1,000", True), ("0.31 of 1,000", "0.41 of 1,000", False), ("1,000", "1,200", False),
    ("1e-06", "2e-06", True), ("4e-16 apart", "6e-16 apart", True), ("1e-07", "9e-06", False), ("1e-07", "0.3", False),
    ("all 5", "none 5", False), ("88%", "90%", True), ("+0.1, +3.9", "+0.0, +4.1", True), ("-0.31", "0.31", False),
    ("nan", "0.5", False), ("at 0.5, 0.6", "at 0.5, 0.6", True)])
def test_numbers_near_each_other_agree(before, again, same):
    assert (evidence.disagreements(entry(before), entry(again)["claims"], "Xeon, 8 cores; Linux") == []) == same


def test_other_outcomes_and_other_claims_disagree():
    found = evidence.disagreements(entry(), entry(holds=False)["claims"], "Xeon, 2 cores")
    assert found == ["so: stored holds (1), found fails (1)"]
    for machine in ("Xeon, 2 cores", "EPYC, 2 cores"):
        assert evidence.disagreements(entry(), [], machine) == ["other claims were made"]


def test_numbers_of_another_processor_are_not_compared():
    assert evidence.disagreements(entry("0.5"), entry("0.9", holds=False)["claims"], "EPYC, 2 cores") == []
