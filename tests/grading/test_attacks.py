"""The attack corpus against the real sandbox: every row gets its status and mark, and nobody else notices.

`python -m tests.grading.attacks.running [part of a name ...]` prints what deviates, for those who work on the grader.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from course_lib.exercises import exercises
from course_lib.grading.engine import unit
from course_lib.grading.handed_in import lifting
from course_lib.grading.handed_in.intake import NothingFound, take_in
from course_lib.grading.handed_in.problems import EACH
from course_lib.grading.records import STATUSES
from course_lib.grading.store import Store
from tests.grading import tensorflow_course
from tests.grading.attacks import NOTEBOOK, TRACE, Attack, running
from tests.grading.attacks.corpus import ATTACKS
from tests.grading.attacks.handing_in import GOOD, HANDED, SECRET
from tests.grading.attacks.leaving import DAEMON, NOTE
from tests.grading.attacks.too_much import TOO_MUCH
from tools.simulate import simulate

ROOT = Path(__file__).parents[2]
SECONDS = 3.0  # of processor time for an answer here, so that forty endless ones don't take all day; in a class it's 5
SLOW = ("timeout", "memory")


@pytest.fixture(scope="session")
def verdicts(request):
    """What was wrong with each row that was asked for, graded in two worker processes as one class."""
    assert unit.refusal() == ""
    wanted = {item.callspec.params["name"] for item in request.session.items
              if getattr(item, "originalname", "") == "test_attack_gets_what_it_deserves"}
    return running.run_all([name for name in ATTACKS if name in wanted], SECONDS)


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gets_what_it_deserves(name, verdicts):
    """The attack, the submission that follows it, and an honest one after both."""
    found, _ = verdicts[name]
    assert found == []


def test_nothing_is_left_behind(verdicts):
    """No process, no note of this run, neither in the folders that anybody may write to nor in the course."""
    named = [process.info for process in psutil.process_iter(["name", "pid"]) if process.info["name"] == DAEMON]
    assert named == []
    folders = [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path.cwd(), Path.home(), Path("/"), ROOT]
    folders += [Path(module.__file__).parent for module in (json, pytest, psutil)]
    left = [path for folder in folders for path in folder.glob(f"{TRACE}-[!s]*")]
    assert left == []
    assert NOTE.startswith(f"{TRACE}-n")


def test_corpus_is_large_and_its_marks_are_certain():
    assert len(ATTACKS) >= 600
    for attack in ATTACKS.values():
        for statuses, _ in attack.allowed().values():
            assert set(statuses) <= set(STATUSES)


# The judge of this corpus itself: it must see what is wrong


def all_passed():
    return {name: {"status": "passed", "score": float(e.points), "message": "", "hint": "", "detail": ""}
            for name, e in exercises(NOTEBOOK).items()}


def test_faults_sees_nothing_wrong_where_nothing_is():
    assert running.faults(Attack("honest"), all_passed(), ()) == []


@pytest.mark.parametrize(
    ("change", "attack", "said"),
    [
        ({"status": "failed", "score": 0.0}, Attack("x"), "logistic: failed, 0 points; wanted passed, 2"),
        ({"score": 1.0}, Attack("x"), "logistic: passed, 1 points; wanted passed, 2"),
        ({}, Attack("x", expected={"logistic": ("died", "error")}), "wanted died or error, 0"),
        ({"status": "died"}, Attack("x", expected={"logistic": "died"}), "logistic: died, 2 points; wanted died, 0"),
        ({"message": "z is 0.123456"}, Attack("x", hidden=r"\d\.\d{5}"), "gets to read '0.12345'"),
        ({"message": "the first counts"}, Attack("x", says="last"), "nothing says 'last'"),
    ],
)
def test_faults_sees_what_is_wrong(change, attack, said):
    results = all_passed()
    results["logistic"] |= change
    assert said in "\n".join(running.faults(attack, results, ()))


def test_a_grader_that_raises_is_a_fault_of_every_exercise(monkeypatch):
    monkeypatch.setattr(unit, "grade", lambda job, seed: 1 / 0)
    found = running.faults(Attack("x"), *running.grade(Attack("x")))
    assert len(found) == len(exercises(NOTEBOOK))
    assert "ZeroDivisionError" in found[0]


def test_a_mark_without_a_status_can_t_be_asked_for():
    with pytest.raises(AssertionError, match="isn't certain"):
        Attack("x", expected={"logistic": ("passed", "failed")}).allowed()


# Folders and archives


@pytest.mark.parametrize("row", HANDED + TOO_MUCH, ids=lambda row: row.name)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_tricks_of_folders_and_archives(row, tmp_path):
    """Nobody's notebook is lost, nothing is read or written elsewhere, and what isn't taken is said."""
    outside, folder = tmp_path / "outside.ipynb", tmp_path / "handed-in"
    outside.write_bytes(SECRET)
    folder.mkdir()
    path = row.make(folder, outside) or folder
    before = sorted(tmp_path.rglob("*"))
    try:
        intake = take_in(path, identify=lifting.identify)
        taken, problems = list(intake.submissions()), intake.problems
    except NothingFound as error:
        taken, problems = [], [("", str(error))]
    assert sorted(each.student for each, reason in taken if not reason) == sorted(row.students)
    assert all(each.data == GOOD for each, reason in taken if not reason)
    assert sorted(each.student for each, reason in taken if reason) == sorted(row.unreadable)
    told = "\n".join(f"{origin}: {reason}" for origin, reason in problems)
    assert [wanted for wanted in row.says if not re.search(wanted, told)] == [], told
    outermost = Counter(re.split("[/!]", origin.removeprefix(str(path)) + "/")[1] for origin, _ in problems)
    assert max(outermost.values(), default=0) <= EACH + 1
    assert sorted(tmp_path.rglob("*")) == before


# All attacks and an honest class in one batch, by the real commands


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """The store, the exit code and what the honest deserve, after all attacks and fifty others went through."""
    folder, out = tmp_path_factory.mktemp("class"), tmp_path_factory.mktemp("grades")
    truth = simulate(50, folder, seed=7, shares={"right": 0.6, "partly": 0.3, "blank": 0.1})
    slow = [name for name, attack in ATTACKS.items()
            if any({*SLOW} & {*statuses} for statuses, _ in attack.allowed().values())]
    for i, (name, attack) in enumerate(ATTACKS.items()):
        if name not in slow or slow.index(name) % 20 == 0:
            (folder / f"attack {i:03}").mkdir()
            (folder / f"attack {i:03}" / f"{NOTEBOOK}.ipynb").write_bytes(attack.data())
    command = [sys.executable, "-m", "course_lib", "grade", folder, "--out", out, "--workers", "2", "--seed", "5"]
    env = os.environ | {"COURSE_ATTACK": running.SECRET}
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT, env=env, timeout=1800)
    with Store(out, new=False) as store:
        graded = {each.student: each for each in store.submissions()}
    return graded, run, truth, {path.name for path in folder.iterdir()}


def test_the_batch_ends_and_asks_for_a_look(batch):
    _, run, _, _ = batch
    assert run.returncode == 3, run.stderr[-2000:]
    assert "could not be graded" not in run.stdout


def test_honest_answers_among_attacks_get_what_they_deserve(batch):
    graded, _, truth, _ = batch
    got = {student: {r.exercise: r.status for r in graded[student].results} for student in truth}
    assert got == truth


def test_attacks_in_a_class_get_what_they_deserve(batch):
    graded, _, truth, handed_in = batch
    assert set(graded) == handed_in
    wrong = []
    for i, (name, attack) in enumerate(ATTACKS.items()):
        if f"attack {i:03}" in graded:
            each = graded[f"attack {i:03}"]
            results = {r.exercise: replace(r).__dict__ for r in each.results}
            wrong += [f"{name}: {fault}" for fault in running.faults(replace(attack, says=""), results, each.notes)]
    assert wrong == []


# A notebook of TensorFlow's

PATCHED = """
import tensorflow as tf
tf.matmul = tf.reduce_mean = lambda *a, **k: 1 / 0
tf.debugging.assert_near = tf.test.TestCase.assertAllClose = lambda *a, **k: None
def tf_dense(x, w, b):
    return {result}
"""
TENSORFLOW = {
    "honest": (tensorflow_course.ANSWERS["tf_dense"], "passed"),
    "patched": (PATCHED.format(result="x * 0"), ("failed", "error")),
    "patched, and right": (PATCHED.format(result="tf.maximum(tf.linalg.matvec(w, x, True) + b, 0)"), "passed"),
    "symbolic": ("def tf_dense(x, w, b):\n    import keras\n    return keras.Input((3,))\n", ("failed", "error")),
    "a variable": ("def tf_dense(x, w, b):\n    return tf.Variable(tf.maximum(x @ w + b, 0))\n", "passed"),
    "compiled": ("@tf.function\ndef tf_dense(x, w, b):\n    return tf.maximum(x @ w + b, 0)\n", "passed"),
    "a Python function": (
        "import os\ndef tf_dense(x, w, b):\n    return tf.py_function(lambda: os._exit(0), [], tf.float32)\n", "died"),
    "a file": (f"def tf_dense(x, w, b):\n    tf.io.write_file('/{NOTE}', 'x')\n    return x\n", "error"),
    "a network": (
        "def tf_dense(x, w, b):\n    tf.config.experimental_connect_to_host('192.0.2.1:80')\n    return x\n",
        ("error", "failed", "died", "timeout", "memory")),
    "memory": ("def tf_dense(x, w, b):\n    return tf.ones((10**5, 10**5))\n", ("memory", "error", "died", "timeout")),
    "a loop": ("def tf_dense(x, w, b):\n    return tf.while_loop(lambda i: True, lambda i: [i], [x])[0]\n", "timeout"),
}
GRADING = """
import json, sys
from course_lib.grading.engine import unit
if __name__ == "__main__":
    found = {}
    for name, answers in json.load(sys.stdin).items():
        cells = [[source, "added"] for source in answers.values()]
        job = {"notebook": "90_tensorflow", "answers": dict(zip(answers, range(2))), "cells": list(answers.values())}
        found[name] = json.loads(unit.grade(json.dumps(job).encode(), 5))
    unit.close()
    print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def tensorflow(tmp_path_factory):
    """What comes of answers in a notebook of TensorFlow's: name -> exercise -> result."""
    folder = tensorflow_course.make(tmp_path_factory.mktemp("course"))
    (folder / "grading.py").write_text(GRADING)
    jobs = {name: tensorflow_course.ANSWERS | {"tf_dense": source} for name, (source, _) in TENSORFLOW.items()}
    env = os.environ | {"PYTHONPATH": str(folder)}
    run = subprocess.run([sys.executable, "grading.py"], input=json.dumps(jobs), cwd=folder, env=env,
                         capture_output=True, text=True, timeout=1800)
    assert run.returncode == 0, run.stderr[-3000:]
    return {name: {r["exercise"]: r for r in results} for name, results in json.loads(run.stdout).items()}


@pytest.mark.parametrize("name", TENSORFLOW)
def test_attacks_in_tensorflow(name, tensorflow):
    status, got = TENSORFLOW[name][1], tensorflow[name]
    assert got["tf_dense"]["status"] in ((status,) if isinstance(status, str) else status), got["tf_dense"]
    assert got["tf_dense"]["score"] == (2 if status == "passed" else 0)
    assert got["tf_slope"]["status"] == "passed", got["tf_slope"]
