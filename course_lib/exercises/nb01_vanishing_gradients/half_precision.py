"""Exercise of notebook 01: the scale at which gradients fit into half precision."""

import math

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb01_vanishing_gradients.single import single
from course_lib.gradients import loss_scale

MOST = 65504.0


def _cases(rng):
    yield [np.array([0.5, -3.0])],
    yield [np.array([0.001, -0.002]), np.array([[0.0005]])],
    yield [np.array([[2e5, -1.0]]), np.array([3e4])],
    yield [np.array([-9e6]), np.array([5.0])],
    yield [np.array([MOST]), np.array([-7.0])],
    yield [np.array([-1.0]), np.array([[MOST / 2**7, 2.0]])],
    yield [np.array([65530.0, 1.0])],
    yield [np.zeros(3), np.zeros((2, 2))],
    yield [np.array([0.0, -4e-7], np.float32), np.array([[1e-9]], np.float32)],
    yield [np.array([1e25, -3.0], np.float32), np.array([2e20], np.float32)],
    yield [1e-3 * rng.standard_normal(s) for s in [(3, 4), (4,), (4, 2), (2,)]],
    yield [1e-5 * rng.standard_normal(s, dtype=np.float32) for s in [(100, 100), (100,)] * 3],


def _largest(grads):
    return max(float(np.abs(g).max(initial=0)) for g in grads)


def _power(largest=_largest, *, most=MOST, whole=math.floor, finish=lambda k: 2.0**k, log=math.log2):
    """Return a scale that is wrong in one thing; where all is 0 it is 1 as it should be."""

    def scale(grads):
        size = float(largest(grads))
        return finish(whole(log(most / size))) if size > 0 else 1.0

    return scale


_right = _power()


def _strict(grads):
    largest, scale = _largest(grads), _right(grads)
    return scale / 2 if scale * largest == MOST else scale


def _all(grads):
    return np.concatenate([np.abs(g).ravel() for g in grads])


LOSS_SCALE = Exercise(
    name="loss_scale",
    reference=loss_scale,
    cases=_cases,
    points=2,
    call=single,
    mistakes=(
        Mistake(
            _power(whole=lambda k: k),
            "This is 65504 divided by the largest element, which is no power of two. Take the power of two just below: "
            "multiplying by it changes exponents only, and rounds nothing.",
        ),
        Mistake(
            lambda grads: np.float64(MOST) / _largest(grads),
            "This is 65504 divided by the largest element: no power of two, and inf where all gradients are 0. Take "
            "the power of two just below, and 1 where there is nothing to scale.",
        ),
        Mistake(
            _power(whole=math.ceil),
            "The power is one too high: the largest element no longer fits. Round the exponent down.",
        ),
        Mistake(
            _power(whole=lambda k: math.floor(k) + 1),
            "It is doubled once too often: return the last power of two that still fits, not the first that doesn't.",
        ),
        Mistake(
            _power(whole=round),
            "The exponent is rounded to the nearest whole number, so that sometimes the largest element no longer "
            "fits. Round down.",
        ),
        Mistake(
            _power(whole=int),
            "Where the scale is below 1 it is twice too large: int() cuts the exponent towards 0, up. np.floor rounds "
            "down.",
        ),
        Mistake(
            lambda grads: max(1.0, _right(grads)),
            "The scale is never below 1, so that gradients beyond 65504 don't fit. For those it must shrink: 1/2, 1/4, "
            "and so on.",
        ),
        Mistake(
            lambda grads: min(1.0, _right(grads)),
            "The scale is never above 1. Small gradients are to be enlarged, as far as the largest allows it.",
        ),
        Mistake(
            _strict,
            "An element that becomes exactly 65504 still fits: compare with <=.",
        ),
        Mistake(
            _power(most=2.0**16),
            "The limit is taken to be 65536. The largest finite float16 is 65504, a little less: an element that "
            "becomes 65530 would be inf.",
        ),
        Mistake(
            _power(most=2.0**15),
            "It is too small in most cases: the limit is 65504, not 32768.",
        ),
        Mistake(
            _power(lambda grads: max(float(g.max(initial=0)) for g in grads)),
            "Negative elements are left out. It is the size that has to fit: np.abs first.",
        ),
        Mistake(
            _power(lambda grads: _largest(grads[-1:])),
            "Only the last array decides. All of them have to fit: take the maximum over the arrays, too.",
        ),
        Mistake(
            _power(lambda grads: _largest(grads[:1])),
            "Only the first array decides. All of them have to fit: take the maximum over the arrays, too.",
        ),
        Mistake(
            _power(lambda grads: min(_largest([g]) for g in grads)),
            "The array with the smallest maximum decides. The largest element of all has to fit.",
        ),
        Mistake(
            _power(lambda grads: _all(grads).min()),
            "The smallest element decides. It is the largest that has to fit.",
        ),
        Mistake(
            _power(lambda grads: _all(grads).mean()),
            "The mean size decides. It is the largest element that has to fit.",
        ),
        Mistake(
            _power(lambda grads: np.linalg.norm(_all(grads).astype(np.float64))),
            "The norm decides here, which is larger than any element. It is the largest element that has to fit.",
        ),
        Mistake(
            _power(lambda grads: _all(grads).astype(np.float64).sum()),
            "The sum of all sizes decides here. It is the largest element that has to fit.",
        ),
        Mistake(
            _power(finish=lambda k: k),
            "This is the exponent. The scale is two to that power.",
        ),
        Mistake(
            _power(finish=lambda k: 2.0**-k),
            "It is upside down: the scale multiplies the gradients, so where they are small it is large.",
        ),
        Mistake(
            _power(whole=lambda k: math.floor(-k)),
            "The quotient is upside down: 65504 / largest, not largest / 65504. Where gradients are small, the scale "
            "is large.",
        ),
        Mistake(
            _power(finish=lambda k: 2.0 ** (k - 1)),
            "It is half as large as it could be: twice as much still fits.",
        ),
        Mistake(
            _power(log=math.log),
            "The exponent is a natural logarithm. A power of two wants the logarithm to base 2: np.log2.",
        ),
        Mistake(
            _power(log=math.log10, finish=lambda k: 10.0**k),
            "This is a power of ten. A power of two is wanted, which changes exponents only and rounds nothing.",
        ),
        Mistake(
            _power(most=float(np.finfo(np.float32).max)),
            "This fits into float32. Half precision, float16, ends at 65504.",
        ),
        Mistake(
            _power(most=1.0),
            "This makes the largest element fit below 1. The room goes up to 65504.",
        ),
        Mistake(
            lambda grads: _right(grads) if _largest(grads) else 0.0,
            "Where all gradients are 0 the scale is 1: nothing has to be scaled, and a scale of 0 can't be undone.",
        ),
        Mistake(
            lambda grads: _right(grads) if _largest(grads) else np.inf,
            "Where all gradients are 0, 65504 / 0 is inf. The scale is 1 there: ask before you divide.",
        ),
        Mistake(
            lambda grads: _right(grads) if _largest(grads) else np.nan,
            "Where all gradients are 0, NaN comes out. The scale is 1 there: ask before you divide.",
        ),
        Mistake(
            lambda grads: _right(grads) if _largest(grads) else 1 / int(_largest(grads)),
            "Where all gradients are 0 it divides by zero. The scale is 1 there: ask before you divide.",
        ),
        Mistake(
            lambda grads: [g * _right(grads) for g in grads],
            "The scaled gradients came back. Asked for is the scale, one number.",
        ),
        Mistake(
            lambda grads: 2.0 ** np.floor(np.log2(MOST / np.abs(grads).max())),
            "np.abs(grads) makes one array of the list first, and arrays of different shapes don't fit into one. Go "
            "through the list, one array after the other.",
        ),
    ),
    hints=(
        "Which single number decides whether all elements fit? Begin with 1 and double as long as twice as much still "
        "fits; where 1 is too much already, halve.",
        "largest = max(np.abs(g).max() for g in grads); if it is 0, return 1.0; else 2.0 ** np.floor(np.log2(65504 / "
        "largest)).",
    ),
)
