"""Faults in course_lib.initializers."""

from tests.faults import Fault

FANS = "return window * shape[-2], window * shape[-1]"
SPHERE = "    q = q * np.sign(np.diag(r))  # without this, the signs depend on how QR is computed\n"

FAULTS = [
    Fault("fans", "fan_in and fan_out swapped", FANS, "return window * shape[-1], window * shape[-2]"),
    Fault("fans", "window forgotten", FANS, "return shape[-2], shape[-1]"),
    Fault("fans", "window counted for the inputs only", FANS, "return window * shape[-2], shape[-1]"),
    Fault("fans", "first two axes", FANS, "return shape[0], shape[1]"),
    Fault(
        "fans",
        "kernel's layout (out, in, ...)",
        "window = prod(shape[:-2])\n    " + FANS,
        "window = prod(shape[2:])\n    return window * shape[1], window * shape[0]",
    ),
    Fault(
        "fans",
        "one axis taken",
        'if len(shape) < 2:\n        raise ValueError(\n            f"fans',
        'if len(shape) < 0:\n        raise ValueError(\n            f"fans',
    ),
    Fault(
        "standard_normal",
        "uniform",
        "return rng.standard_normal(shape, dtype=dtype)",
        "return 12**0.5 * (rng.random(shape, dtype=dtype) - 0.5)",
    ),
    Fault(
        "standard_normal",
        "divided by the fan",
        "return rng.standard_normal(shape, dtype=dtype)",
        "return rng.standard_normal(shape, dtype=dtype) / shape[0] ** 0.5",
    ),
    Fault(
        "standard_normal",
        "dtype ignored",
        "return rng.standard_normal(shape, dtype=dtype)",
        "return rng.standard_normal(shape)",
    ),
    Fault(
        "standard_normal",
        "a generator of its own",
        "return rng.standard_normal(shape, dtype=dtype)",
        "return np.random.default_rng(0).standard_normal(shape, dtype=dtype)",
    ),
    Fault("standard_uniform", "from -1 to 1", "return 3**0.5 * (2 * rng", "return (2 * rng"),
    Fault(
        "standard_uniform", "from 0", "(2 * rng.random(shape, dtype=dtype) - 1)", "2 * rng.random(shape, dtype=dtype)"
    ),
    Fault("standard_uniform", "as wide as its standard deviation", "return 3**0.5 * (2 *", "return 0.5 * (2 *"),
    Fault(
        "standard_uniform", "result is float64", "return 3**0.5 * (2 * rng", "return np.sqrt(np.float64(3)) * (2 * rng"
    ),
    Fault("standard_truncated", "variance not corrected", "return draws / TRUNCATED_STD", "return draws"),
    Fault(
        "standard_truncated",
        "multiplied by the correction",
        "return draws / TRUNCATED_STD",
        "return draws * TRUNCATED_STD",
    ),
    Fault(
        "standard_truncated",
        "cut off at ±2 instead of drawn again",
        "return draws / TRUNCATED_STD",
        "return np.clip(rng.standard_normal(shape, dtype=dtype), -2, 2) / TRUNCATED_STD",
    ),
    Fault(
        "standard_truncated",
        "drawn again once only",
        "while (far := np.abs(draws) > 2).any():",
        "for far in [np.abs(draws) > 2]:",
    ),
    Fault("standard_truncated", "cut off above only", "np.abs(draws) > 2", "draws > 2"),
    Fault("standard_truncated", "a wrong constant", "TRUNCATED_STD = truncated_std(2)", "TRUNCATED_STD = 0.8862"),
    Fault("truncated_std", "variance for the standard deviation", "return sqrt(1 - 2 * limit", "return (1 - 2 * limit"),
    Fault("truncated_std", "one side only", "sqrt(1 - 2 * limit", "sqrt(1 - limit"),
    Fault("truncated_std", "the share kept is forgotten", " / erf(limit / sqrt(2)))", ")"),
    Fault("truncated_std", "another argument of erf", "erf(limit / sqrt(2))", "erf(limit / 2)"),
    Fault("truncated_std", "density without its factor", "exp(-limit * limit / 2) / sqrt(2 * pi)", "exp(-limit * limit / 2)"),
    Fault("truncated_std", "large limits overflow", "exp(-limit * limit / 2)", "exp(-(float(limit) ** 2) / 2)"),
    Fault("truncated_std", "any limit taken", '@shapes(limit="[0.001, inf)")\n', ""),
    Fault("zeros", "ones", "return np.zeros(shape, dtype)", "return np.ones(shape, dtype)"),
    Fault("zeros", "dtype lost", "return np.zeros(shape, dtype)", "return np.zeros(shape)"),
    Fault("zeros", "takes numbers from the generator", "return np.zeros(shape, dtype)", "return 0 * rng.standard_normal(shape, dtype=dtype)"),
    Fault("lsuv", "not divided", "        w = w / (x @ w).std()\n", ""),
    Fault("lsuv", "divided by the variance", "w = w / (x @ w).std()", "w = w / (x @ w).var()"),
    Fault("lsuv", "divided by the RMS", "w = w / (x @ w).std()", "w = w / np.sqrt(np.mean((x @ w) ** 2))"),
    Fault("lsuv", "each unit by its own spread", "(x @ w).std()", "(x @ w).std(axis=0)"),
    Fault("lsuv", "no activation between layers", "        x = f(x @ w)\n    return kernels", "        x = x @ w\n    return kernels"),
    Fault("lsuv", "the batch sent on by the old kernel", "        w = w / (x @ w).std()\n        kernels.append(w)\n        x = f(x @ w)\n", "        x, w = f(x @ w), w / (x @ w).std()\n        kernels.append(w)\n"),
    Fault("lsuv", "normal draws", "w = orthogonal((fan_in, fan_out), rng, dtype=x.dtype)", "w = standard_normal((fan_in, fan_out), rng, dtype=x.dtype)"),
    Fault("lsuv", "always float32", "rng, dtype=x.dtype)\n        w = w", "rng)\n        w = w"),
    Fault("lsuv", "any batch taken", '@shapes(x="batch inputs")\n', ""),
    Fault(
        "variance_scaling",
        "scale / fan as the standard deviation",
        "float(scale / max(fan[mode], 1)) ** 0.5",
        "float(scale / max(fan[mode], 1))",
    ),
    Fault(
        "variance_scaling",
        "scale outside the root",
        "float(scale / max(fan[mode], 1)) ** 0.5",
        "scale / max(fan[mode], 1) ** 0.5",
    ),
    Fault("variance_scaling", "fan_avg is the sum", "(fan_in + fan_out) / 2}", "fan_in + fan_out}"),
    Fault(
        "variance_scaling",
        "fan-out for fan-in",
        '{"fan_in": fan_in, "fan_out": fan_out,',
        '{"fan_in": fan_out, "fan_out": fan_in,',
    ),
    Fault("variance_scaling", "fan_avg is the geometric mean", "(fan_in + fan_out) / 2}", "(fan_in * fan_out) ** 0.5}"),
    Fault("variance_scaling", "normal is truncated too", '"normal": standard_normal,', '"normal": standard_truncated,'),
    Fault(
        "variance_scaling",
        "truncated is plain normal",
        '"truncated_normal": standard_truncated,',
        '"truncated_normal": standard_normal,',
    ),
    Fault("variance_scaling", "division by 0 without inputs", "max(fan[mode], 1)", "fan[mode]"),
    Fault("variance_scaling", "another default", 'scale=1.0, mode="fan_in"', 'scale=1.0, mode="fan_avg"'),
    Fault(
        "variance_scaling",
        "dtype lost",
        "(shape, rng, dtype=dtype)\n\n\ndef glorot_u",
        "(shape, rng)\n\n\ndef glorot_u",
    ),
    Fault(
        "variance_scaling",
        "a NumPy scale widens float32",
        "float(scale / max(fan[mode], 1))",
        "np.float64(scale / max(fan[mode], 1))",
    ),
    Fault("variance_scaling", "scale not checked", "if scale <= 0:", "if scale < 0:"),
    Fault("variance_scaling", "any scale taken", '@shapes(scale="(-inf, inf)")\n', ""),
    Fault("orthogonal", "signs left to QR", SPHERE, ""),
    Fault("orthogonal", "any random matrix", "np.sign(np.diag(r))  #", "np.diag(r)  #"),
    Fault("orthogonal", "wide ones not transposed", "(q if rows >= columns else q.T)", "q"),
    Fault(
        "orthogonal",
        "window apart from the inputs",
        "rows, columns = prod(shape[:-1]), shape[-1]",
        "rows, columns = shape[-2], prod(shape) // shape[-2]",
    ),
    Fault("orthogonal", "gain squared", "(gain * (q if", "(gain**2 * (q if"),
    Fault("orthogonal", "gain forgotten", "(gain * (q if", "((q if"),
    Fault("orthogonal", "dtype lost", ".reshape(shape).astype(dtype)", ".reshape(shape)"),
    Fault(
        "orthogonal",
        "uniform draws",
        "np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))",
        "np.linalg.qr(rng.random((max(rows, columns), min(rows, columns))) - 0.5)",
    ),
    Fault(
        "orthogonal",
        "from the eigenvectors of a symmetric matrix",
        "np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))",
        "np.linalg.svd(rng.standard_normal((max(rows, columns), min(rows, columns))) + 1, full_matrices=False)[0], np.eye(min(rows, columns))",
    ),
    Fault(
        "orthogonal",
        "one axis taken",
        '    if len(shape) < 2:\n        raise ValueError(f"orthogonal',
        '    if len(shape) < 0:\n        raise ValueError(f"orthogonal',
    ),
]

RULES = {
    "glorot_uniform": ('scale=1, mode="fan_avg", distribution="uniform"', ["scale=2", "fan_in", "truncated_normal"]),
    "glorot_normal": ('scale=1, mode="fan_avg", distribution="truncated_normal"', ["scale=2", "fan_in", "normal"]),
    "he_uniform": ('scale=2, mode="fan_in", distribution="uniform"', ["scale=1", "fan_out", "truncated_normal"]),
    "he_normal": ('scale=2, mode="fan_in", distribution="truncated_normal"', ["scale=1", "fan_out", "normal"]),
    "lecun_uniform": ('scale=1, mode="fan_in", distribution="uniform"', ["scale=2", "fan_out", "truncated_normal"]),
    "lecun_normal": ('scale=1, mode="fan_in", distribution="truncated_normal"', ["scale=2", "fan_out", "normal"]),
}
for rule, (right, (scale, mode, distribution)) in RULES.items():
    right_scale, right_mode, right_distribution = right.split(", ")
    for fault, wrong in [
        ("twice or half the variance", f"{scale}, {right_mode}, {right_distribution}, dtype=dtype"),
        ("another fan", f'{right_scale}, mode="{mode}", {right_distribution}, dtype=dtype'),
        ("another distribution", f'{right_scale}, {right_mode}, distribution="{distribution}", dtype=dtype'),
        ("dtype lost", right),
    ]:
        FAULTS.append(Fault(rule, fault, f"{right}, dtype=dtype", wrong))
