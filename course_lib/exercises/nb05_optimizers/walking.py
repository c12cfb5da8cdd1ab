"""What the exercises on update rules share: a rule walks over given gradients; every place it comes to is judged."""

import inspect
from types import SimpleNamespace

import numpy as np

from course_lib.exercises.judge.comparing import Unusable, arrays_in

TINY = 1e-12  # where eps is so small, it makes no difference whether it stands in the root or beside it
INPUTS = ("w", "grads")


def walk(answer, case, *, state_is_kept=False):
    """Return where an answer is after every step over the given gradients; what it keeps as state is its own affair.

    With `state_is_kept` it may not write into the state that came in either.
    """
    w, grads, options = case
    state, path = None, []
    for grad in grads:
        watched = [("w", w), ("grad", grad)]
        if state_is_kept:
            watched += [("v, the state,", array) for array in _arrays(state)]
        before = [array.copy() for _, array in watched]
        result = _stepped(answer, w, grad, state, options)
        for (name, array), old in zip(watched, before, strict=True):
            if not np.array_equal(array, old, equal_nan=True):
                raise Unusable(
                    f"it changed its input {name} in place: `+=`, `-=` and `*=` write into the array that came in, "
                    "which the caller still needs. Make a new one"
                )
        w, state = _parts(result, w)
        path.append(np.array(w))
    return np.array(path)


def keeping_walk(answer, case):
    """Walk as `walk` does, with an answer that may not write into its state's arrays."""
    return walk(answer, case, state_is_kept=True)


def _stepped(answer, w, grad, state, options):
    """Return what an answer gives for one step; say so where it didn't expect that there is no state at first."""
    try:
        return answer(w, grad, state, **options)
    except (TypeError, AttributeError) as error:
        if state is None and "NoneType" in str(error):
            raise Unusable(
                f"it stopped at the first step, where state is None, with “{error}”: ask `state is None`, and begin "
                "then as the text says"
            ) from error
        raise


def _arrays(state):
    """Return the arrays in a state: a tuple, list, dict or array, or an object that has them as attributes."""
    own = getattr(state, "__dict__", None)
    return list(arrays_in(state)) + list(arrays_in(own if isinstance(own, dict) else None))


def _parts(result, before):
    """Return w and state from what an answer returned."""
    if result is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unusable(f"it returned a {type(result).__name__}, wanted two things: `return w, state`")
    w, state = result
    if isinstance(w, tuple | list | dict) or w is None:
        kind = type(w).__name__
        raise Unusable(f"the first thing it returned is a {kind}, wanted the new w, an array: `return w, state`")
    if np.shape(w) != np.shape(before):
        tuples = ": was the state's tuple added as it is?" if np.shape(w) == (1, *np.shape(before)) else ""
        raise Unusable(f"its w has shape {np.shape(w)} after a step, wanted {np.shape(before)}, as before{tuples}")
    return w, state


def gradients(rng, shape, steps, *, scale=1.0, dtype=np.float64):
    """Return weights and gradients for some steps; none of them is near 0 by chance, so that signs are clear."""
    draws = rng.uniform(0.2, 1.5, (steps, *shape)) * rng.choice([-1, 1, 1], (steps, *shape))
    return rng.standard_normal(shape).astype(dtype), (scale * draws).astype(dtype)


def far(rng, shape, steps, *, scale=1.0):
    """Return weights of 3 to 6 and gradients: so far from 0, the place of the usual eps doesn't show."""
    w, grads = gradients(rng, shape, steps, scale=scale)
    return 3 + 3 * np.abs(w) / np.abs(w).max(), grads


def scaled_cases(rng, first, second, *, scale=1.0):
    """Yield cases for a rule that divides by a root; first and second are options of its own.

    scale is the size of the gradients where all options have their defaults.
    """
    yield np.array([1.0]), np.array([[1.0], [1.0], [1.0]]), {"lr": 0.1, "eps": TINY, **first}
    yield np.array([2.0, -1.0]), np.array([[3.0, -4.0]]), {"lr": 0.1, "eps": TINY, **second}
    yield np.zeros((0, 3)), np.zeros((4, 0, 3)), {"lr": 0.1, "eps": TINY, **first}
    yield np.array([1.0, 2.0]), np.array([[0.0, 1.0], [0.0, 0.0], [0.0, -1.0]]), {"lr": 0.1, "eps": 1e-9, **second}
    yield *far(rng, (2, 3), 10, scale=scale), {}  # all as it is by default
    yield *gradients(rng, (3, 2), 50), {"lr": 0.01, "eps": TINY, **first}
    yield *gradients(rng, (5, 4), 50, dtype=np.float32), {"lr": 0.05, "eps": TINY, **second}
    yield *gradients(rng, (6,), 5, scale=1e4), {"lr": 0.01, "eps": TINY, **first}
    yield *gradients(rng, (100, 100), 5, dtype=np.float32), {"lr": 0.001, "eps": TINY, **first}


def mistaken(reference, step):
    """Return a rule with the reference's options; `step` gets what a rule gets as attributes, and may add to them."""
    defaults = inspect.unwrap(reference).__kwdefaults__

    def rule(w, grad, state=None, **options):
        given = SimpleNamespace(w=w, grad=grad, state=state, first=state is None, **(defaults | options))
        moved, state = step(given)
        return moved.astype(w.dtype), state  # np.float64 numbers would make it wider than most answers are

    return rule


def asked_for_truth(rule):
    """Return a rule that asks `if state` of a bare array, as its state is: NumPy refuses it for several numbers."""

    def asking(w, grad, state=None, **options):
        w, (array, *_) = rule(w, grad, (state,) if state is not None and bool(state) else None, **options)
        return w, array

    return asking


def stopping_later(rule, error):
    """Return a rule that stops with an error where a state comes in."""

    def stopping(w, grad, state=None, **options):
        if state is not None:
            raise error
        return rule(w, grad, state, **options)

    return stopping


ASKED_FOR_TRUTH = (
    "With one weight it works, with several it stops at the second step: whether an array is true (`if state`, "
    "`state or …`, `state == None`) is no question that NumPy answers. Ask `state is None`."
)
STILL_A_TUPLE = (
    "The first step is right, the second stops with a TypeError. What comes in as state is just what the step before "
    "returned, a tuple if it was one: take the array out of it before you compute with it."
)
