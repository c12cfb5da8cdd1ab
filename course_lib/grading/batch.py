"""Grading a class: what was handed in goes through the workers into the store; what is stored is not graded again."""

import hashlib
import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from course_lib.exercises.core import exercises
from course_lib.exercises.judge.interrupting import OutOfTime
from course_lib.grading.handed_in.intake import take_in
from course_lib.grading.limited import within
from course_lib.grading.pools import BatchError, Died, cluster, cores, local
from course_lib.grading.records import STATUSES, Result
from course_lib.grading.store import Store
from course_lib.grading.summary import Interrupted, Summary, progress_of, summed_up

HOPELESS = 10  # jobs in a row that the machine couldn't grade
REVIEW = "Something about this file puzzled the grader: a person will look at it."
SECONDS = 30  # of processor time to find the answers in a file: an ordinary one takes a hundredth of a second
LONGEST = 1_000  # characters of an error that are told
DIED = "Your answers ended the grader's process, more than once, so none of them could be graded."


@dataclass(frozen=True)
class Engine:
    """The functions that grade; `grade` is called in other processes, so it must be importable there.

    Parameters
    ----------
    identify : function (bytes, filename) -> notebook
    lift : function (bytes, notebook) -> Lifted
    grade : function (job, seed, unsafe) -> JSON
    version : function notebook -> str
    refusal : function unsafe -> str
    """

    identify: Callable
    lift: Callable
    grade: Callable
    version: Callable
    refusal: Callable


def engine():
    """Return the course's own functions."""
    from course_lib.grading.engine import unit
    from course_lib.grading.handed_in import lifting

    return Engine(lifting.identify, lifting.lift, unit.grade, unit.version, unit.refusal)


def grade_class(path, out, *, notebook="", roster=None, layout="", workers=None, seed=None, scheduler=None,
                unsafe=False, progress=None, tell=None, with_engine=None):
    """Grade what was handed in, as far as that wasn't done before.

    Parameters
    ----------
    path : path
        Folder or archive of the submissions.
    out : path
        Folder of the marks.
    notebook : str
        This one only.
    roster : Roster
    layout : str
        How the submissions are laid out, one of `layouts.LAYOUTS`; recognised if not given.
    workers : int
        Processes; as many as processors if not given.
    seed : int
        Of the hidden inputs; a secret one, kept with the marks, if not given.
    scheduler : str
        Address of a Dask cluster to grade on.
    unsafe : bool
        Grade where there is no sandbox.
    progress : bool
        Show a bar; by default where somebody sees it.
    tell : function of str
        Is told, before anything is graded, how the submissions were read.
    with_engine : Engine

    Returns
    -------
    Summary

    Raises
    ------
    BatchError, NothingFound, Doubtful, StoreError, ValueError
        Nothing can be done, or not all could.
    Interrupted
    """
    use = with_engine or engine()
    if not scheduler and (why := use.refusal(unsafe)):
        raise BatchError(why)
    intake = take_in(path, identify=use.identify, notebook=notebook, roster=roster, layout=layout)
    if tell:
        tell(intake.told())
    intake.settled()
    if scheduler:
        pool = cluster(use.grade, scheduler, _questions(use, unsafe, {found.notebook for found in intake.found}))
    else:
        pool = local(use.grade, min(workers or cores(), len(intake.found)))
    bar = _bar(len(intake.found), progress)
    source = str(Path(path).resolve())
    try:
        with Store(out, seed) as store:
            store.begin(source, intake.problems, roster.names if roster else ())
            batch = _Batch(store, use, pool, unsafe, intake.problems, source, bar)
            try:
                batch.run(intake.submissions())
                store.begin(source, intake.problems)  # with those that came up on the way
                summary = summed_up(batch.summary, intake, store)
            except KeyboardInterrupt:
                raise Interrupted(*progress_of(intake, store)) from None
        pool.close()
        return summary
    except BaseException:
        pool.close(now=True)
        raise
    finally:
        bar.close()


def _questions(use, unsafe, notebooks):
    """Return what workers of a cluster are asked: whether they can grade safely, and whether they have this course."""
    differs = "it has another version of the course or of its libraries. Install the same on every machine."
    return [(use.refusal, (unsafe,), "", "{}"), *((use.version, (name,), use.version(name), differs)
                                                  for name in sorted(notebooks))]


def _bar(total, progress):
    from tqdm import tqdm

    shown = sys.stderr.isatty() if progress is None else progress
    return tqdm(total=total, unit="notebook", desc="Grading", file=sys.stderr, disable=not shown, dynamic_ncols=True)


@dataclass(frozen=True)
class _Turn:
    """A submission, without its bytes, that waits for the results of its job."""

    submission: object
    sha256: str
    notes: tuple
    texts: dict


class _Batch:
    """One run: `waiting` holds the turns of each job in flight, several where answers are equal."""

    def __init__(self, store, use, pool, unsafe, problems, source, bar):
        self.store, self.use, self.pool, self.unsafe = store, use, pool, unsafe
        self.problems, self.source, self.bar = problems, source, bar
        self.summary, self.waiting, self.failed = Summary(), {}, 0

    def run(self, submissions):
        for submission, reason in submissions:
            self._take(submission, reason)
            while self.pool.full:
                self._collect()
        while self.waiting:
            self._collect()

    def _take(self, submission, reason):
        sha256 = hashlib.sha256(submission.data).hexdigest()
        light, lifted = replace(submission, data=b""), None
        try:
            if not reason:
                with within(SECONDS):
                    lifted = self.use.lift(submission.data, submission.notebook)
        except ValueError as error:
            reason = str(error)
            self._problem(submission.origin, reason)
        except (Exception, OutOfTime) as error:  # a fault of the grader's, which costs nobody else anything
            self._set_aside(f"file {sha256}", [_Turn(light, sha256, (), {})], error)
            return
        if lifted is None:
            self._unreadable(light, sha256, reason)
            return
        turn = _Turn(light, sha256, tuple(lifted.notes), dict(lifted.texts))
        key = self._key(lifted.job, submission.notebook)
        if self.store.has(submission.student, submission.notebook, key, sha256):
            self.summary.kept += 1
            self.bar.update()
        elif key in self.waiting:
            self.waiting[key].append(turn)
        elif known := self.store.recall(key):
            self._store(turn, key, _results(known, submission.notebook))
            self.summary.equal += 1
        else:
            self.waiting[key] = [turn]
            self.pool.submit(key, lifted.job, self.store.seed, self.unsafe)

    def _key(self, job, notebook):
        digest = hashlib.sha256(job)
        digest.update(f"\0{self.store.seed}\0{self.use.version(notebook)}".encode())
        return digest.hexdigest()

    def _unreadable(self, submission, sha256, reason):
        key = f"unreadable {sha256}"
        if self.store.has(submission.student, submission.notebook, key, sha256):
            self.summary.kept += 1
            self.bar.update()
            return
        self._store(_Turn(submission, sha256, (), {}), key, _alike(submission.notebook, "missing", reason))
        self.summary.graded += 1

    def _collect(self):
        for key, outcome in self.pool.ended():
            turns = self.waiting.pop(key)
            results = self._judged(key, outcome, turns)
            if results:
                for turn in turns:
                    self._store(turn, key, results)
                self.summary.graded += 1
                self.summary.equal += len(turns) - 1

    def _judged(self, key, outcome, turns):
        """Return the results of a job, and keep them for equal ones; or None, and say why."""
        notebook = turns[0].submission.notebook
        if isinstance(outcome, Died):
            return _alike(notebook, "died", DIED, str(outcome))
        try:
            if isinstance(outcome, Exception):
                raise outcome
            results = _results(outcome, notebook)
        except Exception as error:
            if _is_machines(error):
                self._put_off(turns, error)
            else:
                self._set_aside(key, turns, error)
            return None
        self.failed = 0
        self.store.remember(key, outcome)
        return results

    def _put_off(self, turns, error):
        """Say what this machine can't do: nothing is known of the answers, and the next run tries again."""
        self.failed += 1
        for turn in turns:
            self._problem(turn.submission.origin, f"could not be graded: {_said(error)}")
        if self.failed >= HOPELESS:
            raise BatchError(f"{self.failed} notebooks in a row could not be graded, the last one because of this: "
                             f"{_said(error)}") from error

    def _set_aside(self, key, turns, error):
        """Store that a person has to look at what made the grader stumble; the next run tries again."""
        self.failed = 0
        for turn in turns:
            self._problem(turn.submission.origin, f"made the grader stumble: {_said(error)}")
            results = _alike(turn.submission.notebook, "needs review", REVIEW, _said(error))
            self._store(turn, f"review {key}", results)
        self.summary.graded += len(turns)

    def _store(self, turn, key, results):
        self.store.add(turn.submission, turn.notes, turn.texts, results, key, turn.sha256)
        self.bar.update()

    def _problem(self, origin, reason):
        self.problems.append((origin, reason))
        self.store.problem(origin, reason, self.source)


def _is_machines(error):
    """Tell whether an error is this machine's fault, and not brought about by what is graded."""
    from course_lib.grading.engine.sandbox import NotReady

    return isinstance(error, OSError | ImportError | NotReady)


def _said(error):
    return f"{type(error).__name__}: {error}"[:LONGEST]


def _results(text, notebook):
    """Return a job's results from their JSON; ValueError unless there is one of each exercise."""
    try:
        results = {item["exercise"]: Result(**item) for item in json.loads(text)}
        in_range = all(0 <= r.score <= r.max < math.inf and 0 <= r.seconds < math.inf for r in results.values())
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"the grader's answer can't be read: {error}") from error
    if not in_range:  # or no number at all
        raise ValueError("the grader's answer has a mark or a time that none can have")
    wanted = list(exercises(notebook))
    if sorted(results) != sorted(wanted) or any(result.status not in STATUSES for result in results.values()):
        raise ValueError(f"the grader's answer is about {', '.join(results) or 'nothing'}, not {', '.join(wanted)}")
    return [results[name] for name in wanted]


def _alike(notebook, status, message, detail=""):
    """Return one result for all exercises of a notebook."""
    return [Result(name, status, 0.0, float(exercise.points), message, detail=detail)
            for name, exercise in exercises(notebook).items()]
