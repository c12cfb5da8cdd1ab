"""Exercise of notebook 07: the matrix of low rank that is nearest to a kernel."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.transfer import low_rank


def _rank_cases(rng):
    yield np.array([[2.0, 0.0], [0.0, 1.0]]), 1
    yield np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 7.0]]), 1
    yield rng.standard_normal((5, 3)), 2
    yield rng.standard_normal((3, 5)), 2
    yield rng.standard_normal((6, 6)), 2
    yield rng.standard_normal((7, 7)), 5
    yield rng.standard_normal((6, 4), dtype=np.float32), 2
    yield rng.standard_normal((3, 2, 2, 4)), 2
    yield rng.standard_normal((2, 3, 4, 5)), 1
    large = rng.standard_normal((60, 40), dtype=np.float32)
    large[3, 5] += 40  # rounding in float32 is then small beside the largest number
    yield large, 8


def _low(answer, case):
    result = answer(*case)
    if isinstance(result, tuple | list):
        kind = f"{type(result).__name__} of {len(result)}"
        raise Unusable(f"it returned a {kind}, wanted their product: one array in w's shape")
    return result


def _as_matrix(w):
    return w.reshape(-1, w.shape[-1])


def _wrong_rank(keep=lambda s, rank: np.arange(len(s)) < rank, scale=lambda s: s, matrix=_as_matrix):
    """Return a wrong approximation: other terms of the sum, other factors, or another matrix."""

    def answer(w, rank):
        u, s, vt = np.linalg.svd(matrix(w), full_matrices=False)
        return ((u * (scale(s) * keep(s, rank))) @ vt).reshape(w.shape).astype(w.dtype)

    return answer


def _of_columns(w, rank):
    u, s, vt = np.linalg.svd(_as_matrix(w), full_matrices=False)
    return ((u[:, :rank] * s[:rank]) @ vt[:, :rank].T).reshape(w.shape)


def _each_place(w, rank):
    u, s, vt = np.linalg.svd(w, full_matrices=False)
    return (u[..., :rank] * s[..., None, :rank]) @ vt[..., :rank, :]


def _first_columns(w, rank):
    return np.where(np.arange(w.shape[-1]) < rank, w, 0).astype(w.dtype)


LOW_RANK = Exercise(
    name="low_rank",
    reference=low_rank,
    cases=_rank_cases,
    points=2,
    call=_low,
    mistakes=(
        Mistake(
            _wrong_rank(lambda s, rank: np.arange(len(s)) >= len(s) - rank),
            "The smallest terms of the sum were kept. svd returns the largest s first: keep the first ones.",
        ),
        Mistake(
            _wrong_rank(scale=np.ones_like),
            "The factors s are missing: the sum is over s_i u_i v_i.",
        ),
        Mistake(
            _wrong_rank(scale=np.sqrt),
            "The factors are the roots of s. For two matrices whose product is w each gets √s; here it is the product "
            "itself.",
        ),
        Mistake(
            _wrong_rank(scale=np.square),
            "The factors are the squares of s: each s_i belongs into the sum once.",
        ),
        Mistake(
            _of_columns,
            "Columns of the third matrix were taken. svd returns it transposed already, vᵀ: its rows are the v_i, so "
            "the first rank rows are wanted.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: np.arange(len(s)) <= rank),
            "One term too many was kept.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: np.arange(len(s)) < rank - 1),
            "One term too few was kept.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: (np.arange(len(s)) > 0) & (np.arange(len(s)) <= rank)),
            "The first term of the sum, the most important one, is missing: it has number 0.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: (np.arange(len(s)) > 0) & (np.arange(len(s)) < rank)),
            "One term too few was kept, since the first, the most important one, is missing: it has number 0.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: np.arange(len(s)) == rank - 1),
            "Only the last of the terms was kept: add up the first rank of them.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: np.arange(len(s)) < 1),
            "Only the first term was kept, whatever rank is.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: np.arange(len(s)) < len(s) - rank),
            "rank terms were dropped from the end. It says how many are kept.",
        ),
        Mistake(
            lambda w, rank: w - _wrong_rank()(w, rank),
            "This is what is left over: w minus its nearest matrix.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: np.arange(len(s)) >= 0),
            "All terms were kept, so it is w again: keep the first rank ones.",
        ),
        Mistake(
            _first_columns,
            "Columns of w were kept, and the rest set to 0. The nearest matrix keeps something of every column: the "
            "first terms of the sum that svd returns.",
        ),
        Mistake(
            _wrong_rank(matrix=lambda w: w.reshape(len(w), -1)),
            "Right for dense kernels. Filters are taken as a matrix whose columns are the filters, the last axis; here "
            "its rows are the first axis.",
        ),
        Mistake(
            _wrong_rank(matrix=lambda w: w.reshape(w.shape[-1], -1) if w.ndim > 2 else w),
            "Right for dense kernels. Of filters the last axis becomes the columns: a reshape that puts its length "
            "first mixes all of them.",
        ),
        Mistake(
            _wrong_rank(matrix=lambda w: w.reshape(w.shape[-1], -1)),
            "The matrix has as many rows as the last axis is long, and a reshape that puts its length first mixes all "
            "columns. The last axis becomes the columns.",
        ),
        Mistake(
            _wrong_rank(matrix=lambda w: w.reshape(-1, w.shape[0])),
            "The matrix has as many columns as the first axis is long, which mixes all of them. The last axis becomes "
            "the columns.",
        ),
        Mistake(
            _each_place,
            "Right for dense kernels. Of filters each place of the window was compressed by itself: make one matrix of "
            "all of them first, whose columns are the filters.",
        ),
    ),
    hints=(
        "np.linalg.svd writes w as a sum of terms of rank 1, the most important first.",
        "u, s, vt = np.linalg.svd(matrix, full_matrices=False); (u[:, :rank] * s[:rank]) @ vt[:rank], in w's shape and "
        "dtype.",
    ),
)
