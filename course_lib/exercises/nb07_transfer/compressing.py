"""Exercise of notebook 07: the matrix of low rank that is nearest to a kernel."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.transfer import low_rank


def _rank_cases(rng):
    yield np.array([[2.0, 0.0], [0.0, 1.0]]), 1
    yield np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]), 1
    yield rng.standard_normal((4, 3)), 2
    yield rng.standard_normal((3, 5)), 3
    yield rng.standard_normal((6, 6)), 5
    yield rng.standard_normal((3, 3, 2, 4)), 2
    yield rng.standard_normal((60, 40), dtype=np.float32), 8


def _low(answer, case):
    return answer(*case)


def _close(got, wanted):
    g, w = got[0], wanted[0]
    if g.shape != w.shape:
        return f"it returned an array of shape {g.shape}, wanted {w.shape}"
    if g.dtype != w.dtype:
        return f"it returned {g.dtype}, wanted w's dtype {w.dtype}"
    return None if np.allclose(g, w, rtol=1e-4, atol=1e-4) else "its values aren't those of the nearest matrix"


def _wrong_rank(keep=lambda s, rank: np.arange(len(s)) < rank, scale=lambda s: s, dtype=None):
    """Return a wrong approximation: other terms of the sum, other factors, or another dtype."""

    def answer(w, rank):
        matrix = w.reshape(-1, w.shape[-1])
        u, s, vt = np.linalg.svd(matrix, full_matrices=False)
        return ((u * (scale(s) * keep(s, rank))) @ vt).reshape(w.shape).astype(dtype or w.dtype)

    return answer


LOW_RANK = Exercise(
    name="low_rank",
    reference=low_rank,
    cases=_rank_cases,
    points=2,
    call=_low,
    compare=_close,
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
            _wrong_rank(lambda s, rank: np.arange(len(s)) <= rank),
            "One term too many was kept.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: np.arange(len(s)) < rank - 1),
            "One term too few was kept.",
        ),
        Mistake(
            _wrong_rank(lambda s, rank: np.arange(len(s)) >= rank),
            "This is what is left over: w minus its nearest matrix.",
        ),
        Mistake(
            _wrong_rank(dtype=np.float16),
            "The dtype has changed: return w's own.",
        ),
    ),
    hints=(
        "np.linalg.svd writes w as a sum of terms of rank 1, the most important first.",
        "w = Σ s_i u_i v_iᵀ; keep the first rank terms. A filter is first made a matrix of its last axis.",
        "u, s, vt = np.linalg.svd(matrix, full_matrices=False); (u[:, :rank] * s[:rank]) @ vt[:rank], in w's shape and "
        "dtype.",
    ),
)
