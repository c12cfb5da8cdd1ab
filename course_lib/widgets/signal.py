"""Explorer "signal": what one batch of digits does in a deep network before any training, forwards and backwards."""

from functools import lru_cache

import numpy as np

from course_lib.datasets import load_mnist
from course_lib.initializers import fans
from course_lib.layers import dense, dense_backward
from course_lib.network import deep_network, signals
from course_lib.widgets.picture import HeatMap, Lines, Picture, Series
from course_lib.widgets.picture import histogram, log_histogram, log_range, log_series, number

DEPTHS, WIDTHS, SCALES = (1, 50), (10, 200), (0.1, 10)
RANGES = {"logistic": (0, 1), "tanh": (-1, 1), "ReLU": None}  # of the activations; None: drawn as powers of ten
INITIALIZERS = {  # name: standard deviation of a layer's weights
    "N(0,1)": lambda fan_in, fan_out: 1.0,
    "Glorot": lambda fan_in, fan_out: (2 / (fan_in + fan_out)) ** 0.5,
    "He": lambda fan_in, fan_out: (2 / fan_in) ** 0.5,
    "LeCun": lambda fan_in, fan_out: (1 / fan_in) ** 0.5,
}
SATURATED = 0.05  # a unit is saturated where its slope is below; a ReLU's slope is 0 there, it is off
BATCH = 64
SUBNORMAL = np.finfo(np.float32).tiny


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
    for name, value, (low, high) in [("depth", depth, DEPTHS), ("width", width, WIDTHS), ("scale", scale, SCALES)]:
        if not low <= value <= high:
            raise ValueError(f"signal: {name} is {value!r}, wanted {low} to {high}")
    for name, value, known in [("activation", activation, RANGES), ("initializer", initializer, INITIALIZERS)]:
        if value not in known:
            raise ValueError(f"signal: {name} is {value!r}, wanted one of {', '.join(known)}")
    with np.errstate(all="ignore"):  # overflow is one of the things to be seen
        seen = send_batch(depth, width, activation, initializer, scale, seed)
        layers = _measure(seen)
    panels = _panels(seen, layers, activation)
    summary = _summary(layers)
    factor, plural = "" if scale == 1 else f" times {number(scale)}", "" if depth == 1 else "s"
    setting = f"{activation}, weights {initializer}{factor}, {depth} hidden layer{plural} of {width} units, before training."
    verdict = _verdict(layers, summary, activation)
    text = f"{setting} {verdict} {_description(layers, summary, activation)}"
    return Picture(panels, _headline(summary, activation), verdict, text, summary)


def send_batch(depth, width, activation, initializer, scale, seed):
    """Return the `Signals` of a batch in a new network."""
    draws = iter(_unit_draws(seed))

    def initialize(shape, rng):
        std = np.float32(scale * INITIALIZERS[initializer](*fans(shape)))
        return std * next(draws)[: shape[0], : shape[1]]

    pair = {"dense": _dense, "dense_backward": _dense_backward}
    return signals(deep_network(depth, width, activation, initialize, rng=None, **pair), *_batch())


@lru_cache(maxsize=4)
def _unit_draws(seed):
    """Draw weights for the largest network; smaller ones take a corner, so that only what is moved changes."""
    rng = np.random.default_rng(seed)
    shapes = [(784, WIDTHS[1])] + DEPTHS[1] * [(WIDTHS[1], WIDTHS[1])]
    return [rng.standard_normal(shape, dtype=np.float32) for shape in shapes]


@lru_cache(maxsize=1)
def _batch():
    data = load_mnist()
    return data.x_train[:BATCH], data.y_train[:BATCH]


def _dense(x, w, b):
    y, cache = dense(x, w, b)
    return _flush(y), cache


def _dense_backward(dy, cache):
    return dense_backward(_flush(dy), cache)


def _flush(x):
    """Replace subnormal numbers by 0, as GPUs and TensorFlow do: a processor takes a hundred times longer over them."""
    return np.where(np.abs(x) < SUBNORMAL, np.float32(0), x)


def _measure(seen):
    """Return one number a layer of each kind, in float64 so that squares of float32 numbers fit."""

    def rms(arrays):
        return np.array([np.sqrt(np.mean(np.square(a, dtype=np.float64))) for a in arrays])

    return {
        "saturated": np.array([np.nan if np.isnan(s).any() else (s < SATURATED).mean() for s in seen.slopes]),
        "activations": np.array([a.std(dtype=np.float64) for a in seen.activations]),
        "deltas": rms(seen.deltas),
        "gradients": rms(seen.gradients),
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
            "Units off: slope 0" if activation == "ReLU" else f"Saturated units: slope below {SATURATED}",
            label, "% of units", {"": share}, x, (0, 100),
        ),
        "sizes": Lines(
            "Sizes: signal, gradient and their product", label, "log₁₀ of size",
            {
                "activations (std)": log_series(layers["activations"], sizes),
                "∂L/∂z (RMS)": log_series(layers["deltas"], sizes),
                "weights' ∂L/∂w (RMS)": log_series(layers["gradients"], sizes),
            },
            x, sizes,
        ),
    }


def _log_map(arrays, x):
    shares, y, below, above = log_histogram(arrays)
    return shares, x, y, below, above


def _summary(layers):
    """Return the numbers of the headline; a ratio is 0 or inf where it leaves float32, and 1 for a single layer."""
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


def _headline(summary, activation):
    times = {name: f"×{number(summary[name])}".replace("×overflow", "overflow") for name in ("signal", "deltas", "gradients")}
    off = activation == "ReLU"
    return [
        ("Units off" if off else "Saturated units", f"{summary['saturated']:.0%}",
         "slope 0, all hidden layers" if off else f"slope below {SATURATED}, all hidden layers"),
        ("Signal forwards", times["signal"], "std of activations, last layer over first"),
        ("Gradient backwards", times["deltas"], "RMS of ∂L/∂z, first layer over last"),
        ("Weights' gradient", times["gradients"], "RMS of ∂L/∂w, first layer over last"),
    ]


def _verdict(layers, summary, activation):
    """Say in a sentence or two what there is to see."""
    depth, found = len(layers["deltas"]), []
    if summary["overflow_forwards"]:
        first = depth - summary["overflow_forwards"] + 1
        return f"The signal explodes: from layer {first} on it overflows float32, and no gradient comes back."
    if activation != "ReLU" and summary["saturated"] > 0.3:
        found.append(f"{summary['saturated']:.0%} of the units are saturated.")
    if summary["signal"] < 0.01:
        found.append(f"The signal dies out: its spread falls to {number(summary['signal'])} of the first layer's.")
    if summary["signal"] > 100:
        found.append(f"The signal explodes: its spread grows {number(summary['signal'])}-fold.")
    if summary["overflow_backwards"]:
        found.append(f"Gradients explode: from layer {summary['overflow_backwards']} down they overflow float32.")
    elif summary["no_gradient"]:
        found.append(f"Gradients vanish: exactly 0 from layer {summary['no_gradient']} down.")
    elif not 0.01 <= summary["deltas"] <= 100:
        verb = "vanish" if summary["deltas"] < 1 else "explode"
        found.append(f"Gradients {verb} on the way back: ×{number(summary['deltas_per_layer'])} at every layer.")
    return " ".join(found) or "Signal and gradients keep their size."


def _description(layers, summary, activation):
    first, last = 0, len(layers["deltas"]) - 1
    off = "off (slope 0)" if activation == "ReLU" else f"saturated (slope below {SATURATED})"

    def way(name, start, end, form=number):
        return f"{form(layers[name][start])} in layer {start + 1}" + (
            f", {form(layers[name][end])} in layer {end + 1}" if last else "")

    return (
        f"Forwards, heat map of activations: standard deviation {way('activations', first, last)}. "
        f"Units {off}: {summary['saturated']:.0%} of all; {way('saturated', first, last, _percent)}. "
        f"Backwards, heat map of log10 of the gradient dL/dz: RMS {way('deltas', last, first)}"
        f"{_share(summary['zeros'], ' of its values are exactly 0')}. "
        f"Gradient of the weights dL/dw: RMS {way('gradients', last, first)}."
    )


def _percent(share):
    return "overflow" if np.isnan(share) else f"{share:.0%}"


def _share(share, what):
    return f"; {max(share, 0.001):.1%}{what}" if share else ""
