"""The explorer "dying": the shares it draws are those of the watches, at every epoch and rate."""

from types import SimpleNamespace

import numpy as np
import pytest

from course_lib.measuring import UnitWatch
from course_lib.measuring.units import Units
from course_lib.widgets.dying import dying, dying_explorer, example, last_epoch

RNG = np.random.default_rng(0)


def watch(epochs=4):
    made = UnitWatch(None)
    made.seen = [Units(*(RNG.random((2, 5, 20)) < share)) for share in np.linspace(0.1, 0.9, epochs)]
    return made


WATCHES = {rate: {name: watch() for name in ("ReLU", "leaky ReLU", "ELU")} for rate in ("0.01", "0.1")}


@pytest.mark.parametrize("rate", WATCHES)
@pytest.mark.parametrize("epoch", [0, 3])
def test_the_lines_are_the_shares_of_the_watches(rate, epoch):
    picture = dying(WATCHES, epoch, rate)
    for kind in ("dead", "off"):
        panel = picture.panels[kind]
        assert panel.x == (1, 5) and panel.y == (0, 100) and list(panel.series) == list(WATCHES[rate])
        for name, line in panel.series.items():
            wanted = [100 * np.mean(layer) for layer in getattr(WATCHES[rate][name], kind)[epoch]]
            assert np.allclose(line.values, wanted) and not line.beyond.any()
            assert picture.summary[f"{kind} {name}"] == pytest.approx(np.mean(wanted) / 100)
    assert picture.verdict in picture.text and rate in picture.verdict
    assert ("Before training" if epoch == 0 else "Epoch 3 of 3") in picture.verdict


def test_the_first_rate_is_the_default():
    assert dying(WATCHES).text == dying(WATCHES, 0, "0.01").text != dying(WATCHES, 0, "0.1").text


@pytest.mark.parametrize(("epoch", "rate", "words"), [
    (4, None, "epoch is 4, wanted 0 to 3"),
    (-1, None, "epoch is -1, wanted 0 to 3"),
    (0, "0.2", "rate is '0.2', wanted one of 0.01, 0.1"),
])
def test_wrong_settings_are_named(epoch, rate, words):
    with pytest.raises(ValueError, match=words):
        dying(WATCHES, epoch, rate)


def test_the_shortest_watch_decides_how_far_one_can_look():
    watches = {"0.1": {"ReLU": watch(), "ELU": SimpleNamespace(seen=watch().seen[:2])}}
    assert last_epoch(watches) == 1


def test_moving_a_control_changes_the_picture():
    explorer = dying_explorer(WATCHES)
    assert explorer.controls["rate"].value == "0.1" and explorer.controls["epoch"].max == 3
    for name, value in (("epoch", 3), ("rate", "0.01"), ("epoch", 1)):
        before = explorer.picture.text
        explorer.controls[name].value = value
        assert explorer.picture.text != before
    assert explorer.picture.text == dying(WATCHES, 1, "0.01").text
    assert "dying-explorer" in explorer._dom_classes
    assert all(control.description and control.tooltip for control in explorer.controls.values())


def test_the_example_shows_what_is_meant():
    watches = example()
    assert last_epoch(watches) == 3
    final = dying(watches, 3, "0.1").summary
    assert final["dead ReLU"] > 0.5 and final["dead leaky ReLU"] == 0
    assert dying(watches, 3, "0.001").summary["dead ReLU"] < 0.2
    assert dying_explorer().controls["epoch"].max == 3
