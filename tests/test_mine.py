"""`mine` hands out the learner's functions, or the course's, and says whose they are."""

import subprocess
import sys
import types

import numpy as np
import pytest

from course_lib import mine
from course_lib.exercises import check, core, keeping, logbook, outline
from course_lib.exercises.core import find
from course_lib.exercises.judge.checking import judge
from tests.test_exercises_keeping import PLAIN, SLOPE, WITH_HELPER, file, passed  # noqa: F401 - a fixture
from tests.test_exercises_tracing import cell

Z = np.array([-1.0, 0.0, 2.0])


def kept(name, source, pieces=()):
    """Put a version into the record, whatever it is worth."""
    logbook.record(name, "kept", into=keeping.path(), notebook=core.notebook_of(name), file="",
                   hash=repr((source, pieces)), source=source, pieces=list(pieces))


def test_open_exercises_are_the_courses():
    assert mine.logistic is find("logistic").reference
    assert mine.where("logistic") == "logistic is the course's: yours is still open"


def test_a_function_that_passed_is_handed_out_with_its_helpers():
    passed(WITH_HELPER)
    assert mine.logistic is not find("logistic").reference
    assert np.allclose(mine.logistic(Z), find("logistic").reference(Z))
    assert mine.logistic is mine.logistic
    assert mine.logistic.__globals__["positive"] is not None
    day = keeping.newest("logistic").day
    assert mine.where("logistic") == f"logistic is yours, passed on {day} in 01_vanishing_gradients"


def test_a_newer_version_is_handed_out_at_once():
    passed(WITH_HELPER)
    old = mine.logistic
    passed(PLAIN)
    assert mine.logistic is not old
    assert "(2 versions are kept)" in mine.where("logistic")
    assert [each.source.count("positive") for each in mine.versions("logistic")] == [1, 0]


def test_what_a_function_borrows_is_the_learners_or_the_courses():
    names = cell(PLAIN)
    check(names["logistic"])
    passed(SLOPE, "logistic_derivative", names)
    assert mine.logistic_derivative.__globals__["logistic"] is mine.logistic
    assert np.allclose(mine.logistic_derivative(Z), find("logistic_derivative").reference(Z))
    passed(WITH_HELPER)
    assert mine.logistic_derivative.__globals__["logistic"] is mine.logistic  # the newer one
    keeping.path().unlink()
    kept("logistic_derivative", SLOPE, [["mine", "logistic", "logistic"]])
    assert mine.logistic_derivative.__globals__["logistic"] is find("logistic").reference


def test_functions_that_use_each_other_are_made():
    kept("elu", "def elu(z, n=2):\n    return elu_derivative(z, n - 1) if n else 7",
         [["mine", "elu_derivative", "elu_derivative"]])
    kept("elu_derivative", "def elu_derivative(z, n=2):\n    return elu(z, n - 1) if n else 8",
         [["mine", "elu", "elu"]])
    assert mine.elu(Z) == 7 and mine.elu(Z, 1) == 8


@pytest.mark.parametrize(("source", "pieces", "said"), [
    ("def logistic(z) return z", [], "SyntaxError"),
    ("def logistic(z): return z", [["import", "gone", "import no_such_package as gone"]], "ModuleNotFoundError"),
    ("def logistic(z): return z", [["course", "old", "course_lib.layers:no_longer_there"]], "AttributeError"),
    ("def logistic(z, y=1 / 0): return z", [], "ZeroDivisionError"),
    ("def logistics(z): return z", [], "KeyError"),
    ("logistic = 3", [], "TypeError"),
    ("raise SystemExit", [], "SystemExit"),
])
def test_what_does_not_run_any_more_falls_back_and_is_said_once(source, pieces, said, capsys):
    kept("logistic", source, pieces)
    assert mine.logistic is mine.logistic is find("logistic").reference
    error = capsys.readouterr().err
    assert error.count("doesn't run any more") == 1 and said in error
    assert "doesn't run any more" in mine.where("logistic")


def test_unknown_names():
    with pytest.raises(AttributeError, match="There is no exercise 'logistik'; there are .*logistic.*flatten_backward"):
        mine.logistik  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute '_private'"):
        mine._private  # noqa: B018
    with pytest.raises(ValueError, match="no exercise 'logistik'"):
        mine.where("logistik")
    with pytest.raises(ValueError, match="no notebook '01'; there are 00_start_here, 01_"):
        mine.added("01")


def test_names_are_completed_and_none_is_taken_twice():
    assert {"logistic", "conv2d", "where", "added", "versions"} <= set(dir(mine))
    import pkgutil

    rooms = {name for _, name, _ in pkgutil.iter_modules(mine.__path__)} | {"where", "added", "versions"}
    assert not rooms & set(outline.places().keys())


def test_an_answer_that_was_changed_after_its_check_is_said(monkeypatch):
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    vars(main)["np"] = np
    passed(PLAIN, names=vars(main))
    assert "another one" not in mine.where("logistic")
    cell("def logistic(z): return 0", vars(main))
    assert mine.where("logistic").endswith("This notebook holds another one, which isn't kept: run its check")
    assert np.allclose(mine.logistic(Z), find("logistic").reference(Z))


def test_the_table_says_whose_functions_are():
    passed(PLAIN)
    logbook.record("elu", "passed")
    text = repr(mine)
    functions = sum(not e.lab for n in core.notebooks() for e in core.exercises(n).values())
    assert text.startswith(f"1 of {functions} functions are yours\n00_start_here\n")
    assert "  logistic                 ✓ yours, passed on " in text
    assert "  elu                      … passed, not kept" in text
    assert "  dense_backward           ○ open, the course's stands in" in text
    assert "  mend " not in text
    html = mine._repr_html_()
    assert html.count("<tr>") == functions + 1 and "value='1'" in html and "✓ yours" in html


def test_what_a_notebook_added():
    passed(PLAIN)
    added = mine.added("01_vanishing_gradients")
    own = sum(not e.lab for e in core.exercises("01_vanishing_gradients").values())
    assert repr(added).startswith(f"This notebook added 1 of its {own} functions to your library: 1 of ")
    assert len(added.rows) == own and "01_vanishing_gradients</td>" in added._repr_html_()
    assert repr(mine.added("02_initializers")).startswith("This notebook added 0 of its ")


def test_where_nothing_is_read_that_is_said(monkeypatch):
    passed(PLAIN)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert mine.logistic is find("logistic").reference
    assert "nothing of yours is kept or read" in mine.where("logistic")
    assert "nothing of yours is kept or read" in repr(mine)


# What is handed out is no answer


@pytest.mark.parametrize("mine_too", [True, False])
@pytest.mark.parametrize("source", [
    "def logistic(z):\n    return mine.logistic(z)",
    "def logistic(z):\n    return getattr(mine, 'logi' + 'stic')(z)",
    "from course_lib.mine.handing import hand\ndef logistic(z):\n    return hand('logistic')(z)",
])
def test_an_answer_that_lets_mine_work_fails(source, mine_too):
    if mine_too:
        passed(PLAIN)
    report = check(cell(source, {"__name__": "__main__", "mine": mine})["logistic"])
    assert report.status == "failed" and report.score == 0
    assert len(keeping.versions("logistic")) == mine_too


def test_what_mine_hands_out_is_no_answer_itself():
    passed(PLAIN)
    report = judge(mine.logistic)
    assert report.status == "failed" and "what `mine.logistic` hands out" in report.message
    assert judge(find("logistic").reference).status == "failed"


def test_another_function_of_mine_may_be_used():
    passed(PLAIN)
    passed("def logistic_derivative(z):\n    return mine.logistic(z) * mine.logistic(-z)", "logistic_derivative",
           {"__name__": "__main__", "mine": mine})
    assert np.allclose(mine.logistic_derivative(Z), find("logistic_derivative").reference(Z))


def test_importing_mine_loads_nothing():
    code = "from course_lib import mine\nimport sys\nprint({'numpy', 'course_lib.exercises'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
