"""A panel with a surface seen from above, and walks over it."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.surfaces import SURFACES, relief

BANDS = 12
FAR = 3  # walks are cut where they are so many widths of the map outside of it


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


def walks_panel(name, paths):
    """Return the panel of a surface from `SURFACES` with walks over it; what is far outside is cut off.

    paths is a dict of label -> array (steps + 1, 2), as `descend` returns it.
    """
    surface = SURFACES[name]
    left, right, bottom, top = surface.box
    seen = {label: _near(path, surface.box) for label, path in paths.items()}
    return Walks(f"The {name} from above", "x", "y", _shade(name), seen, surface.lowest, (left, right), (bottom, top))


def _near(path, box):
    """Return a walk up to its first place that is far outside of the map."""
    left, right, bottom, top = box
    middle, room = np.array([left + right, bottom + top]) / 2, FAR * np.array([right - left, top - bottom])
    with np.errstate(all="ignore"):
        gone = np.flatnonzero(~(np.abs(path - middle) < room).all(axis=1))
    return np.float32(path[: gone[0]] if len(gone) else path)


@lru_cache(maxsize=len(SURFACES))
def _shade(name):
    """Return a surface's heights in bands, which are narrower near the floor, where walks end."""
    _, heights = relief(SURFACES[name])
    return np.float32(np.floor(BANDS * np.sqrt(heights / heights.max()) * 0.999) / (BANDS - 1))
