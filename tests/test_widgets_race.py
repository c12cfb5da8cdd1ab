"""The explorer "race": what it draws at the ends of every control, and its shell in Python."""

import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from course_lib import optimizers
from course_lib.surfaces import SURFACES, arrival, descend
from course_lib.widgets.race import (
    BETAS,
    RATES,
    RULES,
    SCHEDULES,
    STEPS,
    X,
    Y,
    limit,
    race,
    race_explorer,
    walks_panel,
)
from course_lib.widgets.shell.panels import Lines

CORNERS = [*product(SURFACES, RATES, BETAS, SCHEDULES, X[:1], Y[1:]),
           *product(SURFACES, (0.05,), (0.9,), SCHEDULES, X, Y)]


@pytest.mark.parametrize("corner", CORNERS, ids=str)
def test_every_corner_is_drawn(corner, recwarn):
    picture = race(*corner)
    assert list(picture.panels) == ["walks", "heights", "rate", "steps"]
    for panel in picture.panels.values():
        assert panel.y[0] < panel.y[1] and panel.x[0] < panel.x[1]
        if isinstance(panel, Lines):
            for line in panel.series.values():
                assert line.values.dtype == np.float32 and line.beyond.dtype == np.int8
                assert np.isfinite(line.values).all()
                assert (line.values >= panel.y[0]).all() and (line.values <= panel.y[1]).all()
        else:
            assert panel.shade.min() == 0 and panel.shade.max() == 1 and panel.shade.dtype == np.float32
            for path in panel.paths.values():
                assert path.dtype == np.float32 and np.isfinite(path).all() and len(path) >= 1
    assert list(picture.summary) == list(RULES) and all(np.isfinite(end) for end in picture.summary.values())
    assert len(picture.headline) == 4 and picture.verdict in picture.text and not recwarn.list


def test_the_walks_are_those_of_the_rules():
    picture = race("valley", 0.01, 0.8, x=-1.0, y=0.5)
    surface = SURFACES["valley"]
    for name, options in {"SGD": {}, "momentum": {"beta": 0.8}, "Nesterov": {"beta": 0.8}, "Adam": {}}.items():
        path = descend(surface.gradient, RULES[name], (-1.0, 0.5), STEPS, lr=0.01, **options)
        assert np.allclose(picture.panels["walks"].paths[name], path, atol=1e-5)
        assert picture.summary[name] == pytest.approx(surface.value(path[-1]))
        drawn = picture.panels["heights"].series[name].values
        assert drawn[0] == pytest.approx(np.log10(surface.value(path[0])), abs=1e-5)
        lengths = 10 ** picture.panels["steps"].series[name].values
        assert lengths[:5] == pytest.approx(np.linalg.norm(np.diff(path, axis=0), axis=1)[:5], rel=1e-4)


def test_the_verdict_says_who_arrives_when():
    picture, valley = race("valley", 0.01), SURFACES["valley"]
    options = {name: {"beta": 0.9} if name in ("momentum", "Nesterov") else {} for name in RULES}
    steps = {name: arrival(valley, descend(valley.gradient, rule, (-1.5, 1.5), STEPS, lr=0.01, **options[name]), 1e-3)
             for name, rule in RULES.items()}
    arrived = sorted((step, name) for name, step in steps.items() if step <= STEPS)
    (first, winner), (last, loser) = arrived[0], arrived[-1]
    assert len(arrived) > 1 and picture.headline[0][1] == f"{len(arrived)} of 6"
    assert picture.verdict.startswith(f"{winner} is the first to stay within 0.001 of the floor, at step {first}, ")
    assert f"{loser} the last, at step {last}." in picture.verdict
    assert race("bowl", 0.001).verdict.startswith("Nobody arrives within 200 steps.")


def test_the_rate_in_use_is_the_schedules():
    shown = {name: 10 ** race("bowl", 0.1, schedule=name).panels["rate"].series["rate"].values for name in SCHEDULES}
    assert np.ptp(shown["constant"]) == 0 and shown["constant"][0] == pytest.approx(0.1)
    assert shown["exponential"][[0, 50, 100]] == pytest.approx([0.1, 0.03, 0.009], rel=1e-4)
    top = shown["1cycle"].argmax()
    assert top == pytest.approx(90, abs=1) and shown["1cycle"][top] == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize(("surface", "sharpest"), [("bowl", 20), ("valley", 101.606), ("saddle", 2), ("plateau", 1)])
def test_the_limit_is_two_over_the_largest_curvature_and_drawn(surface, sharpest):
    assert limit(surface) == pytest.approx(2 / sharpest, rel=1e-4)
    drawn = race(surface).panels["rate"].series["2/λ, plain descent's limit"].values
    assert np.allclose(drawn, np.log10(2 / sharpest), atol=1e-4)


def test_walks_far_outside_are_cut_off():
    path = np.array([[0.0, 0.0], [1.0, 1.0], [1e9, 0.0], [np.nan, 0.0], [0.0, 0.0]])
    assert walks_panel("bowl", {"A": path}).paths["A"].tolist() == [[0, 0], [1, 1]]


# The findings that the notebook's list "try this" names


def lost(**settings):
    return {name for name, end in race(**settings).summary.items() if end > 1e3}


def test_findings_on_the_bowl():
    assert lost(surface="bowl", rate=0.063) == set()
    assert lost(surface="bowl", rate=0.071) == {"Nesterov"}
    assert lost(surface="bowl", rate=0.112) == {"Nesterov", "SGD"}
    assert lost(surface="bowl", rate=0.2) == lost(surface="bowl", rate=3.0) == {"Nesterov", "SGD", "momentum"}
    assert race(surface="bowl", rate=0.1).summary["RMSprop"] > 1e-3


def test_findings_on_the_saddle():
    on_the_ridge, aside = (race("saddle", 0.1, y=y).summary for y in (0.0, 0.05))
    assert min(on_the_ridge.values()) > 0.24
    assert max(aside.values()) < 0.01


def test_findings_on_the_plateau():
    constant, falling = (race("plateau", 0.1, x=-2.5, schedule=name).summary for name in ("constant", "exponential"))
    assert max(constant.values()) < 0.01
    assert falling["RMSprop"] < 1e-6 < 1e-3 < constant["RMSprop"]
    assert {name for name, end in falling.items() if end > 0.5} == {"SGD", "AdaGrad"}


@pytest.mark.parametrize(("settings", "words"), [
    (dict(surface="hill"), "surface is 'hill', wanted one of bowl, valley, saddle, plateau"),
    (dict(schedule="linear"), "schedule is 'linear', wanted one of constant, exponential, 1cycle"),
    (dict(rate=4.0), "rate is 4.0, wanted 0.001 to 3.0"),
    (dict(beta=1.0), "beta is 1.0, wanted 0.0 to 0.95"),
    (dict(x=float("nan")), "x is nan, wanted -2.5 to 2.5"),
])
def test_wrong_settings_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        race(**settings)


@pytest.mark.parametrize(("name", "value"), [
    ("surface", "plateau"), ("rate", 0.001), ("beta", 0.0), ("schedule", "1cycle"), ("x", 2.5), ("y", -1.5),
])
def test_moving_a_control_changes_the_picture(name, value):
    explorer = race_explorer()
    before, sent = explorer.picture, explorer.canvas.picture
    explorer.controls[name].value = value
    assert explorer.picture.text == race(**{name: value}).text != before.text
    assert explorer.canvas.picture["revision"] == sent["revision"] + 1
    walks = explorer.canvas.picture["panels"][0]
    assert [walk["name"] for walk in walks["paths"]] == list(RULES)
    assert len(walks["shade"]) == 4 * 121 * walks["columns"]


def test_a_click_starts_there_and_stays_within_the_sliders():
    explorer = race_explorer()
    explorer.canvas.clicked = {"x": 0.512, "y": 2.9}
    assert (explorer.controls["x"].value, explorer.controls["y"].value) == (0.5, 2.0)
    assert explorer.picture.text == race(x=0.5, y=2.0).text


def test_controls_have_names_and_the_explorer_its_class():
    explorer = race_explorer()
    assert list(explorer.controls) == ["surface", "rate", "beta", "schedule", "x", "y"]
    assert all(control.description and control.tooltip for control in explorer.controls.values())
    assert "race-explorer" in explorer._dom_classes


def test_the_static_figure_carries_the_text():
    picture = race("saddle", 0.1)
    figure = picture.figure()
    assert figure.alt == picture.text and figure.png().startswith(b"\x89PNG")


def test_the_rules_are_the_librarys():
    assert set(RULES.values()) <= {rule for rule in vars(optimizers).values() if callable(rule)}


def test_the_picture_needs_no_widgets_and_no_figures():
    code = ("import sys; from course_lib.widgets.race import race; race(); "
            "print({'ipywidgets', 'anywidget', 'matplotlib', 'tensorflow'} & sys.modules.keys())")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
