"""Notebook 01 under test."""

VARIANTS = {
    "dense_backward": {
        "broadcasting": """
def dense_backward(dy, cache):
    x, w = cache
    return (dy[:, None, :] * w).sum(-1), (x[:, :, None] * dy[:, None, :]).sum(0), dy.sum(0)
""",
        "float64 for db": """
def dense_backward(dy, cache):
    x, w = cache
    return np.inner(dy, w), np.tensordot(x, dy, axes=(0, 0)), np.ones(len(dy)) @ dy
""",
        "einsum": """
def dense_backward(dy, cache):
    x, w = cache
    return np.einsum("bo,io->bi", dy, w), np.einsum("bi,bo->io", x, dy), np.einsum("bo->o", dy)
""",
        "axes in another order": """
def dense_backward(dy, cache):
    x, w = cache
    return (w @ dy.T).T, (dy.T @ x).T, np.ones(len(dy), dy.dtype) @ dy
""",
        "loop over the examples": """
def dense_backward(dy, cache):
    x, w = cache
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros(w.shape[1], w.dtype)
    for i in range(len(dy)):
        dx[i] = w @ dy[i]
        dw += np.outer(x[i], dy[i])
        db += dy[i]
    return dx, dw, db
""",
        "a list": """
def dense_backward(dy, cache):
    return [np.dot(dy, cache[1].T), np.dot(cache[0].T, dy), np.sum(dy, 0)]
""",
    },
    "logistic": {
        "first form with a warning": """
def logistic(z):
    return 1 / (1 + np.exp(-z))
""",
        "NaN replaced by 1": """
def logistic(z):
    return np.nan_to_num(np.exp(z) / (1 + np.exp(z)), nan=1.0)
""",
        "piecewise": """
def logistic(z):
    return np.piecewise(z, [z >= 0], [lambda v: 1 / (1 + np.exp(-v)), lambda v: np.exp(v) / (1 + np.exp(v))])
""",
        "two halves of the exponential": """
def logistic(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))
""",
        "by tanh": "def logistic(z):\n    return 0.5 * (1.0 + np.tanh(0.5 * z))\n",
        "by parts": """
def logistic(z):
    result = np.empty_like(z)
    small = z < 0
    result[~small] = 1 / (1 + np.exp(-z[~small]))
    result[small] = np.exp(z[small]) / (1 + np.exp(z[small]))
    return result
""",
        "loop": """
import math
def logistic(z):
    def f(v):
        return 1 / (1 + math.exp(-v)) if v >= 0 else 1 - 1 / (1 + math.exp(v))
    return np.array([f(v) for v in z.ravel().tolist()], z.dtype).reshape(z.shape)
""",
        "logarithm": "def logistic(z):\n    return np.exp(-np.logaddexp(0, -z))\n",
        "clipped far out": "def logistic(z):\n    return 1 / (1 + np.exp(-np.clip(z, -80, 80)))\n",
    },
    "logistic_derivative": {
        "the other side": """
def logistic_derivative(z):
    s = 1 / (1 + np.exp(-z))
    return s * (1 / (1 + np.exp(z)))
""",
        "three terms": """
def logistic_derivative(z):
    return 1 / (2 + np.exp(z) + np.exp(-z))
""",
        "by cosh": "def logistic_derivative(z):\n    return 0.25 / np.cosh(z / 2) ** 2\n",
        "by tanh": "def logistic_derivative(z):\n    return 0.25 * (1 - np.tanh(z / 2) ** 2)\n",
        "in place on a copy": """
def logistic_derivative(z):
    s = np.tanh(z / 2)
    s += 1
    s /= 2
    s *= 1 - s
    return s
""",
        "loop": """
def logistic_derivative(z):
    result = np.zeros_like(z)
    for i, v in np.ndenumerate(z):
        t = np.exp(-abs(v))
        result[i] = t / (1 + t) ** 2
    return result
""",
    },
    "network_forward": {
        "by index": """
def network_forward(x, params):
    caches = []
    for i in range(len(params)):
        w, b = params[i]
        z = x @ w + b
        caches.append(((x, w), z))
        x = logistic(z) if i < len(params) - 1 else z
    return x, caches
""",
        "the last layer apart": """
def network_forward(x, params):
    caches = []
    for w, b in params[:-1]:
        z, cache = dense(x, w, b)
        caches += [[cache, z]]
        x = 1 / (1 + np.exp(-z))
    logits, cache = dense(x, *params[-1])
    return logits, tuple(caches) + ((cache, logits),)
""",
        "no z for the last, which has no slope": """
def network_forward(x, params):
    caches = []
    for number, (w, b) in enumerate(params, 1):
        y, cache = dense(x, w, b)
        last = number == len(params)
        caches.append((cache, None if last else y))
        x = y if last else logistic(y)
    return [x, caches]
""",
        "recursion": """
def network_forward(x, params):
    (w, b), *above = params
    z, cache = dense(x, w, b)
    if not above:
        return z, [(cache, z)]
    logits, caches = network_forward(logistic(z), above)
    return logits, [(cache, z), *caches]
""",
    },
    "network_backward": {
        "by index": """
def network_backward(dlogits, caches):
    grads = [None] * len(caches)
    dz = dlogits
    for i in reversed(range(len(caches))):
        dx, dw, db = dense_backward(dz, caches[i][0])
        grads[i] = (dw, db)
        if i > 0:
            dz = dx * logistic_derivative(caches[i - 1][1])
    return grads
""",
        "slopes of the lower layer by products alone": """
def network_backward(dlogits, caches):
    grads, delta = [], dlogits
    for i in range(len(caches) - 1, -1, -1):
        (x, w), z = caches[i]
        if i < len(caches) - 1:
            s = 1 / (1 + np.exp(-z))
            delta = delta * s * (1 - s)
        grads.append([x.T @ delta, delta.sum(axis=0)])
        delta = delta @ w.T
    grads.reverse()
    return grads
""",
        "recursion": """
def network_backward(dlogits, caches):
    dx, dw, db = dense_backward(dlogits, caches[-1][0])
    if len(caches) == 1:
        return [(dw, db)]
    return network_backward(dx * logistic_derivative(caches[-2][1]), caches[:-1]) + [(dw, db)]
""",
        "pop from a copy": """
def network_backward(dlogits, caches):
    stack, grads, dz = list(caches), [], dlogits
    while stack:
        cache, _ = stack.pop()
        dx, *grad = dense_backward(dz, cache)
        grads = [tuple(grad)] + grads
        if stack:
            dz = dx * logistic_derivative(stack[-1][1])
    return tuple(grads)
""",
    },
    "train_network": {
        "on copies, in place": """
def train_network(params, x, labels, *, lr, epochs, batch_size, rng):
    params = [(w.copy(), b.copy()) for w, b in params]
    for epoch in range(epochs):
        for images, answers in minibatches(x, labels, batch_size, rng):
            logits, caches = network_forward(images, params)
            loss, dlogits = softmax_cross_entropy(logits, answers)
            for (w, b), (dw, db) in zip(params, network_backward(dlogits, caches)):
                w -= lr * dw
                b -= lr * db
    return params
""",
        "an order of its own, lists for pairs": """
def train_network(params, x, labels, *, lr, epochs, batch_size, rng):
    new = list(params)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            logits, caches = network_forward(x[rows], new)
            dlogits = softmax_cross_entropy(logits, labels[rows])[1]
            grads = network_backward(dlogits, caches)
            for i in range(len(new)):
                new[i] = [new[i][0] - lr * grads[i][0], new[i][1] - lr * grads[i][1]]
    return new
""",
        "steps counted in one loop": """
def train_network(params, x, labels, *, lr, epochs, batch_size, rng):
    batches = [batch for _ in range(epochs) for batch in minibatches(x, labels, batch_size, rng)]
    for images, answers in batches:
        logits, caches = network_forward(images, params)
        _, d = softmax_cross_entropy(logits, answers)
        steps = [[lr * g for g in pair] for pair in network_backward(d, caches)]
        params = [tuple(p - s for p, s in zip(*both)) for both in zip(params, steps)]
    return params
""",
    },
    "gradient_growth": {
        "one root": """
def gradient_growth(n, sigma, slopes):
    return (n * sigma ** 2 * np.mean(slopes ** 2)) ** 0.5
""",
        "norm": """
def gradient_growth(n, sigma, slopes):
    return sigma * np.sqrt(n / slopes.size) * np.linalg.norm(slopes)
""",
        "loop": """
def gradient_growth(n, sigma, slopes):
    total = 0.0
    for s in slopes.ravel():
        total += float(s) * float(s)
    return sigma * (n * total / slopes.size) ** 0.5
""",
    },
    "predicted_drop": {
        "scalar products": """
def predicted_drop(grads, lr):
    return lr * sum(np.vdot(g, g) for g in grads)
""",
        "norm squared": """
def predicted_drop(grads, lr):
    return lr * np.linalg.norm(np.concatenate([g.ravel() for g in grads])) ** 2
""",
        "step times gradient, in a loop": """
def predicted_drop(grads, lr):
    drop = 0
    for g in grads:
        step = -lr * g
        drop -= (g * step).sum()
    return drop
""",
    },
    "loss_scale": {
        "logarithm": """
def loss_scale(grads):
    largest = max(np.abs(g).max() for g in grads)
    return 1.0 if largest == 0 else 2.0 ** np.floor(np.log2(65504 / largest))
""",
        "by trying float16": """
def loss_scale(grads):
    top = max([float(abs(g).max()) for g in grads])
    if top == 0:
        return 1
    s = 1.0
    with np.errstate(over="ignore"):
        while np.isinf(np.float16(top * s)):
            s = s / 2
        while np.isfinite(np.float16(top * s * 2)):
            s = s * 2
    return s
""",
        "exponents": """
def loss_scale(grads):
    largest = float(np.abs(np.concatenate([g.ravel() for g in grads])).max())
    if not largest:
        return 1.0
    mantissa, exponent = np.frexp(65504.0 / largest)
    return np.ldexp(1.0, int(exponent) - 1)
""",
        "down from above": """
def loss_scale(grads):
    if not any(g.any() for g in grads):
        return 1.0
    scale = 2.0 ** 200
    while any((np.abs(g.astype(float)) * scale > 65504).any() for g in grads):
        scale /= 2
    return scale
""",
    },
    "clip_by_value": {
        "median": """
def clip_by_value(grad, limit):
    return np.median(np.stack([np.full_like(grad, -limit), grad, np.full_like(grad, limit)]), axis=0)
""",
        "method": """
def clip_by_value(grad, limit):
    return grad.clip(-limit, limit)
""",
        "divided": """
def clip_by_value(grad, limit):
    return grad / np.maximum(np.abs(grad) / limit, 1)
""",
        "where": """
def clip_by_value(grad, limit):
    return np.where(grad > limit, limit, np.where(grad < -limit, -limit, grad)).astype(grad.dtype)
""",
        "in place on a copy": """
def clip_by_value(grad, limit):
    grad = grad.copy()
    grad[grad > limit] = limit
    grad[grad < -limit] = -limit
    return grad
""",
        "by sign": """
def clip_by_value(grad, limit):
    return np.sign(grad) * np.minimum(np.abs(grad), limit)
""",
        "loop": """
def clip_by_value(grad, limit):
    return np.array([min(max(g, -limit), limit) for g in grad.flat], grad.dtype).reshape(grad.shape)
""",
    },
    "clip_by_global_norm": {
        "norm of the norms": """
def clip_by_global_norm(grads, limit):
    norm = float(np.linalg.norm([np.linalg.norm(g.astype(np.float64)) for g in grads]))
    return [g / max(norm / limit, 1.0) for g in grads]
""",
        "hypot": """
def clip_by_global_norm(grads, limit):
    norm = 0.0
    for g in grads:
        norm = np.hypot(norm, np.linalg.norm(g.astype(float)))
    return list(grads) if norm <= limit else [g * float(limit / norm) for g in grads]
""",
        "one long vector": """
def clip_by_global_norm(grads, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel().astype(float) for g in grads]))
    return [g * float(limit / norm) if norm > limit else g for g in grads]
""",
        "loop, in place on copies": """
def clip_by_global_norm(grads, limit):
    total = 0.0
    for g in grads:
        for v in g.ravel():
            total += float(v) ** 2
    grads = [g.copy() for g in grads]
    if total > limit ** 2:
        for g in grads:
            g *= limit / total ** 0.5
    return grads
""",
        "scalar products, a tuple": """
def clip_by_global_norm(grads, limit):
    wide = [np.float64(g) for g in grads]
    norm = sum(np.vdot(g, g) for g in wide) ** 0.5
    scale = min(1.0, limit / norm) if norm else 1.0
    return tuple((g * scale).astype(old.dtype) for g, old in zip(wide, grads))
""",
    },
    "mend": {
        "a larger scale": """
def mend(config):
    return {**config, "scale": 2**0.5}
""",
        "another activation": 'def mend(config):\n    return {**config, "activation": "tanh", "scale": 1}\n',
        "in place": """
def mend(config):
    config["initializer"] = "he_normal"
    config["scale"] = np.float32(1.1)
    return config
""",
    },
}

FAULTS = {
    "weights of the wrong size": """
def plant():
    import course_lib.initializers as i
    glorot, float32 = i.glorot_normal, i.np.float32
    i.standard_normal = lambda shape, rng: float32(0.1) * rng.standard_normal(shape, dtype=float32)
    i.he_normal = glorot
    i.glorot_normal = lambda shape, rng: 3 * glorot(shape, rng)
plant()
""",
    "wrong gradients and clipping": """
def plant():
    import course_lib.activations as a, course_lib.layers as l, course_lib.regularizers as r
    slope, backward = a.logistic_derivative, l.dense_backward

    def dense_backward(dy, cache):
        dx, dw, db = backward(dy, cache)
        return 1.2 * dx, dw / len(dy), db

    a.logistic_derivative, l.dense_backward = lambda z: 4 * slope(z), dense_backward
    r.clip_by_value = lambda grad, limit: grad * (limit / abs(grad).max(initial=1))
    r.clip_by_global_norm = lambda grads, limit: grads
plant()
""",
    "one activation in the place of another, stored accuracies turned around": """
def plant():
    import course_lib.activations as a, course_lib.initializers as i, course_lib.studies as s
    load = s.load
    s.load = lambda study: [row | {"valid_accuracy": 1 - row["valid_accuracy"]} for row in load(study)]
    a.logistic, a.tanh = a.tanh, a.logistic
    a.logistic_derivative, a.tanh_derivative = a.tanh_derivative, a.logistic_derivative
    a.relu, a.relu_derivative = lambda z: z, a.np.ones_like
    i.standard_normal = i.glorot_normal
plant()
""",
}
