"""What a trained model leaves to others: outputs computed once, weights copied, brought from elsewhere, compressed."""

import inspect

import numpy as np

from course_lib.contracts import refuse_misfits
from course_lib.transfer.naming import matching, named_variables


def cached_outputs(layers, x, batch_size=256):
    """Run inputs through layers once, batch by batch, as they run in use.

    Parameters
    ----------
    layers : list of Keras layers, models or functions
        From the lowest up. Of a functional model:
        ``[keras.Model(model.inputs, model.get_layer(name).output)]``.
    x : array (n, ...)
    batch_size : int

    Returns
    -------
    array (n, ...)

    Raises
    ------
    ValueError
        If a layer does something else in training than in use: see `refuse_changing`.
    """
    refuse_changing(layers, x[:32])
    parts = []
    for start in range(0, max(len(x), 1), batch_size):
        batch = x[start : start + batch_size]
        for layer in layers:
            batch = layer(batch)
        parts.append(np.asarray(batch))
    return np.concatenate(parts)


def refuse_changing(layers, x):
    """Raise a ValueError if one of the layers gives other outputs in training than in use, or others at each call.

    Dropout, augmentation and a batch norm that isn't frozen do. Each layer is tried on a few inputs; its statistics
    and generators are put back.
    """
    for layer in layers:
        kept = [(v, v.numpy()) for v in getattr(layer, "variables", ()) if not v.trainable]
        outputs = _run(layer, x, training=False)
        other = _run(layer, x, training=True)
        for v, value in kept:
            v.assign(value)
        gap = np.max(np.abs(outputs - other), initial=0)
        if not gap <= 1e-5 * max(1, np.max(np.abs(outputs), initial=0)):
            name = getattr(layer, "name", getattr(layer, "__name__", "function"))
            raise ValueError(f"cached_outputs: {name!r} gives other outputs in training than in use, up to {gap:.2g} "
                             "apart, which a cache can't. Cut below it, leave it out, or freeze it if it is a batch "
                             "norm")
        x = outputs


def _run(layer, x, training):
    takes = "training" in inspect.signature(getattr(layer, "call", layer)).parameters
    return np.asarray(layer(x, training=training) if takes else layer(x))


def copy_layers(source, target, patterns="*"):
    """Copy the weights of layers that bear the same names in two models, and return the names of what was copied.

    Parameters
    ----------
    source, target : Keras models that have their weights, or lists of tf.Variable
    patterns : str, or list of str
        Of the source's names, see `matching`.

    Raises
    ------
    ValueError
        If a pattern matches nothing, or the target lacks a variable or has it in another shape: names all of them.
        Then nothing is copied.
    """
    found, wanted = named_variables(source), named_variables(target)
    chosen = matching(found, patterns)
    refuse_misfits("copy_layers", {name: found[name] for name in chosen},
                   {name: wanted[name] for name in chosen if name in wanted})
    for name in chosen:
        wanted[name].assign(found[name])
    return chosen


def import_weights(model, arrays, flattened=None):
    """Put arrays from a framework that keeps channels first, as PyTorch, into a model.

    "conv.weight" goes to "conv/kernel", "conv.bias" to "conv/bias". Dense kernels are
    (outputs, inputs) there and (inputs, outputs) here; filters are (outputs, channels,
    height, width) there and (height, width, channels, outputs) here.

    Parameters
    ----------
    model : Keras model that has its weights, list of tf.Variable, or dict
        From names to variables, if a dict.
    arrays : dict of names to arrays
        Such as ``np.load`` of an .npz.
    flattened : dict of layer names to (height, width, channels), optional
        Dense layers whose inputs are a flattened image: there all pixels of the first
        channel come first.

    Raises
    ------
    ValueError
        Names every array that is missing, unexpected or of another shape. Then nothing
        is changed.
    """
    variables = model if isinstance(model, dict) else named_variables(model)
    found, flattened = {}, dict(flattened or {})
    for name, array in arrays.items():
        layer, _, kind = name.rpartition(".")
        if array.ndim == 4:
            array = array.transpose(2, 3, 1, 0)
        elif array.ndim == 2:
            array = array.T
        if array.ndim == 2 and (sizes := flattened.pop(layer, None)):
            if np.prod(sizes) != len(array):
                raise ValueError(
                    f"import_weights: flattened says {layer}: {sizes}, "
                    f"wanted {len(array)} numbers in all"
                )
            height, width, channels = sizes
            images = array.reshape(channels, height, width, -1)
            array = images.transpose(1, 2, 0, 3).reshape(array.shape)
        found[f"{layer}/{'kernel' if kind == 'weight' else kind}"] = array
    if flattened:
        raise ValueError(
            f"import_weights: flattened names {', '.join(flattened)}, "
            "wanted layers with a dense kernel"
        )
    refuse_misfits("import_weights", found, variables)
    for name, variable in variables.items():
        variable.assign(found[name])


def low_rank(w, rank):
    """Return the matrix of a lower rank that is nearest to a kernel.

    Parameters
    ----------
    w : array (fan_in, fan_out), or (height, width, channels, filters)
        Filters are taken as a matrix with one column for each.
    rank : int
        From 1 to the smaller side of the matrix.

    Returns
    -------
    array of w's shape and dtype

    Raises
    ------
    ValueError
        If w has fewer than two axes, or rank isn't in that range.

    Formula
    -------
    w = Σ s_i u_i v_iᵀ with s_1 ≥ s_2 ≥ …, of which the first `rank` terms are kept;
    filters are first made a matrix of their last axis.

    Notes
    -----
    Eckart and Young, 1936.
    """
    matrix = np.zeros((0, 0))
    if np.ndim(w) > 1:
        matrix = np.asarray(w).reshape(-1, np.shape(w)[-1])
    if not 1 <= rank <= min(matrix.shape):
        raise ValueError(
            f"low_rank: rank is {rank} for w of shape {np.shape(w)}, "
            "wanted 1 to the smaller side of a matrix"
        )
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    return ((u[:, :rank] * s[:rank]) @ vt[:rank]).reshape(np.shape(w)).astype(w.dtype)
