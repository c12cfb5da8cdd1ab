"""Maps: text alternatives made from the data, walks that diverge, the best rate of each rule framed."""

import numpy as np

from course_lib.optimizers import momentum, sgd
from course_lib.plots import rate_map, walks
from course_lib.surfaces import SURFACES, descend


def test_walks_are_drawn_and_told():
    bowl = SURFACES["bowl"]
    paths = {"plain": descend(bowl.gradient, sgd, (-2.5, 1.0), 50, lr=0.05),
             "too long": descend(bowl.gradient, momentum, (-2.5, 1.0), 3000, lr=1.0)}
    figure = walks(bowl, paths, title="One arrives")
    assert figure.alt.startswith("Contour map with walks from (-2.5, 1). One arrives. plain: after 50 steps at (-0.19")
    assert "too long: diverges within 3000 steps" in figure.alt
    lines = {line.get_label(): line.get_xydata() for line in figure.axes[0].lines}
    assert np.allclose(lines["plain"], paths["plain"]) and figure.png().startswith(b"\x89PNG")


def test_heights_are_told_above_the_floor_and_what_is_lost_as_lost():
    saddle = SURFACES["saddle"]
    paths = {"home": np.array([[1.0, 0.5], saddle.lowest]), "far": np.array([[1.0, 0.5], [0.0, 2e6]])}
    alt = walks(saddle, paths, title="One arrives").alt
    assert "home: after 1 steps at (0, 1), 0 above the floor" in alt and "far: diverges within 1 steps" in alt


def test_rates_are_drawn_and_told():
    table = {"A": {0.1: [0.5, 0.7], 1.0: [0.9, 1.0]}, "B": {0.1: [0.8, 0.8], 1.0: [0.1, 0.1]}}
    figure = rate_map(table, title="Rates matter")
    assert "A: best at 1 with 95.0%, worst 60.0% at 0.1; B: best at 0.1 with 80.0%, worst 10.0% at 1." in figure.alt
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["60.0", "95.0", "80.0", "10.0"]
    assert [round(patch.get_x() + 0.48) for patch in axes.patches] == [1, 0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.1", "1"]
