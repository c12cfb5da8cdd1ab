"""The exercise of notebook 00, which is nearly free: to see how exercises work."""

import numpy as np

from course_lib.datasets import standardize
from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable


def _cases(rng):
    images = rng.integers(0, 256, (3, 4, 2), dtype=np.uint8)
    images[0, 0] = 0, 255
    yield np.array([0, 10, 20], np.uint8), 10.0, 5.0
    yield np.array([-1.5, 0.0, 3.0], np.float32), 0.5, 2.0
    yield np.array([-2.0, 1.0, 6.0, 0.0]), -1.0, 0.5
    yield np.zeros((0, 4), np.float32), 1.0, 2.0
    yield images, 33.3, 78.6
    yield rng.integers(0, 256, (64, 28, 28), dtype=np.uint8), 33.3, 78.6


def _call(answer, case):
    x, before = case[0], case[0].copy()
    result = answer(*case)
    if not np.array_equal(x, before):
        raise Unusable("it changed its input: work on a copy, since the caller still needs it")
    return result


def _float32(function):
    """Return a mistake of which dtype isn't the point: it computes in float64 and returns float32."""

    def answer(x, mean, std):
        with np.errstate(all="ignore"):
            return np.asarray(function(x.astype(np.float64), mean, std)).astype(np.float32)

    return answer


def _unsigned(number):
    def answer(x, mean, std):
        return ((x - x.dtype.type(number(mean))) / np.float32(std)).astype(np.float32)

    return answer


def _in_place(x, mean, std):
    x -= mean
    x /= std
    return x.astype(np.float32)


def _in_place_if_float32(x, mean, std):
    x = np.asarray(x, np.float32)
    x -= mean
    x /= std
    return x


def _whole(x, mean, std):
    return ((x.astype(int) - int(mean)) / std).astype(np.float32)


def _as_it_was(x, mean, std):
    with np.errstate(all="ignore"):
        return ((x - mean) / std).astype(x.dtype).astype(np.float32)


STANDARDIZE = Exercise(
    name="standardize",
    reference=standardize,
    cases=_cases,
    points=1,
    call=_call,
    mistakes=(
        Mistake(
            _float32(lambda x, mean, std: (x - mean) / std**2),
            "This divides by the variance. Divide by the standard deviation, so that the unit of x cancels.",
        ),
        Mistake(
            _float32(lambda x, mean, std: x / std - mean),
            "The mean is subtracted after the division. Subtract first: (x - mean) / std.",
        ),
        Mistake(
            _float32(lambda x, mean, std: x - mean / std),
            "Only the mean is divided by std here, since / comes before -. The difference must be divided as a whole: "
            "put it in brackets.",
        ),
        Mistake(
            _float32(lambda x, mean, std: x / std),
            "The mean isn't subtracted: this only scales. Subtract it first, then divide.",
        ),
        Mistake(
            _float32(lambda x, mean, std: x - mean),
            "The division is missing: this only shifts. Divide by std as well.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - x.mean()) / x.std()),
            "This uses the mean and standard deviation of the very x it was given. Use the arguments mean and std: "
            "they come from the training set, and test images must be treated in the same way.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - x.mean(axis=0)) / x.std(axis=0)),
            "This uses x's own mean and standard deviation, for each place along the other axes. Use the arguments "
            "mean and std: they come from the training set, and are two numbers for all of x.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - x.mean()) / std),
            "This subtracts the mean of the very x it was given. Use the argument mean, which comes from the training "
            "set.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - mean) / x.std()),
            "This divides by the standard deviation of the very x it was given. Use the argument std, which comes "
            "from the training set.",
        ),
        Mistake(
            _unsigned(lambda mean: mean),
            "The subtraction was done in the type of x. In uint8 there are no negative numbers: 3 - 5 gives 254. Turn "
            "x into float32 first.",
        ),
        Mistake(
            _unsigned(int),
            "The mean was cut to a whole number, and the subtraction done in the type of x. In uint8 there are no "
            "negative numbers: 3 - 5 gives 254. Turn x into float32 first, and leave the mean as it is.",
        ),
        Mistake(
            lambda x, mean, std: (np.asarray(x, np.float64) - mean) / std,
            "The numbers are right, in float64. Networks here compute in float32, in half the memory: end with "
            ".astype(np.float32).",
        ),
        Mistake(
            _float32(lambda x, mean, std: x),
            "Only the type changes here: subtract the mean, then divide by std.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (mean - x) / std),
            "The difference is the wrong way round, so every sign is wrong: x - mean, not mean - x.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - std) / mean),
            "mean and std have changed places: subtract the mean, divide by std.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x + mean) / std),
            "The mean is added. Subtract it, so that what is average comes out as 0.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - mean) * std),
            "This multiplies by std, which makes the spread larger instead of 1: divide.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - mean) / np.sqrt(std)),
            "This divides by the root of std. std is the standard deviation already, the root of the variance.",
        ),
        Mistake(
            _float32(lambda x, mean, std: x / 255),
            "This divides by 255, which brings pixels between 0 and 1, and mean and std aren't used. Subtract the "
            "mean, and divide by std.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x / 255 - mean) / std),
            "The division by 255 is one too many: mean and std are those of the pixels as they are, from 0 to 255.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - mean) / std / 255),
            "The division by 255 at the end is one too many: after the division by std the spread is 1 already.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - mean) / 255),
            "This divides by 255. The divisor is the argument std.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - x.min()) / (x.max() - x.min())),
            "This stretches x between its own smallest and largest number, 0 and 1. Use the arguments: subtract the "
            "mean, and divide by std.",
        ),
        Mistake(
            lambda x, mean, std: ((x - mean) / std).astype(np.float16).astype(np.float32),
            "The numbers went through float16, which keeps only about three digits, and float32 at the end doesn't "
            "bring them back. Compute in float32.",
        ),
        Mistake(
            _whole,
            "Fractions are lost before the division: int cuts off what comes after the point, of x or of the mean. "
            "Turn x into float32, and leave the mean as it is.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (np.trunc(x) - mean) / std),
            "x is cut to whole numbers before the subtraction. Pixels are whole, but other numbers aren't: turn x "
            "into float32, not into int.",
        ),
        Mistake(
            _float32(lambda x, mean, std: np.trunc((x - mean) / std)),
            "The result was cut to whole numbers: the type at the end must be float32.",
        ),
        Mistake(
            _float32(lambda x, mean, std: (x - mean) // std),
            "// divides and rounds down to a whole number. A single / keeps the fraction.",
        ),
        Mistake(
            _float32(lambda x, mean, std: np.round((x - mean) / std)),
            "The result was rounded to whole numbers: leave the fractions.",
        ),
        Mistake(
            _float32(lambda x, mean, std: ((x - mean) / std).astype(np.uint8)),
            "The result is turned into uint8, which has neither fractions nor negative numbers: end with float32.",
        ),
        Mistake(
            _as_it_was,
            "The result is turned back into the type of x, and uint8 has neither fractions nor negative numbers: end "
            "with float32, whatever x was.",
        ),
        Mistake(
            _float32(lambda x, mean, std: np.abs(x - mean) / std),
            "What lies below the mean has lost its sign: it must come out negative.",
        ),
        Mistake(
            _float32(lambda x, mean, std: np.clip((x - mean) / std, -1, 1)),
            "The result is cut off at ±1. A standard deviation of 1 doesn't mean that nothing lies beyond.",
        ),
        Mistake(
            _in_place,
            "-= and /= write into x itself: into the caller's numbers, and where they are uint8 that is refused, "
            "since there is no room for fractions. Make a float32 copy of x first, with x.astype(np.float32).",
        ),
        Mistake(
            _in_place_if_float32,
            "Where x is float32 already, it is changed: np.asarray makes no copy then, and -= and /= write into the "
            "caller's numbers. x.astype(np.float32) makes a copy.",
        ),
    ),
    hints=(
        "Move the numbers so that their mean becomes 0, then stretch them so that their spread becomes 1.",
        "return ((x - mean) / std).astype(np.float32)",
    ),
)
