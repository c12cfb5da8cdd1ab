"""What the exercises on update rules share: a rule walks over given gradients, and every place it comes to is judged."""

import numpy as np

from course_lib.exercises.comparing import Unusable


def walk(answer, case):
    """Return where an answer is after every step over the given gradients; what it keeps as state is its own affair."""
    w, grads, options = case
    state, path = None, []
    for grad in grads:
        w, state = _parts(answer(w, grad, state, **options), w)
        path.append(np.array(w))
    return np.array(path)


def _parts(result, before):
    """Return w and state from what an answer returned."""
    if result is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unusable(f"it returned a {type(result).__name__}, wanted two things: `return w, state`")
    w, state = result
    if np.shape(w) != np.shape(before):
        raise Unusable(f"its w has shape {np.shape(w)} after a step, wanted {np.shape(before)}, as before")
    return w, state


def gradients(rng, shape, steps, *, scale=1.0, dtype=np.float64):
    """Return weights and gradients for some steps; none of them is near 0 by chance, so that signs are clear."""
    draws = rng.uniform(0.2, 1.5, (steps, *shape)) * rng.choice([-1, 1, 1], (steps, *shape))
    return rng.standard_normal(shape).astype(dtype), (scale * draws).astype(dtype)
