"""Exercise of notebook 08: convolution backwards to its biases."""

import numpy as np

from course_lib.conv import conv2d_backward_bias
from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb08_conv_by_hand.sliding import FAST, array_of, backward_cases


def _mean(dy, axis):
    return dy.sum(axis) / max(1, int(np.prod([dy.shape[i] for i in axis])))


BIAS = Exercise(
    name="conv2d_backward_bias",
    reference=conv2d_backward_bias,
    cases=lambda rng: ((dy,) for dy, _ in backward_cases(rng)),
    points=1,
    task=Task.DERIVE,
    call=array_of,
    parts=("db",),
    rows="filter",
    any_dtype=True,
    forbid=FAST,
    mistakes=(
        Mistake(
            lambda dy: _mean(dy, (0, 1, 2)),
            "db is a mean. The bias was added at every position, and each passes its error on: they are summed. The "
            "division by the batch size is in dy already.",
        ),
        Mistake(
            lambda dy: _mean(dy, (0,)).sum(axis=(0, 1)),
            "db is a mean over the images: it is divided by the batch size, which is in dy already. Sum over the "
            "images as over the positions.",
        ),
        Mistake(
            lambda dy: _mean(dy, (1, 2)).sum(axis=0),
            "db is a mean over the positions. The bias was added at each of them, and each passes on its whole error.",
        ),
        Mistake(
            lambda dy: dy.sum(axis=0),
            "db is summed over the images only. The same bias was added at all positions.",
        ),
        Mistake(lambda dy: dy.sum(axis=(1, 2)), "db is summed over the positions only. All images had the same bias."),
        Mistake(
            lambda dy: dy.sum(axis=(0, 1)),
            "db is summed over images and rows and still has an axis of columns: they are positions as well.",
        ),
        Mistake(lambda dy: dy.sum(), "db is one number. Each filter has a bias of its own: leave the last axis."),
        Mistake(
            lambda dy: dy.sum(axis=(0, 2, 3)),
            "Rows are left and filters are summed, as if filters were the second axis. Here they are the last: (batch, "
            "rows, columns, filters).",
        ),
        Mistake(
            lambda dy: dy.sum(axis=-1),
            "The filters are summed, and images and positions are left: just the other axes are wanted.",
        ),
        Mistake(
            lambda dy: dy.sum(axis=(1, 2, 3)),
            "There is one number for each image. One for each filter is wanted: the last axis stays, the first is "
            "summed as well.",
        ),
        Mistake(
            lambda dy: dy.sum(axis=(0, 1, 2), keepdims=True),
            "The sums are right, but db keeps axes of length 1: its shape is (filters,).",
        ),
        Mistake(
            lambda dy: dy.reshape(dy.shape[-1], -1).sum(axis=1) if dy.size else dy.sum(axis=(0, 1, 2)),
            "The filters are mixed: reshape doesn't move an axis, it cuts the same row of numbers elsewhere. Filters "
            "are the last axis, and have to stay the last.",
        ),
        Mistake(
            lambda dy: dy[:1].sum(axis=(0, 1, 2)), "Only the errors of the first image are summed. All had this bias."
        ),
        Mistake(
            lambda dy: dy[-1:].sum(axis=(0, 1, 2)),
            "Only the errors of the last image are summed: does each image overwrite the one before? Add them up.",
        ),
        Mistake(
            lambda dy: np.zeros(dy.shape[-1], dy.dtype),
            "db is 0 everywhere. Are the errors added to it?",
        ),
        Mistake(
            lambda dy: dy[-1, -1, -1],
            "db is the error of the last position of the last image: does each pass of a loop overwrite what the one "
            "before gave? Add them up.",
        ),
        Mistake(
            lambda dy: -dy.sum(axis=(0, 1, 2)),
            "The sign is turned. This is the gradient itself; the minus comes with the step of training.",
        ),
    ),
    hints=(
        "Move one bias by a little: which outputs move, and by how much?",
        "dy.sum(axis=(0, 1, 2))",
    ),
)
