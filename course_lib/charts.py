"""Charts of many small parts: curves side by side, maps of shares, clouds of dots, a table of measurements drawn."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_lib.figures import COLOURS, finish, new_figure, number


def gallery(functions, *, title, low=-5.0, high=5.0, columns=5):
    """Draw functions and their slopes, a small panel each.

    Parameters
    ----------
    functions : dict of label -> (f, f')
        Each takes and returns an array.
    title : str
        The finding.
    low, high : float
        The range of z.
    columns : int

    Returns
    -------
    CourseFigure
    """
    rows = -(-len(functions) // columns)
    figure = new_figure(7.0, 0.7 + 1.45 * rows)
    places = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    z, described = np.linspace(low, high, 201), []
    for axes, (label, (f, slope)) in zip(places, functions.items(), strict=False):
        axes.plot(z, f(z), "-", color=COLOURS[0], label="f(z)")
        axes.plot(z, slope(z), "--", color=COLOURS[1], label="slope f'(z)")
        axes.set_title(label, fontsize=9)
        axes.set_ylim(-2, 3)
        axes.grid(alpha=0.3)
        axes.tick_params(labelsize=8)
        ends = ", ".join(f"{number(v)} at {number(at)}" for at, v in zip((low, 0, high), f(np.array([low, 0, high])),
                                                                       strict=True))  # fmt: skip
        described.append(f"{label}: f is {ends}; its slope at most {number(slope(z).max())}")
    for axes in places[len(functions) :]:
        axes.remove()
    figure.supxlabel("pre-activation z", fontsize=10)
    figure.supylabel("value", fontsize=10)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    handles, labels = places[0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, fontsize=9, ncols=2, loc="outside upper right")
    figure.alt = f"Curves in {len(functions)} panels. {title}. {'; '.join(described)}."
    return figure


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
                                extent=(-0.5, shares.shape[1] - 0.5, 0.5, shares.shape[0] + 0.5))  # fmt: skip
            axes.set_title(f"{row}, {column}", fontsize=9)
            axes.tick_params(labelsize=8)
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            by_layer = " ".join(f"{share:.0%}" for share in shares[:, -1])
            described.append(f"{row}, {column}: mean {shares[:, 0].mean():.0%} at first, {shares[:, -1].mean():.0%} at "
                             f"last, by layer {by_layer}")  # fmt: skip
    figure.supxlabel(xlabel, fontsize=10)
    figure.supylabel(ylabel, fontsize=10)
    bar = figure.colorbar(drawn, ax=grid, fraction=0.05)
    bar.set_label(label, fontsize=9)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    figure.alt = f"Maps of shares. {title}. {label}, by {ylabel} and {xlabel}. {'; '.join(described)}."
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


def table_chart(columns, *, title, live=None):
    """Draw measurements side by side: a row a label, a panel a column, with the runs as dots and a bar at their mean.

    Parameters
    ----------
    columns : dict of column label -> dict of row label -> array (runs,)
        The same rows in the same order in every column; the first row is drawn at the top.
    title : str
    live : (row label, value), optional
        One more measurement, drawn as a diamond in the first column.

    Returns
    -------
    CourseFigure
    """
    rows = list(next(iter(columns.values())))
    figure = new_figure(7.5, 1.1 + 0.3 * len(rows))
    shares, described = [2.2] + [1.0] * (len(columns) - 1), []
    places = figure.subplots(1, len(columns), sharey=True, squeeze=False, width_ratios=shares)[0]
    for axes, (name, values) in zip(places, columns.items(), strict=True):
        for i, row in enumerate(rows):
            runs = np.asarray(values[row], dtype=np.float64).ravel()
            axes.plot(runs, np.full(len(runs), -i), "o", color=COLOURS[0], alpha=0.6, markersize=4)
            axes.plot([runs.mean()], [-i], "|", color=COLOURS[1], markersize=11, markeredgewidth=2.2)
        if live and axes is figure.axes[0]:
            axes.plot([live[1]], [-rows.index(live[0])], "D", color=COLOURS[2], markersize=7, label="run live")
            axes.legend(frameon=False, fontsize=8, loc="lower right", borderpad=0)
            axes.set_ylim(-len(rows) - 0.3, 0.6)  # room for the legend
        axes.set_xlabel(name, fontsize=9)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(5 if axes is figure.axes[0] else 3))
        means = ", ".join(f"{row} {number3(np.mean(values[row]))}" for row in rows)
        described.append(f"{name}: {means}")
    figure.axes[0].set_yticks([-i for i in range(len(rows))], rows)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    seen = f" Run live: {live[0]}, {number3(live[1])}." if live else ""
    figure.alt = f"Dot chart in {len(columns)} columns, means. {title}. {'; '.join(described)}.{seen}"
    return figure


def number3(value):
    """Say a number in three digits."""
    return f"{value:.3g}"
