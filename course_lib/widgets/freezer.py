"""Explorer "freezer": layers of a trained network frozen, thawed or dropped; what that costs and what it gains."""

from functools import lru_cache

import numpy as np

from course_lib.layers import dense, dense_backward
from course_lib.losses import softmax_cross_entropy
from course_lib.measuring import nanoseconds
from course_lib.optimizers import adam
from course_lib.studies import load
from course_lib.studies.thawing import BUDGET, IMAGES, STATES, STUDY, WAYS, accuracies
from course_lib.widgets.shell.panels import Bars
from course_lib.widgets.shell.picture import Picture, number

LETTERS = {name: letter for letter, name in STATES.items() if letter != "N"}
KEPT = tuple(way for way in WAYS if "N" not in way)
BATCH, SCRATCH = BUDGET["batch_size"], "NNN"


def freezer(hidden1="frozen", hidden2="frozen", hidden3="thawed", images=2, cache="no", times=None):
    """Draw what a choice of frozen, thawed and dropped layers costs in a step, and how well it learns.

    Parameters
    ----------
    hidden1, hidden2, hidden3 : "frozen", "thawed" or, all but the lowest, "dropped"
        Where one is dropped, those above it are dropped too: nothing fits on its place.
    images : int
        Which of the study's numbers of images: 0 to 4.
    cache : "no" or "yes"
        Whether the outputs of the frozen layers at the bottom are kept instead of computed.
    times : dict of (way, cache) to milliseconds, optional
        Of a step; by default they are measured, once a session.

    Returns
    -------
    Picture
        Panels "layers", "accuracy" and "time".

    Raises
    ------
    ValueError
        If a setting is unknown or out of range.
    """
    way = _way(hidden1, hidden2, hidden3)
    if cache not in ("no", "yes") or not 0 <= images < len(IMAGES):
        raise ValueError(f"freezer: images is {images!r} and cache {cache!r}, wanted 0 to {len(IMAGES) - 1}, and no or "
                         "yes")
    times, stored = times or measured_times(), _stored()
    work, trained = layer_work(way, cache == "yes"), trained_parameters(way)
    shares = {"this choice": way, "a new network": SCRATCH}
    shares = {name: [np.mean(stored[key, n]) for n in IMAGES] for name, key in shares.items()}
    best = max(KEPT, key=lambda key: np.mean(stored[key, IMAGES[images]]))
    expected = {pair: expected_time(*pair, times) for pair in times}
    summary = {
        "trained": trained,
        "parameters": trained_parameters(way.replace("F", "T")),
        "multiply-adds": sum(map(sum, work.values())),
        "expected ms": expected[way, cache],
        "measured ms": times[way, cache],
        "accuracy": float(shares["this choice"][images]),
        "scratch": float(shares["a new network"][images]),
        "best": float(np.mean(stored[best, IMAGES[images]])),
    }
    panels = {
        "layers": _layers_panel(way, work),
        "accuracy": Bars("Share of test images right, %", "%", [f"{n} images" for n in IMAGES],
                         {name: np.float32(values) * 100 for name, values in shares.items()}, 115),
        "time": Bars("Time of a step", "ms", ["this choice", "all thawed"],
                     {"measured": np.float32([times[way, cache], times["TTT", "no"]]),
                      "expected from the work": np.float32([expected[way, cache], expected["TTT", "no"]])},
                     1.2 * max(*times.values(), *expected.values())),
    }
    verdict = _verdict(way, best, summary, IMAGES[images])
    text = (f"{described(way)}, {IMAGES[images]} images of each digit, frozen outputs "
            f"{'kept' if cache == 'yes' else 'computed anew'}. {verdict} The best: {described(best)}. "
            f"{trained:,} of {summary['parameters']:,} parameters are trained; a step of {BATCH} images takes "
            f"{summary['multiply-adds'] / 1e6:.3g} million multiply-adds, "
            f"{number(summary['measured ms'])} ms measured, {number(summary['expected ms'])} ms "
            f"expected from the work alone.")
    return Picture(panels, _headline(summary), verdict, text, summary)


def _way(*states):
    unknown = [state for state in states if state not in LETTERS] or states[:1] * (states[0] == "dropped")
    if unknown:
        raise ValueError(f"freezer: a layer is {unknown[0]!r}, wanted one of {', '.join(LETTERS)}; the lowest stays")
    letters = "".join(LETTERS[state] for state in states)
    return letters[: letters.index("D")].ljust(3, "D") if "D" in letters else letters


def described(way):
    """Return a way in words: "hidden 1 frozen, hidden 2 thawed, hidden 3 dropped"."""
    return ", ".join(f"hidden {i} {STATES[letter]}" for i, letter in enumerate(way, 1))


def layer_sizes(way):
    """Return the shapes (inputs, units) of the layers that are there, the new output layer last."""
    sizes = [BUDGET["pixels"], *BUDGET["widths"][: len(way.rstrip("D"))], BUDGET["classes"]]
    return list(zip(sizes[:-1], sizes[1:], strict=True))


def lowest_trained(way):
    """Return the index of the lowest layer that is trained, counted from 0; the output layer always is."""
    return next((i for i, letter in enumerate(way) if letter in "TND"), len(way))


def layer_work(way, cached=False):
    """Return the multiply-adds of a step for each layer: forwards, backwards to inputs and to weights.

    A dense layer takes batch · inputs · units for each of the three. Backwards nothing is computed below the lowest
    layer that is trained; a frozen layer above it passes the error down but has no gradient of its own.
    """
    low, shapes = lowest_trained(way), layer_sizes(way)
    size = [BATCH * a * b for a, b in shapes]
    letters = [*way[: len(shapes) - 1], "N"]
    return {
        "forwards": [0 if cached and i < low else n for i, n in enumerate(size)],
        "to the inputs": [n if i > low else 0 for i, n in enumerate(size)],
        "to the weights": [0 if letters[i] == "F" else n for i, n in enumerate(size)],
    }


def trained_parameters(way):
    """Return how many weights and biases are trained."""
    letters = [*way.rstrip("D"), "N"]
    return sum((a + 1) * b for (a, b), letter in zip(layer_sizes(way), letters, strict=True) if letter != "F")


def expected_time(way, cache, times):
    """Return the milliseconds of a step if work alone counted: as everything thawed, by the share of multiply-adds."""
    work, most = (sum(map(sum, layer_work(key, c).values())) for key, c in ((way, cache == "yes"), ("TTT", False)))
    return times["TTT", "no"] * work / most


@lru_cache(maxsize=1)
def measured_times():
    """Measure a step of every choice, with and without cache, the quickest of some; milliseconds by (way, cache)."""
    rng = np.random.default_rng(0)
    pairs = [(way, cache) for way in KEPT for cache in ("no", "yes")]
    steps = {pair: _step(*pair, rng) for pair in pairs}
    times = nanoseconds(steps, np.zeros(1), rounds=9)
    return {pair: float(found[0] / 1e6) for pair, found in times.items()}


def _step(way, cache, rng):
    """Return a function that takes one step of training, without what the choice makes needless."""
    low, shapes = lowest_trained(way), layer_sizes(way)
    letters = [*way[: len(shapes) - 1], "N"]
    params = [[rng.normal(0, a**-0.5, (a, b)).astype(np.float32), np.zeros(b, np.float32)] for a, b in shapes]
    states = [[None, None] for _ in shapes]
    start = low if cache == "yes" else 0
    x = rng.standard_normal((BATCH, shapes[start][0]), dtype=np.float32)
    labels = rng.integers(0, BUDGET["classes"], BATCH)

    def step(_):
        values, caches = x, []
        for i in range(start, len(shapes)):
            z, kept = dense(values, *params[i])
            caches.append((kept, z))
            values = z if i == len(shapes) - 1 else np.maximum(z, 0)
        _, delta = softmax_cross_entropy(values, labels)
        for i in range(len(shapes) - 1, low - 1, -1):
            kept, z = caches[i - start]
            delta = delta if i == len(shapes) - 1 else delta * (z > 0)
            w = params[i][0]
            if letters[i] == "F":
                delta = delta @ w.T
                continue
            above, *grads = dense_backward(delta, kept) if i > low else (None, kept[0].T @ delta, delta.sum(axis=0))
            for k, grad in enumerate(grads):
                params[i][k], states[i][k] = adam(params[i][k], grad, states[i][k], lr=0.0)
            delta = above

    return step


@lru_cache(maxsize=1)
def _stored():
    return accuracies(load(STUDY))


def _layers_panel(way, work):
    """Return the network as it stands, the output on top; a layer that was dropped does no work."""
    rows = ["output: new", *(f"hidden {i}: {STATES[way[i - 1]]}" for i in (3, 2, 1))]
    dropped = [0] * way.count("D")
    bars = {name: np.float32([output, *dropped, *hidden[::-1]]) / 1e6 for name, (*hidden, output) in work.items()}
    most = sum(values[0] for values in layer_work("TTT").values()) / 1e6
    return Bars("Multiply-adds of a step, millions", "millions", rows, bars, 1.2 * most, stacked=True)


def _verdict(way, best, summary, images):
    better = "no choice is better" if best == way else f"the best choice {summary['best']:.1%}"
    return (f"With {images} images of each digit {summary['accuracy']:.1%} right, a new network "
            f"{summary['scratch']:.1%}; {better}.")


def _headline(summary):
    ratio = summary["measured ms"] / summary["expected ms"]
    return [
        ("Trained", f"{summary['trained']:,}", f"of {summary['parameters']:,} parameters"),
        ("Multiply-adds", f"{summary['multiply-adds'] / 1e6:.3g} M", f"in a step of {BATCH} images"),
        ("Time", f"{number(summary['measured ms'])} ms", f"{ratio:.1f} times what work alone would take"),
        ("Right", f"{summary['accuracy']:.1%}", f"of test images; new network {summary['scratch']:.1%}"),
    ]


def freezer_explorer():
    """Return the explorer; its `controls` are hidden1, hidden2, hidden3, images and cache."""
    from course_lib.widgets.shell.explorer import Explorer, buttons, slider

    values = {"hidden1": "frozen", "hidden2": "frozen", "hidden3": "thawed"}
    layers = {name: buttons(f"Hidden {name[-1]}", value, [*LETTERS][: 2 if name == "hidden1" else 3],
                            "what becomes of this layer") for name, value in values.items()}
    return Explorer(
        "freezer",
        freezer,
        **dict(reversed(layers.items())),  # as in a drawing, the highest layer on top
        images=slider("Images", 2, 0, len(IMAGES) - 1, f"of each digit: {', '.join(map(str, IMAGES))}"),
        cache=buttons("Cache", "no", ("no", "yes"), "keep the outputs of the frozen layers at the bottom"),
    )
