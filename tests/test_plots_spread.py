"""Charts of many small parts: drawn, legible, and each with a text alternative made from its data."""

import re

import numpy as np
import pytest
from matplotlib.text import Text

from course_lib import plots
from course_lib.studies.activations import FOURTEEN
from tests.test_plots import in_view, pixels

RNG = np.random.default_rng(0)
ROWS = [f"activation {i}" for i in range(14)]
COLUMNS = {"test accuracy": 0.94, "ms a step": 1.2, "ms for 10,000": 40.0, "dead units": 0.05}


def gallery(functions=FOURTEEN):
    return plots.gallery(functions, title="Fourteen activations and their slopes")


def share_maps(maps):
    return plots.share_maps(maps, title="Units die", xlabel="epoch", ylabel="hidden layer", label="share dead")


def clouds(groups, **more):
    return plots.clouds(groups, **{"title": "Slopes differ", "xlabel": "layer", "ylabel": "slope"} | more)


def table(columns, **more):
    return plots.table_chart(columns, title="Twelve are within the spread", **more)


MAPS = {kind: {f"rate {lr}": RNG.random((5, 9)) for lr in (0.001, 0.01, 0.1)} for kind in ("ReLU", "leaky ReLU", "ELU")}
GROUPS = {f"layer {i}": 0.25 + 0.05 * RNG.standard_normal(100) for i in range(1, 6)}
TABLE = {name: {row: middle * RNG.uniform(0.98, 1.02, 5) for row in ROWS} for name, middle in COLUMNS.items()}
FIGURES = {
    "gallery": gallery,
    "one curve": lambda: gallery({"ReLU": FOURTEEN["ReLU"]}),
    "maps": lambda: share_maps(MAPS),
    "one map": lambda: share_maps({"ReLU": {"rate 0.1": np.zeros((5, 9))}}),
    "clouds": lambda: clouds(GROUPS, reference=(0.25, "where all began")),
    "clouds of one": lambda: clouds({"layer 1": np.array([0.5])}),
    "table": lambda: table(TABLE, live=("activation 3", 0.93)),
    "table of one": lambda: table({"accuracy": {"ReLU": [0.9]}}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_picture_is_not_blank_and_has_twice_the_pixels_shown(name):
    figure = FIGURES[name]()
    picture = pixels(figure)
    assert picture.shape[:2] == tuple(round(200 * inches) for inches in figure.get_size_inches()[::-1])
    assert 0.002 < (picture[..., :3] < 0.9).any(axis=2).mean() < 0.9
    assert picture[0, 0, :3].min() == 1  # a white background in every theme


@pytest.mark.parametrize("name", FIGURES)
def test_text_is_large_enough_inside_the_picture_and_covers_no_other(name):
    figure = FIGURES[name]()
    figure.draw_without_rendering()
    whole = figure.bbox.padded(1)
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and in_view(t, figure)]
    assert texts and all(text.get_fontsize() >= 8 for text in texts)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    for i, (text, box) in enumerate(boxes):
        assert whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1, text
        assert [other for other, its in boxes[i + 1 :] if box.padded(-1).overlaps(its.padded(-1))] == [], text


@pytest.mark.parametrize("name", FIGURES)
def test_page_gets_an_image_with_the_text_alternative(name):
    html = FIGURES[name]()._repr_html_()
    assert re.search(r'<img alt="[^"<>]{40,}" width="7[05]0" style="max-width: 100%; min-width: \d{3}px', html)


def other(values, key, change):
    return {**values, key: change(values[key])}


CHANGES = {
    "a function": (gallery, lambda: gallery(other(FOURTEEN, "tanh", lambda pair: (lambda z: 2 * pair[0](z), pair[1])))),
    "a slope": (gallery, lambda: gallery(other(FOURTEEN, "tanh", lambda pair: (pair[0], lambda z: 2 * pair[1](z))))),
    "a map": (
        lambda: share_maps(MAPS),
        lambda: share_maps(other(MAPS, "ELU", lambda maps: other(maps, "rate 0.1", np.sqrt))),
    ),
    "a cloud": (lambda: clouds(GROUPS), lambda: clouds(other(GROUPS, "layer 2", lambda values: values + 0.1))),
    "a run": (
        lambda: table(TABLE),
        lambda: table(other(TABLE, "ms a step", lambda rows: other(rows, ROWS[3], np.sqrt))),
    ),
    "live": (lambda: table(TABLE), lambda: table(TABLE, live=(ROWS[0], 0.9))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_data_change_the_text_alternative(change):
    one, changed = CHANGES[change]
    assert one().alt == one().alt != changed().alt


def test_text_alternatives_give_the_numbers():
    alt = clouds({"layer 1": np.array([0.1, 0.2, 0.6])}).alt
    assert alt == "Clouds of dots, a bar at the mean. Slopes differ. slope, by layer. layer 1: mean 0.3, 0.1 to 0.6."
    alt = share_maps({"ReLU": {"rate 0.1": np.array([[0, 0.5], [0.1, 1.0]])}}).alt
    assert alt.endswith("ReLU, rate 0.1: mean 5% at first, 75% at last, by layer 50% 100%.")
    assert "accuracy: ReLU 0.9." in table({"accuracy": {"ReLU": [0.85, 0.95]}}).alt
    assert "ReLU: f is 0 at -5, 0 at 0, 5 at 5; its slope at most 1" in gallery({"ReLU": FOURTEEN["ReLU"]}).alt
