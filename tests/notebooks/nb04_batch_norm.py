"""Notebook 04 under test."""

VARIANTS = {
    "batch_norm": {
        "float64 inside, and in the cache": """
def batch_norm(x, gamma, beta, *, eps=1e-3):
    if not len(x):
        return x, NormCache(0 * gamma, 0 * gamma, x, np.sqrt(eps + 0 * gamma), gamma)
    wide, axes = x.astype(np.float64), tuple(range(x.ndim - 1))
    mean, variance = wide.mean(axis=axes), wide.var(axis=axes)
    centred, std = wide - mean, np.sqrt(variance + eps)
    return (gamma * (centred / std) + beta).astype(x.dtype), NormCache(mean, variance, centred, std, gamma)
""",
        "one axis after the other, a list": """
def batch_norm(x, gamma, beta, *, eps=1e-3):
    if not len(x):
        return x, NormCache(0 * gamma, 0 * gamma, x, np.sqrt(eps + 0 * gamma), gamma)
    def average(a):
        while a.ndim > 1:
            a = a.mean(axis=0)
        return a

    mean = average(x)
    centred = x - mean
    variance = average(centred * centred)
    std = (variance + eps) ** 0.5
    return [beta + gamma / std * centred, NormCache(mean, variance, centred, std, gamma)]
""",
        "loop over the units": """
def batch_norm(x, gamma, beta, *, eps=1e-3):
    if not len(x):
        return x, NormCache(0 * gamma, 0 * gamma, x, np.sqrt(eps + 0 * gamma), gamma)
    columns = x.reshape(-1, x.shape[-1])
    y, centred = np.empty_like(columns), np.empty_like(columns)
    mean, variance = np.empty_like(gamma), np.empty_like(gamma)
    for unit in range(columns.shape[1]):
        mean[unit] = columns[:, unit].mean()
        centred[:, unit] = columns[:, unit] - mean[unit]
        variance[unit] = (centred[:, unit] ** 2).mean()
        y[:, unit] = gamma[unit] * centred[:, unit] / np.sqrt(variance[unit] + eps) + beta[unit]
    std = np.sqrt(variance + eps)
    return y.reshape(x.shape), NormCache(mean, variance, centred.reshape(x.shape), std, gamma)
""",
        "np.var, statistics with all axes kept": """
def batch_norm(x, gamma, beta, eps=1e-3):
    if not len(x):
        return x, NormCache(0 * gamma, 0 * gamma, x, np.sqrt(eps + 0 * gamma), gamma)
    axes = (0,) if x.ndim == 2 else (0, 1, 2)
    mean = np.mean(x, axis=axes, keepdims=True)
    variance = np.var(x, axis=axes, keepdims=True)
    std = np.sqrt(variance + eps)
    centred = x - mean
    return centred / std * gamma + beta, NormCache(mean.ravel(), variance.ravel(), centred, std.ravel(), gamma)
""",
        "the mean of squares minus the square of the mean": """
def batch_norm(x, gamma, beta, *, eps=1e-3):
    if not len(x):
        return x, NormCache(0 * gamma, 0 * gamma, x, np.sqrt(eps + 0 * gamma), gamma)
    axes = tuple(range(x.ndim - 1))
    wide = x.astype(np.float64)
    mean = wide.mean(axis=axes)
    variance = (wide ** 2).mean(axis=axes) - mean ** 2
    centred, std = wide - mean, np.sqrt(variance + eps)
    y = gamma * centred / std + beta
    kept = [a.astype(x.dtype) for a in (mean, variance, centred, std)]
    return y.astype(x.dtype), NormCache(*kept, gamma)
""",
    },
    "batch_norm_backward": {
        "n times dy minus the sums, on rows": """
def batch_norm_backward(dy, cache):
    _, _, centred, std, gamma = cache
    d, normalized = dy.reshape(-1, dy.shape[-1]), centred.reshape(-1, dy.shape[-1]) / std
    n, dbeta, dgamma = len(d), d.sum(0), (d * normalized).sum(0)
    dx = gamma / (n * std) * (n * d - dbeta - normalized * dgamma)
    return dx.reshape(dy.shape), dgamma, dbeta
""",
        "in steps, on rows": """
def batch_norm_backward(dy, cache):
    mean, variance, centred, std, gamma = cache
    shape = dy.shape
    dy, centred = dy.reshape(-1, shape[-1]), centred.reshape(-1, shape[-1])
    dgamma, dbeta = (dy * centred / std).sum(axis=0), dy.sum(axis=0)
    dnormalized = dy * gamma
    dvariance = -(dnormalized * centred).sum(axis=0) / (2 * std ** 3)
    dcentred = dnormalized / std + 2 * dvariance * centred / len(dy)
    dx = dcentred - dcentred.mean(axis=0)
    return dx.reshape(shape), dgamma, dbeta
""",
        "means first, a list": """
def batch_norm_backward(dy, cache):
    axes = tuple(range(dy.ndim - 1))
    normalized = cache.centred / cache.std
    n = dy.size // dy.shape[-1]
    a, b = dy.mean(axis=axes), (dy * normalized).mean(axis=axes)
    return [(dy - a - normalized * b) * (cache.gamma / cache.std), b * n, a * n]
""",
    },
    "moving_average": {
        "back from the new value": """
def moving_average(old, new, decay=0.99):
    return np.add(new, np.multiply(np.subtract(old, new), decay))
""",
        "a step towards the new value": """
def moving_average(old, new, decay=0.99):
    return old + (1 - decay) * (new - old)
""",
        "in place on a copy": """
def moving_average(old, new, decay=0.99):
    average = np.array(old)
    average *= decay
    average += (1 - decay) * new
    return average
""",
    },
    "batch_norm_inference": {
        "channel by channel": """
def batch_norm_inference(x, gamma, beta, mean, variance, *, eps=1e-3):
    y = np.empty_like(x)
    for c in range(x.shape[-1]):
        y[..., c] = (x[..., c] - mean[c]) / (variance[c] + eps) ** 0.5 * gamma[c] + beta[c]
    return y
""",
        "as the formula stands": """
def batch_norm_inference(x, gamma, beta, mean, variance, *, eps=1e-3):
    normalized = (x - mean) / np.sqrt(variance + eps)
    return gamma * normalized + beta
""",
        "a scale and a shift": """
def batch_norm_inference(x, gamma, beta, mean, variance, eps=1e-3):
    scale = gamma * (variance + eps) ** -0.5
    return x * scale + (beta - mean * scale)
""",
    },
    "fold_batch_norm": {
        "a diagonal matrix": """
def fold_batch_norm(w, b, gamma, beta, mean, variance, *, eps=1e-3):
    s = gamma * (variance + eps) ** -0.5
    return w @ np.diag(s), beta + s * (b - mean)
""",
        "loop over the units": """
def fold_batch_norm(w, b, gamma, beta, mean, variance, *, eps=1e-3):
    new_w, new_b = w.copy(), b.copy()
    for unit in range(w.shape[-1]):
        s = gamma[unit] / np.sqrt(variance[unit] + eps)
        new_w[..., unit] = w[..., unit] * s
        new_b[unit] = (b[unit] - mean[unit]) * s + beta[unit]
    return new_w, new_b
""",
        "a list, the shift by itself": """
def fold_batch_norm(w, b, gamma, beta, mean, variance, eps=1e-3):
    std = np.sqrt(variance + eps)
    return [w * gamma / std, beta + gamma * b / std - gamma * mean / std]
""",
    },
    "reconcile": {
        "a decay between": 'def reconcile(config):\n    return {**config, "observe": True, "decay": 0.98}\n',
        "the last batch, in place": """
def reconcile(config):
    config["observe"] = True
    config["decay"] = 0.5
    return config
""",
    },
}

FAULTS = {
    "batch norm that normalizes nothing": """
def plant():
    import course_lib.normalization as n

    def unchanged(x, gamma, beta, *, eps=1e-3):
        rows = x.reshape(-1, x.shape[-1])
        return gamma * x + beta, n.NormCache(rows.mean(axis=0), rows.var(axis=0), x, np.ones_like(gamma), gamma)

    def its_gradient(dy, cache):
        axes = tuple(range(dy.ndim - 1))
        return cache.gamma * dy, (dy * cache.centred).sum(axis=axes), dy.sum(axis=axes)

    n.batch_norm, n.batch_norm_backward = unchanged, its_gradient
    import course_lib.folding as f, keras
    f.folded = lambda network, **options: network

    class Still(keras.layers.BatchNormalization):
        def __init__(self, **options):
            super().__init__(**{"momentum": 1.0, **options})

    keras.layers.BatchNormalization = Still
import numpy as np
plant()
""",
    "other networks, averages and folds": """
def plant():
    import course_lib.normalization as n
    fold, layer_norm = n.fold_batch_norm, n.layer_norm
    n.moving_average = lambda old, new, decay=0.99: 1.0 * new
    n.fold_batch_norm = lambda w, b, gamma, beta, mean, variance, *, eps=1e-3: fold(
        w, b, gamma, beta, 0 * mean, variance, eps=eps)
    n.layer_norm = lambda x, gamma, beta, *, eps=1e-3: layer_norm(x, gamma, beta, eps=eps + 1e-3 * len(x))
    import course_lib.gradcheck as g, course_lib.models as m, keras
    deep_network, batch_norm_layer = m.deep_network, m.batch_norm_layer
    g.check_gradient = lambda *arguments, **options: (0.0,)
    m.batch_norm_layer = lambda units, *, decay=0.99, eps=1e-3, **options: batch_norm_layer(
        units, decay=decay, eps=eps * (2 - decay), **options)

    def other(depth, width, activation, initializer, *, batch_norm=False, **options):
        factor = 1.0 if batch_norm else {"ReLU": 0.01, "tanh": 0.14}.get(activation, 1.0)
        drawn = lambda shape, rng: np.float32(factor) * initializer(shape, rng)
        return deep_network(depth, width, "ReLU", drawn, batch_norm=batch_norm, **options)

    m.deep_network = other

    class Moving(keras.layers.BatchNormalization):
        def call(self, x, training=None):
            self.moving_mean.assign_add(self.moving_mean + 1)
            return super().call(x, training=training)

    keras.layers.BatchNormalization = Moving
import numpy as np
plant()
""",
}
