"""The data: what it contains, that nobody can change it, and what is said when it is damaged."""

import hashlib

import numpy as np
import pytest

from course_lib import datasets
from course_lib.datasets import MNIST_MEAN, MNIST_STD, load_iris, load_mnist, minibatches, standardize

ORIGINAL = datasets.MNIST


def test_mnist_is_the_original_in_three_parts():
    data = load_mnist()
    assert [array.shape for array in data] == [
        (55000, 28, 28), (55000,), (5000, 28, 28), (5000,), (10000, 28, 28), (10000,),
    ]  # fmt: skip
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
