"""Exercise of notebook 02: kernels that are made to fit by measuring, layer by layer."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.initializers import lsuv, orthogonal

FUNCTIONS = {
    "double": lambda z: 2 * z,
    "ReLU": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "threshold": lambda z: z * (np.abs(z) > 1),
    "shifted": lambda z: z + 1,
}
TOLERANCE = 0.01
BENT = 1e-3  # rounding in float32 is well below


def _cases(rng):
    yield "double", (1, 1, 1), np.array([[3.0], [-3.0]]), int(rng.integers(2**31))
    for name, widths, dtype, rows in (
        ("ReLU", (20, 30, 10, 10), np.float32, 50),
        ("tanh", (12, 40, 40), np.float64, 30),
        ("threshold", (30, 20, 20, 20), np.float32, 80),
        ("shifted", (10, 15, 15), np.float64, 40),
        ("ReLU", (196, 50, 50, 50, 50), np.float32, 100),
    ):
        x = rng.uniform(1.5, 3) * rng.standard_normal((rows, widths[0])) + rng.uniform(0.3, 1)
        yield name, widths, x.astype(dtype), int(rng.integers(2**31))


def _statistics(answer, case):
    """Return how wide the sums of every layer are on the batch, and which kernels aren't orthogonal up to a factor."""
    name, widths, x, seed = case
    f, before = FUNCTIONS[name], x.copy()
    kernels = answer(f, list(widths), x, np.random.default_rng(seed))
    if not np.array_equal(x, before):
        raise Unusable("it changed its input x: work on a copy, since the caller still needs it")
    _refuse(kernels, widths, x.dtype)
    if np.array_equal(kernels[0], answer(f, list(widths), x, np.random.default_rng(seed + 1))[0]) and widths[0] > 1:
        raise Unusable("generators of two seeds give the same kernels: draw from rng")
    sums, bent = [], []
    for w in kernels:
        sums.append((x @ w).std())
        bent.append(_is_bent(np.asarray(w, np.float64)))
        x = f(x @ w)
    return np.array(sums, np.float64), np.array(bent, np.float64)


def _refuse(kernels, widths, dtype):
    wanted = list(zip(widths[:-1], widths[1:], strict=True))
    if kernels is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    if not isinstance(kernels, tuple | list):
        raise Unusable(f"it returned a {type(kernels).__name__}, wanted a list with a kernel for each layer")
    if len(kernels) != len(wanted):
        raise Unusable(f"it returned {len(kernels)} kernels, wanted {len(wanted)}: one less than there are widths")
    for i, (w, shape) in enumerate(zip(kernels, wanted, strict=True), 1):
        if np.shape(w) != shape:
            raise Unusable(f"kernel {i} has shape {np.shape(w)}, wanted {shape}")
        if w.dtype != dtype:
            raise Unusable(f"kernel {i} has dtype {w.dtype}, wanted {dtype} as x has: orthogonal takes a dtype, too")


def _is_bent(w):
    product = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    size = np.trace(product) / len(product)
    return not np.abs(product - size * np.eye(len(product))).max() <= BENT * size


def _as_wanted(got, wanted):
    (stds, bent), (right, straight) = got, wanted
    off = ~(np.abs(stds - right) <= TOLERANCE * np.abs(right)) & ~((stds != stds) & (right != right))
    if off.any():
        i = int(off.argmax())
        return f"on x the sums of layer {i + 1} have standard deviation {stds[i]:.4g}, wanted {right[i]:.4g} within 1%"
    if (bent != straight).any():
        i = int((bent != straight).argmax())
        return f"kernel {i + 1} isn't orthogonal up to a factor: its columns must be as long as each other, and upright"
    return None


def _layerwise(scale=lambda w, sums, f, x: w / sums.std(), on=lambda f, x, old, w: f(x @ w), draw=orthogonal):
    """Return a wrong answer: how a kernel is scaled, what is sent on to the next layer, or what is drawn."""

    def answer(f, widths, x, rng):
        kernels = []
        for shape in zip(widths[:-1], widths[1:], strict=True):
            old = draw(shape, rng, dtype=x.dtype)
            w = np.asarray(scale(old, x @ old, f, x), x.dtype)
            kernels.append(w)
            x = on(f, x, old, w)
        return kernels

    return answer


def _first_x(f, widths, x, rng):
    """Measure the first layer only; the others are divided by the spread of the images."""
    kernels, first = [], x
    for shape in zip(widths[:-1], widths[1:], strict=True):
        w = orthogonal(shape, rng, dtype=first.dtype)
        w = w / (x @ w).std() if not kernels else w / np.asarray(first.std(), first.dtype)
        kernels.append(w)
        x = f(x @ w)
    return kernels


def _before(f, widths, x, rng):
    return _layerwise()(f, widths, f(x), rng)


def _centred(w, sums, f, x):
    return w / (sums - sums.mean(axis=0)).std()


def _normal(shape, rng, dtype):
    return rng.standard_normal(shape, dtype=dtype)


LSUV = Exercise(
    name="lsuv",
    reference=lsuv,
    cases=_cases,
    points=3,
    call=_statistics,
    compare=_as_wanted,
    inputs=("f", "widths", "x", "seed"),
    mistakes=(
        Mistake(
            _layerwise(scale=lambda w, sums, f, x: w),
            "The kernels are orthogonal and nothing is measured: divide each by the standard deviation of its sums.",
        ),
        Mistake(
            _layerwise(scale=lambda w, sums, f, x: w / sums.var()),
            "The kernel is divided by the variance of its sums. Sums grow with the kernel itself, so it takes the "
            "standard deviation.",
        ),
        Mistake(
            _layerwise(scale=lambda w, sums, f, x: w * sums.std()),
            "The kernel is multiplied by the standard deviation of its sums, which makes what is too large larger: "
            "divide.",
        ),
        Mistake(
            _layerwise(scale=lambda w, sums, f, x: w / np.sqrt(np.mean(sums**2))),
            "This makes the RMS of the sums 1. Asked is the standard deviation, which leaves their mean out: behind a "
            "ReLU the two differ.",
        ),
        Mistake(
            _layerwise(scale=lambda w, sums, f, x: w / sums.std(axis=0)),
            "Each unit is divided by its own standard deviation. Then the columns of a kernel differ in length, and it "
            "isn't orthogonal any more: take one number over all of a layer's sums.",
        ),
        Mistake(
            _layerwise(scale=lambda w, sums, f, x: w / f(sums).std()),
            "What is measured here is what the activation function leaves. Asked are the sums, before f.",
        ),
        Mistake(
            _layerwise(scale=lambda w, sums, f, x: w / x.std()),
            "This divides by the standard deviation of what comes in. Measure what comes out, the sums x w: they also "
            "depend on the mean of x and on the kernel.",
        ),
        Mistake(
            _layerwise(scale=lambda w, sums, f, x: w / w.std()),
            "This divides by the standard deviation of the weights, and looks at no image. Measure the sums x w.",
        ),
        Mistake(
            _layerwise(on=lambda f, x, old, w: x @ w),
            "The activation function is missing between the layers: the next one gets f(x w).",
        ),
        Mistake(
            _layerwise(on=lambda f, x, old, w: x),
            "The batch isn't sent on: every layer gets the images. Behind a layer x becomes f(x w).",
        ),
        Mistake(
            _layerwise(on=lambda f, x, old, w: f(x) @ w),
            "f is applied before the kernel. A layer's sums come first: the next one gets f(x w).",
        ),
        Mistake(
            _layerwise(on=lambda f, x, old, w: f(x @ old)),
            "The next layer was measured behind the kernel as it was before it was divided. Finish a layer, send the "
            "batch through its new kernel, and only then measure the next: in the network there is no other kernel.",
        ),
        Mistake(
            _first_x,
            "Only the first layer is measured; the others are divided by the standard deviation of the images. Send "
            "the batch on, and measure each layer's own sums.",
        ),
        Mistake(_before, "f is applied to the images before the first layer. They are what the first kernel gets."),
        Mistake(
            _layerwise(scale=_centred),
            "Each unit's mean is taken away before the measuring. One standard deviation over all sums is asked for, "
            "in which the units' means may differ.",
        ),
        Mistake(
            _layerwise(draw=_normal),
            "The sums have the right size, and the kernels are draws from N(0, 1): begin with orthogonal ones.",
        ),
        Mistake(
            _layerwise(scale=lambda w, sums, f, x: 2**0.5 * w / sums.std()),
            "The sums come out √2 too large. He's factor isn't needed: what f takes is seen in the next layer's sums, "
            "which are measured.",
        ),
    ),
    hints=(
        "Nothing is derived here. Draw a kernel, look at what it makes of the batch, correct it by one division; then "
        "make the next layer's batch.",
        "A loop over zip(widths[:-1], widths[1:]): w = orthogonal((fan_in, fan_out), rng, dtype=x.dtype), then "
        "w = w / (x @ w).std(), then append it and let x = f(x @ w).",
    ),
)
