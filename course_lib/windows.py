"""Windows of images: what a kernel sees at each of its positions, as a matrix, and the way back into the image."""

from itertools import product

import numpy as np

NONE = (0, 0), (0, 0)  # no zeros around an image
BLOCK = 2**20  # bytes of windows worked on at a time: they should fit the processor's cache
FEW = 8  # with fewer channels it is quicker to copy along an image's width than along its channels


def paddings(lengths, kernel, stride, padding):
    """Return how many zeros are put around an image: before and after its rows, before and after its columns.

    Parameters
    ----------
    lengths, kernel : (int, int)
        Height and width of the images and of the kernel.
    stride : int
    padding : "same", "valid", int or ((top, bottom), (left, right))
        "same" makes the output ceil(length / stride) long, with the odd zero after, as TensorFlow does; "valid" adds
        nothing; a number adds that many on every side.

    Returns
    -------
    (top, bottom), (left, right) : tuples of int

    Raises
    ------
    ValueError
        If stride or padding isn't one of these, or the kernel is larger than the padded image.
    """
    if not isinstance(stride, int | np.integer) or stride < 1:
        raise ValueError(f"stride is {stride!r}, wanted a whole number of at least 1")
    if padding == "same":
        missing = [max((-(-n // stride) - 1) * stride + k - n, 0) for n, k in zip(lengths, kernel, strict=True)]
        return tuple((zeros // 2, zeros - zeros // 2) for zeros in missing)
    zeros = 0 if padding == "valid" else padding
    pads = ((zeros, zeros), (zeros, zeros)) if isinstance(zeros, int | np.integer) else zeros
    if isinstance(pads, str) or not np.shape(pads) == (2, 2) or np.min(pads) < 0:
        wanted = '"same", "valid", a whole number of zeros or ((top, bottom), (left, right))'
        raise ValueError(f"padding is {padding!r}, wanted {wanted}")
    if any(k > n + sum(zeros) for n, k, zeros in zip(lengths, kernel, pads, strict=True)):
        raise ValueError(f"the kernel is {tuple(kernel)}, larger than x: {tuple(lengths)} with zeros {pads}")
    return pads


def positions(lengths, kernel, stride, pads=NONE):
    """Return at how many rows and columns a kernel fits: floor((length + zeros - kernel) / stride) + 1."""
    return tuple((n + sum(zeros) - k) // stride + 1 for n, k, zeros in zip(lengths, kernel, pads, strict=True))


def views(x, size, stride):
    """Return size² views of images: the first number of every window, the second, and so on, row by row.

    Parameters
    ----------
    x : array (batch, height, width, channels)
    size, stride : int

    Returns
    -------
    list of arrays (batch, rows, columns, channels)

    Raises
    ------
    ValueError
        If size or stride isn't a whole number of at least 1, or a window is larger than the images.
    """
    if not isinstance(size, int | np.integer) or size < 1:
        raise ValueError(f"size is {size!r}, wanted a whole number of at least 1")
    paddings(x.shape[1:3], (size, size), stride, "valid")
    rows, columns = positions(x.shape[1:3], (size, size), stride)
    corners = np.ndindex(size, size)
    return [x[:, i : i + stride * rows : stride, j : j + stride * columns : stride] for i, j in corners]


def at_a_time(n, positions, w):
    """Return how many of n images to work on at a time: their windows, one a position, have about `BLOCK` bytes.

    There are 1, 2, 4, 6, ... blocks, so that two cores have equally much to do.
    """
    blocks = -(-n * positions * w.nbytes // max(BLOCK * w.shape[-1], 1))
    return max(1, -(-n // max(1, blocks + (blocks > 1) * (blocks % 2))))


def check_errors(dy, x_shape, kernel, stride, pads, filters):
    """Raise a ValueError if dy hasn't one error for each position of the kernel and each filter."""
    wanted = (x_shape[0], *positions(x_shape[1:3], kernel, stride, pads), filters)
    if dy.shape != wanted:
        raise ValueError(f"dy has shape {dy.shape}, wanted {wanted}, the shape of y")


def pad(x, pads):
    """Return images with zeros around them: pads is ((top, bottom), (left, right))."""
    (top, bottom), (left, right) = pads
    n, h, w, channels = x.shape
    if not any((top, bottom, left, right)):
        return np.ascontiguousarray(x)
    padded = np.zeros((n, top + h + bottom, left + w + right, channels), x.dtype)
    padded[:, top : top + h, left : left + w] = x
    return padded


def patches(x, kernel, stride, pads):
    """Return what the kernel sees at each of its positions: one matrix an image, one row a position (im2col).

    Parameters
    ----------
    x : array (batch, height, width, channels)
    kernel : (int, int)
    stride : int
    pads : ((top, bottom), (left, right))

    Returns
    -------
    array (batch, positions, kernel height · kernel width · channels)

    Notes
    -----
    Chellapilla, Puri and Simard, 2006.
    """
    padded, (kh, kw), n, channels = pad(x, pads), kernel, len(x), x.shape[3]
    (rows, columns), (image, row, column, channel) = positions(padded.shape[1:3], kernel, stride), padded.strides
    if channels < FEW:
        shape = kh, kw, channels, n, rows, columns
        strides = row, column, channel, image, stride * row, stride * column
        windows = np.ndarray(shape, x.dtype, padded, strides=strides)
        return windows.reshape(kh * kw * channels, n, rows * columns).transpose(1, 2, 0)
    shape = n, rows, columns, kh, kw, channels
    strides = image, stride * row, stride * column, row, column, channel
    return np.ndarray(shape, x.dtype, padded, strides=strides).reshape(n, rows * columns, kh * kw * channels)


def put_back(errors, turned, dx, stride, pads):
    """Send errors back into images: each number gets those of all the windows it was in, weighted by the kernel.

    Parameters
    ----------
    errors : array (batch, rows, columns, filters)
        The gradient at each of the kernel's positions.
    turned : array (kernel height, filters, kernel width, channels)
        The kernel, its axes in the order in which it is read here.
    dx : array (batch, height, width, channels)
        Zeros, to which the weighted errors are added.
    stride : int
    pads : ((top, bottom), (left, right))
    """
    (kh, filters, kw, channels), (n, rows, columns, _), (_, h, w, _) = turned.shape, errors.shape, dx.shape
    errors = errors.reshape(n, rows * columns, filters)
    down = [_meeting(i, h, rows, stride, pads[0][0]) for i in range(kh)]
    right = [_meeting(j, w, columns, stride, pads[1][0]) for j in range(kw)]
    if channels < FEW:  # one plane of products for each number of the kernel
        kernel = turned.swapaxes(0, 1).reshape(filters, -1).T
        planes = kernel @ errors.swapaxes(1, 2) if filters > 1 else kernel * errors.swapaxes(1, 2)  # the quicker
        planes = planes.reshape(n, kh, kw, channels, rows, columns)
        images = np.zeros((n, channels, h, w), planes.dtype)
        for (i, (p, u)), (j, (q, v)) in product(enumerate(down), enumerate(right)):
            images[:, :, u, v] += planes[:, i, j, :, p, q]
        dx += images.transpose(0, 2, 3, 1)
    elif stride > 1:  # one product for each place in the kernel
        for (i, (p, u)), (j, (q, v)) in product(enumerate(down), enumerate(right)):
            dx[:, u, v] += (errors @ turned[i, :, j]).reshape(n, rows, columns, channels)[:, p, q]
    else:  # one product for each row of the kernel, added up by rows, then by columns: windows overlap much
        wide = np.zeros((n, h, columns, kw * channels), errors.dtype)
        for i, (p, u) in enumerate(down):
            wide[:, u] += (errors @ turned[i].reshape(filters, -1)).reshape(n, rows, columns, -1)[:, p]
        for j, (q, v) in enumerate(right):
            dx[:, :, v] += wide[:, :, q, j * channels : (j + 1) * channels]


def _meeting(k, length, count, stride, before):
    """Return the positions at which the kernel's number k lies inside the image, and where it lies, as slices."""
    first = max(0, -((k - before) // stride))
    last = max(first, min(count, -((k - before - length) // stride)))
    start = first * stride + k - before
    return slice(first, last), slice(start, start + stride * (last - first), stride)
