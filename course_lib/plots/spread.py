"""How values are spread: histograms by layer, shares, and a dot for every run."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_lib.plots.curves import progress
from course_lib.plots.figure import COLOURS, finish, new_figure, number


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
                            extent=(0.5, len(layers) + 0.5, low, high), interpolation="nearest")
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
    text = f"mean {progress(at, np.array(mean))}; standard deviation {progress(at, np.array(std))}"
    return text + (f"; {missing} of {size} values not finite" if missing else "")


def share_maps(panels, *, title, xlabel, ylabel, label):
    """Draw maps of shares, 0 to 1, a panel each, darker where more.

    Parameters
    ----------
    panels : dict of row label -> dict of column label -> array (layers, moments)
        The same columns in every row.
    title, xlabel, ylabel, label : str
        label names the shares.

    Returns
    -------
    CourseFigure
    """
    columns = list(next(iter(panels.values())))
    figure = new_figure(7.0, 0.9 + 1.35 * len(panels))
    grid = figure.subplots(len(panels), len(columns), sharex=True, sharey=True, squeeze=False)
    drawn, described = None, []
    for line, (row, maps) in zip(grid, panels.items(), strict=True):
        for axes, (column, shares) in zip(line, maps.items(), strict=True):
            shares = np.asarray(shares, dtype=np.float64)
            drawn = axes.imshow(shares, origin="lower", aspect="auto", cmap="Blues", vmin=0, vmax=1,
                                extent=(-0.5, shares.shape[1] - 0.5, 0.5, shares.shape[0] + 0.5))
            axes.set_title(f"{row}, {column}", fontsize=9)
            axes.tick_params(labelsize=8)
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            by_layer = " ".join(f"{share:.0%}" for share in shares[:, -1])
            described.append(f"{row}, {column}: mean {shares[:, 0].mean():.0%} at first, {shares[:, -1].mean():.0%} at "
                             f"last, by layer {by_layer}")
    figure.supxlabel(xlabel, fontsize=10)
    figure.supylabel(ylabel, fontsize=10)
    bar = figure.colorbar(drawn, ax=grid, fraction=0.05)
    bar.set_label(label, fontsize=9)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    figure.alt = f"Maps of shares. {title}. {label}, by {ylabel} and {xlabel}. {'; '.join(described)}."
    return figure


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
                      textcoords="offset points", va="center", fontsize=9)
        described.append(f"{label}: mean {values.mean():.{decimals}f}, {values.min():.{decimals}f} to "
                         f"{values.max():.{decimals}f}")
    if reference:
        axes.axvline(reference[0], color="#555555", linewidth=1, linestyle=":")
        axes.annotate(reference[1], (reference[0], 1.0), xycoords=("data", "axes fraction"), fontsize=8, va="top",
                      ha="left", color="#333333", xytext=(3, 0), textcoords="offset points")
    finish(axes, "", xlabel, "")
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)  # long labels leave the axes too narrow for it
    axes.set_yticks([-i for i in range(len(series))], list(series))
    axes.set_ylim(-len(series) + 0.4, 0.8)
    axes.margins(x=0.2)
    if log:
        axes.set_xscale("log")
    figure.alt = f"Dot chart, a dot a {each} and a bar at the mean. {title}. {xlabel}. {'; '.join(described)}."
    return figure


def clouds(groups, *, title, xlabel, ylabel, reference=None):
    """Draw a column of dots for each group, spread sideways so that they can be told apart, and a bar at the mean.

    Parameters
    ----------
    groups : dict of label -> array (n,)
    title, xlabel, ylabel : str
    reference : (float, str), optional
        A horizontal line and its label.

    Returns
    -------
    CourseFigure
    """
    figure = new_figure(7.0, 3.2)
    axes, described = figure.add_subplot(), []
    for i, (label, values) in enumerate(groups.items()):
        values = np.sort(np.asarray(values, dtype=np.float64).ravel())
        aside = 0.3 * np.sin(2.4 * np.arange(len(values)))  # not random: the same picture every time
        axes.plot(i + aside, values, "o", color=COLOURS[0], alpha=0.5, markersize=4)
        axes.plot([i - 0.4, i + 0.4], [values.mean()] * 2, color=COLOURS[1], linewidth=2.5)
        described.append(f"{label}: mean {number(values.mean())}, {number(values[0])} to {number(values[-1])}")
    if reference:
        axes.axhline(reference[0], color="#555555", linewidth=1, linestyle=":")
        right = len(groups) - 0.45
        axes.annotate(reference[1], (right, reference[0]), ha="left", va="bottom", fontsize=8, color="#333333")
    finish(axes, title, xlabel, ylabel)
    axes.set_xticks(range(len(groups)), list(groups))
    axes.set_xlim(-0.6, len(groups) - 0.4 + 0.8 * bool(reference))
    figure.alt = f"Clouds of dots, a bar at the mean. {title}. {ylabel}, by {xlabel}. {'; '.join(described)}."
    return figure
