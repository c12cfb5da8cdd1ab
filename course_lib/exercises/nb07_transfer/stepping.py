"""Exercise of notebook 07: a step that changes chosen variables alone."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.transfer import train_step

NAMES = ("w1", "b1", "w2", "b2")


def _step_cases(rng):
    line = [np.float32([[2]]), np.float32([1]), np.float32([[0]]), np.float32([0])]
    yield line, np.float32([[3]]), np.float32([[5]]), ("b1",), {"lr": 0.1}
    yield line, np.float32([[3]]), np.float32([[5]]), ("w1", "b1"), {"lr": 0.1}
    for (batch, inputs, hidden, classes), chosen, options in (
        ((4, 3, 5, 3), ("w2", "b2"), {"lr": 0.5}),
        ((6, 4, 3, 2), ("w1",), {"lr": 0.5}),
        ((1, 2, 2, 2), ("b1", "b2"), {"lr": 0.5}),
        ((20, 30, 40, 10), NAMES, {"lr": 0.2}),
        ((8, 5, 6, 3), ("b2",), {"lr": 0.5}),
        ((8, 5, 6, 3), ("b2", "w1"), {"lr": 0.1, "rule": "Adam"}),
    ):
        shapes = ((inputs, hidden), (hidden,), (hidden, classes), (classes,))
        arrays = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
        x = rng.standard_normal((batch, inputs)).astype(np.float32)
        yield arrays, x, rng.integers(0, classes, batch), chosen, options


def _stepped(answer, case):
    """Take one step with a model that does something else in training, and return the loss and all variables.

    Where y has classes the model is a network; where it has numbers it is the line w1 · x + b1 of the worked example.
    """
    import keras
    import tensorflow as tf

    arrays, x, y, chosen, options = case
    known = {name: tf.Variable(array, name=name) for name, array in zip(NAMES, arrays, strict=True)}
    classes, targets = y.dtype.kind == "i", tf.constant(y)

    def model(x, training=False):
        hidden = x @ known["w1"] + known["b1"]
        return tf.nn.relu(2 * hidden if training else hidden) @ known["w2"] + known["b2"] if classes else hidden

    def loss(y, outputs):
        if outputs is targets:
            raise Unusable("it calls loss(outputs, y), wanted loss(y, outputs)")
        if not classes:
            return tf.reduce_mean((outputs - y) ** 2) / 2
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, outputs))

    optimizer = getattr(keras.optimizers, options.get("rule", "SGD"))(options["lr"])
    variables = [known[name] for name in chosen]
    value = answer(model, loss, tf.constant(x), targets, optimizer, variables)
    after = [v.numpy() for v in known.values()]
    steps, moved = int(optimizer.iterations), not all(map(np.array_equal, arrays, after))
    if steps == 0:
        what = "variables have moved without the optimizer" if moved else "nothing has moved"
        raise Unusable(f"{what}: optimizer.apply(gradients, variables) takes the step, and it wasn't called")
    if value is None:
        raise Unusable("it returned None, wanted the loss before the step: is there a `return` at the end?")
    if isinstance(value, tuple | list) or not tf.is_tensor(value):
        raise Unusable(
            f"it returned a {type(value).__name__}, wanted the loss as a tensor, just as loss(…) gave it: in a graph, "
            "which tf.function makes of the step, it isn't a number yet"
        )
    if np.ndim(value):
        raise Unusable(f"it returned a tensor of shape {tuple(value.shape)}, wanted the loss, a single number")
    return (value.numpy(), *after)


def _wrong_step(training=True, everything=False, steps=1, after=None, some=slice(None), outside=False,
                change=lambda grads: grads):
    """Return a wrong step: of another run of the model, of other variables, taken twice, or by other gradients.

    after : how the model runs once more for the loss that is returned
    """

    def answer(model, loss, x, y, optimizer, variables):
        import tensorflow as tf

        for _ in range(steps):
            early = model(x, training=training) if outside else None
            with tf.GradientTape() as tape:
                value = loss(y, early if outside else model(x, training=training))
            chosen = list(tape.watched_variables()) if everything else list(variables)[some]
            optimizer.apply(change(tape.gradient(value, chosen)), chosen)
        return value if after is None else loss(y, model(x, training=after))

    return answer


def _clipped(by):
    def change(grads):
        import tensorflow as tf

        return {
            "norm of all": lambda: tf.clip_by_global_norm(grads, 1.0)[0],
            "norm": lambda: [tf.clip_by_norm(grad, 1.0) for grad in grads],
            "value": lambda: [tf.clip_by_value(grad, -1.0, 1.0) for grad in grads],
        }[by]()

    return _wrong_step(change=change)


TRAIN_STEP = Exercise(
    name="train_step",
    reference=train_step,
    cases=_step_cases,
    points=3,
    call=_stepped,
    inputs=("weights", "x", "y", "variables"),
    parts=("the loss", *NAMES),
    mistakes=(
        Mistake(
            _wrong_step(everything=True),
            "All variables that the model uses were trained, not only the given ones. Ask the tape for the gradients "
            "of `variables`, and hand just those to the optimizer.",
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
            _wrong_step(after=False),
            "The loss that is returned is that of another run, after the step and as in use. Return the one whose "
            "gradient was used.",
        ),
        Mistake(
            _wrong_step(outside=True),
            "If Keras says that no gradients were provided: the tape has seen nothing that leads from the variables to "
            "the loss. Both the model and the loss must run inside the `with` block.",
        ),
        Mistake(
            _wrong_step(steps=2),
            "Two steps were taken. One gradient, one call of optimizer.apply.",
        ),
        Mistake(
            _wrong_step(some=slice(1)),
            "Only the first of the variables has moved. Hand the optimizer all gradients with all variables.",
        ),
        Mistake(
            _wrong_step(some=slice(-1, None)),
            "Only the last of the variables has moved. Hand the optimizer all gradients with all variables.",
        ),
        Mistake(
            _wrong_step(change=lambda grads: [-grad for grad in grads]),
            "The variables moved uphill: the optimizer subtracts the gradient by itself, so hand it over as it is.",
        ),
        Mistake(
            _clipped("norm of all"),
            "The gradients were changed on their way: clipped, so that all together have a norm of at most 1. Hand "
            "them to the optimizer as the tape gives them.",
        ),
        Mistake(
            _clipped("norm"),
            "The gradients were changed on their way: clipped, so that each has a norm of at most 1. Hand them to the "
            "optimizer as the tape gives them.",
        ),
        Mistake(
            _clipped("value"),
            "The gradients were changed on their way: cut off at -1 and 1. Hand them to the optimizer as the tape "
            "gives them.",
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
