"""Questions to the learner: hints on demand, quizzes with feedback at once, and predictions made before a result."""

import os
from html import escape
from numbers import Integral

from course_lib.exercises import logbook
from course_lib.exercises.core import find, find_quiz
from course_lib.exercises.judge.report import Hints

_asked = {}
# ipywidgets gives an option one line; on a narrow page long options need more, beside their button.
WRAP = (
    "<style>.course-question .widget-radio-box label {display: flex; flex-direction: row-reverse; "
    "justify-content: flex-end; height: auto; white-space: normal; margin: 2px 0}</style>"
)


def hint(name):
    """Help with an exercise in three steps: the idea, the formula, nearly the code.

    Parameters
    ----------
    name : str
        The exercise.

    Returns
    -------
    Hints
        In a browser three folds to open one by one; as text one step more at each call.
    """
    _asked[name] = _asked.get(name, 0) + 1
    return Hints(name, find(name).steps, _asked[name])


def quiz(name, answer=None):
    """Ask a question; every option answers with its own explanation.

    Parameters
    ----------
    name : str
        The quiz.
    answer : int, optional
        The number of an option, from 1: answers without the mouse.

    Returns
    -------
    QuizPanel
    """
    return QuizPanel(find_quiz(name), answer)


class QuizPanel:
    """A question with buttons in the browser; as text the numbered options."""

    def __init__(self, quiz, answer=None):
        self.quiz = quiz
        remembered = _remembered(f"quiz {quiz.name}")
        self.answer = remembered if self.allows(remembered) else None
        if answer is not None:
            self.choose(answer)

    def allows(self, answer):
        """Say whether an answer is the number of an option."""
        return isinstance(answer, Integral) and 1 <= answer <= len(self.quiz.options)

    def choose(self, answer):
        """Answer with option number `answer`, counted from 1, and return the explanation."""
        if not self.allows(answer):
            raise ValueError(f"quiz {self.quiz.name}: answer is {answer!r}, wanted 1 to {len(self.quiz.options)}")
        self.answer = answer
        logbook.record(f"quiz {self.quiz.name}", "passed" if answer - 1 == self.quiz.right else "failed", value=answer)
        return self.feedback

    @property
    def feedback(self):
        """The explanation of the option chosen last; empty before."""
        if self.answer is None:
            return ""
        word = "✓ Right." if self.answer - 1 == self.quiz.right else "✗ Not quite."
        return f"{word} {self.quiz.options[self.answer - 1][1]}"

    def __repr__(self):
        lines = [self.quiz.question, *(f"  {i}. {text}" for i, (text, _) in enumerate(self.quiz.options, 1))]
        return "\n".join(lines + [self.feedback or f'Answer with quiz("{self.quiz.name}", 1), for example.'])

    def _repr_mimebundle_(self, include=None, exclude=None):
        from ipywidgets import HTML, RadioButtons, VBox

        options = [(f"{i}. {text}", i) for i, (text, _) in enumerate(self.quiz.options, 1)]
        question = HTML(_question_html(self.quiz.question))
        buttons = RadioButtons(options=options, value=self.answer, layout={"width": "auto"})
        feedback = HTML(self._feedback_html())

        def chosen(change):
            self.choose(change["new"])
            feedback.value = self._feedback_html()

        buttons.observe(chosen, "value")
        self.buttons, self.answered = buttons, feedback
        box = VBox([question, buttons, feedback])
        box.add_class("course-quiz").add_class("course-question")
        return {**box._repr_mimebundle_(), "text/plain": repr(self)}

    def _feedback_html(self):
        return f"<p role='status' style='line-height: 1.5'>{escape(self.feedback)}</p>"


def predict(name, question, *, options=None, low=None, high=None, default=None, unit="", log=False):
    """Let the learner commit to a prediction before the experiment that answers it.

    Parameters
    ----------
    name : str
        Under this name the prediction is remembered.
    question : str
    options : list of str, optional
        A choice; without it a slider from low to high.
    low, high : float
        Ends of the slider; of 10 to the power of these if log.
    default
        Where it stands before the learner moves it, and what is used when nobody is there to move it.
    unit : str
    log : bool
        The slider is logarithmic.

    Returns
    -------
    Prediction
        `value` is the guess now; `against(measured)` draws it beside the result.

    Raises
    ------
    ValueError
        If the default is none of the options, or beyond the ends of the slider.
    """
    prediction = Prediction(name, question, options, low, high, default, unit, log)
    if not prediction.allows(default):
        ends = (f"10^{low:g}", f"10^{high:g}") if log else (low, high)
        wanted = f"one of {', '.join(options)}" if options else f"a number from {ends[0]} to {ends[1]}"
        raise ValueError(f"predict {name}: default is {default!r}, wanted {wanted}")
    return prediction


class Prediction:
    """A guess that is remembered; see `predict`."""

    def __init__(self, name, question, options, low, high, default, unit, log):
        self.name, self.question, self.unit, self.log = name, question, unit, log
        self.options, self.low, self.high = options, low, high
        remembered = _remembered(f"prediction {name}")
        self.made = self.allows(remembered)
        self.value = remembered if self.made else default

    def allows(self, value):
        """Say whether a value is one of the options, or between the ends of the slider."""
        if self.options:
            return value in self.options
        return isinstance(value, int | float) and self.low <= (_log10(value) if self.log else value) <= self.high

    def guess(self, value):
        """Commit to a value; the slider or the buttons call this."""
        self.value, self.made = value, True
        logbook.record(f"prediction {self.name}", "made", value=value)

    def against(self, measured):
        """Return a figure of the guess beside what was measured."""
        from course_lib.exercises.predictions import prediction_figure

        return prediction_figure(self, measured)

    def __repr__(self):
        return f"{self.question} Your prediction: {self.value}{' ' + self.unit if self.unit else ''}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        import ipywidgets

        wide = {"layout": {"width": "auto"}, "style": {"description_width": "initial"}}
        if self.options:
            control = ipywidgets.RadioButtons(options=self.options, value=self.value if self.made else None, **wide)
        else:
            named = f"Prediction ({self.unit})" if self.unit else "Prediction"
            scale = {"value": self.value, "min": self.low, "max": self.high, "description": named, **wide}
            if self.log:
                control = ipywidgets.FloatLogSlider(readout_format=".2g", **scale)
            else:
                control = ipywidgets.FloatSlider(step=(self.high - self.low) / 100, readout_format=".3g", **scale)
        control.observe(lambda change: self.guess(change["new"]), "value")
        self.control = control
        question = ipywidgets.HTML(_question_html(self.question))
        box = ipywidgets.VBox([question, control])
        box.add_class("course-prediction").add_class("course-question")
        return {**box._repr_mimebundle_(), "text/plain": repr(self)}


def _remembered(name):
    """Return what the learner said last; nothing where COURSE_SEED asks for a run that is the same everywhere."""
    return None if os.environ.get("COURSE_SEED") else logbook.value(name)


def _question_html(question):
    return f"{WRAP}<p style='line-height: 1.5'><strong>{escape(question)}</strong></p>"


def _log10(value):
    from math import log10

    return log10(value) if value > 0 else float("-inf")
