"""Convolution and pooling as pairs of functions, in the plainest form: one number of the kernel at a time.

At all positions at once it meets a shifted image, which is a slice. Networks use `course_lib.fast_conv`.
"""

import numpy as np

from course_lib.contracts import shapes
from course_lib.windows import NONE, check_errors, errors_fit, paddings, positions, views


@shapes(x="batch height width channels", w="kernel_height kernel_width channels filters", b="filters")
def conv2d(x, w, b, *, stride=1, padding="same"):
    """Slide filters over images, and add to what each filter meets its bias.

    Around the image x counts as 0. The kernel isn't turned over: strictly, this is a
    cross-correlation.

    Parameters
    ----------
    x : array (batch, height, width, channels)
    w : array (kernel height, kernel width, channels, filters)
    b : array (filters,)
    stride : int
    padding : "same", "valid", int or ((top, bottom), (left, right))
        Zeros around the image: so many that the output's length is the image's divided
        by stride, rounded up; none; this many a side; these. `paddings` turns it into
        the last form, `positions` into the numbers of rows and columns.

    Returns
    -------
    y : array (batch, rows, columns, filters)
        One row and column for each position of the kernel.
    cache : (x, w, stride, pads)
        What `conv2d_backward` needs; pads is ((top, bottom), (left, right)), the zeros
        around the image.

    Raises
    ------
    ValueError
        If shapes, stride or padding don't fit.

    Formula
    -------
    At each position the window times the filter, summed, plus the filter's bias:
    y[n, p, q, f] = b[f] + Σᵢ Σⱼ Σ_c x[n, p·stride + i - top, q·stride + j - left, c] ·
    w[i, j, c, f]. For all positions at once: y = b + Σ over i, j of a shifted, padded
    image times w[i, j].

    Notes
    -----
    LeCun et al., 1989. In Keras: ``Conv2D``.
    """
    pads = paddings(x.shape[1:3], w.shape[:2], stride, padding)
    rows, columns = positions(x.shape[1:3], w.shape[:2], stride, pads)
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    down, across = rows * stride, columns * stride
    y = np.full((len(x), rows, columns, w.shape[3]), b, np.result_type(x, w))
    for i, j in np.ndindex(w.shape[:2]):
        met = padded[:, i : i + down : stride, j : j + across : stride]
        y += met @ w[i, j]
    return y, (x, w, stride, pads)


def conv2d_backward(dy, cache):
    """Return the gradients of the loss with respect to x, w and b, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, rows, columns, filters)
    cache : (x, w, stride, pads), as `conv2d` returned it

    Returns
    -------
    dx, dw, db : arrays of the shapes of x, w and b
    """
    return conv2d_backward_input(dy, cache), conv2d_backward_filters(dy, cache), conv2d_backward_bias(dy)


@shapes(dy="batch rows columns filters")
def conv2d_backward_bias(dy):
    """Return db, the gradient of the loss with respect to b, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, rows, columns, filters)

    Returns
    -------
    db : array (filters,)

    Formula
    -------
    A bias was added at every position of every image: db[f] = Σₙ Σ_p Σ_q dy[n, p, q, f]
    """
    return dy.sum(axis=(0, 1, 2))


@shapes(dy="batch rows columns filters")
@errors_fit
def conv2d_backward_filters(dy, cache):
    """Return dw, the gradient of the loss with respect to w, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, rows, columns, filters)
    cache : (x, w, stride, pads)
        As `conv2d` returned it: pads is ((top, bottom), (left, right)).

    Returns
    -------
    dw : array (kernel height, kernel width, channels, filters)

    Formula
    -------
    What each number of the kernel met, weighted with the errors, summed:
    dw[i, j, c, f] = Σₙ Σ_p Σ_q x[n, p·stride + i - top, q·stride + j - left, c] · dy[n,
    p, q, f]
    """
    x, w, stride, pads = cache
    rows, columns = dy.shape[1:3]
    down, across = rows * stride, columns * stride
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    dw = np.zeros_like(w)
    for i, j in np.ndindex(w.shape[:2]):
        met = padded[:, i : i + down : stride, j : j + across : stride]
        dw[i, j] = np.tensordot(met, dy, axes=((0, 1, 2), (0, 1, 2)))
    return dw


@shapes(dy="batch rows columns filters")
@errors_fit
def conv2d_backward_input(dy, cache):
    """Return dx, the gradient of the loss with respect to x, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, rows, columns, filters)
    cache : (x, w, stride, pads)
        As `conv2d` returned it: pads is ((top, bottom), (left, right)).

    Returns
    -------
    dx : array (batch, height, width, channels)

    Formula
    -------
    Every position's error goes back to the numbers its window held:
    dx[n, u, v, c] = Σ dy[n, p, q, f] · w[i, j, c, f] over all f and all i, j, p, q with
    u = p·stride + i - top and v = q·stride + j - left.
    At stride 1 this is a convolution of dy with the kernel turned over.
    """
    x, w, stride, ((top, bottom), (left, right)) = cache
    (n, height, width, channels), (rows, columns) = x.shape, dy.shape[1:3]
    down, across = rows * stride, columns * stride
    dx = np.zeros((n, top + height + bottom, left + width + right, channels), dy.dtype)
    for i, j in np.ndindex(w.shape[:2]):
        dx[:, i : i + down : stride, j : j + across : stride] += dy @ w[i, j].T
    return dx[:, top : top + height, left : left + width]


def conv2d_loops(x, w, b, *, stride=1, padding="same"):
    """Return `conv2d`'s y, computed number by number as the formula says: slow, and plainly right."""
    kh, kw = w.shape[:2]
    pads = paddings(x.shape[1:3], (kh, kw), stride, padding)
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    y = np.zeros((len(x), *positions(x.shape[1:3], (kh, kw), stride, pads), w.shape[3]), np.result_type(x, w))
    for n, p, q, f in np.ndindex(y.shape):
        window = padded[n, p * stride : p * stride + kh, q * stride : q * stride + kw]
        y[n, p, q, f] = np.sum(window * w[..., f]) + b[f]
    return y


@shapes(x="batch height width channels")
def max_pool2d(x, *, size=2, stride=None):
    """Keep the largest number of every window, channel by channel.

    Parameters
    ----------
    x : array (batch, height, width, channels)
    size : int
        Height and width of the windows.
    stride : int, optional
        By default size, so that the windows tile the image. What doesn't fill a window is left out.

    Returns
    -------
    y : array (batch, rows, columns, channels)
    cache : (winners, x's shape, size, stride)
        winners, an array of y's shape, says which number of its window was the largest: i · size + j, of the first
        of several equal ones.

    Formula
    -------
    y[n, p, q, c] = max over i, j < size of x[n, p·stride + i, q·stride + j, c]

    Notes
    -----
    Ranzato et al., 2007. In Keras: ``MaxPooling2D``.
    """
    stride = size if stride is None else stride
    y, *others = views(x, size, stride)
    winners = np.zeros(y.shape, np.min_scalar_type(size * size))
    for k, view in enumerate(others, start=1):
        winners = np.maximum(winners, (view > y) * winners.dtype.type(k))
        y = np.maximum(y, view)
    return y if others else y.copy(), (winners, x.shape, size, stride)


@shapes(dy="batch rows columns channels")
def max_pool2d_backward(dy, cache):
    """Return (dx,), the gradient of the loss with respect to x, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, rows, columns, channels)
    cache : (winners, x's shape, size, stride)

    Returns
    -------
    tuple of one array: dx (batch, height, width, channels)

    Formula
    -------
    The error goes to the number that was the largest of its window, the others have no part in it.
    """
    winners, shape, size, stride = cache
    check_errors(dy, shape, (size, size), stride, NONE, shape[3])
    dx = np.zeros(shape, dy.dtype)
    for k, view in enumerate(views(dx, size, stride)):
        view += dy * (winners == k)
    return (dx,)


@shapes(x="batch height width channels")
def avg_pool2d(x, *, size=2, stride=None):
    """Average every window, channel by channel; arguments as for `max_pool2d`. In Keras: ``AveragePooling2D``.

    Returns
    -------
    y : array (batch, rows, columns, channels)
    cache : (x's shape, size, stride)

    Formula
    -------
    y[n, p, q, c] = Σᵢ Σⱼ x[n, p·stride + i, q·stride + j, c] / size²
    """
    stride = size if stride is None else stride
    return sum(views(x, size, stride), np.zeros((), np.result_type(x, 1.0))) / size**2, (x.shape, size, stride)


@shapes(dy="batch rows columns channels")
def avg_pool2d_backward(dy, cache):
    """Return (dx,), the gradient of the loss with respect to x, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, rows, columns, channels)
    cache : (x's shape, size, stride)

    Formula
    -------
    Every number of a window gets an equal share of its error, dy / size².
    """
    shape, size, stride = cache
    check_errors(dy, shape, (size, size), stride, NONE, shape[3])
    dx = np.zeros(shape, dy.dtype)
    for view in views(dx, size, stride):
        view += dy / size**2
    return (dx,)
