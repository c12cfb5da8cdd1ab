"""Exercises of notebook 01: backpropagation through a dense layer, the logistic function, clipping, a debug lab."""

from course_lib.exercises.nb01_vanishing_gradients.clipping_norms import CLIP_NORM
from course_lib.exercises.nb01_vanishing_gradients.clipping_values import CLIP_VALUE
from course_lib.exercises.nb01_vanishing_gradients.debug_lab import MEND, SICK, network_from
from course_lib.exercises.nb01_vanishing_gradients.dense import DENSE
from course_lib.exercises.nb01_vanishing_gradients.logistic import LOGISTIC
from course_lib.exercises.nb01_vanishing_gradients.quizzes import QUIZZES
from course_lib.exercises.nb01_vanishing_gradients.slope import DERIVATIVE

__all__ = ["EXERCISES", "QUIZZES", "SICK", "network_from"]

EXERCISES = [DENSE, LOGISTIC, DERIVATIVE, CLIP_VALUE, CLIP_NORM, MEND]
