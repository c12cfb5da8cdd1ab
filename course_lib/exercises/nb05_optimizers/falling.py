"""What the exercises on falling rates share: how an answer is called, and what it must return."""

from course_lib.exercises.judge.comparing import Unusable


def call(answer, case):
    """Return an answer's rate, or array of rates."""
    step, options = case
    rate = answer(step, **options)
    if isinstance(rate, list | tuple):
        raise Unusable(f"it returned a {type(rate).__name__}, wanted an array of step's shape, or one number for one step")
    return rate
