"""Judging what answers sent, without a sandbox: messages that nobody sends, results of any size, limits of time."""

import threading
import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from course_lib.exercises.core import exercises
from course_lib.exercises.judge.interrupting import OutOfTime
from course_lib.grading.engine import claims as reading
from course_lib.grading.engine import judging, sandbox, timing, wire
from course_lib.grading.engine.claims import Forged, claims
from tests.grading.counting import Looks, steps
from tests.grading.papers import NOTEBOOK

LOGISTIC = exercises(NOTEBOOK)["logistic"]
BEGIN = [("forbidden", "logistic", []), ("cell", 0), ("ready",)]
ONE = ("result", [np.zeros(1)])


def outcome(*messages, **more):
    return sandbox.Outcome(list(messages), [0.0] * len(messages), **more)


def said(*messages, cases=1, cells=3, **more):
    return claims(outcome(*messages, **more), LOGISTIC, cases, cells)


def judged(*messages, **more):
    task = judging.task(NOTEBOOK, "logistic", 7)
    return judging.judge(task, outcome(*messages, **more), ["x"], 0, lambda cases: outcome(end="died"))


def test_what_our_code_sends_is_read():
    found = said(("forbidden", "logistic", ["expit", "unknown"]), ("cell", 0), ("cell", 2), ("ready",),
                 ("reference", "a:b"), ONE, ("raised", "ValueError", 3, "why"), ("unusable", "text"), ("altered",),
                 ("stopped", "NotImplementedError", 4, "to do"), cases=5)
    assert (found.line, found.said, found.cell) == (4, "It calls a:b.", 2)
    run = found.run
    assert (run.forbidden, run.called, run.stopped) == (("expit",), True, "NotImplementedError")
    assert run.altered == [False, False, False, True] and len(run.got) == 4
    assert run.got[1].trace == "line 3: why" and run.got[1].inside and run.got[2] == "text"


def test_an_answer_that_was_ended_has_fewer_results():
    assert said(*BEGIN, end="time").run.end == "time"
    with pytest.raises(Forged, match="0 results for 1 cases"):
        said(*BEGIN)


BAD = {
    "a line that isn't finite": ("raised", "ValueError", float("inf"), "x"),
    "a line that is no number": ("raised", "ValueError", float("nan"), "x"),
    "a line beyond all": ("raised", "ValueError", 10**9, "x"),
    "a negative line": ("raised", "ValueError", -1, "x"),
    "a true line": ("raised", "ValueError", True, "x"),
    "a long text": ("unusable", "x" * 601),
    "no text": ("unusable", None),
    "a word too many": ("altered", 1),
    "a word too few": ("raised", "ValueError", 1),
    "an unknown word": ("passed",),
    "no word": (1,),
    "nothing": (),
    "no tuple": ["altered"],
    "text for an array": ("result", ["0.5"]),
    "a number for an array": ("result", [0.5]),
    "an array for a list": ("result", np.zeros(3)),
    "a list in a list": ("result", [[np.zeros(3)]]),
    "a ragged list": ("result", [["x" * 100, ""]]),
    "parts without end": ("result", [np.zeros(1)] * 1001),
    "what comes before": ("forbidden", "logistic", []),
    "a cell too late": ("cell", 1),
    "ready again": ("ready",),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_nobody_sends_is_forged(bad):
    with pytest.raises(Forged):
        said(*BEGIN, BAD[bad], cases=2, end="time")
    found = judged(*BEGIN, BAD[bad])
    assert (found.status, found.score) == ("tampered", 0)


@pytest.mark.parametrize("messages", [
    [("ready",), ("cell", 0)], [("cell", 1), ("cell", 0)], [("cell", 1), ("cell", 1)], [("cell", 3)], [("cell", -1)],
    [ONE], [("reference", "a:b")], [("ready",), ONE, ONE], [("stopped", "A", 1, ""), ("stopped", "A", 1, "")],
    [("stopped", "A", 1, ""), ONE], [("forbidden", "logistic", []), ("forbidden", "logistic", ["expit"])],
    [("forbidden", "logistic", [1])],
])
def test_what_comes_out_of_order_is_forged(messages):
    with pytest.raises(Forged):
        said(*messages, end="died")


def test_half_a_character_can_be_written_down():
    said(*BEGIN, ("unusable", "\ud800")).run.got[0].encode()
    assert judged(*BEGIN, ("stopped", "\ud800", 1, "\udfff")).detail.encode()


def test_whatever_judging_raises_is_that_learners_own(monkeypatch):
    def fail(*arguments):
        raise OverflowError("x" * 10**6)

    monkeypatch.setattr(judging, "claims", fail)
    found = judged(*BEGIN)
    assert (found.status, found.score, found.message) == ("needs review", 0, judging.UNJUDGED)
    assert "OverflowError" in found.detail and len(found.detail) <= 2000


def test_whatever_explaining_raises_changes_no_mark():
    task = judging.task(NOTEBOOK, "logistic", 7)
    sent = outcome(*BEGIN, *[ONE] * len(task.cases))
    for bad in (outcome(*BEGIN, ("result", 3)), outcome(*BEGIN, end="time"), None):
        found = judging.judge(task, sent, ["x"], 0, lambda cases, bad=bad: bad)
        assert (found.status, found.hint) == ("failed", "")


def test_where_further_questions_fail_the_rest_is_told():
    task = judging.task(NOTEBOOK, "logistic", 7)

    def wrong(cases):
        if len(cases) != len(task.known.cases):
            raise TypeError("no question")
        return outcome(*BEGIN, *[("result", [np.full_like(z, 0.123)]) for (z,) in cases])

    found = judging.judge(task, wrong(task.cases), ["x"], 0, wrong)
    assert found.status == "failed" and "the result has wrong values" in found.message


def test_a_machine_that_fails_is_no_learners_own():
    def broken(cases):
        raise sandbox.NotReady("no room")

    task = judging.task(NOTEBOOK, "logistic", 7)
    with pytest.raises(sandbox.NotReady):
        judging.judge(task, outcome(*BEGIN, *[ONE] * len(task.cases)), ["x"], 0, broken)


def test_judging_that_takes_too_long_needs_review_and_explaining_is_left_out(monkeypatch):
    def forever(*arguments):
        while True:
            pass

    monkeypatch.setattr(judging, "ALLOWED", 0.01)
    task = judging.task(NOTEBOOK, "logistic", 7)
    sent = outcome(*BEGIN, *[ONE] * len(task.cases))
    monkeypatch.setattr(judging.telling, "in_full", forever)
    assert judging.judge(task, sent, ["x"], 0, lambda cases: sent).status == "failed"
    monkeypatch.setattr(judging.telling, "in_brief", forever)
    found = judging.judge(task, sent, ["x"], 0, lambda cases: sent)
    assert found.status == "needs review" and "OutOfTime" in found.detail


# Sizes


def test_a_comparison_of_its_own_gets_no_large_array_of_another_shape():
    compare = judging.task("02_initializers", "first_layer", 7).exercise.compare
    wanted = judging.task("02_initializers", "first_layer", 7).wanted[0]
    got = [wanted[0], np.zeros((1, 1, 1, 4000)), np.zeros((4000, 1, 1, 1)), wanted[3]]
    tracemalloc.start()
    try:
        assert "shape" in compare(got, wanted)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    assert compare(wanted, wanted) is None


def test_results_cost_no_more_than_what_was_sent():
    ragged = ("result", [["x" * 4000] + [""] * 4000])
    tracemalloc.start()
    try:
        with pytest.raises(Forged):
            said(*BEGIN, ragged)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_more_axes_than_anybody_wants_are_wrong():
    many = reading.MOST_AXES + 1
    assert f"{many} axes" in said(*BEGIN, ("result", [np.zeros((1,) * many)])).run.got[0]
    task = judging.task(NOTEBOOK, "logistic", 7)
    assert judged(*BEGIN, *[("result", [np.zeros((1,) * 64)])] * len(task.cases)).status == "failed"


def hear(n, message=("altered",)):
    heard = sandbox.Outcome(messages=Looks())
    for _ in range(n):
        heard.hear(message, n)
    return heard


@pytest.mark.parametrize("message", [("altered",), ("reference", "a:b"), ONE])
def test_hearing_parting_and_reading_take_at_most_twice_the_steps_for_twice_the_messages(message):
    def part(n):
        heard = [("answer", "a"), *[message] * n]
        sandbox.Outcome(heard, range(n + 1)).parts(["a", "b"])

    def read(n):
        said(*BEGIN, *[message] * n, cases=n, end="time")

    for function in (hear, part, read):
        assert steps(function, 400) <= 2.1 * steps(function, 200)
    assert hear(400, message).messages.looks <= 2.1 * hear(200, message).messages.looks + 1


def test_no_more_messages_than_there_can_be():
    heard = hear(5)
    with pytest.raises(wire.Malformed, match="more than the 5"):
        heard.hear(("altered",), 5)
    heard = hear(100, ("reference", "a:b"))
    assert heard.messages == [("reference", "a:b")]  # an answer may call it often
    heard.hear(("end",), 5)
    with pytest.raises(wire.Malformed):
        heard.hear(("altered",), 5)


# The limit of time


def spin():
    while True:
        pass


@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr(timing, "LOOK", 0.001)


def test_a_limit_ends_what_works_in_any_thread(often):
    found = []

    def work():
        with pytest.raises(OutOfTime):
            timing.within(0.01, spin)
        found.append(1)

    work()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [1, 1]


def test_waiting_costs_nothing_and_nothing_comes_late(often):
    assert timing.within(0.1, time.sleep, 0.3) is None
    ended = tried = 0
    while ended < 20 and tried < 5000:  # the end of the work and of the time fall together
        tried += 1
        try:
            timing.within(0.0005, lambda: [i for i in range(60_000)])
        except OutOfTime:
            ended += 1
    sum(sum(range(1000)) for _ in range(1000))
    assert ended and all(limit.over for limit in timing._limits)


def test_a_limit_ends_what_swallows_exceptions_too(often):
    def swallow():
        while True:
            try:
                spin()
            except Exception:
                pass

    with pytest.raises(OutOfTime):
        timing.within(0.01, swallow)


# What is told of hidden cases


def test_how_many_hidden_cases_were_right_is_not_told():
    task = judging.task(NOTEBOOK, "logistic", 7)
    wrong, read = ("result", [np.full(3, 9.0)]), set()
    for right in range(len(task.cases)):
        sent = [("result", arrays) for arrays in task.wanted[:right]] + [wrong] * (len(task.cases) - right)
        read.add(judged(*BEGIN, *sent).message)
    assert read == {"Not all of the 9 hidden cases are right."}


def test_a_task_whose_cases_all_learners_have_keeps_no_secret():
    assert judging.task(NOTEBOOK, "logistic", 7).secret
    lab = judging.task(NOTEBOOK, "mend", 7)
    assert not lab.secret and not judging.Mark(lab, None, replace(reading.Claims(None), cell=1), True).unclear
