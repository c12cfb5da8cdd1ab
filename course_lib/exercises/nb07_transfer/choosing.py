"""Exercise of notebook 07: the choice of all biases."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.transfer import bias_variables

NAMES = ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")


def _model_cases(rng):
    yield ("dense", "batch_norm"), ()
    yield ("dense", "dense"), ()
    yield ("batch_norm", "dense", "batch_norm"), (1,)
    yield ("batch_norm", "dense", "dense"), (0,)
    yield ("dense", "dense without", "bottom"), (1,)
    yield ("dense", "dropout", "batch_norm", "dense", "bottom"), (0, 2)
    yield ("dense", ("dense", "batch_norm"), "dense"), ()


def _made(kind, name):
    """Return a layer, or a model of several, whose name says what it is."""
    import keras

    if isinstance(kind, tuple):
        return keras.Sequential([keras.Input((3,)), *(_made(k, f"{name}_{k}") for k in kind)], name=name)
    if kind == "batch_norm":
        return keras.layers.BatchNormalization(name=name)
    if kind == "dropout":
        return keras.layers.Dropout(0.5, name=name)
    return keras.layers.Dense(3, use_bias=kind != "dense without", name=name)


def _chosen(answer, case):
    """Return for each name of a variable how often an answer chooses it, layer by layer."""
    import keras

    kinds, frozen = case
    names = (f"{kind}_{i}".replace(" ", "_") if isinstance(kind, str) else f"inner_{i}" for i, kind in enumerate(kinds))
    model = keras.Sequential([keras.Input((3,)), *map(_made, kinds, names)])
    for i in frozen:
        model.layers[i].trainable = False
    result = answer(model)
    if result is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    if not isinstance(result, list | tuple):
        raise Unusable(f"it returned a {type(result).__name__}, wanted a list of variables")
    layers = list(dict.fromkeys(v.path.rpartition("/")[0] for v in model.weights))
    places = {id(v): (NAMES.index(v.name), layers.index(v.path.rpartition("/")[0])) for v in model.weights}
    counts = np.zeros((len(NAMES), len(layers)), np.int64)
    for v in result:
        if id(v) not in places:
            what = f"the variable {v.name}" if hasattr(v, "assign") else f"a {type(v).__name__}"
            raise Unusable(f"its list holds {what}, wanted nothing but weights of the model, the variables themselves")
        counts[places[id(v)]] += 1
    return tuple(counts)


def _by_name(*names, trainable=True):
    def answer(model):
        return [v for v in model.weights if v.name in names and (v.trainable or not trainable)]

    return answer


def _by_layer(*names):
    def answer(model):
        return [v for name in names for layer in model.layers if (v := getattr(layer, name, None)) is not None]

    return answer


def _biases_of(layer):
    return [v for v in layer.trainable_variables if v.name in ("bias", "beta")]


def _without_inner(model):
    return [v for layer in model.layers if not hasattr(layer, "layers") for v in _biases_of(layer)]


BIAS_VARIABLES = Exercise(
    name="bias_variables",
    reference=bias_variables,
    cases=_model_cases,
    points=1,
    call=_chosen,
    inputs=("the model's layers", "frozen ones"),
    parts=tuple(f"how often each layer's {name} was chosen" for name in NAMES),
    rows="layer",
    mistakes=(
        Mistake(
            lambda model: list(model.trainable_variables),
            "These are all variables that are trained, kernels too. Choose by name: bias and beta.",
        ),
        Mistake(
            lambda model: [v for v in model.trainable_variables if len(v.shape) == 1],
            "gamma is among them, batch norm's factor: a vector, and no kernel, but it multiplies. Choose by name: "
            "bias and beta.",
        ),
        Mistake(
            _by_name("bias"),
            "Batch norm's bias is missing: it is called beta.",
        ),
        Mistake(
            _by_name("beta"),
            "Only batch norm's beta is there: the dense layers' bias is missing.",
        ),
        Mistake(
            _by_name("bias", "beta", trainable=False),
            "Biases of frozen layers are among them: look at v.trainable.",
        ),
        Mistake(
            _by_layer("bias", "beta"),
            "The layers were asked for theirs one by one: frozen ones are among them, and what lies in a model inside "
            "the model isn't. model.trainable_variables has all that is trained.",
        ),
        Mistake(
            _without_inner,
            "What lies in a model inside the model is missing. model.trainable_variables has all that is trained.",
        ),
        Mistake(
            lambda model: [v for v in model.weights if v.name not in ("kernel", "gamma")],
            "Statistics of batch norm are among them, a moving mean or variance. They are estimated, not trained.",
        ),
        Mistake(
            _by_name("kernel"),
            "The kernels are among them, which are to stay as they are.",
        ),
        Mistake(
            _by_name("kernel", "gamma"),
            "It is the other way round: what multiplies was chosen, kernels and gamma, and what is added was left out.",
        ),
        Mistake(
            lambda model: [v for v in model.trainable_variables if "b" in v.path],
            "A path holds the layer's name, too, and its letters: here a kernel in \"bottom\" and a gamma in "
            "\"batch_norm\" were taken for it. Compare v.name with bias and beta, as a whole.",
        ),
        Mistake(
            lambda model: _biases_of(model.layers[-1]),
            "Only the last layer's are there. Go through all of the model's variables.",
        ),
        Mistake(
            lambda model: _biases_of(model)[:1],
            "Only the first one is there: is the `return` inside the loop?",
        ),
    ),
    hints=(
        "Go through the model's variables, and keep those that are added and never multiplied.",
        'Of model.trainable_variables those whose name is "bias" or "beta".',
        'return [v for v in model.trainable_variables if v.name in (…)]',
    ),
)
