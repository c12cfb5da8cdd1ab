"""Notebook 08 under test."""

VARIANTS = {
    "conv2d": {
        "windows as a view": """
def conv2d(x, w, b, stride=1, padding="same"):
    kh, kw = w.shape[:2]
    pads = paddings(x.shape[1:3], (kh, kw), stride, padding)
    padded = np.pad(x, [(0, 0), pads[0], pads[1], (0, 0)])
    seen = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("npqcij,ijcf->npqf", seen, w) + b, (x, w, stride, pads)
""",
        "position by position": """
def conv2d(x, w, b, stride=1, padding="same"):
    pads = paddings(x.shape[1:3], w.shape[:2], stride, padding)
    rows, columns = positions(x.shape[1:3], w.shape[:2], stride, pads)
    padded = np.pad(x, ((0, 0), pads[0], pads[1], (0, 0)))
    y = np.empty((len(x), rows, columns, w.shape[-1]), x.dtype)
    for p in range(rows):
        for q in range(columns):
            window = padded[:, p * stride:p * stride + w.shape[0], q * stride:q * stride + w.shape[1]]
            y[:, p, q] = np.tensordot(window, w, 3) + b
    return y, (x, w, stride, pads)
""",
        "filter by filter into float64, zeros by hand, lists": """
def conv2d(x, w, b, *, stride=1, padding="same"):
    (kh, kw, c, f), (n, h, width, _) = w.shape, x.shape
    (top, bottom), (left, right) = pads = paddings((h, width), (kh, kw), stride, padding)
    around = np.zeros((n, top + h + bottom, left + width + right, c))
    around[:, top:top + h, left:left + width] = x
    rows, columns = positions((h, width), (kh, kw), stride, pads)
    y = np.zeros((n, rows, columns, f))
    for p in range(rows):
        for q in range(columns):
            for k in range(f):
                window = around[:, p * stride:p * stride + kh, q * stride:q * stride + kw]
                y[:, p, q, k] = (window * w[:, :, :, k]).sum(axis=(1, 2, 3)) + b[k]
    return [y, [x, w, stride, [list(pads[0]), list(pads[1])]]]
""",
    },
    "numerical_gradient": {
        "moved in place, kept and put back": """
def numerical_gradient(f, x, *, step=1e-5):
    gradient = np.zeros_like(x)
    for i, kept in list(np.ndenumerate(x)):
        x[i] = kept + step
        above = f(x)
        x[i] = kept - step
        below = f(x)
        x[i] = kept
        gradient[i] = (above - below) / (step + step)
    return gradient
""",
        "flat, put back": """
def numerical_gradient(f, x, step=1e-5):
    gradient = np.empty(x.size)
    moving = x.copy()
    flat = moving.reshape(-1)
    for i in range(x.size):
        kept = flat[i]
        flat[i] = kept + step
        above = f(moving)
        flat[i] = kept - step
        gradient[i] = (above - f(moving)) / (2 * step)
        flat[i] = kept
    return gradient.reshape(x.shape)
""",
        "unit vectors": """
def numerical_gradient(f, x, step=1e-5):
    units = np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step * e) - f(x - step * e)) / step / 2 for e in units]).reshape(x.shape)
""",
    },
    "conv2d_backward_bias": {
        "einsum": """
def conv2d_backward_bias(dy):
    return np.einsum("npqf->f", dy)
""",
        "axis by axis": """
def conv2d_backward_bias(dy):
    return dy.sum(2).sum(1).sum(0)
""",
        "rows": """
def conv2d_backward_bias(dy):
    return dy.reshape(-1, dy.shape[-1]).sum(0)
""",
    },
    "conv2d_backward_filters": {
        "einsum over windows": """
def conv2d_backward_filters(dy, cache):
    x, w, stride, pads = cache
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, w.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("npqcij,npqf->ijcf", seen[:, :dy.shape[1], :dy.shape[2]], dy)
""",
        "position by position": """
def conv2d_backward_filters(dy, cache):
    x, w, stride, pads = cache
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    dw = np.zeros(w.shape, w.dtype)
    for p in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            window = padded[:, p * stride:p * stride + w.shape[0], q * stride:q * stride + w.shape[1]]
            dw += np.tensordot(window, dy[:, p, q], (0, 0))
    return dw
""",
    },
    "conv2d_backward_input": {
        "filter by filter into float64, cut from both ends": """
def conv2d_backward_input(dy, cache):
    x, w, stride, pads = cache
    dx = np.pad(np.zeros(x.shape), [(0, 0), pads[0], pads[1], (0, 0)])
    for p in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            for k in range(dy.shape[3]):
                there = dx[:, p * stride:p * stride + w.shape[0], q * stride:q * stride + w.shape[1]]
                there += dy[:, p, q, k].reshape(-1, 1, 1, 1) * w[None, :, :, :, k]
    return dx[:, pads[0][0]:-pads[0][1] or None, pads[1][0]:-pads[1][1] or None]
""",
        "position by position": """
def conv2d_backward_input(dy, cache):
    x, w, stride, pads = cache
    (top, bottom), (left, right) = pads
    n, height, width, channels = x.shape
    dx = np.zeros((n, height + top + bottom, width + left + right, channels), x.dtype)
    for p in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            place = dx[:, p * stride:p * stride + w.shape[0], q * stride:q * stride + w.shape[1]]
            place += np.tensordot(dy[:, p, q], w, (1, 3))
    return dx[:, top:top + height, left:left + width, :]
""",
        "spread out, then a full convolution": """
def conv2d_backward_input(dy, cache):
    x, w, stride, ((top, bottom), (left, right)) = cache
    kh, kw = w.shape[:2]
    height, width = x.shape[1] + top + bottom, x.shape[2] + left + right
    spread = np.zeros((len(x), height + kh - 1, width + kw - 1, w.shape[3]), dy.dtype)
    rows, columns = dy.shape[1] * stride, dy.shape[2] * stride
    spread[:, kh - 1:kh - 1 + rows:stride, kw - 1:kw - 1 + columns:stride] = dy
    seen = np.lib.stride_tricks.sliding_window_view(spread, (kh, kw), axis=(1, 2))
    dx = np.einsum("nuvfij,ijcf->nuvc", seen, w[::-1, ::-1])
    return dx[:, top:top + x.shape[1], left:left + x.shape[2]]
""",
    },
    "max_pool2d_backward": {
        "window by window": """
def max_pool2d_backward(dy, x, size=2):
    dx = np.zeros(x.shape)
    for n, p, q, c in np.ndindex(dy.shape):
        window = x[n, p * size:(p + 1) * size, q * size:(q + 1) * size, c]
        i, j = divmod(int(window.argmax()), size)
        dx[n, p * size + i, q * size + j, c] = dy[n, p, q, c]
    return dx,
""",
        "argmax": """
def max_pool2d_backward(dy, x, size=2):
    n, rows, columns, c = dy.shape
    cut = x[:, :rows * size, :columns * size]
    windows = cut.reshape(n, rows, size, columns, size, c).transpose(0, 1, 3, 5, 2, 4)
    windows = windows.reshape(n, rows, columns, c, size**2)
    first = np.eye(size * size, dtype=x.dtype)[windows.argmax(axis=-1)] * dy[..., None]
    back = first.reshape(n, rows, columns, c, size, size).transpose(0, 1, 4, 2, 5, 3)
    dx = np.zeros_like(x)
    dx[:, :rows * size, :columns * size] = back.reshape(n, rows * size, columns * size, c)
    return (dx,)
""",
        "from the last to the first": """
def max_pool2d_backward(dy, x, size=2):
    h, w = dy.shape[1] * size, dy.shape[2] * size
    slices = [(slice(None), slice(i, h, size), slice(j, w, size)) for i in range(size) for j in range(size)]
    best = x[slices[0]]
    for s in slices:
        best = np.maximum(best, x[s])
    winner = np.zeros(dy.shape, int)
    for k in reversed(range(len(slices))):
        winner[x[slices[k]] == best] = k
    dx = np.zeros(x.shape, x.dtype)
    for k, s in enumerate(slices):
        dx[s] = np.where(winner == k, dy, 0)
    return [dx]
""",
    },
    "flatten_backward": {
        "an empty array filled": """
def flatten_backward(dy, shape):
    dx = np.empty(shape, dy.dtype)
    dx.reshape(len(dy), -1 if dx.size else dy.shape[1])[...] = dy
    return (dx,)
""",
        "the batch left open, another tuple": """
def flatten_backward(dy, shape):
    return tuple([np.reshape(dy.copy(), tuple(shape))])
""",
        "image by image": """
def flatten_backward(dy, shape):
    return (np.array([row.reshape(shape[1:]) for row in dy], dtype=dy.dtype).reshape(shape),)
""",
    },
}

FAULTS = {
    "a one-sided judge, a kernel that isn't turned, rows put back in reverse, other loops": """
def plant():
    import course_lib.conv as c, numpy as np
    from course_lib.exercises import core

    def one_sided(f, x, step=1e-5):
        gradient = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            moved = x.copy()
            moved[i] += step
            gradient[i] = (f(moved) - f(x)) / step
        return gradient

    def unturned(dy, cache, right=core.find("conv2d_backward_input").reference):
        x, w, stride, pads = cache
        return right(dy, (x, w[::-1, ::-1], stride, pads))

    wrong = {"numerical_gradient": one_sided, "conv2d_backward_input": unturned,
             "flatten_backward": lambda dy, shape: (dy[:, ::-1].reshape(shape),)}
    for name, function in wrong.items():
        object.__setattr__(core.find(name), "reference", function)
    loops = c.conv2d_loops
    c.conv2d_loops = lambda x, w, b, **options: loops(x, w, 1.001 * b, **options)
plant()
""",
    "filters that climb, shorter live runs, other results": """
def plant():
    import course_lib.fast_conv as c, course_lib.studies as s
    import course_lib.studies.filters as f
    filters, train, load = c.conv2d_backward_filters, f.train, s.load
    c.conv2d_backward_filters = lambda dy, cache: -filters(dy, cache)
    f.train = lambda name, filters, data, seed, **options: train(
        name, filters, data.first(2000, valid=100), seed, epochs=1, lr=0.0003)

    def other(study):
        rows = load(study)
        for row in rows:
            row["test_accuracy"] -= 0.02 * (row["filters"] == f.TRAINED and row["network"] != "1 filter")
        return rows

    s.load = other
plant()
""",
}
