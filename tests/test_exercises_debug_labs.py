"""What debug labs share: settings as numbers and back, what is said of wrong ones, and judging by training."""

import numpy as np
import pytest

from course_lib.exercises.judge.comparing import Unusable
from course_lib.exercises.judge.debug_labs import decode, encode, judged_by_training

ALLOWED = {"rule": ["sgd", "adam"], "norm": [False, True], "lr": (0.001, 1)}
SICK = {"rule": "sgd", "norm": False, "lr": 0.01}


def test_settings_survive_the_way_there_and_back():
    for config in (SICK, {"lr": 1, "norm": True, "rule": "adam"}):
        numbers = encode(config, ALLOWED)
        assert numbers.dtype == np.float64 and decode(numbers, ALLOWED) == config


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, "it returned a NoneType, wanted a dict of rule, norm, lr"),
        ({}, "it returned a dict of nothing, wanted"),
        ({**SICK, 3: 1}, "it returned a dict of rule, norm, lr, 3, wanted"),
        ({**SICK, "rule": "ADAM"}, "rule is 'ADAM', wanted one of sgd, adam"),
        ({**SICK, "norm": 2}, "norm is 2, wanted one of False, True"),
        ({**SICK, "lr": 1.1}, "lr is 1.1, wanted a number from 0.001 to 1"),
        ({**SICK, "lr": float("nan")}, "lr is nan, wanted"),
        ({**SICK, "lr": "1"}, "lr is '1', wanted"),
    ],
)
def test_wrong_settings_are_named(config, words):
    with pytest.raises(Unusable, match=words):
        encode(config, ALLOWED)


def compared(got, wanted, trained=None):
    def reached(config, seed):
        if trained is not None:
            trained.append((config, seed))
        return 0.9 if config["rule"] == "adam" and config["lr"] < (0.1 if seed == 1 else 0.05) else 0.1

    compare = judged_by_training(SICK, ALLOWED, reached, enough=0.75)
    return compare([encode(got, ALLOWED)], [encode(wanted, ALLOWED)])


def test_whatever_learns_with_both_seeds_is_right():
    cured = {**SICK, "rule": "adam"}
    assert compared(cured, {**cured, "lr": 0.02}) is None
    assert "the network gets 10% of the validation images right" in compared({**cured, "lr": 0.07}, cured)


def test_settings_that_fail_alike_agree_and_others_do_not():
    up = {**SICK, "lr": 0.5}
    assert compared(up, {**SICK, "lr": 0.9}) is None
    assert compared(up, {**SICK, "lr": 0.005}) is not None
    assert compared(up, {**up, "norm": True}) is not None


def test_one_failing_seed_is_enough():
    trained = []
    assert compared(SICK, {**SICK, "rule": "adam"}, trained) is not None
    assert [seed for _, seed in trained] == [1]
