"""The kinds of panels that a picture has, and the table of all that is known about each.

A new kind is a class and a row of `KINDS` here, a function of the same name in panels.js, which draws it on a canvas,
and one registered in static.py, which draws it in print.
"""

from typing import NamedTuple

import numpy as np

FULL_COLOUR = 0.25  # the share of a column's values from which a bin has the strongest colour


class HeatMap(NamedTuple):
    """Histograms side by side, one column each; a bin's colour is its share of the column's values.

    Attributes
    ----------
    title, x_label, y_label : str
    values : float32 (bins, columns)
        Shares, 0 to 1, the lowest bin first.
    x : (first, last)
        Where the first and the last column stand, such as (1, 20) for twenty layers.
    y : (low, high)
        The edges of all bins together.
    below, above : dict of str to float32 (columns,)
        The shares of values without a place between low and high, such as exact zeros on a logarithmic axis:
        labelled rows beside the map. A column and its rows sum to 1.
    """

    title: str
    x_label: str
    y_label: str
    values: np.ndarray
    x: tuple
    y: tuple
    below: dict
    above: dict

    @property
    def columns(self):
        return self.values.shape[1]


class Series(NamedTuple):
    """One line: finite heights, and where the true number lies beyond the axis: -1 below, 1 above, else 0."""

    values: np.ndarray
    beyond: np.ndarray


class Lines(NamedTuple):
    """Lines over columns like a heat map's; `series` is a dict from a line's name, or "", to its `Series`."""

    title: str
    x_label: str
    y_label: str
    series: dict
    x: tuple
    y: tuple

    @property
    def columns(self):
        return len(next(iter(self.series.values())).values)


class Bars(NamedTuple):
    """Rows of bars, one for each series, under each other or, stacked, one behind the other.

    Attributes
    ----------
    title, x_label : str
    groups : list of str
        The rows' names, from the top.
    bars : dict of str to float32 (groups,)
        Up to three series, none negative.
    high : float
        Where the axis, which begins at 0, ends.
    stacked : bool
    """

    title: str
    x_label: str
    groups: list
    bars: dict
    high: float
    stacked: bool = False
    y_label: str = ""

    @property
    def columns(self):
        return len(self.groups)


class Cells(NamedTuple):
    """An array as a grid of cells with numbers in them; blue above 0, orange below, and the stronger the farther.

    Attributes
    ----------
    title, x_label : str
        The label stands below the grid: what the cells are.
    values : float32 (rows, columns)
    limit : float
        The size from which a cell has its full colour.
    box : (row, column, height, width), or None
        Cells to frame, the upper left one first.
    """

    title: str
    x_label: str
    values: np.ndarray
    limit: float
    box: tuple = None
    y_label: str = ""

    @property
    def columns(self):
        return self.values.shape[1]


class Walks(NamedTuple):
    """A surface in bands of grey, the lowest one blank, and a line for each walk, or dots for each group of places.

    Attributes
    ----------
    title, x_label, y_label : str
    shade : float32 (rows, columns)
        0 to 1, the lowest row first.
    paths : dict of str to float32 (places, 2)
    lowest : (x, y), or None where there are dots
    x, y : (low, high)
    dots : bool
        Draw every place of the first two paths by itself: round, and as a triangle.
    """

    title: str
    x_label: str
    y_label: str
    shade: np.ndarray
    paths: dict
    lowest: tuple
    x: tuple
    y: tuple
    dots: bool = False

    @property
    def columns(self):
        return self.shade.shape[1]


class Kind(NamedTuple):
    """What the canvas is told of a kind of panel besides its fields.

    Attributes
    ----------
    named : tuple of str
        The fields that are dicts from a name to an array or a `Series`.
    height : int
        In pixels, on a wide page.
    shares : bool
        Whether its colours are shares of a layer's values, which the colour bar explains.
    """

    named: tuple = ()
    height: int = 240
    shares: bool = False


KINDS = {
    HeatMap: Kind(("below", "above"), shares=True),
    Lines: Kind(("series",), height=200),
    Bars: Kind(("bars",), height=200),
    Cells: Kind(),
    Walks: Kind(("paths",)),
}
