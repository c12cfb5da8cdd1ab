"""`@shapes`: what a function expects of its arrays, stated once and checked at every call."""

import functools
import inspect
from numbers import Number

import numpy as np


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

    def decorate(function):
        names = list(inspect.signature(function).parameters)

        @functools.wraps(function)
        def checked(*args, **kwargs):
            given = dict(zip(names, args, strict=False), **kwargs)
            lengths = {}
            for name, spec in specs.items():
                if name in given:
                    _check(function.__name__, name, given[name], spec, lengths)
            return function(*args, **kwargs)

        return checked

    return decorate


def _check(function, name, value, spec, lengths):
    numeric = isinstance(value, (np.ndarray, np.generic, Number)) and np.asarray(value).dtype.kind in "fiub"
    if not numeric:
        got = f"an array of dtype {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
        raise ValueError(f"{function}: {name} is {got}, wanted a NumPy array of numbers: try np.asarray({name}, float)")
    if spec == "...":
        return
    axes, shape = spec.split(), np.shape(value)
    agrees = len(axes) == len(shape) and all(
        lengths.setdefault(axis, length) == length for axis, length in zip(axes, shape, strict=True)
    )
    if not agrees:
        known = [f"{axis} = {lengths[axis]}" for axis in axes if axis in lengths]
        where = f" with {', '.join(known)}" if known and len(axes) == len(shape) else ""
        raise ValueError(f"{function}: {name} has shape {shape}, wanted ({', '.join(axes)}){where}")
