"""Pages of HTML: feedback for a student, statistics for the instructor; whole in one file, without a script."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from course_lib.grading.reports.marks import WAITING, number, title

# How each status is said and drawn. A sign and words go with every colour.
KINDS = {
    "passed": ("good", "✓", "Passed"),
    "failed": ("wrong", "✗", "Not right yet"),
    "open": ("empty", "○", "Left open"),
    "error": ("wrong", "!", "Stopped with an error"),
    "timeout": ("wrong", "!", "Took too long"),
    "memory": ("wrong", "!", "Used too much memory"),
    "died": ("wrong", "!", "Ended the program"),
    "missing": ("empty", "–", "Not found"),
    "tampered": ("look", "?", "Set aside for review"),
    "needs review": ("look", "?", "Waits for review"),
}

# The same of a free-text answer, which people mark
TEXT_KINDS = KINDS | {
    "passed": ("good", "✓", "Marked"),
    "failed": ("marked", "◐", "Marked"),
    "needs review": ("look", "?", "Waits to be marked"),
}


def feedback(student, sheets):
    """The page that one student gets: marks, messages, hints, comments.

    Neither `Line.detail` nor anything else that is the instructor's reaches the template.

    Parameters
    ----------
    student : str
    sheets : list of Sheet
        All of that student.

    Returns
    -------
    str
    """
    notebooks = [{
        "title": title(sheet.notebook), "score": sheet.score, "max": sheet.max, "waiting": sheet.waiting,
        "handed_in": sheet.handed_in, "modified": sheet.modified, "notes": sheet.notes, "unreadable": sheet.unreadable,
        "lines": [{"name": line.exercise, "text": line.text, "score": line.score, "max": line.max,
                   "message": line.message, "hint": line.hint, "comment": line.comment, **_said(line)}
                  for line in sheet.lines],
    } for sheet in sheets]
    return _template("feedback.html").render(student=student, notebooks=notebooks)


def statistics(summary):
    """The instructor's page; `summary` is what `course_lib.grading.reports.statistics.summary` gives."""
    return _template("statistics.html").render(summary=summary, kinds=KINDS, text_kinds=TEXT_KINDS)


def _said(line):
    kind, sign, words = (KINDS if line.text is None else TEXT_KINDS)[line.status]
    return {"kind": kind, "sign": sign, "words": words, "waits": line.status in WAITING}


def _points(value):
    return f"{number(value)} point{'' if value == 1 else 's'}"


def _when(seconds):
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    except (OverflowError, ValueError, OSError):  # a file dated beyond what calendars hold
        return "at an unknown time"


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


@cache
def _template(name):
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                              loader=FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8"))
    environment.filters |= {"number": number, "points": _points, "when": _when, "duration": _duration}
    return environment.get_template(name)
