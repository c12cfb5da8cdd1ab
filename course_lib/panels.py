"""Charts of several panels, one a network."""

import numpy as np
from matplotlib.ticker import MaxNLocator, NullFormatter

from course_lib.figures import COLOURS, DASHES, MARKERS, finish, new_figure
from course_lib.plots import along, as_rows, described

EXPECTED = "expected"
NARROWEST = 100  # times from the lowest to the highest value of a logarithmic axis: level lines look level


def panels(networks, *, title, xlabel, ylabel, log=False, expected=None):
    """Draw a panel for each network with an axis of its own, a line for each series, and a band over the seeds.

    Parameters
    ----------
    networks : dict of label -> dict of label -> array (points,) or (seeds, points)
        The panels, and the lines in each; the same lines in every panel.
    title : str
        The finding.
    xlabel, ylabel : str
        With units.
    log : bool
        Logarithmic y axis; values that aren't positive are left out.
    expected : dict of label -> dict of label -> array (points,), optional
        What was expected of some of those lines, drawn as a dashed black line over them.

    Returns
    -------
    CourseFigure
    """
    columns = 3 if len(networks) > 4 and len(networks) % 4 in (1, 2) else min(len(networks), 4)
    rows = -(-len(networks) // columns)
    figure = new_figure(9.0, 0.9 + 2.1 * rows)
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    told = []
    for axes, (network, series) in zip(places, networks.items(), strict=False):
        foreseen = (expected or {}).get(network, {})
        told.append(f"{network}: {'; '.join(_draw(axes, series, foreseen, log))}")
        finish(axes, network, "", "")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        if log:
            _set_log(axes)
    for axes in places[len(networks) :]:
        axes.remove()
    figure.supxlabel(xlabel, fontsize=10)
    figure.supylabel(ylabel, fontsize=10)
    lines = sorted(zip(*places[0].get_legend_handles_labels(), strict=True), key=lambda line: line[1] == EXPECTED)
    names = {label: line for line, label in lines}
    figure.legend(names.values(), names.keys(), loc="outside upper right", ncols=len(names), frameon=False, fontsize=9)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    figure.alt = f"Line charts, one a network. {title}. {ylabel} over {xlabel}. {'. '.join(told)}."
    return figure


def _set_log(axes):
    axes.set_yscale("log")
    axes.yaxis.set_minor_formatter(NullFormatter())
    low, high = axes.get_ylim()
    wider = max(NARROWEST / (high / low), 1) ** 0.5
    axes.set_ylim(low / wider, high * wider)


def _draw(axes, series, foreseen, log):
    """Draw one panel's lines; yield each line's description."""
    for i, (label, values) in enumerate(series.items()):
        rows = as_rows(values, log)
        at, middle = np.arange(1, rows.shape[1] + 1), along(rows, log)
        style = {"color": COLOURS[i % 7], "linestyle": DASHES[i % 7], "marker": MARKERS[i % 7]}
        axes.plot(at, middle, label=label, markersize=3, markevery=max(len(at) // 8, 1), **style)
        if len(rows) > 1:
            axes.fill_between(at, rows.min(axis=0), rows.max(axis=0), color=style["color"], alpha=0.25, linewidth=0)
        text = f"{label} {described(at, middle, rows)}"
        if label in foreseen:
            wanted = as_rows(foreseen[label], log)
            axes.plot(at, wanted[0], color="black", linestyle="--", linewidth=1.2, label=EXPECTED)
            text += f", expected {described(at, wanted[0], wanted)}"
        yield text
