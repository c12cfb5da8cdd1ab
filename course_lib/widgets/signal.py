"""Explorer "signal": what a batch does in a deep network before training, forwards and backwards."""

import numpy as np

from course_lib.measuring import SATURATED, rms
from course_lib.widgets import signal_words as words
from course_lib.widgets.picture import (
    HeatMap,
    Lines,
    Picture,
    Series,
    histogram,
    log_histogram,
    log_range,
    log_series,
)
from course_lib.widgets.stack import DEEPEST, VARIANCES, WIDEST, check_settings, send_batch

DEPTHS, WIDTHS, SCALES = (1, DEEPEST), (10, WIDEST), (0.1, 10)
RANGES = {"logistic": (0, 1), "tanh": (-1, 1), "ReLU": None}  # of the activations; None: a logarithmic axis


def signal(depth=20, width=100, activation="logistic", initializer="N(0,1)", scale=1.0, seed=0):
    """Send 64 digits through a new network and the loss's gradient back, and draw what every layer sees.

    Parameters
    ----------
    depth, width : int
        Hidden layers, 1 to 50, and units in each, 10 to 200.
    activation : "logistic", "tanh" or "ReLU"
    initializer : "N(0,1)", "Glorot", "He" or "LeCun"
        The normal kind of each: the same draws, times another standard deviation.
    scale : float
        A factor on all weights, 0.1 to 10.
    seed : int

    Returns
    -------
    Picture
        Panels "activations", "gradients", "saturated" and "sizes".

    Raises
    ------
    ValueError
        If a setting is unknown or out of range.
    """
    check_settings(
        "signal",
        {"depth": (depth, DEPTHS), "width": (width, WIDTHS), "scale": (scale, SCALES)},
        {"activation": (activation, RANGES), "initializer": (initializer, VARIANCES)},
    )

    def variance(*fans):
        return scale**2 * VARIANCES[initializer](*fans)

    with np.errstate(all="ignore"):  # overflow is one of the things to be seen
        seen = send_batch(depth, width, activation, variance, seed)
        layers = _measure(seen)
    summary = _summary(layers)
    setting = words.setting(depth, width, activation, initializer, scale)
    verdict = words.verdict(layers, summary, activation)
    text = f"{setting} {verdict} {words.description(layers, summary, activation)}"
    headline = words.headline(summary, activation)
    return Picture(_panels(seen, layers, activation), headline, verdict, text, summary)


def _measure(seen):
    """Return one number a layer of each kind, in float64 so that squares of float32 numbers fit."""

    def share(slopes):
        return np.nan if np.isnan(slopes).any() else np.mean(slopes < SATURATED)

    return {
        "saturated": np.array([share(slopes) for slopes in seen.slopes]),
        "activations": np.array([a.std(dtype=np.float64) for a in seen.activations]),
        "deltas": np.array([rms(d) for d in seen.deltas]),
        "gradients": np.array([rms(g) for g in seen.gradients]),
        "zeros": np.array([(d == 0).mean() for d in seen.deltas]),
    }


def _panels(seen, layers, activation):
    x, label = (1, len(seen.deltas)), "layer (1: next to the input)"
    forwards, backwards = "Forwards: activations, layer by layer", "Backwards: gradients, layer by layer"
    if RANGES[activation]:
        shares, overflow = histogram(seen.activations, *RANGES[activation])
        above = {"overflow": overflow} if overflow.any() else {}
        heat = HeatMap(forwards, label, "activation", shares, x, RANGES[activation], {}, above)
    else:
        heat = HeatMap(forwards, label, "log₁₀ of activation", *_log_map(seen.activations, x))
    sizes = log_range(layers["activations"], layers["deltas"], layers["gradients"])
    unknown = np.isnan(layers["saturated"])
    share = Series(np.float32(np.where(unknown, 100, 100 * layers["saturated"])), unknown.astype(np.int8))
    return {
        "activations": heat,
        "gradients": HeatMap(backwards, label, "log₁₀ |∂L/∂z|", *_log_map(seen.deltas, x)),
        "saturated": Lines(
            "{}: {}".format(*words.idle_units(activation)), label, "% of units", {"": share}, x, (0, 100)
        ),
        "sizes": Lines(
            "Sizes: signal, gradient and their product",
            label,
            "log₁₀ of size",
            {name: log_series(layers[key], sizes) for key, name in words.SIZES.items()},
            x,
            sizes,
        ),
    }


def _log_map(arrays, x):
    shares, y, below, above = log_histogram(arrays)
    return shares, x, y, below, above


def _summary(layers):
    """Return the numbers of the headline; a ratio is 0 or inf where float32 can't hold what it compares."""
    steps = len(layers["deltas"]) - 1

    def ratio(name, over, under):
        a, b = layers[name][over], layers[name][under]
        finite = np.isfinite(a) and np.isfinite(b)
        return float(a / b) if finite and b else float("inf") if not finite else 0.0

    deltas = ratio("deltas", 0, -1)
    return {
        "saturated": float(np.nanmean(layers["saturated"])),
        "signal": ratio("activations", -1, 0),
        "deltas": deltas,
        "deltas_per_layer": deltas ** (1 / steps) if steps else 1.0,
        "gradients": ratio("gradients", 0, -1),
        "zeros": float(layers["zeros"].mean()),
        "overflow_forwards": int((~np.isfinite(layers["activations"])).sum()),
        "overflow_backwards": int((~np.isfinite(layers["deltas"])).sum()),
        "no_gradient": int((layers["deltas"] == 0).sum()),
    }


def signal_figure(picture):
    """Draw a `Picture` as a static figure that carries its text alternative."""
    from course_lib.widgets.static import picture_figure  # Matplotlib: only for those who draw

    return picture_figure(picture)


def signal_explorer():
    """Return the explorer: as the last value of a cell it shows itself.

    Returns
    -------
    Explorer
        Its `controls` are depth, width, activation, initializer and scale; `picture` is the last one drawn.
    """
    from course_lib.widgets.explorer import Explorer, choice, log_slider, slider

    return Explorer(
        "signal",
        signal,
        depth=slider("Depth", 20, *DEPTHS, "hidden layers"),
        width=slider("Width", 100, *WIDTHS, "units in each hidden layer"),
        activation=choice("Activation", "logistic", RANGES, "function after each hidden layer"),
        initializer=choice("Initializer", "N(0,1)", VARIANCES, "spread of the random weights"),
        scale=log_slider("Scale", 1.0, *SCALES, "factor on all weights"),
    )
