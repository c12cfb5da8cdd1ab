"""The explorer "activation": what it draws at the ends of every control, and its shell in Python."""

import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from course_lib import activations as a
from course_lib.widgets.activation import (
    DEPTH,
    FUNCTIONS,
    SCALES,
    SLOPES,
    activation,
    activation_explorer,
    pair,
    send_batch,
)
from course_lib.widgets.shell.panels import HeatMap
from course_lib.widgets.shell.picture import number

CORNERS = list(product(FUNCTIONS, SLOPES, (*SCALES, 1.0)))


@pytest.mark.parametrize("corner", CORNERS, ids=str)
def test_every_corner_is_drawn(corner):
    picture = activation(*corner)
    assert list(picture.panels) == ["function", "activations", "sizes", "slopes"]
    for panel in picture.panels.values():
        assert panel.y[0] < panel.y[1] and panel.x[0] < panel.x[1]
        if isinstance(panel, HeatMap):
            total = panel.values.sum(axis=0) + sum([*panel.below.values(), *panel.above.values()])
            assert panel.columns == DEPTH and np.allclose(total, 1, atol=1e-5)
        else:
            for line in panel.series.values():
                assert line.values.dtype == np.float32 and line.beyond.dtype == np.int8
                assert np.isfinite(line.values).all()
                assert (line.values >= panel.y[0] - 1e-6).all() and (line.values <= panel.y[1] + 1e-6).all()
    assert all(np.isfinite(value) for value in picture.summary.values())
    assert len(picture.headline) == 4 and corner[0] in picture.text and picture.verdict in picture.text


def test_the_curves_are_the_functions():
    panel = activation("ELU", 1.5).panels["function"]
    z = np.linspace(*panel.x, panel.columns)
    assert np.allclose(panel.series["f(z)"].values, a.elu(z, alpha=1.5), atol=1e-6)
    assert np.allclose(panel.series["slope f′(z)"].values, a.elu_derivative(z, alpha=1.5), atol=1e-6)


@pytest.mark.parametrize("function", ["leaky ReLU", "ELU"])
def test_slope_changes_the_functions_that_have_one(function):
    assert activation(function, 0.1).text != activation(function, 0.9).text


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - {"leaky ReLU", "ELU"}))
def test_slope_changes_no_other(function):
    assert activation(function, 0.1).text == activation(function, 0.9).text


def test_the_text_gives_the_numbers_of_the_network():
    picture = activation("tanh", scale=2.0)
    seen = send_batch(pair("tanh", 0.2), 2.0, 0)
    spreads = [layer.std(dtype=np.float64) for layer in seen.activations]
    assert f"standard deviation is {number(spreads[0])} in layer 1, {number(spreads[-1])} in layer 20" in picture.text
    assert picture.summary["signal"] == pytest.approx((spreads[-1] / spreads[0]) ** (1 / 19))
    drawn = picture.panels["sizes"].series["signal, std of f(z)"].values
    assert np.allclose(drawn, np.log10(spreads), atol=1e-5)


def test_dead_units_are_counted_over_all_images():
    picture = activation("ReLU", scale=2**0.5)
    seen = send_batch(pair("ReLU", 0.2), 2**0.5, 0)
    dead = [np.mean([all(layer[:, j] == 0) for j in range(100)]) for layer in seen.slopes]
    assert np.allclose(picture.panels["slopes"].series["dead units"].values, 100 * np.array(dead))
    assert picture.summary["dead"] == pytest.approx(np.mean(dead)) and "units are dead" in picture.verdict
    assert activation("leaky ReLU").summary["dead"] == 0


# The findings that the notebook's list "try this" names


def test_findings_about_leaky_relu():
    for slope, scale in ((0.0, 2**0.5), (1.0, 1.0)):
        assert activation("leaky ReLU", slope, scale).summary["signal"] == pytest.approx(1, abs=0.05)
    linear = activation("leaky ReLU", 1.0, 1.0)
    assert linear.summary["steepest"] == 1 and linear.summary["flat"] == 0


def test_findings_about_softplus():
    level = activation("softplus", scale=1.6)
    assert level.summary["delta"] == pytest.approx(1, abs=0.05)
    layers = send_batch(pair("softplus", 0.2), 1.6, 0).activations
    assert layers[-1].mean() > 3 * layers[0].mean()


def test_findings_about_elu():
    means = {slope: abs(activation("ELU", slope).summary["mean"]) for slope in np.arange(0, 2.01, 0.05)}
    assert min(means, key=means.get) == pytest.approx(1.65, abs=0.06)


def test_outside_the_range_there_are_rows_of_their_own():
    panel = activation("ReLU", scale=3.0).panels["activations"]
    assert panel.above["more"][-1] > 0.3 and not panel.below
    assert activation("leaky ReLU", 2.0, 3.0).panels["activations"].below["less"][-1] > 0.3
    assert not activation("tanh").panels["activations"].above


@pytest.mark.parametrize(("settings", "words"), [
    (dict(function="relu"), "function is 'relu', wanted one of logistic, tanh, ReLU"),
    (dict(slope=2.1), "slope is 2.1, wanted 0.0 to 2.0"),
    (dict(scale=0.4), "scale is 0.4, wanted 0.5 to 3.0"),
    (dict(scale=float("nan")), "scale is nan, wanted 0.5 to 3.0"),
])
def test_wrong_settings_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        activation(**settings)


@pytest.mark.parametrize(("name", "value"), [("function", "Mish"), ("scale", 3.0), ("scale", 0.5)])
def test_moving_a_control_changes_the_picture(name, value):
    explorer = activation_explorer()
    before, sent = explorer.picture, explorer.canvas.picture
    explorer.controls[name].value = value
    assert explorer.picture.text == activation(**{name: value}).text != before.text
    assert explorer.canvas.picture["revision"] == sent["revision"] + 1


@pytest.mark.parametrize("value", [0.0, 2.0])
def test_the_slopes_control_moves_elu(value):
    explorer = activation_explorer()
    explorer.controls["function"].value = "ELU"
    explorer.controls["slope"].value = value
    assert explorer.picture.text == activation("ELU", value).text


def test_controls_have_names_and_the_explorer_its_class():
    explorer = activation_explorer()
    assert list(explorer.controls) == ["function", "slope", "scale"]
    assert all(control.description and control.tooltip for control in explorer.controls.values())
    assert "activation-explorer" in explorer._dom_classes


def test_the_static_figure_carries_the_text():
    picture = activation("SELU")
    figure = picture.figure()
    assert figure.alt == picture.text and figure.png().startswith(b"\x89PNG")


def test_the_picture_needs_no_widgets_and_no_figures():
    code = ("import sys; from course_lib.widgets.activation import activation; activation(); "
            "print({'ipywidgets', 'anywidget', 'matplotlib', 'tensorflow'} & sys.modules.keys())")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
