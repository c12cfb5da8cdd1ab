"""Questions to the learner: hints on demand, quizzes with feedback at once, and predictions made before a result."""

import os
from numbers import Integral

from course_lib.exercises import logbook
from course_lib.exercises.core import find, find_quiz
from course_lib.exercises.judge.report import Hints
from course_lib.progress_bar import in_notebook

_asked = {}


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
    """A question with buttons in a notebook; as text the numbered options."""

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

    def widget(self):
        """Return the question as a widget, which calls `choose`."""
        from course_lib.views.question import Question

        options = [f"{i}. {text}" for i, (text, _) in enumerate(self.quiz.options, 1)]
        chosen = None if self.answer is None else self.answer - 1
        question = Question(question=self.quiz.question, options=options, answer=chosen, said=self.feedback)

        def answered(change):
            question.said = self.choose(int(change["new"]) + 1)

        question.observe(answered, "answer")
        return question

    def _ipython_display_(self):
        _show(self)


def predict(name, question, *, options=None, low=None, high=None, default=None, unit="", log=False):
    """Let the learner commit to a prediction before the experiment that answers it.

    Parameters
    ----------
    name : str
        Under this name the prediction is remembered.
    question : str
    options : list of str, optional
        A choice; without it a number is asked for.
    low, high : float
        Between which the number lies; 10 to the power of these if log.
    default : optional
        What `value` is where nobody guesses. It is never shown.
    unit : str
    log : bool
        The number is one of many possible sizes, and drawn on a logarithmic axis.

    Returns
    -------
    Prediction
        `value` is the guess now; `against(measured)` draws it beside the result.

    Raises
    ------
    ValueError
        If the default is none of the options, or not between low and high.
    """
    prediction = Prediction(name, question, options, low, high, default, unit, log)
    if default is not None and not prediction.allows(default):
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
        """Say whether a value is one of the options, or a number between low and high."""
        if self.options:
            return value in self.options
        return isinstance(value, int | float) and self.low <= (_log10(value) if self.log else value) <= self.high

    def guess(self, value):
        """Commit to a value; the widget calls this."""
        self.value, self.made = value, True
        logbook.record(f"prediction {self.name}", "made", value=value)

    def against(self, measured):
        """Return a figure of the guess beside what was measured."""
        from course_lib.exercises.predictions import prediction_figure

        return prediction_figure(self, measured)

    @property
    def said(self):
        """The prediction in words."""
        if not self.made:
            return "You made no prediction yet."
        value = f"{self.value:g}" if isinstance(self.value, float) else self.value
        return f"Your prediction: {value}{' ' + self.unit if self.unit else ''}"

    def __repr__(self):
        return f"{self.question} {self.said}"

    def widget(self):
        """Return the question as a widget, which calls `guess`."""
        from course_lib.views.question import Question

        options = self.options or []
        low, high = (0, 0) if options else self.ends()
        made = (options.index(self.value) if options else self.value) if self.made else None
        question = Question(question=self.question, options=options, low=low, high=high, unit=self.unit,
                            answer=made, said=self.said)

        def answered(change):
            self.guess(options[int(change["new"])] if options else change["new"])
            question.said = self.said

        question.observe(answered, "answer")
        return question

    def ends(self):
        """Return the numbers between which a guess lies."""
        return (10.0**self.low, 10.0**self.high) if self.log else (self.low, self.high)

    def _ipython_display_(self):
        _show(self)


def _show(asked):
    """Show a question: as a widget in a notebook, elsewhere as text."""
    if in_notebook():
        asked.widget()._ipython_display_()
    else:
        print(asked)


def _remembered(name):
    """Return what the learner said last; nothing where COURSE_SEED asks for a run that is the same everywhere."""
    return None if os.environ.get("COURSE_SEED") else logbook.value(name)


def _log10(value):
    from math import log10

    return log10(value) if value > 0 else float("-inf")
