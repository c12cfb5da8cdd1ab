"""How answers that give single numbers are judged: means over many draws are near enough; and of which functions."""

import numpy as np

from course_lib.exercises.judge.comparing import Unusable

FUNCTIONS = {  # of z and two numbers
    "identity": lambda z, a, b: z,
    "ReLU": lambda z, a, b: np.maximum(z, 0),
    "square": lambda z, a, b: z**2,
    "tanh": lambda z, a, b: np.tanh(z),
    "logistic": lambda z, a, b: 1 / (1 + np.exp(-z)),
    "two slopes": lambda z, a, b: a * np.maximum(z, 0) + b * np.minimum(z, 0),
    "wave": lambda z, a, b: a * np.sin(b * z) + 0.5,
}


def numbers(result, names):
    """Return a result's single numbers, one for each of the names; `Unusable` says what else came back."""
    if result is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    parts = result if isinstance(result, tuple | list) else (result,)
    if len(parts) != len(names):
        raise Unusable(f"it returned {len(parts)} of {' and '.join(names)}, wanted {len(names)}")
    for name, part in zip(names, parts, strict=True):
        if isinstance(part, str) or np.ndim(part) != 0:
            what = f"shape {np.shape(part)}" if np.ndim(part) else repr(part)
            raise Unusable(f"{name} is a {type(part).__name__}, {what}, wanted one number")
    return tuple(parts)


def far(got, wanted, tolerance):
    """Say whether a number differs from what was wanted by more than a share of it, NaN and infinity included."""
    got, wanted = float(got), float(wanted)
    return got != wanted and not (got != got and wanted != wanted) and not abs(got - wanted) <= tolerance * abs(wanted)
