"""How far the learner's own library has come: whose a function is, and what each notebook added."""

import sys
from collections import namedtuple
from html import escape
from types import FunctionType

from course_lib.exercises import core, keeping, logbook, outline
from course_lib.exercises.keeping import versions  # noqa: F401 - `mine` hands it on
from course_lib.mine.handing import failure

WORDS = {
    "yours": "✓ yours",
    "unkept": "… passed, not kept: run its check again",
    "open": "○ open, the course's stands in",
}
OFF = "nothing of yours is kept or read where answers are graded, or COURSE_SEED asks for the same run everywhere"

Row = namedtuple("Row", "notebook name state day")


def where(name):
    """Say whose function `mine` hands out under a name.

    Raises
    ------
    ValueError
        If no exercise is called so.
    """
    core.find(name)
    kept = keeping.newest(name)
    if kept is None:
        if not keeping.active():
            return f"{name} is the course's: {OFF}"
        passed = any(event["name"] == name and event["status"] == "passed" for event in logbook.events())
        return f"{name} is the course's: " + ("yours passed, but wasn't kept: run its check again" if passed
                                            else "yours is still open")
    place = kept.notebook + (f", in {kept.file}" if kept.file not in ("", f"{kept.notebook}.ipynb") else "")
    if why := failure(kept):
        return f"{name} is the course's: yours, passed on {kept.day} in {place}, doesn't run any more ({why})"
    changed = vars(sys.modules["__main__"]).get(name)
    later = ""
    if isinstance(changed, FunctionType) and changed.__module__ == "__main__" and not keeping.same(changed, kept):
        later = ". This notebook holds another one, which isn't kept: run its check"
    count = len(keeping.versions(name))
    more = f" ({count} versions are kept)" if count > 1 else ""
    return f"{name} is yours, passed on {kept.day} in {place}{more}{later}"


def added(notebook=None):
    """Return what a notebook added to the learner's library, to be shown; without a name, what all of them did.

    Parameters
    ----------
    notebook : str, optional
        Such as "01_vanishing_gradients".

    Raises
    ------
    ValueError
        If there is no such notebook.
    """
    if notebook is not None and notebook not in outline.notebooks():
        raise ValueError(f"There is no notebook {notebook!r}; there are {', '.join(outline.notebooks())}")
    return Standing(_rows(), notebook)


def _rows():
    days = {kept.name: kept.day for kept in keeping.versions()}
    return [Row(notebook, name, "yours" if name in days else "unkept" if states[name] == "done" else "open",
                days.get(name, ""))
            for notebook, states in logbook.states().items()
            for name, exercise in outline.outline(notebook).items() if not exercise.lab]


class Standing:
    """A table of functions, each the learner's or open: of one notebook, or of all."""

    def __init__(self, rows, notebook=None):
        self.all, self.notebook = rows, notebook
        self.rows = [row for row in rows if notebook in (None, row.notebook)]

    @property
    def yours(self):
        """How many functions of the whole course are the learner's."""
        return sum(row.state == "yours" for row in self.all)

    @property
    def total(self):
        return len(self.all)

    @property
    def heading(self):
        whole = f"{self.yours} of {self.total} functions are yours"
        if not keeping.active():
            whole += f" ({OFF})"
        if self.notebook is None:
            return whole
        own = sum(row.state == "yours" for row in self.rows)
        return f"This notebook added {own} of its {len(self.rows)} functions to your library: {whole}"

    def __repr__(self):
        lines, last = [self.heading], self.notebook
        for row in self.rows:
            if row.notebook != last:
                lines.append(last := row.notebook)
            lines.append(f"  {row.name:24} {WORDS[row.state]}" + (f", passed on {row.day}" if row.day else ""))
        return "\n".join(lines)

    def _repr_html_(self):
        left = "style='text-align: left'"
        columns = ("Notebook", "Function", "Whose it is", "Passed on")
        heads = "".join(f"<th scope='col' {left}>{head}</th>" for head in columns)
        rows = "".join(
            f"<tr><td {left}>{escape(row.notebook)}</td><td {left}><code>{escape(row.name)}</code></td>"
            f"<td {left}>{WORDS[row.state]}</td><td {left}>{row.day}</td></tr>" for row in self.rows)
        folded = "" if self.notebook else "<summary>Function by function</summary>"
        table = (f'<div style="overflow-x: auto" tabindex="0" role="region" aria-label="Functions of your library">'
                 f"<table><tr>{heads}</tr>{rows}</table></div>")
        return (f"<section aria-label='Your own library'><p><strong>{escape(self.heading)}</strong> "
                f"<progress max='{self.total}' value='{self.yours}' aria-label='functions that are yours'></progress>"
                f"</p>{f'<details>{folded}{table}</details>' if folded else table}</section>")
