"""Data: real, embedded in the package and never downloaded, or made from a seed; and ways to draw from it."""

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_lib.contracts import shapes

MNIST = Path(__file__).parent / "data" / "mnist.npz"
MNIST_SHA256 = "99b6212d8b734503d7fa2e29ea6413bad62226998e56555f4a6b0b30072f1aec"
MNIST_MEAN, MNIST_STD = 33.318421, 78.567490  # of the pixels of the 60,000 training images, 0 to 255


class Split(NamedTuple):
    """Inputs x and integer labels y, divided into training, validation and test."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    def first(self, n, valid=None):
        """Return the same split with the first n training examples only, and the first `valid` validation examples."""
        cut = self._replace(x_train=self.x_train[:n], y_train=self.y_train[:n])
        return cut._replace(x_valid=self.x_valid[:valid], y_valid=self.y_valid[:valid])


@shapes(x="...")
def standardize(x, mean, std):
    """Shift and scale numbers so that their mean becomes 0 and their deviation 1.

    Parameters
    ----------
    x : array, any shape
        Images are often uint8: whole numbers from 0 to 255.
    mean, std : float
        Of the training set, also when x is the test set.

    Returns
    -------
    array of float32, x's shape

    Formula
    -------
    result = (x - mean) / std
    """
    return ((x - np.float32(mean)) / np.float32(std)).astype(np.float32)


@cache
def load_mnist():
    """Return MNIST: 55,000 training, 5,000 validation and 10,000 test images of handwritten digits, 28 by 28 pixels.

    Returns
    -------
    Split
        Images uint8 (n, 28, 28), 0 is background and 255 ink; labels uint8 (n,), the digit. The arrays are
        read-only, since everyone shares them. The validation images are the last 5,000 of the training file.

    Raises
    ------
    FileNotFoundError, ValueError
        If the data file is missing or damaged; says how to get it back.

    Notes
    -----
    Y. LeCun, C. Cortes and C. Burges, CC BY-SA 3.0.
    """
    restore = f"Get it back with `git checkout -- {MNIST.relative_to(MNIST.parents[2])}`, or unpack the course again."
    if not MNIST.is_file():
        raise FileNotFoundError(f"The data file {MNIST} is missing. {restore}")
    found = hashlib.sha256(MNIST.read_bytes()).hexdigest()
    if found != MNIST_SHA256:
        raise ValueError(f"The data file {MNIST} is damaged: its SHA-256 is {found}, wanted {MNIST_SHA256}. {restore}")
    with np.load(MNIST, allow_pickle=False) as file:
        x, y, x_test, y_test = (file[k] for k in ("x_train", "y_train", "x_test", "y_test"))
    return _read_only(Split(x[:55000], y[:55000], x[55000:], y[55000:], x_test, y_test))


@cache
def load_iris():
    """Return Iris: 90 training, 30 validation and 30 test flowers of three species, equally many of each.

    Returns
    -------
    Split
        Measurements float32 (n, 4) in centimetres: length and width of sepal and petal; labels 0, 1, 2: setosa,
        versicolor, virginica. Read-only, in an order that is mixed once and always the same.

    Notes
    -----
    R. A. Fisher, 1936; the file that scikit-learn carries.
    """
    from sklearn.datasets import load_iris as load  # a second to import: only for those who want Iris

    x, y = load(return_X_y=True)
    mixed = np.concatenate([np.random.default_rng(0).permutation(50) + 50 * species for species in range(3)])
    order = mixed.reshape(3, 50).T.ravel()  # every third flower is of the same species
    x, y = x[order].astype(np.float32), y[order].astype(np.uint8)
    return _read_only(Split(x[:90], y[:90], x[90:120], y[90:120], x[120:], y[120:]))


def minibatches(x, y, size, rng):
    """Yield the examples once, in a new random order, `size` at a time; the last batch may be smaller.

    Parameters
    ----------
    x, y : arrays with equally many rows
    size : int, at least 1
    rng : numpy.random.Generator

    Yields
    ------
    x, y : arrays of at most size rows

    Raises
    ------
    ValueError
        If x and y differ in length or size is below 1.
    """
    if len(x) != len(y):
        raise ValueError(f"minibatches: y has {len(y)} rows, wanted {len(x)} as in x")
    if size < 1:
        raise ValueError(f"minibatches: size is {size}, wanted at least 1")
    order = rng.permutation(len(x))
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        yield x[rows], y[rows]


@shapes(x="batch ...", y="batch", n="[0, inf)")
def per_class(x, y, n, rng):
    """Return n examples of every class, drawn at random without repeats, in mixed order.

    Parameters
    ----------
    x : array (batch, ...)
    y : array (batch,)
        The labels; classes are the values that occur.
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    x, y : arrays of n · classes rows

    Raises
    ------
    ValueError
        If a class has fewer than n examples.
    """
    classes, counts = np.unique(y, return_counts=True)
    for label, count in zip(classes, counts, strict=True):
        if count < n:
            raise ValueError(f"per_class: class {label} has {count} examples, wanted {n}: try a smaller n")
    mixed = rng.permutation(len(y))
    rows = np.concatenate([mixed[:0], *(mixed[y[mixed] == label][:n] for label in classes)])
    rows = rng.permutation(rows)  # until here they lie class by class
    return x[rows], y[rows]


@shapes(n="[0, inf)", noise="[0, inf)")
def moons(n, rng, *, noise=0.1):
    """Draw points on two half circles that reach into each other: two classes that no straight line divides.

    Parameters
    ----------
    n : int
    rng : numpy.random.Generator
    noise : float
        Standard deviation of what is added to both coordinates.

    Returns
    -------
    x : array of float32 (n, 2)
    y : array of uint8 (n,)
        0 and 1, equally often, in mixed order; one 0 more if n is odd.

    Formula
    -------
    Class 0: (cos t, sin t),   class 1: (1 - cos t, 1/2 - sin t),   t uniform from 0 to π

    Notes
    -----
    In scikit-learn: ``make_moons``, with evenly spaced t.
    """
    y = rng.permutation(n) % 2
    t = rng.uniform(0, np.pi, n)
    x = np.stack([np.where(y, 1 - np.cos(t), np.cos(t)), np.where(y, 0.5 - np.sin(t), np.sin(t))], axis=1)
    return (x + rng.normal(0, noise, x.shape)).astype(np.float32), y.astype(np.uint8)


@shapes(n="[0, inf)", classes="[1, 256]", noise="[0, inf)")
def spirals(n, rng, *, classes=2, turns=1.5, noise=0.03):
    """Draw points on the arms of a spiral, one arm a class: a boundary that winds.

    Parameters
    ----------
    n : int
    rng : numpy.random.Generator
    classes : int
    turns : float
        How often an arm winds around the centre; negative: the other way.
    noise : float
        Standard deviation of what is added to both coordinates.

    Returns
    -------
    x : array of float32 (n, 2)
    y : array of uint8 (n,)
        From 0 to classes - 1, equally often up to one, in mixed order.

    Formula
    -------
    x = r (cos a, sin a),   a = 2π (turns · r + class / classes),   r² uniform from 0 to 1: evenly along the arm

    Notes
    -----
    Lang and Witbrock, 1988.
    """
    y = rng.permutation(n) % classes
    r = np.sqrt(rng.random(n))
    a = 2 * np.pi * (turns * r + y / classes)
    x = np.stack([r * np.cos(a), r * np.sin(a)], axis=1)
    return (x + rng.normal(0, noise, x.shape)).astype(np.float32), y.astype(np.uint8)


def _read_only(split):
    arrays = [np.ascontiguousarray(array) for array in split]
    for array in arrays:
        array.flags.writeable = False
    return Split(*arrays)
