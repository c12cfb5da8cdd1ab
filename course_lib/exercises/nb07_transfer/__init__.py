"""Exercises of notebook 07: steps for chosen variables, caches, weights from elsewhere, low rank, biases."""

from course_lib.exercises.nb07_transfer.caching import CACHED_OUTPUTS
from course_lib.exercises.nb07_transfer.choosing import BIAS_VARIABLES
from course_lib.exercises.nb07_transfer.compressing import LOW_RANK
from course_lib.exercises.nb07_transfer.importing import IMPORT_WEIGHTS
from course_lib.exercises.nb07_transfer.quizzes import QUIZZES
from course_lib.exercises.nb07_transfer.stepping import TRAIN_STEP

__all__ = ["EXERCISES", "QUIZZES"]

EXERCISES = [TRAIN_STEP, CACHED_OUTPUTS, IMPORT_WEIGHTS, LOW_RANK, BIAS_VARIABLES]
