"""Judging what an answer sent: here, outside the sandbox, where the expected values are.

The mark comes of the hidden cases. What its learner may read comes of the cases of `check`; see `engine.telling`.
"""

import time
import zlib
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np

from course_lib.exercises.core import exercises
from course_lib.exercises.judge.checking import SECONDS
from course_lib.exercises.judge.interrupting import IN_ALL, OutOfTime
from course_lib.exercises.judge.verdicts import Raised, Run, given_by, results, verdict
from course_lib.grading.engine import telling, wire
from course_lib.grading.engine.claims import Claims, Forged, claims
from course_lib.grading.engine.sandbox import NotReady
from course_lib.grading.engine.timing import within
from course_lib.grading.records import Result

CHECKS = None  # the seed of the cases that `check` uses, and every learner has
ALLOWED, TRAINING = 10, 120  # seconds of processor time to judge an answer, and one that is judged by training runs
SMALL = 64  # numbers in an array that an exercise's own comparison gets whatever its shape
UNJUDGED = "The grader couldn't judge it: a person has to look at it."


@dataclass(frozen=True)
class Task:
    """One exercise with cases.

    Parameters
    ----------
    notebook : str
    exercise : Exercise
    cases : list of tuples
    wanted : list of lists of arrays
    cpu, wall : float
        Seconds that an answer may work, and last in all: as `check` allows, 5 s or twenty times what the reference
        takes, and six times that where the machine does other work.
    limit : int
        Bytes that it may send back.
    """

    notebook: str
    exercise: object
    cases: list
    wanted: list
    cpu: float
    wall: float
    limit: int
    _mistaken: dict = field(default_factory=dict)

    @property
    def seconds(self):
        """Of processor time that judging may take."""
        return TRAINING if self.exercise.lab else ALLOWED

    @property
    def known(self):
        """The task with the cases of `check`."""
        return task(self.notebook, self.exercise.name, CHECKS)

    @cached_property
    def secret(self):
        """Whether any of the cases is none of `check`'s."""
        return wire.pack(self.cases) != wire.pack(self.known.cases)

    def mistaken(self, mistake, i):
        """Return what a mistake gives for case i: worked out once for all answers that are compared with it."""
        if (mistake, i) not in self._mistaken:
            self._mistaken[mistake, i] = given_by(mistake.function, self.exercise, self.cases[i])
        return self._mistaken[mistake, i]


@cache
def task(notebook, name, seed):
    """Return the `Task` of one exercise: the same for the same seed, and `check`'s own for `CHECKS`."""
    exercise = exercises(notebook)[name]
    if exercise.compare:
        exercise = replace(exercise, compare=_for_what_fits(exercise.compare))
    seed = 0 if seed is CHECKS else [seed, zlib.crc32(name.encode())]
    cases = list(exercise.cases(np.random.default_rng(seed)))
    wanted = results(exercise, cases)
    began = time.process_time()
    results(exercise, cases)  # once more, since the first time may have imported TensorFlow
    cpu = max(SECONDS, 20 * (time.process_time() - began))
    size = sum(array.nbytes for arrays in wanted if isinstance(arrays, list) for array in arrays)
    return Task(notebook, exercise, cases, wanted, cpu, IN_ALL * cpu, 4 * size + 2**21)


@cache
def _for_what_fits(compare):
    """Return an exercise's comparison that gets no large array of another shape: broadcast, it could be huge."""

    def compared(got, wanted):
        for g, w in zip(got, wanted, strict=False):
            if g.shape != w.shape and g.size > SMALL:
                return f"its result has shape {g.shape}, wanted {w.shape}"
        return compare(got, wanted)

    return compared


@dataclass(frozen=True)
class Mark:
    """What an answer deserves.

    Parameters
    ----------
    task : Task
    result : Result
        With the little that may be told of hidden cases.
    claims : Claims
    more : bool
        Whether more could be told, of the cases of `check`.
    """

    task: Task
    result: Result
    claims: Claims = Claims(Run())
    more: bool = False

    @property
    def ended(self):
        """Whether something ended the answer's process, other than a message that nobody sends."""
        return self.claims.run.end not in ("", "forged")

    @property
    def unclear(self):
        """Whether it takes another run to tell more: where no line of the answer has run, it knows nothing hidden."""
        return self.more and self.claims.cell >= 0 and self.task.secret


def judge(task, outcome, cells, place, again):
    """Return the `Result` of one answer: `mark`, and what `explained` adds to it.

    Parameters
    ----------
    task : Task
    outcome : course_lib.grading.engine.sandbox.Outcome
        Its messages are claims of a process that the answer controls.
    cells : list of str
    place : int
        The number of the answer's cell.
    again : function (cases) -> Outcome
        Runs the answer on other cases, none of them hidden. They change no mark.
    """
    found = mark(task, outcome, cells, place)
    return explained(found, again(task.known.cases) if found.unclear else None, cells, place, again)


def mark(task, outcome, cells, place):
    """Return the `Mark` of one answer, whatever was sent; see `judge`."""
    result = Result(task.exercise.name, "needs review", 0, task.exercise.points, UNJUDGED)
    try:
        return within(task.seconds, _mark, task, outcome, len(cells), result)
    except (Exception, OutOfTime) as error:  # whatever it is, it came of what was sent, and is nobody else's trouble
        return Mark(task, replace(result, detail=f"Judging it failed: {error!r}"[:2000]))


def _mark(task, outcome, cells, result):
    try:
        said = claims(outcome, task.exercise, len(task.cases), cells)
    except Forged as error:
        said = Claims(Run(end="forged"), said=str(error))
    unnamed = replace(task.exercise, mistakes=())  # they are looked for where it may be told
    found = verdict(unnamed, task.cases, task.wanted, said.run)
    score = task.exercise.points if found.status == "passed" else 0
    result = replace(result, status=found.status, score=score, message=telling.in_brief(task, found, said.run),
                     detail=_detail(task, found, said), seconds=round(outcome.seconds, 4))
    return Mark(task, result, said, found.why in ("faults", "form", "stopped"))


def _detail(task, found, said):
    """Return what the instructor reads."""
    if found.why == "faults":
        got, n = said.run.got[found.case], len(task.cases)
        right = f"{n - len(found.faults)} of {n} cases are right. " if n > 1 else ""
        trace = f"\n{got.trace}" if isinstance(got, Raised) else ""
        return f"{right}{found.faults[found.case]}{trace}"[:2000]
    return (found.detail or found.remark or ("" if found.why in ("open", "forbidden") else said.said))[:2000]


def explained(found, outcome, cells, place, again):
    """Return the `Result` of a mark, with what can be told of it.

    Parameters
    ----------
    found : Mark
    outcome : Outcome or None
        Of a run on the cases of `check`, where the mark is unclear.
    cells, place, again
        As for `judge`: what named mistakes don't explain is asked further questions.
    """
    if not found.more:
        return found.result
    for asking in (again, None):  # without further questions, where those fail
        try:
            return within(found.task.seconds, _explained, found, outcome, cells, place, asking)
        except NotReady:
            raise
        except (Exception, OutOfTime):
            continue
    return found.result  # its mark is certain


def _explained(found, outcome, cells, place, again):
    task, result = found.task.known, found.result
    said = claims(outcome, task.exercise, len(task.cases), len(cells)) if found.unclear else found.claims

    def ask(cases):
        return claims(again(cases), task.exercise, len(cases), len(cells)).run.got

    full = verdict(task.exercise, task.cases, task.wanted, said.run, task.mistaken, again and ask)
    more = telling.in_full(task, full, said, cells[place])
    brief = result.message if found.unclear and full.why != "stopped" else ""
    return replace(result, message=" ".join(filter(None, (brief, more))) or result.message, hint=full.hint)
