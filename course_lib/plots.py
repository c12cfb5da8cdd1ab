"""Charts from arrays: each function returns a figure whose text alternative is made from the same arrays."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_lib.figures import COLOURS, DASHES, MARKERS, finish, new_figure, number


def as_rows(values, log=False):
    """Return values as (seeds, points), whether they came from one seed or several; what can't be drawn is NaN."""
    rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
    rows = rows if len(rows) else np.full((1, rows.shape[1]), np.nan)
    return np.where(np.isfinite(rows) & ((rows > 0) | (not log)), rows, np.nan)


def along(rows, log=False):
    """Return the mean over the seeds at every point, the geometric one if log."""
    return np.exp(np.log(rows).mean(axis=0)) if log else rows.mean(axis=0)


def described(at, values, rows):
    """Describe a line in words, and where the band over several seeds ends."""
    return _course(at, values) + _band(rows)


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
    told = []
    for i, (label, values) in enumerate(series.items()):
        rows = as_rows(values, log)
        at = np.arange(1, rows.shape[1] + 1) if x is None else np.asarray(x)
        middle = along(rows, log)
        style = {"color": COLOURS[i % 7], "marker": MARKERS[i % 7], "linestyle": DASHES[i % 7]}
        axes.plot(at, middle, label=label, markersize=4, markevery=max(len(at) // 20, 1), **style)
        if len(rows) > 1:
            axes.fill_between(at, rows.min(axis=0), rows.max(axis=0), color=style["color"], alpha=0.2, linewidth=0)
        told.append(f"{label}: {described(at, middle, rows)}")
    if log:
        axes.set_yscale("log")
    if reference:
        axes.axhline(reference[0], color="#555555", linewidth=1, linestyle=":")
        axes.annotate(reference[1], (0.99, reference[0]), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                      fontsize=8, color="#333333")  # fmt: skip
    finish(axes, title, xlabel, ylabel)
    if x is None or np.asarray(x).dtype.kind in "iu":
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(series) > 1:
        axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.alt = f"Line chart. {title}. {ylabel} over {xlabel}. {'; '.join(told)}."
    return figure


def _course(at, values):
    """Describe a line: where it starts and ends, its extremes between, and where there is nothing to draw."""
    seen = np.flatnonzero(np.isfinite(values))
    if not len(seen):
        return "no finite values"
    shown = {seen[0]: "", seen[-1]: ""}
    for i, word in ((seen[values[seen].argmax()], "highest "), (seen[values[seen].argmin()], "lowest ")):
        shown.setdefault(i, word)
    text = ", ".join(f"{word}{number(values[i])} at {number(at[i])}" for i, word in sorted(shown.items()))
    missing = len(values) - len(seen)
    return text + (f", nothing to draw at {missing} of {len(values)} points" if missing else "")


def _band(rows):
    """Describe where the band over several seeds ends."""
    ends = rows[:, -1:][np.isfinite(rows[:, -1:])]
    if len(rows) < 2 or not ends.size:
        return ""
    return f" ({number(ends.min())} to {number(ends.max())} over {len(rows)} seeds)"


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
        if not len(layers):
            raise ValueError(f"histograms: {label} has no layers, wanted at least one")
        layers = [np.asarray(layer, dtype=np.float64) for layer in layers]
        finite = [layer[np.isfinite(layer)] for layer in layers]
        counts = [np.histogram(np.clip(layer, low, high), bins=bins, range=(low, high))[0] for layer in finite]
        share = np.array(counts).T / [[max(layer.size, 1) for layer in layers]]
        drawn = axes.imshow(share, origin="lower", aspect="auto", cmap="Blues", vmin=0, vmax=0.2,
                            extent=(0.5, len(layers) + 0.5, low, high), interpolation="nearest")  # fmt: skip
        axes.set_title(label, fontsize=10)
        axes.xaxis.set_major_locator(MaxNLocator(10 // len(panels) + 1, integer=True))
        described.append(f"{label}: {_spread(finite, sum(layer.size for layer in layers))}")
    all_axes[0].set_ylabel(xlabel)
    figure.supxlabel("hidden layer, 1 is nearest the image", fontsize=10)
    figure.colorbar(drawn, ax=all_axes, label="share of values", extend="max", fraction=0.05)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    figure.alt = f"Map of histograms by layer. {title}. {xlabel}, from {low:g} to {high:g}. {'; '.join(described)}."
    return figure


def _spread(layers, size):
    """Describe how mean and standard deviation go from layer to layer, and what isn't finite."""
    at = np.arange(1, len(layers) + 1)
    mean, std = ([f(layer) if layer.size else np.nan for layer in layers] for f in (np.mean, np.std))
    missing = size - sum(layer.size for layer in layers)
    text = f"mean {_course(at, np.array(mean))}; standard deviation {_course(at, np.array(std))}"
    return text + (f"; {missing} of {size} values not finite" if missing else "")


def dots(series, *, title, xlabel, reference=None, decimals=3, log=False, each="seed"):
    """Draw one row a label with a dot for every seed and a bar at their mean, in the order given.

    Parameters
    ----------
    series : dict of label -> array (seeds,)
    title, xlabel, each : str
        each is what a dot stands for.
    reference : (float, str), optional
        A vertical line and its label.
    decimals : int
    log : bool
        A logarithmic axis.

    Returns
    -------
    CourseFigure
    """
    figure = new_figure(7.0, 1.2 + 0.42 * len(series))
    axes = figure.add_subplot()
    described = []
    for i, (label, values) in enumerate(series.items()):
        values = np.asarray(values, dtype=np.float64).ravel()
        missing = np.count_nonzero(~np.isfinite(values))
        values = values[np.isfinite(values)]
        if missing or not len(values):
            lost = f"{missing} not finite" if missing else "no values"
            axes.annotate(lost, (1.0, -i), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9)
            described.append(f"{label}: {lost}")
        if not len(values):
            continue
        axes.plot(values, np.full(len(values), -i), "o", color=COLOURS[0], alpha=0.7)
        axes.plot([values.mean()], [-i], "|", color=COLOURS[1], markersize=16, markeredgewidth=2.5)
        axes.annotate(f"mean {values.mean():.{decimals}f}", (values.max(), -i), xytext=(8, 0),
                      textcoords="offset points", va="center", fontsize=9)  # fmt: skip
        described.append(f"{label}: mean {values.mean():.{decimals}f}, {values.min():.{decimals}f} to "
                         f"{values.max():.{decimals}f}")  # fmt: skip
    if reference:
        axes.axvline(reference[0], color="#555555", linewidth=1, linestyle=":")
        axes.annotate(reference[1], (reference[0], 1.0), xycoords=("data", "axes fraction"), fontsize=8, va="top",
                      ha="left", color="#333333", xytext=(3, 0), textcoords="offset points")  # fmt: skip
    finish(axes, title, xlabel, "")
    axes.set_yticks([-i for i in range(len(series))], list(series))
    axes.set_ylim(-len(series) + 0.4, 0.8)
    axes.margins(x=0.12)
    if log:
        axes.set_xscale("log")
    figure.alt = f"Dot chart, a dot a {each} and a bar at the mean. {title}. {xlabel}. {'; '.join(described)}."
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
    figure, images = new_figure(7.0, 1.5), np.asarray(images)
    if not len(images):
        raise ValueError("digits: images has no image, wanted at least one")
    for axes, image, label in zip(figure.subplots(1, len(images), squeeze=False)[0], images, labels, strict=True):
        axes.imshow(image, cmap="gray_r")
        axes.set_title(str(label), fontsize=10)
        axes.axis("off")
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    size = f"{images.shape[1]} by {images.shape[2]} pixels"
    figure.alt = f"{len(images)} images of {size}. {title}. Labels: {', '.join(map(str, labels))}."
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
    figure = new_figure(7.0, 2.8)
    axes = figure.add_subplot(aspect="equal")
    described = []
    for i, (label, (x, y)) in enumerate(vectors.items()):
        style = {"color": COLOURS[i % 7], "linestyle": DASHES[i % 3], "linewidth": max(2.5 - 0.4 * i, 1.0)}
        axes.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **style})
        axes.plot([x], [y], MARKERS[i % 7], color=COLOURS[i % 7], label=label)
        described.append(f"{label} ends at ({number(x)}, {number(y)}), {np.degrees(np.arctan2(y, x)):.0f} degrees "
                         "from the horizontal")  # fmt: skip
    around = np.linspace(0, 2 * np.pi, 200)
    axes.plot(limit * np.cos(around), limit * np.sin(around), color="#555555", linewidth=1, label=f"norm {limit:g}")
    box = np.array([-1, 1, 1, -1, -1]) * limit, np.array([-1, -1, 1, 1, -1]) * limit
    axes.plot(*box, color="#555555", linewidth=1, linestyle=":", label=f"elements ±{limit:g}")
    finish(axes, title, "first component", "second component")
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.alt = f"Arrows from the origin. {title}. {'; '.join(described)}. Limit {limit:g}."
    return figure
