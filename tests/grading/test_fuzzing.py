"""Random damage to notebooks, archives and messages: each ends in a record for its learner, and no other notices.

COURSE_TEST_SEED=N, with the number that a failure shows, makes the same mutants again.
"""

import json
import os
import time
from collections import Counter
from dataclasses import replace

import pytest

from course_lib.exercises.core import exercises
from course_lib.grading import batch
from course_lib.grading.handed_in import lifting
from course_lib.grading.handed_in.intake import NothingFound, take_in
from course_lib.grading.nbgrader_course.autograded import annotated
from course_lib.grading.records import STATUSES
from course_lib.grading.reports.reporting import publish
from course_lib.grading.store import Store
from tests.grading import fuzzing
from tests.grading.fuzzing import FILE, NOTEBOOK, draw
from tests.grading.papers import paper

MUTANTS = {"notebook": 1000, "archive": 700, "message": 300}
HONEST = ("aaa", "mmm", "zzz")  # before, among and behind the mutants
SHOWN = 60  # notebooks of mutants that formgrader gets to show


pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")


@pytest.fixture(scope="module")
def seed():
    """Other mutants every time; workers know the seed, too."""
    with pytest.MonkeyPatch.context() as patch:
        seed = os.environ.get(fuzzing.SEED) or str(time.time_ns())
        patch.setenv(fuzzing.SEED, seed)
        print(f"{fuzzing.SEED}={seed}")
        yield seed


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def graded(folder, out, grade):
    """Grade a class, and return what is stored of each student, and what is said."""
    engine = replace(batch.engine(), grade=grade)
    summary = batch.grade_class(folder, out, workers=2, seed=7, progress=False, with_engine=engine)
    with Store(out) as store:
        publish(store, out)
        found = {}
        for each in store.submissions():
            found.setdefault(each.student, []).append(each)
        return found, summary, store.problems()


def assert_whole(records):
    """Every exercise has one of the statuses, and a mark that can be."""
    for each in records:
        assert [result.exercise for result in each.results] == list(exercises(each.notebook)), each.student
        for result in each.results:
            assert result.status in STATUSES and 0 <= result.score <= result.max, (each.student, result)
            assert result.score == 0 or result.status == "passed", (each.student, result)


def assert_honest(found):
    for student in HONEST:
        (each,) = found[student]
        assert {result.status for result in each.results} == {"passed"}, student
        assert each.sha256 == found[HONEST[0]][0].sha256


def test_notebooks_and_archives(seed, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for student in HONEST:
        put(folder / student / FILE, fuzzing.honest())
    notebooks = [f"notebook-{i}" for i in range(MUTANTS["notebook"])]
    for i, student in enumerate(notebooks):
        put(folder / student / FILE, fuzzing.notebook(draw(seed, "notebook", i)))
    archives = [f"archive-{i}" for i in range(MUTANTS["archive"])]
    for i, student in enumerate(archives):
        put(folder / student / "work.zip", fuzzing.archive(draw(seed, "archive", i)))

    found, summary, problems = graded(folder, out, fuzzing.pretended)

    assert_honest(found)
    assert found.keys() <= {*HONEST, *notebooks, *archives}
    for records in found.values():
        assert_whole(records)
    assert [student for student in notebooks if len(found.get(student, ())) != 1] == []
    told = {origin.removeprefix(f"{folder}/").partition("/")[0] for origin, _ in problems}
    assert [student for student in archives if student not in found and student not in told] == []
    assert len(problems) < 3 * (len(notebooks) + len(archives))
    kinds = Counter(result.status for records in found.values() for each in records for result in each.results)
    assert kinds["passed"] > 100 and kinds["missing"] > 100  # some damage does nothing, and some a lot

    shown = [found[student][0] for student in notebooks[:SHOWN]]
    for each in shown:
        nb = annotated(each, (folder / each.student / FILE).read_bytes())
        assert {result.exercise for result in each.results} <= {cell.id for cell in nb.cells}, each.student


def test_archives_of_whole_classes(seed, tmp_path):
    """What the instructor gave is damaged: it is said, or read as far as it goes."""
    for i in range(100):
        path = tmp_path / f"{i}.zip"
        path.write_bytes(fuzzing.archive(draw(seed, "class", i)))
        try:
            intake = take_in(path, identify=lifting.identify)
            read = [submission.student for submission, _ in intake.submissions()]
            assert len(read) == len(intake.found) or intake.problems, i
        except NothingFound as error:
            assert str(path) in str(error), i


def test_messages(seed, tmp_path):
    """Somebody writes between the sandbox and the grader: right answers, wrong ones, and some that raise."""
    wrong = {"logistic": "def logistic(z):\n    return z.tolist()[99]",
             "loss_scale": "def loss_scale(grads):\n    return 3",
             "dense_backward": "def dense_backward(dy, cache):\n    return 1, 'two', None"}
    answers = list(exercises(NOTEBOOK))[:5]
    folder, blank = tmp_path / "in", paper(solved=False)
    for student in HONEST:
        put(folder / student / FILE, fuzzing.honest())
    mutants = [f"message-{i}" for i in range(MUTANTS["message"])]
    for i, student in enumerate(mutants):
        random = draw(seed, "answers", i)
        given = {name: fuzzing.right(name) for name in random.sample(answers, 2)}
        given |= {name: wrong[name] for name in random.sample(list(wrong), 1)}
        cells = [cell | {"source": given.get(cell["id"], cell["source"])} for cell in blank["cells"]]
        cells.append({"cell_type": "code", "id": "own", "metadata": {}, "source": f"{fuzzing.MARK}{i}"})
        put(folder / student / FILE, json.dumps(blank | {"cells": cells}).encode())

    found, summary, problems = graded(folder, tmp_path / "out", fuzzing.tapped)

    assert_honest(found)
    assert found.keys() == {*HONEST, *mutants}
    for records in found.values():
        assert_whole(records)
    kinds = Counter(result.status for student in mutants for result in found[student][0].results)
    assert kinds["tampered"] > len(mutants) / 20 and kinds["passed"] > len(mutants) / 20
