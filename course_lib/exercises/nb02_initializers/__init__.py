"""Exercises of notebook 02: fans, the variance of random weights, what an activation does to it, a debug lab."""

from course_lib.exercises.nb02_initializers.debug_lab import DIAGNOSE, five_networks
from course_lib.exercises.nb02_initializers.fans import FANS
from course_lib.exercises.nb02_initializers.gains import GAIN
from course_lib.exercises.nb02_initializers.glorot import GLOROT
from course_lib.exercises.nb02_initializers.he import HE
from course_lib.exercises.nb02_initializers.quizzes import QUIZZES
from course_lib.exercises.nb02_initializers.scaling import SCALING

__all__ = ["EXERCISES", "QUIZZES", "five_networks"]

EXERCISES = [FANS, SCALING, GLOROT, HE, GAIN, DIAGNOSE]
