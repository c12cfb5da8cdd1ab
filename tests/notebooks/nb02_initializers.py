"""Notebook 02 under test."""

VARIANTS = {
    "fans": {
        "loop": """
def fans(shape):
    *window, fan_in, fan_out = shape
    for length in window:
        fan_in, fan_out = fan_in * length, fan_out * length
    return fan_in, fan_out
""",
        "by the number of weights": """
def fans(shape):
    if len(shape) < 2:
        raise ValueError(f"{shape} has too few axes")
    n = np.prod(shape)
    return n // shape[-1], n // shape[-2]
""",
        "an axis taken off": """
def fans(shape):
    match tuple(shape):
        case (fan_in, fan_out):
            return fan_in, fan_out
        case (side, *rest) if len(rest) > 1:
            return tuple(side * n for n in fans(rest))
    raise ValueError("wanted two axes at least")
""",
        "a list": """
def fans(shape):
    if len(shape) < 2:
        raise ValueError
    window = 1
    for length in shape[:-2]:
        window *= length
    return [window * shape[-2], window * shape[-1]]
""",
    },
    "variance_scaling": {
        "if by if": """
def variance_scaling(shape, rng, *, scale=1.0, mode="fan_in", distribution="truncated_normal", dtype=np.float32):
    if scale <= 0 or distribution not in {"uniform", "normal", "truncated_normal"}:
        raise ValueError(f"{scale} or {distribution}")
    window = int(np.prod(shape[:-2]))
    if mode == "fan_in":
        fan = window * shape[-2]
    elif mode == "fan_out":
        fan = window * shape[-1]
    elif mode == "fan_avg":
        fan = window * (shape[-2] + shape[-1]) / 2
    else:
        raise ValueError(mode)
    std = (scale / fan) ** 0.5
    if distribution == "uniform":
        w = rng.uniform(-std * 3**0.5, std * 3**0.5, shape)
    elif distribution == "normal":
        w = rng.normal(0, std, shape)
    else:
        w = rng.normal(0, 1, shape)
        while np.any(np.abs(w) > 2):
            w = np.where(np.abs(w) > 2, rng.normal(0, 1, shape), w)
        w *= std / 0.87962566
    return w.astype(dtype)
""",
        "the names as keys of a dict, KeyError made ValueError": """
def variance_scaling(shape, rng, *, scale=1.0, mode="fan_in", distribution="truncated_normal", dtype=np.float32):
    fan_in, fan_out = fans(shape)
    draws = dict(uniform=standard_uniform, normal=standard_normal, truncated_normal=standard_truncated)
    try:
        fan = dict(fan_in=fan_in, fan_out=fan_out, fan_avg=np.mean([fan_in, fan_out]))[mode]
        draw = draws[distribution]
    except KeyError as error:
        raise ValueError(f"unknown: {error}") from None
    if scale <= 0:
        raise ValueError("scale must be positive")
    w = draw(shape, rng, dtype=dtype)
    w *= np.sqrt(scale / fan)
    return w
""",
        "one number at a time": """
def variance_scaling(shape, rng, *, scale=1.0, mode="fan_in", distribution="truncated_normal", dtype=np.float32):
    window = np.prod(shape) / shape[-1] / shape[-2]
    fans = {"fan_in": shape[-2] * window, "fan_out": shape[-1] * window}
    if not scale > 0 or mode not in {"fan_avg", *fans} or distribution not in ("uniform", "normal", "truncated_normal"):
        raise ValueError("scale, mode or distribution")
    fan = fans.get(mode, sum(fans.values()) / 2)

    def draw():
        if distribution == "uniform":
            return 12**0.5 * (rng.random() - 0.5)
        z = rng.normal()
        while distribution != "normal" and abs(z) > 2:
            z = rng.normal()
        return z if distribution == "normal" else z / 0.8796

    result = np.zeros(shape, dtype)
    for place in np.ndindex(*shape):
        result[place] = draw() * np.sqrt(scale / fan)
    return result
""",
    },
    "glorot_uniform": {
        "by limits": """
def glorot_uniform(shape, rng, *, dtype=np.float32):
    limit = np.sqrt(6 / (np.prod(shape[:-2]) * (shape[-2] + shape[-1])))
    return rng.uniform(-limit, limit, size=shape).astype(dtype)
""",
        "quantiles": """
def glorot_uniform(shape, rng, *, dtype=np.float32):
    std = (2 / sum(fans(shape))) ** 0.5
    return ((rng.random(shape) - 0.5) * 12**0.5 * std).astype(dtype)
""",
        "in place": """
def glorot_uniform(shape, rng, *, dtype=np.float32):
    window = int(np.prod(shape[:-2]))
    w = rng.random(shape).astype(dtype)
    w -= 0.5
    w *= 2 * (6 / window / (shape[-2] + shape[-1])) ** 0.5
    return w
""",
    },
    "he_normal": {
        "drawn again and again": """
def he_normal(shape, rng, *, dtype=np.float32):
    w = rng.standard_normal(shape)
    while True:
        far = np.abs(w) > 2
        if not far.any():
            break
        w[far] = rng.standard_normal(far.sum())
    fan_in = np.prod(shape[:-1])
    return (w / 0.8796 * np.sqrt(2 / fan_in)).astype(dtype)
""",
        "more draws than needed": """
def he_normal(shape, rng, *, dtype=np.float32):
    n = int(np.prod(shape))
    z = rng.standard_normal(2 * n + 100)
    z = z[np.abs(z) < 2][:n]
    return (z.reshape(shape) * (2 / np.prod(shape[:-1])) ** 0.5 / np.float64(0.87962566)).astype(dtype)
""",
    },
    "gain": {
        "many draws": """
def gain(f):
    z = np.random.default_rng(1).standard_normal(10**6)
    return 1 / np.sqrt(np.mean(f(z) ** 2))
""",
        "a sum over a grid": """
def gain(f):
    z = np.arange(-9, 9, 0.001)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return (np.sum(f(z) ** 2 * density) * 0.001) ** -0.5
""",
        "a loop of batches, the generator without a seed": """
def gain(f):
    rng, squares = np.random.default_rng(), []
    for _ in range(20):
        squares.append(np.mean(np.square(f(rng.normal(0.0, 1.0, size=(100, 1000))))))
    return 1.0 / np.mean(squares) ** 0.5
""",
        "quadrature, one number at a time": """
def gain(f):
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    total = 0.0
    for z, w in zip(nodes, weights):
        total += w * float(f(np.array([z]))[0]) ** 2
    return np.sqrt(np.sqrt(2 * np.pi) / total)
""",
    },
    "diagnose": {
        "by both directions": """
def diagnose(up, down):
    steps = len(up) - 1
    rise = np.log(up[-1] / up[0]) / steps
    fall = np.log(down[0] / down[-1]) / steps
    expected = {"large": (2.3, 2.3), "small": (-2.3, -2.4), "Glorot": (-0.27, -0.44), "He fan_in": (0, -0.17),
                "He fan_out": (0.17, 0)}
    return min(expected, key=lambda name: abs(expected[name][0] - rise) + abs(expected[name][1] - fall))
""",
        "the median of the ratios": """
def diagnose(up, down):
    ratio = np.median(np.array(up[1:]) / np.array(up[:-1]))
    nearest = np.argmin(np.abs(np.log([12, 0.1, 0.77, 1, 1.19]) - np.log(ratio)))
    return ["large", "small", "Glorot", "He fan_in", "He fan_out"][nearest]
""",
        "a straight line through the logarithms": """
def diagnose(up, down):
    slope = np.polyfit(np.arange(len(up)), np.log(np.asarray(up)), 1)[0]
    for limit, name in [(-1, "small"), (-0.13, "Glorot"), (0.085, "He fan_in"), (0.7, "He fan_out")]:
        if slope < limit:
            return name
    return "large"
""",
    },
    "truncated_std": {
        "a sum over a grid": """
def truncated_std(limit):
    z = np.linspace(-limit, limit, 20_001)
    density = np.exp(-z**2 / 2)
    return np.sqrt(np.sum(z**2 * density) / np.sum(density))
""",
        "a million draws, those beyond left out": """
def truncated_std(limit):
    z = np.random.default_rng(0).uniform(-limit, limit, 2_000_000)
    weight = np.exp(-z * z / 2)
    return float(np.average(z * z, weights=weight)) ** 0.5
""",
        "the variance step by step": """
def truncated_std(limit):
    share = erf(limit / 2**0.5)
    phi = np.exp(-0.5 * limit**2) / np.sqrt(2 * np.pi)
    lost = 2 * limit * phi
    return np.sqrt((share - lost) / share)
""",
    },
    "expected": {
        "two million draws": """
def expected(f, scale, size, cosine):
    rng = np.random.default_rng(1)
    u, w = np.sqrt(size) * rng.standard_normal((2, 10**6))
    v = cosine * u + np.sqrt(1 - cosine**2) * w
    fu, fv = f(u), f(v)
    square = (np.mean(fu**2) + np.mean(fv**2)) / 2
    return scale * square, np.mean(fu * fv) / square
""",
        "both means by pairs": """
def expected(f, scale, size, cosine):
    def mean(g):
        return gaussian_pair_mean(g, variance=size, correlation=cosine)

    products = scale * mean(lambda u, v: f(u) * f(v))
    squares = scale * mean(lambda u, v: f(u) ** 2)
    return [np.float64(squares), products / squares]
""",
        "a matrix normal, drawn": """
def expected(f, scale, size, cosine):
    covariance = size * np.array([[1, cosine], [cosine, 1]])
    z = np.random.default_rng(7).multivariate_normal([0, 0], covariance, 10**6)
    a = f(z)
    norms = (a**2).sum(axis=0)
    return scale * norms.mean() / len(a), (a[:, 0] @ a[:, 1]) / np.sqrt(norms[0] * norms[1])
""",
    },
    "lsuv": {
        "by index, with QR": """
def lsuv(f, widths, x, rng):
    kernels = []
    for i in range(1, len(widths)):
        n, m = widths[i - 1], widths[i]
        a = rng.normal(size=(max(n, m), min(n, m)))
        q = np.linalg.qr(a)[0]
        w = q if n >= m else q.T
        w = (w / np.std(x @ w)).astype(x.dtype)
        x = f(x @ w)
        kernels.append(w)
    return kernels
""",
        "a generator, sums kept": """
def lsuv(f, widths, x, rng):
    def layers(h):
        for shape in zip(widths, widths[1:]):
            w = orthogonal(shape, rng, dtype=h.dtype)
            z = h @ w
            spread = np.sqrt(np.mean(z**2) - np.mean(z) ** 2)
            h = f(z / spread)
            yield w / spread

    return tuple(layers(x))
""",
        "corrected twice, as the paper does": """
def lsuv(f, widths, x, rng):
    result = []
    h = x.copy()
    for a, b in zip(widths[:-1], widths[1:]):
        w = orthogonal((a, b), rng, gain=3.0, dtype=x.dtype)
        for _ in range(5):
            std = np.std(h @ w)
            if abs(std - 1) < 1e-3:
                break
            w /= std
        result += [w]
        h = f(h @ w)
    return result
""",
    },
    "residual_block": {
        "step by step": """
def residual_block(x, w1, w2, s):
    z = x @ w1
    h = z * (z > 0)
    branch = h @ w2
    y = x.copy()
    y += s * branch
    cache = (x, h, w1, w2, s)
    return y, cache
""",
        "example by example": """
def residual_block(x, w1, w2, s):
    y, h = np.zeros_like(x), np.zeros((len(x), w1.shape[1]), x.dtype)
    for i in range(len(x)):
        h[i] = np.clip(w1.T @ x[i], 0, None)
        y[i] = x[i] + s * (w2.T @ h[i])
    return [y, [x, h, w1, w2, s]]
""",
    },
    "residual_block_backward": {
        "step by step, in place on a copy": """
def residual_block_backward(dy, cache):
    x, h, w1, w2, s = cache
    dx = dy.copy()
    dh = s * np.einsum("bo,uo->bu", dy, w2)
    dh[h <= 0] = 0
    dx += dh @ w1.T
    return dx, np.dot(x.T, dh), s * np.dot(h.T, dy)
""",
        "example by example": """
def residual_block_backward(dy, cache):
    x, h, w1, w2, s = cache
    dx, dw1, dw2 = np.array(dy), np.zeros_like(w1), np.zeros_like(w2)
    for i in range(len(x)):
        dw2 += s * np.outer(h[i], dy[i])
        dz = np.where(h[i] > 0, s * (w2 @ dy[i]), 0)
        dw1 += np.outer(x[i], dz)
        dx[i] += w1 @ dz
    return dx, dw1, dw2
""",
    },
    "first_layer": {
        "with fans, and the bias by hand": """
def first_layer(images, shape, b, rng):
    fan_in, _ = fans(shape)
    w = rng.normal(0, np.sqrt(2 / fan_in), size=shape)
    y = conv2d(images, w, np.zeros_like(b))[0] + b
    return np.where(y > 0, y, 0), w
""",
        "by variance_scaling": """
def first_layer(images, shape, b, rng):
    w = variance_scaling(shape, rng, scale=2, distribution="normal", dtype=np.float64)
    y, cache = conv2d(images, w, b)
    y[y < 0] = 0
    return y, w
""",
    },
}

FAULTS = {
    "weights of the wrong size, stored accuracies turned around": """
def plant():
    import course_lib.initializers as i, course_lib.measuring.mean_field as m, course_lib.studies as s
    load = s.load
    s.load = lambda study: [row | {"valid_accuracy": 1 - row["valid_accuracy"]} for row in load(study)]
    scaling, orthogonal, truncated, gain, float32 = (
        i.variance_scaling, i.orthogonal, i.standard_truncated, m.gain, i.np.float32)
    i.standard_normal = lambda shape, rng, dtype=float32: float32(0.1) * rng.standard_normal(shape, dtype=dtype)
    i.standard_truncated = lambda shape, rng, dtype=float32: float32(0.9) * truncated(shape, rng, dtype=dtype)
    i.variance_scaling = lambda shape, rng, **options: float32(0.3) * scaling(shape, rng, **options)
    i.glorot_uniform = lambda shape, rng, **options: scaling(
        shape, rng, scale=2, mode="fan_avg", distribution="uniform", **options)
    i.glorot_normal = lambda shape, rng: scaling(shape, rng, scale=2, mode="fan_avg")
    i.he_normal = i.lecun_normal = lambda shape, rng, **options: float32(0.5) * scaling(shape, rng, **options)
    i.orthogonal = lambda shape, rng, **options: float32(1.1) * orthogonal(shape, rng, **options)
    fans = i.fans
    i.fans = lambda shape: fans(shape[-2:])
    m.gain = lambda f: 1.1 * gain(f)
plant()
""",
    "another activation, short and noisy steps, matrices that aren't orthogonal, some images inverted": """
def plant():
    import course_lib.activations as a, course_lib.datasets as d, course_lib.initializers as i
    import course_lib.optimizers as o
    scaling, sgd, rng, float32 = i.variance_scaling, o.sgd, i.np.random.default_rng(0), i.np.float32
    a.relu, a.relu_derivative = a.tanh, a.tanh_derivative
    i.variance_scaling = lambda shape, rng, **options: float32(2) * scaling(shape, rng, **options)
    i.orthogonal = lambda shape, rng, **options: abs(scaling(shape, rng))
    o.sgd = lambda w, grad, state=None, **options: sgd(
        w, grad * rng.uniform(0, 0.1, grad.shape).astype(grad.dtype), state, **options)
    load = d.load_mnist

    def load_mnist():
        split = load()
        x = split.x_train.copy()
        x[512:1024] = 255 - x[512:1024]
        return split._replace(x_train=x)

    d.load_mnist = load_mnist
    import keras
    keras.initializers.TruncatedNormal = keras.initializers.RandomNormal
plant()
""",
}
