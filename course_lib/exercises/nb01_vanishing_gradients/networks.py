"""What the exercises on a whole network share: parameters by chance, and pairs of arrays turned into a flat list."""

import numpy as np

from course_lib.exercises.judge.comparing import Unusable

PAPER = [(np.array([[2.0], [-1.0]]), np.array([0.0])), (np.array([[4.0]]), np.array([1.0]))]
NETWORKS = [  # units of the layers, the inputs first; examples in a batch; dtype
    ((3, 4, 2), 5, np.float64),
    ((2, 5, 3, 4), 3, np.float64),
    ((4, 4, 4, 4), 4, np.float64),
    ((3, 2), 4, np.float64),
    ((3, 2, 3, 2, 3, 2), 2, np.float64),
    ((6, 5, 4), 3, np.float32),
    ((100, 50, 50, 10), 64, np.float32),
]
DEEPEST = 20  # layers of a case at most


def drawn(rng, *sizes, dtype=np.float64):
    """Return a list of (w, b) for layers of these sizes, the inputs' first."""
    pairs = zip(sizes, sizes[1:], strict=False)
    return [(rng.standard_normal((m, n)).astype(dtype), rng.standard_normal(n).astype(dtype)) for m, n in pairs]


def parts(first, second):
    """Return the names of all arrays in a list of pairs."""
    return tuple(f"{name} of layer {i}" for i in range(1, DEEPEST + 1) for name in (first, second))


def flat(pairs, layers, first, second):
    """Return the arrays in a list of pairs, one pair a layer; say what is wrong with a result of another form."""
    wanted = f"wanted a list of pairs ({first}, {second}), one a layer"
    if pairs is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    if not isinstance(pairs, tuple | list):
        raise Unusable(f"it returned a {type(pairs).__name__}, {wanted}")
    if len(pairs) == 2 and isinstance(pairs[0], tuple | list) and any(isinstance(x, tuple | list) for x in pairs[0]):
        raise Unusable(f"it returned a {type(pairs).__name__} whose first item is a list of pairs itself, {wanted}")
    if pairs and all(isinstance(array, np.ndarray) for array in pairs):
        raise Unusable(f"it returned a list of {len(pairs)} arrays, {wanted}")
    for i, pair in enumerate(pairs):
        if not isinstance(pair, tuple | list):
            raise Unusable(f"item {i} of what it returned is a {type(pair).__name__}, {wanted}")
        if len(pair) != 2:
            raise Unusable(f"item {i} of what it returned holds {len(pair)} things, {wanted}")
    if len(pairs) != layers:
        raise Unusable(f"it returned {len(pairs)} pairs, wanted {layers}, one a layer")
    return [array for pair in pairs for array in pair]
