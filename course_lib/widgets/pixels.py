"""Explorer "pixels": what standardizing does to the pixels of MNIST; the small example of notebook 00."""

from functools import lru_cache

import numpy as np

from course_lib.datasets import load_mnist, standardize
from course_lib.widgets.shell.panels import Lines
from course_lib.widgets.shell.picture import Picture, line_series

MEANS, STDS = (0, 100), (40, 160)
LOW, HIGH, BINS = -3.0, 7.0, 50  # holds all pixels at every setting


def pixels(mean=0, std=100):
    """Standardize the pixels of all training images and draw how many have which value.

    Parameters
    ----------
    mean, std : float
        What is subtracted, 0 to 100, and what is divided by, 40 to 160.

    Returns
    -------
    Picture
        One panel, "share".

    Raises
    ------
    ValueError
        If a setting is out of range.
    """
    for name, value, (low, high) in [("mean", mean, MEANS), ("std", std, STDS)]:
        if not low <= value <= high:
            raise ValueError(f"pixels: {name} is {value!r}, wanted {low} to {high}")
    levels, counts = _levels()
    values = standardize(levels, mean, std)
    half = (HIGH - LOW) / BINS / 2  # points stand in the middle of their bins
    share = np.histogram(values, BINS, (LOW, HIGH), weights=counts)[0]
    centre = float(counts @ values)
    spread = float(np.sqrt(counts @ (values - centre) ** 2))
    shown = round(centre, 2) + 0.0  # no minus before 0.00
    panel = Lines(
        "Pixels after standardizing", "value", "% of pixels",
        {"": line_series(100 * share)},
        (LOW + half, HIGH - half), (0, 100),
    )
    verdict = f"After (x − {mean:g}) / {std:g} the pixels have mean {shown:.2f} and standard deviation {spread:.2f}."
    headline = [("Mean", f"{shown:.2f}", "wanted: 0"), ("Standard deviation", f"{spread:.2f}", "wanted: 1")]
    text = (
        f"{verdict} Line of how many pixels have which value: {counts[0]:.0%} are paper, at {values[0]:.2f}; "
        f"ink reaches {values[-1]:.2f}."
    )
    return Picture({"share": panel}, headline, verdict, text, {"mean": centre, "std": spread})


@lru_cache(maxsize=1)
def _levels():
    parts = np.array_split(load_mnist().x_train, 50)  # bincount makes every pixel eight times as large
    counts = sum(np.bincount(part.ravel(), minlength=256) for part in parts)
    return np.arange(256, dtype=np.uint8), counts / counts.sum()


def pixels_explorer():
    """Return the explorer; its `controls` are mean and std."""
    from course_lib.widgets.shell.explorer import Explorer, slider  # takes a second, so not for tests

    return Explorer(
        "pixels",
        pixels,
        mean=slider("Mean", 0, *MEANS, "what is subtracted from every pixel"),
        std=slider("Std", 100, *STDS, "what every pixel is divided by"),
    )
