"""A copy of the course with one notebook more, whose two exercises are written in TensorFlow: what a fork would add."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOTEBOOK = "90_tensorflow"
SOURCE = '''# %% [markdown]
# # 90 · Two exercises in TensorFlow

# %%
import numpy as np
import tensorflow as tf

from course_lib.backend import use_backend
from course_lib.exercises import check, use

use_backend()

# %% tags=["exercise"]
tf_dense

# %% tags=["exercise"]
tf_slope
'''
EXERCISES = '''"""Exercises of notebook 90: a dense layer and a gradient, in TensorFlow."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Quiz


def tf_dense(x, w, b):
    """Return relu(x w + b), a tensor of shape (batch, fan_out)."""
    import tensorflow as tf

    return tf.nn.relu(tf.matmul(x, w) + b)


def tf_slope(w, x, y):
    """Return the gradient of the mean of (x w - y) squared with respect to w, by a gradient tape."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = tf.reduce_mean((tf.matmul(x, w) - y) ** 2)
    return tape.gradient(loss, w)


def _tensors(answer, case):
    import tensorflow as tf

    return answer(*map(tf.constant, case))


def _dense_cases(rng):
    for batch, fan_in, fan_out in [(1, 2, 3), (4, 3, 2), (0, 2, 2), (64, 30, 20)]:
        yield tuple(rng.standard_normal(s).astype(np.float32) for s in [(batch, fan_in), (fan_in, fan_out), (fan_out,)])


def _slope_cases(rng):
    for batch, fan_in in [(1, 2), (5, 3), (64, 20)]:
        yield tuple(rng.standard_normal(s).astype(np.float32) for s in [(fan_in, 1), (batch, fan_in), (batch, 1)])


def _linear(x, w, b):
    return x @ w + b


def _doubled(w, x, y):
    return 2 * tf_slope(w, x, y)


def _negative(w, x, y):
    return -tf_slope(w, x, y)


HINTS = ("Think of what comes first.", "The formula stands in the docstring.", "One line for each step of it.")
EXERCISES = [
    Exercise("tf_dense", tf_dense, _dense_cases, 2, call=_tensors, hints=HINTS,
             mistakes=(Mistake(_linear, "The activation is missing: negative sums become 0."),)),
    Exercise("tf_slope", tf_slope, _slope_cases, 3, call=_tensors, hints=HINTS,
             mistakes=(Mistake(_doubled, "It is twice too large."), Mistake(_negative, "Its sign is wrong."))),
]
QUIZZES = [Quiz("tf-quiz", "Which?", (("This", "Yes."), ("That", "No.")), 0)]
'''
ANSWERS = {
    "tf_dense": "def tf_dense(x, w, b):\n    return tf.maximum(x @ w + b, 0)\n",
    "tf_slope": "def tf_slope(w, x, y):\n    return 2 * tf.transpose(x) @ (x @ w - y) / tf.cast(tf.size(y), x.dtype)\n",
}


def make(folder):
    """Copy what grading needs of the course into a folder, and add the notebook; return the folder."""
    left_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "course_lib", folder / "course_lib", ignore=left_out)
    shutil.copytree(ROOT / "sources", folder / "sources")
    shutil.copy(ROOT / "requirements.txt", folder)
    (folder / "sources" / f"{NOTEBOOK}.py").write_text(SOURCE, encoding="utf-8")
    (folder / "course_lib" / "exercises" / f"nb{NOTEBOOK}.py").write_text(EXERCISES, encoding="utf-8")
    return folder
