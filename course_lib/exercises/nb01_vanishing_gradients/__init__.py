"""Exercises of notebook 01: backpropagation through a dense layer, the logistic function, clipping, a debug lab."""

from course_lib.exercises.nb01_vanishing_gradients.backpropagation import DENSE, DERIVATIVE, LOGISTIC
from course_lib.exercises.nb01_vanishing_gradients.clipping import CLIP_NORM, CLIP_VALUE
from course_lib.exercises.nb01_vanishing_gradients.debug_lab import MEND, SICK, network_from
from course_lib.exercises.nb01_vanishing_gradients.quizzes import QUIZZES

__all__ = ["EXERCISES", "QUIZZES", "SICK", "network_from"]

EXERCISES = [DENSE, LOGISTIC, DERIVATIVE, CLIP_VALUE, CLIP_NORM, MEND]
