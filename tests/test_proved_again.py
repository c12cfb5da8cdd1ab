"""A part of what was proved comes out again: what changed last and what the commit's hash draws, or all of it.

It comes last and has the machine for itself: it runs three jobs at a time.
"""

import math
import os

import pytest

from tests.notebooks import FAULTS
from tools import again, evidence

EVERYTHING = os.environ.get("COURSE_TRUST") == "nothing"  # make test-all


def test_what_is_proved_comes_out_again(capsys):
    def say(words):
        with capsys.disabled():
            print(f"\n{words}", end="", flush=True)

    if EVERYTHING:
        found = again.run_within(again.everything(FAULTS), math.inf, FAULTS, say)
        assert claims_that_never_fail(found) == set()
    else:
        changed, drawn = again.order()
        say(f"{len(changed)} jobs changed with the last evidence, {len(drawn)} others\n")
        found = again.run_within(changed, again.CHANGED, FAULTS, say)
        found |= again.run_within(drawn, again.DRAWN, FAULTS, say)
    assert found, "nothing was run: how is that?"
    assert {str(job): words for job, (_, words) in found.items() if words} == {}


def claims_that_never_fail(found):
    """Return the claims of notebooks with planted faults that hold under each of them."""
    made = {(job.name, entry["claim"]): False for job in found if job.name in FAULTS for entry in found[job].claims}
    for job in found:
        if job.label.startswith(evidence.FAULT):
            made |= {(job.name, entry["claim"]): True for entry in found[job].claims if not entry["holds"]}
    return {claim for claim, failed in made.items() if not failed}


# How the jobs are chosen


def test_everything_is_what_is_proved():
    """What `make test-all` runs: no job of which there is evidence is forgotten, and none of which there is none."""
    assert sorted(map(str, again.everything(FAULTS))) == sorted(map(str, again.proved()))


def job(name, seconds=10):
    return again.Job(name, "solved", seconds)


def test_jobs_are_handed_out_while_they_fit_and_one_to_each_lane_in_any_case(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(again.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(again, "LANES", 2)
    within = again.Within([job("a", 500), job("b", 50), job("c", 30), job("d", 20), job("e", 1)], 60)
    assert [within.next().name, within.next().name] == ["a", "b"]
    clock[0] = 35
    assert within.next().name == "d"
    clock[0] = 60
    assert within.next() is None


def test_what_is_wrong_is_told_of_its_job(monkeypatch):
    monkeypatch.setattr(again, "run", lambda job, faults: again.Found([], ["other numbers"] * (job.name == "b")))
    found = again.run_within([job("a"), job("b"), job("c")], 60, {}, lambda words: None)
    assert {job.name: words for job, (_, words) in found.items()} == {"a": [], "b": ["other numbers"], "c": []}


def test_claims_that_never_fail_are_found():
    name, (fault, *_) = next(iter(FAULTS)), FAULTS[next(iter(FAULTS))]
    solved, planted = (again.Job(name, label, 1) for label in ("solved", evidence.FAULT + fault))
    found = {solved: again.Found([{"claim": "a", "holds": True}, {"claim": "b", "holds": True}], []),
             planted: again.Found([{"claim": "a", "holds": False}, {"claim": "b", "holds": True}], [])}
    assert claims_that_never_fail(found) == {(name, "b")}


def test_a_forged_number_is_found(monkeypatch):
    """The start notebook's solved form is really run, and its evidence says something else."""
    path = evidence.path_of("00_start_here")
    forged = evidence.stored(path)
    claims = forged["solved"]["claims"]
    claims[-1] = claims[-1] | {"evidence": "forged: " + claims[-1]["evidence"]}
    monkeypatch.setattr(evidence, "stored", lambda path: forged)
    assert "stored holds (forged: " in again.run(again.Job("00_start_here", "solved", 10), FAULTS).wrong[0]


@pytest.fixture
def history(tmp_path):
    """A repository with three commits: evidence of two notebooks, that of one renewed, and a remark."""
    source = tmp_path / "sources"
    source.mkdir(parents=True)

    def commit(message):
        evidence.git("add", "-A", root=tmp_path)
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        assert evidence.git(*who, "commit", "-qm", message, root=tmp_path) is not None

    def write(name, key):
        (source / f"{name}.py").write_text("")
        entry = {"key": key, "seconds": 1, "claims": []}
        evidence.store(evidence.path_of(name, tmp_path), {"blank": entry, "solved": entry, "fault: x": entry})

    assert evidence.git("init", "-q", root=tmp_path) is not None
    write("01_one", 1), write("02_two", 1), commit("evidence")
    write("02_two", 2), commit("renewed")
    (tmp_path / "README.md").write_text("words"), commit("a remark")
    return tmp_path


def test_what_changed_with_the_last_evidence_comes_first(history, monkeypatch):
    monkeypatch.delenv("COURSE_BASE", raising=False)
    changed, others = again.order(history)
    assert sorted(map(str, changed)) == ["02_two, fault: x", "02_two, solved"]
    assert sorted(map(str, others)) == ["01_one, fault: x", "01_one, solved"]
    assert again.order(history) == (changed, others)
    monkeypatch.setenv("COURSE_BASE", "HEAD")
    assert again.order(history)[0] == []


def test_every_commit_draws_another_order(history):
    """For a hundred hashes each of two jobs is the first for at least thirty."""
    firsts = [again.random.Random(str(i)).sample(["a", "b"], 2)[0] for i in range(100)]
    assert 30 <= firsts.count("a") <= 70
    before = again.order(history)
    orders = []
    for i in range(8):
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        evidence.git(*who, "commit", "-q", "--allow-empty", "-m", str(i), root=history)
        orders.append(again.order(history))
    assert any(order != before for order in orders)
