"""The learner's progress as a panel: by notebook, with links and points, and the current notebook unfolded."""

import os
import re
from html import escape

from course_lib.exercises import contents, logbook, outline

WORDS = {"done": "✓ done", "tried": "… tried", "open": "○ open"}


def progress(notebook=None):
    """Return a panel of what the learner has done, notebook by notebook.

    Parameters
    ----------
    notebook : str or int, optional
        The notebook to unfold, such as "03". Without it, the one in which this is called; in the first notebook, and
        where nobody knows which it is, the one in which the learner did something last.

    Returns
    -------
    Panel
        A page with links in the browser, text elsewhere.

    Raises
    ------
    ValueError
        For an unknown notebook; the message lists those there are.
    """
    return Panel(None if notebook is None else contents.named(notebook))


class Panel:
    """Every notebook of the course with its exercises, their points and their states."""

    def __init__(self, current=None):
        self.states = logbook.states()
        self.current = current or _current()
        self.chapters = contents.chapters()
        events = logbook.events()
        self.right = {event["name"].removeprefix("quiz ") for event in events
                      if event["name"].startswith("quiz ") and event["status"] == "passed"}

    @property
    def done(self):
        """How many exercises are done."""
        return sum(word == "done" for names in self.states.values() for word in names.values())

    @property
    def total(self):
        """How many exercises there are."""
        return sum(map(len, self.states.values()))

    def points(self, notebook):
        """Return (points so far, points there are) of a notebook."""
        exercises = outline.outline(notebook).values()
        got = sum(exercise.points for exercise in exercises if self.states[notebook][exercise.name] == "done")
        return got, sum(exercise.points for exercise in exercises)

    def quizzes(self, notebook):
        """Return (quizzes answered rightly, quizzes there are) of a notebook."""
        names = outline.quizzes(notebook)
        return len(self.right & set(names)), len(names)

    @property
    def hours_left(self):
        """The hours of what is open, if every notebook takes what it says: by its share of open points."""
        left = 0
        for each in self.chapters:
            got, there_are = self.points(each.name)
            left += each.hours * (1 - got / there_are if there_are else 0)
        return round(2 * left) / 2

    def __repr__(self):
        lines = [self._summary()]
        for each in self.chapters:
            lines.append(f"{each.title} ({self._score(each)})" + (" ← you are here" * self._is_current(each)))
            lines += [f"  {WORDS[word]:8} {name}" for name, word in self.states[each.name].items()]
        return "\n".join(lines)

    def _repr_html_(self):
        items = "".join(self._item(each) for each in self.chapters)
        return (
            f'<section class="course-progress" aria-label="Progress"><p><strong>{self._summary()}</strong><br>'
            f'<progress max="{self.total}" value="{self.done}" aria-label="exercises done"></progress></p>'
            f'<ol style="list-style: none; padding: 0; margin: 0">{items}</ol></section>'
        )

    def _summary(self):
        left = f", about {contents.in_words(self.hours_left)} to go" if self.hours_left else ""
        return f"{self.done} of {self.total} exercises done{left}"

    def _score(self, chapter):
        (points, all_points), (right, quizzes) = self.points(chapter.name), self.quizzes(chapter.name)
        return f"{points} of {all_points} points, {right} of {quizzes} quizzes right"

    def _is_current(self, chapter):
        return chapter.name == self.current

    def _item(self, chapter):
        here = self._is_current(chapter)
        left = 'style="text-align: left"'
        rows = "".join(
            f'<tr><td {left}><a href="{chapter.file}#cell-id={name}">{name}</a></td>'
            f"<td>{exercise.points}</td><td {left}>{WORDS[self.states[chapter.name][name]]}</td></tr>"
            for name, exercise in outline.outline(chapter.name).items()
        )
        return (
            f'<li style="margin: 0.5em 0"{" aria-current=step" * here}>'
            f'<a href="{chapter.file}">{escape(chapter.title)}</a>{" <strong>← you are here</strong>" * here}'
            f"<details{' open' * here}><summary>{self._score(chapter)}</summary>"
            f'<table><tr><th scope="col" {left}>Exercise</th><th scope="col">Points</th>'
            f'<th scope="col" {left}>State</th></tr>{rows}</table></details></li>'
        )


def _current():
    """Return the notebook that the learner is at; the first, which shows the way, is left for where they were last."""
    known = contents.names()
    file = re.split(r"[/\\]", os.environ.get("JPY_SESSION_NAME", ""))[-1]  # Jupyter's server tells the kernel
    here = next((name for name in known if file.startswith(name)), None)  # copies are called 01_topic-Copy1.ipynb
    return here if here and here != known[0] else _last() or known[0]


def _last():
    """Return the notebook of the last thing done that belongs to one; None if nothing was."""
    places = outline.places()
    for event in reversed(logbook.events()):
        for notebook in places.get(event["name"].removeprefix("quiz "), ()):
            return notebook
    return None
