"""What is read of exercises in their sources is what they are, and reading it imports none of them."""

import subprocess
import sys

import pytest

from course_lib.exercises import core, outline


@pytest.mark.parametrize("notebook", outline.notebooks())
def test_outline_is_that_of_the_exercises(notebook):
    read = [(entry.name, entry.points, entry.task, entry.lab) for entry in outline.outline(notebook).values()]
    assert read == [(own.name, own.points, own.task, own.lab) for own in core.exercises(notebook).values()]
    assert outline.quizzes(notebook) == list(core.quizzes(notebook))


def test_places_are_where_a_name_is_found():
    for name, notebooks in outline.places().items():
        for notebook in notebooks:
            assert name in core.exercises(notebook) or name in core.quizzes(notebook)
    assert outline.known_functions() == [name for n in outline.notebooks() for name in core.exercises(n)]


@pytest.mark.parametrize("shown", ["exercises.progress()", "mine.added()", "mine.added('01_vanishing_gradients')",
                                   "contents.chapters()"])
def test_panels_import_no_notebooks_exercises(shown, tmp_path):
    code = (f"import sys; from course_lib import exercises, mine; from course_lib.exercises import contents\n"
            f"repr({shown}); print([name for name in sys.modules if name.startswith('course_lib.exercises.nb')])")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         env={"COURSE_PROGRESS": str(tmp_path / "progress.jsonl"), "PYTHONPATH": ":".join(sys.path)})
    assert run.stdout.strip() == "[]"
