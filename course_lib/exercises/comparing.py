"""Turning whatever an answer returned into plain arrays, and saying how it differs from what was wanted."""

import numpy as np

RTOL = {"float16": 1e-2, "float32": 1e-4, "float64": 1e-7}


class NotArrays(Exception):
    """What came back is no array, nor a tuple or list of arrays."""


def plain(result):
    """Return the result as a list of base-class arrays, copied; anything else raises `NotArrays` with a sentence."""
    if result is None:
        raise NotArrays("it returned None: is there a `return` at the end?")
    parts = list(result) if isinstance(result, tuple | list) else [result]
    return [_array(part, i, len(parts)) for i, part in enumerate(parts)]


def _array(part, i, n):
    place = f"part {i + 1} of {n} of its result" if n > 1 else "its result"
    if isinstance(part, tuple | list | dict | str | bytes) or not (np.isscalar(part) or hasattr(part, "__array__")):
        raise NotArrays(f"{place} is a {type(part).__name__}, wanted a NumPy array")
    array = np.array(part, subok=False)
    if array.dtype.kind not in "fiub":
        raise NotArrays(f"{place} has dtype {array.dtype}, wanted numbers")
    return array


def differ(got, wanted, names=None):
    """Return a sentence that says how two lists of arrays differ, or None where they agree within rounding."""
    if len(got) != len(wanted):
        return f"it returned {len(got)} {'array' if len(got) == 1 else 'arrays'}, wanted {len(wanted)}"
    for i, (g, w) in enumerate(zip(got, wanted, strict=True)):
        name = f"part {i + 1} of the result" if len(wanted) > 1 else "the result"
        if g.shape != w.shape:
            transposed = ": was something transposed?" if g.shape == w.shape[::-1] else ""
            return f"{name} has shape {g.shape}, wanted {w.shape}{transposed}"
        if not close(g, w):
            return f"{name} differs {_worst(g, w)}"
        if g.dtype != w.dtype and w.ndim:
            return f"{name} has the right values but dtype {g.dtype}, wanted {w.dtype}, as the input's"
    return None


def close(g, w):
    """Say whether two arrays of one shape agree within rounding, measured against the largest finite number wanted."""
    tolerance = max(RTOL.get(str(a.dtype), 0) for a in (g, w))
    finite = np.abs(w[np.isfinite(w)], dtype=np.float64) if w.dtype.kind == "f" else np.abs(w.astype(np.float64))
    size = finite.max(initial=0.0)
    with np.errstate(all="ignore"):
        return bool(np.allclose(g, w, rtol=tolerance, atol=tolerance * size * 0.01, equal_nan=True))


def _worst(g, w):
    with np.errstate(all="ignore"):
        gap = np.abs(g.astype(np.float64) - w.astype(np.float64))
    same = (g == w) | (np.isnan(g) & np.isnan(w))
    gap = np.where(same, 0, np.where(np.isnan(gap), np.inf, gap))
    i = np.unravel_index(int(gap.argmax()), gap.shape)
    where = f"most at [{', '.join(map(str, i))}]" if i else "from what was wanted"
    return f"{where}: got {g[i]:.6g}, wanted {w[i]:.6g}"


def show(value, limit=300):
    """Describe an input or a result in a few lines: small arrays by their numbers, large ones by shape and range."""
    if isinstance(value, tuple | list):
        return ", ".join(show(v, limit // max(len(value), 1)) for v in value)
    if not isinstance(value, np.ndarray):
        text = repr(value)
        return text if len(text) <= limit else text[: limit - 1] + "…"
    if value.size and value.size <= 24:
        return np.array2string(value, precision=5, suppress_small=False, separator=", ", max_line_width=90)
    text = f"array of shape {value.shape}, {value.dtype}"
    return f"{text}, from {value.min():.4g} to {value.max():.4g}" if value.size else f"{text} (empty)"
