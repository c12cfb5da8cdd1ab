"""`course grade` as an instructor meets it: exit codes, what is said, and no traceback for what the user can mend."""

import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest

from course_lib.grading.reports import reporting
from course_lib.grading.store import FILE, Store
from course_lib.grading.summary import counted
from tests.grading import classes
from tests.grading.classes import ROOT, SECOND, command, marks, notebook, write_class, zipped


def course(*arguments, **options):
    """Run `course` with the pretended grader and return exit code, output and errors."""
    process = command(*arguments, **options)
    out, err = process.communicate(timeout=600)
    return SimpleNamespace(code=process.returncode, out=out, err=err)


def read_as(folder, students):
    return f"{folder} is read as a folder or an archive a student (folders): {counted(students, 'student')}."


def test_a_class_is_graded(tmp_path):
    write_class(tmp_path / "in", 3)
    (tmp_path / "in" / "student0003").mkdir()
    (tmp_path / "in" / "student0003" / f"{SECOND}.ipynb").write_bytes(notebook("answer 1"))
    done = course("grade", tmp_path / "in", "--out", tmp_path / "out", "--seed", 7)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{read_as(tmp_path / 'in', 4)}\n4 notebooks of 4 students: 3 graded, 1 equal to one of "
                               "them.\n")
    assert f"Next: course report {tmp_path / 'out'}" in done.out and "to look at" not in done.out
    counts = {line.split()[1]: int(line.split()[0]) for line in done.out.splitlines() if line.startswith("   ")}
    with Store(tmp_path / "out") as store:
        statuses = [status for status, *_ in marks(store).values()]
    assert counts == {status: statuses.count(status) for status in set(statuses)}
    again = course("grade", tmp_path / "in", "--out", tmp_path / "out")
    assert again.code == 0 and "students: 4 graded before." in again.out


def test_what_needs_a_look_is_listed(tmp_path):
    folder = write_class(tmp_path / "in", 1)
    (folder / "student0000" / "notes.pdf").write_bytes(b"1")
    (folder / "eve").mkdir()
    (folder / "eve" / "x.ipynb").write_bytes(notebook("tamper"))
    (tmp_path / "class.csv").write_text("student\nstudent0000\n")
    done = course("grade", folder, "--out", tmp_path / "out", "--roster", tmp_path / "class.csv")
    assert done.code == 3
    assert "notes.pdf: is not a notebook" in done.out and "eve is not on the roster" in done.out
    assert f"eve, {SECOND}, " in done.out and ": tampered" in done.out


def test_a_long_list_is_cut(tmp_path):
    folder = write_class(tmp_path / "in", 1)
    for i in range(50):
        (folder / f"{i}.pdf").write_bytes(b"1")
    done = course("grade", folder, "--out", tmp_path / "out")
    assert done.out.count(".pdf: ") == 20 and "and 30 more" in done.out and "50 things to look at" in done.out


def test_names_do_a_terminal_no_harm(tmp_path):
    folder = write_class(tmp_path / "in", 1)
    (folder / "a\x1b[2Jb\r\nc.pdf").write_bytes(b"1")
    done = course("grade", folder, "--out", tmp_path / "out")
    assert "a\\x1b[2Jb\\r\\nc.pdf: is not" in done.out
    assert "\x1b" not in done.out


def test_dry_run_says_and_touches_nothing(tmp_path):
    folder = write_class(tmp_path / "in", 3)
    (folder / "notes.pdf").write_bytes(b"1")
    before = sorted(tmp_path.rglob("*"))
    done = course("grade", folder, "--out", tmp_path / "out", "--dry-run")
    assert done.code == 3
    assert done.out.startswith(f"{read_as(folder, 3)}\n3 notebooks of 3 students would be graded:\n")
    assert f"student0001  {SECOND}  {folder}/student0001/{SECOND}.ipynb" in done.out and "notes.pdf" in done.out
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("option", [[], ["--dry-run"]])
def test_a_layout_in_doubt_is_asked_for_before_anything_is_graded(option, tmp_path):
    for name in ("ada", "bob", "carl"):
        write_class(tmp_path / "in" / "group" / name, 2)
    folder = tmp_path / "in" / "group"
    done = course("grade", folder, "--out", tmp_path / "out", *option)
    assert done.code == 1 and done.out.startswith(f"{read_as(folder, 3)}\n") and "Traceback" not in done.err
    assert "3 of 3 would have handed in several files" in done.err and "--layout folders" in done.err
    assert not (tmp_path / "out").exists()
    done = course("grade", folder, "--out", tmp_path / "out", "--layout", "groups", *option)
    assert "(groups): 2 students.\n" in done.out and done.code == 3  # student0000 is in each of the groups
    done = course("grade", folder, "--out", tmp_path / "out", "--layout", "folders", *option)
    assert done.out.startswith(f"{read_as(folder, 3)}\n") and done.code == 3


def test_nobody_hands_in_for_others(tmp_path):
    write_class(tmp_path / "in", 3)
    clean = course("grade", tmp_path / "in", "--out", tmp_path / "clean", "--seed", 7)
    with Store(tmp_path / "clean") as store:
        honest = marks(store)
    names = [f"{student}_LATE_4711_998_01_x.ipynb" for student in ("student0000", "student0009")]
    names += [f"student{i:04}_471{i}_assignsubmission_file_/x.ipynb" for i in range(10)]
    (tmp_path / "in" / "eve.zip").write_bytes(zipped({name: notebook("tamper") for name in names}))
    done = course("grade", tmp_path / "in", "--out", tmp_path / "out", "--seed", 7)
    with Store(tmp_path / "out") as store:
        assert {key: mark for key, mark in marks(store).items() if key[0] != "eve"} == honest
        assert {status for (student, *_), (status, *_) in marks(store).items() if student == "eve"} == {"tampered"}
    assert (clean.code, done.code) == (0, 3)


@pytest.mark.parametrize(("arguments", "code", "said"), [
    (["{in}", "--out", "{out}", "--workers", "0"], 2, "Invalid value"),
    (["--out", "{out}"], 2, "Missing argument"),
    (["{none}"], 1, "There is no .*none"),
    (["{empty}"], 1, "holds no notebook"),
    (["{in}", "--notebook", "99"], 1, "There is no notebook '99'"),
    (["{in}", "--layout", "moodel"], 1, "no layout 'moodel'; there are moodle, canvas"),
    (["{in}", "--layout", "moodle"], 1, "named as in Moodle's export: leave --layout out"),
    (["{in}", "--roster", "{none}"], 1, "none"),
    (["{in}", "--roster", "{empty}"], 1, "empty"),
    (["{in}", "--out", "{file}"], 1, "file can't be made"),
    (["{in}", "--out", "{damaged}"], 1, "it is no database"),
    (["{in}", "--scheduler", "tcp://127.0.0.1:1", "--out", "{out}"], 1, "no Dask scheduler")])
def test_faults_of_the_user(arguments, code, said, tmp_path):
    write_class(tmp_path / "in", 1)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / FILE).write_text("no database " * 100)
    places = {name: tmp_path / name for name in ("in", "out", "none", "empty", "file", "damaged")}
    done = course("grade", *[argument.format(**places) for argument in arguments])
    assert done.code == code and done.out in ("", f"{read_as(tmp_path / 'in', 1)}\n")
    assert __import__("re").search(said, done.err)
    assert "Traceback" not in done.err and len(done.err.splitlines()) <= 15
    assert not (tmp_path / "out").exists()


def test_store_in_use_is_said(tmp_path):
    with Store(tmp_path / "out"):
        done = course("grade", write_class(tmp_path / "in", 1), "--out", tmp_path / "out")
    assert done.code == 1 and "another course command is using it" in done.err and "Traceback" not in done.err


def wait_for(found, seconds=300):
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_ctrl_c_keeps_what_is_graded(tmp_path):
    log, folder = tmp_path / "log", write_class(tmp_path / "in", 600)
    process = command("grade", folder, "--out", tmp_path / "out", "--seed", 7, log=log, start_new_session=True)
    wait_for(lambda: log.exists() and log.read_text().count("\n") > 40)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all processes of the command
    out, err = process.communicate(timeout=600)
    assert process.returncode == 130
    assert "Stopped: " in err and "of 600 notebooks are graded and kept. The same command goes on from there." in err
    assert "Traceback" not in err
    with Store(tmp_path / "out") as store:
        kept = len(store.submissions())
    assert f"Stopped: {kept} of 600" in err and 0 < kept < 600
    done = course("grade", folder, "--out", tmp_path / "out", log=log)
    assert done.code == 0 and f"{kept} graded before" in done.out


def test_ctrl_c_is_not_for_workers(tmp_path):
    log, folder = tmp_path / "log", write_class(tmp_path / "in", 200)
    process = command("grade", folder, "--out", tmp_path / "out", "--workers", 2, log=log)
    for lines in range(10, 100, 10):
        wait_for(lambda lines=lines: log.read_text().count("\n") > lines)
        for worker in psutil.Process(process.pid).children():
            worker.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert (process.returncode, err) == (0, "") and "200 graded." in out
    assert log.read_text().count("\n") == 200


def test_ctrl_c_before_anything(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped({f"{i}/{SECOND}.ipynb": notebook("x" * 10**6) for i in range(400)}))
    process = command("grade", folder, "--out", tmp_path / "out", start_new_session=True)
    wait_for(lambda: str(folder / "a.zip") in open_files(process.pid))
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=600)
    assert (process.returncode, err) == (130, "Stopped before anything was graded.\n")
    assert not (tmp_path / "out").exists()


def open_files(pid):
    return {file.path for file in psutil.Process(pid).open_files()}


def test_report_writes_and_says_what(tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from course_lib.__main__ import main

    asked, problems, pages = [], [], tmp_path / "feedback"
    pages.mkdir()
    paths = [tmp_path / "grades.csv", pages / "a.html", pages / "b.html"]
    monkeypatch.setattr(
        reporting, "write", lambda folder, **options: asked.append(options) or reporting.Written(paths, problems)
    )
    command = ["report", str(tmp_path), "--moodle", "sheet.csv", "--notebook", "01"]
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, done.output) == (0, f"{paths[0]}\n{pages}: 2 files\n")
    assert str(asked[0]["moodle"]) == "sheet.csv" and asked[0]["canvas"] is None and asked[0]["notebook"] == "01"
    problems.append("Ada fits two rows.")
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 3 and done.output.endswith("Ada fits two rows.\n")


def test_report_without_marks_is_told(tmp_path):
    done = course("report", tmp_path / "none")
    assert done.code == 1 and "course grade SUBMISSIONS" in done.err and "Traceback" not in done.err
    assert not (tmp_path / "none").exists()


def test_help_loads_nothing_heavy():
    code = "import sys, course_lib.__main__; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "nbformat", "dask", "distributed", "tqdm", "sqlite3", "jupytext", "zipfile"} & set(loaded)


def test_the_course_itself_grades(tmp_path):
    folder = write_class(tmp_path / "in", 2, classes.real_notebook)
    command = [sys.executable, "-m", "course_lib", "grade", str(folder), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with Store(tmp_path / "out") as store:
        assert {status for status, *_ in marks(store).values()} <= {"failed", "open"}
        assert len(store.submissions()) == 2
