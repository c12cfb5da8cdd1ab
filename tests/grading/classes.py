"""Classes of students for the tests: their files, a grader that only pretends, and a command that uses it."""

import hashlib
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from course_lib.exercises.core import exercises
from course_lib.grading.batch import Engine
from course_lib.grading.records import Result
from tests import ctrl_c

ROOT = Path(__file__).parents[2]
FIRST, SECOND = "00_start_here", "01_vanishing_gradients"
LOG = "COURSE_TEST_LOG"  # the file that the pretended grader writes each job's answer to
KIND = "COURSE_TEST_ENGINE"


# Files


def notebook(answer="1", name=SECOND, texts=None):
    """Return a file that the pretended grader takes for a notebook."""
    return json.dumps({"notebook": name, "answer": answer, "texts": texts or {}}).encode()


@cache
def delivered(name=SECOND):
    return (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")


def real_notebook(who, name=SECOND):
    """Return a real notebook whose first exercise is solved, in a way that differs between students."""
    content = json.loads(delivered(name))
    exercise = next(iter(exercises(name)))
    for cell in content["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id", cell.get("id")) == exercise:
            cell["source"] = f"def {exercise}(*args):\n    return {who!r}\n"
    return json.dumps(content).encode()


def write_class(folder, n, make=notebook, name=SECOND):
    """Write one folder a student; every answer is another."""
    for i in range(n):
        path = folder / f"student{i:04}" / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(make(f"answer {i}"))
    return folder


def zipped(files):
    """Return a zip of files: a dict from name, or ZipInfo, to bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


# A grader that only pretends


def identify(data, filename=""):
    try:
        return json.loads(data)["notebook"]
    except (ValueError, KeyError, TypeError):
        raise ValueError("The file can't be read as a notebook.") from None


def lift(data, name):
    content = json.loads(data)
    if content["answer"] == "unreadable":
        raise ValueError("The file can't be lifted.")
    job = json.dumps({"notebook": name, "answer": content["answer"]}).encode()
    return SimpleNamespace(
        job=job, notes=("a note",), texts={key: tuple(text) for key, text in content["texts"].items()}
    )


def log(answer):
    if LOG in os.environ:
        with open(os.environ[LOG], "a") as file:
            file.write(answer + "\n")


def grade(job, seed, unsafe=False):
    content = json.loads(job)
    answer = content["answer"]
    before = Path(os.environ[LOG]).read_text().splitlines() if LOG in os.environ else []
    log(answer)
    time.sleep(0.005)
    if answer.startswith("die") or answer.startswith("stumble") and answer not in before:
        os._exit(9)
    if answer.startswith("fail"):
        raise OSError("the grader has a fault")
    if answer.startswith("nonsense"):
        return "[{}]"
    digest = hashlib.sha256(f"{answer} {seed}".encode()).digest()
    return json.dumps([
        asdict(Result(name, "tampered" if answer == "tamper" else "passed" if digest[i] % 2 else "failed",
                      float(digest[i] % 2), exercise.points, f"case {digest[i]}", seconds=0.005))
        for i, (name, exercise) in enumerate(exercises(content["notebook"]).items())])


def real_grade(job, seed, unsafe=False):
    """Grade in the sandbox, and log which job."""
    from course_lib.grading.engine import unit

    log(hashlib.sha256(job).hexdigest())
    return unit.grade(job, seed, unsafe)


def version(name):
    return "1"


def refusal(unsafe):
    return ""


def pretended():
    return Engine(identify, lift, grade, version, refusal)


def real():
    from course_lib.grading.engine import unit
    from course_lib.grading.handed_in import lifting

    return Engine(lifting.identify, lifting.lift, real_grade, unit.version, unit.refusal)


ENGINES = {"pretended": pretended, "real": real}


def marks(store):
    """Return what of a store must be the same however it came about."""
    return {
        (graded.student, graded.notebook, result.exercise): (result.status, result.score, result.max, result.message)
        for graded in store.submissions()
        for result in graded.results
    }


# The command with one of these engines, in a process of its own


def command(*arguments, kind="pretended", log=None, **options):
    """Start `course` with an engine of these."""
    if log:
        Path(log).touch()
    env = os.environ | {KIND: kind} | ({LOG: str(log)} if log else {}) | options.pop("env", {})
    with ctrl_c.heard():
        return subprocess.Popen(
            [sys.executable, "-m", "tests.grading.classes", *map(str, arguments)],
            cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def main():
    from course_lib.__main__ import main
    from course_lib.grading import batch
    from tests.grading import classes  # not __main__: workers must find the functions

    batch.engine = classes.ENGINES[os.environ[KIND]]
    main()


if __name__ == "__main__":
    main()
