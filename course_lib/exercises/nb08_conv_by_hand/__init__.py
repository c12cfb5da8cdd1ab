"""Exercises of notebook 08: convolution forwards and, piece by piece, backwards; gradients by differences."""

from course_lib.exercises.nb08_conv_by_hand.backward_bias import BIAS
from course_lib.exercises.nb08_conv_by_hand.backward_filters import FILTERS
from course_lib.exercises.nb08_conv_by_hand.backward_input import INPUT
from course_lib.exercises.nb08_conv_by_hand.flattening import FLATTEN
from course_lib.exercises.nb08_conv_by_hand.forward import CONV2D
from course_lib.exercises.nb08_conv_by_hand.numerical import NUMERICAL
from course_lib.exercises.nb08_conv_by_hand.pooling import POOL
from course_lib.exercises.nb08_conv_by_hand.quizzes import QUIZZES

__all__ = ["EXERCISES", "QUIZZES"]

EXERCISES = [CONV2D, NUMERICAL, BIAS, FILTERS, INPUT, POOL, FLATTEN]
