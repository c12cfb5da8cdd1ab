"""What momentum's and Nesterov's exercises share: cases, and rules with something wrong."""

import numpy as np

from course_lib.exercises.nb05_optimizers.walking import gradients, mistaken


def cases(rng):
    """Yield weights, gradients and options."""
    yield np.array([1.0]), np.array([[1.0], [1.0], [1.0]]), {"lr": 0.1, "beta": 0.5}
    yield np.array([2.0, -1.0]), np.array([[1.0, -2.0]]), {"lr": 0.1, "beta": 0.9}
    yield np.zeros((0, 3)), np.zeros((4, 0, 3)), {"lr": 0.1, "beta": 0.9}
    yield np.array([1.0, 2.0]), np.array([[1.0, -1.0], [0.0, 0.0], [0.0, 0.0]]), {"lr": 0.2, "beta": 0.8}
    yield *gradients(rng, (2, 3), 10), {}  # all as it is by default
    yield *gradients(rng, (3, 2), 50), {"lr": 0.02, "beta": 0.9}
    yield *gradients(rng, (5, 4), 50, dtype=np.float32), {"lr": 0.05, "beta": 0.7}
    yield *gradients(rng, (6,), 5, scale=1e4), {"lr": 0.001, "beta": 0.99}
    yield *gradients(rng, (100, 100), 5, dtype=np.float32), {"lr": 0.01, "beta": 0.9}


def wrong(reference, place):
    """Return a function that makes a rule with something wrong in one part; `place` is where w comes to when right.

    Every part gets all that the rule has: w, grad, lr, beta; old, the speed that came in; v, the new one; first,
    whether there was no state.
    """

    def rule(speed=lambda a: a.beta * a.old - a.lr * a.grad, place=place, kept=lambda a: a.v):
        def step(a):
            a.old = a.state[0] if a.state else 0
            a.v = speed(a)
            return place(a), (kept(a),)

        return mistaken(reference, step)

    return rule
