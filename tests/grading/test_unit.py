"""Answers in the real sandbox: each status, help across cells, and what the student and the instructor are told."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from course_lib.exercises.core import exercises, notebooks
from course_lib.grading.engine import answering, bubblewrap, emptying, judging, sandbox, unit
from course_lib.grading.handed_in import lifting
from tests.grading.papers import NOTEBOOK, SETTINGS, paper, written


@pytest.fixture(scope="module", autouse=True)
def end():
    yield
    unit.close()


def graded(answers, seed=7, **more):
    job = lifting.lift(written(paper(answers, **more)), NOTEBOOK).job
    return {result["exercise"]: result for result in json.loads(unit.grade(job, seed))}


def test_where_answers_run_nothing_that_draws_is_imported():
    """Matplotlib makes every fork slower, and a module that draws is easily forgotten in the list of those."""
    code = ("from course_lib.grading.engine import parent; parent._import_course(); "
            "import sys; print(*{name.partition('.')[0] for name in sys.modules})")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"matplotlib", "tensorflow", "ipywidgets"} & set(run.stdout.split())
    assert "numpy" in run.stdout.split()


def one(source, name="logistic", **more):
    return graded({name: source}, solved=False, **more)[name]


RIGHT = "def logistic(z):\n    t = np.exp(-np.abs(z))\n    return np.where(z < 0, t, 1) / (1 + t)"


@pytest.mark.parametrize("notebook", notebooks())
def test_the_references_pass_with_any_seed(notebook):
    job = lifting.lift(written(paper(notebook=notebook)), notebook).job
    for seed in (0, 1, 2**63 - 1):
        found = json.loads(unit.grade(job, seed))
        assert {result["status"] for result in found} == {"passed"}
        assert [result["exercise"] for result in found] == list(exercises(notebook))
        assert all(result["score"] == result["max"] for result in found)


def test_every_exercise_has_one_status():
    found = graded({}, solved=False)
    assert list(found) == list(exercises(NOTEBOOK))
    assert {result["status"] for result in found.values()} == {"open"}


@pytest.mark.parametrize(("source", "status", "said"), [
    (RIGHT, "passed", "All 9 hidden cases are right."),
    ("def logistic(z):\n    return z", "failed", "Not all of the 9 hidden cases are right. With check's "
     "inputs 1 of 9 cases are right; in the smallest that isn't, the result has wrong values."),
    ("def logistic(z):\n    # to do\n    raise NotImplementedError", "open", "Still to be written."),
    ("def logistic(z):\n    return z +", "error", "SyntaxError in line 2 of its cell, \"return z +\""),
    ("def logistic(z):\n    return zz", "error", "it raises NameError in line 2 of its cell, \"return zz\""),
    ("x = 1 / 0\ndef logistic(z): return z", "error", "ZeroDivisionError in line 1 of its cell, \"x = 1 / 0\""),
    ("def another(z): return z", "error", "NameError"),
    ("logistic = 3", "error", "NameError"),
    ("while True: pass", "timeout", "5 s of processor time"),
    ("x = [bytearray(10**7) for i in range(10**4)]", "memory", "more memory"),
    ("import os\nos._exit(0)", "died", "left by itself, or crashed"),
    ("from course_lib import activations as a\ndef logistic(z): return a.logistic(z)", "needs review", "own function"),
    ("def logistic(z):\n    from scipy.special import expit\n    return expit(z)", "failed", "It uses expit"),
    ("def logistic(z):\n    return [str(z)]", "failed", "something other than arrays of real numbers"),
    ("def logistic(z):\n    return z, z", "failed", "a wrong number of arrays"),
    ("def logistic(z):\n    return z.T[:0]", "failed", "the result has the wrong shape"),
    (RIGHT + ".astype(np.float64)", "failed", "the dtype float64 instead of float32"),
    ("def logistic(z):\n    z += 1\n    return z", "failed", "it changes its input"),
])
def test_statuses(source, status, said):
    found = one(source)
    assert (found["status"], found["score"]) == (status, 2 if status == "passed" else 0)
    assert said in found["message"]


def test_one_broken_answer_costs_one_exercise():
    found = graded({"logistic": "import os\nos.abort()"})
    assert found.pop("logistic")["status"] == "died"
    assert {result["status"] for result in found.values()} == {"passed"}


def test_recognised_mistake_gives_its_hint():
    found = one("def logistic(z):\n    return np.tanh(z)")
    assert found["status"] == "failed" and "This is tanh" in found["hint"]


def test_an_answer_without_a_named_mistake_is_asked_what_is_wrong():
    found = one("def logistic(z):\n    return -1 / (1 + np.exp(-np.abs(z))) * np.where(z < 0, np.exp(-np.abs(z)), 1)")
    assert found["status"] == "failed"
    assert found["hint"] == "Your result has the wrong sign everywhere: the numbers themselves are right."


@pytest.mark.parametrize(
    "again", ["while True: pass", "os._exit(0)", "return 1 / 0", "return np.zeros(10**8)", "raise NotImplementedError"]
)
def test_what_an_answer_does_when_it_is_asked_changes_nothing(again):
    """It may notice that it is asked, by how often it was called."""
    found = one("import os\ncalls = []\ndef logistic(z):\n    calls.append(1)\n"
                f"    if len(calls) > 9:\n        {again}\n"
                "    return -z")
    assert (found["status"], found["hint"]) == ("failed", "")
    assert "of 9 cases are right" in found["message"]


def test_too_long_a_cell_is_an_error():
    found = one("#" * 300_000 + "\n" + RIGHT)
    assert found["status"] == "error" and "200,000" in found["message"]


# Answers that share a process

@pytest.fixture
def jobs(monkeypatch):
    """The exercises of every job that the sandbox got, in order; not those in which a wrong answer is asked further."""
    found, run = [], sandbox.Sandbox.run

    def spied(self, job, **limits):
        if not any(each["cases"] for each in job["answers"]):
            found.append([each["exercise"] for each in job["answers"]])
        return run(self, job, **limits)

    monkeypatch.setattr(sandbox.Sandbox, "run", spied)
    return found


EVERY = list(exercises(NOTEBOOK))


def test_answers_that_only_compute_share_a_process(jobs):
    found = graded({"logistic": "def logistic(z): return z"})
    assert {result["status"] for result in found.values()} == {"passed", "failed"}
    assert jobs == [EVERY]


MORE = (
    "import os\n" + RIGHT,
    RIGHT + "\nnp.kept = logistic",
    "def logistic(z):\n    while True: pass",
    "def logistic(z):\n    return 1 / 0",
    "def logistic(z):\n    return from_another_cell(z)",
    "def logistic(z)",
)


@pytest.mark.parametrize("source", MORE)
def test_what_does_more_or_ends_in_another_way_is_run_alone(source, jobs):
    graded({"logistic": source})
    assert jobs[:2] == [EVERY, ["logistic"]]
    alone = [name for job in jobs[1:] for name in job]
    assert alone == (EVERY[1:] if "while" in source else ["logistic"])  # it took their time, too


def test_a_helper_that_two_cells_define_is_its_own_in_each(jobs):
    half = "def half(z):\n    return {} * z\n"
    one = half.format(0.5) + "def logistic(z):\n    return 0.5 * (1 + np.tanh(half(z)))"
    other = half.format(0.25) + "def logistic_derivative(z):\n    return half(1 / np.cosh(z / 2) ** 2)"
    found = graded({"logistic": one, "logistic_derivative": other})
    assert jobs == [EVERY, ["logistic"], ["logistic_derivative"]]
    assert found["logistic_derivative"]["status"] == "passed"  # the last to define it


def test_a_reference_is_there_for_the_others_and_not_for_its_own(jobs):
    slope = "def logistic_derivative(z):\n    s = logistic(z)\n    return s * (1 - s)"
    found = graded({"logistic": "def logistic(z): return z", "logistic_derivative": slope})
    assert (found["logistic"]["status"], found["logistic_derivative"]["status"]) == ("failed", "passed")
    assert jobs == [EVERY]


def test_an_emptied_reference_says_its_calls_also_those_by_others_until_it_is_restored():
    def f(x, by=2):
        return by * x

    def g(x):
        return f(x) + 1

    sent, room = [], answering.Room({}, {"f": f, "g": g}, {}, {}, {}, {})
    whole = emptying.empty_function(f, "f", answering._teller(room, lambda *message: sent.append(message)))
    with pytest.raises(RuntimeError):
        g(1)
    room.judging = True
    with pytest.raises(answering._Reference):
        g(1)
    assert sent == [("reference", "f")]
    emptying.restore(whole)
    assert g(1) == 3


def test_parts_of_what_a_process_sent():
    messages = [("forbidden", "a", ["x"]), ("forbidden", "b", [])]
    messages += [("answer", "a"), ("ready",), ("answer", "b"), ("ready",)]
    died = sandbox.Outcome(messages, [1, 2, 3, 4, 7, 8], "died", "how", began=1, seconds=9)
    a, b = died.parts(["a", "b"]).values()
    assert (a.messages, a.end, a.seconds) == ([messages[0], ("ready",)], "", 6)
    assert (b.messages, b.end, b.seconds) == ([messages[1], ("ready",)], "died", 3)
    ended = sandbox.Outcome([*messages, ("end",)], range(7))
    assert [part.seconds for part in ended.parts(["a", "b"]).values()] == [4, 2]
    for bad in (("answer", "c"), ("answer",), ("forbidden", []), ("answer", {}), ("answer", "a"), ("answer", "b", 1),
                ("forbidden", "a", []), ("end", "a")):
        forged = sandbox.Outcome([*messages, bad], range(7)).parts(["a", "b"])
        assert {part.end for part in forged.values()} == {"forged"}
    for after in (("ready",), ("answer", "b"), ("end",)):
        forged = sandbox.Outcome([messages[0], messages[2], ("end",), after], range(4)).parts(["a", "b"])
        assert {part.end for part in forged.values()} == {"forged"}
    twice = [("forbidden", "a", ["x"]), ("forbidden", "a", []), ("answer", "a")]
    assert sandbox.Outcome(twice, range(3)).parts(["a"])["a"].end == "forged"
    assert sandbox.Outcome([("ready",)], [1]).parts(["a"])["a"].end == "forged"
    assert sandbox.Outcome(messages, range(6), "forged").parts(["a", "b"])["a"].end == "forged"


# Cells beside the answer

HELPER = "def squash(t):\n    return np.exp(-np.abs(t))"
USING = "def logistic(z):\n    t = squash(z)\n    return np.where(z < 0, t, 1) / (1 + t)"


@pytest.mark.parametrize("added", [
    [HELPER], [HELPER, "raise ValueError('a failed experiment')"], ["SIGN = -1", HELPER.replace("-np", "SIGN * np")],
    [HELPER.replace("np.", "numpy."), "import numpy"], ["%matplotlib inline\n!ls\n" + HELPER],
])
def test_helpers_in_cells_of_ones_own(added):
    assert one(USING, added=added)["status"] == "passed"


def test_helper_in_another_exercises_cell():
    found = graded({"logistic": USING, "logistic_derivative": HELPER + "\ndef logistic_derivative(z): return z"})
    assert found["logistic"]["status"] == "passed"
    assert found["logistic_derivative"]["status"] == "failed"


@pytest.mark.parametrize(("beside", "status"), [
    ("while True: pass", "timeout"), ("import os\nos._exit(0)", "died"),
    ("import ctypes\nctypes.string_at(0)", "died")])
def test_a_cell_beside_it_that_hangs_or_crashes_is_left_out(beside, status):
    found = graded({"logistic": "def logistic(z):\n    return once(z)"}, added=[f"once = 1\n{beside}"])
    assert found.pop("logistic")["status"] == status
    assert {result["status"] for result in found.values()} == {"passed"}
    found = graded({"logistic": USING}, added=["np_2 = 1\n" + beside, HELPER])
    assert {result["status"] for result in found.values()} == {"passed"}


def test_cells_that_arent_needed_arent_run():
    found = graded({}, added=["import time\ntime.sleep(100)"])
    assert {result["status"] for result in found.values()} == {"passed"}
    assert all(result["seconds"] < 50 for result in found.values())


def test_a_mistake_counts_once():
    slope = "def logistic_derivative(z):\n    s = logistic(z)\n    return s * (1 - s)"
    found = graded({"logistic": "def logistic(z): return z", "logistic_derivative": slope})
    assert [found[name]["status"] for name in ("logistic", "logistic_derivative")] == ["failed", "passed"]


def test_magics_and_calls_around_the_answer_do_no_harm():
    around = f"%%time\n{RIGHT}\ncheck(logistic)\nlogistic = use(logistic)\nhint('logistic')\n!ls"
    assert one(around)["status"] == "passed"


# What is told, and what isn't

LEAKS = [
    "def logistic(z):\n    raise ValueError(str(z))",
    "def logistic(z):\n    raise type('A' + str(z.ravel()[:1]), (Exception,), {})()",
    "def logistic(z):\n    raise type('ValueError', (Exception,), {'__str__': lambda self: str(z)})()",
    "def logistic(z):\n    return str(z)",
    "def logistic(z):\n    return z + 0.001",
    "def logistic(z):\n    return type('T' + str(z.ravel()[:1]), (), {})()",
]


@pytest.mark.parametrize("source", LEAKS)
def test_the_student_is_told_neither_inputs_nor_values(source):
    found = one(source)
    assert found["status"] in ("failed", "error")
    told = found["message"].replace(source.split("\n")[1].strip(), "")
    assert not re.search(r"\d\.\d|\[", told), told


def test_the_instructor_is_told_more():
    found = one("def logistic(z):\n    return z + 0.001")
    assert "wanted 0.5" in found["detail"] and "of 9 cases are right" in found["detail"]


# Answers that know the hidden inputs, which the frames above them hold, and choose by them what there is to tell
KNOWING = """
import sys
def hidden():
    frame = sys._getframe()
    while frame:
        for holder in frame.f_locals.values():
            cases = holder if isinstance(holder, dict) else getattr(holder, "cases", None)
            cases = cases.get("cases", cases) if isinstance(cases, dict) else None
            if isinstance(cases, dict) and "clip_by_value" in cases:
                return int(1000 * abs(float(cases["clip_by_value"][-1][0].ravel()[0])))
        frame = frame.f_back
    return 0
def right(z):
    t = np.exp(-np.abs(z))
    return np.where(z < 0, t, 1) / (1 + t)
KINDS = (ValueError, KeyError, IndexError, TypeError, OSError, ZeroDivisionError, OverflowError)
"""
WAYS = {
    "line": "def logistic(z):\n    exec(compile(chr(10) * (hidden() % 20) + 'raise ValueError', '<answer>', 'exec'))",
    "exception": "def logistic(z):\n    raise KINDS[hidden() % 7]",
    "exception in its cell": "raise KINDS[hidden() % 7]\ndef logistic(z):\n    return z",
    "dtype": "def logistic(z):\n    return right(z).astype(('f2', 'i1', 'i2', 'u1', 'u2', 'u4')[hidden() % 6])",
    "number of right cases": "calls = []\ndef logistic(z):\n    calls.append(1)\n"
    "    return right(z) * (len(calls) <= 1 + hidden() % 7)",
    "way to be wrong": "def logistic(z):\n    k = hidden() % 4\n"
    "    return (z, (z, z), z[..., None], 'text')[k]",
    "named mistake": "def logistic(z):\n    return (np.tanh(z), right(-z), -right(z), 2 * right(z))[hidden() % 4]",
    "shape for an empty array": "def logistic(z):\n    return right(z) if z.size else np.zeros((0, 1 + hidden()))",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_the_student_reads_is_the_same_whatever_the_hidden_inputs_are(way):
    def read(seed):
        found = graded({"logistic": KNOWING + WAYS[way]}, seed, solved=False)["logistic"]
        return found["status"] in ("failed", "error") or found["status"], found["message"], found["hint"]

    assert len({read(seed) for seed in (1, 2, 3, 4)}) == 1


def test_the_inputs_are_known_to_those_answers():
    """Else what they do above would prove nothing."""
    found = [graded({"logistic": KNOWING + "def logistic(z):\n    raise ValueError(hidden())"}, seed, solved=False)
             for seed in (1, 2)]
    assert found[0]["logistic"]["detail"] != found[1]["logistic"]["detail"]


def test_an_answer_that_is_wrong_with_hidden_inputs_only_is_told_so():
    cases = judging.task(NOTEBOOK, "logistic", judging.CHECKS).cases
    known = sorted({float(z.sum()) for (z,) in cases})
    found = one(f"def logistic(z):\n    if float(z.sum()) not in {known}:\n        raise KeyError\n"
                "    t = np.exp(-np.abs(z))\n    return np.where(z < 0, t, 1) / (1 + t)")
    assert found["status"] == "error" and "KeyError" in found["detail"]
    assert "right in every case that check tries" in found["message"] and "KeyError" not in found["message"]


def test_hidden_cases_depend_on_the_seed_only():
    same, other = (judging.task(NOTEBOOK, "logistic", seed).cases[-1][0] for seed in (7, 8))
    judging.task.cache_clear()
    assert np.array_equal(judging.task(NOTEBOOK, "logistic", 7).cases[-1][0], same)
    assert not np.array_equal(same, other)


# The sandbox that breaks

def test_a_sandbox_that_ends_is_started_again():
    assert one(RIGHT)["status"] == "passed"
    (own,) = unit._sandboxes.values()
    own.process.kill()
    assert one(RIGHT)["status"] == "passed"


def test_a_sandbox_that_cant_be_started_says_why(monkeypatch):
    monkeypatch.setattr(bubblewrap, "command", lambda unsafe: [sys.executable, "-c", "raise SystemExit('no room')"])
    with pytest.raises(sandbox.NotReady, match="no room"):
        sandbox.Sandbox(SETTINGS)


def test_a_set_up_cell_that_fails_says_so():
    with pytest.raises(sandbox.NotReady, match="ZeroDivisionError"):
        sandbox.Sandbox(SETTINGS | {"set_up": "1 / 0"})


def test_an_answer_that_cant_be_locked_in_is_not_run(monkeypatch):
    own = sandbox.Sandbox(SETTINGS)
    try:
        monkeypatch.setattr(own, "processes", "many")
        with pytest.raises(sandbox.NotReady, match="couldn't be locked in"):
            own.run({"answers": [{"exercise": "f", "cell": 0, "forbid": ()}], "cells": ["f = len"], "helpers": True},
                    cpu=1, wall=2, limit=1000)
    finally:
        own.close()


# Machines that can't

def test_refusals(monkeypatch):
    assert unit.refusal() == ""
    monkeypatch.setenv("PATH", "/nowhere")
    assert "bubblewrap" in unit.refusal() and "apt install bubblewrap" in unit.refusal()
    assert "--unsafe" in unit.refusal() and unit.refusal(unsafe=True) == ""


def test_refusal_where_namespaces_are_forbidden(monkeypatch):
    bwrap, *rest = bubblewrap.command(False)
    monkeypatch.setattr(bubblewrap, "command", lambda unsafe: [bwrap, "--unshare-user", "--disable-userns", *rest])
    assert "is not permitted here" in unit.refusal()
    with pytest.raises(sandbox.NotReady):
        sandbox.Sandbox(SETTINGS)
    unit.close()
    with pytest.raises(sandbox.NotReady):  # no mark for anybody, rather than a wrong one
        one(RIGHT)


def test_refusal_elsewhere(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "Linux" in unit.refusal(unsafe=True)


def test_without_walls_the_marks_are_the_same():
    job = lifting.lift(written(paper({"mend": "def mend(config): return config"})), NOTEBOOK).job
    found = json.loads(unit.grade(job, 7, unsafe=True))
    assert [r["status"] for r in found] == ["passed"] * (len(found) - 1) + ["failed"]
    slow = lifting.lift(written(paper({"mend": "import time\ntime.sleep(60)"}, solved=False)), NOTEBOOK).job
    assert json.loads(unit.grade(slow, 7, unsafe=True))[-1]["status"] == "timeout"


def test_version_changes_with_the_course(monkeypatch):
    before = unit.version(NOTEBOOK)
    assert before != unit.version("00_start_here")
    unit.version.cache_clear()
    assert unit.version(NOTEBOOK) == before
    monkeypatch.setattr(unit.building, "source_of", lambda name: "changed")
    unit.version.cache_clear()
    assert unit.version(NOTEBOOK) != before
    unit.version.cache_clear()


def test_mine_hands_out_the_courses_functions_where_answers_are_graded():
    source = ("from course_lib import mine\nmine.where('logistic')\n"
              "def logistic_derivative(z):\n    return mine.logistic(z) * mine.logistic(-z)")
    assert one(source, "logistic_derivative")["status"] == "passed"
    assert one(source.replace("mine.logistic(-z)", "mine.unknown(z)"), "logistic_derivative")["status"] == "error"
