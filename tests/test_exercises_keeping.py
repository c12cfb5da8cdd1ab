"""Answers that passed are kept: newest first in line, none lost, whatever becomes of the file."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from course_lib.exercises import check, keeping, logbook
from course_lib.exercises.core import find
from tests.test_exercises_tracing import cell

WITH_HELPER = """
def positive(z): return 1 / (1 + np.exp(-z))
def logistic(z):
    y = positive(np.abs(z))
    return np.where(z < 0, 1 - y, y).astype(z.dtype)
"""
PLAIN = "def logistic(z):\n    e = np.exp(-np.abs(z))\n    return np.where(z < 0, e, 1) / (1 + e)\n"
SLOPE = "def logistic_derivative(z):\n    return logistic(z) * logistic(-z)\n"


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "ann.jsonl"))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return tmp_path / "ann.answers.jsonl"


def passed(source, name="logistic", names=None):
    """Check the answer in a cell, and return the remark of its report; it must have passed."""
    names = cell(source, names)
    report = check(names[name])
    assert report.status == "passed", report
    return report.remark


def test_what_passes_is_kept_beside_the_progress(file):
    assert passed(WITH_HELPER) == ""
    (line,) = file.read_text().splitlines()
    event = json.loads(line)
    assert (event["name"], event["status"], event["notebook"]) == ("logistic", "kept", "01_vanishing_gradients")
    assert [piece[:2] for piece in event["pieces"]] == [["import", "np"], ["helper", "positive"]]
    assert event["source"].startswith("def logistic(z):\n    y = positive")
    assert keeping.newest("logistic").day.endswith(str(keeping.newest("logistic").time.year))


@pytest.mark.parametrize("source", ["def logistic(z): raise NotImplementedError", "def logistic(z): return z"])
def test_what_does_not_pass_is_not_kept(source, file):
    check(cell(source)["logistic"])
    assert not file.exists()


def test_the_newest_counts_and_the_older_stay():
    passed(WITH_HELPER)
    passed(PLAIN)
    passed(PLAIN)  # the same again is no new version
    assert [kept.source.split("\n")[1].strip()[0] for kept in keeping.versions("logistic")] == ["y", "e"]
    assert keeping.newest("logistic").source == PLAIN.strip()
    passed(WITH_HELPER)
    assert len(keeping.versions("logistic")) == 3
    assert keeping.newest("logistic").source in WITH_HELPER
    assert keeping.newest("elu") is None


def test_two_notebooks_with_one_exercise_are_said(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/ann/01_vanishing_gradients.ipynb")
    passed(PLAIN)
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/ann/copy.ipynb")
    assert passed(PLAIN) == ""
    said = passed(WITH_HELPER)
    assert said.startswith("Before, yours was the one from 01_vanishing_gradients.ipynb of ")
    assert 'stays in `mine.versions("logistic")`' in said
    assert [kept.file for kept in keeping.versions("logistic")] == ["01_vanishing_gradients.ipynb", "copy.ipynb"]


def test_what_cannot_be_kept_is_said_and_costs_nothing(file):
    passed(PLAIN)
    names = {"__name__": "__main__", "np": np, "one": np.ones(1)}
    said = passed("def logistic(z):\n    e = np.exp(-np.abs(z))\n    return np.where(z < 0, e, one[0]).astype(z.dtype) "
                  "/ (1 + e)\n", names=names)
    assert said.startswith("It couldn't be kept for `mine` and for your library, since it uses one, an array")
    assert said.count(". ") <= 1 and said.endswith(".")
    assert keeping.newest("logistic").source == PLAIN.strip()


class Nasty:
    """An object that breaks whatever looks at it."""

    def __getattr__(self, name):
        raise RuntimeError("don't look")


def test_check_never_raises_whatever_an_answer_uses():
    names = {"__name__": "__main__", "np": np, "nasty": Nasty()}
    said = passed(PLAIN.replace("):\n", "):\n    nasty\n"), names=names)
    assert "It couldn't be kept" in said


def test_an_exercise_that_is_used_is_borrowed_if_it_passed_and_copied_if_not():
    names = cell(PLAIN)
    passed(SLOPE, "logistic_derivative", names)
    assert [piece.kind for piece in keeping.newest("logistic_derivative").pieces] == ["import", "helper"]
    check(names["logistic"])
    passed(SLOPE + "    # again", "logistic_derivative", names)
    passed(SLOPE.replace("return", "return 1.0 *"), "logistic_derivative", names)
    (piece,) = keeping.newest("logistic_derivative").pieces
    assert (piece.kind, piece.text) == ("mine", "logistic")


def test_the_courses_own_function_is_borrowed_by_its_exercise():
    names = cell("", {"__name__": "__main__", "np": np, "logistic": find("logistic").reference})
    passed(SLOPE, "logistic_derivative", names)
    (piece,) = keeping.newest("logistic_derivative").pieces
    assert (piece.kind, piece.text) == ("mine", "logistic")


@pytest.mark.parametrize(("settings", "kept"), [
    ({}, True), ({"COURSE_SEED": "3"}, True), ({"COURSE_SEED": "3", "COURSE_PROGRESS": None}, False),
    ({"COURSE_PROGRESS": None}, True), ({"NBGRADER_EXECUTION": "autograde"}, False),
    ({"COURSE_ANSWERS": "off"}, False),
])
def test_where_answers_are_kept_and_read(settings, kept, monkeypatch, tmp_path):
    home = tmp_path / "home" / "progress.jsonl"
    monkeypatch.setattr(logbook, "path", lambda: logbook.Path(os.environ.get("COURSE_PROGRESS") or home))
    for name, value in settings.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    names = cell(PLAIN)
    check(names["logistic"])
    assert keeping.path().exists() == kept == bool(keeping.versions())
    keeping.path().parent.mkdir(exist_ok=True)
    logbook.record("logistic", "kept", into=keeping.path(), notebook="01_vanishing_gradients", file="", hash="0",
                   source=PLAIN, pieces=[])
    assert bool(keeping.versions()) == kept  # nor is read what is there


def test_a_damaged_record_is_set_aside_and_the_rest_goes_on(file, capsys):
    passed(WITH_HELPER)
    with open(file, "ab") as lines:
        lines.write(b'{"name": "elu", "sta\n\xff\n')
    passed(PLAIN)
    assert [kept.name for kept in keeping.versions()] == ["logistic", "logistic"]
    assert "was damaged" in capsys.readouterr().err
    (aside,) = file.parent.glob("ann.answers.damaged-*")
    assert b"\xff" in aside.read_bytes()


@pytest.mark.parametrize("change", [{"pieces": 3}, {"pieces": [["spell", "a", "b"]]}, {"pieces": [["import"]]},
                                    {"time": "yesterday"}, {"source": None}])
def test_an_event_that_is_not_whole_is_passed_over(file, change):
    passed(PLAIN)
    event = json.loads(file.read_text()) | {"hash": "1"} | change
    if change.get("source", "") is None:
        del event["source"]
    with open(file, "a") as lines:
        lines.write(json.dumps(event) + "\n")
    assert keeping.newest("logistic").source == PLAIN.strip()
    assert len(file.read_text().splitlines()) == 2  # what isn't understood stays


def test_a_record_that_cannot_be_written_is_said(file, capsys):
    file.mkdir()
    passed(PLAIN)
    assert "could not be saved" in capsys.readouterr().err
    assert keeping.versions() == []


def test_what_another_process_keeps_is_seen():
    assert keeping.newest("elu") is None
    event = {"notebook": "03_activations", "file": "", "hash": "2", "source": "def elu(z): return z", "pieces": []}
    code = ("from course_lib.exercises import keeping, logbook\n"
            f"logbook.record('elu', 'kept', into=keeping.path(), **{event})")
    subprocess.run([sys.executable, "-c", code], check=True)
    assert keeping.newest("elu").source == "def elu(z): return z"
