"""Exercises of notebook 06: stopping in time, penalties, limits, dropout, a debug lab."""

from course_lib.exercises.nb06_regularization.debug_lab import REGULARIZE
from course_lib.exercises.nb06_regularization.dropping import DROPOUT
from course_lib.exercises.nb06_regularization.dropping_backward import DROPOUT_BACKWARD
from course_lib.exercises.nb06_regularization.limiting import MAX_NORM
from course_lib.exercises.nb06_regularization.penalizing import PENALTY
from course_lib.exercises.nb06_regularization.quizzes import QUIZZES
from course_lib.exercises.nb06_regularization.stopping import STOPPING

__all__ = ["EXERCISES", "QUIZZES"]

EXERCISES = [STOPPING, PENALTY, DROPOUT, DROPOUT_BACKWARD, MAX_NORM, REGULARIZE]
