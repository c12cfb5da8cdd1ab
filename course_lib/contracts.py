"""What a function expects of its arguments, stated once: `@shapes` names their axes, `@arrays` wants any arrays."""

import functools
import inspect
from collections.abc import Collection
from numbers import Number

import numpy as np

_FLOAT = np.dtype(float)  # what Python's own numbers count as
_ARRAY, _PLAIN = np.ndarray, {bool, int, float, np.float32, np.float64}
_MOST = 1000  # calls that a function remembers


def shapes(**specs):
    """Check arrays and numbers before a function runs.

    Parameters
    ----------
    **specs : str, or tuple or list of str
        For each argument the names of its axes, separated by spaces. The same name means the same length in every
        argument. ``"..."`` among them takes any axes, ``"...name"`` the same ones in every argument; ``"..."`` alone
        takes any shape, single numbers included; ``"batch 2"`` fixes a length. ``"[0, 1)"`` takes a single number in
        that interval, ``""`` any single number. A tuple of specs is for a tuple with as many items, a list of one
        spec for any number of items. Arguments are checked in the order given here: put first what is taken as right.

    Raises
    ------
    ValueError
        From the decorated function; names the argument, what it got and what it wanted.

    Examples
    --------
    >>> @shapes(x="batch fan_in", w="fan_in fan_out", b="fan_out")
    ... def dense(x, w, b): ...
    >>> @shapes(mask="...shape", dy="...shape")
    ... def dropout_backward(dy, mask): ...
    """

    checks = {name: _check_of(spec) for name, spec in specs.items()}

    def decorate(function):
        names, accepted = list(inspect.signature(function).parameters), set()
        last = max(map(names.index, checks), default=-1) + 1

        @functools.wraps(function)
        def checked(*args, **kwargs):
            call = _marks(args[:last])
            if call not in accepted or kwargs and kwargs.keys() & checks:
                lengths, given = {}, dict(zip(names, args, strict=False), **kwargs)
                for name, check in checks.items():
                    if name in given and (complaint := check(name, given[name], lengths)):
                        raise ValueError(f"{function.__name__}: {complaint}")
                if len(accepted) >= _MOST:
                    accepted.clear()
                accepted.add(call)  # what was accepted once is accepted again
            return function(*args, **kwargs)

        checked.cache_clear = accepted.clear
        return checked

    return decorate


def arrays(function):
    """Check that a function's arguments are arrays of numbers, whatever their shapes; not options, nor `rng`."""
    arguments = inspect.signature(function).parameters.values()
    return shapes(**{arg.name: "..." for arg in arguments if arg.default is arg.empty and arg.name != "rng"})(function)


def refuse_misfits(who, found, wanted):
    """Raise a ValueError that names everything that is missing, unexpected or of another shape.

    Parameters
    ----------
    who : str
        The function that asks.
    found, wanted : dicts of names to anything that has a shape
    """
    shapes = [{name: tuple(array.shape) for name, array in arrays.items()} for arrays in (found, wanted)]
    names = [name for name in {**wanted, **found} if shapes[0].get(name) != shapes[1].get(name)]
    if names:
        have, want = ([shape.get(name, "nothing") for name in names] for shape in shapes)
        each = (f"{name}: found {h}, wanted {w}" for name, h, w in zip(names, have, want, strict=True))
        raise ValueError(f"{who}: " + "; ".join(each))


def _marks(values):
    """Return all that checks look at in some values, to be remembered; for what is of an unknown kind a new object."""
    return tuple([(v.shape, v.dtype.char) if type(v) is _ARRAY else _mark(v) for v in values])


def _mark(value):
    kind = type(value)
    if kind is tuple or kind is list:
        return kind, _marks(value)
    return (kind, value) if kind in _PLAIN else object()


def _check_of(spec):
    """Return a function (name, value, lengths) -> complaint, "" if there is none; it notes the lengths of axes."""
    if isinstance(spec, (tuple, list)):
        return functools.partial(_check_items, spec, [_check_of(item) for item in spec])
    if spec[:1] in ("[", "("):
        return functools.partial(_check_number, spec, *map(float, spec[1:-1].split(",")))
    axes = None if spec == "..." else spec.split()
    rest = next((i for i, axis in enumerate(axes or ()) if axis.startswith("...")), None)
    return functools.partial(_check_array, axes, rest)


def _check_array(axes, rest, name, value, lengths):  # quick: this runs at every call
    if not is_numeric(value):
        got = f"an array of dtype {value.dtype}" if hasattr(value, "dtype") else f"a {type(value).__name__}"
        return f"{name} is {got}, wanted a NumPy array of numbers: try np.asarray({name}, float)"
    if axes is None:
        return ""
    shape = found = getattr(value, "shape", ())
    if rest is not None and len(shape) >= len(axes) - 1:
        end = len(shape) - (len(axes) - 1 - rest)
        found = (*shape[:rest], axes[rest] == "..." or shape[rest:end], *shape[end:])
    if len(axes) == len(found) and all(map(_agree, axes, found, (lengths,) * len(axes))):
        return ""
    known = [f"{a.lstrip('.')} = {lengths[a]}" for a in axes if a in lengths and a.lstrip(".").isidentifier()]
    where = f" with {', '.join(known)}" if known and len(axes) == len(found) else ""
    return f"{name} has shape {shape}, wanted ({', '.join(axes)}){where}"


def is_numeric(value):
    """Say whether a value is an array of real numbers, or one such number."""
    if type(value) is not np.ndarray and not isinstance(value, (np.ndarray, np.generic, Number)):
        return False
    return getattr(value, "dtype", _FLOAT).kind in "fiub" and not isinstance(value, complex)


def _agree(axis, length, lengths):
    return lengths.setdefault(axis, int(axis) if axis.isdigit() else length) == length


def _check_number(interval, low, high, name, value, lengths):
    if np.ndim(value) == 0 and is_numeric(value) and low <= value <= high:
        if (interval[0] == "[" or value > low) and (interval[-1] == "]" or value < high):
            return ""
    return f"{name} is {value!r}, wanted a number in {interval}"


def _check_items(spec, checks, name, value, lengths):
    got, n = f"a {type(value).__name__}", len(value) if isinstance(value, Collection) else -1
    if isinstance(spec, list) and n < 0:
        return f"{name} is {got}, wanted a list of arrays"
    if isinstance(spec, tuple) and n != len(spec):
        return f"{name} is {got}{f' of {n}' if n >= 0 else ''}, wanted a tuple of {len(spec)}"
    checks = checks * n if isinstance(spec, list) else checks
    found = (check(f"{name}[{i}]", item, lengths) for i, (check, item) in enumerate(zip(checks, value, strict=True)))
    return next(filter(None, found), "")
