"""`@shapes`: what a function expects of its arrays, stated once and checked at every call."""

import functools
import inspect
from numbers import Number

import numpy as np

_FLOAT = np.dtype(float)  # what Python's own numbers count as


def shapes(**specs):
    """Check array arguments before a function runs.

    Parameters
    ----------
    **specs : str
        For each argument the names of its axes, separated by spaces. The same name means the same length in every
        argument; ``"..."`` takes any shape, single numbers included.

    Raises
    ------
    ValueError
        From the decorated function; names the argument, what it got and what it wanted.

    Examples
    --------
    >>> @shapes(x="batch fan_in", w="fan_in fan_out", b="fan_out")
    ... def dense(x, w, b): ...
    """

    wanted = {name: None if spec == "..." else spec.split() for name, spec in specs.items()}

    def decorate(function):
        names = list(inspect.signature(function).parameters)

        @functools.wraps(function)
        def checked(*args, **kwargs):
            lengths = {}
            for name, value in (*zip(names, args, strict=False), *kwargs.items()):
                if name in wanted and not _fits(value, wanted[name], lengths):
                    raise ValueError(f"{function.__name__}: {_complaint(name, value, wanted[name], lengths)}")
            return function(*args, **kwargs)

        return checked

    return decorate


def _fits(value, axes, lengths):
    """Say whether a value is numeric and has these axes; note their lengths. Quick: this runs at every call."""
    if type(value) is not np.ndarray and not isinstance(value, (np.ndarray, np.generic, Number)):
        return False
    if getattr(value, "dtype", _FLOAT).kind not in "fiub" or isinstance(value, complex):
        return False
    if axes is None:
        return True
    shape = getattr(value, "shape", ())
    return len(axes) == len(shape) and all(map(_agree, axes, shape, (lengths,) * len(axes)))


def _agree(axis, length, lengths):
    return lengths.setdefault(axis, length) == length


def _complaint(name, value, axes, lengths):
    if not _fits(value, None, {}):
        got = f"an array of dtype {value.dtype}" if hasattr(value, "dtype") else f"a {type(value).__name__}"
        return f"{name} is {got}, wanted a NumPy array of numbers: try np.asarray({name}, float)"
    shape = np.shape(value)
    known = [f"{axis} = {lengths[axis]}" for axis in axes if axis in lengths]
    where = f" with {', '.join(known)}" if known and len(axes) == len(shape) else ""
    return f"{name} has shape {shape}, wanted ({', '.join(axes)}){where}"
