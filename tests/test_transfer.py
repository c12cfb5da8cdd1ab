"""What may change in a trained model, and what of it is reused."""

import numpy as np
import pytest

from course_lib import transfer

tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")

KINDS = ("sequential", "functional", "subclassed")


def stack(norm=True):
    return [
        keras.layers.Dense(6, "relu", name="hidden1"),
        *([keras.layers.BatchNormalization(name="norm")] if norm else []),
        keras.layers.Dense(5, "relu", name="hidden2"),
        keras.layers.Dropout(0.5, name="drop"),
        keras.layers.Dense(3, name="output"),
    ]


def make(kind, norm=True, seed=0):
    """Return a model of a kind: dense, batch norm, dense, dropout, dense."""
    keras.utils.set_random_seed(seed)
    layers = stack(norm)
    if kind == "subclassed":
        return subclassed(layers)
    model = keras.Sequential([keras.Input((4,)), *layers])
    if kind == "functional":
        x = inputs = keras.Input((4,))
        for layer in stack(norm):
            x = layer(x)
        model = keras.Model(inputs, x)
    return model


def subclassed(layers):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = layers

        def call(self, x, training=False):
            for layer in self.parts:
                x = layer(x, training=training) if layer.name in ("norm", "drop") else layer(x)
            return x

    model = Own()
    model(np.zeros((1, 4), np.float32))
    return model


def plain(seed=0):
    """Return a list of variables, and the function that they make."""
    rng = np.random.default_rng(seed)
    shapes = {"w1": (4, 6), "b1": (6,), "w2": (6, 3), "b2": (3,)}
    variables = [tf.Variable(rng.standard_normal(s).astype(np.float32), name=name) for name, s in shapes.items()]
    w1, b1, w2, b2 = variables
    return variables, lambda x, training: tf.nn.relu(x @ w1 + b1) @ w2 + b2


def loss(y, logits):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))


RNG = np.random.default_rng(5)
X, Y = RNG.standard_normal((16, 4)).astype(np.float32), RNG.integers(0, 3, 16)


def bits(model):
    return {name: v.numpy().tobytes() for name, v in transfer.named_variables(model).items()}


def changed(before, model):
    return {name for name, now in bits(model).items() if now != before[name]}


# Names

NAMES = ["hidden1/kernel", "hidden1/bias", "norm/gamma", "norm/beta", "norm/moving_mean", "norm/moving_variance",
         "hidden2/kernel", "hidden2/bias", "output/kernel", "output/bias"]


@pytest.mark.parametrize("kind", KINDS)
def test_variables_are_named_by_layer(kind):
    assert list(transfer.named_variables(make(kind))) == NAMES


def test_variables_of_a_list_are_named_as_they_are():
    assert list(transfer.named_variables(plain()[0])) == ["w1", "b1", "w2", "b2"]


def test_models_in_models_keep_names_apart():
    parts = [keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, name="same")], name=name) for name in "ab"]
    found = transfer.named_variables(keras.Sequential([keras.Input((4,)), *parts]))
    assert len(found) == 4
    assert {"a/same/kernel", "b/same/kernel"} <= set(found)


def test_models_without_variables_and_names_that_come_twice_are_refused():
    with pytest.raises(ValueError, match="no variables yet: call it on an input first"):
        transfer.named_variables(keras.Sequential([keras.layers.Dense(3)]))
    with pytest.raises(ValueError, match="several variables are named w: give each a name"):
        transfer.named_variables([tf.Variable(1.0, name="w"), tf.Variable(2.0, name="w")])


@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [
        ("*", NAMES),
        ("hidden1", NAMES[:2]),
        ("hidden*", NAMES[:2] + NAMES[6:8]),
        (["output", "norm/beta"], [NAMES[3], *NAMES[8:]]),
        ("*/bias", [NAMES[1], NAMES[7], NAMES[9]]),
        ([], []),
    ],
)
def test_patterns(patterns, wanted):
    assert transfer.matching(NAMES, patterns) == wanted


def test_a_pattern_that_matches_nothing_is_named():
    with pytest.raises(ValueError, match=r"nothing is named 'hiden1' or 'out'; there are hidden1/kernel, hidden1/bias"):
        transfer.matching(NAMES, ["hiden1", "hidden2", "out"])


# Freezing


@pytest.mark.parametrize("kind", KINDS)
def test_frozen_layers_are_left_out_and_thawed_ones_are_back(kind):
    model = make(kind)
    left = transfer.freeze(model, ["hidden*", "norm"])
    assert [v.path.split("/")[-2:] for v in left] == [["output", "kernel"], ["output", "bias"]]
    assert not model.get_layer("norm").trainable
    assert len(transfer.thaw(model, "hidden2")) == 4
    assert len(transfer.thaw(model)) == 8


def test_of_a_list_the_rest_is_returned():
    variables, _ = plain()
    assert [v.name for v in transfer.freeze(variables, "*1")] == ["w2:0", "b2:0"]
    assert [v.name for v in transfer.thaw(variables, "*1")] == ["w1:0", "b1:0"]


def test_nothing_is_frozen_if_a_layer_isnt_there():
    model = make("functional")
    with pytest.raises(ValueError, match="nothing is named 'hidden3'"):
        transfer.freeze(model, ["hidden1", "hidden3"])
    assert len(model.trainable_variables) == 8


def test_layers_in_layers_are_frozen_by_their_own_names():
    inner = keras.Sequential([keras.Input((4,)), *stack()], name="body")
    model = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(2, name="head")])
    assert len(transfer.freeze(model, "hidden1")) == 8
    assert len(transfer.freeze(model, "body")) == 2


# One step


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "names",
    [["output/kernel", "output/bias"], ["hidden1/kernel"], ["norm/gamma", "norm/beta"], NAMES[6:], ["hidden1/bias"]],
)
def test_a_step_changes_the_given_variables_and_no_other_bit(kind, names):
    model = make(kind)
    known, before = transfer.named_variables(model), bits(model)
    marks = [layer.trainable for layer in model._flatten_layers()]
    optimizer = keras.optimizers.SGD(0.1)
    transfer.train_step(model, loss, X, Y, optimizer, [known[name] for name in names])
    assert changed(before, model) == set(names)
    assert marks == [layer.trainable for layer in model._flatten_layers()]


def test_a_step_changes_the_given_variables_of_a_list():
    variables, function = plain()
    before = bits(variables)
    transfer.train_step(function, loss, X, Y, keras.optimizers.SGD(0.1), variables[2:])
    assert changed(before, variables) == {"w2", "b2"}


@pytest.mark.parametrize("kind", KINDS)
def test_all_weights_are_trained_as_by_keras(kind):
    ours, theirs = make(kind), make(kind)
    theirs.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for model in (ours, theirs):
        drop = next(layer for layer in model._flatten_layers() if layer.name == "drop")
        drop.rate = 0.0  # their masks come from generators of their own
    optimizer = keras.optimizers.SGD(0.1)
    for _ in range(3):
        got = transfer.train_step(ours, loss, X, Y, optimizer, ours.weights)
        wanted = theirs.train_on_batch(X, Y)
        np.testing.assert_allclose(float(got), float(np.ravel(wanted)[0]), rtol=1e-5)
        theirs.reset_metrics()
    assert changed(bits(make(kind)), ours) == set(NAMES)
    for v, w in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(v.numpy(), w.numpy(), rtol=1e-4, atol=1e-6)


def test_a_step_in_a_graph_does_the_same():
    ours, graph = make("sequential"), make("sequential")
    for model in (ours, graph):
        model.get_layer("drop").rate = 0.0
        optimizer, variables = keras.optimizers.Adam(0.01), model.trainable_variables[-4:]
        optimizer.build(variables)

        def step(x, y, model=model, optimizer=optimizer, variables=variables):
            return transfer.train_step(model, loss, x, y, optimizer, variables)

        compiled = tf.function(lambda x, y, step=step: step(x, y)) if model is graph else step
        for _ in range(3):
            compiled(tf.constant(X), tf.constant(Y))
    assert changed(bits(make("sequential")), graph) == set(NAMES[6:])
    for v, w in zip(ours.weights, graph.weights, strict=True):
        np.testing.assert_allclose(v.numpy(), w.numpy(), rtol=1e-5, atol=1e-6)


def test_dropout_is_on_and_goes_on():
    model = make("sequential", norm=False)
    losses = [float(transfer.train_step(model, loss, X, Y, keras.optimizers.SGD(0.0), model.trainable_variables))
              for _ in range(3)]
    assert len(set(losses)) == 3


def test_penalties_of_the_layers_are_felt():
    kernels = []
    for strength in (0.0, 0.5):
        keras.utils.set_random_seed(1)
        dense = keras.layers.Dense(3, kernel_regularizer=keras.regularizers.L2(strength))
        model = keras.Sequential([keras.Input((4,)), dense])
        start = dense.kernel.numpy()
        value = transfer.train_step(model, loss, X, Y, keras.optimizers.SGD(0.1), model.trainable_variables)
        kernels.append((dense.kernel.numpy(), float(value)))
    np.testing.assert_allclose(kernels[0][0] - kernels[1][0], 0.1 * 2 * 0.5 * start, rtol=1e-4, atol=1e-6)
    assert kernels[1][1] == pytest.approx(kernels[0][1] + 0.5 * np.sum(start**2), rel=1e-5)


def test_a_batch_norm_that_isnt_given_runs_as_in_use():
    model = make("sequential")
    model.get_layer("drop").rate = 0.0
    model.get_layer("norm").moving_mean.assign(np.full(6, 3.0))
    got = transfer.train_step(model, loss, X, Y, keras.optimizers.SGD(0.0), model.get_layer("output").weights)
    assert float(got) == pytest.approx(float(loss(Y, model(X, training=False))), rel=1e-6)


def test_variables_that_cant_be_trained_are_refused():
    model = make("functional")
    before = bits(model)
    with pytest.raises(ValueError, match="none that can be trained: was everything frozen"):
        transfer.train_step(model, loss, X, Y, keras.optimizers.SGD(0.1), [])
    with pytest.raises(ValueError, match="doesn't depend on other, wanted variables that it uses"):
        other = keras.Variable(np.ones(3), name="other")
        transfer.train_step(model, loss, X, Y, keras.optimizers.SGD(0.1), [*model.trainable_variables, other])
    assert changed(before, model) == set()
    assert all(layer.trainable for layer in model._flatten_layers())


# Proof


@pytest.mark.parametrize("kind", KINDS)
def test_moving_statistics_are_caught(kind):
    model = make(kind)
    with pytest.raises(AssertionError, match="changed, though only output/kernel, output/bias may: norm/moving_mean"):
        with transfer.assert_only_changed(model, "output"):
            model(X, training=True)


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_change_may_change(kind):
    model = make(kind)
    with transfer.assert_only_changed(model, "output"):
        transfer.train_step(model, loss, X, Y, keras.optimizers.SGD(0.1), model.get_layer("output").weights
                            if kind != "subclassed" else model.parts[-1].weights)


def test_a_single_bit_is_caught():
    variables, _ = plain()
    with pytest.raises(AssertionError, match="only nothing may: b1"):
        with transfer.assert_only_changed(variables, []):
            variables[1][0].assign(np.nextafter(variables[1][0].numpy(), np.float32(9)))
    with pytest.raises(ValueError, match="nothing is named 'w3'"):
        with transfer.assert_only_changed(variables, "w3"):
            pass


def test_an_error_within_is_not_hidden():
    variables, _ = plain()
    with pytest.raises(ZeroDivisionError):
        with transfer.assert_only_changed(variables, []):
            variables[0].assign_add(tf.ones((4, 6)))
            raise ZeroDivisionError


# Caching


@pytest.mark.parametrize("batch_size", [1, 7, 16, 100])
@pytest.mark.parametrize("kind", KINDS)
def test_cached_outputs_are_those_of_the_layers(kind, batch_size):
    model = make(kind)
    transfer.freeze(model, "norm")
    layers = {layer.name: layer for layer in model._flatten_layers()}
    below = [layers[name] for name in ("hidden1", "norm", "hidden2")]
    wanted = X
    for layer in below:
        wanted = layer(wanted)
    before = bits(model)
    cached = transfer.cached_outputs(below, X, batch_size)
    assert isinstance(cached, np.ndarray)
    np.testing.assert_allclose(cached, wanted, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(layers["output"](cached), model(X), rtol=1e-5, atol=1e-6)
    assert changed(before, model) == set()


def test_functions_and_whole_models_can_be_cached():
    variables, function = plain()
    below = [lambda x: tf.nn.relu(x @ variables[0] + variables[1])]
    cached = transfer.cached_outputs(below, X)
    np.testing.assert_allclose(cached @ variables[2] + variables[3], function(X, False), rtol=1e-6, atol=1e-6)
    model = make("functional", norm=False)
    lower = keras.Model(model.inputs, model.get_layer("hidden2").output)
    assert transfer.cached_outputs([lower], X).shape == (16, 5)
    assert transfer.cached_outputs([lower], X[:0]).shape == (0, 5)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (lambda: [keras.layers.Dense(3), keras.layers.Dropout(0.1, name="drop")], "'drop' gives other outputs"),
        (lambda: [keras.layers.BatchNormalization(name="norm")], "'norm' gives other outputs in training than in use"),
        (lambda: [keras.layers.GaussianNoise(0.1, name="noise")], "'noise' gives other outputs"),
        (lambda: [lambda x: x + tf.random.normal(tf.shape(x))], "'<lambda>' gives other outputs"),
        (lambda: [keras.Sequential([keras.layers.Dense(3), keras.layers.Dropout(0.5)], name="body")], "'body' gives"),
    ],
)
def test_what_changes_in_training_is_refused(layers, said):
    layers = layers()
    for layer in layers:
        if hasattr(layer, "build"):
            layer.build((None, 4) if layer is layers[0] else (None, 3))
    before = [v.numpy().tobytes() for layer in layers for v in getattr(layer, "variables", ())]
    with pytest.raises(ValueError, match=said):
        transfer.cached_outputs(layers, X)
    assert before == [v.numpy().tobytes() for layer in layers for v in getattr(layer, "variables", ())]


def test_augmentation_is_refused():
    images = np.random.default_rng(0).random((8, 6, 6, 1), np.float32)
    with pytest.raises(ValueError, match="'shift' gives other outputs in training"):
        transfer.cached_outputs([keras.layers.RandomTranslation(0.3, 0.3, name="shift")], images)


def test_dropout_that_drops_nothing_is_no_reason_to_refuse():
    layers = [keras.layers.Dropout(0.0), keras.layers.Dense(3)]
    assert transfer.cached_outputs(layers, X).shape == (16, 3)


# Copying


@pytest.mark.parametrize("kind", KINDS)
def test_layers_are_copied_by_name(kind):
    source, target = make(kind, seed=1), make("sequential", seed=2)
    before = bits(target)
    copied = transfer.copy_layers(source, target, ["hidden1", "hidden2"])
    assert set(copied) == {"hidden1/kernel", "hidden1/bias", "hidden2/kernel", "hidden2/bias"}
    assert changed(before, target) == {"hidden1/kernel", "hidden2/kernel"}  # biases are 0 in both
    assert bits(target)["hidden2/kernel"] == bits(source)["hidden2/kernel"]


def test_lists_are_copied_by_name():
    source, target = plain(1)[0], plain(2)[0]
    assert transfer.copy_layers(source, target, "*1") == ["w1", "b1"]
    assert bits(target)["w1"] == bits(source)["w1"]
    assert bits(target)["w2"] != bits(source)["w2"]


def test_all_that_doesnt_fit_is_named_and_nothing_copied():
    source = make("functional", seed=1)
    target = keras.Sequential([keras.Input((4,)), keras.layers.Dense(7, name="hidden1"),
                               keras.layers.Dense(5, name="hidden2")])
    before = bits(target)
    with pytest.raises(ValueError) as error:
        transfer.copy_layers(source, target, ["hidden*", "output"])
    text = str(error.value)
    assert "hidden1/kernel: found (4, 6), wanted (4, 7)" in text
    assert "hidden2/kernel: found (6, 5), wanted (7, 5)" in text
    assert "output/bias: found (3,), wanted nothing" in text
    assert "hidden2/bias" not in text
    assert changed(before, target) == set()


# Weights from elsewhere


def elsewhere(rng):
    """Return the arrays of a network whose framework keeps channels first, and what it computes of images."""
    arrays = {"conv.weight": (3, 2, 3, 3), "conv.bias": (3,), "head.weight": (4, 3 * 5 * 6), "head.bias": (4,)}
    arrays = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in arrays.items()}

    def function(images):  # (n, 2, 5, 6)
        padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        maps = np.einsum("ncyxhw,ochw->noyx", windows, arrays["conv.weight"]) + arrays["conv.bias"][:, None, None]
        return maps.reshape(len(images), -1) @ arrays["head.weight"].T + arrays["head.bias"]

    return arrays, function


def imported(kind):
    layers = [keras.layers.Conv2D(3, 3, padding="same", name="conv"), keras.layers.Flatten(),
              keras.layers.Dense(4, name="head")]
    if kind == "subclassed":
        class Own(keras.Model):
            def __init__(self):
                super().__init__()
                self.parts = layers

            def call(self, x):
                for layer in self.parts:
                    x = layer(x)
                return x

        model = Own()
        model(np.zeros((1, 5, 6, 2), np.float32))
        return model
    model = keras.Sequential([keras.Input((5, 6, 2)), *layers])
    return keras.Model(model.inputs, model.outputs) if kind == "functional" else model


@pytest.mark.parametrize("kind", KINDS)
def test_imported_weights_compute_the_same(kind):
    rng = np.random.default_rng(3)
    arrays, function = elsewhere(rng)
    model, images = imported(kind), rng.standard_normal((7, 2, 5, 6)).astype(np.float32)
    transfer.import_weights(model, arrays, flattened={"head": (5, 6, 3)})
    np.testing.assert_allclose(model(images.transpose(0, 2, 3, 1)), function(images), rtol=1e-4, atol=1e-4)


def test_weights_are_imported_into_variables():
    variables = {"fc/kernel": tf.Variable(tf.zeros((2, 3))), "fc/bias": tf.Variable(tf.zeros(3))}
    arrays = {"fc.weight": np.arange(6.0).reshape(3, 2), "fc.bias": np.ones(3)}
    transfer.import_weights(variables, arrays)
    np.testing.assert_array_equal(variables["fc/kernel"], arrays["fc.weight"].T)
    np.testing.assert_array_equal(variables["fc/bias"], 1)
    named = [tf.Variable(tf.zeros((2, 3)), name="fc/kernel"), tf.Variable(tf.zeros(3), name="fc/bias")]
    transfer.import_weights(named, arrays)
    np.testing.assert_array_equal(named[0], arrays["fc.weight"].T)


def test_every_array_that_doesnt_fit_is_named_at_once():
    model = imported("sequential")
    arrays, _ = elsewhere(np.random.default_rng(3))
    before = bits(model)
    del arrays["conv.bias"]
    arrays |= {"head.weight": np.zeros((90, 4)), "tail.bias": np.zeros(2)}
    with pytest.raises(ValueError) as error:
        transfer.import_weights(model, arrays)
    assert str(error.value) == (
        "import_weights: conv/bias: found nothing, wanted (3,); head/kernel: found (4, 90), wanted (90, 4); "
        "tail/bias: found (2,), wanted nothing"
    )
    assert changed(before, model) == set()


@pytest.mark.parametrize(
    ("flattened", "said"),
    [({"head": (5, 5, 3)}, r"head: \(5, 5, 3\), wanted 90 numbers"), ({"tail": (5, 6, 3)}, "flattened names tail")],
)
def test_flattened_must_fit(flattened, said):
    model = imported("sequential")
    before = bits(model)
    with pytest.raises(ValueError, match=said):
        transfer.import_weights(model, elsewhere(np.random.default_rng(3))[0], flattened=flattened)
    assert changed(before, model) == set()


# Compression


@pytest.mark.parametrize("shape", [(8, 5), (5, 8), (6, 6), (3, 3, 2, 5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_low_rank_is_the_nearest(shape, dtype):
    rng = np.random.default_rng(2)
    w = rng.standard_normal(shape).astype(dtype)
    matrix = w.reshape(-1, shape[-1])
    s = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
    for rank in range(1, min(matrix.shape) + 1):
        low = transfer.low_rank(w, rank)
        assert low.shape == w.shape
        assert low.dtype == dtype
        assert np.linalg.matrix_rank(low.reshape(matrix.shape), tol=1e-4) == rank
        assert np.linalg.norm(w - low) == pytest.approx(np.sqrt(np.sum(s[rank:] ** 2)), rel=1e-3, abs=1e-5)


@pytest.mark.parametrize(("shape", "rank"), [((4, 3), 0), ((4, 3), 4), ((4,), 1), ((0, 3), 1)])
def test_ranks_that_there_arent(shape, rank):
    with pytest.raises(ValueError, match=rf"rank is {rank} for w of shape"):
        transfer.low_rank(np.ones(shape), rank)


@pytest.mark.parametrize("kind", KINDS)
def test_biases_are_what_is_added(kind):
    model = make(kind)
    found = transfer.bias_variables(model)
    assert ["/".join(v.path.split("/")[-2:]) for v in found] == ["hidden1/bias", "norm/beta", "hidden2/bias",
                                                                 "output/bias"]
    before = bits(model)
    transfer.train_step(model, loss, X, Y, keras.optimizers.SGD(0.1), found)
    assert changed(before, model) <= {"hidden1/bias", "norm/beta", "hidden2/bias", "output/bias"}


def test_biases_of_a_list():
    assert [v.name for v in transfer.bias_variables(plain()[0])] == ["b1:0", "b2:0"]
    with pytest.raises(ValueError, match="no biases to train; it has w"):
        transfer.bias_variables([tf.Variable(1.0, name="w")])
