"""Progress: kept across restarts and by several processes at once, never lost by damage, never in the way."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from course_lib.exercises import logbook

EXERCISE = "logistic"


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "progress.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    return path


def statuses():
    return [event["status"] for event in logbook.events()]


def python(code, file, **options):
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"COURSE_PROGRESS": str(file)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def state(name=EXERCISE):
    return next(names[name] for names in logbook.states().values() if name in names)


def set_aside(file):
    return sorted(file.parent.glob("progress.damaged-*.jsonl"))


def test_nothing_recorded_means_all_open(file):
    assert logbook.events() == []
    assert set(word for names in logbook.states().values() for word in names.values()) == {"open"}
    assert not file.parent.exists()  # looking writes nothing


def test_an_event_has_time_name_and_status(file):
    logbook.record(EXERCISE, "failed", value=3)
    (line,) = file.read_text().splitlines()
    event = json.loads(line)
    assert (event["name"], event["status"], event["value"]) == (EXERCISE, "failed", 3)
    assert event["time"][10] == "T"
    assert "+" in event["time"] or "-" in event["time"][11:]  # with the time zone


@pytest.mark.parametrize(
    ("events", "word"),
    [
        ([], "open"),
        (["open"], "open"),
        (["failed"], "tried"),
        (["error"], "tried"),
        (["timeout"], "tried"),
        (["open", "failed", "passed"], "done"),
        (["passed", "failed"], "done"),
        (["passed", "open"], "done"),
        (["failed", "open"], "tried"),
    ],
)
def test_state_of_an_exercise(events, word, file):
    for status in events:
        logbook.record(EXERCISE, status)
    assert state() == word


def test_survives_a_restart(file):
    process = python("from course_lib.exercises import logbook; logbook.record('logistic', 'passed')", file)
    assert process.communicate(timeout=600) == ("", "")
    assert state() == "done"
    process = python("from course_lib.exercises import progress; print(progress())", file)
    assert "✓ done   logistic\n" in process.communicate(timeout=600)[0]


def test_processes_that_append_at_once_lose_nothing(file):
    code = (
        "import sys; from course_lib.exercises import logbook; sys.stdin.readline()\n"
        "for i in range(300): logbook.record(f'{sys.argv[1]}-{i}', 'failed', value='x' * 200)\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(n)], stdin=subprocess.PIPE, text=True)
        for n in range(3)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=600)
        assert process.returncode == 0
    names = [event["name"] for event in logbook.events()]
    assert sorted(names) == sorted(f"{n}-{i}" for n in range(3) for i in range(300))
    for n in range(3):
        assert [name for name in names if name.startswith(f"{n}-")] == [f"{n}-{i}" for i in range(300)]
    assert set_aside(file) == []


def test_event_that_arrives_at_the_last_moment_is_not_overwritten(file, monkeypatch):
    logbook.record("first", "passed")
    write = os.write

    def late(descriptor, lines):
        with open(file, "ab") as other:
            other.write(b'{"name": "second", "status": "passed"}\n')
        return write(descriptor, lines)

    monkeypatch.setattr(logbook.os, "write", late)
    logbook.record("third", "passed")
    assert [event["name"] for event in logbook.events()] == ["first", "second", "third"]


DAMAGE = {
    "cut off": b'{"time": "2026-01-01T00:00:00+00:00", "name": "lo',
    "bytes": b"\xff\xfe\x00\x80 not text\n",
    "no JSON": b"hello\n",
    "no event": b'{"name": "logistic"}\n[1, 2]\n5\nnull\n',
    "wrong types": b'{"name": 3, "status": "passed"}\n{"name": "x", "status": null}\n',
    "deep": b"[" * 100_000 + b"\n",
    "zeros": b"\0" * 5000 + b"\n",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_file_is_set_aside_and_nothing_is_lost(damage, file, capsys):
    logbook.record(EXERCISE, "passed")
    before = file.read_bytes()
    damaged = before + DAMAGE[damage]
    file.write_bytes(damaged)
    logbook.record("tanh", "failed")
    damaged = file.read_bytes()
    assert statuses() == ["passed", "failed"]
    (kept,) = set_aside(file)
    assert kept.read_bytes() == damaged
    said = capsys.readouterr().err
    assert str(kept) in said
    assert "was damaged" in said
    assert statuses() == ["passed", "failed"]  # and the second look is quiet
    assert capsys.readouterr().err == ""
    assert set_aside(file) == [kept]
    logbook.record("tanh", "passed")
    assert statuses() == ["passed", "failed", "passed"]


def test_file_of_damage_only(file):
    file.parent.mkdir()
    file.write_bytes(b"\x00\x01\x02")
    assert logbook.events() == []
    assert set_aside(file)[0].read_bytes() == b"\x00\x01\x02"
    logbook.record(EXERCISE, "passed")
    assert statuses() == ["passed"]


def test_events_after_a_line_that_was_cut_off_are_whole(file):
    logbook.record("a", "passed")
    file.write_bytes(file.read_bytes()[:-20])
    logbook.record("b", "passed")
    logbook.record("c", "passed")
    assert [event["name"] for event in logbook.events()] == ["b", "c"]


def test_missing_line_end_alone_is_no_damage(file):
    logbook.record("a", "passed")
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    logbook.record("b", "passed")
    assert [event["name"] for event in logbook.events()] == ["a", "b"]
    assert set_aside(file) == []


def test_empty_lines_and_windows_line_ends_are_no_damage(file):
    logbook.record("a", "passed")
    file.write_bytes(b"\n" + file.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\n")
    assert statuses() == ["passed"]
    assert set_aside(file) == []


def test_another_process_that_sets_the_same_file_aside_first(file, monkeypatch, capsys):
    logbook.record("a", "passed")
    file.write_bytes(file.read_bytes() + b"damage\n")

    def too_late(old, new):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(logbook.os, "rename", too_late)
    assert statuses() == ["passed"]
    assert capsys.readouterr().err == ""


def test_events_of_others_that_arrive_while_a_file_is_set_aside_stay(file, monkeypatch):
    logbook.record("a", "passed")
    file.write_bytes(file.read_bytes() + b"damage\n")
    rename = os.rename

    def slow(old, new):
        logbook.record("before", "passed")
        rename(old, new)
        logbook.record("after", "passed")

    monkeypatch.setattr(logbook.os, "rename", slow)
    logbook.events()
    assert sorted(event["name"] for event in logbook.events()) == ["a", "after", "before"]


# A place that can't be written is said, and the notebook goes on


def says_so(capsys):
    logbook.record(EXERCISE, "passed")
    error = capsys.readouterr().err
    assert error.startswith(f"Progress could not be saved in {logbook.path()}: ")
    assert "Set COURSE_PROGRESS to a file that can be written." in error
    assert logbook.events() == []
    assert state() == "open"
    return error


def test_read_only_folder(monkeypatch, capsys):
    with tempfile.TemporaryDirectory() as base:
        os.chmod(base, 0o755)
        folder = Path(base, "locked")
        folder.mkdir(0o555)
        monkeypatch.setenv("COURSE_PROGRESS", str(folder / "progress.jsonl"))
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        if root:  # whom permissions don't stop
            os.seteuid(65534)
        try:
            assert "denied" in says_so(capsys)
        finally:
            if root:
                os.seteuid(0)
        folder.chmod(0o755)


def test_folder_where_the_file_should_be(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path))
    says_so(capsys)


def test_file_where_the_folder_should_be(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    says_so(capsys)


def test_damaged_file_that_cannot_be_set_aside(file, monkeypatch, capsys):
    logbook.record(EXERCISE, "passed")
    file.write_bytes(file.read_bytes() + b"damage\n")

    def refused(old, new):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(logbook.os, "rename", refused)
    assert statuses() == ["passed"]
    assert "could not be set aside: Permission denied" in capsys.readouterr().err
    assert b"damage" in file.read_bytes()


# The rest


def test_without_the_variable_it_lies_in_the_users_data_folder(monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    path = logbook.path()
    assert path.is_absolute()
    assert path.parts[-2:] == ("training-deep-networks", "progress.jsonl")


def test_value_is_the_last_one_recorded(file):
    assert logbook.value("prediction depth") is None
    logbook.record("prediction depth", "made", value=3)
    logbook.record("prediction width", "made", value=9)
    logbook.record("prediction depth", "made", value=4)
    assert logbook.value("prediction depth") == 4


def test_numpy_numbers_can_be_recorded(file):
    import numpy as np

    for number in (np.float32(0.5), np.int64(3), np.bool_(True)):
        logbook.record("prediction depth", "made", value=number)
        assert logbook.value("prediction depth") == number
