"""The explorer "freezer": what it counts, what it measures, and that its words say what its panels show."""

import numpy as np
import pytest

from course_lib.studies.thawing import BUDGET, IMAGES
from course_lib.widgets import freezer as widget
from course_lib.widgets.freezer import (
    BATCH,
    KEPT,
    expected_time,
    freezer,
    freezer_explorer,
    layer_work,
    measured_times,
    trained_parameters,
)

SIZES = [BUDGET["pixels"], *BUDGET["widths"], BUDGET["classes"]]
TIMES = {(way, cache): 1.0 + i for i, (way, cache) in enumerate((w, c) for w in KEPT for c in ("no", "yes"))}


def products(*layers):
    return sum(BATCH * SIZES[i] * SIZES[i + 1] for i in layers)


def test_multiply_adds_are_those_of_the_definition():
    assert sum(map(sum, layer_work("TTT").values())) == 3 * products(0, 1, 2, 3) - products(0)
    assert sum(map(sum, layer_work("FFF").values())) == products(0, 1, 2, 3) + products(3)
    assert sum(map(sum, layer_work("FFF", cached=True).values())) == 2 * products(3)
    assert sum(map(sum, layer_work("FFT").values())) == products(0, 1, 2, 3) + products(2) + 2 * products(3)
    # a frozen layer between passes the error down, without a gradient of its own
    assert layer_work("TFF")["to the weights"] == [products(0), 0, 0, products(3)]
    assert layer_work("TFF")["to the inputs"] == [0, products(1), products(2), products(3)]
    dropped = layer_work("FDD")
    assert dropped["forwards"] == [products(0), BATCH * SIZES[1] * SIZES[-1]]


def test_parameters():
    assert trained_parameters("TTT") == sum((a + 1) * b for a, b in zip(SIZES[:-1], SIZES[1:], strict=True))
    assert trained_parameters("FFF") == 51 * 5
    assert trained_parameters("FFD") == 101 * 5


def test_expected_time_goes_by_the_work():
    assert expected_time("TTT", "no", TIMES) == TIMES["TTT", "no"]
    share = sum(map(sum, layer_work("FFF").values())) / sum(map(sum, layer_work("TTT").values()))
    assert expected_time("FFF", "no", TIMES) == pytest.approx(TIMES["TTT", "no"] * share)


def test_every_choice_is_measured_and_a_cache_never_computes_more():
    times = measured_times()
    assert set(times) == set(TIMES)
    assert all(time > 0 for time in times.values())
    assert measured_times() is times


@pytest.mark.parametrize("way", [way for way in KEPT if way[0] == "F"])
def test_a_step_moves_what_is_trained_and_nothing_else(way, monkeypatch):
    """Where the rule adds 1, exactly the trained arrays move."""
    seen = []
    monkeypatch.setattr(widget, "adam", lambda w, grad, state, lr: (seen.append(w.shape) or w, state))
    for cache in ("no", "yes"):
        widget._step(way, cache, np.random.default_rng(0))(None)
    sizes = widget.layer_sizes(way)
    letters = [*way[: len(sizes) - 1], "N"]
    trained = [shape for shape, letter in zip(sizes, letters, strict=True) if letter != "F"]
    assert sorted(seen) == sorted(2 * [*trained, *((b,) for _, b in trained)])


def test_gradients_of_a_step_are_those_of_the_network(monkeypatch):
    """With everything thawed, against the course's own layers."""
    from course_lib.layers import dense, dense_backward
    from course_lib.losses import softmax_cross_entropy

    grads = []
    monkeypatch.setattr(widget, "adam", lambda w, grad, state, lr: (grads.append((w, grad)) or w, state))
    step = widget._step("TTT", "no", np.random.default_rng(0))
    step(None)
    inside = dict(zip(step.__code__.co_freevars, (cell.cell_contents for cell in step.__closure__), strict=True))
    x, labels = inside["x"], inside["labels"]
    params = [pair[0] for pair in grads][::-1]  # the output first, each w before its b
    biases, kernels = params[::2], params[1::2]
    values, caches = x, []
    for i, (w, b) in enumerate(zip(kernels, biases, strict=True)):
        z, cache = dense(values, w, b)
        caches.append((cache, z))
        values = z if i == 3 else np.maximum(z, 0)
    _, delta = softmax_cross_entropy(values, labels)
    wanted = []
    for i in (3, 2, 1, 0):
        cache, z = caches[i]
        delta = delta if i == 3 else delta * (z > 0)
        delta, dw, db = dense_backward(delta, cache)
        wanted += [dw, db]
    for (_, got), right in zip(grads, wanted, strict=True):
        np.testing.assert_allclose(got, right, rtol=1e-4, atol=1e-6)


def test_panels_and_words():
    picture = freezer("frozen", "frozen", "thawed", 2, "no", TIMES)
    assert list(picture.panels) == ["layers", "accuracy", "time"]
    accuracy = picture.panels["accuracy"].bars["this choice"]
    assert accuracy[2] / 100 == pytest.approx(picture.summary["accuracy"], abs=1e-6)
    ways = [picture.panels["time"].bars[name][0] for name in ("measured", "expected from the work")]
    assert ways == pytest.approx([picture.summary["measured ms"], picture.summary["expected ms"]])
    assert f"{picture.summary['accuracy']:.1%}" in picture.verdict
    assert f"{IMAGES[2]} images of each digit" in picture.verdict
    assert "hidden 1 frozen, hidden 2 frozen, hidden 3 thawed" in picture.text
    assert "5,305 of 185,705 parameters" in picture.text


def test_the_blocks_are_the_network_as_it_stands():
    panel = freezer("thawed", "frozen", "dropped", 0, "no", TIMES).panels["layers"]
    assert panel.groups == ["output: new", "hidden 3: dropped", "hidden 2: frozen", "hidden 1: thawed"]
    work = layer_work("TFD")
    for name, values in panel.bars.items():
        hidden1, hidden2, output = work[name]
        np.testing.assert_allclose(1e6 * values, [output, 0, hidden2, hidden1], rtol=1e-6)
    assert sum(values[-1] for values in panel.bars.values()) < panel.high


def test_what_stands_above_a_dropped_layer_is_dropped():
    assert freezer("frozen", "dropped", "thawed", 1, "no", TIMES).text == freezer(
        "frozen", "dropped", "dropped", 1, "no", TIMES).text


@pytest.mark.parametrize(
    "settings", [{"hidden2": "melted"}, {"hidden1": "dropped"}, {"images": 5}, {"images": -1}, {"cache": "perhaps"}]
)
def test_a_setting_that_is_not_there_is_named(settings):
    with pytest.raises(ValueError, match=str(next(iter(settings.values())))):
        freezer(**settings, times=TIMES)


def test_figure_and_explorer():
    figure = freezer("frozen", "frozen", "frozen", times=TIMES).figure()
    assert figure.png().startswith(b"\x89PNG") and "hidden 3 frozen" in figure.alt
    explorer = freezer_explorer()
    before = explorer.canvas.picture["revision"]
    explorer.controls["hidden3"].value = "frozen"
    explorer.controls["images"].value = 4
    assert explorer.canvas.picture["revision"] == before + 2
    assert list(explorer.controls)[:3] == ["hidden3", "hidden2", "hidden1"]
