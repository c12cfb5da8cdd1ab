"""Exercise of notebook 02: how many inputs an output adds up, and how many outputs an input reaches."""

from math import prod

from course_lib.exercises.core import Exercise, Mistake
from course_lib.initializers import fans


def _cases(rng):
    yield ((300, 100),)
    yield ((5, 5, 3, 8),)
    yield ((2, 3, 4, 6),)
    yield ((7, 7),)
    yield ((1, 1, 2, 4),)
    yield ((3, 6, 5),)
    yield ((2, 3, 4, 5, 7),)
    yield (tuple(int(n) for n in rng.integers(2, 9, 4)),)
    yield ((5,),)


def _fans(answer, case):
    return answer(*case)  # numbers, no arrays


def _by(window=lambda shape: prod(shape[:-2]), ends=lambda shape: shape[-2:], windows=(1, 1)):
    """Return wrong fans: of another window, of other ends, or with the window to the power 0 in one of the two."""

    def answer(shape):
        if len(shape) < 2:
            raise ValueError
        return tuple(window(shape) ** power * end for power, end in zip(windows, ends(shape), strict=True))

    return answer


def _two_or_four(shape):
    if len(shape) < 2:
        raise ValueError
    return _by()(shape) if len(shape) in (2, 4) else None


def _four_only(shape):
    height, width, inputs, outputs = shape
    return height * width * inputs, height * width * outputs


FANS = Exercise(
    name="fans",
    reference=fans,
    cases=_cases,
    points=1,
    call=_fans,
    parts=("fan_in", "fan_out"),
    refuses=True,
    mistakes=(
        Mistake(
            _by(lambda shape: 1),
            "The window is missing: an output of a 5 × 5 convolution sees 25 places of every channel, and an input "
            "reaches 25 places of every output channel. Multiply both by the window's size.",
        ),
        Mistake(
            _by(windows=(1, 0)),
            "fan_in has the window, fan_out lacks it: in a convolution an input also reaches one output for each "
            "place of the window.",
        ),
        Mistake(
            _by(windows=(0, 1)),
            "fan_out has the window, fan_in lacks it: an output of a convolution adds up every place of the window.",
        ),
        Mistake(
            _by(ends=lambda shape: shape[:-3:-1]),
            "The two are swapped: fan_in comes first, and inputs are the last axis but one.",
        ),
        Mistake(
            _by(ends=lambda shape: shape[-2:] if len(shape) == 2 else shape[:-3:-1]),
            "Right for dense kernels; in a convolution's the two are swapped. There, too, inputs are the last axis but "
            "one, and outputs the last.",
        ),
        Mistake(
            _by(lambda shape: 1, lambda shape: shape[:2]),
            "These are the first two axes. They are right for a dense kernel; in a convolution's, (height, width, in, "
            "out), the channels come last.",
        ),
        Mistake(
            _by(lambda shape: prod(shape[2:]), lambda shape: (shape[1], shape[0])),
            "This reads the kernel as (out, in, height, width), which is PyTorch's order. Here, as in TensorFlow, the "
            "window comes first: (height, width, in, out).",
        ),
        Mistake(
            _by(lambda shape: prod(shape[2:]), lambda shape: shape[:2]),
            "The first two axes are taken for the channels and the rest for the window. It is the other way round: "
            "(height, width, in, out).",
        ),
        Mistake(
            _by(lambda shape: shape[0] if len(shape) > 2 else 1),
            "Only the first side of the window is counted. All axes but the last two belong to it: multiply them all.",
        ),
        Mistake(
            _by(lambda shape: shape[0] ** 2 if len(shape) > 2 else 1),
            "The first side of the window is squared. A window needn't be square, nor have two sides: multiply all "
            "axes but the last two.",
        ),
        Mistake(
            _by(lambda shape: prod(shape[:-1])),
            "The window has an axis too many: the inputs are multiplied in once as part of it, and once as themselves. "
            "It is all axes but the last two.",
        ),
        Mistake(
            _by(lambda shape: prod(shape[:-3])),
            "One side of the window is left out. It is all axes but the last two, however many there are.",
        ),
        Mistake(
            _by(lambda shape: prod(shape)),
            "All axes are taken for the window, inputs and outputs too. It is all of them but the last two.",
        ),
        Mistake(
            _by(lambda shape: sum(shape[:-2]) or 1),
            "The sides of the window are added. A window of 5 × 5 has 25 places, not 10: multiply them.",
        ),
        Mistake(
            _by(lambda shape: shape[0] * shape[1] if len(shape) == 4 else 1),
            "Right for dense kernels and for four axes. With one side or three the window is left out: it is the "
            "product of all axes but the last two, however many there are.",
        ),
        Mistake(
            _by(lambda shape: shape[0] * shape[1] if len(shape) > 2 else 1),
            "The first two axes are taken for the window, always. It can have one side or three: it is all axes but "
            "the last two.",
        ),
        Mistake(
            _two_or_four,
            "Kernels of two axes and of four have an answer, the others none. A window can have one side or three: "
            "it is the product of all axes but the last two, however many there are.",
        ),
        Mistake(
            _four_only,
            "Only kernels of four axes have an answer. A dense one has two, and a window can have one side or three.",
        ),
        Mistake(
            _by(ends=lambda shape: (shape[-2], shape[-2])),
            "Both are fan_in. For fan_out the last axis counts, the outputs, in place of the last but one.",
        ),
        Mistake(
            _by(lambda shape: prod(shape), lambda shape: (1, 1)),
            "This is the number of all weights. One output sees those of its own column only, so fan_in leaves out "
            "the outputs; and fan_out leaves out the inputs.",
        ),
    ),
    hints=(
        "Take one output and count the inputs that it adds up; then take one input and count the outputs it reaches.",
        "window = prod(shape[:-2]), or a loop over shape[:-2]; then window * shape[-2], window * shape[-1].",
    ),
)
