"""What the explorer "signal" says of its picture: the headline, the verdict, the text alternative."""

import numpy as np

from course_lib.measuring import SATURATED
from course_lib.widgets.picture import number

SIZES = {"activations": "signal", "deltas": "gradient ∂L/∂z", "gradients": "weights' ∂L/∂w"}


def setting(depth, width, activation, initializer, scale):
    """Say what network is shown."""
    factor, plural = "" if scale == 1 else f" times {number(scale)}", "" if depth == 1 else "s"
    return (f"{activation}, weights {initializer}{factor}, {depth} hidden layer{plural} of {width} units, "
            "before training.")


def idle_units(activation):
    """Return what units that pass no gradient are called, and how they are told."""
    if activation == "ReLU":
        return "Units off", "slope 0"
    return "Saturated units", f"slope below {SATURATED}"


def headline(summary, activation):
    """Return the numbers to look at first: (label, value, explanation)."""
    name, sign = idle_units(activation)
    return [
        (name, f"{summary['saturated']:.0%}", f"{sign}, all hidden layers"),
        ("Signal forwards", _times(summary["signal"]), "std of activations, last layer over first"),
        ("Gradient backwards", _times(summary["deltas"]), "RMS of ∂L/∂z, first layer over last"),
        ("Weights' gradient", _times(summary["gradients"]), "RMS of ∂L/∂w, first layer over last"),
    ]


def verdict(layers, summary, activation):
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


def description(layers, summary, activation):
    """Say what the panels show."""
    name, sign = idle_units(activation)
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
