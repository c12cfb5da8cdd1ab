"""A small class with difficult names: notebooks as handed in, made from the course's own, and what came of them."""

import json
from pathlib import Path

from course_lib.exercises import exercises
from course_lib.exercises.core import exercises as known
from course_lib.grading.handed_in import lifting
from course_lib.grading.records import Result, Submission
from course_lib.grading.store import Store

NOTEBOOK = "01_vanishing_gradients"
ANSWER = "healthy-gradients"
STUDENTS = ("ada", "Zoë O'Brien", 'Lovelace-Müller, "Lord" José', "李 雷/../<b>&x")
FOLDERS = ("ada", "zoe", "jose", "li")
WORDS = "A flow of **norms** that neither vanish nor explode: $\\|\\delta^{(k)}\\| \\approx$ const, and 0<a<b."
EXERCISES = list(exercises(NOTEBOOK).values())
MOST = sum(exercise.points for exercise in EXERCISES) + 2  # two points are given by hand
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> [x](javascript:window.hacked=1)'


def source_notebook(root):
    """The notebook that is handed out, as a dict."""
    return json.loads((root / "notebooks" / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8"))


def cell(nb, name):
    return next(cell for cell in nb["cells"] if cell["id"] == name)


def handed_in(root):
    """What each of the four made of the notebook: right, half right, taken apart, hostile."""
    ada, zoe, jose, li = (source_notebook(root) for _ in STUDENTS)
    for name, exercise in known(NOTEBOOK).items():
        from course_lib.delivery.cells import solution
        cell(ada, name)["source"] = solution(exercise.reference)
    cell(ada, ANSWER)["source"] = WORDS
    cell(zoe, "logistic")["source"] = "def logistic(z):\n    return 1 / (1 + 2.718 ** -z)"
    cell(zoe, "logistic-check")["source"] = "print('I deleted the check')"
    jose["cells"] = [cell for cell in jose["cells"] if cell["id"] not in ("logistic", "logistic-check", ANSWER)][::-1]
    for each in jose["cells"]:
        each["metadata"] = {}
        each.pop("id")
    cell(li, ANSWER)["source"] = f"Hello {HOSTILE}"
    cell(li, "logistic")["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": HOSTILE, "text/plain": "a <b> text"}},
        {"output_type": "display_data", "metadata": {"image/png": {"width": '1" onload="x'}},
         "data": {"image/png": 'iVBORw0KGgo" onerror="window.hacked=1'}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/javascript": "window.hacked=1"}},
        {"output_type": "stream", "name": "stdout", "text": [HOSTILE]}]
    li["cells"].insert(3, {"cell_type": "raw", "id": "raw", "metadata": {}, "source": HOSTILE})
    li["cells"].insert(4, {"cell_type": "markdown", "id": "own", "metadata": {}, "source": HOSTILE})
    li["metadata"]["language_info"]["pygments_lexer"] = "no-such-lexer"
    return [json.dumps(nb).encode() for nb in (ada, zoe, jose, li)]


def results(share):
    """Fake results: the first `share` exercises passed, the next failed, the others are open."""
    made = []
    for number, (name, exercise) in enumerate(exercises(NOTEBOOK).items()):
        if number < share:
            made.append(Result(name, "passed", exercise.points, exercise.points, "All right."))
        elif number == share:
            made.append(Result(name, "failed", exercise.points / 2, exercise.points, "The shape is right.",
                               hint="Is the sign right?", detail="got -0.25, wanted 0.25"))
        else:
            made.append(Result(name, "open", 0, exercise.points, "Not answered yet."))
    return made


def points(share):
    """The sum of fake results."""
    return sum(result.score for result in results(share))


def submit(store, folder, student, data, share, modified=1_790_000_000.5):
    """Put a file where it was handed in, and its results into the store."""
    path = Path(folder) / FOLDERS[STUDENTS.index(student)] / f"{NOTEBOOK}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    lifted = lifting.lift(data, NOTEBOOK)
    submission = Submission(student, NOTEBOOK, str(path), modified, data, ())
    store.add(submission, lifted.notes, lifted.texts, results(share), f"key {share}")
    return path


def fill(store, folder, root):
    """The whole class: the first has all points, the second two exercises and a half, ..."""
    for student, data, share in zip(STUDENTS, handed_in(root), (len(EXERCISES), 2, 1, 0), strict=True):
        submit(store, folder, student, data, share)
    return store


def a_class(folder, root):
    """A filled store below a folder."""
    return fill(Store(folder / "grades"), folder / "submissions", root)
