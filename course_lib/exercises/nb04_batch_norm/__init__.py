"""Exercises of notebook 04: batch norm forward, backward and in use, folded away, a debug lab."""

from course_lib.exercises.nb04_batch_norm.average import AVERAGE
from course_lib.exercises.nb04_batch_norm.backward import BACKWARD
from course_lib.exercises.nb04_batch_norm.debug_lab import OTHER, RECONCILE, STRANGER, train_and_use
from course_lib.exercises.nb04_batch_norm.folding import FOLD
from course_lib.exercises.nb04_batch_norm.forward import FORWARD
from course_lib.exercises.nb04_batch_norm.inference import INFERENCE
from course_lib.exercises.nb04_batch_norm.quizzes import QUIZZES

__all__ = ["EXERCISES", "OTHER", "QUIZZES", "STRANGER", "train_and_use"]

EXERCISES = [FORWARD, BACKWARD, AVERAGE, INFERENCE, FOLD, RECONCILE]
