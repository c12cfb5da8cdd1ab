"""Wrong answers to notebook 08's convolution forwards, and the hint for each."""

import numpy as np

from course_lib.exercises.core import Mistake
from course_lib.exercises.nb08_conv_by_hand.sliding import part, zeros_around
from course_lib.windows import NONE, paddings, positions


def _product(padded, w, i, j, *at):
    return part(padded, i, j, *at) @ w[i, j]


def _wrong(
    term=_product,
    *,
    zeros=lambda pads, **_: pads,
    pad=zeros_around,
    step=lambda stride: stride,
    count=positions,
    bias=lambda b, w: b,
    then=lambda y: y,
    cached=lambda x, padded: x,
):
    """Return a wrong conv2d: with other terms for a kernel's number, other zeros around, another bias or cache."""

    def answer(x, w, b, *, stride=1, padding="same"):
        right = paddings(x.shape[1:3], w.shape[:2], stride, padding)
        pads = zeros(right, x=x, w=w, stride=stride, padding=padding)
        rows, columns = count(x.shape[1:3], w.shape[:2], step(stride), pads)
        padded = pad(x, pads)
        y = np.zeros((len(x), rows, columns, w.shape[3]), x.dtype)
        for i, j in np.ndindex(w.shape[:2]):
            y += term(padded, w, i, j, rows, columns, step(stride))
        return then(y + bias(b, w)), (cached(x, padded), w, stride, pads)

    return answer


def _halves(pads, *, w, padding, **_):
    return tuple((k // 2, k // 2) for k in w.shape[:2]) if padding == "same" else pads


def _swapped_sides(pads, **_):
    return tuple(side[::-1] for side in pads)


def _summed_channels(padded, w, i, j, *at):
    return part(padded, i, j, *at).sum(axis=3, keepdims=True)


def _last_alone(padded, w, i, j, *at):
    return _product(padded, w, i, j, *at) if (i + 1, j + 1) == w.shape[:2] else 0


MISTAKES = (
    Mistake(
        _wrong(lambda p, w, i, j, *at: part(p, i, j, *at) @ w[-1 - i, -1 - j]),
        "The kernel is turned over: y takes x[p + i] times w[i], not w[kernel height - 1 - i]. Mathematicians turn "
        "it, neural networks don't.",
    ),
    Mistake(
        _wrong(bias=lambda b, w: 0 * b),
        "The bias is missing: y is the sum of the products alone. Every position of a filter's map gets its b.",
    ),
    Mistake(
        _wrong(bias=lambda b, w: w.shape[0] * w.shape[1] * b),
        "The bias is added once for every number of the kernel. It is added once for every position: outside the loop.",
    ),
    Mistake(
        _wrong(bias=lambda b, w: w[..., 0].size * b),
        "The bias is added once for every number of the kernel and every channel. It belongs to the position: add it "
        "once, when the sum is done.",
    ),
    Mistake(
        _wrong(bias=lambda b, w: w.shape[2] * b),
        "The bias is added once for every channel. Sum over the channels first, then add it once.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, rows, columns, _: _product(p, w, i, j, rows, columns, 1)),
        "The stride isn't used in the slices: from one position to the next the window moves on by stride pixels.",
    ),
    Mistake(
        _wrong(step=lambda stride: 1),
        "The stride isn't used: the window stands at every pixel, so y has as many rows and columns as with stride 1.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, rows, columns, s: p[:, i : i + rows : s, j : j + columns : s] @ w[i, j]),
        "It stops wherever the stride isn't 1. Does each slice hold as many pixels there as there are positions? Taken "
        "in steps of stride, it has to reach over stride times as many.",
    ),
    Mistake(
        _wrong(_last_alone),
        "Only the last number of the kernel counts: each pass of the loop overwrites y. Its products have to be added "
        "to what is there.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, *at: _product(p, w, i, j, *at) * (i + j == 0)),
        "Only the first number of the kernel counts. Does the loop end after its first pass, with a return in it?",
    ),
    Mistake(
        _wrong(zeros=_swapped_sides),
        "The zeros are on the wrong side: those for before the image stand after it, and the other way round. pads is "
        "((top, bottom), (left, right)); where an odd number is needed, the odd zero stands after.",
    ),
    Mistake(
        _wrong(zeros=lambda pads, padding, **_: _swapped_sides(pads) if padding == "same" else pads),
        'For "same" the odd zero is on the wrong side: where an odd number of zeros is needed, one more stands after '
        "the image than before, as paddings has it.",
    ),
    Mistake(
        _wrong(zeros=_halves),
        'For "same" there is half a kernel of zeros on every side. That fits kernels of odd sides at stride 1 alone; '
        "else the two sides differ, and paddings says how many each gets.",
    ),
    Mistake(
        _wrong(zeros=lambda pads, **_: NONE),
        "The image isn't padded. pads says how many zeros belong above, below, left and right of it; batch and "
        "channels get none.",
    ),
    Mistake(
        _wrong(pad=lambda x, pads: x),
        "It stops wherever zeros are wanted around the image, and nowhere else. Are the slices taken from the padded "
        "image, or from x itself?",
    ),
    Mistake(
        _wrong(zeros=lambda pads, x, w, stride, **_: paddings(x.shape[1:3], w.shape[:2], stride, "same")),
        'The argument padding isn\'t used: the image is always padded as for "same".',
    ),
    Mistake(
        _wrong(pad=lambda x, pads: zeros_around(x, pads, mode="edge")),
        "Around the image the pixels of its edge are repeated. Outside the image x counts as 0.",
    ),
    Mistake(
        _wrong(zeros=lambda pads, **_: pads[::-1]),
        "Height and width are exchanged in the padding: the first pair of pads is for above and below, the second for "
        "left and right.",
    ),
    Mistake(
        _wrong(zeros=lambda pads, padding, **_: pads[::-1] if padding == "same" else pads),
        'For "same" height and width are exchanged in the padding: paddings wants height first, of the images and of '
        "the kernel, and gives the zeros above and below first.",
    ),
    Mistake(
        _wrong(count=lambda *sizes: positions(*sizes)[::-1]),
        "Wherever y isn't square, it stops or comes out wrong: positions gives rows first, then columns.",
    ),
    Mistake(
        _wrong(then=lambda y: y[0]),
        "y lacks the axis of the batch. It holds a map for every image: (batch, rows, columns, filters).",
    ),
    Mistake(
        _wrong(then=lambda y: y[:1]),
        "y is right for the first image and holds no other. Every image of the batch has its own map: the first axis "
        "stays.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, *at: part(p, i, j, *at)[..., :1] @ w[i, j, :1]),
        "Only the first channel counts. Multiply every channel by its own numbers of the kernel, and sum over them.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, *at: part(p, i, j, *at)[..., -1:] @ w[i, j, -1:]),
        "Only the last channel counts: does each channel overwrite what the one before gave? They are summed.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, *at: _summed_channels(p, w, i, j, *at) * w[i, j].sum(axis=0)),
        "Channels are summed before they are multiplied. Each has a kernel of its own: multiply x's channel c by "
        "w[i, j, c], then sum over c.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, *at: _summed_channels(p, w, i, j, *at) * w[i, j].mean(axis=0)),
        "The kernel's channels are averaged, so all of x's channels get the same numbers. Each has a kernel of its "
        "own: multiply channel c by w[i, j, c], then sum over c.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, *at: _product(p, w, i, j, *at) / w[..., 0].size),
        "The products of a window are averaged. A convolution sums them, over i, j and c.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, *at: part(p, i, j, *at) @ w[j, i]),
        "Rows and columns of the kernel are exchanged: i goes down and is w's first axis, j goes to the right and is "
        "its second. Where the kernel isn't square it stops.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, *at: part(p, i, j, *at) @ w[j % w.shape[0], i % w.shape[1]]),
        "Rows and columns of the kernel are exchanged: i goes down and is w's first axis, j goes to the right and is "
        "its second.",
    ),
    Mistake(
        _wrong(lambda p, w, i, j, *at: part(p, i, j, *at) @ w[i, j].T),
        "Channels and filters of the kernel are exchanged: w[i, j] has a row for each channel and a column for each "
        "filter already.",
    ),
    Mistake(
        _wrong(then=lambda y: np.maximum(y, 0)),
        "Numbers below 0 have become 0, as behind ReLU. A convolution passes them on as they are.",
    ),
    Mistake(
        _wrong(bias=lambda b, w: b[0]),
        "All filters get the first bias. Each has its own: b goes along the last axis of y.",
    ),
    Mistake(_wrong(bias=lambda b, w: -b), "The bias is subtracted. It is added to the sum."),
    Mistake(
        _wrong(cached=lambda x, padded: padded),
        "The cache holds the padded image. Keep x as it came: backward pads it itself, and gives dx in its shape.",
    ),
)
