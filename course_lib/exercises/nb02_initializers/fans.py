"""Exercise of notebook 02: how many inputs an output adds up, and how many outputs an input reaches."""

from math import prod

from course_lib.exercises.core import Exercise, Mistake
from course_lib.initializers import fans


def _fans(answer, case):
    return answer(*case)  # numbers, no arrays


FANS = Exercise(
    name="fans",
    reference=fans,
    cases=lambda rng: [((300, 100),), ((5, 5, 3, 8),), ((7, 7),), ((1, 1, 2, 4),), ((3, 6, 5),),
                       (tuple(int(n) for n in rng.integers(1, 9, 4)),)],
    points=1,
    call=_fans,
    mistakes=(
        Mistake(
            lambda shape: (shape[-2], shape[-1]),
            "The window is missing: an output of a 5 × 5 convolution sees 25 places of every channel, and an input "
            "reaches 25 places of every output channel. Multiply both by the window's size.",
        ),
        Mistake(
            lambda shape: (prod(shape[:-1]), shape[-1]),
            "fan_in has the window, fan_out lacks it: in a convolution an input also reaches one output for each "
            "place of the window.",
        ),
        Mistake(
            lambda shape: (prod(shape[:-2]) * shape[-1], prod(shape[:-2]) * shape[-2]),
            "The two are swapped: fan_in comes first, and inputs are the last axis but one.",
        ),
        Mistake(
            lambda shape: (shape[0], shape[1]),
            "These are the first two axes. They are right for a dense kernel; in a convolution's, (height, width, in, "
            "out), the channels come last.",
        ),
        Mistake(
            lambda shape: (shape[1] * prod(shape[2:]), shape[0] * prod(shape[2:])),
            "This reads the kernel as (out, in, height, width), which is PyTorch's order. Here, as in TensorFlow, the "
            "window comes first: (height, width, in, out).",
        ),
    ),
    hints=(
        "Take one output and count the inputs that it adds up; then take one input and count the outputs it reaches.",
        "fan_in = window · in and fan_out = window · out, where window is the product of all axes but the last two.",
        "window = prod(shape[:-2]), or a loop over shape[:-2]; then window * shape[-2], window * shape[-1].",
    ),
)
