"""Exercise of notebook 08: gradients by finite differences, the judge of all others."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.calling import split
from course_lib.exercises.judge.comparing import Unusable
from course_lib.exercises.nb08_conv_by_hand.sliding import array_of
from course_lib.gradcheck import numerical_gradient

FUNCTIONS = {
    "Σ weights · x³": lambda x, w: np.sum(w * x**3),
    "Σ weights · sin(3 x) + (Σ x)²": lambda x, w: np.sum(w * np.sin(3 * x)) + np.sum(x) ** 2,
    "Σ weights · sin(10000 x) / 10000": lambda x, w: np.sum(w * np.sin(1e4 * x)) / 1e4,
}
CUBES, MIXED, WAVES = FUNCTIONS


def _cases(rng):
    """Yield (f, x, weights, step): with large steps one-sided differences are far off, and waves show any step."""
    yield CUBES, np.array([1.0, 2.0]), np.array([1.0, 1.0]), {"step": 0.5}
    yield WAVES, rng.uniform(-2, 2, 3), rng.uniform(1, 2, 3), {}
    for f, shape, step in [
        (MIXED, (3,), 1e-5),
        (MIXED, (2, 3), 1e-3),
        (MIXED, (2, 2, 2, 1), 0.1),
        (CUBES, (0, 3), 1e-5),
    ]:
        yield f, rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape), rng.uniform(1, 2, shape), {"step": step}
    yield CUBES, np.array(-2.0), np.array(1.0), {"step": 0.5}


def _call(answer, case):
    (name, x, weights), options = split(case)
    given = x.copy()
    result = array_of(answer, (lambda value: float(FUNCTIONS[name](value, weights)), given, options))
    if given.shape != x.shape or not np.allclose(given, x, rtol=1e-12, atol=1e-12):
        raise Unusable("afterwards x isn't what it was: the caller still needs it")
    return result


def _with(difference, then=lambda gradient: gradient):
    """Return a wrong gradient that is made of difference(f, x, i, step)."""

    def answer(f, x, *, step=1e-5):
        gradient = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            gradient[i] = difference(f, x, i, step)
        return then(gradient)

    return answer


def _moved(x, i, step):
    other = x.copy()
    other[i] += step
    return other


def _between(f, x, i, up, down):
    """Return how far f moves from down to up, two moves of one element."""
    return f(_moved(x, i, up)) - f(_moved(x, i, down))


def _never_put_back(f, x, i, step):
    x[i] += step
    above = f(x)
    x[i] -= 2 * step
    return (above - f(x)) / (2 * step)


def _further_and_further(f, x, *, step=1e-5):
    gradient, up, down = np.zeros_like(x), x.copy(), x.copy()
    for i in np.ndindex(x.shape):
        up[i] += step
        down[i] -= step
        gradient[i] = (f(up) - f(down)) / (2 * step)
    return gradient


def _first_alone(f, x, *, step=1e-5):
    gradient = np.zeros_like(x)
    for i in list(np.ndindex(x.shape))[:1]:
        gradient[i] = _between(f, x, i, step, -step) / (2 * step)
    return gradient


def _whole_rows(f, x, *, step=1e-5):
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        gradient[i] = _between(f, x, i, step, -step) / (2 * step)
    return gradient


def _by_default(other):
    """Return a gradient that is right but for step's default."""

    def answer(f, x, *, step=other):
        return _with(lambda f, x, i, h: _between(f, x, i, h, -h) / (2 * h))(f, x, step=step)

    return answer


def _relative(size):
    """Return a wrong gradient whose step is a share of `size` of an element."""

    def difference(f, x, i, h):
        h = h * size(x[i])
        return _between(f, x, i, h, -h) / (2 * h)

    return _with(difference)


NUMERICAL = Exercise(
    name="numerical_gradient",
    reference=numerical_gradient,
    cases=_cases,
    points=2,
    call=_call,
    inputs=("f", "x", "weights"),
    parts=("the gradient",),
    mistakes=(
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, h, 0) / h),
            "The difference goes to one side only, from x to x + h. Its error falls with h; with as far a step to the "
            "other side, from x - h to x + h, it falls with h².",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, 0, -h) / h),
            "The difference goes to one side only, from x - h to x. Its error falls with h; with as far a step to the "
            "other side, from x - h to x + h, it falls with h².",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, h, -h) / h),
            "The gradient is twice as large as it should be: from x - h to x + h is a way of 2h, so divide by that.",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, h, 0) / (2 * h)),
            "The difference is f(x + h) - f(x), a way of h, and is divided by 2h. Take it from x - h to x + h.",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, h, -h) / 2 * h),
            "The difference is multiplied by h instead of divided: without brackets, a / 2 * h is a / 2, times h.",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, h, -h) / 2),
            "The difference is divided by 2 and not by h: how far f moved counts by how far x was moved, 2h.",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, h, -h)),
            "This is how far f moves, not yet how fast: divide it by the way from x - h to x + h.",
        ),
        Mistake(
            _with(lambda f, x, i, h: (_between(f, x, i, h, 0) - _between(f, x, i, 0, -h)) / h**2),
            "f(x + h) - 2 f(x) + f(x - h) over h² is the second derivative. For the first the value in the middle has "
            "no part: how far does f move from x - h to x + h?",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, -h, h) / (2 * h)),
            "The sign is turned: it is f above minus f below, f(x + h) - f(x - h).",
        ),
        Mistake(
            _with(lambda f, x, i, h: (8 * _between(f, x, i, h, -h) - _between(f, x, i, 2 * h, -2 * h)) / (12 * h)),
            "This is a formula of four values, which is more exact. The exercise asks for the one of two, f(x + h) and "
            "f(x - h).",
        ),
        Mistake(
            _with(lambda f, x, i, h: abs(_between(f, x, i, h, -h)) / (2 * h)),
            "The sign is lost: where f falls as the element grows the derivative is below 0. Leave out the absolute "
            "value.",
        ),
        Mistake(
            _with(lambda f, x, i, h: (f(x + h) - f(x - h)) / (2 * h)),
            "All elements are moved at once. A partial derivative moves one and leaves the others: copy x, and move "
            "element i of the copy.",
        ),
        Mistake(
            _with(lambda f, x, i, h: (f(x[i] + h) - f(x[i] - h)) / (2 * h)),
            "f is asked about one number. It wants all of x: the other elements stay as they are, element i is moved.",
        ),
        Mistake(
            _whole_rows,
            "Along x's first axis all numbers of a row are moved at once. Each number has a derivative of its own, "
            "however many axes x has.",
        ),
        Mistake(
            _with(_never_put_back),
            "An element that was moved stays moved, so f is asked about the next from another place. Move a copy, or "
            "put each element back.",
        ),
        Mistake(
            _first_alone,
            "Only the first element of the gradient is filled, the rest is 0. Does the loop end after its first pass, "
            "with a return in it?",
        ),
        Mistake(
            _further_and_further,
            "Elements that were moved before aren't put back, so from the second on several are moved at once. Begin "
            "each element with x as it was.",
        ),
        Mistake(
            _with(lambda f, x, i, h: 0),
            "The gradient is 0 everywhere. Is it f at two different places? `up = x` makes a second name for the same "
            "array, not a copy. And is each difference written into the gradient?",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, 1e-5, -1e-5) / 2e-5),
            "The argument step isn't used: x is moved by 1e-5, whatever it says.",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, 1e-5, -1e-5) / (2 * h)),
            "x is moved by 1e-5, whatever step says, and the difference is divided by 2 steps. Both have to be the "
            "same h.",
        ),
        *(
            Mistake(_by_default(step), f"Where no step is given it is {step:g} here. Its default is 1e-5.")
            for step in (1e-3, 1e-4, 1e-6)
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, h / 2, -h / 2) / h),
            "x is moved by half of step to each side. Here h is the step itself: from x - h to x + h.",
        ),
        Mistake(
            _relative(lambda number: max(abs(number), 1)),
            "The step grows with the element that is moved, where that is larger than 1. Here h is the same for all: "
            "step itself.",
        ),
        Mistake(
            _relative(abs),
            "The step is a share of the element that is moved. Here h is the same for all: step itself.",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, h, -h) / (2 * h), np.ravel),
            "The numbers are right and stand in one row: bring the gradient into x's shape.",
        ),
        Mistake(
            _with(lambda f, x, i, h: _between(f, x, i, h, -h) / (2 * h), np.sum),
            "The partial derivatives are summed to one number. The gradient keeps each: it has x's shape.",
        ),
    ),
    hints=(
        "Move one element up by a little and down by a little, and look how far f moves for that way.",
        "for i in np.ndindex(x.shape): up, down = x.copy(), x.copy(); up[i] += step; down[i] -= step; "
        "gradient[i] = (f(up) - f(down)) / (2 * step).",
    ),
)
