"""Exercise of notebook 07: the outputs of frozen layers, computed once."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.transfer import cached_outputs

REFUSED = np.full(3, -1.0, np.float32)  # stands for a ValueError


def _layer_cases(rng):
    for sizes, n, batch_size, extra in (
        ((3, 4), 5, 2, ""),
        ((4, 6, 3), 10, 5, ""),
        ((2, 3), 3, 100, ""),
        ((30, 40, 20), 130, 32, ""),
        ((4, 5, 3), 40, 8, "dropout"),
        ((4, 5), 40, 16, "norm"),
        ((4, 5, 2), 7, 3, "frozen norm"),
    ):
        kernels = [rng.standard_normal(shape).astype(np.float32) for shape in zip(sizes[:-1], sizes[1:], strict=True)]
        yield kernels, rng.standard_normal((n, sizes[0])).astype(np.float32), batch_size, extra


def _cached(answer, case):
    """Return what an answer caches; three times -1 if it refuses."""
    import keras

    kernels, x, batch_size, extra = case
    layers = [keras.layers.Dense(w.shape[1], "relu") for w in kernels]
    for layer, w in zip(layers, kernels, strict=True):
        layer.build((None, len(w)))
        layer.kernel.assign(w)
    if extra:
        layer = keras.layers.Dropout(0.5) if extra == "dropout" else keras.layers.BatchNormalization()
        layer.build((None, kernels[0].shape[1]))
        layer.trainable = extra != "frozen norm"
        if "norm" in extra:
            layer.moving_mean.assign(np.full(kernels[0].shape[1], 0.5, np.float32))
        layers.insert(1, layer)
    try:
        result = answer(layers, x, batch_size)
    except ValueError:
        return REFUSED
    if not isinstance(result, np.ndarray):
        raise Unusable(f"it returned a {type(result).__name__}, wanted a NumPy array")
    return result


def _near(got, wanted):
    if got[0].shape != wanted[0].shape:
        if np.array_equal(wanted[0], REFUSED):
            return "it cached a layer that does something else in training, wanted a ValueError"
        return f"it returned an array of shape {got[0].shape}, wanted {wanted[0].shape}"
    near = np.allclose(got[0], wanted[0], rtol=1e-4, atol=1e-5)
    return None if near else "its values differ from the layers' outputs"


def _wrong_cache(refuse=True, layers_used=slice(None), rest=True, kept=slice(None)):
    """Return a wrong cache: of any layers, of some only, without the smaller last batch, or of some batches."""

    def answer(layers, x, batch_size=256):
        if refuse and any(not hasattr(layer, "kernel") and layer.trainable for layer in layers):
            raise ValueError("refused")
        parts = []
        for start in range(0, len(x) if rest else len(x) - batch_size + 1, batch_size):
            batch = x[start : start + batch_size]
            for layer in layers[layers_used]:
                batch = layer(batch)
            parts.append(np.asarray(batch))
        return np.concatenate(parts[kept]) if parts else np.zeros((0, 1), np.float32)

    return answer


CACHED_OUTPUTS = Exercise(
    name="cached_outputs",
    reference=cached_outputs,
    cases=_layer_cases,
    points=2,
    call=_cached,
    compare=_near,
    mistakes=(
        Mistake(
            _wrong_cache(refuse=False),
            "A layer that does something else in training, such as dropout, was cached: what stands above would "
            "learn from outputs that training never gives. Call refuse_changing(layers, x[:32]) first.",
        ),
        Mistake(
            _wrong_cache(kept=slice(-1, None)),
            "Only the last batch is returned. Collect all parts, and concatenate them at the end.",
        ),
        Mistake(
            _wrong_cache(rest=False),
            "The last examples are missing: the last batch may be smaller than the others.",
        ),
        Mistake(
            _wrong_cache(layers_used=slice(1)),
            "Only the first layer was run. Each takes what the one before gave.",
        ),
        Mistake(
            _wrong_cache(layers_used=slice(None, -1)),
            "The last layer wasn't run.",
        ),
        Mistake(
            lambda layers, x, batch_size=256: (_ for _ in ()).throw(ValueError("refused")),
            "It refuses every layer. One that gives the same in training and in use is fine, also a frozen batch norm.",
        ),
    ),
    hints=(
        "A loop over batches, and within it a loop over the layers; at the end all parts behind one another.",
        "batch = x[start : start + batch_size]; for each layer: batch = layer(batch); collect, then concatenate.",
        "refuse_changing(layers, x[:32]); parts = []; for start in range(0, len(x), batch_size): … "
        "parts.append(np.asarray(batch)); return np.concatenate(parts).",
    ),
)
