"""Lines over an axis: in one picture, in a panel for each network, or a small panel for each function."""

import numpy as np
from matplotlib.ticker import MaxNLocator, NullFormatter

from course_lib.plots.figure import COLOURS, DASHES, MARKERS, finish, new_figure, number

EXPECTED = "expected"
NARROWEST = 100  # times from the lowest to the highest value of a logarithmic axis: level lines look level


def lines(series, *, title, xlabel, ylabel, x=None, log=False, reference=None, among=()):
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
    among : sequence of str, optional
        All labels of several figures, so that each has one colour in all of them.

    Returns
    -------
    CourseFigure
    """
    figure = new_figure()
    axes = figure.add_subplot()
    places = {label: i for i, label in enumerate(among or series)}
    told = []
    for label, values in series.items():
        i = places[label]
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
                      fontsize=8, color="#333333")
    finish(axes, title, xlabel, ylabel)
    if x is None or np.asarray(x).dtype.kind in "iu":
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(series) > 1:
        axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.alt = f"Line chart. {title}. {ylabel} over {xlabel}. {'; '.join(told)}."
    return figure


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
                                                                       strict=True))
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
    return progress(at, values) + _band(rows)


def progress(at, values):
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
