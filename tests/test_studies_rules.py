"""The study "rules" in small: what a run measures, and how its rows are read."""

import numpy as np
import pytest

from course_lib.studies import load
from course_lib.studies import rules as r


def test_training_counts_steps_and_asks_as_often_as_it_says():
    network, history, seconds = r.train("Adam", 0.001, 3, steps=60, every=20)
    assert len(history.step_loss) == 60 and len(history.valid_accuracy) == 3 and seconds > 0
    assert set(history.lr) == {0.001} and 0.5 < history.valid_accuracy[-1] < 1
    again = r.train("Adam", 0.001, 3, steps=60, every=20)[1]
    assert again.step_loss == history.step_loss
    other = r.train("Adam", 0.001, 4, steps=20, every=20)[1]
    assert other.step_loss[0] != history.step_loss[0]


def test_all_rules_begin_alike_and_differ_later():
    losses = {rule: r.train(rule, 0.01, 0, steps=3, every=3)[1].step_loss for rule in ("SGD", "Adam", "Lion")}
    assert len({loss[0] for loss in losses.values()}) == 1 and len({loss[2] for loss in losses.values()}) == 3


def test_a_run_that_breaks_off_keeps_its_record():
    network, history, _ = r.train("SGD", 1000.0, 0, steps=40, every=10)
    assert history.stopped and len(history.step_loss) < 40 and len(history.valid_accuracy) == 4


def test_batches_go_on_after_the_last_image():
    assert len(r.train("SGD", 0.01, 0, steps=862, every=862)[1].step_loss) == 862  # 55,000 images are 860 batches


def test_steps_to_the_goal():
    assert r.steps_to_goal([0.9, 0.97, 0.95, 0.98]) == 100
    assert r.steps_to_goal([0.9, 0.969]) == 0
    assert r.steps_to_goal([0.5, 0.7], every=10, goal=0.6) == 20


def test_best_rates_are_chosen_on_the_validation_images():
    rows = [{"rule": "A", "lr": lr, "valid_accuracy": valid, "test_accuracy": test}
            for lr, valid, test in ((0.1, 0.8, 0.9), (0.1, 0.9, 0.9), (1.0, 0.7, 1.0), (1.0, 0.8, 1.0))]
    assert r.best_rates(rows) == {"A": (0.1, rows[:2])}
    assert r.by_rate(rows) == {"A": {0.1: rows[:2], 1.0: rows[2:]}}


def test_every_rule_was_run_at_every_rate():
    table = r.by_rate(load(r.STUDY))
    assert list(table) == list(r.RULES) and all(list(rates) == list(r.RATES) for rates in table.values())
    assert {len(runs) for rates in table.values() for runs in rates.values()} == {3}


@pytest.mark.parametrize("rule", r.RULES)
def test_a_stored_rule_learns_at_its_best_rate(rule):
    lr, runs = r.best_rates(load(r.STUDY))[rule]
    assert np.mean([run["valid_accuracy"] for run in runs]) > 0.97
