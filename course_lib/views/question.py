"""A question with options or a number to type, as a widget that a keyboard and a screen reader can use."""

from html import escape
from pathlib import Path

import traitlets

from course_lib.views.kept import LOOKS, SCRIPT, Answering, Kept


def _text(name):
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


class Question(Kept, Answering):
    """A question; nothing is chosen, and no number stands there, before the learner answers.

    Parameters
    ----------
    question : str
    options : list of str
        Empty, a number from low to high is asked for.
    low, high : float
    unit : str
    answer : int or float, optional
        The place of an option from 0, or the number.
    said : str
        What is said to the answer.
    """

    _esm = SCRIPT + _text("question.js")
    _css = LOOKS + _text("question.css")
    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    low, high = traitlets.Float().tag(sync=True), traitlets.Float().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    answer = traitlets.Float(None, allow_none=True).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        self.add_class("course-question")
        self.observe(lambda change: self.changed(), ["answer", "said"])

    def still(self):
        """Return the question, its options with the one that was chosen, and what was said to it, as HTML."""
        options = "".join(f"<br>{'◉' if place == self.answer else '○'} {escape(option)}"
                          for place, option in enumerate(self.options))
        return f"<p><strong>{escape(self.question)}</strong>{options}</p><p>{escape(self.said)}</p>"

    def words(self):
        """Return the same as text."""
        chosen = [f"{'(x)' if place == self.answer else '( )'} {option}" for place, option in enumerate(self.options)]
        return "\n".join(filter(None, [self.question, *chosen, self.said]))
