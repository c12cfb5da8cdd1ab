"""Exercises of notebook 01: backpropagation through a network, what gradients tell, clipping, a debug lab."""

from course_lib.exercises.nb01_vanishing_gradients.clipping_norms import CLIP_NORM
from course_lib.exercises.nb01_vanishing_gradients.clipping_values import CLIP_VALUE
from course_lib.exercises.nb01_vanishing_gradients.debug_lab import MEND, SICK, network_from
from course_lib.exercises.nb01_vanishing_gradients.dense import DENSE
from course_lib.exercises.nb01_vanishing_gradients.drop import DROP
from course_lib.exercises.nb01_vanishing_gradients.growth import GROWTH
from course_lib.exercises.nb01_vanishing_gradients.half_precision import LOSS_SCALE
from course_lib.exercises.nb01_vanishing_gradients.logistic import LOGISTIC
from course_lib.exercises.nb01_vanishing_gradients.network_backwards import BACKWARD
from course_lib.exercises.nb01_vanishing_gradients.network_forwards import FORWARD
from course_lib.exercises.nb01_vanishing_gradients.network_training import TRAINING
from course_lib.exercises.nb01_vanishing_gradients.quizzes import QUIZZES
from course_lib.exercises.nb01_vanishing_gradients.slope import DERIVATIVE

__all__ = ["EXERCISES", "QUIZZES", "SICK", "network_from"]

EXERCISES = [DENSE, LOGISTIC, DERIVATIVE, FORWARD, BACKWARD, TRAINING, DROP, GROWTH, LOSS_SCALE, CLIP_VALUE, CLIP_NORM,
             MEND]
