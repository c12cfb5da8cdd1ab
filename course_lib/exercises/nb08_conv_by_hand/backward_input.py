"""Exercise of notebook 08: convolution backwards to its images."""

import numpy as np

from course_lib.conv import conv2d, conv2d_backward_input
from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb08_conv_by_hand.sliding import FAST, array_of, backward_cases


def _input(
    dy,
    cache,
    *,
    kernel=lambda w: w,
    number=lambda w, i, j: w[i, j].T,
    cut=lambda top, bottom: top,
    step=None,
    end=lambda n, stride: n * stride,
    put=np.add,
):
    """Return an images' gradient with another kernel, slice, cut, or way to put in what a number of it gives."""
    x, w, stride, ((top, bottom), (left, right)) = cache
    stride, w = step or stride, kernel(w)
    (n, height, width, channels), (rows, columns) = x.shape, dy.shape[1:3]
    dx = np.zeros((n, top + height + bottom, left + width + right, channels), dy.dtype)
    for i, j in np.ndindex(w.shape[:2]):
        at = np.s_[:, i : i + end(rows, stride) : stride, j : j + end(columns, stride) : stride]
        dx[at] = put(dx[at], dy @ number(w, i, j))
    if not cut:
        return dx
    top, left = cut(top, bottom), cut(left, right)
    return dx[:, top : top + height, left : left + width]


def _last_window(dy, cache, filters=np.s_[:]):
    """Return the gradient of a loop over positions in which each overwrites what is there."""
    dy, (x, w, stride, ((top, bottom), (left, right))) = dy[..., filters], cache
    w = w[..., filters]
    dx = np.zeros((len(x), top + x.shape[1] + bottom, left + x.shape[2] + right, x.shape[3]), dy.dtype)
    for p, q in np.ndindex(dy.shape[1:3]):
        at = np.s_[:, p * stride : p * stride + w.shape[0], q * stride : q * stride + w.shape[1]]
        dx[at] = np.tensordot(dy[:, p, q], w, (1, 3))
    return dx[:, top : top + x.shape[1], left : left + x.shape[2]]


def _cut_by_minus(dy, cache):
    (top, bottom), (left, right) = cache[3]
    return _input(dy, cache, cut=None)[:, top:-bottom, left:-right]


def _summed_filters(dy, cache):
    return _input(dy.sum(axis=3, keepdims=True), cache, kernel=lambda w: w.sum(axis=3, keepdims=True))


def _no_room(dy, cache):
    if np.any(cache[3]):
        raise ValueError("operands could not be broadcast together")
    return _input(dy, cache)


def _same_convolution(turned):
    def answer(dy, cache):
        w = cache[1].swapaxes(2, 3)
        return conv2d(dy, w[::-1, ::-1] if turned else w, np.zeros(w.shape[3], dy.dtype))[0]

    return answer


INPUT = Exercise(
    name="conv2d_backward_input",
    reference=conv2d_backward_input,
    cases=backward_cases,
    points=4,
    task=Task.DERIVE,
    call=array_of,
    parts=("dx",),
    rows="image",
    any_dtype=True,
    forbid=("put_back", *FAST),
    mistakes=(
        Mistake(
            lambda dy, cache: _input(dy, cache, kernel=lambda w: w[::-1, ::-1]),
            "The kernel isn't turned over, or turned twice. As a convolution of dy the kernel has to be turned; "
            "where each error is put back under the window it came from, w[i, j] goes to p + i, q + j as it is.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, cut=lambda top, bottom: 0),
            "The zeros around the image are cut off at the wrong end: dx begins with the zeros above and to the left. "
            "Those go first; the image begins at row top and column left.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, cut=lambda top, bottom: bottom),
            "The zeros around the image are cut off on the wrong side: cut off top and left in front. As a full "
            "convolution: dy gets kernel height - 1 - top zeros above, not kernel height - 1 - bottom.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, cut=None),
            "The zeros around the image are still there: of the padded gradient, return the part that is the image.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, cut=None)[:, 1:-1, 1:-1],
            "One row and one column are cut off on every side, whatever forward had put there: pads says how many.",
        ),
        Mistake(
            _cut_by_minus,
            "Where there are no zeros to cut off nothing is left of dx: a slice that ends at -0 ends at 0. Say where "
            "the image ends, counted from the front.",
        ),
        Mistake(
            _no_room,
            "It stops wherever forward had zeros around the image. Is there room for them in dx? Put the errors back "
            "into an array as large as the padded image.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, put=lambda there, new: new),
            "What windows share is overwritten, each number of the kernel writing over the one before: a pixel lies "
            "under several windows, and gets the sum of their errors.",
        ),
        Mistake(
            _last_window,
            "What windows share is overwritten by the window that comes later: a pixel gets the sum of the errors of "
            "all windows that it lies under.",
        ),
        Mistake(
            lambda dy, cache: _last_window(dy, cache, np.s_[-1:]),
            "Each filter overwrites what the one before gave, and each window what it shares with the one before. A "
            "pixel gets the sum over all windows that it lies under, and over all filters.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, number=lambda w, i, j: w[i, j]),
            "Channels and filters are exchanged: dx[..., c] takes dy[..., f] times w[i, j, c, f], summed over f.",
        ),
        Mistake(
            lambda dy, cache: np.zeros_like(cache[0]),
            "dx is 0 everywhere. Is what the loop computes added to it?",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, number=lambda w, i, j: w[i, j].T * (i + j == 0)),
            "Only the kernel's first number has put its errors back. Does the loop end after its first pass, with a "
            "return in it?",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, number=lambda w, i, j: w[i, j].T * (i == 0)),
            "Only the kernel's first row has put its errors back. Does the loop over rows end after its first pass, "
            "with a return in it?",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, step=1),
            "The stride isn't used: the error of position p goes back to the pixels from p · stride on.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, end=lambda n, stride: n),
            "It stops wherever the stride isn't 1. Does each slice of dx hold as many pixels there as dy has "
            "positions? Taken in steps of stride, it has to reach over stride times as many.",
        ),
        Mistake(
            _same_convolution(turned=True),
            'The kernel is turned, as it should be, but a "same" convolution of dy fits odd kernels, "same" padding '
            "and stride 1 alone. Else the errors have to lie stride apart, and the zeros around them depend on pads.",
        ),
        Mistake(
            _same_convolution(turned=False),
            "dx is a convolution of dy with the kernel as it is. Seen from the pixel, the window in which it met "
            "w[i, j] lies i rows above, so the kernel would have to be turned; and that fits stride 1 alone.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, kernel=lambda w: w[::-1]),
            "The kernel is turned in its rows and not in its columns. Put back, it stays as it is; in a convolution of "
            "dy both axes are turned.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, number=lambda w, i, j: w[j, i].T),
            "Rows and columns of the kernel are exchanged: what w[i, j] met lay i pixels down and j to the right. "
            "Where the kernel isn't square it stops.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, number=lambda w, i, j: w[j % w.shape[0], i % w.shape[1]].T),
            "Rows and columns of the kernel are exchanged: what w[i, j] met lay i pixels down and j to the right.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache) / max(1, len(dy)),
            "dx is divided by the batch size. dy has that division already, from the loss: each image gets what its "
            "own errors give.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache) / cache[1][..., 0, 0].size,
            "dx is divided by how many numbers a kernel has. What comes together at a pixel is summed, not averaged.",
        ),
        Mistake(
            lambda dy, cache: _input(dy[..., :1], cache, kernel=lambda w: w[..., :1]),
            "Only the first filter's errors go back. The image lay under all filters: sum over them.",
        ),
        Mistake(
            _summed_filters,
            "The filters' errors are summed before they are multiplied. Each goes back through its own filter: "
            "multiply dy[..., f] by w[i, j, c, f], then sum over f.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache) * (cache[0] > 0),
            "Where x is 0 or less dx is 0: that is ReLU's rule. A convolution passes the error to every pixel.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache) * cache[0],
            "dx is multiplied by x. How far an output moves with a pixel depends on the kernel's number that it met, "
            "not on the pixel.",
        ),
        Mistake(
            lambda dy, cache: cache[0] + _input(dy, cache),
            "dx contains x itself: begin the sum with zeros, not with the image.",
        ),
        Mistake(
            lambda dy, cache: -_input(dy, cache),
            "The sign is turned. This is the gradient itself; the minus comes with the step of training.",
        ),
    ),
    hints=(
        "Which outputs does one pixel move? Those whose windows it lies under, each by the number of the kernel "
        "that met it. Go through the kernel as forward did, and put back instead of taking.",
        "dx = zeros of the padded shape; in the loop dx[:, i : i + rows * stride : stride, j : j + columns * "
        "stride : stride] += dy @ w[i, j].T; return dx[:, top : top + height, left : left + width].",
    ),
)
