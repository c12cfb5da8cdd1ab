"""Exercises of notebook 05: momentum, and Nesterov's variant of it."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.walking import gradients, walk
from course_lib.optimizers import momentum, nesterov


def _cases(rng):
    yield np.array([1.0]), np.array([[1.0], [1.0], [1.0]]), {"lr": 0.1, "beta": 0.5}
    yield np.array([2.0, -1.0]), np.array([[1.0, -2.0]]), {"lr": 0.1, "beta": 0.9}
    yield np.zeros((0, 3)), np.zeros((4, 0, 3)), {"lr": 0.1, "beta": 0.9}
    yield np.array([1.0, 2.0]), np.array([[1.0, -1.0], [0.0, 0.0], [0.0, 0.0]]), {"lr": 0.2, "beta": 0.8}
    yield *gradients(rng, (3, 2), 50), {"lr": 0.01, "beta": 0.9}
    yield *gradients(rng, (5, 4), 50, dtype=np.float32), {"lr": 0.05, "beta": 0.7}
    yield *gradients(rng, (6,), 5, scale=1e4), {"lr": 0.001, "beta": 0.99}
    yield *gradients(rng, (100, 100), 5, dtype=np.float32), {"lr": 0.01, "beta": 0.9}


def _speed(state):
    return state[0] if state else 0


def _upwards(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = beta * _speed(state) - lr * grad
    return w - v, (v,)


def _forgetful(w, grad, state=None, *, lr=0.01, beta=0.9):
    return w - lr * grad, None


def _averaged(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = beta * _speed(state) - (1 - beta) * lr * grad
    return w + v, (v,)


def _late(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = _speed(state)
    return w + v, (beta * v - lr * grad,)


def _swapped(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = (1 - beta) * _speed(state) - lr * grad
    return w + v, (v,)


def _all_damped(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = beta * (_speed(state) - lr * grad)
    return w + v, (v,)


def _undamped(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = _speed(state) - lr * grad
    return w + v, (v,)


MOMENTUM = Exercise(
    name="momentum",
    reference=momentum,
    cases=_cases,
    points=1,
    call=walk,
    mistakes=(
        Mistake(
            _upwards,
            "w moves up the slope: v is minus the gathered gradient already, so add it to w, w + v.",
        ),
        Mistake(
            _forgetful,
            "This is plain gradient descent: the speed is lost after every step. Return the new v as the state, and "
            "begin the next step from it.",
        ),
        Mistake(
            _averaged,
            "Here v is an average of the steps, (1 - beta) times as large as it should be. Momentum adds the whole "
            "step lr · grad; that is why it gets faster.",
        ),
        Mistake(
            _late,
            "w moves by the old speed, and the gradient counts one step too late. Renew v first, then add the new v.",
        ),
        Mistake(
            _swapped,
            "The speed keeps a share of 1 - beta. With beta = 0.9 nine tenths must be kept: beta · v.",
        ),
        Mistake(
            _all_damped,
            "beta multiplies the new step as well. Only the old speed is damped: beta · v - lr · grad.",
        ),
        Mistake(
            _undamped,
            "Without friction the speed never gets smaller, so it rolls past every valley. Multiply the old v by beta.",
        ),
    ),
    hints=(
        "What must be known of the earlier steps? One array, the speed v. At the first step there is no state, and v "
        "is 0.",
        "v ← beta · v - lr · grad, then w ← w + v; the new v is the state.",
        "v = state[0] if state else 0; v = beta * v - lr * grad; return w + v, (v,)",
    ),
)


def _nesterov_upwards(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = beta * _speed(state) - lr * grad
    return w - beta * v + lr * grad, (v,)


def _nesterov_coasting(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = beta * _speed(state) - lr * grad
    return w + beta * v, (v,)


def _nesterov_undamped(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = beta * _speed(state) - lr * grad
    return w + v - lr * grad, (v,)


def _nesterov_forgetful(w, grad, state=None, *, lr=0.01, beta=0.9):
    return w - (1 + beta) * lr * grad, None


def _nesterov_stored(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = beta * (beta * _speed(state) - lr * grad) - lr * grad
    return w + v, (v,)


def _nesterov_averaged(w, grad, state=None, *, lr=0.01, beta=0.9):
    step = (1 - beta) * lr * grad
    v = beta * _speed(state) - step
    return w + beta * v - step, (v,)


NESTEROV = Exercise(
    name="nesterov",
    reference=nesterov,
    cases=_cases,
    points=2,
    call=walk,
    mistakes=(
        Mistake(
            momentum,
            "This is plain momentum: w moves by the new v. Nesterov goes one step further along: by beta times the "
            "new v, and by the gradient's step once more.",
        ),
        Mistake(
            _nesterov_upwards,
            "w moves up the slope: both parts are to be added with the sign that takes the gradient away, "
            "w + beta · v - lr · grad.",
        ),
        Mistake(
            _nesterov_coasting,
            "The step lr · grad is missing beside beta · v: w ← w + beta · v - lr · grad.",
        ),
        Mistake(
            _nesterov_undamped,
            "The look ahead is by beta times the new speed, since the next step will keep only that share of it.",
        ),
        Mistake(
            _nesterov_forgetful,
            "The speed is lost after every step: return the new v as the state, and begin the next step from it.",
        ),
        Mistake(
            _nesterov_stored,
            "The look ahead was stored as the speed, and so counts double from then on. The state is "
            "v = beta · v - lr · grad, as in momentum; only w looks ahead.",
        ),
        Mistake(
            _nesterov_averaged,
            "The gradient's step is taken whole here, not times 1 - beta.",
        ),
    ),
    hints=(
        "The speed is renewed as in momentum. Then ask where that speed will carry w in the step after: go there, and "
        "the next gradient is one step ahead.",
        "v ← beta · v - lr · grad, then w ← w + beta · v - lr · grad, with the new v.",
        "v = beta * v - lr * grad; return w + beta * v - lr * grad, (v,)",
    ),
)
