"""Weights from a framework of another layout, brought into ours: rightly, and in the ways that go wrong."""

from course_lib.contracts import refuse_misfits


def translated(arrays, flattened=None, dense=lambda w: w.T, filters=lambda w: w.transpose(2, 3, 1, 0), rows=None,
               kernel="kernel"):
    """Return arrays under our names and in our layout, or in a wrong one."""
    found = {}
    for name, array in arrays.items():
        layer, kind = name.split(".")
        array = {4: filters, 2: dense}.get(array.ndim, lambda w: w)(array)
        if layer in (flattened or {}) and array.ndim == 2:
            array = (rows or rows_in_our_order)(array, *flattened[layer])
        found[f"{layer}/{kernel if kind == 'weight' else kind}"] = array
    return found


def rows_in_our_order(w, height, width, channels):
    """Return a dense kernel whose rows came channel by channel with the channels innermost."""
    return w.reshape(channels, height, width, -1).transpose(1, 2, 0, 3).reshape(w.shape)


def check_all(found, variables):
    """Refuse what is missing, unexpected or of another shape, and name all of it."""
    refuse_misfits("import_weights", found, variables)


def check_first(found, variables):
    """Refuse as `check_all`, and name the first alone."""
    for name in {**found, **variables}:
        check_all(_only(found, name), _only(variables, name))


def check_without_names(found, variables):
    """Refuse as `check_all`, and name nothing."""
    try:
        check_all(found, variables)
    except ValueError:
        raise ValueError("something doesn't fit") from None


def skip_misfits(found, variables):
    """Refuse nothing, and leave out what doesn't fit."""
    for name in [name for name in found if name not in variables or found[name].shape != tuple(variables[name].shape)]:
        del found[name]


def check_missing_only(found, variables):
    """Refuse as `check_all`, but overlook what is unexpected."""
    check_all({name: array for name, array in found.items() if name in variables}, variables)


def check_found_only(found, variables):
    """Refuse as `check_all`, but overlook what is missing."""
    check_all(found, {name: v for name, v in variables.items() if name in found})


def check_shapes_only(found, variables):
    """Refuse nothing but other shapes."""
    names = found.keys() & variables.keys()
    check_all({name: found[name] for name in names}, {name: variables[name] for name in names})


def _only(arrays, name):
    return {name: arrays[name]} if name in arrays else {}


def wrong_import(check=check_all, **layout):
    """Return a wrong import: of another layout, or otherwise checked."""

    def answer(variables, arrays, flattened=None):
        found = translated(arrays, flattened, **layout)
        if check:
            check(found, variables)
        for name, array in found.items():
            if check is None or name in variables:
                variables[name].assign(array)

    return answer


def one_by_one(variables, arrays, flattened=None):
    """Check each array just before it is assigned."""
    for name, array in translated(arrays, flattened).items():
        check_all({name: array}, _only(variables, name))
        variables[name].assign(array)
    if len(arrays) < len(variables):
        raise ValueError("missing")
