"""Exercises of notebook 03: rectifiers that leak, exponentials that don't overflow, softmax, a debug lab."""

from course_lib.exercises.nb03_activations.debug_lab import PATIENT, REVIVE, patient_from, treat
from course_lib.exercises.nb03_activations.elu import ELU
from course_lib.exercises.nb03_activations.elu_derivative import ELU_DERIVATIVE
from course_lib.exercises.nb03_activations.leaky_relu import LEAKY
from course_lib.exercises.nb03_activations.prelu_backward import PRELU
from course_lib.exercises.nb03_activations.quizzes import QUIZZES
from course_lib.exercises.nb03_activations.selu import SELU
from course_lib.exercises.nb03_activations.softmax import SOFTMAX

__all__ = ["EXERCISES", "PATIENT", "QUIZZES", "patient_from", "treat"]

EXERCISES = [LEAKY, PRELU, ELU, ELU_DERIVATIVE, SELU, SOFTMAX, REVIVE]
