"""Exercise of notebook 07: the outputs of frozen layers, computed once."""

import inspect

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.transfer import cached_outputs, refuse_changing

BATCH = inspect.signature(cached_outputs).parameters["batch_size"].default
TRIED = 32  # inputs that `refuse_changing` is handed


def _layer_cases(rng):
    yield ("add 1", "double"), np.array([1, 2, 3], np.float32), 2
    for sizes, n, options in (
        ((3, 4), 5, (2,)),
        ((4, 4, 4), 10, (5,)),
        ((4, 6, 3), 7, (3,)),
        ((2, 3), 3, (100,)),
        ((30, 40, 20), 128, (64,)),
        ((5, 5, 4), 2 * BATCH, ()),
        ((4, "dropout", 5, 3), 40, (8,)),
        ((4, 5, "dropout"), 40, (8,)),
        ((4, 5, "norm", 5), 40, (16,)),
        ((4, 5, "frozen norm", 2), 7, (3,)),
    ):
        width = sizes[0]
        layers = []
        for size in sizes[1:]:
            layers.append(size if isinstance(size, str) else rng.standard_normal((width, size)).astype(np.float32))
            width = width if isinstance(size, str) else size
        yield tuple(layers), rng.standard_normal((n, sizes[0])).astype(np.float32), *options


def _layer(what, width, name):
    """Return a layer: a function of that name, one with that kernel, or one of a kind for inputs of that width."""
    import keras
    import tensorflow as tf

    if isinstance(what, np.ndarray):
        layer = keras.layers.Dense(what.shape[1], "relu", name=name)
        layer.build((None, len(what)))
        layer.kernel.assign(what)
        return layer
    if what in ("add 1", "double"):
        return (lambda x: tf.add(x, 1)) if what == "add 1" else (lambda x: tf.multiply(x, 2))
    if what == "dropout":
        layer = keras.layers.Dropout(0.5, seed=1, name=name)
    else:
        layer = keras.layers.BatchNormalization(name=name)
    layer.build((None, width))
    layer.trainable = what != "frozen norm"
    if "norm" in what:
        layer.moving_mean.assign(np.full(width, 0.5, np.float32))
    return layer


def _counting(layer, seen):
    """Return a layer as a function that notes how many inputs it is given."""

    def lowest(x):
        seen.append(len(x))
        return layer(x)

    return lowest


def _cached(answer, case):
    """Return what an answer caches, having looked at how many inputs it runs at once."""
    kinds, x, *options = case
    layers, width = [], x.shape[-1]
    for i, what in enumerate(kinds):
        layers.append(_layer(what, width, f"layer_{i}"))
        width = what.shape[1] if isinstance(what, np.ndarray) else width
    seen = []
    if not isinstance(kinds[0], str) or kinds[0] == "add 1":
        layers[0] = _counting(layers[0], seen)
    try:
        result = answer(layers, x, *options)
    except ValueError:
        if any(isinstance(what, str) and what in ("dropout", "norm") for what in kinds):
            raise ValueError("refused, as it should be") from None
        raise
    if result is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    if isinstance(result, list | tuple):
        kind = type(result).__name__
        raise Unusable(f"it returned a {kind}, wanted one array of all batches: np.concatenate makes it")
    if not isinstance(result, np.ndarray):
        what = "tensor" if hasattr(result, "numpy") else type(result).__name__
        raise Unusable(f"it returned a {what}, wanted a NumPy array: np.asarray makes one")
    size = options[0] if options else BATCH
    if seen and max(seen) > max(TRIED, size):
        raise Unusable(f"it runs {max(seen)} inputs at once, wanted {size}, as batch_size says: take batch by batch")
    if seen and max(seen) < min(size, len(x)):
        raise Unusable(f"it never runs as many as {size} inputs at once, which is the batch_size here")
    return result


def _batch(x, start, size):
    return x[start : start + size]


def _wrong_cache(refuse=slice(None), layers_used=slice(None), rest=True, kept=slice(None), cut=_batch,
                 join=np.concatenate, chain=True, **called):
    """Return a wrong cache: of other layers or batches, not refused, joined or called otherwise."""

    def answer(layers, x, batch_size=BATCH):
        refuse_changing(layers[refuse], x[:TRIED])
        parts = []
        for start in range(0, len(x) if rest else len(x) - batch_size + 1, batch_size):
            batch = first = cut(x, start, batch_size)
            for layer in layers[layers_used]:
                batch = _run(layer, batch if chain else first, called)
            parts.append(np.asarray(batch))
        return join(parts[kept])

    return answer


def _run(layer, batch, called):
    keras_layer = hasattr(layer, "built")
    return layer(batch, **called) if called.get("training") is False or keras_layer else layer(batch)


def _refuse_all(layers, x, batch_size=BATCH):
    raise ValueError


CACHED_OUTPUTS = Exercise(
    name="cached_outputs",
    reference=cached_outputs,
    cases=_layer_cases,
    points=2,
    call=_cached,
    inputs=("layers", "x", "batch_size"),
    rows="example",
    any_dtype=True,
    refuses=True,
    mistakes=(
        Mistake(
            _wrong_cache(refuse=slice(0)),
            "A layer that does something else in training, such as dropout, was cached: what stands above would "
            "learn from outputs that training never gives. Call refuse_changing(layers, x[:32]) first.",
        ),
        Mistake(
            _wrong_cache(refuse=slice(1)),
            "A layer that does something else in training was cached, since not all of them were tried: hand "
            "refuse_changing the whole list.",
        ),
        Mistake(
            _wrong_cache(refuse=slice(-1, None)),
            "Only the last layer was tried, and one below it does something else in training: hand refuse_changing the "
            "whole list.",
        ),
        Mistake(
            _wrong_cache(refuse=slice(0), training=True),
            "The layers ran as in training, where dropout and batch norm do something else than in use; a cache of "
            "that is refused, by refuse_changing(layers, x[:32]). Call layer(batch) alone.",
        ),
        Mistake(
            _wrong_cache(training=False),
            "Not every layer takes training=False: a function of inputs alone doesn't. layer(batch) runs as in use.",
        ),
        Mistake(
            _wrong_cache(kept=slice(-1, None)),
            "Only the last batch is returned. Collect all parts, and concatenate them at the end.",
        ),
        Mistake(
            _wrong_cache(kept=slice(1)),
            "Only the first batch is returned: is the `return` inside the loop?",
        ),
        Mistake(
            _wrong_cache(kept=slice(1, None)),
            "The first batch is missing: begin at 0.",
        ),
        Mistake(
            _wrong_cache(cut=lambda x, *_: x),
            "In each round all inputs were run again. Cut the batch out of x, and hand that to the lowest layer.",
        ),
        Mistake(
            _wrong_cache(rest=False),
            "The last examples are missing: the last batch may be smaller than the others.",
        ),
        Mistake(
            _wrong_cache(cut=lambda x, start, size: _batch(x, start, size + 1)),
            "The batches overlap: x[a:b] ends before b, so x[start : start + batch_size] has all of a batch already.",
        ),
        Mistake(
            _wrong_cache(cut=lambda x, start, size: _batch(x, start, size - 1)),
            "Each batch lacks its last example: x[a:b] ends before b, so b is start + batch_size.",
        ),
        Mistake(
            _wrong_cache(layers_used=slice(1)),
            "Only the lowest layer was run. Each takes what the one before gave.",
        ),
        Mistake(
            _wrong_cache(layers_used=slice(1, None)),
            "The lowest layer wasn't run.",
        ),
        Mistake(
            _wrong_cache(layers_used=slice(None, -1)),
            "The last layer wasn't run.",
        ),
        Mistake(
            _wrong_cache(layers_used=slice(None, None, -1)),
            "The layers were run from the top down. The list begins with the lowest.",
        ),
        Mistake(
            _wrong_cache(chain=False),
            "Each layer was given the batch itself, so what the lower ones made of it is lost. Hand each what the one "
            "before gave.",
        ),
        Mistake(
            _wrong_cache(join=lambda parts: np.concatenate(parts, axis=-1)),
            "The batches are joined side by side. They belong one below the other, along the first axis.",
        ),
        Mistake(
            _wrong_cache(join=np.array),
            "The batches are made an array with an axis more, which works only if all have the same size. They belong "
            "one below the other: np.concatenate.",
        ),
        Mistake(
            _refuse_all,
            "All layers end in a ValueError. If you refuse them: what gives the same in training and in use is fine, "
            "also a frozen batch norm. If Keras does: layers may be plain functions, which can only be called.",
        ),
    ),
    hints=(
        "A loop over batches, and within it a loop over the layers; at the end all parts behind one another.",
        "batch = x[start : start + batch_size]; for each layer: batch = layer(batch); collect, then concatenate.",
        "refuse_changing(layers, x[:32]); parts = []; for start in range(0, len(x), batch_size): … "
        "parts.append(np.asarray(batch)); return np.concatenate(parts).",
    ),
)
