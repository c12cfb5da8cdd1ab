"""Exercise of notebook 07: weights from a framework that keeps its axes in another order."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.transfer import import_weights


def _import_cases(rng):
    def arrays(**shapes):
        return {name.replace("__", "."): rng.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()}

    yield {"fc/kernel": (2, 3), "fc/bias": (3,)}, arrays(fc__weight=(3, 2), fc__bias=(3,)), {}
    yield {"fc/kernel": (4, 4), "fc/bias": (4,)}, arrays(fc__weight=(4, 4), fc__bias=(4,)), {}
    yield {"conv/kernel": (3, 3, 2, 4), "conv/bias": (4,)}, arrays(conv__weight=(4, 2, 3, 3), conv__bias=(4,)), {}
    yield {"conv/kernel": (2, 2, 2, 2)}, arrays(conv__weight=(2, 2, 2, 2)), {}
    shapes = {"conv/kernel": (5, 5, 1, 3), "head/kernel": (36, 40)}
    yield shapes, arrays(head__weight=(40, 36), conv__weight=(3, 1, 5, 5)), {"head": (4, 3, 3)}
    yield {"fc/kernel": (2, 3), "fc/bias": (3,)}, arrays(fc__weight=(3, 2)), {}
    yield {"fc/kernel": (2, 3), "out/kernel": (3, 2)}, arrays(fc__weight=(3, 2), out__weight=(3, 3)), {}
    yield {"fc/kernel": (2, 3)}, arrays(fc__weight=(3, 2), extra__bias=(3,)), {}


def _imported(answer, case):
    """Return the variables after the import, and whether it was refused."""
    import tensorflow as tf

    shapes, arrays, flattened = case
    variables = {name: tf.Variable(tf.zeros(shape)) for name, shape in shapes.items()}
    refused = False
    try:
        answer(variables, arrays, flattened)
    except ValueError:
        refused = True
    return (np.float32(refused), *(v.numpy() for v in variables.values()))


def _wrong_import(dense=lambda w: w.T, filters=lambda w: w.transpose(2, 3, 1, 0), rows=None, checked=True, strict=True):
    """Return a wrong import: of another layout, half done where something is wrong, or blind for what is too much."""

    def answer(variables, arrays, flattened=None):
        found = {}
        for name, array in arrays.items():
            layer, kind = name.split(".")
            array = {4: filters, 2: dense}.get(array.ndim, lambda w: w)(array)
            if layer in (flattened or {}) and array.ndim == 2:
                height, width, channels = flattened[layer]
                array = (rows or _rows)(array, height, width, channels)
            found[f"{layer}/{'kernel' if kind == 'weight' else kind}"] = array
        fits = {name: name in found and found[name].shape == tuple(v.shape) for name, v in variables.items()}
        good = all(fits.values()) and (not strict or set(found) == set(variables))
        if checked and not good:
            raise ValueError("something doesn't fit")
        for name, variable in variables.items():
            if fits[name]:
                variable.assign(found[name])
        if not good:
            raise ValueError("something doesn't fit")

    return answer


def _rows(w, height, width, channels):
    return w.reshape(channels, height, width, -1).transpose(1, 2, 0, 3).reshape(w.shape)


IMPORT_WEIGHTS = Exercise(
    name="import_weights",
    reference=import_weights,
    cases=_import_cases,
    points=3,
    call=_imported,
    mistakes=(
        Mistake(
            _wrong_import(dense=lambda w: w if w.shape[0] == w.shape[1] else w.T),
            "Square dense kernels were taken as they are. Their shape fits either way, their meaning doesn't: "
            "transpose every dense kernel.",
        ),
        Mistake(
            _wrong_import(filters=lambda w: w.T),
            "All axes of the filters were turned round, height and width as well. (outputs, channels, height, width) "
            "becomes (height, width, channels, outputs): transpose(2, 3, 1, 0).",
        ),
        Mistake(
            _wrong_import(filters=lambda w: w.transpose(2, 3, 0, 1)),
            "Channels and outputs of the filters are exchanged. (outputs, channels, height, width) becomes (height, "
            "width, channels, outputs): transpose(2, 3, 1, 0).",
        ),
        Mistake(
            _wrong_import(rows=lambda w, *sizes: w),
            "The rows of a kernel behind a flattened image are still in the other order: channel by channel. Reshape "
            "to (channels, height, width, outputs), bring the channels behind the width, and flatten again.",
        ),
        Mistake(
            _wrong_import(rows=lambda w, h, wide, c: w.reshape(h, wide, c, -1).transpose(2, 0, 1, 3).reshape(w.shape)),
            "The rows behind a flattened image were taken to be in our order already, and brought into the other one. "
            "They come channel by channel: reshape to (channels, height, width, outputs).",
        ),
        Mistake(
            _wrong_import(checked=False),
            "Where something didn't fit, part of the variables had already been overwritten. Check everything first.",
        ),
        Mistake(
            _wrong_import(strict=False),
            "An array that no variable waits for was ignored: it is a sign that this isn't the right file. Refuse it.",
        ),
    ),
    hints=(
        "Bring every array into our layout under our name, compare all names and shapes, and only then assign.",
        'Dense: array.T. Filters: array.transpose(2, 3, 1, 0). "conv.weight" is called "conv/kernel" here. For '
        "flattened: (channels, height, width, outputs) to (height, width, channels, outputs).",
        'found[f"{layer}/kernel"] = …; refuse_misfits("import_weights", found, variables); for name, v in '
        "variables.items(): v.assign(found[name]).",
    ),
)
