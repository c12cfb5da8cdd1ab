"""Grading measured: against nbgrader on the same submissions, a class of a thousand, one worker against several.

Writes its section of BENCHMARKS.md and leaves the others as they are; `make bench` keeps this one.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

HEAD = "## Grading"
NUMPY = "01_vanishing_gradients"
CLASS, SAMPLE, THOUSAND = 200, 10, 1000
MIXED = {"right": 0.7, "partly": 0.3}  # what nbgrader is measured with, too: it stops at other files
SEED = 20261122
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "bench"
c.ExecutePreprocessor.timeout = 120
c.ClearSolutions.enforce_metadata = False
"""


def section(text):
    """Return the grading section of BENCHMARKS.md's text, from its heading to the next one; empty without one."""
    found = re.search(rf"^{re.escape(HEAD)}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0].rstrip() if found else ""


def with_section(text, new):
    """Return BENCHMARKS.md's text with another grading section, in the old one's place or at the end."""
    old = section(text)
    return text.replace(old, new, 1) if old else f"{text.rstrip()}\n\n{new}\n"


def timed(command, folder, **environment):
    """Run a command to its end and return the seconds; stop with what it said if it fails."""
    began = time.perf_counter()
    # nbgrader calls programs that lie beside it
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    run = subprocess.run(list(map(str, command)), cwd=folder, env=os.environ | path | environment,
                         capture_output=True, text=True)
    if run.returncode not in (0, 3):  # 3: graded, and something needs a look
        sys.exit(f"{' '.join(map(str, command))} ended with {run.returncode}:\n{(run.stderr or run.stdout)[-3000:]}")
    return time.perf_counter() - began


def graded(submissions, out, course=ROOT, workers=2, scheduler=""):
    """Run `course grade` and `course report` on a folder; return the seconds of both, to CSV and feedback."""
    options = ["--out", out, "--seed", SEED, *(["--scheduler", scheduler] if scheduler else ["--workers", workers])]
    command = [sys.executable, "-m", "course_lib"]
    seconds = timed([*command, "grade", submissions, *options], course, PYTHONPATH=str(course))
    seconds += timed([*command, "report", out], course, PYTHONPATH=str(course))
    pages = list((Path(out) / "feedback").glob("*.html"))
    students = sum(1 for path in Path(submissions).iterdir() if path.is_dir())
    if len(pages) != students:
        sys.exit(f"{len(pages)} feedback pages for {students} students")
    return seconds


def reduced(notebook):
    """Return a notebook with its set-up cell, exercises and checks only."""
    cells = notebook["cells"]
    set_up = next(cell for cell in cells if cell["cell_type"] == "code")
    wanted = [cell for cell in cells if cell["cell_type"] == "code"
              and re.sub("-check$", "", grade_id(cell)) and not grade_id(cell).endswith("-use")]
    return notebook | {"cells": [set_up, *(cell for cell in wanted if cell is not set_up)]}


def grade_id(cell):
    """Return a cell's grade_id, empty without one."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def nbgraded(submissions, students, notebook, blank, folder, **environment):
    """Have nbgrader grade some of the submissions and write their feedback; return the seconds."""
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(CONFIG)
    name = f"{notebook}.ipynb"
    files = {folder / "source" / notebook / name: blank} | {
        folder / "submitted" / f"student{i}" / notebook / name: json.loads((submissions / student / name).read_text())
        for i, student in enumerate(students)
    }
    for path, content in files.items():
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(reduced(content)))
    tool = [Path(sys.executable).with_name("nbgrader")]
    timed([*tool, "generate_assignment", notebook], folder, **environment)
    seconds = timed([*tool, "autograde", notebook], folder, **environment)
    seconds += timed([*tool, "generate_feedback", notebook], folder, **environment)
    pages = list((folder / "feedback").rglob("*.html"))
    if len(pages) != len(students):
        sys.exit(f"nbgrader wrote {len(pages)} feedback pages for {len(students)} students")
    return seconds


def whole(submissions, notebook, n):
    """Return the first n students of whom nbgrader can take the notebook."""
    students = sorted(path.name for path in submissions.iterdir())
    return random.Random(0).sample(students, n)


def compared(title, submissions, notebook, blank, folder, wanted, course=ROOT):
    """Return the table's row: our rate on all submissions, nbgrader's on some of them, and the ratio."""
    n = sum(1 for _ in submissions.iterdir())
    ours = n / graded(submissions, folder / "grades", course)
    students = whole(submissions, notebook, SAMPLE)
    theirs = SAMPLE / nbgraded(submissions, students, notebook, blank, folder / "nbgrader", PYTHONPATH=str(course))
    return f"| {title} | {n} | {ours:.1f} | {SAMPLE} | {theirs:.2f} | {ours / theirs:.0f} | {wanted} |"


def in_numpy(folder):
    """Compare on notebook 01."""
    from tools.simulate import simulate

    simulate(CLASS, folder / "class", seed=1, shares=MIXED)
    blank = json.loads((ROOT / "notebooks" / f"{NUMPY}.ipynb").read_text(encoding="utf-8"))
    return compared("01, NumPy", folder / "class", NUMPY, blank, folder, 50)


def in_tensorflow(folder):
    """Compare on a notebook of two TensorFlow exercises, which is added to a copy of the course."""
    from tests.grading import tensorflow_course
    from tools.simulate import in_own_words

    course = tensorflow_course.make(folder / "course")
    name = tensorflow_course.NOTEBOOK
    command = [sys.executable, "-c", f"from course_lib.delivery import building as b; n = {name!r}; "
               "print(b.text_of(b.build(b.source_of(n), n, outputs=None)))"]
    blank = json.loads(subprocess.run(command, cwd=course, check=True, stdout=subprocess.PIPE).stdout)
    rng = random.Random(1)
    for i in range(CLASS):
        notebook = json.loads(json.dumps(blank))
        for cell in notebook["cells"]:
            if grade_id(cell) in tensorflow_course.ANSWERS:
                cell["source"] = in_own_words(tensorflow_course.ANSWERS[grade_id(cell)], f"student {i}", rng)
        path = folder / "class" / f"student {i}" / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))
    return compared("two exercises, TensorFlow", folder / "class", name, blank, folder, 20, course)


def against_nbgrader():
    """Return the lines of the comparison."""
    lines = ["| notebook | submissions | a second | nbgrader: submissions | a second | ratio | wanted |",
             "|---|--:|--:|--:|--:|--:|--:|"]
    for measure in (in_numpy, in_tensorflow):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            lines.append(measure(Path(folder)))
            print(lines[-1], flush=True)
    note = (f"`course grade` with two workers and `course report`, from the folder to CSV and feedback pages, beside "
            f"`nbgrader autograde` and `generate_feedback` on {SAMPLE} of the same submissions, which are reduced to "
            "set-up, exercises and checks for it. No two submissions are alike.")
    return [note, "", *lines]


def a_thousand():
    """Return the line about a simulated class of 1,000: time, and memory of all processes together."""
    from tools.running import MEMORY, measure
    from tools.simulate import SHARES, simulate

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        truth = simulate(THOUSAND, Path(folder) / "class", seed=2)
        command = [sys.executable, "-m", "course_lib", "grade", f"{folder}/class", "--out", f"{folder}/grades",
                   "--workers", "2", "--seed", str(SEED)]
        run = measure(command, cwd=ROOT)
        if run.code not in (0, 3):
            sys.exit(run.output[-3000:])
        wrong = _wrong(Path(folder) / "grades", truth)
    if wrong:
        sys.exit(f"{len(wrong)} marks differ from what was deserved: {wrong[:5]}")
    shares = ", ".join(f"{share:.0%} {kind}" for kind, share in SHARES.items())
    line = (f"{THOUSAND:,} submissions of notebook 01 ({shares}), two workers: "
            f"{run.seconds:.0f} s (wanted: under 180), "
            f"at most {run.megabytes / 1000:.2f} GB ({MEMORY} of the process tree; wanted: 3). "
            "Every mark that is known beforehand is right.")
    print(line, flush=True)
    return [line]


def _wrong(grades, truth):
    """Return (student, exercise, got, deserved) where these differ."""
    return [(student, exercise, got, truth[student][exercise])
            for (student, exercise), (got, _) in marks(grades).items()
            if truth[student].get(exercise, got) != got]


def marks(grades):
    """Return (student, exercise) -> (status, score) from the store of a folder of grades."""
    from course_lib.grading.store import Store

    with Store(grades, new=False) as store:
        return {(each.student, result.exercise): (result.status, result.score)
                for each in store.submissions() for result in each.results}


def same_marks():
    """Return the line about one worker, two, and a cluster of two worker processes; stop if marks differ."""
    from distributed import LocalCluster

    from tools.simulate import simulate

    found, seconds = {}, {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        folder = Path(folder)
        simulate(CLASS, folder / "class", seed=3)
        for workers in (1, 2):
            seconds[f"{workers} worker{'s' * (workers > 1)}"] = graded(folder / "class", folder / f"grades{workers}",
                                                                       workers=workers)
            found[workers] = marks(folder / f"grades{workers}")
        with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None,
                          silence_logs=50) as cluster:
            address = cluster.scheduler_address
            seconds["a Dask cluster of 2"] = graded(folder / "class", folder / "dask", scheduler=address)
            found["dask"] = marks(folder / "dask")
    if not found[1] == found[2] == found["dask"]:
        different = [key for key in found[1] if len({str(each[key]) for each in found.values()}) > 1]
        sys.exit(f"marks differ: {[(key, [each[key] for each in found.values()]) for key in different[:5]]}")
    times = ", ".join(f"{name} {number:.1f} s" for name, number in seconds.items())
    line = f"The same marks of {CLASS} submissions ({len(found[1]):,} answers) from each: {times}."
    print(line, flush=True)
    return [line]


def main():
    measures = {"nbgrader": against_nbgrader, "thousand": a_thousand, "same": same_marks}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=measures, help="measure one thing and write nothing")
    only = parser.parse_args().only
    lines = [HEAD, "", "Written by `make bench-grading`."]
    for name in [only] if only else measures:
        lines += ["", *measures[name]()]
    if not only:
        from bench import machine

        lines[2] += f" {machine()}"
        path = ROOT / "BENCHMARKS.md"
        path.write_text(with_section(path.read_text(encoding="utf-8"), "\n".join(lines)), encoding="utf-8")


if __name__ == "__main__":
    main()
