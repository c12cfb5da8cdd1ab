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
    "one activation in the place of another": """
def plant():
    import course_lib.activations as a, course_lib.initializers as i
    a.logistic, a.tanh = a.tanh, a.logistic
    a.logistic_derivative, a.tanh_derivative = a.tanh_derivative, a.logistic_derivative
    a.relu, a.relu_derivative = lambda z: z, a.np.ones_like
    i.standard_normal = i.glorot_normal
plant()
""",
}
