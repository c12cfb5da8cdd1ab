"""What came of a batch, and how a terminal tells it."""

from collections import Counter
from dataclasses import dataclass, field

from course_lib.grading.records import STATUSES

LOOK = ("died", "tampered", "needs review")  # statuses that a person should see
SHOWN = 20  # problems that are listed on the screen; all of them are in the store and the report


@dataclass
class Summary:
    """What came of a batch.

    Parameters
    ----------
    total, students : int
        Notebooks and students in the batch.
    graded, equal, kept : int
        Notebooks that were graded now, those whose answers equal another's, those that the store had already.
    statuses : Counter
        Of the exercises of this batch.
    problems : list of (str, str)
        What was not taken or needs a look: origin and reason.
    look : list of (str, str, str, str)
        Answers that a person should see: student, notebook, exercise, status.
    """

    total: int = 0
    students: int = 0
    graded: int = 0
    equal: int = 0
    kept: int = 0
    statuses: Counter = field(default_factory=Counter)
    problems: list = field(default_factory=list)
    look: list = field(default_factory=list)


class Interrupted(Exception):
    """Ctrl-C; `done` of `total` notebooks are stored."""

    def __init__(self, done, total):
        super().__init__(f"Stopped: {done} of {total} notebooks are graded and kept. "
                         "The same command goes on from there.")
        self.done, self.total = done, total


def progress_of(intake, store):
    """Return how many notebooks of a batch are stored, and how many there are."""
    wanted = {(found.student, found.notebook) for found in intake.found}
    return len(wanted & {(graded.student, graded.notebook) for graded in store.submissions()}), len(wanted)


def summed_up(summary, intake, store):
    """Complete a summary with what the store has of this batch."""
    wanted = {(found.student, found.notebook) for found in intake.found}
    for graded in store.submissions():
        if (graded.student, graded.notebook) in wanted:
            summary.statuses.update(result.status for result in graded.results)
            summary.look += [(graded.student, graded.notebook, result.exercise, result.status)
                             for result in graded.results if result.status in LOOK]
    summary.total, summary.students = len(wanted), len({student for student, _ in wanted})
    summary.problems = list(dict.fromkeys(intake.problems))
    return summary


def told(summary, out):
    """Return what came of a batch as text."""
    handed_in = f"{counted(summary.total, 'notebook')} of {counted(summary.students, 'student')}"
    parts = {"graded": summary.graded, "equal to one of them": summary.equal, "graded before": summary.kept}
    lines = [f"{handed_in}: {', '.join(f'{n} {what}' for what, n in parts.items() if n) or 'nothing to grade'}."]
    lines += [f"{summary.statuses[status]:>7} {status}" for status in STATUSES if summary.statuses[status]]
    needs = [(f"{student}, {notebook}, {exercise}", status) for student, notebook, exercise, status in summary.look]
    return "\n".join(lines) + f"\n{listed(summary.problems + needs)}Next: course report {out}"


def listed(problems, most=SHOWN):
    """Return what needs a look, one a line."""
    if not problems:
        return ""
    lines = [f"  {line(origin)}: {line(reason)}" for origin, reason in problems[:most]]
    rest = [f"  and {len(problems) - most} more, which course report lists"] if len(problems) > most else []
    return "\n".join([f"{counted(len(problems), 'thing')} to look at:", *lines, *rest]) + "\n"


def listed_files(paths, folder):
    """Return what was written, one a line: files by name, folders with how many files there are in them."""
    inside = Counter(path.relative_to(folder).parts[0] for path in paths)
    names = sorted(inside, key=lambda name: (inside[name] > 1, name))
    counts = {name: f": {counted(inside[name], 'file')}" if (folder / name).is_dir() else "" for name in names}
    return "\n".join(f"{folder / name}{counts[name]}" for name in names)


def line(text):
    """Return a text as one line that does a terminal no harm."""
    return printable(text).replace("\n", "\\n")


def counted(n, what):
    """Return "1 notebook" or "2 notebooks"."""
    return f"{n} {what}{'' if n == 1 else 's'}"


def printable(text):
    """Return a text that does a terminal no harm: file names can hold any character."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
