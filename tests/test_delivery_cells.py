"""Cells made from the source's: stubs, solutions, nbgrader's metadata, and what is refused."""

import re
from types import SimpleNamespace

import pytest

from course_lib.delivery import building
from course_lib.delivery.cells import BuildError, solution, stub
from course_lib.exercises import Task
from tests.notebook_running import NAME, SOURCE, decorated, double, find


def test_stub_is_signature_docstring_and_nothing_else():
    assert stub(double) == '''\
def double(x, *,
           times=2):  # a signature of two lines
    """Return x times two – "é".

    Examples
    --------
    >>> double(2)
    4
    """
    raise NotImplementedError'''


def test_solution_is_the_source_without_decorators():
    text = solution(double)
    assert text.startswith("def double(x, *,\n")
    assert text.endswith("    # the simplest way\n    return times * x")
    names = {}
    exec(text, names)
    assert names["double"](4) == 8


def test_stub_of_a_function_without_docstring_and_inside_another():
    @decorated
    def inner(x: float = 0.5) -> float:
        return x
    assert stub(inner) == "def inner(x: float = 0.5) -> float:\n    raise NotImplementedError"


def careful(x):
    """Return x.

    Parameters
    ----------
    x : array

    Raises
    ------
    ValueError
        If x isn't right,
        or too large.

    Notes
    -----
    Nobody, 1900.
    """
    return x


def last(x):
    """Return x.

    Raises
    ------
    ValueError
        Always.
    """
    return x


def found(x):
    """Return x's square.

    x has any shape.

    Formula
    -------
    x · x, which is
    never negative

    Notes
    -----
    Euclid.
    """
    return x * x


def test_stub_leaves_out_the_formula_wherever_it_stands():
    without = "\n\n    Formula\n    -------\n    x · x, which is\n    never negative"
    assert stub(found) == ('def found(x):\n    """Return x\'s square.\n\n    x has any shape.\n\n'
                           '    Notes\n    -----\n    Euclid.\n    """\n    raise NotImplementedError')
    assert without in solution(found)
    assert "x · x" not in stub(ends_with_it)


def ends_with_it(x):
    """Return x's square.

    Formula
    -------
    x · x
    """
    return x * x


def test_stub_promises_no_errors_where_answers_are_not_tried_for_them():
    assert "Raises" in stub(careful) and "or too large." in stub(careful)
    assert stub(careful, raises=False) == stub(careful).replace(
        "\n\n    Raises\n    ------\n    ValueError\n        If x isn't right,\n        or too large.", "")
    assert stub(last, raises=False) == 'def last(x):\n    """Return x.\n    """\n    raise NotImplementedError'


# nbgrader's metadata, as its documentation of the format asks

def test_nbgrader_metadata():
    nb = building.build(SOURCE, NAME, outputs=None, find=find)
    by_id = {cell.metadata.nbgrader.grade_id: cell for cell in nb.cells if "nbgrader" in cell.metadata}
    wanted = {"double": (False, True, False, None), "double-check": (True, False, True, 3),
              "double-use": (False, False, True, None), "why-twice": (True, True, False, 2)}
    assert set(by_id) == set(wanted)
    for grade_id, (grade, is_solution, locked, points) in wanted.items():
        cell, meta = by_id[grade_id], by_id[grade_id].metadata.nbgrader
        assert meta["schema_version"] == 3
        assert meta["cell_type"] == cell.cell_type
        assert (meta["grade"], meta["solution"], meta["locked"], meta.get("points")) == (
            grade, is_solution, locked, points)
        assert meta["task"] is False
        assert re.fullmatch(r"[A-Za-z0-9_\-]+", grade_id)
        assert cell.id == grade_id


# Errors name the notebook, the cell and what to do

@pytest.mark.parametrize(("added", "message"), [
    ('# %% tags=["exercise"]\ntriple', r"01_small, cell 7 \('triple'\): no exercise 'triple'.*\['double'\]"),
    ('# %% tags=["exercise"]\ndouble(2)', r"cell 7 .*the exercise's name and nothing else"),
    ('# %% tags=["exercise"]\ndouble', r"cell 7 .*'double' occurs twice"),
    ('# %% [markdown] tags=["answer"] grade_id="why-twice" points=1\nx', "'why-twice' occurs twice"),
    ('# %% [markdown] tags=["answer"] grade_id="why not" points=1\nx', "needs grade_id=.*'why not'"),
    ('# %% [markdown] tags=["answer"] grade_id="why"\nx', "points=a number, got 'why' and None"),
    ('# %% [markdown] tags=["answer"] grade_id="why" points=-1\nx', "points=a number, got 'why' and -1"),
    ('# %% tags=["answer"] grade_id="why" points=1\nx', "a code cell with tags.*expected markdown"),
    ('# %% tags=["exercize"]\ndouble', "unknown tag 'exercize'.*'exercise'"),
    ('# %% tag=["exercise"]\ndouble', "unknown setting 'tag'"),
    ("# %%\n# NBVAL_SKIP\n1", "NBVAL_ comments would hide failures"),
    ('# %% [markdown] tags=["folded"]\nx', "a markdown cell with tags .'folded'.*expected code"),
    ('# %% tags=["nbval-check-output"]\nprint(1)', "cell 7 .*no output is stored.*run make outputs"),
])
def test_what_cannot_be_built_is_refused(added, message):
    nb = building.build(SOURCE, NAME, outputs=None, find=find)
    checked = {cell.id: {"stdout": "42"} for cell in nb.cells if "tags" in cell.metadata}
    outputs = {"outputs": checked, "measured": {"seconds": 1, "megabytes": 1, "cores": 2}}
    with pytest.raises(BuildError, match=message):
        building.build(f"{SOURCE}\n{added}\n", NAME, outputs=outputs, find=find)


FOLDED = '# %% tags=["folded"]\nplot = 1'


def test_folded_cell_hides_its_source_and_is_run_and_compared_like_others():
    asked = f"{SOURCE}\n# %% [markdown]\n# ## Who learns?\n\n"
    nb = building.build(f"{asked}{FOLDED}\n", NAME, outputs=None, find=find)
    assert nb.cells[-1].metadata == {"jupyter": {"source_hidden": True}}
    assert [cell.id for cell in nb.cells if "jupyter" in cell.metadata] == [nb.cells[-1].id]
    both = building.build(asked + FOLDED.replace('"]', '", "nbval-check-output"]'), NAME, outputs=None, find=find)
    assert both.cells[-1].metadata == {"tags": ["nbval-check-output"], "jupyter": {"source_hidden": True}}
    plain = building.build(f"{asked}# %%\nplot = 1\n", NAME, outputs=None, find=find)
    assert plain.cells[-1].metadata == {} and plain.cells[-1].id == nb.cells[-1].id


@pytest.mark.parametrize("source", [f"{FOLDED}\n\n{SOURCE}", f"{SOURCE}\n# %%\n1\n\n# %%\n2\n\n{FOLDED}"])
def test_folded_cell_whose_question_stands_nowhere_is_refused(source):
    with pytest.raises(BuildError, match=r"\('plot = 1'\): a folded cell needs a text cell before it"):
        building.build(source, NAME, outputs=None, find=find)


def test_exercise_that_no_cell_holds_is_refused():
    exercises = find(NAME) | {"halve": SimpleNamespace(reference=double, points=1, refuses=False, task=Task.WRITE)}
    with pytest.raises(BuildError, match="01_small: no cell holds the exercise halve"):
        building.build(SOURCE, NAME, outputs=None, find=lambda name: exercises)
