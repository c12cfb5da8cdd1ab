"""Notebook 06 under test."""

VARIANTS = {
    "early_stopping": {
        "without Stopping's methods": """
def early_stopping(state, loss, weights, *, patience=0, min_delta=0.0):
    best, kept, waited = state if state is not None else (float("inf"), None, 0)
    if state is None or best - loss > min_delta:
        return (loss, weights, 0), False
    return (best, kept, waited + 1), bool(waited + 1 >= patience)
""",
        "one way out": """
def early_stopping(state, loss, weights, *, patience=0, min_delta=0.0):
    stop = False
    if state is None or loss < state.best_loss - min_delta:
        state = Stopping(best_loss=loss, best_weights=weights, waited=0)
    else:
        state = Stopping(state.best_loss, state.best_weights, state.waited + 1)
        stop = state.waited >= patience
    return state, stop
""",
        "infinity at first, a list, copies of the weights": """
def early_stopping(state, loss, weights, *, patience=0, min_delta=0.0):
    best, kept, waited = state or (np.inf, None, 0)
    if np.less(loss, best - min_delta):
        best, kept, waited = loss, {name: w.copy() for name, w in weights.items()}, 0
        return [best, kept, waited], np.False_
    return [best, kept, waited + 1], np.greater_equal(waited + 1, max(1, patience))
""",
    },
    "l1_l2": {
        "loop": """
def l1_l2(w, *, l1=0.01, l2=0.01):
    penalty, grad = 0.0, np.zeros_like(w)
    for i in np.ndindex(w.shape):
        penalty += l1 * abs(float(w[i])) + l2 * float(w[i]) ** 2
        grad[i] = l1 * np.sign(w[i]) + 2 * l2 * w[i]
    return penalty, grad
""",
        "np.where for the sign, a list": """
def l1_l2(w, *, l1=0.01, l2=0.01):
    sign = np.where(w > 0, 1, np.where(w < 0, -1, 0)).astype(w.dtype)
    grad = w.dtype.type(l1) * sign + w.dtype.type(2 * l2) * w
    return [np.float64(l1 * (sign * w).sum() + l2 * (w * w).sum()), grad]
""",
        "two helpers, a sum without rounding": """
from math import fsum

def pull(w, strength):
    return strength * fsum(np.abs(w).ravel().tolist()), strength * np.sign(w)

def shrink(w, strength):
    return strength * fsum(np.square(w.astype(float)).ravel().tolist()), 2 * strength * w

def l1_l2(w, *, l1=0.01, l2=0.01):
    (a, da), (b, db) = pull(w, l1), shrink(w, l2)
    return np.array(a + b), da + db
""",
        "norms of a flat copy, np.copysign": """
def l1_l2(w, *, l1=0.01, l2=0.01):
    flat = w.flatten()
    penalty = l1 * np.linalg.norm(flat, 1) + l2 * np.dot(flat, flat)
    return penalty, (np.copysign(l1, w) * (w != 0) + 2 * l2 * w).astype(w.dtype)
""",
    },
    "dropout": {
        "choice between two numbers": """
def dropout(x, rate, rng):
    mask = rng.choice([0.0, 1 / (1 - rate)], size=x.shape, p=[rate, 1 - rate]).astype(x.dtype)
    return x * mask, mask
""",
        "binomial, in place on a copy": """
def dropout(x, rate, rng):
    mask = rng.binomial(1, 1 - rate, x.shape) / (1 - rate)
    mask = mask.astype(x.dtype)
    y = x.copy()
    y *= mask
    return y, mask
""",
        "the largest numbers are dropped": """
def dropout(x, rate, rng):
    dropped = rng.uniform(size=x.shape) > 1 - rate
    mask = np.full(x.shape, 1 / (1 - rate), x.dtype)
    mask[dropped] = 0
    return [x * mask, mask]
""",
        "a coin for each number": """
def dropout(x, rate, rng):
    mask = np.zeros(x.size, x.dtype)
    for i in range(x.size):
        if rng.random() >= rate:
            mask[i] = 1 / (1 - rate)
    mask = mask.reshape(x.shape)
    return x * mask, mask
""",
        "x itself where nothing is dropped, float32 draws": """
def dropout(x, rate, rng):
    if rate == 0:
        return x, np.ones_like(x)
    y, mask = x / x.dtype.type(1 - rate), np.full_like(x, 1 / (1 - rate))
    gone = rng.random(x.shape, dtype=np.float32) < rate
    y[gone] = mask[gone] = 0
    return y, mask
""",
    },
    "dropout_backward": {
        "where": """
def dropout_backward(dy, mask):
    return (np.where(mask == 0, 0, dy * mask).astype(dy.dtype),)
""",
        "np.multiply": "def dropout_backward(dy, mask):\n    return (np.multiply(mask, dy),)\n",
        "loop, a list": """
def dropout_backward(dy, mask):
    dx = np.empty_like(dy)
    for i in np.ndindex(dy.shape):
        dx[i] = dy[i] * mask[i]
    return [dx]
""",
    },
    "max_norm": {
        "loop over the units": """
def max_norm(w, limit):
    if np.ndim(w) < 2:
        raise ValueError("one axis")
    new = w.copy()
    for unit in range(w.shape[-1]):
        norm = np.sqrt((w[..., unit] ** 2).sum())
        if norm > limit:
            new[..., unit] = w[..., unit] * (limit / norm)
    return new
""",
        "np.linalg.norm of the rows of a matrix": """
def max_norm(w, limit):
    if np.ndim(w) < 2:
        raise ValueError("one axis")
    rows = w.reshape(int(np.prod(w.shape[:-1])), w.shape[-1])
    norm = np.linalg.norm(rows, axis=0) + 1e-12
    return (rows * np.minimum(1, limit / norm)).reshape(w.shape).astype(w.dtype)
""",
        "the limit over the larger of norm and limit": """
def max_norm(w, limit):
    if np.ndim(w) < 2:
        raise ValueError("one axis")
    norm = np.sqrt(np.einsum("iu,iu->u", *[w.reshape(-1, w.shape[-1])] * 2)) if w.size else 1
    return w * (limit / np.maximum(np.maximum(norm, limit), 1e-7)).astype(w.dtype) if w.size else w
""",
        "a smaller number below the fraction bar, and only where it is needed": """
def max_norm(w, limit):
    if np.ndim(w) < 2:
        raise ValueError("one axis")
    if w.ndim < 2:
        raise ValueError
    norm = np.sqrt(np.square(w).sum(axis=tuple(range(w.ndim - 1))))
    return (w * np.where(norm > limit, limit / (norm + 1e-12), 1)).astype(w.dtype)
""",
    },
    "regularize": {
        "sums": """
def regularize(loss, grads, params, penalty):
    found = {name: penalty(w) for name, w in params.items() if name.endswith("/w")}
    total = loss + sum(amount for amount, _ in found.values())
    return total, grads | {name: grads[name] + slope for name, (_, slope) in found.items()}
""",
        "deep copies, and += on those": """
from copy import deepcopy

def regularize(loss, grads, params, penalty):
    new = deepcopy(grads)
    for name, w in params.items():
        if name.rsplit("/", 1)[1] == "w":
            amount, slope = penalty(w)
            loss += amount
            new[name] += slope
    return [np.float64(loss), new]
""",
        "loop over the gradients": """
def regularize(loss, grads, params, penalty):
    new = {}
    for name in grads:
        new[name] = grads[name].copy()
        if name[-2:] == "/w":
            amount, slope = penalty(params[name])
            loss = loss + amount
            new[name] += slope
    return loss, new
""",
    },
}

FAULTS = {
    "small networks, changes that change nothing, other results": """
def plant():
    import course_lib.augmentation as a, course_lib.layers as l, course_lib.regularizers as r
    early_stopping, max_norm, dropout = r.early_stopping, r.max_norm, l.dropout
    a.augment = lambda images, rng, **options: images
    r.early_stopping = lambda state, loss, weights, *, patience=0, min_delta=0.0: early_stopping(
        state, loss, weights, patience=max(1, 11 - patience), min_delta=min_delta)
    r.max_norm = lambda w, limit: max_norm(w.T, limit).T

    def unscaled(x, rate, rng):
        y, mask = dropout(x, rate, rng)
        return (y * (1 - rate)).astype(x.dtype), (mask * (1 - rate)).astype(x.dtype)

    l.dropout = unscaled
    import course_lib.models as m, course_lib.studies as s
    dense_network, load = m.dense_network, s.load
    m.dense_network = lambda widths, *arguments, **options: dense_network(
        [max(2, width // 50) for width in widths] if arguments else widths, *arguments, **options)

    def other(study):
        rows = load(study)
        for row in rows:
            row["test_accuracy"] += 0.1 * row["setting"].startswith(("nothing", "early"))
            row["test_accuracy"] += 0.3 * row["setting"].startswith("white")
        return rows

    s.load = other
plant()
""",
    "penalties that nobody feels, hardly anything dropped, what was kept forgotten": """
def plant():
    import course_lib.layers as l, course_lib.regularizers as r, keras
    l1_l2 = r.l1_l2
    r.l1_l2 = lambda w, *, l1=0.01, l2=0.01: (l1_l2(w, l1=l1, l2=l2)[0], 0 * w)
    r.EarlyStopping.end = lambda self, network, history: None
    dropout = l.dropout


    def hardly_dropped(x, rate, rng):
        y, mask = dropout(x, rate / 1000, rng)
        more = type(rate)(1 / (1 - rate))
        return (more * y).astype(x.dtype), (more * mask).astype(x.dtype)

    l.dropout = hardly_dropped
    import course_lib.activations as a, course_lib.losses
    softmax = a.softmax
    a.softmax = lambda z: softmax(z)[:, ::-1]
    import course_lib.checkpoints as c
    load_checkpoint = c.load_checkpoint

    def forgetful(path, network, rng):
        load_checkpoint(path, network, rng)
        rng.random()

    c.load_checkpoint = forgetful
    L1L2 = keras.regularizers.L1L2
    keras.regularizers.L1L2 = lambda l1, l2: L1L2(0.0, 0.0)
plant()
""",
}
