"""Exercise of notebook 08: convolution backwards to its filters."""

import numpy as np

from course_lib.conv import conv2d_backward_filters
from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb08_conv_by_hand.sliding import FAST, array_of, backward_cases, part, zeros_around


def _summed(met, dy):
    return np.tensordot(met, dy, axes=((0, 1, 2), (0, 1, 2)))


def _filters(dy, cache, *, pad=zeros_around, zeros=lambda pads: pads, cut=part, step=None, each=_summed):
    """Return a filters' gradient with other zeros, slices or step, or another way to join what was met with dy."""
    x, w, stride, pads = cache
    padded, dw = pad(x, [zeros(side) for side in pads]), np.zeros_like(w)
    for i, j in np.ndindex(w.shape[:2]):
        dw[i, j] = each(cut(padded, i, j, *dy.shape[1:3], step or stride), dy)
    return dw


def _short(padded, i, j, rows, columns, stride):
    return padded[:, i : i + rows : stride, j : j + columns : stride]


def _first_number(dy, cache):
    dw = np.zeros_like(cache[1])
    dw[0, 0] = _filters(dy, cache)[0, 0]
    return dw


def _half_kernels(dy, cache):
    halves = [(k // 2, k // 2) for k in cache[1].shape[:2]]
    return _filters(dy, cache, pad=lambda x, pads: zeros_around(x, halves))


def _transposed(dy, cache):
    _, w, *_ = cache
    dw, right = np.zeros_like(w), _filters(dy, cache)
    for i, j in np.ndindex(w.shape[:2]):
        dw[j, i] = right[i, j]
    return dw


def _some(images, rows=np.s_[:], columns=np.s_[:]):
    """Return a wrong answer that sums over some images or positions only."""
    return lambda dy, cache: _filters(
        dy, cache, each=lambda met, dy: _summed(met[images, rows, columns], dy[images, rows, columns])
    )


FILTERS = Exercise(
    name="conv2d_backward_filters",
    reference=conv2d_backward_filters,
    cases=backward_cases,
    points=3,
    task=Task.DERIVE,
    call=array_of,
    parts=("dw",),
    rows="row of the kernel",
    any_dtype=True,
    forbid=FAST,
    mistakes=(
        Mistake(
            lambda dy, cache: _filters(dy, cache)[::-1, ::-1],
            "dw is turned over: dw[i, j] belongs to what w[i, j] met, the image shifted by i and j. Nothing is turned.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy[:, ::-1, ::-1], cache),
            "The errors are turned over: the pixel that was met at position p counts with the error of position p.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, zeros=lambda side: side[::-1]),
            "The zeros are on the wrong side: pad x exactly as forward did, with pads from the cache.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, pad=lambda x, pads: zeros_around(x, pads[::-1])),
            "Height and width are exchanged in the padding: the first pair of pads is for above and below, the second "
            "for left and right.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, zeros=lambda side: ((sum(side) + 1) // 2, sum(side) // 2)),
            "The zeros are shared out anew, half of them to each side. Pad x exactly as forward did, with pads from "
            "the cache: there may be fewer above and to the left than below and to the right.",
        ),
        Mistake(
            _half_kernels,
            "There is half a kernel of zeros on every side. Forward may have had others: they are in the cache, as "
            "pads.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, pad=lambda x, pads: x),
            "It stops wherever forward had zeros around the image, and nowhere else. Are the slices taken from the "
            "padded image, as in forward, or from x itself?",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache) / max(1, len(dy)),
            "dw is divided by the batch size once more. The loss is a mean already: sum over the images.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache) / max(1, dy[..., 0].size),
            "dw is a mean over images and positions. Each position used the same filter, and passes on its error: sum.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache) / dy[0, ..., 0].size if len(dy) else _filters(dy, cache),
            "dw is a mean over the positions. Each of them used the same filter, and passes on its whole error: sum.",
        ),
        Mistake(_some(np.s_[:1]), "dw is made of the first image only: sum over the batch as well."),
        Mistake(
            _some(np.s_[-1:]),
            "dw is made of the last image only: does each image overwrite what the one before gave? Add them up.",
        ),
        Mistake(
            _some(np.s_[:], np.s_[-1:], np.s_[-1:]),
            "dw is made of the last position only: does each position overwrite what the one before gave? Add them up.",
        ),
        Mistake(
            _some(np.s_[-1:], np.s_[-1:], np.s_[-1:]),
            "dw is made of the last position of the last image only: does each pass of the loop overwrite what the one "
            "before gave? Add them up.",
        ),
        Mistake(
            _some(np.s_[:], np.s_[:1], np.s_[:1]),
            "dw is made of the first position only. Every position used the filter: sum over all of them.",
        ),
        Mistake(
            lambda dy, cache: np.zeros_like(cache[1]),
            "dw is 0 everywhere. Is what the loop computes written into it?",
        ),
        Mistake(
            _first_number,
            "Only dw[0, 0] is filled, the rest is 0. Does the loop end after its first pass, with a return in it?",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache) * (np.arange(len(cache[1])) == 0)[:, None, None, None],
            "Only the first row of dw is filled, the rest is 0. Does the loop over rows end after its first pass, with "
            "a return in it?",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache)[::-1],
            "dw stands on its head: its rows are turned over. dw[i, j] belongs to what was met i pixels down.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, step=1),
            "The stride isn't used: position p met the pixel at p · stride + i.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, cut=_short),
            "It stops wherever the stride isn't 1. Does each slice hold as many pixels there as dy has positions? "
            "Taken in steps of stride, it has to reach over stride times as many.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, each=lambda met, dy: _summed(met, dy).T),
            "Channels and filters are exchanged: dw[i, j] has a row for each channel and a column for each filter.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache).swapaxes(2, 3),
            "The last two axes of dw are exchanged: channels come before filters, as in w.",
        ),
        Mistake(
            _transposed,
            "Rows and columns of the kernel are exchanged: what was met i pixels down and j to the right belongs to "
            "dw[i, j]. Where the kernel isn't square it stops.",
        ),
        Mistake(
            lambda dy, cache: _filters(
                dy, cache, cut=lambda padded, i, j, *at: part(padded, j % cache[1].shape[0], i % cache[1].shape[1], *at)
            ),
            "Rows and columns of the kernel are exchanged: what was met i pixels down and j to the right belongs to "
            "dw[i, j].",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, each=lambda met, dy: _summed(met, dy).sum(axis=0)),
            "The channels are summed, so each has the same gradient. A channel's number of the filter met that "
            "channel alone.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, each=lambda met, dy: _summed(met, dy).sum(axis=1, keepdims=True)),
            "The filters' errors are summed, so each filter has the same gradient. A filter counts with its own, "
            "dy[..., f].",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache) * cache[1],
            "dw is multiplied by w. How far an output moves with w[i, j] depends on the pixel that it met, not on "
            "w[i, j] itself.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, each=lambda met, dy: dy.sum(axis=(0, 1, 2))),
            "Every number of a filter gets the sum of the errors: that is the bias's gradient. Here each error counts "
            "as much as the pixel that was met.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, each=lambda met, dy: met.sum(axis=(0, 1, 2))[:, None]),
            "dw is the sum of what was met, without the errors. Each pixel counts with the error of its position.",
        ),
        Mistake(
            lambda dy, cache: -_filters(dy, cache),
            "The sign is turned. This is the gradient itself; the minus comes with the step of training.",
        ),
        Mistake(
            lambda dy, cache: cache[1] + _filters(dy, cache),
            "dw contains w itself: begin the sum with zeros in w's shape, not with w.",
        ),
    ),
    hints=(
        "At position p, q the number w[i, j] met one pixel, and the output moved by that pixel. So its error "
        "counts as much as the pixel.",
        "met = padded[:, i : i + rows * stride : stride, j : j + columns * stride : stride]; "
        "dw[i, j] = np.tensordot(met, dy, axes=((0, 1, 2), (0, 1, 2))).",
    ),
)
