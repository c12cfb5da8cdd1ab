"""The explorer "normalizer": what it draws at the ends of every control, and its shell in Python."""

from itertools import product

import numpy as np
import pytest

from course_lib.widgets.normalizer import (
    BATCHES,
    BETAS,
    GAMMAS,
    SIZES,
    UNITS,
    WEIGHTS,
    _sums,
    normalizer,
    normalizer_explorer,
)
from course_lib.widgets.shell.panels import HeatMap


@pytest.mark.parametrize("corner", list(product((*SIZES, 2), WEIGHTS, GAMMAS, BETAS)), ids=str)
def test_every_corner_is_drawn(corner):
    picture = normalizer(*corner)
    assert list(picture.panels) == ["before", "training", "one image", "use"]
    for panel in picture.panels.values():
        assert panel.y[0] < panel.y[1]
        if isinstance(panel, HeatMap):
            total = panel.values.sum(axis=0) + sum([*panel.below.values(), *panel.above.values()])
            assert panel.columns == UNITS and np.allclose(total, 1, atol=1e-5)
        else:
            assert {len(line.values) for line in panel.series.values()} == {BATCHES}
            for line in panel.series.values():
                assert (line.values >= panel.y[0]).all() and (line.values <= panel.y[1]).all()
    assert all(np.isfinite(value) for value in picture.summary.values())
    assert len(picture.headline) == 4 and picture.verdict in picture.text


def test_after_it_the_units_have_mean_beta_and_standard_deviation_gamma():
    summary = normalizer(64, 2.0, 1.5, -0.5).summary
    assert summary["mean after"] == pytest.approx(-0.5, abs=1e-3)
    assert summary["std after"] == pytest.approx(1.5, rel=1e-2)
    assert summary["std in use"] == pytest.approx(1.5, rel=0.1)


def test_the_size_of_the_weights_is_not_to_be_seen_after_it():
    small, large = (normalizer(64, weights).summary for weights in (1.0, 10.0))
    assert large["std before"] == pytest.approx(10 * small["std before"], rel=1e-4)
    for key in ("std after", "wobble", "alone"):
        assert large[key] == pytest.approx(small[key], rel=0.02)


def test_the_smaller_the_batch_the_more_one_image_wobbles():
    wobbles = [normalizer(size).summary["wobble"] for size in (4, 16, 64, 256)]
    assert wobbles == sorted(wobbles, reverse=True) and wobbles[-1] > 0


def test_alone_in_its_batch_an_image_becomes_beta():
    picture = normalizer(1, 1.0, 2.0, 0.75)
    assert (picture.panels["one image"].series["in training"].values == 0.75).all()
    assert picture.summary["wobble"] == 0 and "becomes β, 0.75" in picture.verdict
    assert picture.panels["use"].below or picture.panels["use"].above  # divided by √eps, it lies far out


def test_use_has_the_statistics_of_all_batches():
    z, _ = _sums()
    for size, share in ((2, 1 / 2), (64, 63 / 64)):  # the variance of n numbers falls short by 1 / n in the mean
        wanted = (z[0, 0] - z[:, 0].mean()) / np.sqrt(share * z[:, 0].var() + 1e-3)
        assert normalizer(size).summary["alone"] == pytest.approx(wanted, abs=0.35)
    assert normalizer(1).summary["alone"] == pytest.approx((z[0, 0] - z[:, 0].mean()) / np.sqrt(1e-3), rel=0.3)


def test_same_settings_same_picture():
    assert normalizer(16, 2.0).text == normalizer(16, 2.0).text != normalizer(17, 2.0).text


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"batch_size": 0}, "batch_size is 0"), ({"weights": 11}, "weights is 11"), ({"gamma": -1}, "gamma is -1"),
     ({"beta": 4}, "beta is 4, wanted -3.0 to 3.0")],
)
def test_wrong_settings_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        normalizer(**settings)


def test_static_figure_tells_the_same():
    picture = normalizer()
    figure = picture.figure()
    assert figure.alt == picture.text and len(figure.axes) == 5  # four panels and the colours' bar


def test_explorer_redraws_and_shows_what_went_wrong():
    explorer = normalizer_explorer()
    assert list(explorer.controls) == ["batch_size", "weights", "gamma", "beta"]
    before = explorer.canvas.picture
    explorer.controls["batch_size"].value = 4
    assert explorer.canvas.picture["revision"] == before["revision"] + 1
    assert explorer.picture.text == normalizer(4).text
