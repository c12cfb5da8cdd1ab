"""What a process that runs answers may say of one of them, and in which order; anything else somebody else has written.

    [forbidden]  cell*  [ready]  (result | altered | unusable | raised)*  [stopped]

and, once it is ready, that the reference or a twin of it was called, and which. All of it are claims of a process that
the answer controls: each is looked at for its kind, its place and its size before anything is done with it.
"""

from dataclasses import dataclass

import numpy as np

from course_lib.exercises.judge.comparing import MOST_PARTS
from course_lib.exercises.judge.verdicts import Raised, Run
from course_lib.grading.engine import twins

WORDS = {  # what follows each word
    "forbidden": (str, list), "cell": (int,), "ready": (), "reference": (str,), "result": (list,), "altered": (),
    "unusable": (str,), "raised": (str, int, str), "stopped": (str, int, str),
}
ORDER = dict(forbidden=0, cell=1, ready=2, reference=3, result=3, altered=3, unusable=3, raised=3, stopped=4)
LONGEST = 600  # characters of a text: our code cuts at 500
LAST_LINE = 10**6  # more than a cell may have
MOST_AXES = 8  # far more than any exercise wants: some of what is asked of a result is asked of each axis


class Forged(ValueError):
    """A message that our own code doesn't send, or not there."""


@dataclass(frozen=True)
class Claims:
    """What was said of one answer.

    Parameters
    ----------
    run : Run
    line : int
        Of its cell, where it stopped; 0 where that is unknown.
    said : str
        What the instructor may want to know.
    cell : int
        The number of the last cell that was begun; -1 before any line of the learner's ran.
    """

    run: Run
    line: int = 0
    said: str = ""
    cell: int = -1


def claims(outcome, exercise, cases, cells):
    """Return the `Claims` about one answer.

    Parameters
    ----------
    outcome : course_lib.grading.engine.sandbox.Outcome
        The part that is about this answer.
    exercise : Exercise
    cases, cells : int
        How many there are.

    Raises
    ------
    Forged
    """
    got, altered, forbidden, seen = [], [], (), set()
    line, said, cell, stopped, called, place = 0, outcome.detail, -1, "", "", 0
    for message in outcome.messages:
        word, *rest = _checked(message)
        again = word in seen and word in ("forbidden", "ready", "stopped")
        if ORDER[word] < place or again or (ORDER[word] == 3 and "ready" not in seen):
            raise Forged(f"{word!r} where it can't come")
        place = ORDER[word]
        seen.add(word)
        if word == "forbidden":
            forbidden = tuple(name for name in exercise.forbid if name in rest[1])
        elif word == "cell":
            if not cell < rest[0] < cells:
                raise Forged("a cell that isn't there, or not next")
            cell = rest[0]
        elif word == "reference":
            called = called or rest[0]  # the first says enough
        elif word == "stopped":
            stopped, line, said = rest[0], rest[1], f"{rest[0]}: {rest[2]}"
        elif word in ("result", "altered", "unusable", "raised"):
            got.append(_got(word, rest))
            altered.append(word == "altered")
            if len(got) > cases:
                raise Forged(f"more results than the {cases} cases")
    if len(got) < cases and not stopped and not outcome.end:
        raise Forged(f"{len(got)} results for {cases} cases")
    ready = twins.ready_made(exercise, called)
    forbidden += tuple(name for name in ready if name not in forbidden)  # as if its cell named it
    said = f"It calls {called}." if called else said
    called = not ready and bool(called or stopped == "Reference")
    return Claims(Run(got, altered, forbidden, called, stopped, outcome.end), line, said, cell)


def _checked(message):
    """Return a message, its text made fit for writing down; Forged unless it is one of ours."""
    word, *rest = message if type(message) is tuple and message else ("",)
    kinds = WORDS.get(word) if type(word) is str else None
    if kinds is None or [type(part) for part in rest] != list(kinds):
        raise Forged("a message of no known kind")
    for i, part in enumerate(rest):
        if type(part) is int and not 0 <= part <= LAST_LINE:
            raise Forged("a line or cell that none can be")
        if type(part) is str:
            if len(part) > LONGEST:
                raise Forged("a text longer than ours")
            rest[i] = part.encode("utf-8", "replace").decode()  # half a character can't be written down
    if word == "forbidden" and not all(type(name) is str for name in rest[1]):
        raise Forged("names that are none")
    return word, *rest


def _got(word, rest):
    """Return what came of a case, as `Run.got` has it."""
    if word == "result":
        (arrays,) = rest
        if len(arrays) > MOST_PARTS or not all(type(array) is np.ndarray for array in arrays):
            raise Forged("a result that is no list of arrays")
        most = max((array.ndim for array in arrays), default=0)
        return arrays if most <= MOST_AXES else f"it returned an array of {most} axes, wanted at most {MOST_AXES}"
    if word == "raised":
        name, line, text = rest
        return Raised(name, f"line {line}: {text}", line > 0)
    return "it changed its input" if word == "altered" else rest[0] or "it can't be compared"
