"""Exercises of notebook 00: one that is nearly free, to see how exercises work."""

from course_lib.exercises.nb00_start_here.quizzes import QUIZZES
from course_lib.exercises.nb00_start_here.standardizing import STANDARDIZE

__all__ = ["EXERCISES", "QUIZZES"]

EXERCISES = [STANDARDIZE]
