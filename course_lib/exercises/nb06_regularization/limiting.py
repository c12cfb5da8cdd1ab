"""Exercise of notebook 06: a limit to the norm of each unit's incoming weights."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.regularizers import max_norm


def _cases(rng):
    # what is float64 has long columns: some add 1e-7 to every norm, and some only where it is needed
    yield np.array([[3.0, 0.3], [4.0, 0.4]], np.float32), 1.0
    yield np.array([[0.0, 3.0, 0.1], [0.0, 4.0, -0.2]], np.float32), 2.0
    yield rng.standard_normal((6, 3), dtype=np.float32), 0.0
    yield rng.standard_normal((2, 5), dtype=np.float32), 50.0
    yield 3 * rng.standard_normal((7, 4), dtype=np.float32), 0.5
    yield rng.standard_normal((5, 3)) * [10.0, 2.0, 15.0], 12.0
    yield np.zeros((3, 0)), 1.0
    yield rng.standard_normal(300), 1.0
    yield rng.standard_normal((100, 50), dtype=np.float32), 9.5
    yield rng.normal(10.0, 20.0, (3, 2, 4, 5)) * [0.2, 1.0, 0.5, -0.7, 0.9], 30.0


def _shortened(answer, case):
    w, limit = case
    empty = np.all(w == 0, axis=tuple(range(w.ndim - 1)))
    result = answer(w, limit)
    if isinstance(result, np.ndarray) and result.shape == w.shape and np.isnan(result[..., empty]).any():
        raise Unusable("a unit whose weights are all 0 becomes NaN, 0 divided by 0: the small number below the "
                       "fraction bar is for such units")
    return result


def _incoming(w):
    return np.sqrt(np.sum(w * w, axis=tuple(range(w.ndim - 1)), keepdims=True))


def _share(norm, limit):
    return np.minimum(norm, limit) / (norm + 1e-7)


def _scaled(norm_of=_incoming, factor=_share):
    """Return a wrong max-norm: another norm of w, or another factor made from norm and limit."""

    def answer(w, limit):
        return (w * factor(norm_of(w), limit)).astype(w.dtype)

    return answer


def _over_columns(number):
    """Return a norm that is a number of each column, computed by another function than the root of the squares."""
    return lambda w: number(w, axis=tuple(range(w.ndim - 1)), keepdims=True)


MAX_NORM = Exercise(
    name="max_norm",
    reference=max_norm,
    cases=_cases,
    points=2,
    call=_shortened,
    refuses=True,
    mistakes=(
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w, axis=-1, keepdims=True))),
            "This limits the outgoing weights of each input, along the rows. A unit's incoming weights stand in its "
            "column: the norm goes over every axis but the last.",
        ),
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w, axis=1, keepdims=True))),
            "axis=1 runs along a row, over the outgoing weights of one input. A unit's incoming weights stand in its "
            "column: the norm goes over every axis but the last.",
        ),
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w, axis=tuple(range(1, w.ndim)), keepdims=True))),
            "The norm goes over every axis but the first, so along the rows: those are the outgoing weights of each "
            "input. A unit's incoming weights stand in its column: every axis but the last.",
        ),
        Mistake(
            lambda w, limit: (w * _share(np.sqrt(np.sum(w * w, axis=-1)), limit)).astype(w.dtype),
            "There is a norm for each row here, and what it is multiplied with counts the columns: they fit only if w "
            "is square. A unit's incoming weights stand in its column.",
        ),
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w))),
            "One norm of the whole matrix: units with small weights are shortened for the sake of others. Take one "
            "norm for each unit.",
        ),
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w, axis=0, keepdims=True))),
            "For dense layers this is right. A filter's incoming weights go over height, width and channels: every "
            "axis but the last.",
        ),
        Mistake(
            _scaled(lambda w: np.linalg.norm(w, axis=tuple(range(w.ndim - 1)), keepdims=True)),
            "For dense layers this is right, and at a convolution's kernel of four axes it fails; the last line of the "
            "error says why. np.linalg.norm, for one, takes two axes at most.",
        ),
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w, axis=(0, 1)[: w.ndim - 1], keepdims=True))),
            "For dense layers this is right. In a convolution each channel is limited by itself here; a filter's "
            "weights are those of all its channels together.",
        ),
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w, axis=(0, *range(2, w.ndim)), keepdims=True))),
            "For dense layers this is right. In a convolution the second axis is the width: the units, called filters, "
            "stand along the last.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: limit / (norm + 1e-7)),
            "Short columns are lengthened to the limit, too. Only what is longer is to be shortened.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: limit / (norm + 1e-7) if np.any(norm > limit) else 1),
            "As soon as one column is too long, all get the limit's length, short ones too. Each unit is looked at by "
            "itself.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: limit / (norm + 1e-7) if np.all(norm > limit) else 1),
            "Nothing is shortened as long as one column is short. Each unit is looked at by itself.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.maximum(norm, limit) / (norm + 1e-7)),
            "Long columns stay long here, and short ones are lengthened to the limit. It is to be the other way round: "
            "the smaller of norm and limit counts.",
        ),
        Mistake(
            lambda w, limit: np.clip(w, -limit, limit),
            "This cuts off each weight by itself. The limit is for the norm of a unit's weights together; their "
            "direction stays.",
        ),
        Mistake(
            lambda w, limit: np.minimum(w, limit),
            "This takes the smaller of each single weight and the limit. The limit is for the norm of a unit's "
            "weights together; their direction stays.",
        ),
        Mistake(
            _scaled(_over_columns(lambda w, **over: np.sum(w * w, **over))),
            "This compares and divides by the squared norm, Σw². The norm is its root.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.where(norm**2 > limit, limit / (norm + 1e-7), 1)),
            "The limit is compared with the squared norm, Σw². Compare it with the norm, the root of that.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: 1 / (norm + 1e-7)),
            "Every column gets norm 1, short ones too, and the limit isn't used.",
        ),
        Mistake(
            _scaled(_over_columns(lambda w, **over: np.sum(np.abs(w), **over))),
            "This adds up |w|. The norm is Euclidean: √(Σw²).",
        ),
        Mistake(
            _scaled(_over_columns(lambda w, **over: np.max(np.abs(w), **over, initial=0))),
            "This takes a column's largest weight for its norm. The norm is Euclidean: √(Σw²).",
        ),
        Mistake(
            _scaled(_over_columns(np.sum)),
            "Weights of different signs cancel in this sum. The norm is √(Σw²): square each weight before summing.",
        ),
        Mistake(
            _scaled(_over_columns(lambda w, **over: np.sqrt(np.mean(w * w, **over)))),
            "Under the root there is a mean. The norm is the root of the sum of squares.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.minimum(norm, limit)),
            "The division by the norm is missing: a column that is to keep its length is multiplied by 1, not by its "
            "norm.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.minimum(norm, limit / (norm + 1e-7))),
            "The brackets are wrong: the smaller of norm and limit is divided by the norm, whichever it is.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.minimum(1, limit / (norm + 1e-7)) ** 2),
            "Long columns are multiplied by (limit / norm)², and so become too short. Without the square they become "
            "as long as the limit.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.minimum(norm, limit) / norm),
            "A unit whose weights are all 0 is divided by 0. Add 1e-7 to the norm below the fraction bar.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.where(norm > limit, 1 / (norm + 1e-7), 1)),
            "Long columns get norm 1, whatever the limit is. They are to become as long as the limit.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.where(norm > limit, limit, 1)),
            "Long columns are multiplied by the limit, and not divided by their norm: so they don't become as long as "
            "the limit.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.minimum(1, limit / (np.max(norm, initial=0) + 1e-7))),
            "One factor for all, that of the longest column, so short columns shrink, too. Each unit has its own.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.where(norm > limit, norm / limit, 1)),
            "Long columns become longer still, by norm / limit. It is to be the other way round.",
        ),
        Mistake(
            lambda w, limit: w.copy(),
            "Nothing is shortened: w comes back as it is.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.where(norm > limit, 0, 1)),
            "What is too long is set to 0. Shorten it to the limit; its direction stays.",
        ),
        Mistake(
            lambda w, limit: _share(_incoming(w), limit).astype(w.dtype),
            "This is the factor of each unit. Return the weights, multiplied by it.",
        ),
    ),
    hints=(
        "Each unit by itself: how long is the vector of its incoming weights? If it is longer than the limit, "
        "multiply it by what makes it just as long.",
        "norm = np.sqrt(np.sum(w ** 2, axis=tuple(range(w.ndim - 1)), keepdims=True)); then return w * np.minimum(…) "
        "/ (…).",
    ),
)
