"""The study "filters": what learns and what stays, equal beginnings and batches, and what is stored."""

import numpy as np
import pytest

from course_lib.datasets import load_mnist
from course_lib.optimizers import adam
from course_lib.schedules import cosine_decay
from course_lib.studies import load
from course_lib.studies.filters import BUDGET, FILTERS, FIXED, STUDY, TRAINED, below_dense, network_of, rows_of, train
from course_lib.training import evaluate, fit

NAME = "8 filters"


@pytest.fixture(scope="module")
def few():
    return load_mnist().first(200, valid=100)


@pytest.mark.parametrize("name", FILTERS)
def test_networks_have_the_filters_they_are_named_after(name):
    params = network_of(name, np.random.default_rng(0)).params
    assert [w.shape[3] for w in params.values() if w.ndim == 4] == FILTERS[name]
    assert [w.shape[:2] for w in params.values() if w.ndim == 4] == [(3, 3), (3, 3)]


def test_rows_are_what_the_lower_layers_give():
    network, x = network_of(NAME, np.random.default_rng(0)), load_mnist().x_test[:7]
    lower, upper = below_dense(network)
    rows = rows_of(lower, x, size=3)
    assert rows.shape == (7, 49 * 8)
    np.testing.assert_allclose(upper.inference(rows), network.inference(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("filters", "learn"), [(FIXED, False), (TRAINED, True)])
def test_filters_stay_or_learn_and_dense_layers_always_learn(filters, learn, few):
    start = network_of(NAME, np.random.default_rng(3)).params
    end = train(NAME, filters, few, 3, epochs=1).params
    for key, w in start.items():
        assert np.array_equal(w, end[key]) == (key.startswith("conv") and not learn), key


def test_cached_rows_give_the_network_that_the_images_would(few):
    """All else is equal between the two kinds: the same run with the filters' gradients set to 0 ends at the same."""
    cached, whole = train(NAME, FIXED, few, 1, epochs=2, lr=0.003), network_of(NAME, np.random.default_rng(1))
    names = list(whole.params)

    def dense_only(grads):
        return [grad * name.startswith("dense") for name, grad in zip(names, grads, strict=True)]

    fit(whole, few, adam, lr=lambda step: cosine_decay(step, lr=0.003, decay_steps=8), rng=np.random.default_rng(1001),
        epochs=2, batch_size=BUDGET["batch_size"], transform=dense_only, progress=False)
    for key, w in whole.params.items():
        np.testing.assert_allclose(cached.params[key], w, rtol=1e-3, atol=1e-5)


def test_training_works(few):
    _, before = evaluate(network_of(NAME, np.random.default_rng(0)), few.x_train, few.y_train)
    _, after = evaluate(train(NAME, TRAINED, few, 0), few.x_train, few.y_train)
    assert after > before + 0.3


def test_all_runs_are_stored():
    rows = load(STUDY)
    assert len(rows) == len(FILTERS) * 2 * 5
    assert all(0.5 < row["test_accuracy"] < 1 for row in rows)
