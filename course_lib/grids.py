"""Arrays as grids of cells, with numbers in them where there is room: images, filters, their gradients."""

import numpy as np
from matplotlib.patches import Rectangle

from course_lib.figures import COLOURS, new_figure, number

ROOM = 10  # rows or columns up to which cells show their numbers


def cells(arrays, *, title, boxes=None, limit=None):
    """Draw arrays side by side, each a grid of cells: blue above 0, orange below, white at 0.

    Parameters
    ----------
    arrays : dict of label -> array (rows, columns)
    title : str
        The finding.
    boxes : dict of label -> (row, column, height, width), optional
        Cells to frame in some of the arrays.
    limit : float, optional
        The size from which a cell has its full colour, in all arrays. By default each has its own largest.

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
    figure = new_figure(9.0, 0.6 + 8.4 / max(3, len(arrays)))
    for axes, (label, array) in zip(figure.subplots(1, len(arrays), squeeze=False)[0], arrays.items(), strict=True):
        draw_cells(axes, array, limit or np.abs(array).max() or 1, (boxes or {}).get(label))
        axes.set_title(label, loc="left", fontsize=10)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    told = [f"{label}, {array.shape[0]} by {array.shape[1]}, from {number(array.min())} to {number(array.max())}"
            for label, array in arrays.items()]  # fmt: skip
    figure.alt = f"Grids of numbers. {title}. {'; '.join(told)}."
    return figure


def draw_cells(axes, values, limit, box=None):
    """Draw one array on axes, with the numbers of up to ten rows and columns; box frames some cells."""
    share = np.clip(np.asarray(values, float) / limit, -1, 1)[..., np.newaxis]
    blue, orange = (np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255 for colour in COLOURS[:2])
    axes.imshow(1 - 0.75 * np.abs(share) * (1 - np.where(share < 0, orange, blue)))
    axes.set(xticks=[], yticks=[])
    if max(np.shape(values)) <= ROOM:
        for (row, column), value in np.ndenumerate(values):
            axes.text(column, row, f"{value:.3g}", ha="center", va="center", fontsize=8 if len(values) <= 5 else 7)
    if box:
        row, column, height, width = box
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), width, height, fill=False, linewidth=2.5, clip_on=False))
