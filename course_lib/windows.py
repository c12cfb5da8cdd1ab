"""Windows of images: how many zeros go around an image, and where a kernel fits."""

import functools

import numpy as np

NONE = (0, 0), (0, 0)  # no zeros around an image


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


def check_errors(dy, x_shape, kernel, stride, pads, filters):
    """Raise a ValueError if dy hasn't one error for each position of the kernel and each filter."""
    wanted = (x_shape[0], *positions(x_shape[1:3], kernel, stride, pads), filters)
    if dy.shape != wanted:
        raise ValueError(f"dy has shape {dy.shape}, wanted {wanted}, the shape of y")


def errors_fit(backward):
    """Check dy before a part of convolution's backward pass, backward(dy, (x, w, stride, pads)): see `check_errors`."""

    @functools.wraps(backward)
    def checked(dy, cache):
        x, w, stride, pads = cache
        check_errors(dy, x.shape, w.shape[:2], stride, pads, w.shape[3])
        return backward(dy, cache)

    return checked
