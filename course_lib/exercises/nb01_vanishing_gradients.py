"""Exercises of notebook 01: backpropagation through a dense layer, the logistic function, clipping, a debug lab."""

import numpy as np

from course_lib.activations import logistic, logistic_derivative
from course_lib.exercises.core import Exercise, Mistake, Quiz
from course_lib.layers import dense_backward
from course_lib.regularizers import clip_by_global_norm, clip_by_value


def _dense_cases(rng):
    yield np.array([[1.0, -1.0]]), (np.array([[2.0, 3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    for batch, fan_in, fan_out, dtype in [
        (2, 3, 2, np.float64),
        (3, 4, 4, np.float64),
        (0, 3, 2, np.float64),
        (5, 1, 1, np.float64),
        (4, 3, 5, np.float32),
        (64, 100, 100, np.float32),
    ]:
        dy, x, w = (rng.standard_normal(s) for s in [(batch, fan_out), (batch, fan_in), (fan_in, fan_out)])
        yield dy.astype(dtype), (x.astype(dtype), w.astype(dtype))
    yield 1e4 * rng.standard_normal((6, 2)), (1e3 * rng.standard_normal((6, 3)), rng.standard_normal((3, 2)))


def _dense(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


DENSE = Exercise(
    name="dense_backward",
    reference=dense_backward,
    cases=_dense_cases,
    points=3,
    mistakes=(
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], _dense(dy, cache)[1], dy.sum(axis=0) / max(len(dy), 1)),
            "This is the mean of dy over the batch. b was added to every row, so every row's gradient counts: sum them. "
            "The division by the batch size is already in dy, since the loss is a mean.",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], _dense(dy, cache)[1] / max(len(dy), 1), dy.sum(axis=0)),
            "dw is divided by the batch size, which happens twice that way: the loss is already a mean, so dy is "
            "already divided. dw = xᵀ dy.",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], dy.T @ cache[0], dy.sum(axis=0)),
            "dw is transposed. It must have the shape of w, (fan_in, fan_out), and the product that gives this shape "
            "is xᵀ dy.",
        ),
        Mistake(
            lambda dy, cache: (dy @ cache[1], _dense(dy, cache)[1], dy.sum(axis=0)),
            "dx multiplies by w, where it takes wᵀ: dy has shape (batch, fan_out), and dx must come out as "
            "(batch, fan_in).",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[1], _dense(dy, cache)[0], dy.sum(axis=0)),
            "dx and dw stand in the wrong order: the gradients come in the order of dense's arguments, x, w, b.",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], _dense(dy, cache)[1], dy),
            "db still has one row an example. b has shape (fan_out,), and it was added to every row of the batch: sum "
            "dy over the rows.",
        ),
    ),
    hints=(
        "Each gradient has the shape of what it belongs to. Write the shapes of dy, x and w on paper: there is just "
        "one way to multiply two of them so that the result has the shape of w, and one for x.",
        "dx = dy wᵀ, dw = xᵀ dy, and db is the sum of dy over the batch.",
        "x, w = cache, then return dy @ w.T, and x.T @ dy, and dy.sum(axis=0).",
    ),
)


def _activation_cases(rng):
    yield (np.array([0.0]),)
    yield (np.array([-2.0, -1.0, 1.0, 2.0]),)
    yield (np.zeros((0, 3)),)
    yield (np.array([[0.5, -0.5]], np.float32),)
    yield (np.array([1000.0]),)
    yield (np.array([-1000.0]),)
    yield (np.array([-1000.0, 1000.0], np.float32),)
    yield (rng.uniform(-30, 30, (5, 4)),)
    yield (rng.standard_normal((64, 100), dtype=np.float32),)


def _naive(z):
    return 1 / (1 + np.exp(-z))


LOGISTIC = Exercise(
    name="logistic",
    reference=logistic,
    cases=_activation_cases,
    points=2,
    forbid=("expit", "sigmoid"),
    mistakes=(
        Mistake(
            lambda z: np.exp(z) / (1 + np.exp(z)),
            "exp(1000) is too large for any float: it becomes inf, and inf / inf is NaN. Take the exponential only of "
            "numbers that aren't positive: exp(-|z|).",
        ),
        Mistake(
            lambda z: _naive(-z),
            "The curve is mirrored: this falls from 1 to 0 as z grows. In the formula it is exp(-z).",
        ),
        Mistake(
            lambda z: 1 / 1 + np.exp(-z),
            "Python reads 1 / 1 + exp(-z) as (1 / 1) + exp(-z): put the whole denominator in brackets.",
        ),
        Mistake(
            np.tanh,
            "This is tanh, which goes from -1 to 1. The logistic function goes from 0 to 1: "
            "logistic(z) = (1 + tanh(z / 2)) / 2.",
        ),
        Mistake(
            lambda z: _naive(np.clip(z, -10, 10)),
            "z is clipped on the way, so that the result never comes nearer to 0 or 1 than 0.00005. There is a way "
            "without clipping: exp(-|z|) can't overflow.",
        ),
    ),
    hints=(
        "exp overflows only for large positive numbers. Can you write the formula so that exp never sees one?",
        "For z ≥ 0 it is 1 / (1 + exp(-z)), for z < 0 it is exp(z) / (1 + exp(z)); both contain exp(-|z|).",
        "t = np.exp(-np.abs(z)); the numerator is np.where(z < 0, t, 1), the denominator 1 + t.",
    ),
)

DERIVATIVE = Exercise(
    name="logistic_derivative",
    reference=logistic_derivative,
    cases=_activation_cases,
    points=1,
    mistakes=(
        Mistake(
            lambda z: z * (1 - z),
            "The formula s (1 - s) is about s = f(z), the output; the argument here is z, the pre-activation. "
            "Compute s first.",
        ),
        Mistake(
            _naive,
            "This is f(z) itself; its slope is f(z) (1 - f(z)).",
        ),
        Mistake(
            lambda z: 1 - _naive(z) ** 2,
            "1 - f² is the slope of tanh. For the logistic function it is f (1 - f).",
        ),
        Mistake(
            lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
            "Right in the middle, NaN at z = -1000, where exp(-z) overflows. The slope is the same at z and -z, so "
            "use exp(-|z|).",
        ),
    ),
    hints=(
        "Let s = f(z). The derivative can be written with s alone, without another exponential.",
        "f'(z) = s (1 - s) with s = f(z).",
        "s = logistic(z) as in the exercise above, or with t = np.exp(-np.abs(z)): t / (1 + t) ** 2.",
    ),
)


def _value_cases(rng):
    yield np.array([0.9, 100.0]), 1.0
    yield np.array([-3.0, 0.5, 2.0]), 1.0
    yield np.array([0.1, -0.2]), 1.0
    yield np.zeros((0, 2)), 1.0
    yield np.array([[-1e30, 1e30, 1.0]], np.float32), 0.5
    yield rng.standard_normal((100, 100), dtype=np.float32), 0.7


CLIP_VALUE = Exercise(
    name="clip_by_value",
    reference=clip_by_value,
    cases=_value_cases,
    points=1,
    mistakes=(
        Mistake(
            lambda grad, limit: np.minimum(grad, limit),
            "Large positive elements are cut off, large negative ones aren't: -3 must become -limit.",
        ),
        Mistake(
            lambda grad, limit: grad * (limit / max(np.abs(grad).max(initial=0), limit)).astype(grad.dtype),
            "This shrinks the whole array by one factor, which keeps the direction. Clipping by value treats each "
            "element alone: those within ±limit stay as they are.",
        ),
        Mistake(
            lambda grad, limit: np.where(np.abs(grad) > limit, 0, grad),
            "Elements beyond the limit are set to 0. They should be set to the limit, with their sign.",
        ),
        Mistake(
            lambda grad, limit: np.minimum(np.abs(grad), limit),
            "The signs are lost: a gradient of -3 clipped to 1 is -1.",
        ),
    ),
    hints=(
        "Every element for itself: what is larger than limit becomes limit, what is smaller than -limit becomes -limit.",
        "g ← min(max(g, -limit), limit), element by element.",
        "np.minimum and np.maximum do it in two calls, np.clip in one.",
    ),
)


def _norm_cases(rng):
    yield [np.array([3.0]), np.array([4.0])], 1.0
    yield [np.array([3.0, 4.0])], 10.0
    yield [np.zeros(2), np.zeros((2, 2))], 1.0
    yield [np.array([[6.0, 0.0]]), np.zeros((0,)), np.array([8.0])], 5.0
    yield [np.array([3e25, 0.0], np.float32), np.array([[4e25]], np.float32)], 1.0
    yield [rng.standard_normal(s) for s in [(3, 4), (4,), (4, 2), (2,)]], 2.0
    yield [rng.standard_normal(s, dtype=np.float32) for s in [(100, 100), (100,)] * 5], 1.0


def _scaled(norm):
    def clip(grads, limit):
        with np.errstate(all="ignore"):
            return [(g * (limit / max(norm(grads), limit))).astype(g.dtype) for g in grads]

    return clip


def _squares(grads):
    return sum(float(np.sum(np.square(g, dtype=np.float64))) for g in grads)


CLIP_NORM = Exercise(
    name="clip_by_global_norm",
    reference=clip_by_global_norm,
    cases=_norm_cases,
    points=2,
    mistakes=(
        Mistake(
            lambda grads, limit: [_scaled(lambda gs: _squares(gs) ** 0.5)([g], limit)[0] for g in grads],
            "Each array is clipped by its own norm, so small ones grow in weight against large ones and the direction "
            "of the whole step changes. Compute one norm over all arrays.",
        ),
        Mistake(
            lambda grads, limit: [(g * (limit / max(_squares(grads) ** 0.5, 1e-300))).astype(g.dtype) for g in grads],
            "Gradients shorter than the limit are stretched to it. They must stay as they are: clipping only shortens.",
        ),
        Mistake(
            _scaled(_squares),
            "The norm is the square root of the sum of squares: the root is missing.",
        ),
        Mistake(
            _scaled(lambda grads: sum(_squares([g]) ** 0.5 for g in grads)),
            "The norms of the arrays are added. Add the squares of all elements first and take one root at the end.",
        ),
        Mistake(
            _scaled(lambda grads: np.sqrt(sum(np.sum(g**2) for g in grads))),
            "Right, until gradients really explode: the square of 3e25 is too large for float32, the norm becomes inf "
            "and everything comes out as 0. Sum the squares in float64: np.sum(np.square(g, dtype=np.float64)).",
        ),
    ),
    hints=(
        "Think of all the gradients as one long vector. How long is it, and by which factor must it shrink?",
        "norm = √(Σ g² over all elements of all arrays); each g is multiplied by limit / max(norm, limit).",
        "norm = np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in grads)); then a list of g * scale, where "
        "scale = limit / max(float(norm), limit) is an ordinary number.",
    ),
)

SICK = {"activation": "ReLU", "initializer": "glorot_normal", "scale": 0.3, "lr": 0.05}
CHOICES = {
    "activation": ("logistic", "tanh", "ReLU"),
    "initializer": ("standard_normal", "glorot_normal", "he_normal"),
}


def mend(config):
    """Return settings with which the network of ten layers learns.

    Parameters
    ----------
    config : dict
        activation: "logistic", "tanh" or "ReLU"; initializer: "standard_normal", "glorot_normal" or "he_normal";
        scale: a factor on all weights, 0.01 to 10; lr: the learning rate, 0.0001 to 1.

    Returns
    -------
    dict
        The same four settings, with whatever you changed. Ten layers of 100 units are trained on it for 150 steps.
    """
    return {**config, "initializer": "he_normal", "scale": 1.0}


def network_from(config, rng):
    """Return the debug lab's network of ten hidden layers of 100 units, built from its settings."""
    from course_lib import initializers
    from course_lib.network import deep_network

    draw, scale = getattr(initializers, config["initializer"]), np.float32(config["scale"])
    return deep_network(10, 100, config["activation"], lambda shape, rng: scale * draw(shape, rng), rng=rng)


def train_from(config, seed, data=None):
    """Train the debug lab's network for 150 steps and return its history."""
    from course_lib.datasets import load_mnist
    from course_lib.optimizers import sgd
    from course_lib.training import fit

    data = data or load_mnist()
    data = data.first(9600)._replace(x_valid=data.x_valid[:2000], y_valid=data.y_valid[:2000])
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        return fit(network_from(config, rng), data, sgd, lr=config["lr"], rng=rng, progress=False)


def _train_mended(answer, case):
    config = answer(dict(case[0]))
    _check_config(config)
    accuracies = np.array([train_from(config, seed).valid_accuracy[-1] for seed in (1, 2)])
    return accuracies, _changes(config)


def _changes(config):
    """Encode what was changed: the choices taken, and the direction in which each number was moved."""
    chosen = [names.index(config[key]) for key, names in CHOICES.items()]
    return np.array(chosen + [np.sign(config[key] - SICK[key]) for key in ("scale", "lr")])


def _check_config(config):
    if not isinstance(config, dict) or set(config) != set(SICK):
        got = ", ".join(map(str, config)) if isinstance(config, dict) else f"a {type(config).__name__}"
        raise ValueError(f"mend should return a dict of {', '.join(SICK)}; it returned {got}")
    for key, known in CHOICES.items():
        if config[key] not in known:
            raise ValueError(f"{key} is {config[key]!r}, wanted one of {', '.join(known)}")
    for key, (low, high) in {"scale": (0.01, 10), "lr": (0.0001, 1)}.items():
        if not isinstance(config[key], int | float) or not low <= config[key] <= high:
            raise ValueError(f"{key} is {config[key]!r}, wanted a number from {low} to {high}")


def _learned(got, wanted):
    worst = float(got[0].min())
    if worst >= 0.75 or np.array_equal(got[1], wanted[1]):
        return None
    return f"the network reached {worst:.0%} of the validation images, wanted at least 75%"


MEND = Exercise(
    name="mend",
    reference=mend,
    cases=lambda rng: [(dict(SICK),)],
    points=2,
    call=_train_mended,
    compare=_learned,
    mistakes=(
        Mistake(
            lambda config: {**config, "lr": 1.0},
            "A larger learning rate can't help: look at the activations, not at the step. Nothing of the image is left "
            "at the tenth layer, so the output is the same for every digit, and so is the best guess.",
        ),
        Mistake(
            lambda config: {**config, "initializer": "standard_normal"},
            "N(0, 1) makes the weights ten times too large instead of too small. Which standard deviation keeps the "
            "signal's size from one ReLU layer to the next?",
        ),
        Mistake(
            lambda config: {**config, "activation": "logistic"},
            "With small weights the logistic function passes on even less: its slope is at most 1/4, at every layer.",
        ),
    ),
    hints=(
        "Read the two plots: which of activations and gradients changes from layer to layer, and by which factor?",
        "ReLU keeps the size of a signal if the weights' variance is 2 / fan_in. What is it here, with scale 0.3?",
        'return {**config, "initializer": …, "scale": 1.0} with the initializer that was made for ReLU.',
    ),
)

EXERCISES = [DENSE, LOGISTIC, DERIVATIVE, CLIP_VALUE, CLIP_NORM, MEND]
