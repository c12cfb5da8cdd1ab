"""Explorer "signal": what a batch does in a deep network before training, forwards and backwards."""

import numpy as np

from course_lib.measuring import SATURATED, rms
from course_lib.widgets.shell.deep_batch import DEEPEST, VARIANCES, WIDEST, check_settings, send_batch
from course_lib.widgets.shell.panels import HeatMap, Lines, Series
from course_lib.widgets.shell.picture import Picture, histogram, log_histogram, log_range, log_series, number

DEPTHS, WIDTHS, SCALES = (1, DEEPEST), (10, WIDEST), (0.1, 10)
RANGES = {"logistic": (0, 1), "tanh": (-1, 1), "ReLU": None}  # of the activations; None: a logarithmic axis
SIZES = {"activations": "signal", "deltas": "gradient ∂L/∂z", "gradients": "weights' ∂L/∂w"}


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
    setting = _setting(depth, width, activation, initializer, scale)
    verdict = _verdict(layers, summary, activation)
    text = f"{setting} {verdict} {_description(layers, summary, activation)}"
    headline = _headline(summary, activation)
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
            "{}: {}".format(*_idle_units(activation)), label, "% of units", {"": share}, x, (0, 100)
        ),
        "sizes": Lines(
            "Sizes: signal, gradient and their product",
            label,
            "log₁₀ of size",
            {name: log_series(layers[key], sizes) for key, name in SIZES.items()},
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


def _setting(depth, width, activation, initializer, scale):
    """Say what network is shown."""
    factor, plural = "" if scale == 1 else f" times {number(scale)}", "" if depth == 1 else "s"
    return (f"{activation}, weights {initializer}{factor}, {depth} hidden layer{plural} of {width} units, "
            "before training.")


def _idle_units(activation):
    """Return what units that pass no gradient are called, and how they are told."""
    if activation == "ReLU":
        return "Units off", "slope 0"
    return "Saturated units", f"slope below {SATURATED}"


def _headline(summary, activation):
    """Return the numbers to look at first: (label, value, explanation)."""
    name, sign = _idle_units(activation)
    return [
        (name, f"{summary['saturated']:.0%}", f"{sign}, all hidden layers"),
        ("Signal forwards", _times(summary["signal"]), "std of activations, last layer over first"),
        ("Gradient backwards", _times(summary["deltas"]), "RMS of ∂L/∂z, first layer over last"),
        ("Weights' gradient", _times(summary["gradients"]), "RMS of ∂L/∂w, first layer over last"),
    ]


def _verdict(layers, summary, activation):
    """Say in a sentence or two what there is to see."""
    depth, saturated, signal = len(layers["deltas"]), summary["saturated"], summary["signal"]
    if depth == 1:
        return "A single hidden layer: there is nothing to vanish or explode on the way."
    if summary["overflow_forwards"]:
        first = depth - summary["overflow_forwards"] + 1
        return f"The signal explodes: from layer {first} on it overflows float32, and no gradient comes back."
    found = []
    if activation != "ReLU" and saturated > 0.3:
        found.append(f"{saturated:.0%} of the units are saturated.")
    if not _kept(signal, depth - 1) and signal < 1:
        found.append(f"The signal dies out: the last layer's spread is {number(signal)} of the first's.")
    if not _kept(signal, depth - 1) and signal > 1:
        found.append(f"The signal explodes: the last layer's spread is {number(signal)} times the first's.")
    return " ".join([*found, _verdict_backwards(summary, depth - 1, "Gradients" if found else "Signal and gradients")])


def _kept(ratio, steps):
    """Say whether a size is kept: within a factor of 10 in all, or 5% from layer to layer."""
    return 0.1 <= ratio <= 10 or 0.95 <= ratio ** (1 / steps) <= 1.05


def _verdict_backwards(summary, steps, kept):
    if summary["overflow_backwards"]:
        return f"Gradients explode: from layer {summary['overflow_backwards']} down they overflow float32."
    if summary["no_gradient"]:
        return f"Gradients vanish: 0 in float32 from layer {summary['no_gradient']} down."
    if _kept(summary["deltas"], steps):
        return f"{kept} keep their size."
    verb = "vanish" if summary["deltas"] < 1 else "explode"
    return f"Gradients {verb} on the way back: {_times(summary['deltas_per_layer'])} at every layer."


def _description(layers, summary, activation):
    """Say what the panels show."""
    name, sign = _idle_units(activation)
    last = len(layers["deltas"]) - 1

    def way(key, start, end, form=number):
        first = f"{form(layers[key][start])} in layer {start + 1}"
        return first + (f", {form(layers[key][end])} in layer {end + 1}" if last else "")

    zeros = f"; {max(summary['zeros'], 0.001):.1%} of its values are 0 in float32" if summary["zeros"] else ""
    return (
        f"Forwards, heat map of activations: standard deviation {way('activations', 0, last)}. "
        f"{name} ({sign}): {summary['saturated']:.0%} of all; {way('saturated', 0, last, _percent)}. "
        f"Backwards, heat map of log10 of the gradient dL/dz: RMS {way('deltas', last, 0)}{zeros}. "
        f"Gradient of the weights dL/dw: RMS {way('gradients', last, 0)}."
    )


def _times(ratio):
    return f"×{number(ratio)}" if np.isfinite(ratio) else "overflow"


def _percent(share):
    return "overflow" if np.isnan(share) else f"{share:.0%}"


def signal_explorer():
    """Return the explorer: as the last value of a cell it shows itself.

    Returns
    -------
    Explorer
        Its `controls` are depth, width, activation, initializer and scale; `picture` is the last one drawn.
    """
    from course_lib.widgets.shell.explorer import Explorer, choice, log_slider, slider

    return Explorer(
        "signal",
        signal,
        depth=slider("Depth", 20, *DEPTHS, "hidden layers"),
        width=slider("Width", 100, *WIDTHS, "units in each hidden layer"),
        activation=choice("Activation", "logistic", RANGES, "function after each hidden layer"),
        initializer=choice("Initializer", "N(0,1)", VARIANCES, "spread of the random weights"),
        scale=log_slider("Scale", 1.0, *SCALES, "factor on all weights"),
    )
