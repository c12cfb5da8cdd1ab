"""`check` judges an answer and explains; `use` decides whose function the experiments run on."""

import inspect
import os
import sys
import time
from dataclasses import replace

import numpy as np

from course_lib.exercises import keeping, logbook, outline
from course_lib.exercises.core import find
from course_lib.exercises.judge import cells
from course_lib.exercises.judge.comparing import Unusable, changed, copied, plain, show, show_parts, size
from course_lib.exercises.judge.copying import handed_out, ready_made
from course_lib.exercises.judge.leftovers import put_back
from course_lib.exercises.judge.report import Report
from course_lib.exercises.judge.running import inside, raised_inside, run_limited, short_trace
from course_lib.exercises.judge.verdicts import Raised, Run, kind_of, results, verdict

SECONDS = 5.0  # of processor time for all cases of an exercise together; the references need less than 0.1
ASKING = 0.3  # seconds for what is asked of a wrong answer
MUCH_SLOWER = 10.0  # times the reference: masks take four to six times as long, np.piecewise eleven
NOTICED = 0.002  # seconds more for one call of the size that the experiments use: below, they take as long as before
RUNS = 5  # of an answer at least before it is called slow: on a busy machine one alone takes many times longer

_reports = {}
cells.watch()


def check(answer, *, seconds=None):
    """Judge an answer to the exercise of its name, and say what is wrong with it.

    Parameters
    ----------
    answer : function
        Named like the exercise.
    seconds : float, optional
        The limit, in seconds of processor time, so that a busy machine fails nobody; without it 5, or more where the
        reference itself takes long. An answer that only waits is stopped after six times as long.

    Returns
    -------
    Report
        Shown in the notebook. Whatever the answer does, `check` never raises and never hangs; only where nbgrader runs
        the notebook (NBGRADER_EXECUTION is set) it raises AssertionError for an answer that didn't pass, which is how
        nbgrader tells answers apart.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, below the report, so that cells that wait for this one don't run.
    """
    report = judge(answer, seconds=seconds, names=sys._getframe(1).f_globals)
    _end_if_interrupted(report)
    _reports[report.name] = answer, report
    if os.environ.get("NBGRADER_EXECUTION"):
        if report.status != "passed":
            raise AssertionError(str(report))
    elif report.points:  # an exercise of the course
        logbook.record(report.name, report.status)
        if report.status == "passed":
            report.remark = "\n".join(filter(None, (report.remark, keeping.keep(answer, report.name))))
    return report


def _end_if_interrupted(report):
    """Show a report and let Ctrl-C go on up, if it came while an answer was judged."""
    if not report.interrupted:
        return
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        from IPython.display import display

        display(report)
    else:
        print(report)
    raise KeyboardInterrupt


def use(answer):
    """Return the answer if it passed its check and isn't much slower than the reference, else the reference.

    Prints which. Assign the result, so that the experiments below run on the learner's own function.
    """
    names = sys._getframe(1).f_globals
    name = name_of(answer, names)
    exercise = find(name)
    checked, report = _reports.get(name, (None, None))
    if checked is not answer:
        report = judge(answer, names=names)
        _end_if_interrupted(report)
    if report.status != "passed":
        yours = "yours is still to be written" if report.status == "open" else "yours hasn't passed its check"
        print(f"The experiments below use the course's {name}: {yours}.")
        return exercise.reference
    if report.slowness > 1:
        print(f"The experiments below use the course's {name}: yours is right, and {report.slowness:.0f} times slower.")
        return exercise.reference
    print(f"The experiments below run on your {name}.")
    return answer


def name_of(answer, names):
    """Return the name of the exercise that an answer is for.

    It is the function's own; or else, for what has another or none (a partial, an object with `__call__`, what a
    decorator returned, a second name), the one that it is bound to among the caller's names.
    """
    own = getattr(answer, "__name__", None)
    own = own if isinstance(own, str) else ""
    if own not in outline.places():
        bound = [name for name, value in names.items() if value is answer and name in outline.places()]
        return bound[0] if bound else own
    return own


def judge(answer, *, seconds=None, exercise=None, seed=0, names=None):
    """Return the report on one answer without recording it.

    `exercise` and `seed` serve tests; `names` are those of the notebook, among which the answer may have its name.
    """
    name = exercise.name if exercise else name_of(answer, names or {})
    if not callable(answer) or not name:
        kind = type(answer).__name__
        what = f"check was given a {kind}, wanted a function: write check(name), without calling it."
        if callable(answer):
            what = f"check was given a {kind} without a name: give it the exercise's, which says what it answers."
        return Report(str(name or kind), "error", 0, 0, what)
    if name == "<lambda>":
        what = "check was given a lambda: give it the exercise's name, which says what it answers."
        return Report(name, "error", 0, 0, what)
    try:
        exercise = exercise or find(name)
    except ValueError as error:
        return Report(name, "error", 0, 0, str(error) + ".")
    if inside():
        return Report(name, "error", 0, 0, "check was called from within an answer, which would never end.")
    if names is not None and (why := cells.not_taken(name)):
        why += ". The kernel still has the version before, which isn't judged: mend the cell and run it again."
        return Report(name, "error", 0, exercise.points, why, hints=exercise.steps)
    found = ready_made(answer, exercise)
    if found:
        return Report(name, "failed", 0, exercise.points, found, hints=exercise.steps)
    cases = list(exercise.cases(np.random.default_rng(seed)))
    began = time.process_time()
    wanted = results(exercise, cases)
    if seconds is None:
        seconds = max(SECONDS, 20 * (time.process_time() - began))
    exercise = _in_words_of(answer, exercise)

    def ask(further):
        run, outcome, *_ = _tried(exercise, answer, further, ASKING)
        interrupted.append(outcome.interrupted)
        return run.got

    interrupted = []
    run, outcome, times, changes = _tried(exercise, answer, cases, seconds)
    found = verdict(exercise, cases, wanted, run, ask=ask)
    report = _report(exercise, cases, wanted, run, outcome, found, seconds)
    if report.status == "passed":
        report.slowness, stopped = _slowness(exercise, answer, cases, times)
        interrupted.append(stopped)
    report.interrupted = outcome.interrupted or any(interrupted)
    report.remark = "\n".join(filter(None, (report.remark, *changes)))
    return report


def _in_words_of(answer, exercise):
    """Return the exercise with its inputs named as the answer names them."""
    own, reference = (getattr(inspect.unwrap(f), "__code__", None) for f in (answer, exercise.reference))
    if exercise.call or own is None or own.co_argcount != reference.co_argcount:
        return exercise
    names = own.co_varnames[: own.co_argcount]
    return exercise if names == reference.co_varnames[: own.co_argcount] else replace(exercise, inputs=names)


def _tried(exercise, answer, cases, seconds):
    """Run an answer on cases.

    Returns
    -------
    run : Run
    outcome : Outcome
    times : dict
        The seconds of each case that it finished.
    changes : list of str
        What it left behind and was put right.
    """
    got, inputs, called, times = [], [copied(case) for case in cases], [], {}
    original, handed = inspect.unwrap(exercise.reference).__code__, handed_out(exercise.name)

    def watch(frame, event, arg):
        if frame.f_code is original or frame.f_code.co_filename == handed:
            called.append(1)

    def work():
        for i, case in enumerate(inputs):
            if i == 0:
                sys.setprofile(watch)
            try:
                began = time.perf_counter()
                result = exercise.run(answer, case)
                times[i] = time.perf_counter() - began
                got.append(plain(result))
            except Unusable as error:
                got.append(str(error))
            except Exception as error:
                if type(error) is NotImplementedError:
                    raise
                got.append(Raised(kind_of(error), short_trace(error), raised_inside(error)))
            finally:
                sys.setprofile(None)

    with put_back() as changes:
        outcome = run_limited(work, seconds, case=lambda: min(len(got), len(cases) - 1))
    stopped = "" if outcome.error is None or outcome.timeout else "an error"
    if type(outcome.error) is NotImplementedError:
        stopped = stopped and "NotImplementedError"
    ended = not outcome.timeout and not stopped
    altered = [changed(*pair) for pair in zip(cases, inputs, strict=True)]
    # a call of the reference counts for an answer that came to its end
    run = Run(got, altered, (), bool(called) and ended, stopped, "time" if outcome.timeout else "")
    return run, outcome, times, changes


def _report(exercise, cases, wanted, run, outcome, found, seconds):
    """Return what the verdict on a run says to its learner, who may see the inputs and what was wanted."""
    got, n, i = run.got, len(cases), min(len(run.got), len(cases) - 1)
    more, shown = {}, None
    if found.why in ("time", "stopped"):
        shown = i
        more = {"case": describe(exercise, cases[i]), "trace": outcome.trace if run.stopped else ""}
    elif found.why == "faults":
        i = shown = found.case
        own = exercise.compare is None  # else the arrays are ours, no result of it
        refused = isinstance(wanted[i], Raised)
        names = () if refused else exercise.parts[: len(wanted[i])]
        more = {
            "case": describe(exercise, cases[i]),
            "got": show_parts(got[i], names) if own and isinstance(got[i], list) else "",
            "wanted": f"{wanted[i].name}: {wanted[i].trace}" if refused
            else show_parts(wanted[i], names) if own else "",
            "trace": got[i].trace if isinstance(got[i], Raised) else "",
            "hint": found.hint,
        }
    status = "failed" if found.why == "called" else found.status  # there is nobody to review it
    message = _fault(found, n) if found.why == "faults" else _message(found.why, outcome, i, n, seconds)
    if found.remark:
        message = "It is right wherever the text asks for something."
    score, hints = (exercise.points, ()) if status == "passed" else (0, exercise.steps)
    means = outcome.warned.meaning(n, lambda i: describe(exercise, cases[i])) if status == "passed" else ""
    remark = "\n".join(filter(None, (found.remark, means)))
    more |= {"remark": remark, "hints": hints, "printed": outcome.printed, "warned": outcome.warned.lines(n, shown)}
    return Report(exercise.name, status, score, exercise.points, message, **more)


def _message(why, outcome, i, n, seconds):
    if why == "time":
        start = "Stopped from outside" if outcome.interrupted else f"Not finished within {round(seconds, 1):g} s"
        left = " It can't be stopped and goes on in the background: restart the kernel." if outcome.stuck else ""
        where = f", in case {i + 1} of {n}" if n > 1 else ""
        return f"{start}{where}.{left}"
    return {
        "": f"All {n} cases are right." if n > 1 else "It is right.",
        "open": "Still to be written.",
        "stopped": "It stopped with an error.",
        "called": "It calls the course's own function: write the computation yourself, to see that you can.",
        "form": "Its results can't be compared with what was wanted.",
    }[why]


def _fault(found, n):
    fault = found.faults[found.case]
    end = "" if fault.endswith("?") else "."
    if n == 1:
        return f"{fault[0].upper()}{fault[1:]}{end}"
    return f"{n - len(found.faults)} of {n} cases are right. In the smallest that isn't, {fault}{end}"


def describe(exercise, case):
    """Name every input of a case, with its shape or its numbers."""
    return "\n".join(f"{name} = {show(value)}" for name, value in exercise.named(case).items())


def _slowness(exercise, answer, cases, times):
    """Return how many times longer than the reference the answer takes on the largest case, and whether Ctrl-C came.

    It is the best of some runs, and 1 where the experiments wouldn't notice.
    """
    i = max(times, key=lambda i: size(cases[i]))

    def timed(function):
        case = copied(cases[i])
        start = time.perf_counter()
        exercise.run(function, case)
        return time.perf_counter() - start

    with np.errstate(all="ignore"):
        best = [min(timed(exercise.reference) for _ in range(3)), times[i]]

    def is_slow():
        return best[1] > MUCH_SLOWER * best[0] and best[1] - best[0] > NOTICED

    def work():
        end, runs = time.perf_counter() + 0.1, 0
        while is_slow() and (time.perf_counter() < end or runs < RUNS):
            runs += 1
            best[0] = min(best[0], timed(exercise.reference))
            best[1] = min(best[1], timed(answer))

    with put_back():
        outcome = run_limited(work, 1.0)
    return best[1] / best[0] if is_slow() else 1.0, outcome.interrupted
