"""Twins: functions, other than an exercise's reference, that do its work. Where its answer runs alone, they are empty.

`tests/grading/test_undeserved.py` hands in every public function of the library, of NumPy, SciPy, scikit-learn and
Keras, and fails where one passes. Each stands here where it is defined: under other names it is the same function.
"""

import inspect

_TENSORFLOW = "tensorflow.python.ops."


def _operation(module, *names):
    """Return operations of TensorFlow's, by which Keras's functions compute, with what they fall back on, and raw."""
    forms = [form for name in names for form in (name, f"{name}_eager_fallback", name.title().replace("_", ""))]
    return [f"{_TENSORFLOW}{module}:{form}" for form in forms]


FAST = "course_lib.fast_conv:*"  # the same functions again
COMPILED = "scipy.special._special_ufuncs:expit", "scipy.special.cython_special:expit"  # functions of C
NETWORK = "course_lib.network:Network"
TWINS = {
    "logistic": (
        *COMPILED,
        *_operation("gen_math_ops", "sigmoid"),
    ),
    "network_forward": (NETWORK,),
    "network_backward": (NETWORK,),
    "train_network": (NETWORK, "course_lib.training:fit", "course_lib.models:deep_network"),
    "truncated_std": ("scipy.stats._continuous_distns:truncnorm",),
    "expected": ("course_lib.measuring.mean_field:expected_profile",),
    "leaky_relu": _operation("gen_nn_ops", "leaky_relu"),
    "elu": _operation("gen_nn_ops", "elu"),
    "selu": _operation("gen_nn_ops", "selu"),
    "softmax": (
        "scipy.special._logsumexp:softmax",
        "sklearn.utils.extmath:softmax",
        *_operation("gen_nn_ops", "softmax"),
    ),
    "dropout_backward": ("course_lib.activations:rrelu_backward",),
    "conv2d": (FAST, "course_lib.conv:conv2d_loops"),
    "conv2d_backward_bias": (FAST,),
    "conv2d_backward_filters": (FAST,),
    "conv2d_backward_input": (FAST,),
    "max_pool2d_backward": (FAST, "course_lib.conv:*"),
}


def reference(exercise):
    """Return the module and the name of an exercise's reference; None for one that stands beside its exercise."""
    function = inspect.unwrap(exercise.reference)
    inside = function.__module__.startswith("course_lib.exercises")
    return None if inside else (function.__module__, function.__name__)


def of(exercise):
    """Return the places, "module:name", of an exercise's twins."""
    return TWINS.get(exercise.name, ())


def ready_made(exercise, place):
    """Return which of the names that an exercise forbids a twin has or lies in; none where it may be looked at."""
    module, _, name = place.partition(":")
    if not {place, f"{module}:*"} & set(of(exercise)):
        return []
    parts = [*module.split("."), name]
    whole = {".".join(parts[:end]) for end in range(1, len(parts))}
    return sorted({*parts, *whole} & set(exercise.forbid))[:1]
