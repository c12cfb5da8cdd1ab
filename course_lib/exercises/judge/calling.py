"""Calling an answer as a case says. The sandbox imports this, too: nothing stands here that an answer may not see."""


def call(answer, case):
    """Call an answer with a case's inputs; a dict at its end holds what is passed by keyword."""
    inputs, options = split(case)
    return answer(*inputs, **options)


def split(case):
    """Return a case's inputs, and what is passed by keyword."""
    return (case[:-1], case[-1]) if case and isinstance(case[-1], dict) else (case, {})
