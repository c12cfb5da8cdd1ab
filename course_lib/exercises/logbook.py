"""The learner's progress: one line of JSON an event, appended to a file, so that open notebooks can't overwrite.

The file lies in the user's own data folder, or where COURSE_PROGRESS says. Lines that can't be read are set aside
in a copy of the file beside it; the readable ones stay.
"""

import json
import os
import sys
from datetime import datetime
from pathlib import Path

from course_lib.exercises import outline


def path():
    """Return where progress is kept."""
    if os.environ.get("COURSE_PROGRESS"):
        return Path(os.environ["COURSE_PROGRESS"])
    from platformdirs import user_data_path  # comes with Jupyter

    return user_data_path("training-deep-networks") / "progress.jsonl"


def record(name, status, *, into=None, **more):
    """Append one event, to another file if told so; one that can't be written is said, and the notebook goes on."""
    file = into or path()
    event = {"time": datetime.now().astimezone().isoformat(timespec="seconds"), "name": name, "status": status, **more}
    line = (json.dumps(event, default=_number) + "\n").encode()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _append(file, line)
    except OSError as error:
        print(f"Progress could not be saved in {file}: {error.strerror}. Set COURSE_PROGRESS to a file that can be "
              "written.", file=sys.stderr)


def _append(file, lines):
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    try:
        if os.lseek(descriptor, 0, os.SEEK_END):
            os.lseek(descriptor, -1, os.SEEK_END)
            if os.read(descriptor, 1) != b"\n":
                lines = b"\n" + lines  # a line cut off by a crash stays apart from ours
        os.write(descriptor, lines)  # one write: the system appends it as a whole
    finally:
        os.close(descriptor)


def _number(value):
    """Turn a NumPy number into Python's, for JSON."""
    return value.item()


def events(file=None):
    """Return all readable events, oldest first; a damaged file is set aside, its readable lines stay."""
    file = file or path()
    try:
        data = file.read_bytes()
    except OSError:
        return []
    good, damaged = _read(data)
    if damaged:
        _set_aside(file)
    return good


def _read(data):
    """Return the events in some lines, and whether any line couldn't be read."""
    good, damaged = [], False
    for line in data.split(b"\n"):
        try:
            event = json.loads(line)
            if not isinstance(event["name"], str) or not isinstance(event["status"], str):
                raise ValueError("not an event")
            good.append(event)
        except (ValueError, KeyError, TypeError, RecursionError):
            damaged = damaged or bool(line.strip())
    return good, damaged


def _set_aside(file):
    """Rename a damaged file and append its readable events to a new one, where another process may be writing too."""
    kept = file.with_name(f"{file.stem}.damaged-{datetime.now():%Y%m%d-%H%M%S-%f}{file.suffix}")
    try:
        os.rename(file, kept)
        good, _ = _read(kept.read_bytes())  # with whatever another process appended until now
        _append(file, "".join(json.dumps(event) + "\n" for event in good).encode())
    except FileNotFoundError:  # another process is just doing it
        return
    except OSError as error:
        print(f"{file} is damaged and could not be set aside: {error.strerror}.", file=sys.stderr)
        return
    print(f"Part of {file} was damaged. What could be read is kept; the old file is now {kept}.", file=sys.stderr)


def states():
    """Return done, tried or open for every exercise of the course, as a dict notebook -> name -> word."""
    seen = {}
    for event in events():
        if event["status"] == "passed":
            seen[event["name"]] = "done"
        elif event["status"] != "open":
            seen.setdefault(event["name"], "tried")
    return {n: {name: seen.get(name, "open") for name in outline.outline(n)} for n in outline.notebooks()}


def value(name):
    """Return the last value recorded under a name, such as a prediction, or None."""
    return next((event.get("value") for event in reversed(events()) if event["name"] == name), None)
