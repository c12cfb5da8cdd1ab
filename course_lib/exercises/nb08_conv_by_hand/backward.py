"""Exercises of notebook 08: convolution backwards, in three steps: biases, filters, images."""

import numpy as np

from course_lib.conv import conv2d, conv2d_backward_bias, conv2d_backward_filters, conv2d_backward_input
from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb08_conv_by_hand.forward import FAST, part


def _numbers(rng):
    """Yield (dy, (x, w, stride, pads)): a small case to do on paper, ordinary ones, an empty batch, a real layer."""
    x = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]]).reshape(1, 3, 3, 1)
    w = np.array([[1.0, 0.0], [2.0, -1.0]]).reshape(2, 2, 1, 1)
    yield np.array([[1.0, 0.0], [0.0, 2.0]]).reshape(1, 2, 2, 1), (x, w, 1, ((0, 0), (0, 0)))
    for shape, kernel, stride, padding, dtype in [
        ((2, 5, 6, 2), (3, 3, 2, 3), 1, "same", np.float64),
        ((2, 6, 5, 2), (2, 3, 2, 2), 1, "same", np.float64),
        ((3, 7, 7, 2), (3, 3, 2, 2), 2, "same", np.float64),
        ((2, 7, 6, 3), (3, 2, 3, 3), 2, "valid", np.float64),
        ((1, 4, 4, 1), (3, 3, 1, 1), 1, 2, np.float64),
        ((0, 5, 5, 1), (3, 3, 1, 2), 1, "same", np.float64),
        ((50, 14, 14, 8), (3, 3, 8, 8), 1, "same", np.float32),
    ]:
        x, w = (rng.standard_normal(s).astype(dtype) for s in (shape, kernel))
        y, (_, _, _, pads) = conv2d(x, w, np.zeros(kernel[-1], dtype), stride=stride, padding=padding)
        yield rng.standard_normal(y.shape).astype(dtype), (x, w, stride, pads)


def _filters(dy, cache, *, pads=None, stride=None):
    """Return a filters' gradient with other padding or stride."""
    x, w, right_stride, right_pads = cache
    stride = stride or right_stride
    padded, dw = np.pad(x, ((0, 0), *(pads or right_pads), (0, 0))), np.zeros_like(w)
    for i, j in np.ndindex(w.shape[:2]):
        dw[i, j] = np.tensordot(part(padded, i, j, *dy.shape[1:3], stride), dy, axes=((0, 1, 2), (0, 1, 2)))
    return dw


def _input(dy, cache, *, kernel=None, cut=None, stride=None, put=np.add):
    """Return an images' gradient with another kernel, cut, stride or way to put in what a number gives."""
    x, w, right_stride, ((top, bottom), (left, right)) = cache
    stride, w = stride or right_stride, w if kernel is None else kernel
    (n, height, width, channels), (rows, columns) = x.shape, dy.shape[1:3]
    dx = np.zeros((n, top + height + bottom, left + width + right, channels), dy.dtype)
    for i, j in np.ndindex(w.shape[:2]):
        at = np.s_[:, i : i + rows * stride : stride, j : j + columns * stride : stride]
        dx[at] = put(dx[at], dy @ w[i, j].T)
    top, left = cut((top, bottom), (left, right)) if cut else (top, left)
    return dx[:, top : top + height, left : left + width]


def _both_channels(dy, cache):
    _, w, *_ = cache
    same = w.shape[2] == w.shape[3]
    return _input(dy, cache, kernel=w.swapaxes(2, 3)) if same else _input(dy, cache, kernel=0 * w)


BIAS = Exercise(
    name="conv2d_backward_bias",
    reference=conv2d_backward_bias,
    cases=lambda rng: ((dy,) for dy, _ in _numbers(rng)),
    points=1,
    forbid=FAST,
    mistakes=(
        Mistake(
            lambda dy: dy.mean(axis=(0, 1, 2)) if dy.size else dy.sum(axis=(0, 1, 2)),
            "db is a mean. The bias was added at every position, and each passes its error on: they are summed. The "
            "division by the batch size is in dy already.",
        ),
        Mistake(
            lambda dy: dy.sum(axis=0),
            "db is summed over the images only. The same bias was added at all positions.",
        ),
        Mistake(lambda dy: dy.sum(axis=(1, 2)), "db is summed over the positions only. All images had the same bias."),
        Mistake(lambda dy: dy.sum(), "db is one number. Each filter has a bias of its own: leave the last axis."),
    ),
    hints=(
        "Move one bias by a little: which outputs move, and by how much?",
        "All outputs of that filter, at all positions of all images, by just as much: db[f] = Σ dy[n, p, q, f].",
        "dy.sum(axis=(0, 1, 2))",
    ),
)

FILTERS = Exercise(
    name="conv2d_backward_filters",
    reference=conv2d_backward_filters,
    cases=_numbers,
    points=3,
    forbid=FAST,
    mistakes=(
        Mistake(
            lambda dy, cache: _filters(dy, cache)[::-1, ::-1],
            "dw is turned over: dw[i, j] belongs to what w[i, j] met, the image shifted by i and j. Nothing is turned.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, pads=[side[::-1] for side in cache[3]]),
            "The zeros are on the wrong side: pad x exactly as forward did, with pads from the cache.",
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
            lambda dy, cache: _filters(dy[:1], (cache[0][:1], *cache[1:])),
            "dw is made of the first image only: sum over the batch as well.",
        ),
        Mistake(
            lambda dy, cache: _filters(dy, cache, stride=1),
            "The stride isn't used: position p met the pixel at p · stride + i.",
        ),
    ),
    hints=(
        "At position p, q the number w[i, j] met one pixel, and the output moved by that pixel. So its error "
        "counts as much as the pixel.",
        "dw[i, j] = Σ over images and positions of (what w[i, j] met)ᵀ times dy: a matrix (channels, filters).",
        "met = padded[:, i : i + rows * stride : stride, j : j + columns * stride : stride]; "
        "dw[i, j] = np.tensordot(met, dy, axes=((0, 1, 2), (0, 1, 2))).",
    ),
)

INPUT = Exercise(
    name="conv2d_backward_input",
    reference=conv2d_backward_input,
    cases=_numbers,
    points=4,
    forbid=("put_back", *FAST),
    mistakes=(
        Mistake(
            lambda dy, cache: _input(dy, cache, kernel=cache[1][::-1, ::-1]),
            "The kernel isn't turned over, or turned twice. As a convolution of dy the kernel has to be turned; "
            "where each error is put back under the window it came from, w[i, j] goes to p + i, q + j as it is.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, cut=lambda rows, columns: (rows[1], columns[1])),
            "The zeros around the image are cut off on the wrong side: cut off top and left in front. As a full "
            "convolution: dy gets kernel height - 1 - top zeros above, not top.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, cut=lambda rows, columns: (0, 0)),
            "The zeros around the image are still there: of the padded gradient, return the part that is the image.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, put=lambda there, new: new),
            "What windows share is overwritten: a pixel lies under several windows, and gets the sum of their errors.",
        ),
        Mistake(
            _both_channels,
            "Channels and filters are exchanged: dx[..., c] takes dy[..., f] times w[i, j, c, f], summed over f.",
        ),
        Mistake(
            lambda dy, cache: _input(dy, cache, stride=1),
            "The stride isn't used: the error of position p goes back to the pixels from p · stride on.",
        ),
    ),
    hints=(
        "Which outputs does one pixel move? Those whose windows it lies under, each by the number of the kernel "
        "that met it. Go through the kernel as forward did, and put back instead of taking.",
        "dx[n, p · stride + i, q · stride + j] += dy[n, p, q] @ w[i, j]ᵀ for all i, j, in the padded image; then cut "
        "the zeros off.",
        "dx = zeros of the padded shape; in the loop dx[:, i : i + rows * stride : stride, j : j + columns * "
        "stride : stride] += dy @ w[i, j].T; return dx[:, top : top + height, left : left + width].",
    ),
)
