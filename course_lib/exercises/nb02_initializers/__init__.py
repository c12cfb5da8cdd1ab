"""Exercises of notebook 02: fans, variances, what layers do to a signal, residual blocks, two debug labs."""

from course_lib.exercises.nb02_initializers.asker import ASKER, askers_network, mended_network
from course_lib.exercises.nb02_initializers.debug_lab import DIAGNOSE, five_networks
from course_lib.exercises.nb02_initializers.fans import FANS
from course_lib.exercises.nb02_initializers.gains import GAIN
from course_lib.exercises.nb02_initializers.glorot import GLOROT
from course_lib.exercises.nb02_initializers.he import HE
from course_lib.exercises.nb02_initializers.layer_map import LAYER_MAP
from course_lib.exercises.nb02_initializers.lsuv import LSUV
from course_lib.exercises.nb02_initializers.quizzes import QUIZZES
from course_lib.exercises.nb02_initializers.residual import BLOCK, BLOCK_BACKWARD
from course_lib.exercises.nb02_initializers.scaling import SCALING
from course_lib.exercises.nb02_initializers.truncation import TRUNCATION

__all__ = ["EXERCISES", "QUIZZES", "askers_network", "five_networks", "mended_network"]

EXERCISES = [
    FANS, TRUNCATION, SCALING, GLOROT, HE, GAIN, LAYER_MAP, LSUV, BLOCK, BLOCK_BACKWARD, ASKER, DIAGNOSE,
]
