"""Explorer "initializer": weights, and what fifty layers of them do to a batch, beside what was to be expected."""

from functools import lru_cache

import numpy as np

from course_lib.measuring import expected_profile, gain, mean_cosine, rms
from course_lib.models import ACTIVATIONS, image_layer
from course_lib.widgets.shell.deep_batch import (
    DEEPEST,
    DISTRIBUTIONS,
    VARIANCES,
    WIDEST,
    batch,
    check_settings,
    send_batch,
    unit_draws,
)
from course_lib.widgets.shell.panels import Lines, Series
from course_lib.widgets.shell.picture import Picture, line_series, log_range, log_series, number

WIDTHS, SCALES = (10, WIDEST), (0.1, 10)
FUNCTIONS = ("ReLU", "leaky ReLU", "ELU", "SELU", "GELU", "SiLU", "tanh", "logistic")
OWN = "its own gain"
CHOICES = (*VARIANCES, OWN)
MEASURED, EXPECTED = "measured", "expected"
LAYER = "layer (1: next to the input)"
BINS, FARTHEST = 56, 3.5  # of the histogram of weights, in standard deviations


def initializer(activation="ReLU", variance="Glorot", distribution="uniform", width=100, scale=1.0, seed=0):
    """Draw the weights of one layer, and what fifty layers of such weights do to 64 digits before any training.

    Parameters
    ----------
    activation : str
        One of `FUNCTIONS`.
    variance : str
        One of `CHOICES`; "its own gain" is gain² / fan_in.
    distribution : "normal", "truncated normal" or "uniform"
    width : int
        Units in each of the fifty hidden layers, 10 to 200.
    scale : float
        A factor on all weights, 0.1 to 10.
    seed : int

    Returns
    -------
    Picture
        Panels "weights", "forwards", "backwards" and "cosine".

    Raises
    ------
    ValueError
        If a setting is unknown or out of range.
    """
    check_settings(
        "initializer",
        {"width": (width, WIDTHS), "scale": (scale, SCALES)},
        {"activation": (activation, FUNCTIONS), "variance": (variance, CHOICES),
         "distribution": (distribution, DISTRIBUTIONS)},
    )
    scaled = _rule(activation, variance, scale)
    with np.errstate(all="ignore"):  # overflow is one of the things to be seen
        seen = send_batch(DEEPEST, width, activation, scaled, seed, distribution)
        measured = {
            "forwards": np.array([rms(a) for a in seen.activations]),
            "backwards": np.array([rms(d) for d in seen.deltas]) / rms(seen.deltas[-1]),
            "cosine": np.array([mean_cosine(a) for a in seen.activations]),
        }
    foreseen = _expected(activation, variance, width, scale)
    std = scaled(width, width) ** 0.5
    summary = _summary(std, measured, foreseen)
    setting = f"{activation}, weights {variance}{'' if scale == 1 else f' times {number(scale)}'}, {distribution}, "
    setting += f"{DEEPEST} hidden layers of {width} units, before training."
    verdict = _verdict(summary)
    text = f"{setting} {verdict} {_description(summary)}"
    panels = {"weights": _weights(std, width, distribution, seed), **_layers(measured, foreseen)}
    return Picture(panels, _headline(summary), verdict, text, summary)


def _rule(activation, variance, scale):
    """Return the variance of the weights as a function of the fans."""
    if variance == OWN:
        square = (scale * _gain(activation)) ** 2
        return lambda fan_in, fan_out: square / fan_in
    return lambda *fans: scale**2 * VARIANCES[variance](*fans)


@lru_cache(maxsize=len(FUNCTIONS))
def _gain(activation):
    return gain(ACTIVATIONS[activation][0])


@lru_cache(maxsize=256)
def _expected(activation, variance, width, scale):
    size, cosine = _images()
    rule = _rule(activation, variance, scale)
    return expected_profile(*ACTIVATIONS[activation], rule, [784] + DEEPEST * [width], size=size, cosine=cosine)


@lru_cache(maxsize=1)
def _images():
    images = image_layer().forward(batch()[0])[0]
    return rms(images), mean_cosine(images)


def _weights(std, width, distribution, seed):
    """Draw the histogram of one layer's weights, on an axis as wide as they are."""
    draws = unit_draws(seed, distribution)[1][:width, :width]
    counts = np.histogram(draws, BINS, (-FARTHEST, FARTHEST))[0]
    share, half = 100 * counts / draws.size, FARTHEST * std * (1 - 1 / BINS)
    top = 5 * np.ceil(share.max() / 5)
    series = {"": line_series(share)}
    return Lines("Weights of the second layer", "weight", "% of weights", series, (-half, half), (0, float(top)))


def _layers(measured, foreseen):
    """Draw the three lines over the layers, each beside its expectation."""
    panels = {}
    pairs = {
        "forwards": ("Forwards: size of the activations", foreseen.activation),
        "backwards": ("Backwards: size of ∂L/∂z, over the top's", foreseen.delta),
    }
    for name, (title, line) in pairs.items():
        y = log_range(measured[name], line)
        series = {MEASURED: log_series(measured[name], y), EXPECTED: log_series(line, y)}
        panels[name] = Lines(title, LAYER, "log₁₀ of RMS", series, (1, DEEPEST), y)
    series = {MEASURED: _cosines(measured["cosine"]), EXPECTED: _cosines(foreseen.cosine)}
    panels["cosine"] = Lines("Likeness of two images", LAYER, "cosine", series, (1, DEEPEST), (-0.2, 1.0))
    return panels


def _cosines(values):
    """Return cosines as a line; where a layer holds only zeros, infinities or NaN there is none, and it is marked."""
    unknown = ~np.isfinite(values)
    return Series(np.float32(np.clip(np.where(unknown, 1, values), -0.2, 1)), unknown.astype(np.int8))


def _summary(std, measured, foreseen):
    """Return the numbers of the headline: factors from layer to layer and the last layer's cosine, in both kinds."""

    def factor(values, over, under):
        a, b = values[over], values[under]
        finite = np.isfinite(a) and np.isfinite(b)
        return float((a / b) ** (1 / (DEEPEST - 1))) if finite and b else float("inf") if not finite else 0.0

    return {
        "std": float(std),
        "forwards": factor(measured["forwards"], -1, 0),
        "expected forwards": factor(foreseen.activation, -1, 0),
        "backwards": factor(measured["backwards"], 0, -1),
        "expected backwards": factor(foreseen.delta, 0, -1),
        "cosine": float(measured["cosine"][-1]),
        "expected cosine": float(foreseen.cosine[-1]),
    }


def _headline(summary):
    def both(name):
        return f"×{_factor(summary[name])}", f"a layer, expected ×{_factor(summary[f'expected {name}'])}"

    return [
        ("Standard deviation", number(summary["std"]), "of the weights between two hidden layers"),
        ("Signal forwards", *both("forwards")),
        ("Gradient backwards", *both("backwards")),
        ("Two images", _cosine(summary["cosine"]), f"cosine in layer {DEEPEST}, expected "
                                                   f"{_cosine(summary['expected cosine'])}"),
    ]


def _factor(value):
    return number(value) if not 0.1 <= value < 10 else f"{value:.2f}"


def _cosine(value):
    return f"{value:.2f}" if np.isfinite(value) else "none"


def _verdict(summary):
    """Say in a sentence what there is to see; a size is kept if it stays within 3% from layer to layer."""

    def way(factor, lost):
        if factor == float("inf"):
            return "overflows float32"
        if factor == 0:
            return "is 0 in float32 before its end"
        words = {0.9: lost, 0.97: "shrinks slowly", 1.03: "keeps its size", 1.1: "grows slowly"}
        return next((word for limit, word in words.items() if factor <= limit), "explodes")

    found = f"The signal {way(summary['forwards'], 'dies out')}, the gradient {way(summary['backwards'], 'vanishes')}"
    return f"{found}; any two images look alike at the top." if summary["cosine"] > 0.9 else f"{found}."


def _description(summary):
    said = [
        f"{name} {_factor(summary[key])}, expected {_factor(summary[f'expected {key}'])}"
        for name, key in (("the signal is multiplied by", "forwards"), ("the gradient by", "backwards"))
    ]
    return (
        f"The weights' standard deviation is {number(summary['std'])}. From layer to layer {', '.join(said)}. Cosine "
        f"of two images in layer {DEEPEST}: {_cosine(summary['cosine'])}, "
        f"expected {_cosine(summary['expected cosine'])}."
    )


def initializer_explorer():
    """Return the explorer: as the last value of a cell it shows itself.

    Returns
    -------
    Explorer
        Its `controls` are activation, variance, distribution, width and scale; `picture` is the last one drawn.
    """
    from course_lib.widgets.shell.explorer import Explorer, choice, log_slider, slider

    return Explorer(
        "initializer",
        initializer,
        activation=choice("Activation", "ReLU", FUNCTIONS, "function after each hidden layer"),
        variance=choice("Initializer", "Glorot", CHOICES, "rule for the variance of the random weights"),
        distribution=choice("Shape", "uniform", DISTRIBUTIONS, "distribution of the random weights"),
        width=slider("Width", 100, *WIDTHS, "units in each hidden layer"),
        scale=log_slider("Scale", 1.0, *SCALES, "factor on all weights"),
    )
