"""A panel of an explorer: an array as a grid of cells with numbers in them."""

from typing import NamedTuple

import numpy as np


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
