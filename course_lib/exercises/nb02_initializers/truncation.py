"""Exercise of notebook 02: how much spread is left of a normal distribution whose tails are drawn again."""

from math import erf, exp, pi, sqrt

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb02_initializers.numbers import far, numbers
from course_lib.initializers import truncated_std

NAME = "the standard deviation"
TOLERANCE = 0.004  # a million draws are well within


def _cases(rng):
    for limit in (2.0, 0.1, 1.0, 3.0, 0.5, float(rng.uniform(1.1, 1.9)), float(rng.uniform(2.1, 2.9))):
        yield (limit,)


def _call(answer, case):
    return numbers(answer(*case), [NAME])


def _near(got, wanted):
    got, wanted = float(got[0]), float(wanted[0])
    return f"{NAME} is {got:.4f}, wanted {wanted:.4f} within 0.4%" if far(got, wanted, TOLERANCE) else None


def _density(a):
    return exp(-a * a / 2) / sqrt(2 * pi)


def _share(a):
    return erf(a / sqrt(2))


def _root(variance):
    """Return a wrong answer from another variance, a function of limit, density there and the share within."""

    def answer(limit):
        return sqrt(variance(limit, _density(limit), _share(limit)))

    return answer


def _variance(limit):
    return 1 - 2 * limit * _density(limit) / _share(limit)


TRUNCATION = Exercise(
    name="truncated_std",
    reference=truncated_std,
    cases=_cases,
    points=2,
    task=Task.DERIVE,
    call=_call,
    compare=_near,
    forbid=("truncnorm",),
    mistakes=(
        Mistake(_variance, "This is the variance that is left. The standard deviation is its root."),
        Mistake(
            _root(lambda a, d, p: p - 2 * a * d),
            "The integral of z² φ(z) between the limits is right, and it isn't divided by the share P of the draws "
            "that are kept. What is drawn again lands within the limits too, so all the probability is there.",
        ),
        Mistake(
            _root(lambda a, d, p: max(1 - 2 * a * d, 0)),
            "The term of the density isn't divided by P, the share within the limits. What is kept has probability P, "
            "and must count as all.",
        ),
        Mistake(
            _root(lambda a, d, p: 1 - a * d / p),
            "There are two limits, and only one is counted: -zφ(z) must be taken at both ends, which doubles the term.",
        ),
        Mistake(
            _root(lambda a, d, p: 1 - 2 * d / p if 2 * d < p else 0),
            "The density is there, but the limit before it isn't. By parts it is z · φ(z) that is taken at both ends.",
        ),
        Mistake(
            _root(lambda a, d, p: 1 + 2 * a * d / p),
            "The sign is wrong: what is left must be less than 1, since the largest numbers are gone. The slope of φ "
            "is -zφ.",
        ),
        Mistake(
            lambda a: sqrt(_share(a)),
            "This is the root of the share that is kept. Which numbers are gone matters, too: those beyond the limits "
            "have the largest squares. It takes the mean of z² over what is left.",
        ),
        Mistake(
            _share,
            "This is the share of the draws that lie within the limits, and not how widely they spread.",
        ),
        Mistake(
            _root(lambda a, d, p: max(1 - 2 * a * d * sqrt(2 * pi) / p, 0)),
            "The density lacks its factor 1/√(2π).",
        ),
        Mistake(
            _root(lambda a, d, p: 1 - 2 * a * d / erf(a)),
            "erf(limit) isn't the share within the limits: it is erf(limit / √2), since erf belongs to exp(-t²).",
        ),
        Mistake(
            _root(lambda a, d, p: 1 - 4 * d / p if 4 * d < p else 0),
            "The 4 is right for a limit of 2 only, where it is 2 · limit.",
        ),
        Mistake(
            _root(lambda a, d, p: 1 - 2 * a * exp(-a * a) / sqrt(2 * pi) / p),
            "In the exponent of the density z² isn't halved: φ(z) has exp(-z² / 2).",
        ),
        Mistake(
            _root(lambda a, d, p: 1 - 2 * a * d / sqrt(2 * pi) / p),
            "The density is divided by 2π, where it takes the root, √(2π).",
        ),
        Mistake(
            _root(lambda a, d, p: max(1 - 2 * a * sqrt(2) * d / p, 0)),
            "The density is divided by √π, where it takes √(2π).",
        ),
        Mistake(
            _root(lambda a, d, p: 1 - 2 * a * d * p),
            "The term of the density is multiplied by the share P. To count what is kept as all, divide by it.",
        ),
        Mistake(
            _root(lambda a, d, p: 1 - 2 * a * d / erf(a * sqrt(2))),
            "The √2 in erf multiplies: the share within the limits is erf(limit / √2).",
        ),
        Mistake(
            _root(lambda a, d, p: max(1 - 2 * a * a * d / p, 0)),
            "The limit is squared. By parts it is z · φ(z) that is taken at both ends.",
        ),
        Mistake(
            lambda a: sqrt(1 - _share(a)),
            "This is the root of the share that is drawn again. Asked is how widely what is kept spreads.",
        ),
        Mistake(lambda a: 0.87962566, "0.8796 belongs to the limit 2. Use limit: for others another share is lost."),
        Mistake(
            lambda a: 1 / sqrt(_variance(a)),
            "This is the factor that makes up for the loss. Asked is what is left, the number to divide by.",
        ),
        Mistake(
            lambda a: a / sqrt(3),
            "This is the standard deviation of a uniform distribution from -limit to limit. It is right for narrow "
            "limits alone: further out N(0, 1) gets rarer.",
        ),
        Mistake(
            _root(lambda a, d, p: 1 - 2 * (1 - p) * a * a if 2 * (1 - p) * a * a < 1 else 0),
            "The density at the limit is wanted, φ(limit), and not the probability beyond it.",
        ),
        Mistake(
            _root(lambda a, d, p: p - 2 * a * d + (1 - p) * a * a),
            "Here what lies beyond is moved to the limits, as np.clip does. It is drawn again, and lands within.",
        ),
        Mistake(
            lambda a: 1.0,
            "With 1 nothing would be lost. The numbers beyond the limits had the largest squares.",
        ),
    ),
    hints=(
        "The variance is the mean of z² over what is kept: an integral of z² φ(z) from -limit to limit, over the "
        "probability P of being kept. Take z² φ(z) as z · zφ(z): you know a function whose slope is zφ(z).",
        "density = exp(-limit**2 / 2) / sqrt(2 * pi), share = erf(limit / sqrt(2)), and the variance is 1 less "
        "2 · limit · density / share. Then the root.",
    ),
)
