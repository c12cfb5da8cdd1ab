"""Exercise of notebook 07: weights from a framework that keeps its axes in another order."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.exercises.nb07_transfer.layouts import (
    check_first,
    check_found_only,
    check_missing_only,
    check_shapes_only,
    check_without_names,
    one_by_one,
    rows_in_our_order,
    skip_misfits,
    translated,
    wrong_import,
)
from course_lib.transfer import import_weights


def _import_cases(rng):
    def arrays(**shapes):
        return {name.replace("__", "."): rng.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()}

    yield {"fc/kernel": (2, 3)}, {"fc.weight": np.float32([[1, 2], [3, 4], [5, 6]])}, {}
    yield {"fc/kernel": (2, 3), "fc/bias": (3,)}, arrays(fc__weight=(3, 2), fc__bias=(3,)), {}
    yield {"fc/kernel": (4, 4), "fc/bias": (4,)}, arrays(fc__bias=(4,), fc__weight=(4, 4)), {}
    yield {"conv/kernel": (3, 3, 2, 4), "conv/bias": (4,)}, arrays(conv__weight=(4, 2, 3, 3), conv__bias=(4,)), {}
    yield {"conv/kernel": (3, 5, 2, 4)}, arrays(conv__weight=(4, 2, 3, 5)), {}
    yield {"conv/kernel": (2, 2, 2, 2)}, arrays(conv__weight=(2, 2, 2, 2)), {}
    shapes = {"conv/kernel": (5, 5, 1, 3), "head/kernel": (24, 40), "out/kernel": (40, 5)}
    theirs = {"head__weight": (40, 24), "conv__weight": (3, 1, 5, 5), "out__weight": (5, 40)}
    yield shapes, arrays(**theirs), {"flattened": {"head": (4, 3, 2)}}
    yield {"head/kernel": (8, 8)}, arrays(head__weight=(8, 8)), {"flattened": {"head": (2, 2, 2)}}
    yield {"fc/kernel": (2, 3), "fc/bias": (3,)}, arrays(fc__weight=(3, 2)), {}
    yield {"fc/kernel": (2, 3), "last/kernel": (3, 2)}, arrays(fc__weight=(3, 2), last__weight=(3, 3)), {}
    yield {"fc/kernel": (2, 3)}, arrays(fc__weight=(3, 2), extra__bias=(3,)), {}
    yield {"fc/kernel": (2, 3), "last/kernel": (3, 2)}, arrays(last__weight=(3, 3), extra__bias=(3,)), {}


def _imported(answer, case):
    """Return the variables after the import; where it is refused, nothing may have changed and all be named."""
    import tensorflow as tf

    shapes, arrays, options = case
    variables = {name: tf.Variable(tf.zeros(shape)) for name, shape in shapes.items()}
    kept = dict(variables)
    try:
        answer(variables, arrays, **options)
    except ValueError as error:
        misfits = _misfits(case)
        if any(v.numpy().any() for v in kept.values()):
            raise Unusable("it refused after some variables had been overwritten: check all of them first") from None
        if lost := [layer for layer in misfits if layer not in str(error)]:
            raise Unusable(f"it refused, and its error doesn't name {' and '.join(lost)}, which doesn't fit") from None
        if misfits:
            raise ValueError("refused, as it should be") from None
        layers = dict.fromkeys(name.split("/")[0] for name in shapes)
        if named := [layer for layer in layers if f"{layer}/" in str(error) or f"{layer}." in str(error)]:
            what = " and ".join(named)
            raise Unusable(f"it refuses {what}, which fits once it has our name and our layout") from None
        raise
    if any(variables.get(name) is not v for name, v in kept.items()):
        raise Unusable("it put something else in the variables' place: the model keeps the old ones, so assign to them")
    if not any(v.numpy().any() for v in kept.values()):
        raise Unusable("nothing was assigned: every variable is as it was")
    return tuple(v.numpy() for v in kept.values())


def _misfits(case):
    """Return the layers of what is missing, unexpected or of another shape in a case."""
    shapes, arrays, options = case
    found = {name: array.shape for name, array in translated(arrays, **options).items()}
    names = [name for name in {**shapes, **found} if shapes.get(name) != found.get(name)]
    return list(dict.fromkeys(name.split("/")[0] for name in names))


IMPORT_WEIGHTS = Exercise(
    name="import_weights",
    reference=import_weights,
    cases=_import_cases,
    points=3,
    call=_imported,
    inputs=("model", "arrays"),
    refuses=True,
    mistakes=(
        Mistake(
            wrong_import(dense=lambda w: w),
            "Dense kernels were taken as they are. They are (outputs, inputs) there and (inputs, outputs) here: "
            "transpose them.",
        ),
        Mistake(
            wrong_import(dense=lambda w: w if w.shape[0] == w.shape[1] else w.T),
            "Square dense kernels were taken as they are. Their shape fits either way, their meaning doesn't: "
            "transpose every dense kernel.",
        ),
        Mistake(
            wrong_import(dense=lambda w: w.reshape(w.shape[::-1])),
            "Dense kernels were reshaped. That puts the numbers into other places: transpose them.",
        ),
        Mistake(
            wrong_import(filters=lambda w: w),
            "Filters were taken as they are. (outputs, channels, height, width) becomes (height, width, channels, "
            "outputs).",
        ),
        Mistake(
            wrong_import(filters=lambda w: w.T),
            "All axes of the filters were turned round, height and width as well. (outputs, channels, height, width) "
            "becomes (height, width, channels, outputs): transpose(2, 3, 1, 0).",
        ),
        Mistake(
            wrong_import(filters=lambda w: w.transpose(2, 3, 0, 1)),
            "Channels and outputs of the filters are exchanged. (outputs, channels, height, width) becomes (height, "
            "width, channels, outputs): transpose(2, 3, 1, 0).",
        ),
        Mistake(
            wrong_import(filters=lambda w: w.transpose(1, 2, 3, 0)),
            "The filters' channels still come before height and width: (outputs, channels, height, width) becomes "
            "(height, width, channels, outputs).",
        ),
        Mistake(
            wrong_import(filters=lambda w: w.reshape([w.shape[axis] for axis in (2, 3, 1, 0)])),
            "Filters were reshaped. That gives the right shape and puts the numbers into other places: transpose them.",
        ),
        Mistake(
            wrong_import(filters=lambda w: w.transpose(2, 3, 1, 0)[::-1, ::-1]),
            "The filters' windows are turned over. Both frameworks slide them over the image the same way, so they "
            "stay as they are: only the axes change their places.",
        ),
        Mistake(
            wrong_import(rows=lambda w, *sizes: w),
            "The rows of a kernel behind a flattened image are still in the other order: channel by channel. Reshape "
            "to (channels, height, width, outputs), bring the channels behind the width, and flatten again.",
        ),
        Mistake(
            wrong_import(rows=lambda w, h, wide, c: w.reshape(h, wide, c, -1).transpose(2, 0, 1, 3).reshape(w.shape)),
            "The rows behind a flattened image were taken to be in our order already, and brought into the other one. "
            "They come channel by channel: reshape to (channels, height, width, outputs).",
        ),
        Mistake(
            wrong_import(rows=lambda w, h, wide, c: w.reshape(c, h, wide, -1).transpose(2, 1, 0, 3).reshape(w.shape)),
            "Behind a flattened image height and width are exchanged: bring the channels behind both, and leave the "
            "two in their order.",
        ),
        Mistake(
            wrong_import(rows=lambda w, h, wide, c: w.reshape(c, wide, h, -1).transpose(2, 1, 0, 3).reshape(w.shape)),
            "Behind a flattened image each channel is read column by column: there its pixels come row by row, "
            "(channels, height, width, outputs).",
        ),
        Mistake(
            wrong_import(rows=lambda w, first, second, third: rows_in_our_order(w, second, third, first)),
            "Behind a flattened image the sizes are taken in another order: they come as (height, width, channels).",
        ),
        Mistake(
            one_by_one,
            "Where something didn't fit, part of the variables had already been overwritten. Check everything first.",
        ),
        Mistake(
            wrong_import(check=None),
            "Nothing was compared before assigning. A name too many is a KeyError then, one too few isn't noticed, and "
            "a wrong shape only when others have been overwritten: compare all names and shapes first.",
        ),
        Mistake(
            wrong_import(check=check_missing_only),
            "An array that no variable waits for was ignored: it is a sign that this isn't the right file. Refuse it.",
        ),
        Mistake(
            wrong_import(check=check_found_only),
            "A variable for which there is no array was left as it was, as if all were well. Refuse that.",
        ),
        Mistake(
            wrong_import(check=check_shapes_only),
            "Only what is on both sides was compared. Refuse an array that no variable waits for, too, and a variable "
            "for which there is no array.",
        ),
        Mistake(
            wrong_import(check=skip_misfits),
            "What doesn't fit was skipped without a word, and the model is half of one kind and half of another. "
            "Refuse the whole with a ValueError.",
        ),
        Mistake(
            wrong_import(check=check_without_names),
            "It refuses what doesn't fit, but its error doesn't say what that is. Name all of it, so that whoever "
            "reads it knows what to mend.",
        ),
        Mistake(
            wrong_import(check=check_first),
            "The error names the first thing that doesn't fit. Collect all of them, so that nobody has to try again "
            "and again, and name them in one error.",
        ),
        Mistake(
            wrong_import(kernel="weight"),
            'It refuses every file with a kernel in it. Are all names turned into ours: "conv.weight" into '
            '"conv/kernel", "conv.bias" into "conv/bias"?',
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
