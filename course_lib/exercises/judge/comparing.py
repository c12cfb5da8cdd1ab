"""Turning whatever an answer returned into plain arrays, and saying how it differs from what was wanted."""

from itertools import islice

import numpy as np

RTOL = {np.dtype("float16"): 1e-2, np.dtype("float32"): 1e-4, np.dtype("float64"): 1e-7}
MOST_PARTS, MOST_NUMBERS = 1000, 10**7  # far more than any exercise wants; copies of more would fill the memory


class Unusable(Exception):
    """What came back can't be compared; the text says why, as the end of a sentence."""


def plain(result):
    """Return the result as a list of base-class arrays, copied; anything else raises `Unusable` with a sentence."""
    if result is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    parts = list(islice(result, MOST_PARTS + 1)) if isinstance(result, tuple | list) else [result]
    if len(parts) > MOST_PARTS:
        raise Unusable(f"it returned a {type(result).__name__} of more than {MOST_PARTS} parts, wanted arrays")
    return [_array(part, i, len(parts)) for i, part in enumerate(parts)]


def _array(part, i, n):
    place = f"part {i + 1} of {n} of its result" if n > 1 else "its result"
    if isinstance(part, tuple | list | dict | str | bytes) or not (np.isscalar(part) or hasattr(part, "__array__")):
        raise Unusable(f"{place} is a {type(part).__name__}, wanted a NumPy array")
    array = np.asarray(part)
    if array.dtype.kind not in "fiub":
        raise Unusable(f"{place} has dtype {array.dtype}, wanted real numbers")
    if array.size > MOST_NUMBERS:
        raise Unusable(f"{place} has shape {array.shape}, which is far too large")
    return array.copy()


def differ(got, wanted, names=()):
    """Return a sentence that says how two lists of arrays differ, or None where they agree within rounding."""
    what, i = difference(got, wanted)
    if what == "count":
        return f"it returned {_count(got)}, wanted {_count(wanted)}"
    if not what:
        return None
    name, g, w = part_name(i, wanted, names), got[i], wanted[i]
    if what == "shape":
        transposed = ": was something transposed?" if g.shape == w.shape[::-1] else ""
        return f"{name} has shape {g.shape}, wanted {w.shape}{transposed}"
    if what == "values":
        return f"{name} differs {_worst(g, w)}"
    return f"{name} has the right values, but dtype {g.dtype}, wanted {w.dtype}"


def difference(got, wanted):
    """Return in what two lists of arrays differ first, and in which part: "count", "shape", "values", "dtype" or "".

    It is "dtype" only where all numbers agree.
    """
    if len(got) != len(wanted):
        return "count", 0
    for i, (g, w) in enumerate(zip(got, wanted, strict=True)):
        if g.shape != w.shape:
            return "shape", i
        if not close(g, w):
            return "values", i
    for i, (g, w) in enumerate(zip(got, wanted, strict=True)):
        if g.dtype != w.dtype and w.ndim:
            return "dtype", i
    return "", 0


def part_name(i, wanted, names=()):
    """Name part i of a result, counted from 0; there may be more names than a result has parts."""
    if len(names) >= len(wanted) > 1 or len(names) == len(wanted):
        return names[i]
    return f"part {i + 1} of the result" if len(wanted) > 1 else "the result"


def _count(parts):
    return "one array" if len(parts) == 1 else f"a tuple or list of {len(parts)}"


def close(g, w):
    """Say whether two arrays of one shape agree within rounding, measured against the largest finite number wanted."""
    return bool(np.all(near(g, w)))


def near(g, w):
    """Say of each number of two arrays of one shape whether they agree there, in the sense of `close`."""
    tolerance = max(RTOL.get(a.dtype, 0) for a in (g, w))
    with np.errstate(all="ignore"):  # a signalling NaN warns where it is cast
        g, w = np.asarray(g, np.float64), np.asarray(w, np.float64)
    finite = np.isfinite(w)
    size = np.abs(w[finite]).max(initial=0.0) or 1.0
    with np.errstate(all="ignore"):  # written out: np.allclose takes three times as long on small arrays
        agree = finite & (np.abs(g - w) <= tolerance * (0.01 * size + np.abs(w)))
        return agree | (g == w) | ((g != g) & (w != w))


def _worst(g, w):
    g, w = g.astype(np.float64), w.astype(np.float64)
    with np.errstate(all="ignore"):
        gap = np.abs(g - w)
    same = (g == w) | (np.isnan(g) & np.isnan(w))
    gap = np.where(same, 0, np.where(np.isnan(gap), np.inf, gap))
    i = np.unravel_index(int(gap.argmax()), gap.shape)
    where = f"most at [{', '.join(map(str, i))}]" if i else "from what was wanted"
    digits = 6 if f"{g[i]:.6g}" != f"{w[i]:.6g}" else 12
    return f"{where}: got {g[i]:.{digits}g}, wanted {w[i]:.{digits}g}"


def show(value, limit=300):
    """Describe an input or a result in a few lines: small arrays by their numbers, large ones by shape and range."""
    if type(value) in (tuple, list):
        parts = [show(v, limit) for v in value[:8]] + (["…"] if len(value) > 8 else [])
        return f"({', '.join(parts)})" if isinstance(value, tuple) else f"[{', '.join(parts)}]"
    if not isinstance(value, np.ndarray):
        text = repr(value)
        return text if len(text) <= limit else text[: limit - 1] + "…"
    if value.size and value.size <= 24:
        kind = "" if value.dtype in (np.float64, np.int64, bool) else f" {value.dtype}"
        return np.array2string(value, precision=5, threshold=24, separator=", ", max_line_width=90) + kind
    text = f"array of shape {value.shape}, {value.dtype}"
    return f"{text}, from {float(value.min()):.4g} to {float(value.max()):.4g}" if value.size else f"{text} (empty)"


def show_parts(arrays, names=()):
    """Describe a result: its array, or its parts one below the other."""
    if len(arrays) == 1:
        return show(arrays[0])
    labels = names if len(names) == len(arrays) else [f"part {i}" for i in range(1, len(arrays) + 1)]
    more = ["…"] if len(arrays) > 8 else []
    return "\n".join([f"{label}: {show(array)}" for label, array in zip(labels, arrays[:8], strict=False)] + more)


def arrays_in(value):
    """Yield the arrays in nested tuples, lists and dicts."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from arrays_in(part)


def copied(value):
    """Return a copy of nested tuples, lists, dicts and arrays."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: copied(part) for key, part in value.items()}
    return type(value)(map(copied, value)) if type(value) in (tuple, list) else value


def changed(before, after):
    """Say whether any array in a case differs from what it was."""
    before, after = list(arrays_in(before)), list(arrays_in(after))
    return len(before) != len(after) or any(
        b.shape != a.shape or b.dtype != a.dtype or not np.array_equal(b, a, equal_nan=b.dtype.kind == "f")
        for b, a in zip(before, after, strict=True)
    )


def size(case):
    """Return how many numbers a case has, at least 1."""
    return sum(array.size for array in arrays_in(case)) or 1
