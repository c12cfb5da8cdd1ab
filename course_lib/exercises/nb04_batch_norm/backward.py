"""Exercise of notebook 04: batch norm's backward pass, with the paths through the batch's statistics."""

import numpy as np

from course_lib.exercises.core import Exercise, Task
from course_lib.exercises.nb04_batch_norm.backward_mistakes import MISTAKES
from course_lib.normalization import NormCache, batch_norm, batch_norm_backward


def _cases(rng):
    x = np.array([[1.0], [3.0], [5.0], [7.0]])
    yield np.array([[1.0], [0.0], [0.0], [-1.0]]), tuple(batch_norm(x, np.array([3.0]), np.array([10.0]), eps=4.0)[1])
    _, cache = batch_norm(np.array([[2.0, -3.0]]), np.array([2.0, 0.5]), np.zeros(2))
    yield np.array([[150.0, -250.0]]), tuple(cache)  # one row: nothing comes back
    for shape, dtype, eps in [((6, 3), np.float64, 0.5), ((4, 4), np.float64, 0.25), ((64, 100), np.float32, 1e-3),
                              ((3, 2, 4, 2), np.float64, 0.25), ((4, 5, 2, 3), np.float32, 1e-3),
                              ((0, 3), np.float64, 1e-3)]:
        x, gamma = rng.normal(1, 2, shape).astype(dtype), rng.uniform(0.5, 2, shape[-1]).astype(dtype)
        _, cache = batch_norm(x, gamma, np.zeros_like(gamma), eps=eps)
        yield rng.normal(0.3, 1, shape).astype(dtype), tuple(cache)


def _backward(answer, case):
    dy, cache = case
    return answer(dy, NormCache(*cache))


BACKWARD = Exercise(
    name="batch_norm_backward",
    reference=batch_norm_backward,
    cases=_cases,
    points=4,
    task=Task.DERIVE,
    call=_backward,
    parts=("dx", "dgamma", "dbeta"),
    rows="example",
    mistakes=MISTAKES,
    hints=(
        "Three paths lead from x to the loss: straight through, through the mean, through the variance. Begin with "
        "dgamma and dbeta; dx needs both.",
        "axes = tuple(range(dy.ndim - 1)) and n = dy.size / dy.shape[-1] for images too; then np.sum(dy, axis=axes), "
        "np.sum(dy * cache.centred / cache.std, axis=axes), and the line for dx.",
    ),
)
