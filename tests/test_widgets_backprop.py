"""The explorer "backprop": its numbers are those of the course's own convolution, step by step and at the end."""

import numpy as np
import pytest

from course_lib.conv import conv2d, conv2d_backward_filters, conv2d_backward_input
from course_lib.widgets.backprop import (
    FILTERS,
    POSITIONS,
    backprop,
    backprop_explorer,
    backprop_strip,
    small_digit,
)


def as_layer(kernel, digit):
    """Return y and its cache for an explorer's image and filter."""
    w = np.float32(FILTERS[kernel])[:, :, np.newaxis, np.newaxis]
    return conv2d(small_digit(digit)[np.newaxis, :, :, np.newaxis], w, np.zeros(1, np.float32), padding="valid")


@pytest.mark.parametrize("kernel", FILTERS)
@pytest.mark.parametrize("step", [1, 8, POSITIONS])
def test_gradients_are_those_of_the_errors_so_far(kernel, step):
    y, cache = as_layer(kernel, 3)
    dy = np.where(np.arange(POSITIONS).reshape(y.shape) < step, np.maximum(y, 0), 0)
    panels = backprop("backwards", step, kernel, 3).panels
    np.testing.assert_array_equal(panels["error"].values, np.maximum(y, 0)[0, :, :, 0])
    np.testing.assert_allclose(panels["filter gradient"].values, conv2d_backward_filters(dy, cache)[:, :, 0, 0])
    np.testing.assert_allclose(panels["image gradient"].values, conv2d_backward_input(dy, cache)[0, :, :, 0])


@pytest.mark.parametrize("digit", [0, 7])
def test_output_is_the_convolution(digit):
    y, _ = as_layer("mean", digit)
    whole = backprop("forwards", POSITIONS, "mean", digit)
    np.testing.assert_allclose(whole.panels["output"].values, y[0, :, :, 0])
    part = backprop("forwards", 9, "mean", digit)
    assert np.count_nonzero(part.panels["output"].values.ravel()[9:]) == 0
    assert part.summary["output"] == y.ravel()[8]


def test_boxes_are_at_the_position():
    panels = backprop("backwards", 8, "mean", 3).panels
    assert panels["image"].box == (1, 2, 3, 3) == panels["image gradient"].box
    assert panels["error"].box == (1, 2, 1, 1)


def test_what_a_position_adds_is_the_difference_of_two_steps():
    before, after = (backprop("backwards", step).panels["filter gradient"].values for step in (6, 7))
    assert backprop("backwards", 7).summary["added"] == np.abs(after - before).sum() > 0


def test_words_say_what_is_shown():
    picture = backprop("backwards", 7)
    assert "Position 7 of 25" in picture.verdict and "Row 2, column 2" in picture.text
    assert f"{picture.panels['error'].values[1, 1]:g}" in picture.verdict


@pytest.mark.parametrize("settings", [{"way": "up"}, {"kernel": "none"}, {"step": 0}, {"step": 26}, {"digit": 10}])
def test_a_setting_that_is_not_there_is_named(settings):
    with pytest.raises(ValueError, match=str(next(iter(settings.values())))):
        backprop(**settings)


def test_figure_and_explorer():
    figure = backprop().figure()
    assert figure.png().startswith(b"\x89PNG") and "Digit 3" in figure.alt
    explorer = backprop_explorer()
    before = explorer.canvas.picture["revision"]
    explorer.controls["step"].value = 12
    explorer.controls["way"].value = "forwards"
    assert explorer.canvas.picture["revision"] == before + 2
    assert explorer.play in explorer.children


def test_the_strip_shows_what_the_explorer_shows():
    axes = backprop_strip((2, 25), kernel="mean").axes
    assert [a.get_title(loc="left").partition(":")[0] for a in axes] == ["2"] * 4 + ["25"] * 4
    for place, step in ((2, 2), (6, 25)):
        dw = backprop("backwards", step, "mean").panels["filter gradient"].values
        assert [text.get_text() for text in axes[place].texts] == [f"{value:.0f}" for value in dw.ravel()]
    assert (min(axes[4].lines[0].get_xdata()), min(axes[4].lines[0].get_ydata())) == (3.5, 3.5)
