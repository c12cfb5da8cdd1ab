"""The study "thawing": what is copied, what stays, and that ways differ in what they should and nothing else."""

import numpy as np
import pytest

from course_lib.datasets import load_mnist
from course_lib.studies import load
from course_lib.studies.thawing import (
    BUDGET,
    IMAGES,
    RATES,
    STUDY,
    WAYS,
    accuracies,
    digits,
    network_of,
    retrain,
    source,
    standardized,
    train,
)


@pytest.fixture
def short(monkeypatch):
    """The study with a short training of its source."""
    monkeypatch.setitem(BUDGET, "source_steps", 30)
    monkeypatch.setitem(BUDGET, "steps", 20)
    source.cache_clear()
    yield
    source.cache_clear()


def test_digits_are_the_chosen_ones_and_their_pixels_the_same():
    low, high = digits(0, 4), digits(5, 9)
    data = load_mnist()
    assert low.x_train.shape == (np.count_nonzero(data.y_train < 5), 500)
    assert high.x_test.shape == (np.count_nonzero(data.y_test > 4), 500)
    assert set(high.y_valid) == set(range(5))
    np.testing.assert_array_equal(high.y_train, data.y_train[data.y_train > 4] - 5)
    assert low.x_train.dtype == np.uint8
    floats = standardized(low.x_train)
    assert floats.dtype == np.float32 and abs(floats.mean()) < 1e-3 and abs(floats.std() - 1) < 1e-3


def test_the_pixels_are_those_of_greatest_variance():
    data = load_mnist()
    variance = data.x_train[data.y_train < 5].reshape(-1, 784).var(axis=0)
    low = digits(0, 4).x_train.var(axis=0)
    np.testing.assert_allclose(np.sort(low), np.sort(variance)[-500:], rtol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_layers_are_what_their_letters_say(way, short):
    trained = source(0)
    start = network_of(way, trained, np.random.default_rng(1))
    sizes = [500, *BUDGET["widths"][: len(way.rstrip("D"))], 5]
    assert [w.shape for key, w in start.params.items() if key.endswith("/w")] == list(
        zip(sizes[:-1], sizes[1:], strict=True))
    for i, letter in enumerate(way.rstrip("D"), 1):
        assert np.array_equal(start.params[f"dense {i}/w"], trained.params[f"dense {i}/w"]) == (letter in "FT")
    end = retrain(way, 2, 0.001, 0)
    for i, letter in enumerate(way.rstrip("D"), 1):
        for kind in "wb":
            same = np.array_equal(end.params[f"dense {i}/{kind}"], trained.params[f"dense {i}/{kind}"])
            assert same == (letter == "F")


def test_the_source_is_left_alone(short):
    before = {name: w.copy() for name, w in source(0).params.items()}
    retrain("TTT", 2, 0.003, 0)
    assert all(np.array_equal(w, source(0).params[name]) for name, w in before.items())


def test_training_takes_the_steps_it_is_told():
    rng = np.random.default_rng(0)
    network = network_of("NDD", None, rng)
    x, y = rng.integers(0, 256, (30, 500), np.uint8), rng.integers(0, 5, 30)
    before = network.params["dense 1/w"].copy()
    train(network, x, y, rng, lr=0.001, steps=0)
    assert np.array_equal(before, network.params["dense 1/w"])
    train(network, x, y, rng, lr=0.001, steps=1)
    assert np.abs(network.params["dense 1/w"] - before).max() == pytest.approx(0.001, rel=0.01)  # Adam's first step


def test_all_runs_are_stored_and_rates_are_chosen_on_validation():
    rows = load(STUDY)
    assert len(rows) == len(WAYS) * len(IMAGES) * len(RATES) * 3
    found = accuracies(rows)
    group = [[row for row in rows if row["way"] == "TTT" and row["images"] == 12 and row["lr"] == lr] for lr in RATES]
    best = max(group, key=lambda runs: np.mean([row["valid_accuracy"] for row in runs]))
    assert found["TTT", 12] == [row["test_accuracy"] for row in best]
