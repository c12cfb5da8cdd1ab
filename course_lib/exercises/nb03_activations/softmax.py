"""Exercise `softmax` of notebook 03: each row's shares, without overflow."""

import numpy as np

from course_lib.activations import softmax
from course_lib.exercises.core import Exercise, Mistake


def _cases(rng):
    logs = np.log(np.array([[1.0, 2.0, 5.0]]))
    yield (logs,)
    yield (1000 + logs,)
    yield (np.array([[3.0]]),)
    yield (np.zeros((2, 4)),)
    yield (np.zeros((0, 10)),)
    yield (np.array([[1.0, 2.0], [4.0, 1.5]]),)
    yield (np.array([[0.0, 1000.0]]),)
    yield (np.array([[1000.0, 0.0]]),)
    yield (np.array([[-2e6, 1e6, 999999.0]]),)
    yield (np.array([[-1000.0, -1001.0, -1002.0]], np.float32),)
    yield (np.array([[1000.0, 1000.0], [-1000.0, -1001.0]]),)
    yield (np.array([[-1000.0, -1001.0], [1000.0, 1000.0]]),)
    yield (rng.uniform(-10, 10, (3, 3)),)
    yield (rng.uniform(-10, 10, (5, 4)),)
    yield (rng.standard_normal((128, 10), dtype=np.float32),)


def _top(z):
    return z.max(axis=-1, keepdims=True)


def _shares(powers, axis=-1):
    return powers / powers.sum(axis=axis, keepdims=True)


def _right(z):
    return _shares(np.exp(z - _top(z)))


SOFTMAX = Exercise(
    name="softmax",
    reference=softmax,
    cases=_cases,
    points=2,
    mistakes=(
        Mistake(
            lambda z: _shares(np.exp(z)),
            "Right for small numbers; exp(1000) is inf, and inf / inf is NaN. Subtract each row's largest number "
            "first: all exponentials of the row shrink by one factor, which cancels.",
        ),
        Mistake(
            lambda z: np.nan_to_num(_shares(np.exp(z))),
            "exp(1000) is inf, and inf / inf is NaN. Covering up the NaN with 0 makes rows that don't sum to 1: "
            "subtract each row's largest number first, and no NaN arises.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.max())),
            "The largest number of the whole batch is subtracted: a row that lies far below it becomes 0 / 0. Every "
            "row has a largest number of its own.",
        ),
        Mistake(
            lambda z: np.nan_to_num(_shares(np.exp(z - z.max()))),
            "The largest number of the whole batch is subtracted, so a row that lies far below it comes out as 0. "
            "Every row has a largest number of its own, and then nothing needs to be covered up.",
        ),
        Mistake(
            lambda z: _shares(np.exp(np.maximum(z - z.max(), -80))),
            "A row far below the largest number of the batch comes out with equal shares: its numbers were cut off. "
            "Subtract from every row its own largest number, and nothing needs to be cut.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.min(axis=-1, keepdims=True))),
            "The smallest number of the row is subtracted, so the others become large: where a row is spread wide, exp "
            "overflows. Subtract the largest, then nothing exceeds exp(0).",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.mean(axis=-1, keepdims=True))),
            "The row's mean is subtracted, so its largest number may still be large: where a row is spread wide, exp "
            "overflows. Subtract the largest.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - np.abs(z).max(axis=-1, keepdims=True))),
            "For a row of large negative numbers every exponential becomes 0, and 0 / 0 is NaN. Subtract from every "
            "row its own largest number, where that is negative, too: then the largest exponential is 1.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z + _top(z))),
            "The largest number is added, which makes overflow worse. Subtract it.",
        ),
        Mistake(
            lambda z: _shares(np.exp(np.clip(z, -80, 80))),
            "z is cut off at a limit, so 1000 and 1001 count as equal. Subtract each row's largest number instead: "
            "that changes no share.",
        ),
        Mistake(
            lambda z: _shares(np.exp(np.clip(z, -500, 500))),
            "z is cut off at a limit, so 1000 and 1001 count as equal, and in float32 the limit doesn't even prevent "
            "0 / 0. Subtract each row's largest number instead: that changes no share.",
        ),
        Mistake(
            lambda z: _shares(np.exp(np.minimum(z, 500))),
            "z is cut off above, so 1000 and 1001 count as equal, and a row of large negative numbers becomes 0 / 0. "
            "Subtract each row's largest number instead: that changes no share.",
        ),
        Mistake(
            lambda z: np.exp(z - _top(z)) / np.exp(z).sum(axis=-1, keepdims=True),
            "The shift is only in the numerator, so it doesn't cancel. The sum must run over the same exponentials, "
            "exp(z - m).",
        ),
        Mistake(
            lambda z: np.exp(z) / np.exp(z - _top(z)).sum(axis=-1, keepdims=True),
            "The shift is only in the sum, so it doesn't cancel. The numerator must be the same exponential, "
            "exp(z - m).",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - _top(z)), axis=None),
            "Divided by the sum over all rows: each row must sum to 1 by itself.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.max()), axis=None),
            "All rows together sum to 1, and each must do so by itself: take the sum, and the largest number that is "
            "subtracted, along the last axis.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.max(axis=0, keepdims=True)), axis=0),
            "Here the columns sum to 1. A row is an example, and its classes share the probability: sum over the last "
            "axis.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - _top(z)), axis=0),
            "The largest number is taken row by row, and the sum over each column. Both belong to the row: sum over "
            "the last axis.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.max(axis=0, keepdims=True))),
            "The largest number is taken column by column, so each class of a row is shifted differently, and that "
            "doesn't cancel. Take it along the row, the last axis.",
        ),
        Mistake(
            lambda z: np.exp(z - z.max(axis=-1)) / np.exp(z - z.max(axis=-1)).sum(axis=-1),
            "max and sum along a row leave one number a row, shape (batch,), which NumPy lines up with the columns. "
            "With keepdims=True, shape (batch, 1), each stays with its own row.",
        ),
        Mistake(
            lambda z: np.exp(z - _top(z)) / np.exp(z - _top(z)).sum(axis=-1),
            "The sum along a row has shape (batch,), which NumPy lines up with the columns. With keepdims=True, shape "
            "(batch, 1), each row is divided by its own.",
        ),
        Mistake(
            lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=-1),
            "The sum along a row has shape (batch,), which NumPy lines up with the columns: keepdims=True leaves each "
            "with its own row. Then take each row's largest number in the same way and subtract it, before exp.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.max(axis=-1))),
            "The rows' largest numbers have shape (batch,), which NumPy lines up with the columns. With keepdims=True, "
            "shape (batch, 1), each is subtracted from its own row.",
        ),
        Mistake(
            lambda z: np.exp(z - _top(z)),
            "These are the shifted exponentials; they aren't divided by their sum yet.",
        ),
        Mistake(
            lambda z: np.exp(z),
            "These are the exponentials; they aren't divided by their sum yet, and exp(1000) is inf: first subtract "
            "each row's largest number.",
        ),
        *(
            Mistake(
                lambda z, eps=eps: np.exp(z - _top(z)) / (np.exp(z - _top(z)).sum(axis=-1, keepdims=True) + eps),
                f"Rows sum to less than 1, as if {eps:g} were added to the sum. Nothing needs to be added: once the "
                "largest number is subtracted, the sum is at least 1.",
            )
            for eps in (1e-3, 1e-6, 1e-5, 1e-4, 0.01, 1)
        ),
        Mistake(
            lambda z: _shares(np.exp(z) - _top(z)),
            "The largest number of z is subtracted from the exponential, outside the brackets. It belongs inside: "
            "exp(z - m).",
        ),
        Mistake(
            lambda z: np.exp(z - _top(z)) * np.exp(z - _top(z)).sum(axis=-1, keepdims=True),
            "The exponentials are multiplied by their sum. Shares are parts of a whole: divide.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z) - _top(np.exp(z))),
            "The largest number is subtracted after the exponential, where that changes the shares. Subtract it from "
            "z, before.",
        ),
        Mistake(
            lambda z: 1 / (1 + np.exp(-z)),
            "This is the logistic function of every number by itself: the rows don't sum to 1.",
        ),
        Mistake(
            lambda z: _shares(np.exp(-(z - z.min(axis=-1, keepdims=True)))),
            "The largest number gets the smallest probability: the sign inside exp is wrong.",
        ),
        Mistake(
            lambda z: _right(_right(z)),
            "Softmax is applied twice: the shares are exponentiated again. Once is enough.",
        ),
        Mistake(
            lambda z: z - _top(z) - np.log(np.exp(z - _top(z)).sum(axis=-1, keepdims=True)),
            "This is the logarithm of softmax. The probabilities themselves are asked for.",
        ),
        Mistake(
            lambda z: z.argmax(axis=-1).astype(z.dtype),
            "This is the number of the most probable class. A probability for each class is asked for.",
        ),
        Mistake(
            lambda z: _right(z).max(axis=-1),
            "Only each row's largest probability comes back. One for each class is asked for, in z's shape.",
        ),
        Mistake(
            lambda z: list(_right(z)),
            "The rows come back in a list. An array of z's shape is wanted.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z / _top(z))),
            "Each row is divided by its largest number. That changes the differences between classes, which are all "
            "that counts: subtract it.",
        ),
        Mistake(
            lambda z: _shares(z),
            "Shares of the numbers themselves: the exponential is missing, so what is negative becomes a negative "
            "probability.",
        ),
        Mistake(
            lambda z: _shares(z - _top(z)),
            "Shares of the shifted numbers themselves: the exponential is missing.",
        ),
        Mistake(
            lambda z: (z == _top(z)).astype(z.dtype),
            "The largest number gets 1 and all others 0. Softmax gives the others their shares, too: exponentials "
            "divided by their sum.",
        ),
        Mistake(
            lambda z: _right(z) * (1 - _right(z)),
            "This is p · (1 - p), a slope of softmax. The probabilities p themselves are asked for.",
        ),
    ),
    hints=(
        "Probabilities are shares: exponentials divided by their sum, row by row. What may be subtracted from a row "
        "without changing its shares?",
        "powers = np.exp(z - z.max(axis=-1, keepdims=True)); then divide by powers.sum(axis=-1, keepdims=True).",
    ),
)
