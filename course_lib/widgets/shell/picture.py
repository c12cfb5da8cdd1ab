"""What an explorer draws: heat maps, lines and words made from arrays, without any drawing or browser."""

from typing import NamedTuple

import numpy as np

from course_lib.widgets.shell.panels import HeatMap, Series

LOWEST, DECADES = -48, 88  # powers of ten that hold every float32


class Picture(NamedTuple):
    """All that an explorer shows for one state of its controls.

    Attributes
    ----------
    panels : dict of str to HeatMap, Lines, Bars, Cells or Walks
        In reading order.
    headline : list of (label, value, explanation)
        The numbers to look at first, as text.
    verdict : str
        What is to be seen, in a sentence or two.
    text : str
        The text alternative: what the panels show, in words and numbers.
    summary : dict of str to number
        The same numbers, for tests and claims.
    """

    panels: dict
    headline: list
    verdict: str
    text: str
    summary: dict

    def figure(self):
        """Draw the picture as a static figure that carries its text alternative."""
        from course_lib.widgets.shell.static import picture_figure  # Matplotlib: only for those who draw

        return picture_figure(self)


def histogram(values, low, high, bins=40):
    """Count each row's values in equal bins from low to high: shares (bins, rows), the rows as columns.

    Values outside are counted in the first or last bin; NaN and infinite ones in none.
    """
    counts = []
    for row in values:
        row = row.ravel()
        places = np.clip((row - np.float32(low)) * np.float32(bins / (high - low)), 0, bins - 1)
        places[~np.isfinite(row)] = bins
        counts.append(np.bincount(places.astype(np.intp), minlength=bins + 1))
    *shares, left_out = np.float32(counts).T / np.float32(values[0].size)
    return np.stack(shares), left_out


def bounded_map(title, x_label, y_label, values, x, y):
    """Return the histograms of rows of values on an axis y = (low, high); what lies beyond has rows of its own.

    values is a list of float32 arrays, one a column of the map; x says where the first and the last column stand.
    """
    low, high = y
    beyond = {"less": [v < low for v in values], "more": [v > high for v in values]}
    beyond = {side: np.float32([np.mean(there) for there in seen]) for side, seen in beyond.items()}
    inside = [np.where((v < low) | (v > high), np.nan, v) for v in values]
    shares, _ = histogram(inside, low, high)
    below, above = (_present({side: beyond[side]}) for side in ("less", "more"))
    return HeatMap(title, x_label, y_label, shares, x, y, below, above)


def log_histogram(values, *, per_decade=4, most=64):
    """Count each row's sizes |values| in bins of equal width on a logarithmic axis that follows the values.

    Parameters
    ----------
    values : float32 (columns, n)
    per_decade, most : int
        Bins per power of ten, and at most in all: wider ranges have fewer per decade.

    Returns
    -------
    shares : float32 (bins, columns)
    (low, high) : powers of ten, multiples of 4, at least 8 apart
        They leave out at most the smallest fifth of any column, since tails towards 0 are long.
    below, above : dict of str to float32 (columns,)
        What is left out, where there is any: "less", which is smaller, "0", and "overflow": infinite or NaN.
    """
    bins, counts = DECADES * per_decade, []
    for row in values:
        with np.errstate(divide="ignore"):  # log of 0; np.log takes many zeros ten times as fast as np.log10
            powers = np.log(np.abs(row.ravel())) / np.float32(np.log(10))
        places = 1 + (powers - np.float32(LOWEST)) * np.float32(per_decade)
        places = np.fmax(np.fmin(places, bins + 1), 0)  # zeros go into the first, inf and NaN into the last
        counts.append(np.bincount(places.astype(np.intp), minlength=bins + 2))
    zeros, *shares, overflow = np.float32(counts).T / np.float32(values[0].size)
    shares = np.stack(shares)
    low, high = _range(shares, per_decade)
    first, last = (low - LOWEST) * per_decade, (high - LOWEST) * per_decade
    below, above = {"less": shares[:first].sum(axis=0), "0": zeros}, {"overflow": overflow}
    shares = shares[first:last]
    while len(shares) > most:
        shares = shares[0::2] + shares[1::2]
    return shares, (low, high), _present(below), _present(above)


def line_series(values, y=(-np.inf, np.inf)):
    """Return values as a `Series` on the axis y; those beyond it stand at its edge."""
    beyond = np.where(values < y[0], -1, np.where(values > y[1], 1, 0)).astype(np.int8)
    return Series(np.clip(values, *y).astype(np.float32), beyond)


def log_series(sizes, y):
    """Return the powers of ten of sizes as a `Series` on the axis y; zeros are below, inf and NaN above."""
    sizes = np.asarray(sizes, np.float64)
    with np.errstate(all="ignore"):
        powers = np.log10(sizes)
    beyond = np.where(sizes == 0, -1, np.where(np.isfinite(sizes), 0, 1)).astype(np.int8)
    heights = np.where(beyond == 0, powers, np.where(beyond < 0, y[0], y[1]))
    return Series(np.clip(heights, *y).astype(np.float32), beyond)


def log_range(*sizes):
    """Return powers of ten, multiples of 4 at least 8 apart, between which all finite non-zero sizes lie."""
    sizes = np.concatenate(sizes)
    powers = np.log10(sizes[np.isfinite(sizes) & (sizes > 0)])
    return widen(powers.min(), powers.max()) if powers.size else (-8, 0)


def widen(low, high, step=4, least=8):
    """Round a range of powers of ten outwards to multiples of step, and make it at least so wide."""
    low, high = step * int(np.floor(low / step)), step * int(np.ceil(high / step))
    low = max(min(low, high - least), LOWEST)
    return low, max(high, low + least)


def number(x):
    """Write a number in two significant digits, as short as can be: 0.012, 250, 3e-7, overflow."""
    if not np.isfinite(x):
        return "overflow"
    if x and not 1e-3 <= abs(x) < 1e4:
        digits, power = f"{x:.1e}".split("e")
        return f"{digits.removesuffix('.0')}e{int(power)}"
    return f"{x:.0f}" if abs(x) >= 99.5 else f"{x:.2g}"


def _range(shares, per_decade):
    total = shares.cumsum(axis=0)
    inside = np.flatnonzero(((shares > 0) & (total >= 0.2 * total[-1])).any(axis=1))
    if not inside.size:
        return -8, 0
    return widen(LOWEST + inside[0] / per_decade, LOWEST + (inside[-1] + 1) / per_decade)


def _present(rows):
    return {label: row for label, row in rows.items() if row.any()}
