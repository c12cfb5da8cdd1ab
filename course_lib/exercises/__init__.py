"""Exercises, one module a notebook: `check` judges, `hint` helps, `quiz` and `predict` ask, `progress` shows."""

from course_lib.exercises.asking import hint, predict, quiz
from course_lib.exercises.checking import check, use
from course_lib.exercises.core import Exercise, Mistake, Quiz, exercises, find
from course_lib.exercises.records import Panel as progress
from course_lib.exercises.report import Report

__all__ = [
    "Exercise", "Mistake", "Quiz", "Report", "check", "exercises", "find", "hint", "predict", "progress", "quiz", "use",
]  # fmt: skip
