"""A `Picture` as a static figure: the same panels as on an explorer's canvas, drawn by Matplotlib."""

from functools import singledispatch

import numpy as np

from course_lib.plots.figure import COLOURS, DASHES, new_figure, root_norm, round_ticks
from course_lib.plots.images import draw_cells
from course_lib.widgets.shell.panels import FULL_COLOUR, KINDS, Bars, Cells, HeatMap, Lines, Walks


def picture_figure(picture):
    """Draw every panel of a picture, two in a row.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    CourseFigure
        Its title is the picture's verdict, its text alternative the picture's text.
    """
    columns = min(len(picture.panels), 2)
    rows = -(-len(picture.panels) // columns)
    figure = new_figure(9.0, 0.4 + 2.8 * rows)
    figure.alt = picture.text
    figure.suptitle(picture.verdict, x=0.01, ha="left", fontweight="bold", fontsize=11)
    places, image = figure.subplots(rows, columns, squeeze=False).ravel(), None
    for axes, panel in zip(places, picture.panels.values(), strict=False):
        axes.set_title(panel.title, loc="left", fontsize=10, fontweight="bold")
        axes.set(xlabel=panel.x_label, ylabel=panel.y_label)
        drawn = draw(panel, axes)
        image = drawn if KINDS[type(panel)].shares else image
    for axes in places[len(picture.panels) :]:
        axes.remove()
    if image:
        figure.keeps_colours = True  # as on the canvas, whose maps are the same in every theme
        ticks = [0, 0.01, 0.05, 0.1, FULL_COLOUR]
        bar = figure.colorbar(image, ax=places, ticks=ticks, shrink=0.8 / rows, anchor=(0, 1))
        bar.ax.set_yticklabels(["0", "1%", "5%", "10%", "25% or more"], fontsize=8)
        bar.set_label("share of a layer's values", fontsize=8)
    return figure


@singledispatch
def draw(panel, axes):
    """Draw a panel of any kind; return the image where colours are shares."""
    raise TypeError(f"a {type(panel).__name__} is no panel, wanted one of {', '.join(kind.__name__ for kind in KINDS)}")


def _sides(panel):
    """Return where the first column begins and the last one ends."""
    first, last = panel.x
    half = (last - first) / (panel.columns - 1) / 2 if panel.columns > 1 else 0.5
    return first - half, last + half


@draw.register
def _heat_map(panel: HeatMap, axes):
    (low, high), sides = panel.y, _sides(panel)
    norm = root_norm(FULL_COLOUR)

    def show(shares, bottom, top):
        return axes.imshow(shares, extent=(*sides, bottom, top), norm=norm, origin="lower", aspect="auto")

    image = show(panel.values, low, high)
    strip, step = (high - low) / 20, (high - low) / 15
    rows = {low - (k + 1) * step: row for k, row in enumerate(panel.below.items())}
    rows |= {high + (k + 1) * step - strip: row for k, row in enumerate(panel.above.items())}
    for bottom, (_, shares) in rows.items():
        show(shares[np.newaxis], bottom, bottom + strip)
    axes.set_xlim(sides)
    axes.set_ylim(low - step * len(panel.below), high + step * len(panel.above))
    edge = step / 2  # the rows' names stand there
    ticks = [y for y in round_ticks(low, high)
             if low + edge * bool(panel.below) <= y <= high - edge * bool(panel.above)]
    axes.set_yticks([*ticks, *(bottom + strip / 2 for bottom in rows)],
                    [*(f"{y:g}" for y in ticks), *(name for name, _ in rows.values())])
    return image


@draw.register
def _lines(panel: Lines, axes):
    x, named = np.linspace(*panel.x, panel.columns), set()
    for k, (name, line) in enumerate(panel.series.items()):
        drawn = np.where(line.beyond == 0, line.values, np.nan)
        dots = "." if len(x) <= 25 else ""
        axes.plot(x, drawn, linestyle=DASHES[k], color=COLOURS[k], marker=dots, label=name or None)
        for side, marker, label in ((1, "^", "overflow"), (-1, "v", "0")):
            if (beyond := line.beyond == side).any():
                axes.plot(x[beyond], line.values[beyond], marker, color=COLOURS[k], clip_on=False,
                          label=None if label in named else label)
                named.add(label)
    axes.set(xlim=_sides(panel), ylim=panel.y)
    axes.grid(axis="y", alpha=0.4)
    if names := axes.get_legend_handles_labels()[1]:
        axes.legend(**({"fontsize": 8} if len(names) < 4 else {"fontsize": 7, "ncols": 2, "loc": "lower left"}))


@draw.register
def _walks(panel: Walks, axes):
    axes.imshow(panel.shade, extent=(*panel.x, *panel.y), origin="lower", aspect="auto", cmap="Greys", vmin=0, vmax=2.3)
    for k, path in enumerate(panel.paths.values()):
        if panel.dots:
            axes.plot(*path.T, "o^"[k], color=COLOURS[k], markersize=4)
        else:
            axes.plot(*path.T, linestyle=DASHES[k], color=COLOURS[k], linewidth=1.4)
            axes.plot(*path[-1:].T, ".", color=COLOURS[k])
    if not panel.dots:
        axes.plot(*panel.lowest, "*", color="black", markersize=10)
    axes.set(xlim=_sides(panel), ylim=panel.y)


@draw.register
def _bars(panel: Bars, axes):
    rows, thick = np.arange(len(panel.groups)), 0.8 if panel.stacked else 0.8 / len(panel.bars)
    end = np.zeros(len(rows))
    for k, (name, values) in enumerate(panel.bars.items()):
        place, start = (rows, end) if panel.stacked else (rows + (k - (len(panel.bars) - 1) / 2) * thick, 0 * end)
        look = {"color": COLOURS[k]} if k == 0 else {"edgecolor": COLOURS[k], "facecolor": "none"}
        drawn = axes.barh(place, values, 0.9 * thick, start, label=name, hatch="////" if k == 1 else None, **look)
        end = start + values
        if not panel.stacked or k == len(panel.bars) - 1:
            axes.bar_label(drawn, [f"{value:.3g}" for value in end], padding=3, fontsize=8)
    axes.set_yticks(rows, panel.groups)
    axes.set(xlim=(0, panel.high), ylim=(len(rows) - 0.5, -0.5))
    axes.grid(axis="x", alpha=0.4)
    axes.set_axisbelow(True)
    axes.legend(fontsize=8, ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2, frameon=False)
    axes.set_title(panel.title, loc="left", fontsize=10, fontweight="bold", pad=20)  # the legend stands between


@draw.register
def _cells(panel: Cells, axes):
    draw_cells(axes, panel.values, panel.limit, panel.box)

