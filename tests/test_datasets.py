"""The data: what it contains or how it is drawn, that nobody can change it, and what is said when it is damaged."""

import hashlib
from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from course_lib import datasets
from course_lib.datasets import (
    MNIST_MEAN,
    MNIST_STD,
    load_iris,
    load_mnist,
    minibatches,
    moons,
    per_class,
    spirals,
    standardize,
)

ORIGINAL = datasets.MNIST


def test_mnist_is_the_original_in_three_parts():
    data = load_mnist()
    assert [array.shape for array in data] == [
        (55000, 28, 28), (55000,), (5000, 28, 28), (5000,), (10000, 28, 28), (10000,),
    ]
    assert {array.dtype for array in data} == {np.dtype(np.uint8)}
    assert data.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]  # as everyone knows them
    assert data.y_test[:5].tolist() == [7, 2, 1, 0, 4]
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(np.concatenate([data.y_train, data.y_valid])).tolist() == counts
    assert load_mnist() is data


def test_mnist_file_is_the_one_that_was_checked():
    assert hashlib.sha256(datasets.MNIST.read_bytes()).hexdigest() == datasets.MNIST_SHA256


def test_mean_and_std_are_those_of_all_training_pixels():
    data = load_mnist()
    counts = np.bincount(data.x_train.ravel(), minlength=256) + np.bincount(
        data.x_valid.ravel(), minlength=256
    )
    mean = np.average(np.arange(256), weights=counts)
    std = np.average((np.arange(256) - mean) ** 2, weights=counts) ** 0.5
    assert (MNIST_MEAN, MNIST_STD) == (pytest.approx(mean, abs=1e-5), pytest.approx(std, abs=1e-5))


@pytest.fixture
def file(monkeypatch, tmp_path):
    """Let load_mnist read another file, which doesn't exist yet."""
    path = tmp_path / "course_lib" / "data" / "mnist.npz"
    path.parent.mkdir(parents=True)
    monkeypatch.setattr(datasets, "MNIST", path)
    monkeypatch.setattr(datasets, "load_mnist", datasets.cache(load_mnist.__wrapped__))
    return path


def test_a_missing_file_is_named_and_how_to_get_it_back(file):
    with pytest.raises(
        FileNotFoundError, match="mnist.npz is missing. Get it back with `git checkout -- course_lib/data"
    ):
        datasets.load_mnist()


@pytest.mark.parametrize("damage", ["cut", "one byte", "empty"])
def test_a_damaged_file_is_named_and_nothing_is_loaded_from_it(file, damage):
    data = bytearray(ORIGINAL.read_bytes())
    data[5000] ^= 1
    file.write_bytes({"cut": ORIGINAL.read_bytes()[:-1], "one byte": data, "empty": b""}[damage])
    with pytest.raises(
        ValueError, match="is damaged: its SHA-256 is [0-9a-f]{64}, wanted 99b6212d.*git checkout"
    ):
        datasets.load_mnist()
    file.write_bytes(ORIGINAL.read_bytes())
    assert len(datasets.load_mnist().x_train) == 55000  # put back, it loads without a restart


@pytest.mark.parametrize("load", [load_mnist, load_iris])
def test_data_that_everyone_shares_is_read_only(load):
    for array in load():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_first_cuts_the_training_set_only():
    data = load_mnist().first(100)
    assert [len(array) for array in data] == [100, 100, 5000, 5000, 10000, 10000]


def test_first_cuts_the_validation_set_where_it_is_told_to():
    whole, data = load_mnist(), load_mnist().first(100, valid=30)
    assert [len(array) for array in data] == [100, 100, 30, 30, 10000, 10000]
    assert np.array_equal(data.x_valid, whole.x_valid[:30]) and np.array_equal(data.y_valid, whole.y_valid[:30])


def test_iris_is_balanced_whole_and_always_the_same():
    data = load_iris()
    assert [array.shape for array in data] == [(90, 4), (90,), (30, 4), (30,), (30, 4), (30,)]
    assert [np.bincount(y).tolist() for y in data[1::2]] == [[30] * 3, [10] * 3, [10] * 3]
    assert all(np.array_equal(a, b) for a, b in zip(data, load_iris.__wrapped__(), strict=True))
    assert data.x_train.dtype == np.float32
    from sklearn.datasets import load_iris as theirs

    x, y = theirs(return_X_y=True)
    mine = np.column_stack([np.concatenate(data[::2]), np.concatenate(data[1::2])]).astype(np.float32)
    both = [np.array(sorted(map(tuple, rows))) for rows in (mine, np.column_stack([x, y]).astype(np.float32))]
    np.testing.assert_array_equal(*both)


@pytest.mark.parametrize(
    ("n", "size", "lengths"), [(10, 3, [3, 3, 3, 1]), (4, 2, [2, 2]), (3, 5, [3]), (0, 4, [])]
)
def test_minibatches_give_each_example_once_with_its_label(n, size, lengths):
    x, y = np.arange(n) * 10, np.arange(n)
    batches = list(minibatches(x, y, size, np.random.default_rng(0)))
    assert [len(rows) for rows, _ in batches] == lengths
    assert all(np.array_equal(rows, 10 * labels) for rows, labels in batches)
    assert sorted(label for _, labels in batches for label in labels) == list(range(n))


def test_minibatches_come_in_an_order_that_the_generator_decides():
    x, rng = np.arange(50), np.random.default_rng(0)
    first, second, again = (
        np.concatenate([rows for rows, _ in minibatches(x, x, 8, g)]).tolist()
        for g in (rng, rng, np.random.default_rng(0))
    )
    assert first == again and first != second and first != x.tolist()


def test_minibatches_name_what_is_wrong():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="minibatches: y has 2 rows, wanted 3 as in x"):
        list(minibatches(np.ones(3), np.ones(2), 1, rng))
    with pytest.raises(ValueError, match="minibatches: size is 0, wanted at least 1"):
        list(minibatches(np.ones(3), np.ones(3), 0, rng))


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_standardize_gives_float32_without_wrapping_round(dtype):
    x = np.array([[0, 3, 255]], dtype)
    x.flags.writeable = False
    y = standardize(x, 5, 2.5)
    assert y.dtype == np.float32 and y.tolist() == [[-2, np.float32(-0.8), 100]]
    assert x.tolist() == [[0, 3, 255]]


def test_standardize_at_the_edges():
    assert standardize(np.zeros((0, 3)), 1, 2).shape == (0, 3)
    assert standardize(np.uint8(7), 5, 2) == 1
    np.testing.assert_array_equal(standardize(np.array([np.nan, np.inf]), 1, 2), [np.nan, np.inf])
    with pytest.raises(ValueError, match="standardize: x is a list"):
        standardize([1.0], 0, 1)


def test_standardized_training_pixels_have_mean_0_and_std_1():
    x = standardize(load_mnist().x_train[:20000], MNIST_MEAN, MNIST_STD)
    assert x.mean(dtype=np.float64) == pytest.approx(0, abs=0.01) and x.std(
        dtype=np.float64
    ) == pytest.approx(1, abs=0.01)


# Draws

steady = settings(deadline=None, derandomize=True, max_examples=40)


def rng(seed=0):
    return np.random.default_rng(seed)


@steady
@given(
    y=hnp.arrays(np.uint8, st.integers(0, 40), elements=st.integers(0, 3)),
    n=st.integers(0, 4),
    seed=st.integers(0, 5),
)
def test_per_class_gives_n_different_examples_of_every_class_with_their_labels(y, n, seed):
    x = np.stack([np.arange(len(y)), 100 * y.astype(int)], axis=1)
    x.flags.writeable = y.flags.writeable = False
    classes, counts = np.unique(y, return_counts=True)
    if (counts < n).any():
        with pytest.raises(ValueError, match=rf"per_class: class \d has [0-3] examples, wanted {n}"):
            per_class(x, y, n, rng(seed))
        return
    chosen, labels = per_class(x, y, n, rng(seed))
    assert chosen.dtype == x.dtype and labels.dtype == y.dtype and chosen.shape == (n * len(classes), 2)
    assert np.array_equal(chosen[:, 1], 100 * labels.astype(int)) and np.array_equal(y[chosen[:, 0]], labels)
    assert len(set(chosen[:, 0])) == len(chosen)
    assert sorted(labels) == sorted(np.repeat(classes, n))


def test_per_class_draws_every_example_and_every_order_equally_often():
    y, generator = np.array([0] * 4 + [1] * 20), rng()
    draws = [per_class(np.arange(24), y, 2, generator) for _ in range(4000)]
    counts = np.bincount(np.concatenate([x for x, _ in draws]), minlength=24)
    np.testing.assert_allclose(counts[:4], 2000, atol=150)
    np.testing.assert_allclose(counts[4:], 400, atol=80)
    share_of_rare_class = np.mean([labels == 0 for _, labels in draws], axis=0)
    np.testing.assert_allclose(share_of_rare_class, 0.5, atol=0.035)  # at each place


def test_per_class_on_mnist_and_from_a_seed():
    data = load_mnist()
    x, y = per_class(data.x_train, data.y_train, 50, rng())
    assert x.shape == (500, 28, 28) and x.dtype == np.uint8 and np.bincount(y).tolist() == [50] * 10
    again, _ = per_class(data.x_train, data.y_train, 50, rng())
    other, _ = per_class(data.x_train, data.y_train, 50, rng(1))
    assert np.array_equal(x, again) and not np.array_equal(x, other)


def test_per_class_names_wrong_arguments():
    with pytest.raises(ValueError, match=r"per_class: class 1 has 1 examples, wanted 2: try a smaller n"):
        per_class(np.arange(3), np.array([0, 1, 0]), 2, rng())
    with pytest.raises(ValueError, match=r"per_class: y has shape \(2,\), wanted \(batch\) with batch = 3"):
        per_class(np.arange(3), np.array([0, 1]), 1, rng())
    with pytest.raises(ValueError, match=r"per_class: n is -1, wanted a number in \[0, inf\)"):
        per_class(np.arange(3), np.array([0, 1, 0]), -1, rng())


# Toy sets

TOYS = [(moons, 2), (spirals, 2), (partial(spirals, classes=3), 3)]
each_toy = pytest.mark.parametrize(("draw", "classes"), TOYS, ids=["moons", "spirals", "three spirals"])


@each_toy
@pytest.mark.parametrize("n", [0, 1, 2, 7, 300])
def test_toys_have_the_right_form_and_balanced_classes_in_mixed_order(draw, classes, n):
    x, y = draw(n, rng())
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((n, 2), np.float32, (n,), np.uint8)
    counts = np.bincount(y, minlength=classes)
    assert len(counts) == classes and counts.max() - counts.min() <= 1 and counts.argmax() == 0
    if n == 300:
        assert abs(np.diff(np.sort(np.flatnonzero(y == 0)))).max() > 3 and len(set(y[:50])) == classes
        assert np.bincount(y[:150]).min() > 150 / classes - 25  # not one class after the other


@each_toy
def test_toys_come_from_the_generator_alone(draw, classes):
    generator = rng()
    (first, _), (second, _), (again, _) = draw(50, generator), draw(50, generator), draw(50, rng())
    assert np.array_equal(first, again) and not np.array_equal(first, second)


@each_toy
@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_noise_is_normal_and_of_that_size_in_both_coordinates(draw, classes, noise):
    (exact, labels), (noisy, same) = draw(4000, rng(), noise=0), draw(4000, rng(), noise=noise)
    assert np.array_equal(labels, same)
    added = (noisy - exact) / noise
    for values in (added[:, 0], added[:, 1], added[labels == 1, 0], added[labels == 1, 1]):
        assert stats.kstest(values, stats.norm.cdf).pvalue > 0.001
    assert abs(np.corrcoef(added.T)[0, 1]) < 0.06


def test_moons_are_half_circles_like_those_of_scikit_learn():
    x, y = moons(4000, rng(), noise=0)
    upper, lower = x[y == 0], x[y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, atol=1e-6)
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1, atol=1e-6)
    assert upper[:, 1].min() >= -1e-6 and lower[:, 1].max() <= 0.5 + 1e-6
    for angles in (np.arctan2(upper[:, 1], upper[:, 0]), np.arctan2(0.5 - lower[:, 1], 1 - lower[:, 0])):
        assert stats.kstest(angles, stats.uniform(0, np.pi).cdf).pvalue > 0.001
    from sklearn.datasets import make_moons

    theirs, labels = make_moons(4000)
    for label in (0, 1):
        for axis in (0, 1):
            assert stats.ks_2samp(x[y == label, axis], theirs[labels == label, axis]).pvalue > 0.001


@pytest.mark.parametrize("classes", [1, 2, 3, 256])
@pytest.mark.parametrize("turns", [0.0, 1.5, -2.0])
def test_spirals_wind_and_have_one_arm_a_class(classes, turns):
    x, y = spirals(4096, rng(), classes=classes, turns=turns, noise=0)
    assert set(y) == set(range(classes))
    r = np.hypot(*x.T)
    assert stats.kstest(r**2, stats.uniform.cdf).pvalue > 0.001
    angles = 2 * np.pi * (turns * r + y / classes)
    np.testing.assert_allclose(x, np.stack([r * np.cos(angles), r * np.sin(angles)], axis=1), atol=1e-5)


def test_with_the_default_noise_the_nearest_neighbours_tell_the_arms_apart_and_no_line_does():
    for draw, error in ((moons, 0.02), (spirals, 0.05)):
        (x, y), (other, labels) = draw(1000, rng(1)), draw(500, rng(2))
        nearest = np.linalg.norm(other[:, None] - x, axis=2).argmin(axis=1)
        assert (y[nearest] != labels).mean() < error
        plane = np.column_stack([x, np.ones(1000)])
        line = np.linalg.lstsq(plane, 2.0 * y - 1, rcond=None)[0]
        assert ((plane @ line > 0) != y).mean() > 0.08


def test_toys_name_wrong_options():
    for call, message in [
        (lambda: moons(5, rng(), noise=-1), r"moons: noise is -1, wanted a number in \[0, inf\)"),
        (lambda: spirals(5, rng(), noise=-1), r"spirals: noise is -1, wanted a number in \[0, inf\)"),
        (lambda: spirals(5, rng(), classes=0), r"spirals: classes is 0, wanted a number in \[1, 256\]"),
        (lambda: spirals(5, rng(), classes=257), r"spirals: classes is 257, wanted a number in \[1, 256\]"),
        (lambda: moons(-1, rng()), r"moons: n is -1, wanted"),
        (lambda: spirals(-1, rng()), r"spirals: n is -1, wanted"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()


# What the first tests left open


def test_standardize_takes_numpy_numbers_and_arrays_per_feature():
    x = np.array([[1.0, 10.0], [3.0, 30.0]])
    for mean, std in ((np.float64(2), np.float64(4)), (np.array([2.0, 20.0]), np.array([1.0, 10.0]))):
        assert standardize(x, mean, std).dtype == np.float32
    assert standardize(x, np.array([2.0, 20.0]), np.array([1.0, 10.0])).tolist() == [[-1, -1], [1, 1]]


@steady
@given(n=st.integers(0, 30), size=st.integers(1, 12), seed=st.integers(0, 5))
def test_minibatches_leave_nothing_out_and_write_nowhere(n, size, seed):
    x, y = np.arange(3 * n).reshape(n, 3), np.arange(n)
    x.flags.writeable = y.flags.writeable = False
    batches = list(minibatches(x, y, size, rng(seed)))
    assert [len(a) for a, _ in batches[:-1]] == [size] * (len(batches) - 1) and all(len(a) for a, _ in batches)
    assert sorted(int(v) for _, b in batches for v in b) == list(range(n))
    assert all(np.array_equal(a[:, 0], 3 * b) for a, b in batches)
