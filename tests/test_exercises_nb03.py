"""Notebook 03's debug lab: judged by training, so its settings are tried for real; what it says of wrong ones."""

import re

import numpy as np
import pytest

from course_lib.exercises import find
from course_lib.exercises.judge.checking import judge
from course_lib.exercises.nb03_activations import PATIENT, patient_from, treat
from course_lib.exercises.nb03_activations.debug_lab import MENDED


def answer(config):
    names = {}
    exec(f"def revive(config):\n    return {config}\n", names)
    return judge(names["revive"])


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("None", "It returned a NoneType, wanted a dict of activation, bias, lr"),
        ("{}", "It returned a dict of nothing, wanted"),
        ('{**config, "depth": 3}', "It returned a dict of activation, bias, lr, depth"),
        ('{**config, "activation": "relu"}', "Activation is 'relu', wanted one of ReLU, leaky ReLU, ELU, SELU"),
        ('{**config, "activation": [1]}', "Activation is \\[1\\], wanted one of"),
        ('{**config, "bias": 11}', "Bias is 11, wanted a number from -10 to 10"),
        ('{**config, "lr": "small"}', "Lr is 'small', wanted a number from"),
        ('{**config, "lr": float("nan")}', "Lr is nan, wanted"),
    ],
)
def test_it_says_what_is_wrong(config, sentence):
    report = answer(config)
    assert report.status == "failed"
    assert re.match(sentence, report.message), report.message
    assert report.hint == ""


@pytest.mark.parametrize(
    ("config", "number"),
    [
        ('{**config, "lr": 0.01}', 0),
        ('{**config, "lr": 0.0005}', 1),
        ('{**config, "bias": -2}', 2),
        ('{**config, "bias": -2, "lr": 0.01}', 2),
        ('{**config, "bias": -0.8}', 3),
        ('{**config, "bias": -0.7, "lr": 0.1}', 3),
        ('{**config, "bias": 0.1, "lr": 0.5}', 4),
        ('{**config, "bias": 5, "lr": 0.00002}', 5),
        ('{**config, "activation": "SELU", "lr": 0.1}', 6),
        ('{**config, "activation": "leaky ReLU", "bias": 0, "lr": 1}', 6),
        ('{**config, "activation": "leaky ReLU", "lr": 0.00001}', 7),
        ('{**config, "activation": "ELU", "bias": -9}', 8),
        ("config", 9),
    ],
)
def test_it_recognises_the_kind_of_a_change(config, number):
    report = answer(config)
    assert report.message.startswith("The network gets ")
    assert report.hint == find("revive").mistakes[number].hint


@pytest.mark.parametrize("bias", [MENDED, 1, 3, 10])
def test_no_bias_that_a_hint_calls_mended_fails(bias):
    assert answer(f'{{**config, "bias": {bias}}}').status == "passed"


@pytest.mark.parametrize("cure", ['"bias": 0', '"activation": "SELU"', '"bias": -0.2', '"activation": "ELU"'])
def test_every_cure_that_works_is_right(cure):
    assert answer("{**config, " + cure + "}").status == "passed"


def test_the_patient_is_dead_before_the_first_step():
    """As the notebook's quiz says: upper layers entirely, and no step changes that."""
    history, watch = treat(PATIENT, 3)
    assert len(history.step_loss) == 150 and watch.dead.shape == (16, 5, 100)
    assert watch.dead[0, -1].all() and not watch.dead[0, 0].any()
    assert np.array_equal(watch.dead[0], watch.dead[-1])
    assert history.valid_accuracy[-1] < 0.15


def test_the_bias_is_that_of_all_layers():
    network = patient_from({**PATIENT, "bias": 0.5}, np.random.default_rng(0))
    biases = [value for name, value in network.params.items() if name.endswith("/b")]
    assert len(biases) == 6 and all((bias == np.float32(0.5)).all() and bias.dtype == np.float32 for bias in biases)
