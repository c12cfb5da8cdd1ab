"""Grids of numbers: what they show, frame and tell."""

import numpy as np
import pytest

from course_lib.plots import cells
from course_lib.plots.images import ROOM


def test_small_arrays_show_their_numbers_and_large_ones_don_t():
    figure = cells({"small": np.array([[1.0, -2.0]]), "large": np.zeros((ROOM + 1, 2))}, title="t")
    small, large = figure.axes
    assert [text.get_text() for text in small.texts] == ["1", "-2"]
    assert not large.texts


def test_colours_tell_the_sign_and_0_is_white():
    image = cells({"a": np.array([[0.0, 1.0, -1.0]])}, title="t").axes[0].images[0].get_array()[0]
    np.testing.assert_allclose(image[0], 1)
    assert image[1][2] > image[1][0] and image[2][0] > image[2][2]  # blue, orange


def test_a_common_limit_makes_colours_comparable():
    figure = cells({"a": np.ones((1, 1)), "b": 2 * np.ones((1, 1))}, title="t", limit=2)
    a, b = (axes.images[0].get_array()[0, 0, 0] for axes in figure.axes)
    assert a > b


def test_boxes_frame_cells():
    figure = cells({"a": np.zeros((4, 4)), "b": np.zeros((2, 2))}, title="t", boxes={"a": (1, 2, 2, 1)})
    (box,) = figure.axes[0].lines
    assert (min(box.get_xdata()), max(box.get_xdata())) == (1.5, 2.5)
    assert (min(box.get_ydata()), max(box.get_ydata())) == (0.5, 2.5)
    assert not figure.axes[1].lines


def test_words():
    alt = cells({"image": np.array([[0.0, 3.0], [-1.0, 2.0]])}, title="A finding").alt
    assert "A finding" in alt and "image, 2 by 2, from -1 to 3" in alt


@pytest.mark.parametrize("arrays", [{}, {"a": np.zeros(3)}, {"a": np.zeros((1, 2, 3))}])
def test_what_is_no_grid_is_named(arrays):
    with pytest.raises(ValueError, match="wanted at least one, of two axes each"):
        cells(arrays, title="t")


def test_small_grids_have_cells_of_one_size_and_large_ones_fill_their_place():
    figure = cells({"a": np.zeros((4, 4)), "b": np.zeros((2, 3))}, title="t")
    figure.draw_without_rendering()
    (a, b) = (axes.transData.transform([[0, 0], [1, 1]]) for axes in figure.axes)
    np.testing.assert_allclose(a[1] - a[0], b[1] - b[0])
    large = cells({"a": np.zeros((28, 28)), "b": np.zeros((2, 2))}, title="t").axes[1]
    assert large.get_xlim() == (-0.5, 1.5)


def test_more_than_four_go_below_and_no_empty_place_is_drawn():
    figure = cells({str(k): np.full((2, 2), k) for k in range(6)}, title="t")
    assert [axes.get_title(loc="left") for axes in figure.axes[:6]] == [f"{k}, 2 × 2" for k in range(6)]
    assert [axes.axison for axes in figure.axes] == [True] * 6 + [False] * 2


def test_numbers_are_short():
    texts = cells({"a": np.array([[12.0, -0.123, 106.4]])}, title="t").axes[0].texts
    assert [text.get_text() for text in texts] == ["12", "-0.12", "106.40"]
