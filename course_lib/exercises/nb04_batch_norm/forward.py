"""Exercise of notebook 04: batch norm while training, forward."""

import numpy as np

from course_lib.exercises.core import Exercise
from course_lib.exercises.judge.calling import call
from course_lib.exercises.judge.comparing import Unusable
from course_lib.exercises.nb04_batch_norm.forward_mistakes import MISTAKES
from course_lib.normalization import NormCache, batch_norm


def _cases(rng):
    yield np.array([[1.0], [3.0], [5.0], [7.0]]), np.array([3.0]), np.array([10.0]), {"eps": 4.0}
    yield np.array([[200.0, -300.0]]), np.array([2.0, 0.5]), np.array([1.0, -1.0])  # one row
    for shape, dtype, size, options in [
        ((6, 3), np.float64, 2, {"eps": 0.5}), ((4, 4), np.float64, 2, {"eps": 0.25}), ((5, 2), np.float64, 0.03, {}),
        ((64, 100), np.float32, 2, {}), ((3, 2, 4, 2), np.float64, 2, {"eps": 0.25}), ((8, 5, 5, 3), np.float32, 2, {}),
        ((0, 3), np.float64, 2, {}),
    ]:
        x, gamma, beta = rng.normal(1, size, shape), rng.uniform(0.5, 2, shape[-1]), rng.standard_normal(shape[-1])
        yield (*(a.astype(dtype) for a in (x, gamma, beta)), options)
    yield 1000 + rng.standard_normal((10, 3)), np.ones(3), np.zeros(3)
    yield np.full((5, 2), 700.0), np.ones(2), np.array([0.5, -0.5])  # the same in every row


def _forward(answer, case):
    """Return y and the cache's five arrays; the text asks for a dtype of y alone."""
    result = call(answer, case)
    if not isinstance(result, tuple | list) or len(result) != 2:
        many = f" of {len(result)}" if isinstance(result, tuple | list) else ""
        raise Unusable(f"it returned a {type(result).__name__}{many}, wanted two things: y and the cache")
    y, cache = result
    if isinstance(y, tuple | list):
        raise Unusable("its first result is the cache, wanted y first and then the cache")
    if not isinstance(cache, tuple | list) or len(cache) != 5:
        many = f" of {len(cache)}" if isinstance(cache, tuple | list) else ""
        raise Unusable(
            f"its cache is a {type(cache).__name__}{many}, wanted NormCache(mean, variance, centred, std, gamma)"
        )
    if not hasattr(cache, "centred"):
        raise Unusable("its cache is a plain tuple, wanted NormCache(…): what follows asks for cache.mean by its name")
    return y, *(a.astype(case[0].dtype) if getattr(a, "dtype", np.dtype(object)).kind == "f" else a for a in cache)


FORWARD = Exercise(
    name="batch_norm",
    reference=batch_norm,
    cases=_cases,
    points=3,
    call=_forward,
    parts=("y", *(f"the cache's {name}" for name in NormCache._fields)),
    rows="example",
    empty=True,
    mistakes=MISTAKES,
    hints=(
        "Every unit by itself: take away its mean over the batch, divide by its standard deviation over the batch. "
        "Then a learned scale and a learned shift.",
        "axes = tuple(range(x.ndim - 1)); mean = x.mean(axis=axes); centred = x - mean; variance = "
        "(centred ** 2).mean(axis=axes); std = np.sqrt(variance + eps); and at the end return y, NormCache(mean, "
        "variance, centred, std, gamma).",
    ),
)
