"""Measurements side by side, as a table that is drawn."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_lib.plots.figure import COLOURS, new_figure


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
