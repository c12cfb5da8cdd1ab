"""Progress and contents: what is done, by notebook, where the learner is, and the hours that the rest takes."""

import re
from types import SimpleNamespace

import pytest

from course_lib.exercises import Task, contents, core, logbook, progress

FIRST, SECOND, THIRD = contents.names()[:3]


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.jsonl"))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def unfolded(html):
    """The notebooks whose fold is open."""
    return [re.search(r'href="(\w+)\.ipynb"', item)[1] for item in html.split("<li ")[1:] if "<details open>" in item]


def test_panel_counts_and_links_every_exercise():
    logbook.record("logistic", "passed")
    logbook.record("dense_backward", "failed")
    panel = progress()
    names = [name for notebook in core.notebooks() for name in core.exercises(notebook)]
    assert (panel.done, panel.total) == (1, len(names))
    text, html = repr(panel), panel._repr_html_()
    assert text.startswith(f"1 of {len(names)} exercises done, about ")
    assert "✓ done   logistic\n" in text
    assert "… tried  dense_backward\n" in text
    assert f'max="{len(names)}" value="1"' in html
    for notebook in core.notebooks():
        assert f'<a href="{notebook}.ipynb">' in html
        for name in core.exercises(notebook):  # a cell's id is its exercise's name
            assert f'<a href="{notebook}.ipynb#cell-id={name}">{name}</a>' in html


def test_points_and_quizzes_are_counted_by_notebook():
    exercise, quiz = core.find("logistic"), next(iter(core.quizzes(SECOND)))
    logbook.record("logistic", "passed")
    logbook.record("logistic", "failed")  # a later try takes nothing away
    logbook.record(f"quiz {quiz}", "passed")
    logbook.record("quiz of another course", "passed")
    panel = progress()
    all_points = sum(each.points for each in core.exercises(SECOND).values())
    assert panel.points(SECOND) == (exercise.points, all_points)
    assert panel.quizzes(SECOND) == (1, len(core.quizzes(SECOND)))
    assert (panel.points(THIRD)[0], panel.quizzes(THIRD)[0]) == (0, 0)
    assert f"({exercise.points} of {all_points} points, 1 of {len(core.quizzes(SECOND))} quizzes right)" in repr(panel)


def test_hours_left_shrink_to_nothing():
    everything = sum(chapter.hours for chapter in contents.chapters())
    assert progress().hours_left == everything
    for name in core.exercises(SECOND):
        logbook.record(name, "passed")
    assert progress().hours_left == everything - contents.chapter(SECOND).hours
    for notebook in core.notebooks():
        for name in core.exercises(notebook):
            logbook.record(name, "passed")
    panel = progress()
    assert panel.hours_left == 0
    assert repr(panel).startswith(f"{panel.total} of {panel.total} exercises done\n")


@pytest.mark.parametrize(("session", "event", "asked", "current"), [
    (None, None, None, FIRST),
    (None, "fans", None, THIRD),
    (f"/home/me/notebooks/{SECOND}.ipynb", "fans", None, SECOND),
    (rf"C:\course\{SECOND}-Copy1.ipynb", "fans", None, SECOND),
    (f"/home/me/notebooks/{FIRST}.ipynb", "fans", None, THIRD),  # it shows the way: where were you?
    (f"/home/me/notebooks/{FIRST}.ipynb", None, None, FIRST),
    ("/home/me/mine.ipynb", "quiz bias", None, THIRD),
    (f"/home/me/{SECOND}.ipynb", "no such exercise", 2, THIRD),
    (f"/home/me/{SECOND}.ipynb", None, " 02 ", THIRD),
])
def test_the_notebook_where_the_learner_is_is_unfolded(session, event, asked, current, monkeypatch):
    if session:
        monkeypatch.setenv("JPY_SESSION_NAME", session)
    if event:
        logbook.record(event.replace("bias", next(iter(core.quizzes(THIRD)))), "failed")
        logbook.record("prediction depth", "made", value=3)
    panel = progress(asked)
    assert unfolded(panel._repr_html_()) == [current]
    assert [line.startswith(current[:2]) for line in repr(panel).split("\n") if "you are here" in line] == [True]


def test_an_unknown_notebook_is_said_with_those_there_are():
    with pytest.raises(ValueError, match=f"No notebook is called '77'. There are: {FIRST}, "):
        progress("77")


# Contents


@pytest.mark.parametrize("chapter", contents.chapters(), ids=lambda chapter: chapter.name)
def test_every_notebook_says_what_it_is_for(chapter):
    assert chapter.title.startswith(f"{chapter.name[:2]} · ")
    assert len(chapter.aims) >= 2
    assert 0.5 <= chapter.hours <= 6


def exercise(points, task=Task.WRITE):
    return SimpleNamespace(points=points, task=task)


@pytest.mark.parametrize(("source", "exercises", "hours"), [
    ("# %% [markdown]\n# word\n", [], 0.5),
    ("# %% [markdown]\n# " + "word " * 12_000, [], 1),
    ("# %%\n# " + "word " * 12_000, [], 0.5),  # code isn't read word by word
    ("# %%\nx\n" * 120, [], 1),
    ("# %%\nquiz('a'); predict('b', 'quiz')\n" * 36, [], 1.5),
    ("# %% [markdown] tags=[\"answer\"]\n# quiz( predict(\n" * 12, [], 1),
    ("", [exercise(6), exercise(6)], 1),
    ("", [exercise(6), exercise(8, Task.DERIVE)], 1.5),
])
def test_hours_follow_the_rule(source, exercises, hours):
    assert contents.hours(source, exercises) == hours


def test_hours_in_words():
    assert [contents.in_words(hours) for hours in (0.5, 1, 1.5, 2, 21.5)] == [
        "half an hour", "1 hour", "1½ hours", "2 hours", "21½ hours"]
