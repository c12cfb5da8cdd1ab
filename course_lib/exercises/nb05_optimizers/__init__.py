"""Exercises of notebook 05: five update rules, three schedules, and a debug lab with a run that crawls."""

from course_lib.exercises.nb05_optimizers.adagrad import ADAGRAD
from course_lib.exercises.nb05_optimizers.adam import ADAM
from course_lib.exercises.nb05_optimizers.debug_lab import PATIENT, STEADY, train_from
from course_lib.exercises.nb05_optimizers.exponential_decay import EXPONENTIAL
from course_lib.exercises.nb05_optimizers.momentum import MOMENTUM
from course_lib.exercises.nb05_optimizers.nesterov import NESTEROV
from course_lib.exercises.nb05_optimizers.performance_schedule import PERFORMANCE
from course_lib.exercises.nb05_optimizers.power_decay import POWER
from course_lib.exercises.nb05_optimizers.quizzes import QUIZZES
from course_lib.exercises.nb05_optimizers.rmsprop import RMSPROP

__all__ = ["EXERCISES", "PATIENT", "QUIZZES", "train_from"]

EXERCISES = [MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADAM, EXPONENTIAL, POWER, PERFORMANCE, STEADY]
