"""What Adam's exercise needs: cases, and Adams with something wrong in one part."""

import numpy as np

from course_lib.exercises.nb05_optimizers.walking import TINY, gradients, mistaken, scaled_cases
from course_lib.optimizers import adam


def cases(rng):
    """Yield weights, gradients and options."""
    yield np.array([1.0]), np.array([[4.0], [2.0], [1.0]]), {"lr": 0.1, "eps": TINY}
    yield from scaled_cases(rng, {"beta1": 0.9, "beta2": 0.999}, {"beta1": 0.5, "beta2": 0.9})
    _, grads = gradients(rng, (4,), 20, scale=1e-3, dtype=np.float32)  # so small that eps in the root would count
    yield np.zeros(4, np.float32), np.abs(grads), {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-10}
    # eps counts here, and does so alike whether s is corrected before it is added or not, since beta2 is 0
    grads = np.array([[0.5, -0.5, 0.25, 0.5], [0.25, 0.5, 0.5, 0.25]])
    yield np.full(4, 1000.0), grads, {"lr": 1000.0, "beta1": 0.5, "beta2": 0.0, "eps": 0.5}
    yield np.zeros(4), 1e-3 * grads, {"lr": 1e6, "beta2": 0.0}


def average(old, new, beta):
    return beta * old + (1 - beta) * new


def first_average(a):
    return average(a.old_m, a.grad, a.beta1)


def second_average(a):
    return average(a.old_s, a.grad**2, a.beta2)


def correction(a):
    """Return what Adam multiplies m / √s by, when right."""
    return (1 - a.beta2**a.t) ** 0.5 / (1 - a.beta1**a.t)


def corrected(a):
    """Return m and s, both corrected."""
    return a.m / (1 - a.beta1**a.t), a.s / (1 - a.beta2**a.t)


def step(a):
    """Return what is taken from w, when right."""
    return a.lr * correction(a) * a.m / (np.sqrt(a.s) + a.eps)


def wrong(m=first_average, s=second_average, t=lambda old: old + 1, step=step, kept=lambda a: (a.m, a.s, a.t)):
    """Return an Adam with something wrong in one part.

    Every part gets all that the rule has: w, grad, lr and the other options; old_m and old_s, the averages that came
    in; m, s and t, the new ones; first, whether there was no state.
    """

    def take(a):
        a.old_m, a.old_s, old = a.state or (0, 0, 0)
        a.t = t(old)
        a.m, a.s = m(a), s(a)
        return a.w - step(a), kept(a)

    return mistaken(adam, take)
