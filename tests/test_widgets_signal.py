"""The explorer "signal": what it draws at the ends of every control, and its shell in Python."""

import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from course_lib.widgets.shell.deep_batch import VARIANCES
from course_lib.widgets.shell.panels import HeatMap, Lines
from course_lib.widgets.shell.picture import histogram, log_histogram, log_series, number, widen
from course_lib.widgets.signal import DEPTHS, RANGES, SCALES, WIDTHS, signal, signal_explorer

CORNERS = list(product(DEPTHS, WIDTHS, RANGES, VARIANCES, (*SCALES, 1.0)))


def panels_are_sound(picture, depth):
    for panel in picture.panels.values():
        assert panel.x == (1, depth) and panel.y[0] < panel.y[1]
        if isinstance(panel, HeatMap):
            rows = [*panel.below.values(), *panel.above.values()]
            total = panel.values.sum(axis=0) + sum(rows)
            assert panel.values.shape[1] == depth and all(row.shape == (depth,) for row in rows)
            assert (panel.values >= 0).all() and np.allclose(total, 1, atol=1e-5), panel.title
        else:
            for line in panel.series.values():
                assert line.values.shape == line.beyond.shape == (depth,)
                low, high = panel.y
                assert ((low <= line.values) & (line.values <= high)).all(), panel.title  # and so finite


@pytest.mark.parametrize("activation", RANGES)
def test_every_corner_of_the_controls_is_drawn(activation):
    for depth, width, name, initializer, scale in CORNERS:
        if name == activation:
            picture = signal(depth, width, name, initializer, scale)
            panels_are_sound(picture, depth)
            assert picture.verdict in picture.text and 0 <= picture.summary["saturated"] <= 1


def test_same_settings_same_picture():
    first, again, other = signal(), signal(), signal(seed=1)
    assert first.text == again.text != other.text
    assert np.array_equal(first.panels["gradients"].values, again.panels["gradients"].values)


def test_drawing_leaves_weights_and_batch_as_they_are():
    before = signal()
    signal(50, 200, "ReLU", scale=10)
    assert signal().text == before.text


def test_initializers_differ_by_their_standard_deviation_only():
    he, scaled = signal(initializer="He", activation="ReLU"), signal(
        initializer="LeCun", activation="ReLU", scale=2**0.5)
    assert he.summary["deltas"] == pytest.approx(scaled.summary["deltas"], rel=1e-3)


@pytest.mark.parametrize("settings, low, high", [
    (dict(activation="tanh", initializer="Glorot"), 0, 0.03),
    (dict(activation="logistic", initializer="Glorot"), 0, 0.01),
    (dict(activation="logistic", initializer="N(0,1)"), 0.6, 0.8),
    (dict(activation="tanh", initializer="N(0,1)"), 0.75, 0.9),
    (dict(activation="ReLU", initializer="He"), 0.4, 0.6),
])
def test_share_of_saturated_units(settings, low, high):
    picture = signal(**settings)
    assert low <= picture.summary["saturated"] <= high
    assert picture.headline[0][1] == f"{picture.summary['saturated']:.0%}"
    drawn = picture.panels["saturated"].series[""].values
    assert drawn.mean() / 100 == pytest.approx(picture.summary["saturated"])


@pytest.mark.parametrize("settings, words", [
    (dict(initializer="Glorot"), "Gradients vanish on the way back: ×0.2"),
    (dict(activation="tanh"), "Gradients explode on the way back: ×2"),
    (dict(activation="tanh", depth=7), "Gradients explode on the way back: ×2"),
    (dict(activation="logistic"), "67% of the units are saturated. Gradients keep their size."),
    (dict(activation="tanh", initializer="Glorot"), "Signal and gradients keep their size."),
    (dict(activation="ReLU", initializer="Glorot"), "The signal dies out"),
    (dict(activation="ReLU"), "The signal explodes: the last layer's spread is"),
    (dict(depth=1), "A single hidden layer"),
    (dict(depth=50, width=200, activation="ReLU", scale=10), "from layer 19 on it overflows float32"),
    (dict(depth=50, initializer="Glorot", scale=0.1), "Gradients vanish: 0 in float32 from layer"),
])
def test_text_alternative_says_what_is_to_be_seen(settings, words):
    text = signal(**settings).text
    assert words in text
    layers = f"{settings.get('depth', 20)} hidden layer"
    assert layers in text and settings.get("activation", "logistic") in text


def test_text_alternative_gives_the_numbers_of_the_panels():
    picture = signal(activation="tanh", scale=2.0)
    sizes, last = picture.panels["sizes"].series["gradient ∂L/∂z"], picture.text.split("RMS ")[1]
    top, bottom = (number(10.0 ** sizes.values[layer]) for layer in (-1, 0))
    assert last.startswith(f"{top} in layer 20, {bottom} in layer 1")
    assert f"{picture.summary['zeros']:.1%} of its values are 0" in picture.text
    assert "weights N(0,1) times 2," in picture.text


def test_overflow_and_zeros_have_rows_and_marks_of_their_own():
    picture = signal(50, 200, "ReLU", "N(0,1)", 10)
    overflow = picture.panels["activations"].above["overflow"]
    assert overflow[0] == 0 and overflow[-1] == 1
    assert (picture.panels["gradients"].above["overflow"] == 1).all()
    assert picture.panels["sizes"].series["signal"].beyond.tolist() == 18 * [0] + 32 * [1]
    picture = signal(50, 200, "logistic", "Glorot", 0.1)
    assert picture.panels["gradients"].below["0"][0] == 1
    assert picture.panels["sizes"].series["gradient ∂L/∂z"].beyond[0] == -1


@pytest.mark.parametrize("settings, words", [
    (dict(depth=0), "depth is 0, wanted 1 to 50"),
    (dict(width=201), "width is 201, wanted 10 to 200"),
    (dict(scale=float("nan")), "scale is nan, wanted 0.1 to 10"),
    (dict(activation="relu"), "activation is 'relu', wanted one of logistic, tanh, ReLU"),
    (dict(initializer="Xavier"), "initializer is 'Xavier', wanted one of N"),
])
def test_wrong_settings_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        signal(**settings)


def test_bins_hold_what_they_should():
    shares, left_out = histogram(np.float32([[0, 0.01, 0.99, 1], [np.nan, np.inf, 0.5, 0.5]]), 0, 1, bins=4)
    assert shares.T.tolist() == [[0.5, 0, 0, 0.5], [0, 0, 0.5, 0]] and left_out.tolist() == [0, 0.5]
    values = np.float32([[1e-3, 1e-3, 1, 0], [np.inf, -np.inf, np.nan, -1]])
    shares, y, below, above = log_histogram(values * np.float32(3), per_decade=1)
    assert y == (-8, 0) or y == (-4, 4)
    assert shares[-3 - y[0], 0] == 0.5 and shares[0 - y[0]].tolist() == [0.25, 0.25]
    assert below["0"].tolist() == [0.25, 0] and above["overflow"].tolist() == [0, 0.75]


@pytest.mark.parametrize("value", [1e-45, 1.2e-38, 3.4e38])
def test_the_extremes_of_float32_are_drawn(value):
    shares, (low, high), below, above = log_histogram(np.full((1, 8), value, np.float32))
    assert shares.sum() == 1 and not below and not above and low <= np.log10(value) <= high
    assert log_series([value], (low, high)).beyond == [0]


def test_all_zero_and_all_nan_are_drawn():
    for value, side in [(0, 2), (np.nan, 3)]:
        found = log_histogram(np.full((2, 5), value, np.float32))
        assert found[0].sum() == 0 and [row.tolist() for row in found[side].values()] == [[1, 1]]


def test_ranges_are_wide_and_round():
    assert widen(-3.2, 1) == (-4, 4) and widen(0, 1) == (-4, 4) and widen(-46, -45) == (-48, -40)


@pytest.mark.parametrize("value, words", [
    (0.0, "0"), (0.0123, "0.012"), (0.9, "0.9"), (99.7, "100"), (1234, "1234"), (3.2e-7, "3.2e-7"),
    (1e22, "1e22"), (np.inf, "overflow"),
])
def test_numbers_are_short(value, words):
    assert number(value) == words


@pytest.mark.parametrize("name, value", [
    ("depth", 50), ("depth", 1), ("width", 10), ("width", 200), ("activation", "ReLU"),
    ("initializer", "He"), ("scale", 10.0), ("scale", 0.1),
])
def test_moving_a_control_changes_the_picture(name, value):
    explorer = signal_explorer()
    before, sent = explorer.picture, explorer.canvas.picture
    explorer.controls[name].value = value
    assert explorer.picture.text == signal(**{name: value}).text != before.text
    assert explorer.canvas.picture["revision"] == sent["revision"] + 1
    assert explorer.canvas.picture["text"] == explorer.picture.text


def test_what_is_sent_is_the_picture():
    explorer = signal_explorer()
    sent = explorer.canvas.picture["panels"]
    for panel, drawn in zip(explorer.picture.panels.values(), sent, strict=True):
        if isinstance(panel, Lines):
            for line, bytes_ in zip(panel.series.values(), drawn["series"], strict=True):
                assert np.array_equal(np.frombuffer(bytes_["values"], np.float32), line.values)
                assert np.array_equal(np.frombuffer(bytes_["beyond"], np.int8), line.beyond)
        else:
            assert np.array_equal(np.frombuffer(drawn["values"], np.float32), panel.values.ravel())


def test_controls_have_names_and_the_explorer_its_class():
    explorer = signal_explorer()
    assert list(explorer.controls) == ["depth", "width", "activation", "initializer", "scale"]
    assert all(control.description and control.tooltip for control in explorer.controls.values())
    assert "signal-explorer" in explorer._dom_classes


def test_an_error_is_shown_and_raised(monkeypatch):
    explorer = signal_explorer()
    before = explorer.picture
    monkeypatch.setattr("course_lib.widgets.signal.send_batch", lambda *settings: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        explorer.controls["depth"].value = 7
    assert explorer.canvas.error == "ZeroDivisionError: division by zero" and explorer.picture is before
    monkeypatch.undo()
    explorer.controls["depth"].value = 8
    assert explorer.canvas.error == "" and "8 hidden layers" in explorer.picture.text


@pytest.mark.parametrize("settings", [{}, dict(depth=1), dict(depth=50, activation="ReLU", scale=10)])
def test_the_static_figure_carries_the_text(settings):
    picture = signal(**settings)
    figure = picture.figure()
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert figure.alt == picture.text and figure.png().startswith(b"\x89PNG")
    assert [panel.title for panel in picture.panels.values()] == [title for title in titles if title]


def test_the_picture_needs_no_widgets_and_no_figures():
    code = ("import sys; from course_lib.widgets.signal import signal; signal(2, 10); "
            "print({'ipywidgets', 'anywidget', 'matplotlib', 'tensorflow'} & sys.modules.keys())")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
