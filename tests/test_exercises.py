"""The engine of the exercises: `check` and answers of every kind, its reports, `use`, nbgrader's rules."""

import builtins
import json
import math
import os
import queue
import random
import re
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from course_lib.exercises import Exercise, Mistake, check, find, logbook, use
from course_lib.exercises.judge import checking, interrupting
from course_lib.exercises.judge.checking import judge
from course_lib.exercises.judge.comparing import Unusable, changed, copied, differ, plain, show, show_parts
from course_lib.exercises.judge.interrupting import AnswerThread
from course_lib.exercises.judge.running import Outcome, run_limited
from tests.attacks import ATTACKS, PRELUDE, check_call

ROOT = Path(__file__).parents[1]
NEXT = "next cell\n"


# Answers that attack the check: in plain Python and in a real kernel


@pytest.fixture(scope="module")
def plain_python(tmp_path_factory):
    """Start trying all attacks in a Python of its own; calling the result waits for what it found."""
    progress = tmp_path_factory.mktemp("plain") / "progress.jsonl"
    environment = os.environ | {"COURSE_PROGRESS": str(progress)}

    process = subprocess.Popen([sys.executable, "-m", "tests.attacks"], stdout=subprocess.PIPE, text=True,
                               env=environment, cwd=ROOT)
    found = []

    def wait():
        if not found:
            text = process.communicate(timeout=600)[0]
            assert process.returncode == 0, f"the attacks ended with exit code {process.returncode}"
            found.append(json.loads(text))
        return found[0]

    yield wait
    process.kill()


class Kernel:
    def __init__(self, manager, client):
        self.manager, self.client = manager, client

    def run(self, code, seconds=120):
        """Execute one cell; return its text, its HTML, and all else that it sent: streams, errors, orders."""
        request = self.client.execute(code, allow_stdin=False)
        text = html = ""
        sent = []
        while True:
            message = self.client.get_iopub_msg(timeout=seconds)
            kind, content, own = message["msg_type"], message["content"], answered(message, request)
            if kind == "execute_result" and own:
                text, html = content["data"]["text/plain"], content["data"].get("text/html", "")
            elif kind == "stream":  # whichever cell it is for
                sent.append(content["text"])
            elif kind in ("error", "display_data", "execute_result"):
                sent.append(str(content))
            elif kind == "status" and content["execution_state"] == "idle" and own:
                break
        # A busy machine's kernel still answers what it was asked before, such as whether it is ready
        while not answered(reply := self.client.get_shell_msg(timeout=seconds), request):
            pass
        return text, html, "".join(sent) + str(reply["content"]["payload"] or "")


def answered(message, request):
    """Say whether a kernel's message belongs to a request."""
    return message["parent_header"].get("msg_id") == request


@pytest.fixture(scope="module")
def kernel(plain_python, tmp_path_factory):
    from jupyter_client.manager import start_new_kernel

    progress = tmp_path_factory.mktemp("kernel") / "progress.jsonl"
    manager, client = start_new_kernel(
        kernel_name="python3", env=os.environ | {"COURSE_PROGRESS": str(progress)}
    )
    kernel = Kernel(manager, client)
    kernel.run(PRELUDE)
    yield kernel
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_replies_to_other_requests_are_left_alone(kernel):
    for _ in range(3):
        kernel.client.kernel_info()
    assert kernel.run("1 + 1") == ("2", "", "")
    assert kernel.run("exit(keep_kernel=True)")[2].count("ask_exit") == 1
    assert kernel.run("2 + 2") == ("4", "", "")


def test_interrupting_the_kernel_stops_the_check_and_nothing_else(kernel, tmp_path):
    begun = tmp_path / "begun"
    kernel.run(f"def logistic(z):\n    open({str(begun)!r}, 'w')\n    while True: pass")

    def interrupt():
        while not begun.exists():
            time.sleep(0.05)
        kernel.manager.interrupt_kernel()

    threading.Thread(target=interrupt, daemon=True).start()
    _, _, sent = kernel.run("check(logistic, seconds=50)")
    assert "timeout, 0 of 2 points" in sent and "Stopped from outside, in case 1 of 9." in sent
    assert "KeyboardInterrupt" in sent  # so that whatever waits for this cell doesn't run
    assert kernel.run("print('next cell')")[2] == NEXT


def test_an_interrupt_that_comes_while_the_answer_is_being_started_stops_it(monkeypatch):
    start = AnswerThread.start

    def interrupted(thread):
        start(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(AnswerThread, "start", interrupted)
    names = {}
    exec("def logistic(z):\n    while True: pass", names)
    report = judge(names["logistic"], seconds=50)
    assert report.status == "timeout"
    assert report.message == "Stopped from outside, in case 1 of 9."


@pytest.mark.parametrize("call", [check, use])
def test_an_interrupt_goes_on_up_below_the_report(call, monkeypatch, capsys):
    start, names = AnswerThread.start, {}

    def interrupted(thread):
        start(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(AnswerThread, "start", interrupted)
    exec("def logistic(z):\n    while True: pass", names)
    with pytest.raises(KeyboardInterrupt):
        call(names["logistic"])
    assert "timeout, 0 of 2 points\nStopped from outside, in case 1 of 9." in capsys.readouterr().out


@pytest.mark.parametrize("while_asking", [False, True])
def test_an_interrupt_after_the_cases_goes_on_up_too(while_asking, monkeypatch):
    """While a right answer is timed, or a wrong one is asked what is wrong with it."""
    runs, limited = [], checking.run_limited

    def interrupted(*arguments, **more):
        runs.append(1)
        outcome = limited(*arguments, **more)
        outcome.interrupted = len(runs) == 2
        return outcome

    monkeypatch.setattr(checking, "run_limited", interrupted)
    report = judge(lambda_named(lambda z: 1 / (1 + np.exp(-z)) + 0.25 * while_asking), seconds=50)
    assert report.interrupted and len(runs) >= 2


def lambda_named(function):
    function.__name__ = "logistic"
    return function


BEFORE = "def logistic(z):\n    return right(z)"
FAILING = {
    "syntax": ("def logistic(z):\n    y = 1\n    return y +\n", "Your last version has a SyntaxError in line 3"),
    "signature": ("def logistic(z:\n    return z\n", "Your last version has a SyntaxError in line 1"),
    "indentation": ("def logistic(z):\nreturn z\n", "Your last version has an IndentationError in line 2"),
    "before": ("1 / 0\ndef logistic(z): return z",
               "The cell of your last version stopped with ZeroDivisionError before it was defined"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_version_that_was_not_taken_is_said_and_the_one_before_is_not_judged(name, kernel):
    source, sentence = FAILING[name]
    kernel.run(BEFORE)
    assert "passed, 2 of 2 points" in kernel.run("check(logistic)")[0]
    kernel.run(source)
    kernel.run("unrelated = 1 / 3")
    text, html, _ = kernel.run("check(logistic)")
    assert text.startswith("! logistic: error, 0 of 2 points\n" + sentence) and "isn't judged" in text
    assert 'data-status="error"' in html
    assert "The experiments below use the course's logistic" in kernel.run("_ = use(logistic)")[2]
    kernel.run(BEFORE + " ")
    assert "passed, 2 of 2 points" in kernel.run("check(logistic)")[0]


@pytest.mark.parametrize("source", [
    BEFORE + "\n1 / 0",
    "def other(z):\n    return z +",
    "class Odd:\n    def logistic(self): return 1 / 0\nOdd().logistic()",
])
def test_a_cell_that_failed_otherwise_changes_nothing(source, kernel):
    kernel.run(BEFORE)
    kernel.run(source)
    assert "passed, 2 of 2 points" in kernel.run("check(logistic)")[0]


def test_error_in_a_cell_shows_the_learners_own_line(kernel):
    kernel.run("def logistic(z):\n    y = z\n    return np.linalg.inv(y)\n")
    text, html, _ = kernel.run("check(logistic)")
    assert "Error:\n    line 3: return np.linalg.inv(y)\n    numpy.linalg.LinAlgError: " in text
    assert "line 3: return np.linalg.inv(y)" in html


def test_input_is_an_error_and_not_an_open_exercise(kernel):
    kernel.run("def logistic(z):\n    return input('z?')\n")
    assert "error, 0 of 2 points" in kernel.run("check(logistic)")[0]


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_in_a_kernel(name, kernel):
    source, status, pattern = ATTACKS[name]
    try:
        kernel.run(source)
        text, html, sent = kernel.run(check_call(name))
        following = kernel.run("print('next cell')")[2]
    except queue.Empty:
        pytest.fail(f"{name}: no report in time")
    assert f": {status}, " in text.split("\n")[0], text
    assert re.search(pattern, text), text
    assert f'data-status="{status}"' in html
    assert "<script" not in html
    assert sent == ""
    assert following == NEXT


def test_threads_of_the_learners_functions_end_and_those_of_libraries_stay():
    names = {"__name__": "__main__", "threading": threading, "time": time}
    exec("def forever():\n    while True: time.sleep(0.001)\n"
         "def answer(): threading.Thread(target=forever, name='own', daemon=True).start()", names)
    with ThreadPoolExecutor(1) as pool:
        run_limited(lambda: (names["answer"](), pool.submit(int).result()), 5)
        assert "own" not in {thread.name for thread in threading.enumerate()}
        assert pool.submit(int).result(timeout=5) == 0


def test_kernel_is_as_before_the_attacks(kernel):
    """Runs last: loops that can't be stopped are silent, and exit() still works for the learner."""
    assert kernel.run("print(np.geterr()['over'], check is not None)")[2] == "warn True\n"
    assert kernel.run("%%capture kept\nprint('inside')")[2] == ""
    assert kernel.run("print(kept.stdout, end='')")[2] == "inside\n"
    assert "ask_exit" in kernel.run("exit(keep_kernel=True)")[2]


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_in_plain_python(name, plain_python):
    _, status, pattern = ATTACKS[name]
    text, html, printed = plain_python()[name]
    assert f": {status}, " in text.split("\n")[0], text
    assert re.search(pattern, text), text
    assert "<script" not in html
    assert printed == NEXT


# The report


def double(x):
    return 2 * x


def triple(x):
    return 3 * x


def cases(rng):
    yield (np.arange(4.0),)
    yield (np.array([1.0]),)
    yield (rng.standard_normal((30, 2)),)


EXERCISE = Exercise(
    name="double",
    reference=double,
    cases=cases,
    points=2,
    hints=("a", "b", "c"),
    mistakes=(Mistake(triple, "That is three times."), Mistake(lambda x: x, "That is x itself.")),
)


def judged(function):
    function.__name__ = "double"
    return judge(function, exercise=EXERCISE)


def test_smallest_failing_case_is_shown():
    report = judged(lambda x: 5 * x)
    assert (report.status, report.score, report.points) == ("failed", 0, 2)
    assert report.message == (
        "0 of 3 cases are right. In the smallest that isn't, the result differs most at [0]: got 5, wanted 2."
    )
    assert (report.case, report.got, report.wanted) == ("x = [1.]", "[5.]", "[2.]")


def test_only_failing_cases_are_shown():
    report = judged(lambda x: 2 * x if x.size != 4 else x)
    assert report.message.startswith("2 of 3 cases are right.")
    assert report.case == "x = [0., 1., 2., 3.]"


def test_mistakes_are_recognised_by_what_they_give():
    assert judged(lambda x: x + x + x).hint == "That is three times."
    assert judged(lambda x: x * 1.0).hint == "That is x itself."
    assert judged(lambda x: 5 * x).hint == ""


def test_mistake_is_recognised_where_the_answer_fails_elsewhere_too():
    def answer(x):
        if x.ndim == 2:
            raise ValueError("two axes")
        return 3 * x

    assert judged(answer).hint == "That is three times."


def test_answer_that_gives_right_results_and_errors_gets_no_hint():
    def answer(x):
        if x.size > 1:
            raise ValueError("large")
        return 2 * x

    answer.__name__ = "double"
    mistake = Mistake(lambda x: 2 * x**2, "That is right for 1 alone.")
    report = judge(answer, exercise=replace(EXERCISE, mistakes=(mistake,)))
    assert (report.status, report.hint) == ("error", "")
    assert "it raised ValueError" in report.message
    assert "ValueError: large" in report.trace


def test_a_mistake_that_is_right_on_ordinary_cases_is_none_of_an_answer_in_place():
    """Its numbers are right there, as are those of a mistake that shows in large numbers alone."""
    def wide(rng):
        yield (np.array([1.0, 2.0]),)
        yield (np.array([1000.0]),)

    exploding = Mistake(lambda x: np.where(x > 100, np.inf, 2 * x), "It overflows.")
    exercise = replace(EXERCISE, cases=wide, mistakes=(exploding,))

    def in_place(x):
        x *= 2
        return x

    def overflowing(x):
        return np.where(x > 100, np.inf, 2 * x)

    assert judge(in_place, exercise=exercise).hint == ""
    assert judge(overflowing, exercise=exercise).hint == "It overflows."


def test_hint_of_a_mistake_that_agrees_only_in_some_cases_is_not_shown():
    assert judged(lambda x: 3 * x if x.size < 9 else 4 * x).hint == ""


def test_text_and_html_say_the_same_without_colour():
    report = judged(lambda x: print("<b>&") or 5 * x)
    html = report._repr_html_()
    for text in (
        "✗ double: failed",
        "0 of 2 points",
        "&lt;b&gt;&amp;",
        "x = [1.]",
        "Got",
        "Wanted",
        "Hint 1: idea",
    ):
        assert text in html
    assert "<b>" not in html
    assert str(report).startswith("✗ double: failed, 0 of 2 points\n")
    assert 'hint("double")' in str(report)


def warning_in(word, where, result=lambda x: 2 * x):
    def answer(x):
        if where(x):
            {"overflow": lambda: np.exp([1e4]), "divide": lambda: np.log([0.0]), "invalid": lambda: np.log([-1.0]),
             "own": lambda: warnings.warn("of my own", stacklevel=1)}[word]()
        return result(x)

    return judged(answer)


def test_a_warning_belongs_to_its_case():
    wrong = lambda x: 5 * x  # noqa: E731 - the case with one number is shown
    assert warning_in("own", lambda x: x.size == 1, wrong).warned == ("UserWarning: of my own",)
    assert warning_in("own", lambda x: x.size == 4, wrong).warned == ("in case 1 of 3: UserWarning: of my own",)
    both = warning_in("own", lambda x: x.size > 1, wrong).warned
    assert both == ("in 2 of 3 cases, first in case 1: UserWarning: of my own",)
    assert warning_in("own", lambda x: True, wrong).warned == ("UserWarning: of my own",)
    assert warning_in("own", lambda x: True).warned == ("in every case: UserWarning: of my own",)


@pytest.mark.parametrize(("word", "meaning"), [
    ("overflow", "became inf (overflow)"),
    ("divide", "gave inf (divide by zero)"),
    ("invalid", "gave NaN (invalid value)"),
])
def test_what_a_warning_means_is_said_of_a_right_answer(word, meaning):
    report = warning_in(word, lambda x: x.size == 1)
    assert report.status == "passed" and report.warned[0].startswith("in case 2 of 3: RuntimeWarning: ")
    assert report.remark.startswith("With x = [1.]: ") and meaning in report.remark
    assert "right all the same" in report.remark
    assert warning_in(word, lambda x: x.size == 1, lambda x: 5 * x).remark == ""


def test_other_warnings_are_shown_without_a_meaning():
    report = warning_in("own", lambda x: x.size == 1)
    assert (report.remark, report.warned) == ("", ("in case 2 of 3: UserWarning: of my own",))


def test_the_naive_form_is_told_what_its_warning_means():
    report = judge(lambda_named(lambda z: 1 / (1 + np.exp(-z))))
    assert report.status == "passed" and "With z = " in report.remark and "1 / inf is 0" in report.remark


def test_passed_report_is_short():
    report = judged(lambda x: x + x)
    assert str(report) == "✓ double: passed, 2 of 2 points\nAll 3 cases are right."
    assert "<details>" not in report._repr_html_()


def test_same_seed_gives_the_same_cases_and_another_seed_others():
    seen = []

    def answer(x):
        seen.append(x.sum())
        raise ValueError

    answer.__name__ = "double"
    for seed in (0, 0, 1):
        judge(answer, exercise=EXERCISE, seed=seed)
    assert seen[:3] == seen[3:6]
    assert seen[2] != seen[8]


def test_reference_never_sees_what_the_answer_did_to_its_input():
    def answer(x):
        x *= 2
        return x

    report = judged(answer)
    assert "it changed its input: work on a copy" in report.message
    assert report.wanted == "[2.]"


def test_case_with_several_inputs_names_them():
    def add(x, y, *, scale):
        return x + y

    exercise = Exercise(
        name="add",
        reference=add,
        points=1,
        cases=lambda rng: [(np.ones(1), (np.zeros(1, np.float32), [2]), 0.5)],
        call=lambda answer, case: answer(case[0], case[1][0], scale=case[2]),
    )
    wrong = lambda x, y, *, scale: x - 1  # noqa: E731
    wrong.__name__ = "add"
    report = judge(wrong, exercise=exercise)
    assert report.case == "x = [1.]\ny = ([0.] float32, [2])\nscale = 0.5"
    assert report.message == "The result differs most at [0]: got 0, wanted 1."


# plain, differ, show


def test_plain_takes_arrays_scalars_tuples_and_lists():
    assert [a.tolist() for a in plain((np.ones(2), 3.0, np.float32(4)))] == [[1, 1], 3, 4]
    assert plain([]) == []


def test_plain_copies_and_drops_subclasses():
    array = np.ones(2).view(np.matrix)
    (result,) = plain(array)
    assert type(result) is np.ndarray
    assert not np.shares_memory(result, array)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "is there a `return`"),
        ({}, "its result is a dict"),
        ((1.0, "a"), "part 2 of 2 of its result is a str"),
        (np.array([1j]), "complex128, wanted real numbers"),
        (iter([1]), "list_iterator"),
        (np.broadcast_to(1.0, (10**9, 10**6)), "far too large"),
        ([1.0] * 2000, "more than 1000 parts"),
    ],
)
def test_plain_refuses(value, message):
    with pytest.raises(Unusable, match=message):
        plain(value)


@pytest.mark.parametrize(
    ("got", "wanted", "sentence"),
    [
        ([[1.0, 2.0]], [[1.0, 2.0]], None),
        ([[1.0 + 1e-9]], [[1.0]], None),
        ([[1.0 + 1e-6]], [[1.0]], "the result differs most at [0]: got 1.000001, wanted 1"),
        ([[np.nan, np.inf]], [[np.nan, np.inf]], None),
        ([[np.inf]], [[-np.inf]], "the result differs most at [0]: got inf, wanted -inf"),
        ([[np.nan, 5.0]], [[1.0, 1.0]], "the result differs most at [0]: got nan, wanted 1"),
        ([[1e-200]], [[0.0]], None),
        ([[1e-3]], [[0.0]], "the result differs most at [0]: got 0.001, wanted 0"),
        ([[True]], [[False]], "the result differs most at [0]: got 1, wanted 0"),
        ([3.0], [4.0], "the result differs from what was wanted: got 3, wanted 4"),
        ([[1, 2]], [[1.0, 2.0]], "the result has the right values, but dtype int64, wanted float64"),
        ([3], [3.0], None),
        (
            [[[1.0, 2.0]]],
            [[[1.0], [2.0]]],
            "the result has shape (1, 2), wanted (2, 1): was something transposed?",
        ),
        ([[1.0], [2.0]], [[1.0]], "it returned a tuple or list of 2, wanted one array"),
        ([[1.0]], [[1.0], [2.0]], "it returned one array, wanted a tuple or list of 2"),
        ([[1.0], [2.0]], [[1.0], [3.0]], "part 2 of the result differs most at [0]: got 2, wanted 3"),
        ([[]], [[]], None),
    ],
)
def test_differ(got, wanted, sentence):
    assert differ([np.array(a) for a in got], [np.array(a) for a in wanted]) == sentence


@pytest.mark.parametrize(
    ("dtype", "error", "agree"),
    [
        (np.float64, 1e-8, True),
        (np.float64, 1e-6, False),
        (np.float32, 1e-5, True),
        (np.float32, 1e-3, False),
    ],
)
def test_tolerance_follows_the_dtype(dtype, error, agree):
    wanted = np.array([1.0, 100.0], dtype)
    assert (differ([wanted * dtype(1 + error)], [wanted]) is None) == agree


def test_show_is_short_whatever_comes():
    for value in (
        np.zeros((1000, 1000)),
        [np.zeros(3)] * 10**4,
        "x" * 10**6,
        np.zeros((0, 3)),
        np.ones(30, bool),
        {"a": np.zeros(10**5)},
        np.full(25, np.nan),
    ):
        assert 0 < len(show(value)) < 500
    assert len(show_parts([np.zeros(3)] * 1000)) < 500


def test_show_names_the_dtypes_that_surprise():
    assert show(np.array([3], np.uint8)) == "[3] uint8"
    assert show(np.array([3.0])) == "[3.]"
    assert show(np.zeros((5, 6), np.float32)) == "array of shape (5, 6), float32, from 0 to 0"


def test_copies_are_deep_and_changes_are_seen_anywhere():
    case = (np.zeros(2), [np.ones(2), {"m": np.ones(1)}], 3, "x")
    for change in (
        lambda c: c[0].__setitem__(0, 1),
        lambda c: c[1].append(np.ones(1)),
        lambda c: c[1].pop(),
        lambda c: c[1][1]["m"].fill(5),
        lambda c: c[1].__setitem__(0, np.zeros(2)),
    ):
        copy = copied(case)
        assert not changed(case, copy)
        change(copy)
        assert changed(case, copy)
        assert case[0].tolist() == [0, 0]


def test_nan_in_an_input_is_no_change():
    assert not changed((np.array([np.nan]),), (np.array([np.nan]),))


# run_limited


def test_run_keeps_the_first_of_what_is_printed_and_counts_the_rest():
    outcome = run_limited(lambda: print("ab" * 5000), 10)
    assert outcome.printed.startswith("abab")
    assert outcome.printed.endswith("… and 9,001 characters more")  # the newline too
    assert run_limited(lambda: print("one\n" * 100), 10).printed.count("one") == 20


def test_run_gives_back_stdout_and_leaves_other_threads_alone(capsys):
    before = sys.stdout, sys.stderr
    seen = []
    other = threading.Thread(target=lambda: (go.wait(10), print("from elsewhere"), done.set()))
    go, done = threading.Event(), threading.Event()
    other.start()
    outcome = run_limited(lambda: (go.set(), done.wait(10), print("mine"), seen.append(1)), 10)
    other.join()
    assert (outcome.printed, outcome.timeout, seen) == ("mine", False, [1])
    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr().out == "from elsewhere\n"


class Clocks:
    """A machine that gives an answer some processor time for each second on the clock; stands in for its `ended`.

    Parameters
    ----------
    share : float
        Processor seconds for each second: less than 1 where others use the machine, 0 where the answer sleeps.
    needs : float
        Processor seconds after which it has ended.
    """

    def __init__(self, monkeypatch, share, needs=1e9):
        self.share, self.needs, self.now, self.looks = share, needs, 0.0, 0
        monkeypatch.setattr(interrupting, "monotonic", lambda: self.now)
        monkeypatch.setattr(interrupting, "process_time", lambda: self.now * share)

    def wait(self, seconds):
        end = self.needs / self.share if self.share else np.inf
        self.looks, self.now = self.looks + 1, min(self.now + seconds, max(self.now, end))
        return self.now == end


@pytest.mark.parametrize(
    ("share", "seconds"),
    [
        (1, 5),  # a loop on an idle machine
        (1 / 4, 20),  # one that gets a quarter of a core: the same work
        (1 / 100, 30),  # hardly anything
        (0, 30),  # sleeps
        (3, 5),  # several threads at once
    ],
)
def test_time_is_what_the_answer_works(share, seconds, monkeypatch):
    clocks = Clocks(monkeypatch, share)
    interrupting.wait(clocks, 5.0)
    assert clocks.now == pytest.approx(seconds, abs=0.05)
    assert clocks.looks < 1000


def test_an_answer_that_needs_less_than_its_time_is_not_stopped_on_a_busy_machine(monkeypatch):
    clocks = Clocks(monkeypatch, share=0.1, needs=1.0)
    interrupting.wait(clocks, 5.0)
    assert clocks.now == 10


def test_run_does_not_count_what_the_machine_does_for_others(monkeypatch):
    monkeypatch.setattr(interrupting, "process_time", lambda: 0.0)
    monkeypatch.setattr(interrupting, "IN_ALL", 10**6)
    assert run_limited(lambda: time.sleep(0.2), 0.01) == Outcome()
    monkeypatch.setattr(interrupting, "IN_ALL", 6)
    assert run_limited(lambda: time.sleep(10), 0.01).timeout


def test_clocks_that_an_answer_replaces_are_not_asked(monkeypatch):
    def answer():
        monkeypatch.setattr(time, "monotonic", lambda: 0.0)
        monkeypatch.setattr(time, "process_time", lambda: 0.0)
        while time.perf_counter() < end:
            pass

    end = time.perf_counter() + 5
    assert run_limited(answer, 0.1).timeout


# use


@pytest.fixture
def answers():
    """Answers to `logistic`, each with the course's right one at hand."""
    names = {}
    exec(PRELUDE, names)

    def make(source):
        exec(source, names)
        return names["logistic"]

    return make


def test_use_returns_the_learners_own_where_it_passed(answers, capsys):
    answer = answers("def logistic(z): return right(z)")
    assert check(answer).status == "passed"
    assert use(answer) is answer
    assert capsys.readouterr().out == "The experiments below run on your logistic.\n"


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        ("def logistic(z): return z", "failed", "yours hasn't passed its check"),
        ("def logistic(z): raise NotImplementedError", "open", "yours is still to be written"),
        ("def logistic(z): 1 / 0", "error", "yours hasn't passed its check"),
        (
            "def logistic(z):\n    time.sleep(0.005)\n    return right(z)",
            "passed",
            "yours is right, and [0-9]+ times slower",
        ),
    ],
)
def test_use_returns_the_reference_otherwise(source, status, said, answers, capsys):
    answer = answers(source)
    assert check(answer).status == status
    assert use(answer) is find("logistic").reference
    assert re.fullmatch(
        f"The experiments below use the course's logistic: {said}.\n", capsys.readouterr().out
    )


@pytest.mark.parametrize(
    "source",
    [
        "def logistic(z):\n    return np.piecewise(z, [z < 0, z >= 0], [lambda v: np.exp(v) / (1 + np.exp(v)), right])",
        "def logistic(z):\n    y, low = np.empty_like(z), z < 0\n    y[low] = np.exp(z[low]) / (1 + np.exp(z[low]))\n"
        "    y[~low] = 1 / (1 + np.exp(-z[~low]))\n    return y",
        "def logistic(z):\n    time.sleep(0.0005)\n    return right(z)",  # slower, and no experiment notices
    ],
)
def test_use_takes_ordinary_answers_that_are_slower(source, answers, capsys):
    answer = answers(source)
    assert check(answer).status == "passed"
    assert use(answer) is answer


def test_use_judges_an_answer_that_was_not_checked(answers):
    check(answers("def logistic(z): return right(z)"))
    assert use(answers("def logistic(z): return z")) is find("logistic").reference
    fresh = answers("def logistic(z): return right(z) + 0")
    assert use(fresh) is fresh


def test_use_of_no_exercise_says_so():
    with pytest.raises(ValueError, match="no exercise 'double'"):
        use(double)


# What an answer is taken for, what it leaves behind, and what costs it nothing

RIGHT = "t = np.exp(-np.abs(z)); return np.where(z < 0, t, 1) / (1 + t)"


@pytest.mark.parametrize(
    "source",
    [
        f"def other(z): {RIGHT}\nlogistic = functools.partial(other)",
        f"class Answer:\n    def __call__(self, z): {RIGHT}\nlogistic = Answer()",
        f"def mine(z): {RIGHT}\nlogistic = mine",
        f"def loud(f):\n    def wrapper(*args): return f(*args)\n    return wrapper\n@loud\ndef logistic(z): {RIGHT}",
        "logistic = lambda z: right(z)",
    ],
)
def test_an_answer_is_taken_for_the_exercise_whose_name_it_is_bound_to(source, answers, capsys):
    answer = answers(source)
    # called from the notebook's cells, among whose names the answer is found
    names = {"check": check, "use": use, "logistic": answer}
    exec("report = check(logistic); used = use(logistic)", names)
    assert (names["report"].name, names["report"].status) == ("logistic", "passed"), names["report"]
    assert names["used"] is answer
    assert "run on your logistic" in capsys.readouterr().out


def test_what_has_no_name_is_refused_with_the_reason():
    assert "given a partial without a name: give it the exercise's" in check(partial(np.tanh)).message


@pytest.mark.parametrize(
    ("line", "remark"),
    [
        ("np.exp = np.exp2", "It replaced np.exp, which all other cells use, too: the original is back."),
        ("del np.exp2", "It replaced np.exp2, which all other cells use, too: the original is back."),
        ("import math; math.pi = 3", "It replaced math.pi, which all other cells use, too: the original is back."),
        ("import builtins; builtins.sum = max", "It replaced builtins.sum, which all other cells use, too: the"),
        ("import os; os.chdir('/')", "It changed the working directory, in which other cells look for files"),
        ("np.random.seed(0)", ""),
        ("import random; random.seed(0)", ""),
        ("np.seterr(all='raise')", ""),
        ("np.set_printoptions(precision=2)", ""),
    ],
)
def test_what_an_answer_leaves_behind_is_put_back(line, remark, answers):
    before = state()
    report = check(answers(f"def logistic(z):\n    y = right(z)\n    {line}\n    return y"))
    assert state() == before
    assert report.remark.startswith(remark) if remark else report.remark == ""
    assert report.remark in str(report)


def state():
    """Return all that an answer might change."""
    return (np.exp, np.exp2, math.pi, builtins.sum, os.getcwd(), np.random.get_state()[1].tolist(),  # noqa: NPY002
            random.getstate(), np.geterr(), np.get_printoptions())


def test_an_error_on_an_empty_array_alone_costs_nothing(answers):
    report = check(answers("def logistic(z):\n    z.max()\n    return right(z)"))
    assert (report.status, report.score) == ("passed", 2)
    assert report.message == "It is right wherever the text asks for something."
    assert report.remark == "For an empty array it raised ValueError. No experiment here meets one."


def test_an_empty_array_is_never_the_case_that_is_shown(answers):
    report = check(answers("def logistic(z):\n    return z + 0.5 if z.size else None"))
    assert report.status == "failed" and report.case == "z = [-1000.]" or "0 " not in report.case


def test_another_dtype_costs_nothing_where_the_text_leaves_it_open():
    exercise = replace(EXERCISE, cases=lambda rng: [(np.ones(2),), (np.ones(3, np.float32),)])

    def double(x):
        return (2 * x).astype(np.float64)

    assert judge(double, exercise=exercise).status == "failed"
    report = judge(double, exercise=replace(exercise, any_dtype=True))
    assert report.status == "passed"
    assert "float32 goes in and float64 comes out" in report.remark


def test_what_should_be_refused_is_a_case():
    def half(x):
        """The reference."""
        if x < 0:
            raise ValueError("x is negative")
        return x / 2

    exercise = Exercise(name="half", reference=half, points=1, cases=lambda rng: [(3.0,), (-2.0,)])
    found = {}
    for body in ("assert x >= 0; return x / 2", "return x / 2", "if x < 0: raise ValueError\n    return x / 2"):
        names = {}
        exec(f"def half(x):\n    {body}", names)
        found[body] = judge(names["half"], exercise=exercise)
    asserted, silent, right = found.values()
    assert asserted.status == "error" and "it raised AssertionError, wanted ValueError" in asserted.message
    assert silent.status == "failed" and "it should refuse these inputs with ValueError" in silent.message
    assert silent.wanted == "ValueError: x is negative" and silent.case == "x = -2.0"
    assert right.status == "passed"


# What is recorded, and nbgrader


def test_check_records_its_status(answers):
    check(answers("def logistic(z): return z"))
    check(answers("def logistic(z): raise NotImplementedError"))
    check(answers("def logistic(z): return right(z)"))
    assert [(e["name"], e["status"]) for e in logbook.events()] == [
        ("logistic", "failed"),
        ("logistic", "open"),
        ("logistic", "passed"),
    ]


@pytest.mark.parametrize("value", [3, None, lambda z: z, double, np.tanh])
def test_what_is_no_exercise_is_reported_and_not_recorded(value):
    assert check(value).status == "error"
    assert logbook.events() == []


@pytest.mark.parametrize(
    "source",
    [
        "def logistic(z): return z",
        "def logistic(z): raise NotImplementedError",
        "def logistic(z): 1 / 0",
        "logistic = lambda z: z",
        "logistic = 3",
        "from course_lib.activations import logistic",
    ],
)
def test_nbgrader_is_told_by_an_exception(source, answers, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(AssertionError, match="0 of . points\n"):
        check(answers(source))
    assert logbook.events() == []


def test_nbgrader_hears_nothing_of_a_right_answer(answers, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check(answers("def logistic(z): return right(z)")).status == "passed"
    assert logbook.events() == []


def test_the_learners_own_call_has_a_time_limit(monkeypatch):
    def logistic(z):
        while True:
            pass

    assert checking.SECONDS == 5
    monkeypatch.setattr(checking, "SECONDS", 0.5)
    start = time.process_time()
    assert check(logistic).status == "timeout"
    assert time.process_time() - start < 5


def test_what_goes_past_sys_stdout_is_silenced(capfd):
    def logistic(z):
        os.write(1, b"flood")
        subprocess.run([sys.executable, "-c", "print('flood')"], check=True)
        return 1 / (1 + np.exp(-z))

    check(logistic)
    assert "flood" not in "".join(capfd.readouterr())
    os.write(1, b"back")
    assert "back" in capfd.readouterr().out
