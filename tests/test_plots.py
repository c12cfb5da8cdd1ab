"""Figures: drawn whatever the data, legible, and each with a text alternative made from its data."""

import base64
import io
import re
import warnings

import numpy as np
import pytest
from matplotlib import image as png
from matplotlib.colors import rgb_to_hsv, to_rgb
from matplotlib.text import Text

from course_lib import plots
from course_lib.exercises import predict
from course_lib.plots.figure import COLOURS, DARK

NAMES = {"title": "The signal dies out", "xlabel": "layer", "ylabel": "standard deviation"}
MAP = {"title": "Units saturate", "xlabel": "activation", "low": -1, "high": 1}


def lines(values, **more):
    return plots.lines({"tanh": values}, **NAMES | more)


def dots(values, **more):
    return plots.dots({"tanh": values}, title="Accuracy after two epochs", xlabel="share right", **more)


def histograms(layers, **more):
    return plots.histograms({"tanh": layers}, **MAP | more)


def digits(images, labels):
    return plots.digits(images, labels, title="Ten images")


def arrows(vector, **more):
    return plots.arrows(
        {"before": np.array([3.0, 4.0]), "after": vector}, **{"title": "Shorter", "limit": 1.0} | more
    )


def guessed(value, measured, **more):
    prediction = predict("p", "How many?", **{"low": -2, "high": 9, "default": 1, "unit": "%"} | more)
    prediction.guess(value)
    return prediction.against(measured)


def layers(rng, n=5):
    return [rng.standard_normal((20, 10)) * 0.1 for _ in range(n)]


RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (10, 28, 28), dtype=np.uint8)
FIGURES = {
    "lines": lambda: lines(np.arange(20.0)),
    "lines of seeds": lambda: lines(np.arange(60.0).reshape(3, 20), log=True),
    "seven lines": lambda: plots.lines({f"network {i}": np.full(20, i) for i in range(7)}, **NAMES),
    "lines with x": lambda: lines(np.array([1.0, 2.0]), x=[0.01, 0.1], reference=(1.5, "guessing")),
    "dots": lambda: plots.dots(
        {f"{n} layers": RNG.random(3) for n in (1, 10, 20)},
        title="Deeper is worse",
        xlabel="share right",
        reference=(0.1, "guessing"),
    ),
    "histograms": lambda: histograms(layers(RNG)),
    "four maps": lambda: plots.histograms({f"network {i}": layers(RNG, 20) for i in range(4)}, **MAP),
    "digits": lambda: digits(IMAGES, range(10)),
    "arrows": lambda: arrows(np.array([0.6, 0.8])),
    "prediction": lambda: guessed(5, 3),
    "logarithmic prediction": lambda: guessed(0.1, 1000.0, log=True),
    "choice": lambda: guessed("falls", "grows", options=["grows", "falls", "stays"], default="stays"),
}


def pixels(figure):
    return png.imread(io.BytesIO(figure.png()))


@pytest.mark.parametrize("name", FIGURES)
def test_picture_is_not_blank_and_has_twice_the_pixels_shown(name):
    figure = FIGURES[name]()
    picture = pixels(figure)
    assert picture.shape[:2] == tuple(round(200 * inches) for inches in figure.get_size_inches()[::-1])
    assert 0.002 < (picture[..., :3] < 0.9).any(axis=2).mean() < 0.9
    assert picture[0, 0, :3].min() == 1  # a white background in every theme


@pytest.mark.parametrize("name", FIGURES)
def test_text_is_large_enough_and_inside_the_picture(name):
    figure = FIGURES[name]()
    figure.draw_without_rendering()
    whole = figure.bbox.padded(1)
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    assert texts
    for text in texts:
        assert text.get_fontsize() >= 8, text  # 11 pixels at 100%
        box = text.get_window_extent()
        if text.get_figure() is figure and in_view(text, figure):
            assert whole.x0 <= box.x0 and box.x1 <= whole.x1, text
            assert whole.y0 <= box.y0 and box.y1 <= whole.y1, text


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_covers_another(name):
    figure = FIGURES[name]()
    figure.draw_without_rendering()
    texts = [
        t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and in_view(t, figure)
    ]
    boxes = [(t.get_text(), t.get_window_extent().padded(-1)) for t in texts]
    for i, (text, box) in enumerate(boxes):
        assert [other for other, its in boxes[i + 1 :] if box.overlaps(its)] == [], text


def in_view(text, figure):
    """Say whether a text is drawn: an axis keeps labels for ticks beyond its ends, which aren't."""
    for axes in figure.axes:
        if not axes.axison and text in [*axes.xaxis.findobj(Text), *axes.yaxis.findobj(Text)]:
            return False
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            for tick, at in zip(axis.get_major_ticks(), axis.get_majorticklocs(), strict=False):
                if text in (tick.label1, tick.label2):
                    return min(low, high) <= at <= max(low, high)
            if text in [t for tick in axis.get_minor_ticks() for t in (tick.label1, tick.label2)]:
                return False
    return True


@pytest.mark.parametrize("name", FIGURES)
def test_page_gets_an_image_with_the_text_alternative(name):
    figure = FIGURES[name]()
    html = figure._repr_html_()
    assert re.search(r'<img alt="[^"<>]{40,}" width="[4-7][05]0" style="max-width: 100%; min-width: \d{3}px', html)
    data = base64.b64decode(html.split("base64,")[1].split('"')[0])
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert repr(figure) == figure.alt


def test_quotes_in_a_title_stay_inside_the_attribute():
    html = lines(np.arange(3.0), title='What "deep" < 3 means')._repr_html_()
    assert "What &quot;deep&quot; &lt; 3 means" in html.split('alt="')[1].split('"')[0]


# A dark theme

# CSS's hue-rotate(180deg): what the hues become, at the same weighted brightness
TURNED = np.array([[0.213, 0.715, 0.072]] * 3) * 2 - np.eye(3)


def contrast(one, other):
    """WCAG's contrast of two colours, whose parts go from 0 to 1."""
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in (one, other)]
    low, high = sorted(float(c @ [0.2126, 0.7152, 0.0722]) for c in linear)
    return (high + 0.05) / (low + 0.05)


def darkened(colour):
    share, degrees = re.fullmatch(r"invert\((.*)\) hue-rotate\((.*)deg\)", DARK).groups()
    assert degrees == "180"
    colour = np.asarray(colour) * (1 - float(share)) + (1 - np.asarray(colour)) * float(share)
    return np.clip(TURNED @ np.clip(colour, 0, 1), 0, 1)


def test_every_colour_stands_out_in_the_dark_and_paper_is_as_dark_as_the_page():
    paper, page = darkened([1, 1, 1]), np.full(3, 0x11 / 255)
    assert contrast(paper, page) < 1.05
    assert contrast(darkened([0, 0, 0]), paper) > 7  # letters
    for colour in COLOURS:
        assert contrast(darkened(to_rgb(colour)), paper) > 3, colour
        hues = [rgb_to_hsv(c)[0] for c in (to_rgb(colour), darkened(to_rgb(colour)))]
        assert abs((hues[0] - hues[1] + 0.5) % 1 - 0.5) < 0.06, colour  # blue stays blue


def test_figures_whose_brightness_means_something_keep_it():
    assert ' class="course-figure card"' in FIGURES["digits"]()._repr_html_()
    assert ' class="course-figure"' in FIGURES["lines"]()._repr_html_()


# The text alternative is made from the data: each change of the data changes it

CHANGES = {
    "first point": (lambda: lines(np.array([1.0, 5, 3, 2])), lambda: lines(np.array([2.0, 5, 3, 2]))),
    "last point": (lambda: lines(np.array([1.0, 5, 3, 2])), lambda: lines(np.array([1.0, 5, 3, 3]))),
    "peak": (lambda: lines(np.array([1.0, 5, 3, 2])), lambda: lines(np.array([1.0, 9, 3, 2]))),
    "valley": (lambda: lines(np.array([3.0, 5, 1, 2])), lambda: lines(np.array([3.0, 5, 0, 2]))),
    "hole": (lambda: lines(np.array([1.0, 5, 3, 2])), lambda: lines(np.array([1.0, 5, np.nan, 2]))),
    "place of the peak": (lambda: lines(np.array([1.0, 5, 3, 2])), lambda: lines(np.array([1.0, 3, 5, 2]))),
    "one seed": (lambda: lines(np.array([[1.0, 2], [1, 4]])), lambda: lines(np.array([[1.0, 1], [1, 5]]))),
    "x": (lambda: lines(np.array([1.0, 2]), x=[1, 2]), lambda: lines(np.array([1.0, 2]), x=[1, 9])),
    "a dot": (lambda: dots(np.array([0.1, 0.2, 0.3])), lambda: dots(np.array([0.1, 0.2, 0.4]))),
    "spread of dots": (lambda: dots(np.array([0.1, 0.2, 0.3])), lambda: dots(np.array([0.15, 0.2, 0.25]))),
    "mean of a layer": (
        lambda: histograms([np.zeros(9), np.ones(9)]),
        lambda: histograms([np.zeros(9), np.full(9, 0.5)]),
    ),
    "spread of a layer": (
        lambda: histograms([np.array([-1.0, 1])] * 3),
        lambda: histograms([np.array([-1.0, 1]), np.array([-0.5, 0.5]), np.array([-1.0, 1])]),
    ),
    "a label": (lambda: digits(IMAGES[:2], [1, 2]), lambda: digits(IMAGES[:2], [1, 3])),
    "an arrow": (lambda: arrows(np.array([1.0, 0])), lambda: arrows(np.array([0.0, 1]))),
    "limit": (lambda: arrows(np.array([1.0, 0])), lambda: arrows(np.array([1.0, 0]), limit=2.0)),
    "guess": (lambda: guessed(5, 3), lambda: guessed(6, 3)),
    "result": (lambda: guessed(5, 3), lambda: guessed(5, 4)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_data_change_the_text_alternative(change):
    one, other = CHANGES[change]
    assert one().alt == one().alt
    assert one().alt != other().alt


def test_text_alternative_says_title_axes_and_numbers():
    alt = lines(np.array([4.0, 9.0, 0.5, 1.0])).alt
    assert alt == (
        "Line chart. The signal dies out. standard deviation over layer. "
        "tanh: 4 at 1, highest 9 at 2, lowest 0.5 at 3, 1 at 4."
    )
    alt = lines(np.array([[1.0, 10], [1, 1000]]), log=True).alt
    assert alt.endswith("tanh: 1 at 1, 1e+02 at 2 (10 to 1e+03 over 2 seeds).")


# Odd data

NAN, INF = np.nan, np.inf
ODD = {
    "NaN in a line": (
        lambda: lines(np.array([1.0, NAN, 3])),
        "1 at 1, 3 at 3, nothing to draw at 1 of 3 points",
    ),
    "explosion": (
        lambda: lines(np.array([1.0, 1e38, INF, NAN]), log=True),
        "nothing to draw at 2 of 4 points",
    ),
    "all NaN": (lambda: lines(np.full(3, NAN)), "tanh: no finite values"),
    "all NaN, log": (lambda: lines(np.full(3, NAN), log=True), "tanh: no finite values"),
    "zeros": (lambda: lines(np.zeros(3)), "tanh: 0 at 1, 0 at 3"),
    "zeros, log": (lambda: lines(np.zeros(3), log=True), "tanh: no finite values"),
    "one seed of NaN": (
        lambda: lines(np.array([[1.0, 2], [1, NAN]])),
        "1 at 1, nothing to draw at 1 of 2 points",
    ),
    "one point": (lambda: lines(np.array([0.5])), "tanh: 0.5 at 1"),
    "no points": (lambda: lines(np.array([])), "tanh: no finite values"),
    "no seeds": (lambda: lines(np.zeros((0, 3))), "tanh: no finite values"),
    "no lines": (lambda: plots.lines({}, **NAMES), "Line chart. The signal dies out"),
    "whole numbers": (lambda: lines(np.arange(3)), "tanh: 0 at 1, 2 at 3"),
    "one dot": (lambda: dots(np.array([0.25])), "tanh: mean 0.250, 0.250 to 0.250"),
    "a NaN dot": (lambda: dots(np.array([0.25, NAN])), "tanh: 1 not finite; tanh: mean 0.250"),
    "NaN dots": (lambda: dots(np.array([NAN, INF])), "tanh: 2 not finite."),
    "no dots": (lambda: dots([]), "tanh: no values"),
    "no rows of dots": (lambda: plots.dots({}, title="None", xlabel="x"), "None"),
    "one layer": (lambda: histograms([np.array([0.5, -0.5])]), "mean 0 at 1; standard deviation 0.5 at 1"),
    "NaN layer": (lambda: histograms([np.ones(2), np.full(2, NAN)]), "2 of 4 values not finite"),
    "inf in a layer": (lambda: histograms([np.array([0.5, INF])]), "1 of 2 values not finite"),
    "empty layer": (
        lambda: histograms([np.zeros(0), np.ones(2)]),
        "mean 1 at 2, nothing to draw at 1 of 2 points",
    ),
    "float32 layers": (lambda: histograms([np.ones((2, 3), np.float32)]), "mean 1 at 1"),
    "one image": (lambda: digits(IMAGES[:1], [7]), "1 images of 28 by 28 pixels"),
    "blank images": (lambda: digits(np.zeros((2, 8, 8)), ["a", "b"]), "Labels: a, b"),
    "arrow of no length": (lambda: arrows(np.zeros(2)), "after ends at (0, 0)"),
    "NaN arrow": (lambda: arrows(np.array([NAN, 1.0])), "after ends at (nan, 1)"),
    "result NaN": (lambda: guessed(5, NAN), "measured: nan %"),
    "result 0 on a log scale": (lambda: guessed(0.1, 0.0, log=True), "measured: 0 %"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_data_are_drawn_and_said_without_a_warning(name):
    draw, said = ODD[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw()
        picture = pixels(figure)
    assert said in figure.alt
    assert (picture[..., :3] < 0.9).any()


def test_no_layers_is_an_error_that_names_the_network():
    with pytest.raises(ValueError, match="histograms: tanh has no layers"):
        histograms([])


def test_no_images_is_an_error_that_says_so():
    with pytest.raises(ValueError, match="digits: images has no image"):
        digits(IMAGES[:0], [])


def test_arrays_are_left_as_they_are():
    values = np.array([[1.0, NAN, 0.0]])
    before = values.copy()
    lines(values, log=True), dots(values[0]), histograms([values])
    np.testing.assert_array_equal(values, before)


def test_no_figure_stays_open_in_pyplot():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    for make in FIGURES.values():
        make()
    assert plt.get_fignums() == before


def test_series_differ_by_more_than_colour():
    figure = FIGURES["seven lines"]()
    looks = {(line.get_marker(), str(line.get_linestyle())) for line in figure.axes[0].get_lines()}
    assert len(looks) == len({line.get_color() for line in figure.axes[0].get_lines()}) == 7


def test_dots_on_a_logarithmic_axis_and_what_they_stand_for():
    figure = dots(np.array([0.1, 10.0]), log=True, each="round")
    assert figure.axes[0].get_xscale() == "log" and dots(np.array([0.1])).axes[0].get_xscale() == "linear"
    assert "a dot a round" in figure.alt
