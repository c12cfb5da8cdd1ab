"""Exercise of notebook 01: backwards through all layers of a network."""

import numpy as np

from course_lib.activations import logistic, logistic_derivative
from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.judge.comparing import Unusable, copied
from course_lib.exercises.nb01_vanishing_gradients.networks import NETWORKS, PAPER, drawn, flat, parts
from course_lib.first_network import network_backward, network_forward
from course_lib.layers import dense_backward


def _cases(rng):
    yield np.array([[2.0]]), network_forward(np.array([[1.0, 2.0]]), PAPER)[1]
    for sizes, batch, dtype in NETWORKS:
        x, params = rng.standard_normal((batch, sizes[0])).astype(dtype), drawn(rng, *sizes, dtype=dtype)
        logits, caches = network_forward(x, params)
        yield rng.standard_normal(logits.shape).astype(dtype), caches
    _, caches = network_forward(30 * rng.standard_normal((3, 2)), drawn(rng, 2, 3, 2))
    yield 1e3 * rng.standard_normal((3, 2)), caches


def _call(answer, case):
    dlogits, caches = case
    before = copied(case)
    grads = answer(dlogits, caches)
    _look_at(before, case)
    return flat(grads, len(before[1]), "dw", "db")


def _look_at(before, after):
    """Say which input was changed."""
    (old_dlogits, old_caches), (dlogits, caches) = before, after
    if len(caches) != len(old_caches):
        raise Unusable("it changed the list caches: pop and the like take from the caller's own list")
    if not np.array_equal(dlogits, old_dlogits):
        raise Unusable("it changed its input dlogits: work on a copy, since the caller still needs it")
    for i, (((x, w), z), ((old_x, old_w), old_z)) in enumerate(zip(caches, old_caches, strict=True)):
        for name, array, old in [("w", w, old_w), ("x", x, old_x), ("z", z, old_z)]:
            if not np.array_equal(array, old):
                raise Unusable(f"it changed the {name} in caches[{i}]: the caller still needs it as it is")


def _back(slope=logistic_derivative, *, join=lambda dx, slope: dx * slope, first=lambda dlogits, z: dlogits,
          layer=dense_backward, kept=lambda dx, dw, db: (dw, db), order=lambda grads: grads[::-1]):
    """Return a backward pass that is wrong in one thing.

    Parameters
    ----------
    slope : function z -> slopes
    join : function (dx, slopes) -> the lower layer's ∂L/∂z
    first : function (dlogits, logits) -> the last layer's ∂L/∂z
    layer : function (dz, cache) -> dx, dw, db
    kept : function (dx, dw, db) -> what is returned of a layer
    order : function list -> list
        What is done at the end with the list, which begins with the last layer.
    """

    def backward(dlogits, caches):
        *below, (cache, z) = caches
        dx, dw, db = layer(first(dlogits, z), cache)
        grads = [kept(dx, dw, db)]
        for cache, z in reversed(below):
            dx, dw, db = layer(join(dx, slope(z)), cache)
            grads.append(kept(dx, dw, db))
        return order(grads)

    return backward


def _own_z_after(dlogits, caches):
    """Take the slope behind each layer's backward pass, at the z of the same layer."""
    dz, grads = dlogits, []
    for cache, z in reversed(caches):
        dx, dw, db = dense_backward(dz, cache)
        dz = dx * logistic_derivative(z)
        grads.insert(0, (dw, db))
    return grads


def _z_above(dlogits, caches):
    """Take the slope at the z of the layer above."""
    dx, dw, db = dense_backward(dlogits, caches[-1][0])
    grads = [(dw, db)]
    for i in reversed(range(len(caches) - 1)):
        dx, dw, db = dense_backward(dx * logistic_derivative(caches[i + 1][1]), caches[i][0])
        grads.insert(0, (dw, db))
    return grads


def _from_the_top(dlogits, caches):
    grads = [dense_backward(dlogits, caches[-1][0])[1:]]
    for cache, z in reversed(caches[:-1]):
        grads.insert(0, dense_backward(dlogits * logistic_derivative(z), cache)[1:])
    return grads


def _unpacked_otherwise(dz, cache):
    dx, dw, db = dense_backward(dz, cache)
    return dw, dx, db


def _not_passed_on(dlogits, caches):
    return [dense_backward(dlogits, cache)[1:] for cache, _ in reversed(caches)][::-1]


def _upwards(dlogits, caches):
    dz, grads = dlogits, []
    for cache, z in caches:
        dx, dw, db = dense_backward(dz, cache)
        dz = dx * logistic_derivative(z)
        grads.append((dw, db))
    return grads


def _steps(dlogits, caches):
    grads = _back()(dlogits, caches)
    for ((_, w), _), (dw, _) in zip(caches, grads, strict=True):
        w -= 0.1 * dw
    return grads


def _pops(dlogits, caches):
    grads = _back()(dlogits, caches)
    caches.clear()
    return grads


def _mean(dz, cache):
    dx, dw, db = dense_backward(dz, cache)
    return dx, dw / len(dz), db / len(dz)


BACKWARD = Exercise(
    name="network_backward",
    reference=network_backward,
    cases=_cases,
    points=3,
    task=Task.TOGETHER,
    call=_call,
    parts=parts("dw", "db"),
    any_dtype=True,
    forbid=("Network",),
    mistakes=(
        Mistake(
            _back(join=lambda dx, slope: dx),
            "The slopes are left out. Between two layers stands the logistic function, so on the way down dx is "
            "multiplied by its slope, at the lower layer's z.",
        ),
        Mistake(
            _back(first=lambda dlogits, z: dlogits * logistic_derivative(z)),
            "The last layer's gradient was multiplied by a slope, too. No logistic function follows that layer: "
            "dlogits is its ∂L/∂z already.",
        ),
        Mistake(
            _own_z_after,
            "The slopes are those of the layer just left. Its dx has to pass the logistic function below it, so the "
            "slope is that at the lower layer's z.",
        ),
        Mistake(
            _z_above,
            "The slopes are taken at the z of the layer above. Between two layers stands the lower one's logistic "
            "function: its slope is that at the lower layer's z.",
        ),
        Mistake(
            _back(order=lambda grads: grads),
            "The gradients come last layer first. They are wanted in the order of params, lowest first: turn the list "
            "round at the end, or insert each pair at its beginning.",
        ),
        Mistake(
            _back(kept=lambda dx, dw, db: (db, dw)),
            "The pairs are turned round: (db, dw), where (dw, db) is wanted.",
        ),
        Mistake(
            _back(kept=lambda dx, dw, db: (dx, dw, db)),
            "dx stands in what is returned. It is only on its way to the layer below: wanted are pairs (dw, db).",
        ),
        Mistake(
            _back(kept=lambda dx, dw, db: dw),
            "The list holds dw alone. Biases learn, too: append the pair (dw, db).",
        ),
        Mistake(
            lambda *args: [array for pair in _back()(*args) for array in pair],
            "One flat list came back. The gradients of a layer belong together: a list of pairs (dw, db).",
        ),
        Mistake(
            lambda *args: tuple(map(list, zip(*_back()(*args), strict=True))),
            "The gradients of the weights came back in one list, those of the biases in another. One list is wanted, "
            "of pairs (dw, db).",
        ),
        Mistake(
            _back(order=lambda grads: grads[:1]),
            "Only the last layer's gradients come back: is the return inside the loop, or grads made anew in it?",
        ),
        Mistake(
            _back(order=lambda grads: grads[:0:-1]),
            "One layer's gradients are missing. The last layer has its own, made from dlogits; and the loop must come "
            "down to the lowest, index 0.",
        ),
        Mistake(
            _not_passed_on,
            "Every layer was given dlogits. That is the last layer's; each one below gets what the layer above it "
            "passed down, times the slopes.",
        ),
        Mistake(
            _from_the_top,
            "Every layer but the last was given dlogits times its slopes. What comes down changes at every layer: it "
            "is the dx of the layer above that is multiplied by the slopes.",
        ),
        Mistake(
            _back(layer=_unpacked_otherwise),
            "dense_backward returns dx, dw, db, in this order: what you call dx is dw.",
        ),
        Mistake(
            _upwards,
            "The loop runs from the first layer to the last. dlogits belongs to the last layer: begin there, and go "
            "down.",
        ),
        Mistake(
            _back(lambda z: logistic_derivative(logistic(z))),
            "The slope is taken at f(z). The argument of logistic_derivative is z itself, which the caches hold.",
        ),
        Mistake(
            _back(lambda z: z * (1 - z)),
            "z (1 - z) stands where the slope belongs. f (1 - f) is about f = f(z); logistic_derivative takes z and "
            "does both.",
        ),
        Mistake(
            _back(logistic),
            "dx is multiplied by f(z). On the way down it is the slope, f'(z).",
        ),
        Mistake(
            _back(lambda z: 1 - np.tanh(z) ** 2),
            "These are the slopes of tanh. Between the layers stands the logistic function.",
        ),
        Mistake(
            _back(lambda z: (z > 0).astype(z.dtype)),
            "These are the slopes of ReLU. Between the layers stands the logistic function.",
        ),
        Mistake(
            _back(lambda z: logistic_derivative(z) ** 2),
            "The slopes count twice between two layers.",
        ),
        Mistake(
            _back(join=lambda dx, slope: dx + slope),
            "The slopes are added to dx. By the chain rule they multiply it.",
        ),
        Mistake(
            _back(join=lambda dx, slope: slope),
            "What goes down are the slopes alone. The chain rule multiplies dx by them.",
        ),
        Mistake(
            _back(join=lambda dx, slope: logistic_derivative(dx)),
            "The slope is taken at dx. It is the slope at z, which the caches hold, and it multiplies dx.",
        ),
        Mistake(
            _back(join=lambda dx, slope: dx / slope),
            "dx is divided by the slopes. By the chain rule they multiply it.",
        ),
        Mistake(
            _back(layer=_mean),
            "dw and db are divided by the batch size. The loss is a mean already, so dlogits is already divided.",
        ),
        Mistake(
            _back(kept=lambda dx, dw, db: (-dw, -db)),
            "All gradients have the wrong sign. To go against them is the training step's task.",
        ),
        Mistake(
            _steps,
            "The weights in the caches are changed. Backward only measures; the step is taken later, when all layers "
            "have their gradients.",
        ),
        Mistake(
            _pops,
            "caches is shorter afterwards: pop takes from the caller's own list. Go through it with reversed(caches), "
            "or by index.",
        ),
    ),
    hints=(
        "Go down one layer at a time. dense_backward turns a layer's ∂L/∂z into that layer's gradients and dx. What "
        "stands between this dx and the z of the layer below?",
        "dx, dw, db = dense_backward(dlogits, caches[-1][0]) for the last layer; then for cache, z in "
        "reversed(caches[:-1]) the same with dx * logistic_derivative(z) in place of dlogits. grads.insert(0, (dw, "
        "db)) puts a pair at the front.",
    ),
)
