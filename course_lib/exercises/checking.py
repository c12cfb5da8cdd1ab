"""`check` judges an answer and explains; `use` decides whose function the experiments run on."""

import os
import sys
import time

import numpy as np

from course_lib.exercises import records
from course_lib.exercises.comparing import NotArrays, differ, plain, show
from course_lib.exercises.core import find
from course_lib.exercises.report import Report
from course_lib.exercises.running import run_limited, short_trace

SECONDS = 5.0  # for all cases of an exercise together, or twenty times as long as the reference takes
MUCH_SLOWER = 3.0

_reports = {}


def check(answer, *, seconds=None):
    """Judge an answer to the exercise of its name, and say what is wrong with it.

    Parameters
    ----------
    answer : function
        Named like the exercise.
    seconds : float, optional
        The time limit; without it 5 seconds, or more where the reference itself takes long.

    Returns
    -------
    Report
        Shown in the notebook. `check` itself never raises and never hangs; only where nbgrader runs the notebook
        (NBGRADER_EXECUTION is set) it raises AssertionError for an answer that didn't pass, which is how nbgrader
        tells answers apart.
    """
    report = judge(answer, seconds=seconds)
    _reports[report.name] = answer, report
    if os.environ.get("NBGRADER_EXECUTION"):
        if report.status != "passed":
            raise AssertionError(str(report))
    else:
        records.record(report.name, report.status)
    return report


def use(answer):
    """Return the answer if it passed its check and isn't much slower than the reference, else the reference.

    Prints which. Assign the result, so that the experiments below run on the learner's own function.
    """
    name = getattr(answer, "__name__", "")
    exercise = find(name)
    checked, report = _reports.get(name, (None, None))
    if checked is not answer:
        report = judge(answer)
    if report.status != "passed":
        print(f"The experiments below use the course's {name}: yours is {report.status}.")
        return exercise.reference
    if report.slowness > MUCH_SLOWER:
        print(f"The experiments below use the course's {name}: yours is right, and {report.slowness:.0f} times slower.")
        return exercise.reference
    print(f"The experiments below run on your {name}.")
    return answer


def judge(answer, *, seconds=None, exercise=None, seed=0):
    """Return the report on one answer without recording it; `exercise` and `seed` serve tests and graders."""
    name = getattr(answer, "__name__", None)
    if not callable(answer) or not isinstance(name, str):
        what = f"check was given a {type(answer).__name__}, wanted a function: write check(name), without calling it."
        return Report(str(name or type(answer).__name__), "error", 0, 0, what)
    try:
        exercise = exercise or find(name)
    except ValueError as error:
        return Report(name, "error", 0, 0, str(error) + ".")
    copied = _copied(answer, exercise)
    if copied:
        return Report(name, "failed", 0, exercise.points, copied, hints=exercise.hints)
    cases = list(exercise.cases(np.random.default_rng(seed)))
    start = time.perf_counter()
    with np.errstate(all="ignore"):
        wanted = [plain(exercise.run(exercise.reference, _copy(case))) for case in cases]
    taken = time.perf_counter() - start
    seconds = seconds or max(SECONDS, 20 * taken)
    got, inputs, called = [], [_copy(case) for case in cases], []

    def work():
        for i, case in enumerate(inputs):
            if i == 0:
                sys.setprofile(lambda frame, event, arg: called.append(1) if frame.f_code is original else None)
            try:
                got.append(plain(exercise.run(answer, case)))
            except NotImplementedError:
                raise
            except Exception as error:  # the other cases still tell more
                got.append(error)
            finally:
                sys.setprofile(None)

    original = getattr(exercise.reference, "__wrapped__", exercise.reference).__code__
    outcome = run_limited(work, seconds)
    report = _report(exercise, cases, inputs, got, wanted, outcome, bool(called))
    if report.status == "passed" and taken < 0.5:  # what takes longer runs a training of ours inside
        report.slowness = _slowness(exercise, answer, cases, seconds)
    return report


def _report(exercise, cases, inputs, got, wanted, outcome, called):
    def report(status, message, **more):
        score = exercise.points if status == "passed" else 0
        notes = dict(hints=() if status == "passed" else exercise.hints, printed=outcome.printed, warned=outcome.warned)
        return Report(exercise.name, status, score, exercise.points, message, **notes, **more)

    def on(i):
        return f"Tried with {describe(exercise, cases[i])}."

    n = len(got)
    if outcome.timeout:
        left = " It can't be stopped and goes on in the background: restart the kernel." if outcome.stuck else ""
        return report("timeout", f"Not finished in time, in case {n + 1} of {len(cases)}. {on(n)}{left}")
    if isinstance(outcome.error, NotImplementedError):
        return report("open", "Still to be written.")
    if outcome.error is not None:
        return report("error", f"It stopped with an error. {on(min(n, len(cases) - 1))}", trace=outcome.trace)
    if called:
        message = "It calls the course's own function: write the computation yourself, to see that you can."
        return report("failed", message)
    compare = exercise.compare or differ
    faults = {}
    for i, (g, w) in enumerate(zip(got, wanted, strict=True)):
        if isinstance(g, NotArrays):
            faults[i] = str(g)
        elif isinstance(g, Exception):
            faults[i] = f"it raised {type(g).__name__}: {g}"
        elif _changed(cases[i], inputs[i]):
            faults[i] = "it changed its input: work on a copy, since the caller still needs it"
        else:
            faults[i] = compare(g, w)
    faults = {i: fault for i, fault in faults.items() if fault}
    if not faults:
        return report("passed", f"All {len(cases)} cases agree with the reference.")
    i = min(faults, key=lambda i: _size(cases[i]))
    raised = isinstance(got[i], Exception) and not isinstance(got[i], NotArrays)
    return report(
        "error" if raised else "failed",
        f"{len(cases) - len(faults)} of {len(cases)} cases agree. In the smallest that doesn't, {faults[i]}.",
        case=describe(exercise, cases[i]),
        got=show(got[i]) if isinstance(got[i], list) else "",
        wanted=show(wanted[i]),
        trace=short_trace(got[i]) if raised else "",
        hint=_recognise(exercise, cases, got),
    )


def describe(exercise, case):
    """Name every input of a case, with its shape or its numbers."""
    code = getattr(exercise.reference, "__wrapped__", exercise.reference).__code__
    names = code.co_varnames[: code.co_argcount] if not exercise.call else [f"input {i + 1}" for i in range(len(case))]
    return ", ".join(f"{name} = {show(value)}" for name, value in zip(names, case, strict=False))


def _recognise(exercise, cases, got):
    """Return the hint of the mistake that gives the same results as the answer, on every case where both give one."""
    compare = exercise.compare or differ
    given = [(case, result) for case, result in zip(cases, got, strict=True) if isinstance(result, list)]
    for mistake in exercise.mistakes:
        try:
            with np.errstate(all="ignore"):
                same = given and all(
                    compare(result, plain(exercise.run(mistake.function, _copy(case)))) is None
                    for case, result in given
                )
        except Exception:  # a mistake may fail in its own way on inputs where the answer didn't
            continue
        if same:
            return mistake.hint
    return ""


def _copied(answer, exercise):
    """Say so if the answer is the reference itself, or names what the exercise forbids."""
    original = getattr(exercise.reference, "__wrapped__", exercise.reference)
    code = getattr(getattr(answer, "__wrapped__", answer), "__code__", None)
    if code is original.__code__:
        return "This is the course's own function: write the computation yourself, to see that you can."
    used = set(code.co_names) if code else set()
    if used & set(exercise.forbid):
        found = ", ".join(sorted(used & set(exercise.forbid)))
        return f"It uses {found}, which does the exercise's work: write the computation yourself."
    return ""


def _slowness(exercise, answer, cases, seconds):
    """Return how many times longer than the reference the answer takes on the largest case: the best of some runs."""
    case = max(cases, key=_size)
    best = {answer: np.inf, exercise.reference: np.inf}

    def work():
        end = time.perf_counter() + 0.1
        while time.perf_counter() < end:
            for function in best:
                start = time.perf_counter()
                exercise.run(function, _copy(case))
                best[function] = min(best[function], time.perf_counter() - start)

    run_limited(work, seconds)
    return best[answer] / best[exercise.reference] if np.isfinite(best[answer]) else np.inf


def _arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _arrays(part)


def _copy(value):
    if isinstance(value, np.ndarray):
        return value.copy()
    return type(value)(map(_copy, value)) if isinstance(value, tuple | list) else value


def _changed(before, after):
    pairs = zip(_arrays(before), _arrays(after), strict=False)
    return any(b.shape != a.shape or not np.array_equal(b, a, equal_nan=b.dtype.kind == "f") for b, a in pairs)


def _size(case):
    return sum(array.size for array in _arrays(case)) or 1
