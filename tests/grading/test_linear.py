"""Whatever learners write: twice as much of it costs at most twice as many steps. Steps are counted, not seconds."""

import io
import itertools
import json
import re
import zipfile
from contextlib import nullcontext
from random import Random

import pytest

from course_lib.grading.engine import likeness
from course_lib.grading.engine.unit import TENSORFLOW
from course_lib.grading.handed_in import archives, finding, lifting, reading
from course_lib.grading.handed_in.problems import bounded
from course_lib.grading.nbgrader_course import autograded, harmless
from course_lib.grading.reports import reporting
from course_lib.grading.summary import printable
from tests.grading import backtracking
from tests.grading.counting import OURS, steps
from tests.grading.papers import NOTEBOOK, code, paper, written

SLACK = 1.2  # beside what grows there is what doesn't

# Regular expressions that read what learners write, without a limit on its length


PATTERNS = {
    "texts of JSON": reading.STRING,
    "names that a cell defines": reading.DEFINED,
    "tokens": likeness.TOKEN,
    "TensorFlow": re.compile(TENSORFLOW),
    "tags": re.compile(r"<(?=[A-Za-z/!?])"),
    "backticks": re.compile("`+"),
}
PIECES = ["a", " ", "\n", "\\", '"', "'", '"""', "'''", "1", ".", "e", "=", "==", "(", "use(", "def ", "class ", "\\\n",
          "#", "`", "<", "async ", "r", "tf", "é"]
UNITS = PIECES + ["".join(pair) for pair in itertools.product(PIECES, repeat=2)] + ["\\'''\n", '\\"""\n']


def grown(pattern, begin, unit, end):
    """Return how many times the steps are that four times the text costs."""
    few, many = (backtracking.tries(pattern, begin + unit * n + end) for n in (12, 48))
    return many / max(few, 40)


@pytest.mark.parametrize("name", PATTERNS)
def test_regular_expressions(name):
    draw = Random(1)
    slow = [(grown(PATTERNS[name], "", unit, ""), unit) for unit in UNITS]
    for unit in UNITS:
        begin, end = draw.choice(PIECES), draw.choice(PIECES)
        slow.append((grown(PATTERNS[name], begin, unit, end), begin, unit, end))
    assert max(slow)[0] <= 4 * SLACK, max(slow)


QUADRATIC = {
    "a text without an end": r'"(?:[^"\\]|\\.)*"',
    "a long text without an end": r"'''(?:\\.|[^\\])*'''",
    "Python's own tokenizer": r"[ \f\t]*(?:[a-z]\w*|[0-9]+|[-+*/=]+)",
    "a line's end": r"\s+$",
}


@pytest.mark.parametrize("name", QUADRATIC)
def test_what_is_quadratic_is_seen(name):
    pattern = re.compile(QUADRATIC[name], re.DOTALL)
    assert max(grown(pattern, begin, unit, "?") for unit in UNITS for begin in ("", "x")) > 8


# Readers


def notebook(cells):
    nb = paper({"logistic": "def logistic(z):\n    return z"}, solved=False)
    return written(nb | {"cells": nb["cells"] + cells})


NOTEBOOKS = {
    "empty cells": lambda n: notebook([{}] * n),
    "no cells": lambda n: notebook([0] * n),
    "cells of one's own": lambda n: notebook([code(f"x{i} = {i}", f"own-{i}") for i in range(n)]),
    "answers": lambda n: notebook([code(f"def logistic(z):\n    return {i}", "logistic") for i in range(n)]),
    "answers to all": lambda n: notebook([code("logistic = dense_backward = mend = 1", "mend")] * n),
    "texts": lambda n: notebook([{"cell_type": "markdown", "id": "healthy-gradients", "source": "x"}] * n),
    "lines": lambda n: notebook([code("".join(f"y{i} = 1\n" for i in range(n)), "own")]),
    "lines in a list": lambda n: notebook([code(["y = 1\n"] * n, "own")]),
    "outputs": lambda n: notebook([code("x = 1", "own") | {"outputs": [{"output_type": "stream", "text": "a"}] * n}]),
    "errors": lambda n: notebook([code("x = 1", "own") | {"outputs": [{"output_type": "error", "ename": [1]}] * n}]),
    "pictures": lambda n: notebook([code("x = 1", "own") | {"outputs": [
        {"output_type": "display_data", "data": {"image/png": "AAAA"}}] * n}]),
    "attachments": lambda n: notebook([{"cell_type": "markdown", "id": "own", "source": "x", "attachments": {
        f"{i}.png": {"image/png": "AAAA"} for i in range(n)}}]),
    "sheets": lambda n: json.dumps({"worksheets": [{"cells": [code("x = 1", "own")]}] * n}).encode(),
    "depth": lambda n: notebook([code("x = 1", "own") | {"metadata": json.loads("[" * n + "]" * n)}]),
}


def annotated(data):
    from tests.grading.test_gradebook import graded

    return autograded.annotated(graded(data), data)


def assert_linear(function, make, n=50):
    """Twice as much more costs at most twice as many steps more."""
    function(make(1))  # what is worked out once, and modules
    one, two, four = (steps(function, make(n * times)) for times in (1, 2, 4))
    assert four - two <= 2 * SLACK * (two - one) + 500, (one, two, four)


def test_steps_are_counted():
    planted = {}
    source = "def f(n):\n    for i in range(n):\n        for j in range({}):\n            pass\n"
    for inner, fine in (("3", True), ("i", False)):
        exec(compile(source.format(inner), f"{OURS}/planted.py", "exec"), planted)
        with nullcontext() if fine else pytest.raises(AssertionError):
            assert_linear(planted["f"], lambda n: n)


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize("function", [
    pytest.param(lambda data: lifting.identify(data), id="identify"),
    pytest.param(lambda data: lifting.lift(data, NOTEBOOK), id="lift"),
    pytest.param(annotated, id="annotated")])
def test_notebooks(name, function):
    def unless_unreadable(data):
        try:
            function(data)
        except lifting.Unreadable:
            pass

    assert_linear(unless_unreadable, NOTEBOOKS[name])


SOURCES = {"calls": "f(", "lines": "x = [y, 1]\n", "docstrings": 'def f():\n    """A"""\n', "blanks": " ?",
           "names": "é.é ", "open texts": "'''\\'''", "comments": "# a\n"}


@pytest.mark.parametrize("unit", SOURCES.values(), ids=SOURCES)
def test_fingerprint(unit):
    assert_linear(likeness.fingerprint, lambda n: unit * n)


def zipped(names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return packed


ARCHIVES = {
    "files": lambda n: [f"{i}.ipynb" for i in range(n)],
    "folders": lambda n: [f"{i}/{j}/x.txt" for i in range(n) for j in range(2)],
    "a deep folder": lambda n: ["d/" * (n // 4) + f"{i}" for i in range(40)],
    "empty folders": lambda n: [f"{i}/" for i in range(n)],
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives(name, tmp_path):
    def walked(path):
        for file in finding.files(path):
            if not file.refusal:
                assert file.read(10) == b"x"

    def make(n):
        path = tmp_path / f"{n}.zip"
        path.write_bytes(zipped(ARCHIVES[name](n)).getvalue())
        return path

    assert_linear(walked, make)
    assert_linear(lambda path: list(archives.members(path.open("rb"), archives.CLASS)), make)


def test_folders(tmp_path):
    def make(n):
        for i in range(n):
            (tmp_path / f"{n}" / "ada" / f"{i}").mkdir(parents=True)
            (tmp_path / f"{n}" / "ada" / f"{i}" / "x.txt").touch()
        return tmp_path / f"{n}"

    assert_linear(lambda path: list(finding.files(path)), make)


@pytest.mark.parametrize("name", ["in/eve/{}", "in/{}", "in/{}/x", "in/eve/{}/x!y!z"])
def test_problems(name):
    owners = [(f"in/{who}/01.ipynb", who) for who in ("ada", "zoe")]
    assert_linear(lambda problems: bounded(problems, owners, "in"),
                  lambda n: [(name.format(i), "was passed over") for i in range(n)])


@pytest.mark.parametrize("function", [printable, reporting.harmless, harmless.as_typed])
@pytest.mark.parametrize("unit", ["'", " ", "\x1b", "`", "a"])
def test_what_is_shown(function, unit):
    assert_linear(function, lambda n: unit * n)


@pytest.mark.parametrize("unit", [r"\begin{a}", r"\\(", "[", "*a", "$$", "`a``"])
def test_long_markdown_is_not_rendered(unit, monkeypatch):
    """The renderer's time grows with the square of some texts' length: so it gets short ones only."""
    import nbconvert.filters.markdown_mistune as mistune

    rendered = []

    class Renderer:
        def __init__(self, _):
            pass

        def render(self, text):
            rendered.append(len(text))
            return ""

    monkeypatch.setattr(mistune, "MarkdownWithMath", Renderer)
    for n in (100, 1_000, 10_000, 100_000):
        text = unit * n
        assert harmless.safe_markdown(text) == (text if len(text) <= harmless.RENDERED else harmless.as_typed(text))
    assert rendered and max(rendered) <= harmless.RENDERED


def test_backtracking_is_counted_as_re_does_it():
    """The counter itself: it finds what `re` finds."""
    draw = Random(2)
    for pattern in PATTERNS.values():
        for _ in range(100):
            text = "".join(draw.choices(PIECES, k=draw.randrange(25)))
            for at in range(len(text) + 1):
                wanted = pattern.match(text, at)
                assert backtracking.found(pattern, text, at) == (wanted.end() if wanted else None), (pattern, text, at)
    assert backtracking.tries(re.compile("a"), "b" * 50) == 51
