"""Exercise of notebook 08: backwards through the reshape between images and rows."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb08_conv_by_hand.sliding import tuple_of_one
from course_lib.layers import flatten_backward


def _cases(rng):
    yield np.arange(8.0).reshape(1, 8), (1, 2, 2, 2)
    for shape, dtype in [
        ((3, 2, 3, 4), np.float64),
        ((2, 4, 4, 1), np.float64),
        ((2, 3, 3, 2), np.float32),
        ((0, 7, 7, 2), np.float64),
        ((50, 7, 7, 8), np.float32),
    ]:
        yield rng.standard_normal((shape[0], int(np.prod(shape[1:])))).astype(dtype), shape
    yield rng.standard_normal((2, 7)), (2, 2, 2, 2)  # too few features


def _flat_shape(axes, order):
    """Return a wrong answer that cuts rows in another order of the images' axes, and then exchanges axes."""

    def answer(dy, shape):
        return (dy.reshape(shape[0], *(shape[axis] for axis in axes)).transpose(0, *order),)

    return answer


FLATTEN = Exercise(
    name="flatten_backward",
    reference=flatten_backward,
    cases=_cases,
    points=1,
    task=Task.DERIVE,
    call=tuple_of_one,
    parts=("dx",),
    rows="image",
    any_dtype=True,
    refuses=True,
    forbid=("library",),
    mistakes=(
        Mistake(
            _flat_shape((3, 1, 2), (2, 3, 1)),
            "The numbers are put back channel by channel. Here a row holds all channels of the first pixel, then "
            "of the second: images are (batch, height, width, channels).",
        ),
        Mistake(
            lambda dy, shape: (dy.reshape(shape, order="F"),),
            "The numbers are in another order: the last axis runs fastest, on the way down as on the way up. "
            "Don't give reshape an order.",
        ),
        Mistake(
            _flat_shape((2, 1, 3), (2, 1, 3)),
            "Height and width are exchanged: a row holds the first row of pixels first, from left to right.",
        ),
        Mistake(
            lambda dy, shape: (dy.reshape(shape).swapaxes(1, 2),),
            "Height and width are exchanged after the reshape. Nothing has to be moved: the first numbers of a row are "
            "the first row of pixels.",
        ),
        Mistake(
            _flat_shape((1, 2, 3), (3, 1, 2)),
            "dx is (batch, channels, height, width). It wants x's shape, in which channels are the last axis: the "
            "numbers needn't be moved.",
        ),
        Mistake(
            lambda dy, shape: (dy.reshape(shape[0], shape[3], *shape[1:3]),),
            "dx is (batch, channels, height, width), cut as if the channels came first. It wants x's shape, as it was "
            "given.",
        ),
        Mistake(
            _flat_shape((2, 1, 3), (1, 2, 3)),
            "dx is (batch, width, height, channels). It wants x's shape, as it was given: height comes first.",
        ),
        Mistake(
            lambda dy, shape: (dy.T.reshape(shape),),
            "dy is transposed first, so the images' numbers are mixed. Its rows are the images already, in the order "
            "that is wanted.",
        ),
        Mistake(lambda dy, shape: (dy,), "dx still has the shape of rows: bring it into x's shape."),
        Mistake(
            lambda dy, shape: (dy.ravel(),),
            "dx is one long row of all images. It wants x's shape, with the batch as the first axis.",
        ),
        Mistake(
            lambda dy, shape: (dy.reshape(shape)[:1],),
            "dx holds the first image only. Each row of dy is an image's: all of them go back.",
        ),
        Mistake(
            lambda dy, shape: (dy.reshape(shape[1:]),),
            "dx lacks the axis of the batch, and it stops where there are several images: shape begins with the batch "
            "size.",
        ),
        Mistake(
            lambda dy, shape: (dy[:, ::-1].reshape(shape),),
            "The rows are read from their ends. Going back turns nothing around: each error goes to the place that its "
            "number came from.",
        ),
        Mistake(
            lambda dy, shape: (dy.reshape(shape) / max(1, shape[0]),),
            "The errors are divided by the batch size. A reshape computes nothing, and its way back doesn't either.",
        ),
        Mistake(
            lambda dy, shape: (dy.reshape(shape)[::-1],),
            "The images come back in reverse order: the first row of dy is the first image's.",
        ),
        Mistake(
            lambda dy, shape: (np.zeros(shape, dy.dtype),),
            "dx is all 0. It has the right shape; the errors are still to be put in.",
        ),
    ),
    hints=(
        "A reshape computes nothing: each number stays what it is and gets another place. So does its error.",
        "return (dy.reshape(shape),)",
    ),
)
