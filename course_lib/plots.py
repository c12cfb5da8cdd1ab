"""Figures from arrays: each function returns a figure that shows itself in a notebook and carries a text alternative.

The text alternative is made from the same arrays, never typed beside them. Colours are Okabe and Ito's, safe for the
colour-blind, and never the only sign: lines differ in marker and dash too. The background is white in every theme.
"""

import base64
import io
from html import escape

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), "-")
DPI = 200  # twice the 100 pixels an inch at which it is shown, for sharp screens


class CourseFigure(Figure):
    """A Matplotlib figure with a text alternative, `alt`, that it carries into the page."""

    alt = ""

    def png(self):
        """Return the picture as the bytes of a PNG file."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=DPI)
        return buffer.getvalue()

    def _repr_html_(self):
        width = round(self.get_figwidth() * 100)
        data = base64.b64encode(self.png()).decode()
        style = "max-width: 100%; height: auto; background: white"
        return f'<img alt="{escape(self.alt)}" width="{width}" style="{style}" src="data:image/png;base64,{data}">'

    def __repr__(self):
        return self.alt


def new_figure(width=7.0, height=3.5):
    """Return an empty figure of that size in inches, 100 pixels each; independent of pyplot and its global state."""
    return CourseFigure(figsize=(width, height), layout="constrained", facecolor="white")


def _number(value):
    return f"{value:.2g}" if np.isfinite(value) else str(float(value))


def _rows(values):
    """Return values as (seeds, points), whether they came from one seed or several."""
    return np.atleast_2d(np.asarray(values, dtype=np.float64))


def lines(series, *, title, xlabel, ylabel, x=None, log=False, reference=None):
    """Draw one line a series, with a band from the lowest to the highest seed.

    Parameters
    ----------
    series : dict of label -> array (points,) or (seeds, points)
        With several seeds the line is their mean, the geometric one if log.
    title : str
        The finding.
    xlabel, ylabel : str
        With units.
    x : array (points,), optional
        1, 2, 3, … without it.
    log : bool
        Logarithmic y axis; values that aren't positive are left out.
    reference : (float, str), optional
        A horizontal line and its label.

    Returns
    -------
    CourseFigure
    """
    figure = new_figure()
    axes = figure.add_subplot()
    described = []
    for i, (label, values) in enumerate(series.items()):
        rows = _rows(values)
        if log:
            rows = np.where(rows > 0, rows, np.nan)
        at = np.arange(1, rows.shape[1] + 1) if x is None else np.asarray(x)
        with np.errstate(all="ignore"):
            middle = np.exp(np.log(rows).mean(axis=0)) if log else rows.mean(axis=0)
        style = {"color": COLOURS[i % 7], "marker": MARKERS[i % 7], "linestyle": DASHES[i % 7]}
        axes.plot(at, middle, label=label, markersize=4, markevery=max(len(at) // 20, 1), **style)
        if len(rows) > 1:
            axes.fill_between(at, rows.min(axis=0), rows.max(axis=0), color=style["color"], alpha=0.2, linewidth=0)
        seen = np.flatnonzero(np.isfinite(middle))
        if len(seen):
            first, last = seen[0], seen[-1]
            described.append(
                f"{label}: {_number(middle[first])} at {_number(at[first])}, {_number(middle[last])} at {_number(at[last])}"
            )
    if log:
        axes.set_yscale("log")
    if reference:
        axes.axhline(reference[0], color="#555555", linewidth=1, linestyle=":")
        axes.annotate(reference[1], (0.99, reference[0]), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                      fontsize=8, color="#333333")  # fmt: skip
    _finish(axes, title, xlabel, ylabel)
    if x is None or np.asarray(x).dtype.kind in "iu":
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(series) > 1:
        axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    band = " Bands span the seeds." if any(len(_rows(v)) > 1 for v in series.values()) else ""
    figure.alt = f"Line chart. {title}. {ylabel} over {xlabel}. {'; '.join(described)}.{band}"
    return figure


def _finish(axes, title, xlabel, ylabel):
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def histograms(panels, *, title, xlabel, low, high, bins=50):
    """Draw, for each network, a map of its layers: one column a layer, the darker the more of its values lie there.

    Parameters
    ----------
    panels : dict of label -> list of arrays, one a layer
    title, xlabel : str
        xlabel names the values.
    low, high : float
        Range of the values; what lies outside is counted in the outermost bins.
    bins : int

    Returns
    -------
    CourseFigure
    """
    figure = new_figure(7.0 if len(panels) > 1 else 5.0, 3.2)
    described, drawn = [], None
    all_axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (label, layers) in zip(all_axes, panels.items(), strict=True):
        counts = [np.histogram(np.clip(layer, low, high), bins=bins, range=(low, high))[0] for layer in layers]
        share = np.array(counts).T / [[max(layer.size, 1) for layer in layers]]
        drawn = axes.imshow(share, origin="lower", aspect="auto", cmap="cividis_r", vmin=0, vmax=0.2,
                            extent=(0.5, len(layers) + 0.5, low, high), interpolation="nearest")  # fmt: skip
        axes.set_title(label, fontsize=10)
        axes.set_xlabel("hidden layer, 1 is nearest the image")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        first, last = (f"mean {_number(layers[i].mean())}, standard deviation {_number(layers[i].std())}" for i in (0, -1))
        described.append(f"{label}: layer 1 has {first}; layer {len(layers)} has {last}")
    all_axes[0].set_ylabel(xlabel)
    figure.colorbar(drawn, ax=all_axes, label="share of values", extend="max", fraction=0.05)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    figure.alt = f"Map of histograms by layer. {title}. {xlabel}, from {low:g} to {high:g}. {'; '.join(described)}."
    return figure


def dots(series, *, title, xlabel, reference=None, decimals=3):
    """Draw one row a label with a dot for every seed and a bar at their mean, in the order given.

    Parameters
    ----------
    series : dict of label -> array (seeds,)
    title, xlabel : str
    reference : (float, str), optional
        A vertical line and its label.
    decimals : int

    Returns
    -------
    CourseFigure
    """
    figure = new_figure(7.0, 1.2 + 0.42 * len(series))
    axes = figure.add_subplot()
    described = []
    for i, (label, values) in enumerate(series.items()):
        values = np.asarray(values, dtype=np.float64)
        axes.plot(values, np.full(len(values), -i), "o", color=COLOURS[0], alpha=0.7)
        axes.plot([values.mean()], [-i], "|", color=COLOURS[1], markersize=16, markeredgewidth=2.5)
        axes.annotate(f" {values.mean():.{decimals}f}", (values.max(), -i), xytext=(8, 0), textcoords="offset points",
                      va="center", fontsize=9)  # fmt: skip
        described.append(f"{label}: mean {values.mean():.{decimals}f}, {values.min():.{decimals}f} to "
                         f"{values.max():.{decimals}f}")  # fmt: skip
    if reference:
        axes.axvline(reference[0], color="#555555", linewidth=1, linestyle=":")
        axes.annotate(reference[1], (reference[0], 1.0), xycoords=("data", "axes fraction"), fontsize=8, va="top",
                      ha="left", color="#333333", xytext=(3, 0), textcoords="offset points")  # fmt: skip
    _finish(axes, title, xlabel, "")
    axes.set_yticks([-i for i in range(len(series))], list(series))
    axes.set_ylim(-len(series) + 0.4, 0.8)
    axes.margins(x=0.12)
    figure.alt = f"Dot chart, a dot a seed and a bar at the mean. {title}. {xlabel}. {'; '.join(described)}."
    return figure


def digits(images, labels, *, title):
    """Draw images in a row, each under its label.

    Parameters
    ----------
    images : array (n, height, width)
    labels : sequence of n
    title : str

    Returns
    -------
    CourseFigure
    """
    figure = new_figure(7.0, 1.5)
    for axes, image, label in zip(figure.subplots(1, len(images)), images, labels, strict=True):
        axes.imshow(image, cmap="gray_r")
        axes.set_title(str(label), fontsize=10)
        axes.axis("off")
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    figure.alt = f"{len(images)} images of {images.shape[1]} by {images.shape[2]} pixels. {title}. Labels: {', '.join(map(str, labels))}."
    return figure


def arrows(vectors, *, title, limit):
    """Draw vectors of two components from the origin, with the box and the circle of size `limit`.

    Parameters
    ----------
    vectors : dict of label -> array (2,)
    title : str
    limit : float

    Returns
    -------
    CourseFigure
    """
    figure = new_figure(5.0, 3.4)
    axes = figure.add_subplot(aspect="equal")
    described = []
    for i, (label, (x, y)) in enumerate(vectors.items()):
        axes.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "-|>", "color": COLOURS[i % 7], "linewidth": 2.5 - 0.4 * i,
                                                       "linestyle": DASHES[i % 3], "shrinkA": 0, "shrinkB": 0})  # fmt: skip
        axes.plot([x], [y], MARKERS[i % 7], color=COLOURS[i % 7], label=label)
        described.append(f"{label} ends at ({_number(x)}, {_number(y)}), {np.degrees(np.arctan2(y, x)):.0f} degrees "
                         "from the horizontal")  # fmt: skip
    around = np.linspace(0, 2 * np.pi, 200)
    axes.plot(limit * np.cos(around), limit * np.sin(around), color="#555555", linewidth=1, label=f"norm {limit:g}")
    box = np.array([-1, 1, 1, -1, -1]) * limit, np.array([-1, -1, 1, 1, -1]) * limit
    axes.plot(*box, color="#555555", linewidth=1, linestyle=":", label=f"elements ±{limit:g}")
    _finish(axes, title, "first component", "second component")
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.alt = f"Arrows from the origin. {title}. {'; '.join(described)}. Limit {limit:g}."
    return figure


def prediction_figure(prediction, measured):
    """Draw a guess beside what was measured.

    Parameters
    ----------
    prediction : Prediction
    measured : float, or one of the prediction's options

    Returns
    -------
    CourseFigure
    """
    who = "your prediction" if prediction.made else "the default"
    unit = f" {prediction.unit}" if prediction.unit else ""
    figure = new_figure(7.0, 1.6 if not prediction.options else 0.9 + 0.35 * len(prediction.options))
    axes = figure.add_subplot()
    if prediction.options:
        for i, option in enumerate(prediction.options):
            axes.text(0.12, -i, option, va="center", fontsize=10, weight="bold" if option == measured else "normal")
        axes.plot([0.04], [-prediction.options.index(measured)], "D", color=COLOURS[2], markersize=10, label="measured")
        axes.plot([0.08], [-prediction.options.index(prediction.value)], "o", color=COLOURS[1], markersize=10, label=who)
        axes.set(xlim=(0, 1), ylim=(-len(prediction.options) + 0.4, 0.6))
        axes.axis("off")
        said = "as measured" if prediction.value == measured else f"measured: {measured}"
        figure.alt = f"{prediction.question} {who.capitalize()}: {prediction.value}; {said}."
    else:
        axes.axhline(0, color="#999999", linewidth=1, zorder=0)
        axes.plot([prediction.value], [0], "o", color=COLOURS[1], markersize=12, label=f"{who}: {prediction.value:.3g}{unit}")
        axes.plot([measured], [0], "D", color=COLOURS[2], markersize=10, label=f"measured: {measured:.3g}{unit}")
        if prediction.log:
            axes.set_xscale("log")
        axes.margins(x=0.2)
        axes.set_yticks([])
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.set_xlabel(prediction.unit)
        figure.alt = f"{prediction.question} {who.capitalize()}: {prediction.value:.3g}{unit}; measured: {measured:.3g}{unit}."
    axes.legend(frameon=False, fontsize=9, loc="lower right", ncols=2, bbox_to_anchor=(1.0, 1.0))
    axes.set_title("Prediction and result", loc="left", fontsize=11)
    return figure
