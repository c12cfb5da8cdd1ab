"""Exercise of notebook 08: gradients by finite differences, the judge of all others."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.gradcheck import numerical_gradient


def _cases(rng):
    """Yield (x, weights, step): f(x) = Σ weights · x³, which one-sided differences miss by far with large steps."""
    yield np.array([1.0, 2.0]), np.array([1.0, 1.0]), 0.5
    for shape, step in [((3,), 1e-5), ((2, 3), 1e-3), ((2, 2, 2, 1), 0.1), ((), 1e-4), ((0, 3), 1e-5)]:
        yield rng.uniform(0.5, 2, shape), rng.uniform(1, 2, shape), step


def _call(answer, case):
    x, weights, step = case
    given = x.copy()
    return answer(lambda value: float(np.sum(weights * value**3)), given, step=step), given


def _with(difference):
    """Return a wrong gradient that is made of difference(f, x, i, step)."""

    def answer(f, x, step=1e-5):
        gradient = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            gradient[i] = difference(f, x, i, step)
        return gradient

    return answer


def _moved(x, i, step):
    other = x.copy()
    other[i] += step
    return other


def _never_put_back(f, x, i, step):
    x[i] += step
    above = f(x)
    x[i] -= 2 * step
    return (above - f(x)) / (2 * step)


NUMERICAL = Exercise(
    name="numerical_gradient",
    reference=numerical_gradient,
    cases=_cases,
    points=2,
    call=_call,
    mistakes=(
        Mistake(
            _with(lambda f, x, i, h: (f(_moved(x, i, h)) - f(x)) / h),
            "The difference goes to one side only. Its error falls with h, that of (f(x + h) - f(x - h)) / 2h with h².",
        ),
        Mistake(
            _with(lambda f, x, i, h: (f(_moved(x, i, h)) - f(_moved(x, i, -h))) / h),
            "From x - h to x + h is a way of 2h: divide by that.",
        ),
        Mistake(
            _with(lambda f, x, i, h: (f(_moved(x, i, -h)) - f(_moved(x, i, h))) / (2 * h)),
            "The sign is turned: f(x + h) - f(x - h).",
        ),
        Mistake(
            _with(lambda f, x, i, h: (f(x + h) - f(x - h)) / (2 * h)),
            "All elements are moved at once. A partial derivative moves one and leaves the others: copy x, and move "
            "element i of the copy.",
        ),
        Mistake(
            _with(_never_put_back),
            "x is changed and not put back, so the next element is moved from another place. Move a copy.",
        ),
    ),
    hints=(
        "Move one element up by a little and down by a little, and look how far f moves for that way.",
        "∂f/∂xᵢ ≈ (f(x + h eᵢ) - f(x - h eᵢ)) / 2h, for every element of x, however many axes x has.",
        "for i in np.ndindex(x.shape): up, down = x.copy(), x.copy(); up[i] += step; down[i] -= step; "
        "gradient[i] = (f(up) - f(down)) / (2 * step).",
    ),
)
