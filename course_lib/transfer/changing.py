"""What may change when a trained model is trained further, and proof that nothing else did."""

from contextlib import contextmanager

from course_lib.transfer.naming import matching, named_variables


class _Late:
    """TensorFlow, imported when something of it is first asked for."""

    def __getattr__(self, name):
        import tensorflow

        return getattr(tensorflow, name)


tf = _Late()


def freeze(model, patterns):
    """Freeze the layers that a pattern matches, and return the variables that are left to train.

    A frozen batch norm uses the moving statistics that it has, and leaves them alone.

    Parameters
    ----------
    model : Keras model that has its weights, or list of tf.Variable
        Variables without layers carry no mark: hand what is returned to `train_step`.
    patterns : str, or list of str
        See `matching`.

    Returns
    -------
    list of variables

    Raises
    ------
    ValueError
        If a pattern matches nothing. Then nothing is frozen.
    """
    return _mark(model, patterns, trainable=False)


def thaw(model, patterns="*"):
    """Undo `freeze` for the layers that a pattern matches, and return all that is trained now."""
    return _mark(model, patterns, trainable=True)


def _mark(model, patterns, trainable):
    known = named_variables(model)
    if isinstance(model, list | tuple):
        hit = matching(known, patterns)
        return [v for name, v in known.items() if (name in hit) == trainable]
    layers = _layers(model)
    hit = matching([layer.name for layer in layers], patterns)
    for layer in layers:
        if layer.name in hit:
            layer.trainable = trainable
    return model.trainable_variables


def _layers(model):
    """Return all layers of a Keras model, those inside others too, but for its inputs; of anything else none."""
    found = model._flatten_layers(include_self=False) if hasattr(model, "_flatten_layers") else []
    return [layer for layer in found if type(layer).__name__ != "InputLayer"]


def train_step(model, loss, x, y, optimizer, variables):
    """Take one step of gradient descent that changes the given variables alone.

    The gradient is computed down to the lowest of them; what lies below is only run
    forwards.

    Parameters
    ----------
    model : function (x, training) -> outputs
        A Keras model, whose own penalties (``model.losses``) are added to the loss, or
        any function.
    loss : function (y, outputs) -> scalar tensor
    x, y : tensors
    optimizer : object with a method apply(grads, variables)
        One of Keras's.
    variables : list of variables
        A layer that keeps statistics, such as batch norm, renews them if they are among
        these, else it uses those that it has: ``model.weights`` trains all. The random
        generators of dropout go on.

    Returns
    -------
    scalar tensor
        The loss before the step.

    Raises
    ------
    ValueError
        If no variables are given, or the loss doesn't depend on one of them. Then
        nothing is changed.
    """
    trained = [v for v in variables if v.trainable]
    if not trained:
        raise ValueError(
            "train_step: variables has none that can be trained: was everything frozen?"
        )
    with (
        statistics_kept(model, variables),
        tf.GradientTape(watch_accessed_variables=False) as tape,
    ):
        for v in trained:
            tape.watch(v if isinstance(v, tf.Variable) else v.value)
        penalties = getattr(model, "losses", [])
        total = tf.add_n([loss(y, model(x, training=True)), *penalties])
    grads = tape.gradient(total, trained)
    if lost := [v.name for v, grad in zip(trained, grads, strict=True) if grad is None]:
        raise ValueError(
            f"train_step: the loss doesn't depend on {', '.join(lost)}, "
            "wanted variables that it uses"
        )
    optimizer.apply(grads, trained)
    return total


@contextmanager
def statistics_kept(model, variables=()):
    """Within it, layers of a Keras model behave as frozen if they keep statistics that aren't among the variables."""
    given = {id(v) for v in variables}
    keeping = [layer for layer in _layers(model) if layer.trainable and not _layers(layer)
               and any(id(v) not in given for v in layer.weights if not v.trainable)]
    for layer in keeping:
        layer.trainable = False
    try:
        yield
    finally:
        for layer in keeping:
            layer.trainable = True


@contextmanager
def assert_only_changed(model, patterns):
    """Raise an AssertionError at the end of a block if anything changed that no pattern matches.

    Parameters
    ----------
    model : Keras model that has its weights, or list of tf.Variable
    patterns : str, or list of str
        See `matching`; an empty list for nothing at all.

    Raises
    ------
    ValueError
        At once, if a pattern matches nothing.
    AssertionError
        Names what changed: moving statistics of a layer that only seems frozen are the usual surprise.
    """
    known = named_variables(model)
    allowed = matching(known, patterns)
    before = {name: v.numpy().tobytes() for name, v in known.items() if name not in allowed}
    yield
    if changed := [name for name, bits in before.items() if known[name].numpy().tobytes() != bits]:
        raise AssertionError(f"changed, though only {', '.join(allowed) or 'nothing'} may: {', '.join(changed)}")


def bias_variables(model):
    """Return the trainable variables that are added, never multiplied.

    They are biases, and the beta of batch norm.

    Parameters
    ----------
    model : Keras model that has its weights, or list of tf.Variable
        In a list they are told by their names: b, bias or beta, with a number or
        without.

    Raises
    ------
    ValueError
        If there are none.

    Notes
    -----
    Ben Zaken et al., *BitFit*, 2022.
    """
    known = named_variables(model)
    found = []
    for name, v in known.items():
        kind = name.split("/")[-1].rstrip("_0123456789").split("_")[-1]
        if v.trainable and kind in ("b", "bias", "beta"):
            found.append(v)
    if not found:
        raise ValueError(f"the model has no biases to train; it has {', '.join(known)}")
    return found
