"""Exercise of notebook 02: what one layer does to the size of a signal and to the likeness of two images."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb02_initializers.numbers import FUNCTIONS, far, numbers
from course_lib.measuring import expected, gaussian_mean, gaussian_pair_mean

SIZE, COSINE = "the mean square", "the cosine"
TOLERANCE, NEAR = 0.02, 0.01  # a million draws are well within


def _cases(rng):
    yield "ReLU", 1.0, 1.0, 2.0, 3.0, 0.0
    yield "square", 1.0, 1.0, 1.0, 2.0, 0.5
    for name in FUNCTIONS:
        a, b, scale, size = (float(v) for v in rng.uniform((0.4, 0.4, 0.5, 0.4), (2, 1.5, 3, 2.5)))
        yield name, a, b, scale, size, float(rng.uniform(0.25, 0.85))
    yield "tanh", 1.0, 1.0, 1.5, 2.5, -0.6
    yield "logistic", 1.0, 1.0, 1.0, 0.3, 1.0


def _call(answer, case):
    name, a, b, scale, size, cosine = case
    return numbers(answer(lambda z: FUNCTIONS[name](z, a, b), scale, size, cosine), [SIZE, COSINE])


def _near(got, wanted):
    (size, cosine), (right_size, right_cosine) = (map(float, parts) for parts in (got, wanted))
    if far(size, right_size, TOLERANCE):
        return f"{SIZE} is {size:.4g}, wanted {right_size:.4g} within 2%"
    if cosine != right_cosine and not abs(cosine - right_cosine) <= NEAR:
        return f"{COSINE} is {cosine:.4f}, wanted {right_cosine:.4f} within 0.01"
    return None


def _square(f, size):
    return gaussian_mean(lambda z: f(z) ** 2, size)


def _product(f, size, cosine):
    return gaussian_pair_mean(lambda u, v: f(u) * f(v), size, cosine)


def _right_size(f, scale, size, cosine):
    return scale * _square(f, size)


def _right_cosine(f, scale, size, cosine):
    return min(_product(f, size, cosine) / _square(f, size), 1.0)


def _but(size=_right_size, cosine=_right_cosine):
    """Return an answer of which one half, or both, are made otherwise."""
    return lambda *given: (size(*given), cosine(*given))


def _variance(f, size):
    return _square(f, size) - gaussian_mean(f, size) ** 2


def _covariance(f, size, cosine):
    return _product(f, size, cosine) - gaussian_mean(f, size) ** 2


def _pairs(other):
    """Return the cosine from a v that is made otherwise of u and a new number: other(cosine) gives its two factors."""

    def cosine(f, scale, size, c):
        own, new = other(c)
        product = gaussian_pair_mean(lambda u, w: f(u) * f(own * u + new * w), size, 0.0)
        return product / _square(f, size)

    return cosine


def _draws_of(variance):
    """Return both for sums of another variance."""
    return _but(lambda f, scale, size, c: scale * _square(f, variance(size)),
                lambda f, scale, size, c: _right_cosine(f, scale, variance(size), c))


LAYER_MAP = Exercise(
    name="expected",
    reference=expected,
    cases=_cases,
    points=3,
    task=Task.DERIVE,
    call=_call,
    compare=_near,
    inputs=("f", "a", "b", "scale", "size", "cosine"),
    forbid=("expected_profile",),
    mistakes=(
        Mistake(
            _draws_of(lambda size: 1.0),
            "These are averages over N(0, 1), whatever size is. The sums have mean square size: hand it on as the "
            "variance.",
        ),
        Mistake(
            _draws_of(lambda size: size**2),
            "These z have variance size². size is a mean square already, so the variance itself: its root is the "
            "standard deviation, which multiplies draws from N(0, 1).",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: _right_cosine(f, scale, 1.0, c)),
            "The mean square is right; the pairs for the cosine come from N(0, 1). They have variance size, too.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: _square(f, size)),
            "scale is missing: the next sums have scale times the mean square of what f lets through.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale**2 * _square(f, size)),
            "scale counts twice. It belongs to the variance, so it multiplies the mean square as it is.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale**0.5 * _square(f, size)),
            "The root is over scale alone: scale belongs to the variance, so it multiplies the mean square as it is.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: (scale * _square(f, size)) ** 0.5),
            "This is the RMS of the next sums. Asked is their mean square, so that the result can be handed in again.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale * size),
            "f is missing in the mean square: what the weights add up is f(z), and not z.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale * size / 2),
            "A half is what ReLU leaves. For any f it is the mean of f(z)².",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale * size * _square(f, size)),
            "size counts twice: the z have that variance already, so f(z)² has taken it along.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale * _variance(f, size)),
            "The mean of f(z) is subtracted, as np.var does. The next sums add up whole squares, mean included.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: _covariance(f, size, c) / _variance(f, size)),
            "This is the correlation: the mean of f was subtracted, as np.corrcoef does. A cosine takes the "
            "activations as they are: a part that all images share makes them alike.",
        ),
        Mistake(
            _but(lambda f, scale, size, c: scale * _variance(f, size),
                 lambda f, scale, size, c: _covariance(f, size, c) / _variance(f, size)),
            "In both, the mean of f was subtracted, as np.cov does. The next sums add up whole squares and products, "
            "mean included.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: _product(f, size, c)),
            "The mean of f(u) f(v) isn't a cosine yet: divide by the mean square, since both images have that length.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: scale * _product(f, size, c)),
            "This is the mean product of the next sums. A cosine is that over their mean square.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: _product(f, size, c) / _right_size(f, scale, size, c)),
            "scale is in the divisor and not in the product. Weights multiply both images' sums, so it cancels.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: _product(f, size, c) / size),
            "The mean of f(u) f(v) is divided by the mean square of what went into f. Divide by that of what comes "
            "out.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: _product(f, size, c) / _square(f, size) ** 0.5),
            "This divides by one RMS. A cosine divides by both lengths, and they are the same: by the mean square.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: _product(f, size, c) / _square(f, size) ** 2),
            "This divides by the mean square twice. A cosine divides by both lengths, each a root of it.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: c),
            "The cosine goes through unchanged. The weights leave it alone, on average; f doesn't.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: _right_cosine(f, scale, size, 0.0)),
            "u and v are independent here: the cosine that comes in must be their correlation.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: 1.0),
            "Both images are the same here, so the cosine is 1: it takes two normal numbers, u and v.",
        ),
        Mistake(
            _but(cosine=lambda f, scale, size, c: float(f(np.float64(c)))),
            "f is applied to the cosine. It acts on the sums of the two images, of which the cosine is a mean.",
        ),
        Mistake(
            _but(cosine=_pairs(lambda c: (c, 1 - c))),
            "v = c u + (1 - c) w has too small a variance. Variances add up: c² and 1 - c² make 1, so w takes the root "
            "√(1 - c²).",
        ),
        Mistake(
            _but(cosine=_pairs(lambda c: (c, (1 - c) ** 0.5))),
            "v = c u + √(1 - c) w has another variance than u. Variances add up: c² and 1 - c² make 1.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale * _square(f, 1.0)),
            "The cosine is right; the mean square is an average over N(0, 1). The sums have variance size there, too.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale * gaussian_mean(f, size)),
            "f(z) isn't squared: the mean square is scale times the mean of f(z)².",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale * gaussian_mean(f, size) ** 2),
            "Mean and square are in the wrong order: this squares the mean of f(z). Square first.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale * _square(f, size) / size),
            "This is the factor by which the mean square changes. Asked is the new one itself.",
        ),
        Mistake(
            _but(size=lambda f, scale, size, c: scale * gaussian_mean(lambda z: np.abs(f(z)), size)),
            "This is the mean of |f(z)|. Variances add up, so it is squares that count.",
        ),
        Mistake(
            lambda *given: (_right_cosine(*given), _right_size(*given)),
            "The two stand in the wrong order: first the mean square, then the cosine.",
        ),
    ),
    hints=(
        "A next sum is a sum of f(z) times independent weights, so mean squares and mean products of f(z) are all that "
        "counts. For one image z is normal with variance size; for two, take a pair with the correlation cosine.",
        "square = gaussian_mean(lambda z: f(z) ** 2, variance=size), and for two images product = "
        "gaussian_pair_mean(lambda u, v: f(u) * f(v), variance=size, correlation=cosine). Then square times scale is "
        "the size, and product over square the cosine.",
    ),
)
