"""`course train`: a network made of one's own functions learns MNIST, the better the further the learner has come."""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np

from course_lib import models
from course_lib import optimizers as given
from course_lib.activations import relu, relu_derivative
from course_lib.conv import max_pool2d
from course_lib.datasets import load_mnist
from course_lib.exercises import keeping
from course_lib.exercises.core import notebook_of
from course_lib.exercises.outline import known_functions
from course_lib.exercises.tracing import PieceKind
from course_lib.initializers import lecun_normal
from course_lib.mine.handing import hand, own
from course_lib.network import Kind, Layer, Network
from course_lib.training import History, fit


@dataclass(frozen=True)
class Rung:
    """A step up: the functions that lead there, and what they change in the network or in its training.

    `reached` is the validation accuracy of the course's functions after 3 epochs, hidden layers of 100 units: the mean
    of three seeds, for convolutions one. In so short a training of so small a network the rungs from the second to the
    sixth differ by no more than the seeds do.
    """

    what: str
    functions: str
    reached: float
    changes: dict


SGD = {"rule": "sgd", "lr": 0.1}
BATCH_NORM = "batch_norm batch_norm_backward batch_norm_inference moving_average"
DROPOUT = "dropout dropout_backward"
CONVOLUTIONS = ("conv2d conv2d_backward_input conv2d_backward_filters conv2d_backward_bias max_pool2d_backward "
                "flatten_backward")
LADDER = (
    Rung("a logistic hidden layer", "dense_backward logistic logistic_derivative", 0.960, {
        "layers": 1, "activation": "logistic", "initializer": "", **SGD}),
    Rung("its layers joined by loops of your own", "network_forward network_backward", 0.960, {"whole": True}),
    Rung("two ReLU layers with He's weights", "he_normal", 0.975, {
        "whole": False, "layers": 2, "activation": "", "initializer": "he_normal", "lr": 0.05}),
    Rung("ELU", "elu elu_derivative", 0.975, {"activation": "elu"}),
    Rung("batch norm", BATCH_NORM, 0.974, {"batch_norm": True, "lr": 0.2}),
    Rung("Adam", "adam", 0.974, {"rule": "adam", "lr": 0.001}),
    Rung("dropout", DROPOUT, 0.976, {"dropout": 0.1}),
    Rung("convolutions", CONVOLUTIONS, 0.983, {"filters": (8, 16)}),
)


def is_own(name):
    """Say whether `mine` hands out the learner's function of a name."""
    kept = keeping.newest(name)
    return kept is not None and own(kept) is not None


def highest():
    """Return the number of rungs up to the highest whose own functions are all the learner's, at least 1."""
    return max([i for i, rung in enumerate(LADDER, 1) if all(map(is_own, rung.functions.split()))], default=1)


def climb(epochs=3, hidden=100, images=55_000, *, height=None, seed=0, progress=True):
    """Train the network of the learner's highest rung, and return what came of it, as text.

    Parameters
    ----------
    epochs, hidden, images : int
        How often through how many images; the units of a hidden layer.
    height : int, optional
        The number of rungs, in place of the learner's.
    seed : int
    progress : bool
        Show a progress bar.
    """
    height = height or highest()
    parts = parts_of(height)
    names = [name for name in known_functions() if name in used(parts)]
    print(f"Rung {height} of {len(LADDER)}, {LADDER[height - 1].what}: {described(parts, hidden)}.", flush=True)
    rng = np.random.default_rng(seed)
    network, rule = network_of(parts, hidden, rng), rule_of(parts)
    data = load_mnist().first(images)
    history = History()
    with suppress(KeyboardInterrupt):  # what came of it until then is said
        fit(network, data, rule, lr=parts["lr"], rng=rng, epochs=epochs, history=history, progress=progress)
    return report(history, names, height)


def parts_of(height):
    """Return what makes up the network of a rung, and its training: what the lower ones have said, changed by it."""
    parts = {}
    for rung in LADDER[:height]:
        parts |= rung.changes
    return parts


def described(parts, hidden):
    """Say in words what a network is made of and how it is trained."""
    units = {"logistic": "logistic", "elu": "ELU"}.get(parts["activation"], "ReLU")
    count = f"{parts['layers']} hidden layer{'s' * (parts['layers'] > 1)} of {hidden} {units} units"
    more = [count, "He's weights" if parts["initializer"] else "LeCun's weights"]
    more += ["batch norm"] * ("batch_norm" in parts) + ["dropout"] * ("dropout" in parts)
    if "filters" in parts:
        filters = " and ".join(map(str, parts["filters"]))
        more.append(f"below them convolutions of {filters} filters, which take minutes")
    return f"{', '.join(more)}; trained by {parts['rule']} at {parts['lr']}"


def used(parts):
    """Return the names of the functions that a network with some parts runs on."""
    if parts.get("whole"):
        return {"sgd", *borrowed("network_forward"), *borrowed("network_backward")}
    names = "dense_backward "
    for key, more in {"logistic": "logistic logistic_derivative", "elu": "elu elu_derivative"}.items():
        names += f"{more} " if parts["activation"] == key else ""
    names += f"{parts['initializer']} {parts['rule']} "
    for key, functions in (("batch_norm", BATCH_NORM), ("dropout", DROPOUT), ("filters", CONVOLUTIONS)):
        names += f"{functions} " if key in parts else ""
    return set(names.split())


def borrowed(name):
    """Return an exercise's name and those of all exercises that the learner's function for it runs on."""
    found, stack = set(), [name]
    while stack:
        found.add(name := stack.pop())
        if is_own(name):
            kept = keeping.newest(name)
            used = {piece.text for piece in kept.pieces if piece.kind is PieceKind.MINE}
            used |= {word for word in re.findall(r"\bmine\.(\w+)", kept.source) if word in known_functions()}
            stack += used - found
    return found


def rule_of(parts):
    """Return the update rule: plain gradient descent is given, the others are exercises."""
    return given.sgd if parts["rule"] == "sgd" else hand(parts["rule"])


def network_of(parts, hidden, rng):
    """Return the network: every exercise in it is handed out by `mine`."""
    if parts.get("whole"):
        return whole_network(hidden, rng)
    pair = (relu, relu_derivative)
    if parts["activation"]:
        pair = hand(parts["activation"]), hand(f"{parts['activation']}_derivative")
    initializer = hand(parts["initializer"]) if parts["initializer"] else lecun_normal
    backward = hand("dense_backward")
    options = {"dense_backward": lambda dy, cache: backward(dy, cache)}  # else the course's would give no dx here
    if "batch_norm" in parts:
        own_norm = {name: hand(name) for name in BATCH_NORM.split()}
        options["batch_norm"] = lambda units: models.batch_norm_layer(units, **own_norm)
    below, inputs = [models.image_layer()], 784
    if "filters" in parts:
        below, inputs = convolutions(parts["filters"], initializer, pair, rng)
    dense = models.dense_network([hidden] * parts["layers"], pair, initializer, rng=rng, inputs=inputs, **options)
    layers = [*below, *dense.layers[1:]]  # the first standardizes the images
    if "dropout" in parts:
        drop = partial(models.dropout_layer, parts["dropout"], rng, dropout=hand("dropout"),
                       dropout_backward=hand("dropout_backward"))
        last = max(i for i, layer in enumerate(layers) if layer.kind is Kind.ACTIVATION)
        layers.insert(last + 1, drop())
    return Network(layers)


def whole_network(hidden, rng):
    """Return the network of notebook 01, whose layers the learner's own loops join: one hidden layer."""
    forward, backward = hand("network_forward"), hand("network_backward")
    w1, w2 = lecun_normal((784, hidden), rng), lecun_normal((hidden, 10), rng)

    def forwards(x, *params):
        return forward(x, list(zip(params[::2], params[1::2], strict=True)))

    def backwards(dlogits, caches):
        return None, *(array for pair in backward(dlogits, caches) for array in pair)

    params = {"w1": w1, "b1": np.zeros(hidden, w1.dtype), "w2": w2, "b2": np.zeros(10, w2.dtype)}
    return Network([models.image_layer(), Layer("network", forwards, backwards, **params)])


def convolutions(filters, initializer, pair, rng):
    """Return convolutions, each with its activation and pooling, made of the learner's functions; and their outputs."""
    layers, channels, size = [models.image_layer(flat=False)], 1, 28
    forward = partial(hand("conv2d"), stride=1, padding="same")
    parts = [hand(f"conv2d_backward_{part}") for part in ("input", "filters", "bias")]
    for n in filters:
        w = initializer((3, 3, channels, n), rng)
        backward = partial(_conv_backward, *parts, len(layers) == 1)
        layers.append(Layer("conv", forward, backward, kind=Kind.WEIGHTED, w=w, b=np.zeros(n, w.dtype)))
        layers += [models.activation_layer(*pair), Layer("pool", _pooled, hand("max_pool2d_backward"))]
        channels, size = n, size // 2
    flatten = models.flatten_layer()
    flatten.backward = hand("flatten_backward")
    return [*layers, flatten], size * size * channels


def _pooled(x):
    return max_pool2d(x)[0], x  # what the exercise's backward pass is given


def _conv_backward(backward_input, backward_filters, backward_bias, lowest, dy, cache):
    dx = None if lowest else backward_input(dy, cache)  # nobody needs the images' gradient, and it takes longest
    return dx, backward_filters(dy, cache), backward_bias(dy)


def report(history, names, height):
    """Say how well the network reads images that it hasn't seen, and whose functions it ran on."""
    yours = [name for name in names if is_own(name)]
    lines = []
    if history.valid_accuracy:
        lines.append(f"It reads {history.valid_accuracy[-1]:.1%} of the 5,000 validation images right after "
                     f"{len(history.valid_accuracy)} of its rounds through the images. The test images stay closed "
                     "until the capstone.")
    if history.stopped:
        lines.append(f"It was stopped: {history.stopped}.")
    lines.append(f"{len(yours)} of its {len(names)} functions are yours: {', '.join(yours) or 'none yet'}.")
    lines += [f"The course's: {name}, which waits in notebook {notebook_of(name)}."
              for name in names if name not in yours]
    if height < len(LADDER):
        rung = LADDER[height]
        where = notebook_of(rung.functions.split()[0])
        lines.append(f"Next: {rung.what}, when {', '.join(rung.functions.split())} "
                     f"from notebook {where} {'are' if ' ' in rung.functions else 'is'} yours; with the course's "
                     f"functions it reaches {rung.reached:.1%}.")
    return "\n".join(lines)
