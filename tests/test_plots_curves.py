"""Charts of several panels: what is drawn where, and the text alternative made from the same arrays."""

import numpy as np
import pytest

from course_lib.plots import lines, panels

LABELS = {"title": "The finding", "xlabel": "layer", "ylabel": "RMS"}


def two(seeds=3, points=6):
    rows = np.outer(np.linspace(1, 2, seeds), np.geomspace(1, 0.01, points))
    return {"A": {"up": rows, "down": rows[:, ::-1]}, "B": {"up": 10 * rows, "down": np.full(points, 5.0)}}


def axes_of(figure):
    return {axes.get_title(loc="left"): axes for axes in figure.axes}


def test_every_network_has_a_panel_with_its_lines_and_bands():
    figure = panels(two(), log=True, **LABELS)
    drawn = axes_of(figure)
    assert list(drawn) == ["A", "B"]
    up, down = drawn["A"].get_lines()
    np.testing.assert_allclose(up.get_ydata(), np.exp(np.log(two()["A"]["up"]).mean(axis=0)))
    np.testing.assert_array_equal(up.get_xdata(), np.arange(1, 7))
    np.testing.assert_allclose(down.get_ydata(), up.get_ydata()[::-1])
    assert len(drawn["A"].collections) == 2 and len(drawn["B"].collections) == 1  # one row of values has no band
    assert up.get_color() != down.get_color() and up.get_linestyle() != down.get_linestyle()
    assert drawn["A"].get_yscale() == "log" and figure.png().startswith(b"\x89PNG")


def test_what_was_expected_is_drawn_over_its_line_and_named_once():
    expected = {"A": {"up": np.geomspace(1, 0.02, 6)}, "B": {"up": np.ones(6), "down": np.ones(6)}}
    figure = panels(two(), expected=expected, **LABELS)
    drawn = axes_of(figure)
    dashed = [line for line in drawn["A"].get_lines() if line.get_color() == "black"]
    assert len(dashed) == 1 and np.array_equal(dashed[0].get_ydata(), expected["A"]["up"])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["up", "down", "expected"]
    assert "up 1.5 at 1, 0.015 at 6 (0.01 to 0.02 over 3 seeds), expected 1 at 1, 0.02 at 6" in figure.alt


def test_text_alternative_names_everything():
    alt = panels(two(), log=True, **LABELS).alt
    assert alt.startswith("Line charts, one a network. The finding. RMS over layer. A: up ")
    assert "B: up 14 at 1" in alt and alt.endswith("down 5 at 1, 5 at 6.")


def test_level_lines_look_level_and_each_panel_has_its_own_axis():
    level = {"level": {"x": np.linspace(0.9, 1.1, 9)}, "steep": {"x": np.geomspace(1, 1e-20, 9)}}
    drawn = axes_of(panels(level, log=True, **LABELS))
    low, high = drawn["level"].get_ylim()
    assert high / low == pytest.approx(100) and low < 0.2 < 5 < high
    low, high = drawn["steep"].get_ylim()
    assert low <= 1e-20 and 1 <= high < 1000


@pytest.mark.parametrize("number, shape", [(1, (1, 1)), (4, (1, 4)), (5, (2, 3)), (6, (2, 3)), (7, (2, 4)), (8, (2, 4)),
                                           (9, (3, 3))])
def test_panels_are_laid_out_without_a_lonely_last_row(number, shape):
    figure = panels({str(i): {"x": [1.0, 2.0]} for i in range(number)}, **LABELS)
    grid = figure.axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == shape and len(figure.axes) == number


def test_what_cannot_be_drawn_is_said():
    figure = panels({"A": {"x": [np.nan, 0.0, -1.0]}, "B": {"x": [1.0, np.inf, 3.0]}}, log=True, **LABELS)
    assert "A: x no finite values" in figure.alt
    assert "B: x 1 at 1, 3 at 3, nothing to draw at 1 of 3 points" in figure.alt
    assert figure.png()


def test_a_label_keeps_its_colour_among_those_of_other_figures():
    both = lines({"a": [1, 2], "b": [2, 1]}, title="t", xlabel="x", ylabel="y")
    one = lines({"b": [2, 1]}, title="t", xlabel="x", ylabel="y", among=("a", "b"))
    drawn = [[line.get_color() for line in figure.axes[0].lines] for figure in (both, one)]
    assert drawn[1] == drawn[0][1:]
