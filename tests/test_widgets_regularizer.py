"""The explorer "regularizer": its networks are trained as they should be, and its words say what its panels show."""

import numpy as np
import pytest

from course_lib.datasets import moons
from course_lib.layers import dense, dense_backward
from course_lib.widgets.regularizer import (
    BOX,
    CELLS,
    LEVELS,
    METHODS,
    NOISE,
    POINTS,
    UNITS,
    _backward,
    _draw,
    _family,
    _forward,
    regularizer,
    regularizer_explorer,
)
from course_lib.widgets.shell.panels import Lines


def test_thirteen_networks_at_once_are_thirteen_networks():
    """Forward and backward of one level equal the course's dense layers, one after the other."""
    rng = np.random.default_rng(0)
    x, _ = moons(20, rng, noise=NOISE)
    weights = _draw(3, rng)
    weights = [w + rng.normal(0, 0.1, w.shape).astype(np.float32) for w in weights]
    dlogits = rng.normal(size=(3, 20, 2)).astype(np.float32)
    h1, h2, logits = _forward(weights, x, (1, 1))
    grads = _backward(weights, x, h1, h2, dlogits, (1, 1))
    for level in range(3):
        w1, b1, w2, b2, w3, b3 = (w[level] for w in weights)
        z1, cache1 = dense(x, w1, b1[0])
        z2, cache2 = dense(np.maximum(z1, 0), w2, b2[0])
        out, cache3 = dense(np.maximum(z2, 0), w3, b3[0])
        assert np.allclose(out, logits[level], atol=1e-5)
        dh2, dw3, db3 = dense_backward(dlogits[level], cache3)
        dh1, dw2, db2 = dense_backward(dh2 * (z2 > 0), cache2)
        _, dw1, db1 = dense_backward(dh1 * (z1 > 0), cache1)
        for mine, theirs in zip(grads, (dw1, db1, dw2, db2, dw3, db3), strict=True):
            assert np.allclose(mine[level].reshape(theirs.shape), theirs, atol=1e-4)


def test_level_0_is_the_same_network_whatever_the_method():
    summaries = [regularizer(method, 0).summary for method in METHODS]
    assert all(summary == summaries[0] for summary in summaries)
    assert summaries[0]["training"] == 1 and summaries[0]["strength"] == 0


@pytest.mark.parametrize("method", METHODS)
def test_more_strength_fits_the_points_less(method):
    losses = [regularizer(method, level).summary["training loss"] for level in (0, 6, 12)]
    assert losses[0] < losses[1] < losses[2]
    norms = [regularizer(method, level).summary["norm"] for level in (0, 12)]
    assert norms[1] < norms[0]
    new = [regularizer(method, level).summary["new"] for level in range(13)]
    assert max(new) > new[0] + 0.01 and max(new) > new[-1] + 0.01  # the best lies between


def test_max_norm_holds_and_l1_leaves_tiny_weights():
    for level, limit in enumerate(METHODS["max-norm"], 1):
        for w in _family("max-norm")["weights"][::2]:
            assert np.linalg.norm(w[level], axis=0).max() <= limit * (1 + 1e-4)
    assert regularizer("l1", 10).summary["tiny"] > 0.9 > regularizer("l2", 8).summary["tiny"]


def test_the_border_is_what_the_network_says():
    picture = regularizer("l2", 8)
    (left, right), (bottom, top) = BOX
    column, row = 10, 30
    place = [left + (column + 0.5) * (right - left) / CELLS, bottom + (row + 0.5) * (top - bottom) / CELLS]
    logits = _forward(_family("l2")["weights"], np.float32([place]), (1, 1))[2][8, 0]
    probability = 1 / (1 + np.exp(logits[0] - logits[1]))
    assert picture.panels["border"].shade[row, column] == pytest.approx(np.floor(6 * probability) / 5)
    assert sum(len(points) for points in picture.panels["border"].paths.values()) == POINTS


def test_panels_lines_and_words():
    picture = regularizer("dropout", 6)
    assert list(picture.panels) == ["border", "weights", "course", "levels"]
    course, levels = picture.panels["course"], picture.panels["levels"]
    assert isinstance(course, Lines) and levels.columns == LEVELS[1] + 1 and course.columns == 40
    assert levels.series["new points"].values[6] == pytest.approx(picture.summary["new"], abs=1e-6)
    assert picture.panels["weights"].columns == 3
    assert f"{picture.summary['new']:.1%}" in picture.verdict and "dropout, level 6" in picture.text
    assert "by heart" in regularizer("l2", 0).verdict and "so tightly" in regularizer("l2", 12).verdict
    assert "holds" in regularizer("l2", 8).verdict


@pytest.mark.parametrize("settings", [{"method": "l3"}, {"level": 13}, {"level": -1}])
def test_a_setting_that_is_not_there_is_named(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        regularizer(**settings)


def test_figure_and_explorer():
    figure = regularizer("l1", 3).figure()
    assert figure.png().startswith(b"\x89PNG") and "l1, level 3" in figure.alt
    explorer = regularizer_explorer()
    before = explorer.canvas.picture["revision"]
    explorer.controls["level"].value = 12
    assert explorer.canvas.picture["revision"] == before + 1
    border = explorer.canvas.picture["panels"][0]
    assert border["dots"] is True and [len(path["values"]) for path in border["paths"]] and UNITS == 32
