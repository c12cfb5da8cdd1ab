"""Seeing that an answer is the course's own function, or lets a ready-made one do the work."""

import inspect
from types import CodeType


def ready_made(answer, exercise):
    """Say so if the answer is the reference itself, or names what the exercise forbids."""
    own = inspect.unwrap(answer)
    code = getattr(own, "__code__", None)
    if code and code.co_filename == handed_out(exercise.name):
        return (
            f"This is what `mine.{exercise.name}` hands out, your earlier answer: write the computation here, or run "
            "the cell again that holds it."
        )
    if code is inspect.unwrap(exercise.reference).__code__:
        return (
            "This is the course's own function. Write the computation yourself; if you have, run its cell again, since "
            "`use` put the course's function in its place."
        )
    helpers = {key for key, value in getattr(own, "__globals__", {}).items()
               if getattr(value, "__module__", "") == getattr(own, "__module__", None)}
    found = sorted((names_in(code) & set(exercise.forbid)) - helpers) if code else []
    if found:
        return f"It uses {', '.join(found)}, which does the exercise's work: write the computation yourself."
    return ""


def handed_out(name):
    """Return the file name that the code of an answer has which `mine` has compiled."""
    return f"<mine {name}>"


def names_in(code):
    """Return the global names and attributes that code uses, those of the functions inside it too."""
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*map(names_in, inner))
