"""Exercises of notebook 03: rectifiers that leak, exponentials that don't overflow, softmax, a debug lab."""

from course_lib.exercises.nb03_activations.debug_lab import PATIENT, REVIVE, patient_from, treat
from course_lib.exercises.nb03_activations.exponentials import ELU, ELU_DERIVATIVE, SELU, SOFTMAX
from course_lib.exercises.nb03_activations.leaks import LEAKY, PRELU
from course_lib.exercises.nb03_activations.quizzes import QUIZZES

__all__ = ["EXERCISES", "PATIENT", "QUIZZES", "patient_from", "treat"]

EXERCISES = [LEAKY, PRELU, ELU, ELU_DERIVATIVE, SELU, SOFTMAX, REVIVE]
