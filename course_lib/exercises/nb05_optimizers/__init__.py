"""Exercises of notebook 05: five update rules, three schedules, and a debug lab with a run that crawls."""

from course_lib.exercises.nb05_optimizers.adaptive import ADAGRAD, RMSPROP
from course_lib.exercises.nb05_optimizers.averages import ADAM
from course_lib.exercises.nb05_optimizers.debug_lab import PATIENT, STEADY, train_from
from course_lib.exercises.nb05_optimizers.falling import EXPONENTIAL, PERFORMANCE, POWER
from course_lib.exercises.nb05_optimizers.quizzes import QUIZZES
from course_lib.exercises.nb05_optimizers.speeds import MOMENTUM, NESTEROV

__all__ = ["EXERCISES", "PATIENT", "QUIZZES", "train_from"]

EXERCISES = [MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADAM, EXPONENTIAL, POWER, PERFORMANCE, STEADY]
