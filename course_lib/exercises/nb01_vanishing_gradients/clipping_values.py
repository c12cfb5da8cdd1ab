"""Exercise of notebook 01: clipping a gradient by value, element by element."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.regularizers import clip_by_value


def _cases(rng):
    yield np.array([0.9, 100.0]), 1.0
    yield np.array([-3.0, 0.5, 2.0]), 1.0
    yield np.array([-2.0, 0.25, 4.0, -0.25], np.float32), 0.5
    yield np.array([[0.1, -0.2], [0.0, 0.3]]), 1.0
    yield np.array([50.0, -0.25, 0.0003], np.float32), 0.001
    yield np.array([[7.0, -9.0], [2.5, -0.5], [3.0, 1.0]]), 3.0
    yield np.zeros((0, 2)), 1.0
    yield np.array([[-1e30, 1e30, 1.0]], np.float32), 0.5
    yield rng.standard_normal((100, 100), dtype=np.float32), 0.7


def _new(answer, case):
    before = case[0].copy()
    result = answer(*case)
    if isinstance(result, np.ndarray) and np.shares_memory(result, case[0]):
        same = "" if np.array_equal(before, case[0]) else ", changed"
        raise Unusable(f"it returned the caller's own array{same}: the text asks for a new one")
    return result


def _shrunk(length, *, always=False):
    def clip(grad, limit):
        longest = length(grad.astype(np.float64))
        return (grad * float(limit / (longest if always else max(longest, limit)))).astype(grad.dtype)

    return clip


def _norm(grad):
    return np.sqrt(np.sum(grad**2))


def _largest(grad):
    return np.abs(grad).max(initial=0)


def _beyond(value):
    """Put a wrong value where an element is beyond the limit."""
    return lambda grad, limit: np.where(np.abs(grad) > limit, value(grad, limit), grad).astype(grad.dtype)


CLIP_VALUE = Exercise(
    name="clip_by_value",
    reference=clip_by_value,
    cases=_cases,
    points=1,
    call=_new,
    mistakes=(
        Mistake(
            lambda grad, limit: np.minimum(grad, limit),
            "Large positive elements are cut off, large negative ones aren't: -3 must become -limit.",
        ),
        Mistake(
            lambda grad, limit: np.maximum(grad, -limit),
            "Large negative elements are cut off, large positive ones aren't: what is above limit must become limit.",
        ),
        Mistake(
            lambda grad, limit: np.clip(grad, 0, limit),
            "Negative elements become 0. They may go down to -limit.",
        ),
        Mistake(
            lambda grad, limit: np.clip(grad, -limit, limit, out=grad),
            "The caller's own array is what comes back, and it was changed wherever something was to cut: out=grad and "
            "grad[…] = … write into it. Begin with a copy.",
        ),
        Mistake(
            lambda grad, limit: grad if np.all(np.abs(grad) <= limit) else np.clip(grad, -limit, limit),
            "Where nothing is to be cut, the caller's own array comes back. Whoever changes the result later would "
            "change the gradient, too: return a copy there as well.",
        ),
        Mistake(
            _shrunk(_largest),
            "This shrinks the whole array by one factor, which keeps the direction. Clipping by value treats each "
            "element alone: those within ±limit stay as they are.",
        ),
        Mistake(
            _shrunk(_largest, always=True),
            "This makes the largest element as large as the limit, by one factor for the whole array. Clipping by "
            "value treats each element alone: those within ±limit stay as they are.",
        ),
        Mistake(
            _shrunk(_norm),
            "This is clipping by norm: one factor shortens the whole array. Clipping by value treats each element "
            "alone: those within ±limit stay as they are.",
        ),
        Mistake(
            _shrunk(_norm, always=True),
            "This scales the whole array to the norm limit. Clipping by value treats each element alone: those within "
            "±limit stay as they are.",
        ),
        Mistake(
            _beyond(lambda grad, limit: 0),
            "Elements beyond the limit are set to 0. They should be set to the limit, with their sign.",
        ),
        Mistake(
            _beyond(lambda grad, limit: limit),
            "Large negative elements become +limit: their sign is lost. -3 clipped to 1 is -1.",
        ),
        Mistake(
            _beyond(lambda grad, limit: -limit),
            "Large positive elements become -limit, where they must become +limit.",
        ),
        Mistake(
            _beyond(lambda grad, limit: np.sign(grad)),
            "What is beyond the limit becomes 1 or -1. It should become limit or -limit.",
        ),
        Mistake(
            lambda grad, limit: np.minimum(np.abs(grad), limit),
            "The signs are lost: a gradient of -3 clipped to 1 is -1.",
        ),
        Mistake(
            lambda grad, limit: np.full_like(grad, limit),
            "Everything becomes +limit: the larger of something and limit is never below limit. Upper and lower end "
            "are exchanged.",
        ),
        Mistake(
            lambda grad, limit: np.full_like(grad, -limit),
            "Everything becomes -limit: the smaller of something and -limit is never above it. Upper and lower end are "
            "exchanged.",
        ),
        Mistake(
            lambda grad, limit: (limit * np.sign(grad)).astype(grad.dtype),
            "Every element is set to ±limit. Those within the limit should stay as they are.",
        ),
        Mistake(
            lambda grad, limit: np.clip(grad, -1, 1),
            "This clips to ±1 whatever the limit: use the argument.",
        ),
        Mistake(
            lambda grad, limit: (limit * np.tanh(grad / limit)).astype(grad.dtype),
            "This bends smoothly towards the limit, like tanh, and so also changes small elements. Those within ±limit "
            "should stay as they are.",
        ),
        Mistake(
            lambda grad, limit: np.sign(grad) * np.maximum(np.abs(grad) - limit, 0),
            "This takes limit away from the size of every element. It should be cut off: what is within ±limit stays, "
            "and what is beyond becomes ±limit.",
        ),
        Mistake(
            lambda grad, limit: grad - np.sign(grad) * np.maximum(np.abs(grad) - limit, 0),
            "The formula is right on paper. But the excess of a very large element over the limit is, in float32, as "
            "large as the element itself, and the difference cancels. Put the limit there instead of subtracting.",
        ),
        Mistake(
            lambda grad, limit: grad.copy(),
            "Nothing is cut off: the gradient comes back as it was.",
        ),
        Mistake(
            lambda grad, limit: min(max(grad, -limit), limit),
            "Where the error speaks of a truth value: an if, and Python's own min and max, ask one question about the "
            "whole array. np.minimum and np.maximum treat every element by itself.",
        ),
        Mistake(
            lambda grad, limit: np.array([min(max(g, -limit), limit) for g in grad], grad.dtype),
            "Right where grad has one axis. A loop over grad, or over range(len(grad)), takes whole rows where it has "
            "two; np.minimum and np.maximum treat every element by itself.",
        ),
        Mistake(
            lambda grad, limit: grad,
            "Nothing is cut off: the caller's own array comes back as it was.",
        ),
        Mistake(
            lambda grad, limit: np.where(grad > limit, limit, np.where(grad < limit, -limit, grad)),
            "What is below limit becomes -limit. Only what is below -limit should.",
        ),
        Mistake(
            _beyond(lambda grad, limit: -limit * np.sign(grad)),
            "What is above limit becomes -limit, and what is below -limit becomes +limit: the two have changed places.",
        ),
        Mistake(
            lambda grad, limit: np.where(np.abs(grad) > limit, limit * np.sign(grad), 0).astype(grad.dtype),
            "What lies within ±limit becomes 0. It should stay as it is.",
        ),
        Mistake(
            _beyond(lambda grad, limit: grad - limit * np.sign(grad)),
            "What is beyond the limit is made smaller by limit. It should become limit itself, with its sign.",
        ),
        Mistake(
            lambda grad, limit: grad * limit,
            "Everything is multiplied by limit. What lies within ±limit should stay, and what lies beyond should "
            "become ±limit.",
        ),
    ),
    hints=(
        "Every element for itself: what is above limit becomes limit, what is below -limit becomes -limit.",
        "np.minimum and np.maximum do it in two calls, np.clip in one.",
    ),
)
