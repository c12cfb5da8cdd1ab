"""What a notebook gives to do: counted on small notebooks, held against the bar where it is revised."""

import re
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_lib.delivery import building
from tests.notebook_running import NAME, SOURCE, find, small_course
from tools import build_notebooks, doing

HEADER = "# ---\n# jupyter:\n#   course:\n#     revised: true\n# ---\n\n"


def text(words, heading="", **more):
    return new_markdown_cell(f"# {heading}\n" * bool(heading) + "word " * words, **more)


def code(source="1", **metadata):
    return new_code_cell(source, metadata=metadata)


def answer(x):
    """Return x.

    It has a docstring.
    """
    # and a comment

    y = [
        x,
    ]
    return y[0]  # one


def raised(cells, lines=40):
    """Return what is above the bar in cells whose learner writes so many lines."""
    counted = doing.count(cells, [])
    return doing.above("01_small", SimpleNamespace(**vars(counted) | {"lines": lines}), cells)


def test_words_cells_and_things_to_do_are_counted():
    cells = [text(9, "One"), code(), text(20, "Two"), code("def f(x):\n    raise NotImplementedError"), text(5),
             new_markdown_cell("<details><summary>What it comes to</summary>more</details> end"), code('quiz("a")')]
    found = doing.count(cells, [answer])
    assert (found.words, found.cells, found.things) == (9 + 1 + 20 + 1 + 5 + 1, 7, 2)
    assert found.longest_words == (31, "Two")
    assert found.longest_cells == (4, "Two")
    assert found.lines == 4


@pytest.mark.parametrize("act", [
    code("def f(x):\n    raise NotImplementedError"), code('guess = predict("a", "?")'), code('quiz("a")'),
    code("signal_explorer()"), code("1  # course-task"), text(0, "Change and see: the rate"),
    new_markdown_cell("**Try this**: more"), new_markdown_cell("*Your answer*"),
])
def test_what_gives_something_to_do_ends_a_stretch(act):
    cells = [text(50, "One"), *[code()] * 4, act, *[code()] * 4, text(50)]
    found = doing.count(cells, [])
    assert found.things == 1
    assert found.longest_words[0] < 60
    assert found.longest_cells == (6, found.longest_cells[1])


def test_code_alone_and_answers_that_are_shown_give_nothing_to_do():
    cells = [code("prediction(1)"), code("x = explorer"), text(5, "Answers"), code("check(f)")]
    assert doing.count(cells, []).things == 0


@pytest.mark.parametrize(("cells", "said"), [
    ([text(401, "A long talk")], "404 words .*wanted at most 400: they end under 'A long talk'"),
    ([text(1, "Cells"), *[code()] * 10], "11 cells .*wanted at most 10: they end under 'Cells'"),
    ([text(1, "Wide"), code("x = " + "1" * 85)], "a line of 89 characters, wanted at most 88: under 'Wide', 'x = 1"),
    ([text(1, "Long"), code("x = 1\n" * 11)], "11 lines of code in a cell that isn't folded, .* under 'Long', 'x = 1'"),
])
def test_what_is_above_the_bar_is_said_with_its_place(cells, said):
    assert [sentence for sentence in raised(cells) if re.search(said, sentence)] == raised(cells) != []


def test_few_lines_to_write_are_above_the_bar_but_in_the_first_notebook():
    cells = [text(1, "One")]
    assert "the learner writes 39 lines, wanted at least 40" in raised(cells, lines=39)
    assert doing.above("00_start_here", doing.count(cells, []), cells) == []


@pytest.mark.parametrize("cell", [
    code("x = 1\n" * 11, jupyter={"source_hidden": True}),
    code("def f():\n" + "    x = 1\n" * 11, nbgrader={"solution": True}),
    code("x = 1\n\n# why\n" * 10),
    code("x = " + "1" * 84),
])
def test_folded_cells_exercises_blank_lines_and_comments_may_be_long(cell):
    assert raised([text(400 - 1, "x"), cell]) == []


def marked(root):
    """Mark the small course's notebook as revised."""
    (root / "sources" / f"{NAME}.py").write_text(HEADER + SOURCE, encoding="utf-8")
    return root


def test_revised_is_what_a_source_says_in_its_header():
    assert doing.revised(HEADER + SOURCE)
    assert not doing.revised(SOURCE)
    assert not doing.revised(HEADER.replace("true", "false") + SOURCE)
    assert building.build(HEADER + SOURCE, NAME, outputs=None, find=find).cells == building.build(
        SOURCE, NAME, outputs=None, find=find).cells


def test_a_revised_notebook_above_the_bar_fails_and_says_where(tmp_path, capsys):
    assert doing.main([], root=small_course(tmp_path / "before"), find=find) == 0
    assert "lines that the learner writes: 1" in (out := capsys.readouterr().out) and "above" not in out
    assert doing.main([], root=marked(small_course(tmp_path / "after")), find=find) == 1
    assert "  above the bar: the learner writes 1 lines, wanted at least 40" in capsys.readouterr().out


def test_a_named_notebook_shows_what_is_above_the_bar_and_an_unknown_one_the_known(tmp_path, capsys):
    root = small_course(tmp_path)
    assert doing.main([NAME], root=root, find=find) == 0
    assert "above the bar" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        doing.main(["02_large"], root=root, find=find)
    assert "no notebook '02_large', there are: 01_small" in capsys.readouterr().err


def test_make_notebooks_builds_a_revised_notebook_and_then_fails(tmp_path, capsys, monkeypatch):
    root = marked(small_course(tmp_path))
    monkeypatch.setattr(building, "assemble", lambda name, *, root, find: building.build(
        building.source_of(name, root), name, outputs=None, find=find))
    assert build_notebooks.main([], root=root, find=find) == 1
    assert f"{NAME}: built\n{NAME}: " in (out := capsys.readouterr().out)
    assert "above the bar" in out
    assert (root / "notebooks" / f"{NAME}.ipynb").exists()
    (root / "sources" / f"{NAME}.py").write_text(SOURCE, encoding="utf-8")
    assert build_notebooks.main([], root=root, find=find) == 0


def test_the_course_is_counted():
    for name in building.names():
        counted, found = doing.look(name)
        assert counted.things and counted.words > 500 and counted.lines
        assert not (doing.revised(building.source_of(name)) and found), name
