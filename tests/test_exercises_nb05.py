"""Notebook 05's exercises: rules whose answers have the wrong form, and the debug lab, judged by training."""

import re

import numpy as np
import pytest

from course_lib.exercises import find
from course_lib.exercises.judge.checking import judge
from course_lib.exercises.nb05_optimizers import PATIENT, train_from


def answer(name, source):
    names = {"np": np}
    exec(source, names)
    return judge(names[name])


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        ("None", "it returned None: is there a `return` at the end"),
        ("w - lr * grad", "it returned a ndarray, wanted two things: `return w, state`"),
        ("(w, state, lr)", "it returned a tuple, wanted two things"),
        ("(w[:0], state)", "its w has shape \\(0,\\) after a step, wanted \\(1,\\)"),
        ("(float(np.sum(w)), None)", "its w has shape \\(\\) after a step, wanted"),
    ],
)
def test_results_of_another_form_are_named(returned, sentence):
    source = f"def momentum(w, grad, state=None, *, lr=0.01, beta=0.9):\n    return {returned}\n"
    report = answer("momentum", source)
    assert report.status == "failed" and re.search(sentence, report.message, re.IGNORECASE), report.message


def test_a_rule_that_works_in_place_is_told_so():
    source = "def momentum(w, grad, state=None, *, lr=0.01, beta=0.9):\n    w -= lr * grad\n    return w, state\n"
    assert "changed its input" in answer("momentum", source).message


def steady(config):
    return answer("steady", f"def steady(config):\n    return {config}\n")


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("{}", "It returned a dict of nothing, wanted a dict of lr, beta, half_life"),
        ('{**config, "beta": 1}', "Beta is 1, wanted a number from 0 to 0.999"),
        ('{**config, "lr": "small"}', "Lr is 'small', wanted a number from"),
        ("config", "The network gets [56].% of the validation images right, wanted at least 85%"),
    ],
)
def test_the_lab_says_what_is_wrong(config, sentence):
    report = steady(config)
    assert report.status == "failed" and re.match(sentence, report.message), report.message


@pytest.mark.parametrize(
    ("config", "number"),
    [('{**config, "half_life": 5000}', 0), ('{**config, "lr": 0.05}', 1), ('{**config, "beta": 0.6}', 3),
     ('{**config, "half_life": 2}', 5)],
)
def test_the_lab_recognises_the_direction_of_a_change(config, number):
    assert steady(config).hint == find("steady").mistakes[number].hint


@pytest.mark.parametrize("cure", ['"lr": 0.03, "half_life": 300', '"beta": 0.0, "half_life": 2000'])
def test_every_cure_that_works_is_right(cure):
    assert steady("{**config, " + cure + "}").status == "passed"


def test_the_patient_crawls_and_without_its_schedule_diverges():
    """As the notebook's quiz says."""
    crawl, wild = train_from(PATIENT, 5), train_from({**PATIENT, "half_life": 1000}, 5)
    assert len(crawl.lr) == 200 and crawl.lr[0] == PATIENT["lr"] and crawl.lr[30] < 0.001 * crawl.lr[0]
    assert crawl.valid_accuracy[-1] < 0.85 and wild.valid_accuracy[-1] < 0.6
