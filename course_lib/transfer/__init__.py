"""Reuse of trained networks in TensorFlow: what may change, what is computed once, what is copied or compressed.

A model is a Keras model of any kind, or a list of `tf.Variable` where no layers are needed. TensorFlow is imported
when a function that needs it is first called.
"""

from course_lib.transfer.changing import assert_only_changed, bias_variables, freeze, statistics_kept, thaw, train_step
from course_lib.transfer.naming import matching, named_variables
from course_lib.transfer.reusing import cached_outputs, copy_layers, import_weights, low_rank, refuse_changing

__all__ = [
    "assert_only_changed", "bias_variables", "cached_outputs", "copy_layers", "freeze", "import_weights", "low_rank",
    "matching", "named_variables", "refuse_changing", "statistics_kept", "thaw", "train_step",
]
