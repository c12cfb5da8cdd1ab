"""Explorer "activation": a function and its slope, and what twenty layers of it do to a batch of digits."""

from functools import lru_cache, partial

import numpy as np

from course_lib import activations as a
from course_lib.initializers import fans
from course_lib.measuring import SATURATED, rms, signals
from course_lib.models import ACTIVATIONS, deep_network
from course_lib.threads import one_thread
from course_lib.widgets.shell.deep_batch import BATCH, batch, check_settings, unit_draws
from course_lib.widgets.shell.panels import Lines
from course_lib.widgets.shell.picture import Picture, bounded_map, line_series, log_range, log_series, number

DEPTH, WIDTH = 20, 100
SLOPES, SCALES = (0.0, 2.0), (0.5, 3.0)
SHAPED = {  # functions with a parameter: what it is called
    "leaky ReLU": (a.leaky_relu, a.leaky_relu_derivative, "negative_slope"),
    "ELU": (a.elu, a.elu_derivative, "alpha"),
}
FUNCTIONS = tuple(ACTIVATIONS)
SEEN = (-4.0, 4.0)  # the activations that are drawn; what lies beyond has rows of its own
Z = np.linspace(-5, 5, 101)


def activation(function="leaky ReLU", slope=0.2, scale=1.0, seed=0):
    """Draw a function and its slope, and what twenty layers of 100 such units make of 64 digits, before training.

    Parameters
    ----------
    function : str
        One of `FUNCTIONS`.
    slope : float
        The negative slope of leaky ReLU, or the alpha of ELU, 0 to 2; the other functions have none.
    scale : float
        The weights are drawn from N(0, scale² / fan_in), 0.5 to 3: 1 is LeCun's rule, √2 He's.
    seed : int

    Returns
    -------
    Picture
        Panels "function", "activations", "sizes" and "slopes".

    Raises
    ------
    ValueError
        If a setting is unknown or out of range.
    """
    ranges = {"slope": (slope, SLOPES), "scale": (scale, SCALES)}
    check_settings("activation", ranges, {"function": (function, FUNCTIONS)})
    f, f_derivative = pair(function, slope)
    seen = send_batch((f, f_derivative), scale, seed)
    layers = {
        "signal": np.array([layer.std(dtype=np.float64) for layer in seen.activations]),
        "delta": np.array([rms(layer) for layer in seen.deltas]),
        "flat": np.array([np.mean(np.abs(layer) < SATURATED) for layer in seen.slopes]),
        "dead": np.array([np.mean((layer == 0).all(axis=0)) for layer in seen.slopes]),
    }
    curve = f(Z), f_derivative(Z)
    summary = _summary(curve, layers, f)
    verdict = _verdict(summary)
    text = f"{_setting(function, slope, scale)} {verdict} {_description(curve, layers, summary)}"
    return Picture(_panels(function, curve, seen, layers), _headline(summary), verdict, text, summary)


def pair(function, slope):
    """Return (f, f') of a function's name; slope is for those that have a parameter."""
    if function not in SHAPED:
        return ACTIVATIONS[function]
    *both, name = SHAPED[function]
    return tuple(partial(each, **{name: slope}) for each in both)


def send_batch(functions, scale, seed):
    """Return the `Signals` of a batch in a new network of twenty layers."""
    draws = iter(unit_draws(seed, "normal"))

    def initialize(shape, rng):
        return np.float32(scale / fans(shape)[0] ** 0.5) * next(draws)[: shape[0], : shape[1]]

    network = deep_network(DEPTH, WIDTH, functions, initialize, rng=None)
    with one_thread():
        return signals(network, *batch())


@lru_cache(maxsize=1)
def _normal():
    """Return points z and the weights with which they stand for N(0, 1)."""
    z = np.linspace(-6, 6, 601)
    weights = np.exp(-(z**2) / 2)
    return z, weights / weights.sum()


def _summary(curve, layers, f):
    """Return the numbers of the headline."""
    z, weights = _normal()
    return {
        "steepest": float(curve[1].max()),
        "mean": float(weights @ f(z)),
        "signal": _per_layer(layers["signal"]),
        "delta": _per_layer(layers["delta"][::-1]),
        "flat": float(layers["flat"].mean()),
        "dead": float(layers["dead"].mean()),
    }


def _per_layer(sizes):
    """Return the factor from layer to layer, the geometric mean; 0 for what has died out."""
    return float((sizes[-1] / sizes[0]) ** (1 / (DEPTH - 1))) if sizes[0] else 0.0


def _panels(function, curve, seen, layers):
    low = min(-1.0, float(np.floor(min(values.min() for values in curve))))
    high = max(1.0, float(np.ceil(max(values.max() for values in curve))))
    x, label = (1, DEPTH), "layer (1: next to the input)"
    sizes = log_range(layers["signal"], layers["delta"])
    return {
        "function": Lines(
            f"{function}: function and slope", "pre-activation z", "value",
            {"f(z)": line_series(curve[0]), "slope f′(z)": line_series(curve[1])},
            (float(Z[0]), float(Z[-1])), (low, high),
        ),
        "activations": bounded_map("Activations, layer by layer", label, "activation", seen.activations, x, SEEN),
        "sizes": Lines(
            "Sizes: signal up, gradient down", label, "log₁₀ of size",
            {"signal, std of f(z)": log_series(layers["signal"], sizes),
             "gradient, RMS of ∂L/∂z": log_series(layers["delta"], sizes)}, x, sizes,
        ),
        "slopes": Lines(
            "Slopes that let little through", label, "%",
            {f"slopes within ±{SATURATED}": line_series(100 * layers["flat"]),
             "dead units": line_series(100 * layers["dead"])}, x, (0, 100),
        ),
    }


def _setting(function, slope, scale):
    own = f" with {SHAPED[function][2].replace('_', ' ')} {slope:.3g}" if function in SHAPED else ""
    return f"{function}{own}, weights N(0, {number(scale)}²/fan_in), {DEPTH} hidden layers of {WIDTH}, before training."


def _headline(summary):
    return [
        ("Steepest slope", number(summary["steepest"]), "of f, for z from −5 to 5"),
        ("Mean output", f"{summary['mean'] + 0.0:.2f}", "for z from N(0, 1)"),
        ("Signal", f"×{number(summary['signal'])}", "from layer to layer, upwards"),
        ("Gradient", f"×{number(summary['delta'])}", "from layer to layer, downwards"),
    ]


def _verdict(summary):
    """Say in a sentence or two what there is to see."""
    found = []
    for name, key in (("signal", "signal"), ("gradient", "delta")):
        if not 0.95 <= summary[key] <= 1.05:
            way = "shrinks to {}" if summary[key] < 1 else "grows to {} times"
            found.append(f"the {name} {way.format(number(summary[key]))}")
    kept = "signal and gradient keep their size, within 5% a layer"
    said = " and ".join(found) + " at every layer" if found else kept
    said = said[0].upper() + said[1:] + "."
    if summary["dead"] >= 0.005:
        said += f" {summary['dead']:.0%} of the units are dead for these {BATCH} images."
    return said


def _description(curve, layers, summary):
    at = {z: int(np.argmin(np.abs(Z - z))) for z in (-2, 0, 2)}
    values = ", ".join(f"f({z}) = {number(curve[0][i])} with slope {number(curve[1][i])}" for z, i in at.items())
    return (
        f"Curves: {values}. Heat map of activations and lines: their standard deviation is "
        f"{number(layers['signal'][0])} in layer 1, {number(layers['signal'][-1])} in layer {DEPTH}; RMS of dL/dz "
        f"{number(layers['delta'][-1])} in layer {DEPTH}, {number(layers['delta'][0])} in layer 1. "
        f"Slopes within ±{SATURATED}: {summary['flat']:.0%}; dead units: {summary['dead']:.0%}, "
        f"{layers['dead'][-1]:.0%} in layer {DEPTH}."
    )


def activation_explorer():
    """Return the explorer; its `controls` are function, slope and scale."""
    from course_lib.widgets.shell.explorer import Explorer, choice, fraction_slider, log_slider

    return Explorer(
        "activation",
        activation,
        function=choice("Function", "leaky ReLU", FUNCTIONS, "function after each hidden layer"),
        slope=fraction_slider("Slope, α", 0.2, *SLOPES, "negative slope of leaky ReLU, alpha of ELU"),
        scale=log_slider("Scale", 1.0, *SCALES, "factor on all weights: 1 is LeCun's rule, 1.41 He's"),
    )
