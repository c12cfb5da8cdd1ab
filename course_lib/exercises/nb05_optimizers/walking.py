"""What the exercises on update rules share: a rule walks over given gradients; every place it comes to is judged."""

import numpy as np

from course_lib.exercises.judge.comparing import Unusable

TINY = 1e-12  # where eps is so small, it makes no difference whether it stands in the root or beside it


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


def scaled_cases(rng, **others):
    """Yield cases; `others` are the rule's own options, of which every second case takes the second value."""
    first, second = ({name: pair[i] for name, pair in others.items()} for i in (0, 1))
    yield np.array([1.0]), np.array([[1.0], [1.0], [1.0]]), {"lr": 0.1, "eps": TINY, **first}
    yield np.array([2.0, -1.0]), np.array([[3.0, -4.0]]), {"lr": 0.1, "eps": TINY, **second}
    yield np.zeros((0, 3)), np.zeros((4, 0, 3)), {"lr": 0.1, "eps": TINY, **first}
    yield np.array([1.0, 2.0]), np.array([[0.0, 1.0], [0.0, 0.0], [0.0, -1.0]]), {"lr": 0.1, "eps": 1e-9, **second}
    yield *gradients(rng, (3, 2), 50), {"lr": 0.01, "eps": TINY, **first}
    yield *gradients(rng, (5, 4), 50, dtype=np.float32), {"lr": 0.05, "eps": 1e-7, **second}
    yield *gradients(rng, (6,), 5, scale=1e4), {"lr": 0.01, "eps": TINY, **first}
    yield *gradients(rng, (100, 100), 5, dtype=np.float32), {"lr": 0.001, "eps": 1e-7, **first}
