"""Explorer "regularizer": what penalties, limits and dropout make of a network that can learn sixty points by heart."""

from functools import lru_cache

import numpy as np

from course_lib.activations import softmax
from course_lib.datasets import moons
from course_lib.optimizers import adam
from course_lib.threads import one_thread
from course_lib.widgets.shell.deep_batch import check_settings
from course_lib.widgets.shell.panels import Lines, Walks
from course_lib.widgets.shell.picture import Picture, bounded_map, line_series, number

UNITS, POINTS, NEW, STEPS, NOISE = 32, 60, 1000, 400, 0.3
LEVELS, EVERY, CELLS = (0, 12), 10, 48
BOX = (-2.0, 3.0), (-1.75, 2.25)
METHODS = {  # name: the strengths of the levels 1 to 12; level 0 is no regularization at all
    "l2": tuple(np.geomspace(0.00003, 0.1, 12)),
    "l1": tuple(np.geomspace(0.00003, 0.03, 12)),
    "dropout": tuple(np.linspace(0.07, 0.84, 12)),
    "max-norm": tuple(np.geomspace(4.0, 0.3, 12)),
}
WEIGHTS, LOSSES = (-3.0, 3.0), (0.0, 1.5)


def regularizer(method="l2", level=6):
    """Draw what a network of two hidden layers has learned from sixty points of two half moons.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    level : int
        0, nothing, to 12, the strongest.

    Returns
    -------
    Picture
        Panels "border", "weights", "course" and "levels".

    Raises
    ------
    ValueError
        If a setting is unknown or out of range.
    """
    check_settings("regularizer", {"level": (level, LEVELS)}, {"method": (method, tuple(METHODS))})
    trained = _family(method)
    strength = 0.0 if level == 0 else METHODS[method][level - 1]
    kernels = [w[level].ravel() for w in trained["weights"][::2]]
    losses = {part: trained[part][:, level] for part in ("training", "new points")}
    shares = {part: trained["shares"][part] for part in losses}
    summary = {
        "strength": float(strength),
        "training": float(shares["training"][level]),
        "new": float(shares["new points"][level]),
        "training loss": float(losses["training"][-1]),
        "new loss": float(losses["new points"][-1]),
        "norm": float(np.sqrt(sum(np.sum(w * w) for w in kernels))),
        "tiny": float(np.mean(np.abs(np.concatenate(kernels)) < 0.01)),
    }
    panels = {
        "border": _border(trained["map"][level]),
        "weights": bounded_map("Weights of the three layers", "layer", "weight", kernels, (1, 3), WEIGHTS),
        "course": _lines("Loss, step by step", "step", "loss", losses, (EVERY, STEPS), LOSSES),
        "levels": _lines("Share right, level by level", "level", "share", shares, LEVELS, (0.6, 1.0)),
    }
    verdict = _verdict(summary, level)
    text = f"{_setting(method, level, strength)} {verdict} {_description(summary)}"
    return Picture(panels, _headline(summary, method), verdict, text, summary)


@lru_cache(maxsize=len(METHODS))
def _family(method):
    """Train thirteen networks at once, one a level: all arrays have the level as their first axis."""
    rng = np.random.default_rng(3)
    (x, y), (new_x, new_y) = moons(POINTS, rng, noise=NOISE), moons(NEW, rng, noise=NOISE)
    levels = len(METHODS[method]) + 1
    weights, states, losses = _draw(levels, rng), [None] * 6, {"training": [], "new points": []}
    one_hot, strengths = np.eye(2, dtype=np.float32)[y], np.float32([0, *METHODS[method]])[:, None, None]
    with one_thread():
        for step in range(1, STEPS + 1):
            masks = _masks(levels, strengths, rng) if method == "dropout" else (1, 1)
            h1, h2, logits = _forward(weights, x, masks)
            grads = _backward(weights, x, h1, h2, (softmax(logits) - one_hot) / len(x), masks)
            for i in range(6):
                if i % 2 == 0 and method in ("l1", "l2"):
                    grads[i] += strengths * (2 * weights[i] if method == "l2" else np.sign(weights[i]))
                weights[i], states[i] = adam(weights[i], grads[i], states[i], lr=0.01)
                if i % 2 == 0 and method == "max-norm":
                    weights[i] = _limited(weights[i], strengths)
            if step % EVERY == 0:
                losses["training"].append(_loss(weights, x, y))
                losses["new points"].append(_loss(weights, new_x, new_y))
        shares = {"training": _right(weights, x, y), "new points": _right(weights, new_x, new_y)}
        areas = softmax(_forward(weights, _places(), (1, 1))[2])[..., 1].reshape(levels, CELLS, CELLS)
    courses = {part: np.array(rows) for part, rows in losses.items()}
    return courses | {"weights": weights, "shares": shares, "map": areas}


def _draw(levels, rng):
    """Return He's weights and zero biases by turns, the same for every level."""
    weights = []
    for inputs, units in ((2, UNITS), (UNITS, UNITS), (UNITS, 2)):
        w = rng.normal(0, np.sqrt(2 / inputs), (inputs, units)).astype(np.float32)
        weights += [np.repeat(w[None], levels, axis=0), np.zeros((levels, 1, units), np.float32)]
    return weights


def _masks(levels, rates, rng):
    """Return a mask for each hidden layer; the levels share their draws, so that only the rate differs."""
    draws = rng.random((2, 1, POINTS, UNITS), dtype=np.float32)
    return [np.repeat(draw, levels, axis=0) >= rates for draw in draws] / (1 - rates)


def _forward(weights, x, masks):
    w1, b1, w2, b2, w3, b3 = weights
    h1 = np.maximum(x @ w1 + b1, 0) * masks[0]
    h2 = np.maximum(h1 @ w2 + b2, 0) * masks[1]
    return h1, h2, h2 @ w3 + b3


def _backward(weights, x, h1, h2, dlogits, masks):
    """Return the gradients in the order of the weights."""
    _, _, w2, _, w3, _ = weights
    dz2 = (dlogits @ w3.swapaxes(1, 2)) * masks[1] * (h2 > 0)
    dz1 = (dz2 @ w2.swapaxes(1, 2)) * masks[0] * (h1 > 0)
    grads = []
    for below, dz in ((np.broadcast_to(x, (len(w2), *x.shape)), dz1), (h1, dz2), (h2, dlogits)):
        grads += [below.swapaxes(1, 2) @ dz, dz.sum(axis=1, keepdims=True)]
    return grads


def _limited(w, limits):
    norm = np.sqrt(np.sum(w * w, axis=1, keepdims=True))
    return np.where((limits > 0) & (norm > limits), w * limits / (norm + 1e-7), w)


def _loss(weights, x, y):
    right = softmax(_forward(weights, x, (1, 1))[2])[:, np.arange(len(y)), y]
    return -np.log(np.maximum(right, 1e-30)).mean(axis=1)


def _right(weights, x, y):
    return (_forward(weights, x, (1, 1))[2].argmax(axis=-1) == y).mean(axis=1)


def _places():
    """Return the middle of each cell of the map, row by row from below."""
    (left, right), (bottom, top) = BOX
    along, up = ((np.arange(CELLS) + 0.5) / CELLS * (b - a) + a for a, b in ((left, right), (bottom, top)))
    return np.float32(np.stack(np.meshgrid(along, up), axis=-1).reshape(-1, 2))


def _border(probability):
    rng = np.random.default_rng(3)
    x, y = moons(POINTS, rng, noise=NOISE)
    shade = np.float32(np.floor(6 * np.clip(probability, 0, 0.999)) / 5)
    points = {f"class {i}": x[y == i] for i in (0, 1)}
    return Walks("What it says where", "x", "y", shade, points, None, *BOX, dots=True)


def _lines(title, x_label, y_label, rows, x, y):
    return Lines(title, x_label, y_label, {name: line_series(values, y) for name, values in rows.items()}, x, y)


def _verdict(summary, level):
    gap = summary["training"] - summary["new"]
    said = f"{summary['training']:.0%} of the sixty points are right, {summary['new']:.1%} of new ones"
    if summary["training"] < 0.85:
        return f"{said}: it is held so tightly that it can't even learn what it sees."
    return f"{said}: " + ("it has learned noise by heart." if gap > 0.08 else "what it learned holds.")


def _headline(summary, method):
    return [
        ("Strength", number(summary["strength"]), f"of {method}; 0 is none"),
        ("Gap", f"{100 * (summary['training'] - summary['new']):.0f} points", "share right, training minus new"),
        ("Norm", number(summary["norm"]), "of all weights"),
        ("Tiny", f"{summary['tiny']:.0%}", "of the weights are below 0.01"),
    ]


def _setting(method, level, strength):
    return f"A network of two hidden layers of {UNITS} units, {POINTS} points, {method}, level {level}: {strength:.3g}."


def _description(summary):
    return (
        f"A map of the two classes with the points; the weights of three layers, norm {summary['norm']:.3g}, "
        f"{summary['tiny']:.0%} of them below 0.01; losses after {STEPS} steps: {summary['training loss']:.3g} in "
        f"training and {summary['new loss']:.3g} on {NEW} new points."
    )


def regularizer_explorer():
    """Return the explorer; its `controls` are method and level."""
    from course_lib.widgets.shell.explorer import Explorer, choice, slider

    return Explorer(
        "regularizer",
        regularizer,
        method=choice("Method", "l2", tuple(METHODS), "what holds the weights back"),
        level=slider("Level", 6, *LEVELS, "0 is nothing, 12 the strongest"),
    )
