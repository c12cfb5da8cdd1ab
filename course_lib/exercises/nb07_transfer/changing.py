"""Exercises of notebook 07: a step that changes chosen variables alone, and the choice of all biases."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.transfer import bias_variables, train_step

NAMES = ("w1", "b1", "w2", "b2")


def _step_cases(rng):
    for (batch, inputs, hidden, classes), chosen in (
        ((4, 3, 5, 3), ("w2", "b2")),
        ((6, 4, 3, 2), ("w1",)),
        ((1, 2, 2, 2), ("b1", "b2")),
        ((20, 30, 40, 10), NAMES),
        ((8, 5, 6, 3), ("b2",)),
    ):
        shapes = ((inputs, hidden), (hidden,), (hidden, classes), (classes,))
        arrays = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
        x = rng.standard_normal((batch, inputs)).astype(np.float32)
        yield arrays, x, rng.integers(0, classes, batch), chosen


def _stepped(answer, case):
    """Take one step with a network that does something else in training, and return the loss and all variables."""
    import keras
    import tensorflow as tf

    arrays, x, y, chosen = case
    known = {name: tf.Variable(array, name=name) for name, array in zip(NAMES, arrays, strict=True)}

    def model(x, training=False):
        hidden = tf.nn.relu(x @ known["w1"] + known["b1"])
        return (2 * hidden if training else hidden) @ known["w2"] + known["b2"]

    def loss(y, outputs):
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, outputs))

    variables = [known[name] for name in chosen]
    value = answer(model, loss, tf.constant(x), tf.constant(y), keras.optimizers.SGD(0.5), variables)
    if np.ndim(value) or not np.issubdtype(np.asarray(value).dtype, np.floating):
        raise Unusable(f"it returned a {type(value).__name__}, wanted the loss, a single number")
    return (np.float32(value), *(v.numpy() for v in known.values()))


def _wrong_step(training=True, everything=False, twice=False, after=False, some=None):
    """Return a wrong step: of the model in use, of all variables, taken twice, or of some of those that were given."""

    def answer(model, loss, x, y, optimizer, variables):
        import tensorflow as tf

        for _ in range(1 + twice):
            with tf.GradientTape() as tape:
                value = loss(y, model(x, training=training))
            chosen = list(tape.watched_variables()) if everything else list(variables)[:some]
            optimizer.apply(tape.gradient(value, chosen), chosen)
        return loss(y, model(x, training=training)) if after else value

    return answer


def _uphill(model, loss, x, y, optimizer, variables):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        value = loss(y, model(x, training=True))
    optimizer.apply([-grad for grad in tape.gradient(value, variables)], variables)
    return value


TRAIN_STEP = Exercise(
    name="train_step",
    reference=train_step,
    cases=_step_cases,
    points=3,
    call=_stepped,
    mistakes=(
        Mistake(
            _wrong_step(everything=True),
            "All variables that the model has moved, not only the given ones. Ask the tape for the gradients of "
            "`variables`, and hand just those to the optimizer.",
        ),
        Mistake(
            _wrong_step(training=False),
            "The model ran as in use. In training it may do something else (dropout does): call it with training=True.",
        ),
        Mistake(
            _wrong_step(after=True),
            "The loss that is returned is that after the step. Return the one whose gradient was used: a second run "
            "of the model costs as much as the first.",
        ),
        Mistake(
            _wrong_step(twice=True),
            "Two steps were taken. One gradient, one call of optimizer.apply.",
        ),
        Mistake(
            _wrong_step(some=1),
            "Only the first of the variables has moved. Hand the optimizer all gradients with all variables.",
        ),
        Mistake(
            _uphill,
            "The variables moved uphill: the optimizer subtracts the gradient by itself, so hand it over as it is.",
        ),
    ),
    hints=(
        "Three things: run the model and its loss under a tape, ask the tape for some gradients, hand them to the "
        "optimizer with their variables.",
        "loss = loss(y, model(x)) under the tape; grads = tape.gradient(loss, variables); optimizer.apply(grads, "
        "variables).",
        "with tf.GradientTape() as tape: total = loss(y, model(x, training=True)). Then grads = tape.gradient(total, "
        "variables); optimizer.apply(grads, variables); return total.",
    ),
)


def _model_cases(rng):
    yield ("dense", "dense"), ()
    yield ("dense", "norm", "dense"), ()
    yield ("norm", "dense", "norm"), (1,)
    yield ("dense", "dense without", "dense"), (2,)
    yield ("dense", "dropout", "norm", "dense", "dense"), (0, 2)


def _chosen(answer, case):
    """Return the places of the variables that an answer chooses, among all weights of a model."""
    import keras

    kinds, frozen = case
    make = {
        "dense": lambda: keras.layers.Dense(3),
        "dense without": lambda: keras.layers.Dense(3, use_bias=False),
        "norm": keras.layers.BatchNormalization,
        "dropout": lambda: keras.layers.Dropout(0.5),
    }
    model = keras.Sequential([keras.Input((3,)), *(make[kind]() for kind in kinds)])
    for i in frozen:
        model.layers[i].trainable = False
    result = answer(model)
    if not isinstance(result, list | tuple):
        raise Unusable(f"it returned a {type(result).__name__}, wanted a list of variables")
    places = {id(v): i for i, v in enumerate(model.weights)}
    if unknown := [v for v in result if id(v) not in places]:
        raise Unusable(f"its list holds a {type(unknown[0]).__name__}, wanted variables of the model")
    return np.array([places[id(v)] for v in result], np.int64)


def _alike(got, wanted):
    found, right = sorted(got[0].ravel().tolist()), wanted[0].tolist()
    return None if found == right else f"it chose the variables {found} of the model's weights, wanted {right}"


def _by_name(*names, trainable=True):
    def answer(model):
        return [v for v in model.weights if v.name in names and (v.trainable or not trainable)]

    return answer


BIAS_VARIABLES = Exercise(
    name="bias_variables",
    reference=bias_variables,
    cases=_model_cases,
    points=1,
    call=_chosen,
    compare=_alike,
    mistakes=(
        Mistake(
            lambda model: list(model.trainable_variables),
            "These are all variables that are trained, kernels too.",
        ),
        Mistake(
            lambda model: [v for v in model.trainable_variables if len(v.shape) == 1],
            "A vector isn't always a bias: batch norm's gamma multiplies. Choose by name: bias and beta.",
        ),
        Mistake(
            _by_name("bias"),
            "Batch norm's bias is missing: it is called beta.",
        ),
        Mistake(
            _by_name("bias", "beta", trainable=False),
            "Biases of frozen layers are among them: look at v.trainable.",
        ),
        Mistake(
            lambda model: [v for v in model.weights if v.name not in ("kernel", "gamma") and len(v.shape) == 1],
            "Moving mean and variance are among them. They are estimated, not trained.",
        ),
        Mistake(
            _by_name("kernel"),
            "These are the kernels, which are to stay as they are.",
        ),
    ),
    hints=(
        "Go through the model's variables, and keep those that are added and never multiplied.",
        'Of model.trainable_variables those whose name is "bias" or "beta".',
        'return [v for v in model.trainable_variables if v.name in (…)]',
    ),
)
