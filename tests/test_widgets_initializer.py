"""The explorer "initializer": what it draws at the ends of every control, and its shell in Python."""

import subprocess
import sys
from itertools import cycle, product

import numpy as np
import pytest

from course_lib.widgets.initializer import (
    CHOICES,
    FUNCTIONS,
    OWN,
    SCALES,
    WIDTHS,
    initializer,
    initializer_explorer,
)
from course_lib.widgets.shell.deep_batch import DISTRIBUTIONS

PANELS = ["weights", "forwards", "backwards", "cosine"]


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_every_corner_of_the_controls_is_drawn(activation):
    corners = zip(product(CHOICES, WIDTHS, (*SCALES, 1.0)), cycle(DISTRIBUTIONS), strict=False)
    for (variance, width, scale), distribution in corners:
        picture = initializer(activation, variance, distribution, width, scale)
        assert list(picture.panels) == PANELS and picture.verdict in picture.text
        for name, panel in picture.panels.items():
            low, high = panel.y
            for line in panel.series.values():
                assert line.values.shape == line.beyond.shape == ((56,) if name == "weights" else (50,))
                assert ((low <= line.values) & (line.values <= high)).all(), (name, variance, width, scale)


@pytest.mark.parametrize("settings, words", [
    ({}, "The signal dies out, the gradient vanishes; any two images look alike at the top."),
    (dict(variance="He"), "The signal keeps its size, the gradient keeps its size; any two images"),
    (dict(scale=2**0.5), "The signal keeps its size, the gradient keeps its size; any two images"),
    (dict(variance="N(0,1)"), "The signal overflows float32, the gradient overflows float32."),
    (dict(activation="tanh"), "The signal shrinks slowly, the gradient shrinks slowly."),
    (dict(activation="tanh", scale=1.5), "The signal keeps its size, the gradient grows slowly."),
    (dict(activation="tanh", variance="N(0,1)"), "The signal keeps its size, the gradient explodes."),
    (dict(activation="logistic"), "The signal keeps its size, the gradient vanishes; any two images look alike"),
    (dict(activation="SELU", variance="LeCun", width=200), "The signal keeps its size, the gradient grows slowly."),
    (dict(activation="GELU", variance=OWN), "The signal grows slowly, the gradient grows slowly"),
    (dict(variance="LeCun", scale=0.1), "is 0 in float32 before its end"),
])
def test_the_verdict_says_what_is_to_be_seen(settings, words):
    picture = initializer(**settings)
    assert words in picture.verdict and picture.text.startswith(settings.get("activation", "ReLU"))


@pytest.mark.parametrize("activation, variance", [("ReLU", "He"), ("tanh", "Glorot"), ("SELU", "LeCun"), ("ELU", OWN)])
def test_measured_and_expected_agree(activation, variance):
    summary = initializer(activation, variance, "normal", 200).summary
    for name in ("forwards", "backwards"):
        assert summary[name] == pytest.approx(summary[f"expected {name}"], rel=0.02)
    assert summary["cosine"] == pytest.approx(summary["expected cosine"], abs=0.25)


def test_the_weights_are_drawn_as_wide_as_they_are():
    for variance, std in [("He", 0.1), ("Glorot", 0.005**0.5), ("N(0,1)", 1.0)]:
        picture = initializer(variance=variance, width=200, distribution="uniform")
        panel = picture.panels["weights"]
        share = panel.series[""].values
        at = np.linspace(*panel.x, len(share))
        assert picture.summary["std"] == pytest.approx(std) and share.sum() == pytest.approx(100, abs=1e-3)
        assert np.sqrt(share @ at**2 / 100) == pytest.approx(std, rel=0.03)
        assert np.abs(at[share > 0.5]).max() == pytest.approx(3**0.5 * std, rel=0.08)


def test_distributions_differ_and_the_lines_hardly_do():
    first, *others = [initializer(variance="He", distribution=name, width=200) for name in DISTRIBUTIONS]
    for other in others:
        assert not np.array_equal(first.panels["weights"].series[""].values, other.panels["weights"].series[""].values)
        assert other.summary["forwards"] == pytest.approx(first.summary["forwards"], rel=0.04)
        assert other.summary["expected forwards"] == first.summary["expected forwards"]


def test_same_settings_same_picture():
    first, again, other = initializer(), initializer(), initializer(seed=1)
    assert first.text == again.text != other.text


@pytest.mark.parametrize("settings, words", [
    (dict(width=9), "initializer: width is 9, wanted 10 to 200"),
    (dict(scale=float("nan")), "initializer: scale is nan, wanted 0.1 to 10"),
    (dict(activation="relu"), "initializer: activation is 'relu', wanted one of ReLU"),
    (dict(variance="Xavier"), "initializer: variance is 'Xavier', wanted one of N"),
    (dict(distribution="gauss"), "initializer: distribution is 'gauss', wanted one of normal"),
])
def test_wrong_settings_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        initializer(**settings)


@pytest.mark.parametrize("name, value", [
    ("activation", "tanh"), ("variance", "He"), ("distribution", "normal"), ("width", 200), ("scale", 10.0),
])
def test_moving_a_control_changes_the_picture(name, value):
    explorer = initializer_explorer()
    before = explorer.picture
    explorer.controls[name].value = value
    assert explorer.picture.text == initializer(**{name: value}).text != before.text
    assert explorer.canvas.picture["text"] == explorer.picture.text


def test_controls_have_names_and_the_explorer_its_class():
    explorer = initializer_explorer()
    assert list(explorer.controls) == ["activation", "variance", "distribution", "width", "scale"]
    assert all(control.description and control.tooltip for control in explorer.controls.values())
    assert "initializer-explorer" in explorer._dom_classes


def test_the_static_figure_carries_the_text():
    picture = initializer()
    figure = picture.figure()
    assert figure.alt == picture.text and figure.png().startswith(b"\x89PNG")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert [panel.title for panel in picture.panels.values()] == [title for title in titles if title]


def test_the_picture_needs_no_widgets_and_no_figures():
    code = ("import sys; from course_lib.widgets.initializer import initializer; initializer(width=10); "
            "print({'ipywidgets', 'anywidget', 'matplotlib', 'tensorflow'} & sys.modules.keys())")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
