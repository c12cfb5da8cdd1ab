"""Pictures of a plane: vectors, walks over a surface, and how well each rule did at each learning rate."""

import numpy as np
from matplotlib.patches import Rectangle

from course_lib.plots.figure import COLOURS, DASHES, MARKERS, finish, new_figure, number
from course_lib.surfaces import relief


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
                         "from the horizontal")
    around = np.linspace(0, 2 * np.pi, 200)
    axes.plot(limit * np.cos(around), limit * np.sin(around), color="#555555", linewidth=1, label=f"norm {limit:g}")
    box = np.array([-1, 1, 1, -1, -1]) * limit, np.array([-1, -1, 1, 1, -1]) * limit
    axes.plot(*box, color="#555555", linewidth=1, linestyle=":", label=f"elements ±{limit:g}")
    finish(axes, title, "first component", "second component")
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.alt = f"Arrows from the origin. {title}. {'; '.join(described)}. Limit {limit:g}."
    return figure


def walks(surface, paths, *, title):
    """Draw a surface's contours, and the walks of several rules from their common start.

    Parameters
    ----------
    surface : Surface
    paths : dict of label -> array (steps + 1, 2)
        At most seven; what leaves the surface's box isn't drawn.
    title : str
        The finding.

    Returns
    -------
    CourseFigure
    """
    figure = new_figure(7.0, 3.6)
    axes, told = figure.add_subplot(), []
    contours(axes, surface)
    for i, (label, path) in enumerate(paths.items()):
        seen = np.where(np.isfinite(path) & (np.abs(path) < 1e6), path, np.nan)
        style = {"color": COLOURS[i % 7], "linestyle": DASHES[i % 7], "marker": MARKERS[i % 7]}
        axes.plot(*seen.T, label=label, markersize=3, linewidth=1.4, markevery=max(len(path) // 40, 1), **style)
        told.append(f"{label}: {_journey(surface, path)}")
    axes.plot(*surface.lowest, "*", color="black", markersize=11, label="lowest point")
    finish(axes, title, "x", "y")
    axes.grid(False)
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    start = ", ".join(number(at) for at in next(iter(paths.values()))[0])
    figure.alt = f"Contour map with walks from ({start}). {title}. {'; '.join(told)}."
    return figure


def contours(axes, surface, lines=14):
    """Draw a surface's contours in grey; they are closer together near the floor, where walks end."""
    grid, heights = relief(surface)
    levels = heights.max() * np.linspace(0, 1, lines + 1)[1:] ** 2
    axes.contour(*grid, heights, levels=levels, colors="#888888", linewidths=0.6)
    left, right, bottom, top = surface.box
    axes.set(xlim=(left, right), ylim=(bottom, top))


def _journey(surface, path):
    """Say where a walk ends and how high."""
    ends = path[-1]
    if not np.isfinite(ends).all() or np.abs(ends).max() > 1e6:
        return f"diverges within {len(path) - 1} steps"
    height = surface.value(ends) - surface.floor
    return f"after {len(path) - 1} steps at ({number(ends[0])}, {number(ends[1])}), {number(height)} above the floor"


def rate_map(table, *, title, label="validation accuracy", xlabel="learning rate"):
    """Draw how well each rule did at each learning rate: a row a rule, the mean of the runs in each cell, %.

    Parameters
    ----------
    table : dict of rule -> dict of rate -> list of shares, 0 to 1
        The same rates for every rule; anything else that makes a table may stand for either.
    title, label, xlabel : str
        label names the shares, xlabel what a column is.

    Returns
    -------
    CourseFigure
        The best rate of each rule has a frame.
    """
    rules, rates = list(table), list(next(iter(table.values())))
    means = np.array([[100 * np.mean(table[rule][rate]) for rate in rates] for rule in rules])
    figure = new_figure(8.0, 1.2 + 0.32 * len(rules))
    figure.keeps_colours = True  # bright is good
    axes = figure.add_subplot()
    drawn = axes.imshow(means, aspect="auto", cmap="cividis", vmin=0, vmax=100)
    for i, row in enumerate(means):
        for j, mean in enumerate(row):
            ink = "black" if mean > 60 else "white"
            axes.text(j, i, f"{mean:.1f}", ha="center", va="center", fontsize=8, color=ink)
        best = int(row.argmax())
        axes.add_patch(Rectangle((best - 0.48, i - 0.46), 0.96, 0.92, fill=False, edgecolor=COLOURS[1], linewidth=2))
    rates = [rate if isinstance(rate, str) else f"{rate:g}" for rate in rates]
    axes.set_xticks(range(len(rates)), rates, fontsize=8)
    axes.set_yticks(range(len(rules)), rules, fontsize=9)
    axes.set_xlabel(xlabel)
    axes.set_title(title, loc="left", fontsize=11)
    figure.colorbar(drawn, ax=axes, label=f"{label}, %", fraction=0.04)
    told = [f"{rule}: best at {rates[row.argmax()]} with {row.max():.1f}%, worst {row.min():.1f}% at "
            f"{rates[row.argmin()]}" for rule, row in zip(rules, means, strict=True)]
    figure.alt = f"Heat map, a column a {xlabel}. {title}. Mean {label}. {'; '.join(told)}."
    return figure
