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
        ("((w,), w)", "the first thing it returned is a tuple, wanted the new w, an array"),
        ("(w[None], None)", "its w has shape \\(1, 1\\) after a step.*: was the state's tuple added as it is"),
        ("(w + state[0], state)", "it stopped at the first step, where state is None, with “'NoneType' object"),
        ("(w.missing, None)", "it raised AttributeError"),
    ],
)
def test_results_of_another_form_are_named(returned, sentence):
    source = f"def momentum(w, grad, state=None, *, lr=0.01, beta=0.9):\n    return {returned}\n"
    report = answer("momentum", source)
    assert report.status in ("failed", "error") and re.search(sentence, report.message, re.IGNORECASE), report.message


def test_a_rule_that_works_in_place_is_told_so():
    source = "def momentum(w, grad, state=None, *, lr=0.01, beta=0.9):\n    w -= lr * grad\n    return w, state\n"
    assert "changed its input" in answer("momentum", source).message


@pytest.mark.parametrize("state", ["{0}", "({0},)", "[{0}]", "{{'v': {0}}}", "Box({0})"])
def test_writing_into_the_state_is_told_so(state):
    source = (
        "class Box:\n    def __init__(self, v):\n        self.v = v\n"
        "def {name}(w, grad, state=None, *, lr=0.01, beta=0.9):\n"
        "    v = np.zeros_like(w) if state is None else {taken}\n"
        "    v *= beta\n    v -= lr * grad\n    return {moved}, {state}\n"
    )
    taken = {"{0}": "state", "{{'v': {0}}}": "state['v']", "Box({0})": "state.v"}.get(state, "state[0]")
    rules = {"momentum": "w + v", "nesterov": "w + beta * v - lr * grad"}
    for name, moved in rules.items():
        report = answer(name, source.format(name=name, taken=taken, moved=moved, state=state.format("v")))
        assert report.status == "failed" and "changed its input v, the state" in report.message


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("return [lr for loss in losses]", "it returned a list, wanted one number"),
        ("return lr, min(losses, default=0)", "it returned a tuple, wanted one number"),
        ("return lr * np.ones(3)", "it returned a ndarray, wanted one number"),
        ("losses.clear()\n    return lr", "it changed its input losses"),
    ],
)
def test_a_performance_schedule_of_another_form_is_named(body, sentence):
    report = answer("performance_schedule", f"def performance_schedule(losses, *, lr, **options):\n    {body}\n")
    assert report.status == "failed" and sentence in report.message


def test_a_list_of_rates_is_no_array():
    source = "def power_decay(step, *, lr, decay_steps, power=1.0):\n    return [lr for s in np.ravel(step)]\n"
    assert "it returned a list, wanted an array of step's shape" in answer("power_decay", source).message


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
    [
        ('{**config, "half_life": 5000}', 0),
        ('{**config, "lr": 0.05}', 1),
        ('{**config, "beta": 0.6}', 3),
        ('{**config, "half_life": 2}', 5),
        ('{**config, "lr": 0.0001, "half_life": 300}', 6),
        ('{**config, "beta": 0.98, "half_life": 5000}', 7),
        ('{**config, "lr": 0.25, "half_life": 5000}', 8),
        ('{**config, "lr": 0.02, "half_life": 4}', 9),
        ('{**config, "lr": 0.1, "beta": 0.8}', 10),
        ("config", 11),
    ],
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
