"""Images, and arrays as grids of cells: blue where positive, orange where negative, with their numbers where few."""

import numpy as np

from course_lib.plots.figure import COLOURS, new_figure

ROOM = 8  # rows or columns up to which cells show their numbers
IN_A_ROW = 4  # grids; more go below
SIDE = 2.1  # inches of the longest grid


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
    figure.keeps_colours = True  # ink is dark
    figure.alt = f"{len(images)} images of {size}. {title}. Labels: {', '.join(map(str, labels))}."
    return figure


def cells(arrays, *, title, boxes=None, limit=None):
    """Draw arrays, four in a row, each a grid of cells under its shape: blue above 0, orange below, white at 0.

    Parameters
    ----------
    arrays : dict of label -> array (rows, columns)
    title : str
        The finding.
    boxes : dict of label -> (row, column, height, width), optional
        Cells to frame in some of the arrays.
    limit : float or dict of label -> float, optional
        The size from which a cell has its full colour, in all arrays or in each. By default its own largest.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If there is no array, or one hasn't two axes.
    """
    arrays = {label: np.asarray(array) for label, array in arrays.items()}
    if not arrays or any(array.ndim != 2 for array in arrays.values()):
        shapes = {label: array.shape for label, array in arrays.items()}
        raise ValueError(f"cells: arrays is {shapes}, wanted at least one, of two axes each")
    columns = min(len(arrays), IN_A_ROW)
    rows = -(-len(arrays) // columns)
    longest, most_rows = max(max(a.shape) for a in arrays.values()), max(len(a) for a in arrays.values())
    alike = longest <= ROOM  # cells of all grids have the same size
    tallest = SIDE * (most_rows / longest if alike else max(len(a) / max(a.shape) for a in arrays.values()))
    figure = new_figure(max(6.5, SIDE * columns + 0.2), 0.5 + rows * (tallest + 0.35))
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (label, array) in zip(places, arrays.items(), strict=False):
        full = limit[label] if isinstance(limit, dict) else limit
        draw_cells(axes, array, full or np.abs(array).max() or 1, (boxes or {}).get(label))
        if alike:
            axes.set(xlim=(-0.5, longest - 0.5), ylim=(most_rows - 0.5, -0.5))
        axes.set_title(f"{label}, {array.shape[0]} × {array.shape[1]}", loc="left", fontsize=9)
    for axes in places[len(arrays) :]:
        axes.axis("off")
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    told = [f"{label}, {array.shape[0]} by {array.shape[1]}, from {_short(array.min())} to {_short(array.max())}"
            for label, array in arrays.items()]
    figure.alt = f"Grids of numbers. {title}. {'; '.join(told)}."
    return figure


def draw_cells(axes, values, limit, box=None):
    """Draw one array on axes, with its numbers where there is room; box frames some cells."""
    share = np.clip(np.asarray(values, float) / limit, -1, 1)[..., np.newaxis]
    blue, orange = (np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255 for colour in COLOURS[:2])
    axes.imshow(1 - 0.75 * np.abs(share) * (1 - np.where(share < 0, orange, blue)))
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    rows, columns = np.shape(values)
    small = max(rows, columns) <= ROOM
    edges = {"colors": "#b0b0b0", "linewidth": 0.8, "clip_on": False}
    axes.hlines(np.arange(rows + 1)[:: 1 if small else rows] - 0.5, -0.5, columns - 0.5, **edges)
    axes.vlines(np.arange(columns + 1)[:: 1 if small else columns] - 0.5, -0.5, rows - 0.5, **edges)
    if small:
        for (row, column), value in np.ndenumerate(values):
            axes.text(column, row, _short(value), ha="center", va="center", fontsize=8 if len(values) <= 5 else 7)
    if box:
        row, column, height, width = box
        left, right, top, bottom = column - 0.5, column + width - 0.5, row - 0.5, row + height - 0.5
        around = [left, right, right, left, left], [top, top, bottom, bottom, top]
        axes.plot(*around, color="black", linewidth=2.5, clip_on=False, zorder=5, scalex=False, scaley=False)


def _short(value):
    """Return a number in few characters: whole ones as they are, others with two decimals."""
    return f"{value:.0f}" if value == round(value) else f"{value:.2f}"
