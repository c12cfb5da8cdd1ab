"""Exercises of notebook 00: one that is nearly free, to see how exercises work."""

import numpy as np

from course_lib.datasets import standardize
from course_lib.exercises.core import Exercise, Mistake, Quiz


def _cases(rng):
    images = rng.integers(0, 256, (3, 4, 4), dtype=np.uint8)
    yield np.array([0, 10, 20], np.uint8), 10.0, 5.0
    yield np.array([-1.5, 0.0, 3.0], np.float32), 0.5, 2.0
    yield np.zeros((0, 4), np.float32), 1.0, 2.0
    yield images, 33.3, 78.6
    yield rng.integers(0, 256, (64, 28, 28), dtype=np.uint8), 33.3, 78.6


def _unsigned(x, mean, std):
    with np.errstate(all="ignore"):
        return ((x - np.asarray(mean).astype(x.dtype)) / np.float32(std)).astype(np.float32)


def _own_statistics(x, mean, std):
    return ((x - x.mean()) / x.std()).astype(np.float32)


EXERCISES = [
    Exercise(
        name="standardize",
        reference=standardize,
        cases=_cases,
        points=1,
        mistakes=(
            Mistake(
                lambda x, mean, std: ((x - mean) / std**2).astype(np.float32),
                "This divides by the variance. Divide by the standard deviation, so that the unit of x cancels.",
            ),
            Mistake(
                lambda x, mean, std: (x / std - mean).astype(np.float32),
                "The mean is subtracted after the division. Subtract first: (x - mean) / std.",
            ),
            Mistake(
                lambda x, mean, std: (x / std).astype(np.float32),
                "The mean isn't subtracted: this only scales. Subtract it first, then divide.",
            ),
            Mistake(
                lambda x, mean, std: (x - np.float32(mean)).astype(np.float32),
                "The division is missing: this only shifts. Divide by std as well.",
            ),
            Mistake(
                _own_statistics,
                "This uses the mean and standard deviation of the very x it was given. Use the arguments mean and std: "
                "they come from the training set, and test images must be treated in the same way.",
            ),
            Mistake(
                _unsigned,
                "The subtraction was done in the type of x. In uint8 there are no negative numbers: 3 - 5 gives 254. "
                "Turn x into float32 first.",
            ),
            Mistake(
                lambda x, mean, std: (np.asarray(x, np.float64) - mean) / std,
                "The numbers are right, in float64. Networks here compute in float32, in half the memory: end with "
                ".astype(np.float32).",
            ),
        ),
        hints=(
            "Move the numbers so that their mean becomes 0, then stretch them so that their spread becomes 1.",
            "result = (x - mean) / std",
            "return ((x - mean) / std).astype(np.float32)",
        ),
    )
]

QUIZZES = [
    Quiz(
        name="first-quiz",
        question="The mean and standard deviation that standardize test images come from…",
        options=(
            (
                "the test images",
                "Then the network would see test images on another scale than training images, and the result for "
                "one image would depend on which others it was tested with.",
            ),
            (
                "the training images",
                "The network learns weights for inputs on this scale, so everything it meets later must be brought "
                "to the same scale.",
            ),
            (
                "all images together",
                "Close in numbers, but the test set would have a say in training: it must stay unseen until the end.",
            ),
        ),
        right=1,
    )
]
