"""`fit`: it equals Keras, repeats itself from a seed, uses what it is given, and loses nothing when it is stopped."""

import inspect
import os
import signal
import sys
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib import layers as pairs
from course_lib import network as network_module
from course_lib import training, unfinished
from course_lib.augmentation import augment
from course_lib.datasets import Split, load_mnist, minibatches
from course_lib.initializers import glorot_uniform, he_normal
from course_lib.losses import softmax_cross_entropy
from course_lib.models import (
    ACTIVATIONS,
    activation_layer,
    batch_norm_layer,
    conv_layer,
    conv_network,
    deep_network,
    dense_layer,
    dense_network,
    dropout_layer,
    flatten_layer,
    layer_norm_layer,
    max_pool_layer,
    prelu_layer,
)
from course_lib.network import Layer, Network
from course_lib.optimizers import adam, momentum, sgd
from course_lib.regularizers import EarlyStopping, clip_by_global_norm, l2, max_norm
from course_lib.schedules import cosine_decay, performance_schedule
from course_lib.training import History, Step, accuracy, evaluate, final_accuracy, fit, repeat


@pytest.fixture(scope="module")
def data():
    split = load_mnist().first(500)
    return split._replace(x_valid=split.x_valid[:200], y_valid=split.y_valid[:200])


def train(data, *, seed=0, depth=1, lr=0.1, rule=sgd, options=(), **more):
    rng = np.random.default_rng(seed)
    network = deep_network(depth, 16, rng=rng, **dict(options))
    return network, fit(network, data, rule, lr=lr, rng=rng, progress=False, **more)


def test_it_learns_digits(data):
    network, history = train(data, epochs=6)
    assert history.loss[0] > 1 > 0.5 > history.loss[-1]
    assert history.valid_accuracy[-1] > 0.75
    assert history.stopped == ""
    assert [len(values) for values in (history.loss, history.valid_loss, history.valid_accuracy)] == [6, 6, 6]
    assert len(history.step_loss) == 6 * 8  # 500 images in batches of 64
    np.testing.assert_allclose(history.loss, np.reshape(history.step_loss, (6, 8)).mean(axis=1))
    # approximately: `fit` computes on one thread, so that sums may come in another order here
    last = evaluate(network, data.x_valid, data.y_valid)
    assert (history.valid_loss[-1], history.valid_accuracy[-1]) == pytest.approx(last, rel=1e-5)


def test_a_seed_repeats_everything(data):
    (one, first), (two, second), (_, other) = train(data), train(data), train(data, seed=1)
    assert first == second and first.step_loss != other.step_loss
    assert all(np.array_equal(one.params[key], two.params[key]) for key in one.params)


def test_the_step_is_the_rule_on_the_gradient(data):
    tiny = data.first(3)
    rng = np.random.default_rng(0)
    before = deep_network(1, 16, rng=rng)
    order = rng.permutation(3)
    logits, caches = before.forward(tiny.x_train[order])
    loss, dlogits = softmax_cross_entropy(logits, tiny.y_train[order])
    grads = before.backward(dlogits, caches)
    after, history = train(tiny)
    assert history.step_loss == [pytest.approx(loss, rel=1e-6)]
    for key, w in before.params.items():
        np.testing.assert_allclose(after.params[key], w - 0.1 * grads[key], rtol=1e-5, atol=1e-7)


def test_few_steps_are_trained_and_all_recorded_where_only_the_wiring_is_tried(data, monkeypatch):
    schedule = partial(cosine_decay, lr=0.1, decay_steps=24)
    usual, usually = train(data, epochs=3, lr=schedule)
    monkeypatch.setenv("COURSE_STEPS", "2")
    few, history = train(data, epochs=3, lr=schedule)
    assert history.step_loss[:2] == usually.step_loss[:2] and history.lr == usually.lr
    assert np.reshape(history.step_loss, (3, 8))[:, 1:].std(axis=1) == pytest.approx(0)
    assert len(set(history.step_loss)) == 6 and len(set(history.valid_loss)) == 3
    assert not np.array_equal(few.params["dense 1/w"], usual.params["dense 1/w"])
    whole, wholly = train(data, epochs=3, lr=schedule, whole=True)
    assert wholly == usually and np.array_equal(whole.params["dense 1/w"], usual.params["dense 1/w"])


def test_it_stops_at_nan_before_the_weights_are_spoilt(data):
    params = []
    network, history = train(
        data, epochs=3, lr=1e30, callbacks=[lambda network, history: params.append(network.params)]
    )
    assert history.stopped.endswith(f"is not finite at step {len(history.step_loss)}")
    assert len(history.lr) == len(history.step_loss) < 8
    assert len(history.loss) == len(params) == 1 and np.isnan(history.loss[0])
    assert all(np.isfinite(w).all() for w in network.params.values())


@pytest.mark.parametrize(("call", "spoilt"), [(4, "dense 3/b"), (5, "dense 2/b"), (6, "dense 1/b")])
def test_it_names_the_array_nearest_to_the_loss_that_went_wrong(data, call, spoilt):
    calls = []

    def backward(dy, cache):
        calls.append(1)
        dx, dw, db = pairs.dense_backward(dy, cache)
        return (dx * np.nan, dw, db * np.nan) if len(calls) == call else (dx, dw, db)

    network, history = train(data, depth=2, options={"dense_backward": backward}.items())
    assert history.stopped == f"the gradient of {spoilt} is not finite at step 2"
    assert len(history.step_loss) == 2


def test_it_names_the_loss(data):
    def dense(x, w, b):
        y, cache = pairs.dense(x, w, b)
        return y * np.nan, cache

    _, history = train(data, options={"dense": dense}.items())
    assert history.stopped == "the loss is not finite at step 1"


def test_transform_is_applied_to_all_gradients_before_the_update(data):
    seen, steps = [], []

    def clip(grads):
        seen.append(len(grads))
        return clip_by_global_norm(grads, 0.01)

    def watched(w, grad, state=None, *, lr):
        steps.append(float(np.sum(np.square(grad, dtype=np.float64))))
        return sgd(w, grad, state, lr=lr)

    train(data.first(128), rule=watched, transform=clip)
    assert seen == [4, 4]  # two steps, two layers of w and b
    np.testing.assert_allclose(np.reshape(steps, (2, 4)).sum(axis=1), 0.01**2, rtol=1e-5)


def test_callbacks_are_called_after_each_epoch(data):
    calls = []
    network, history = train(
        data, epochs=3, callbacks=[lambda n, h: calls.append((n, len(h.valid_loss))), lambda n, h: 0]
    )
    assert calls == [(network, 1), (network, 2), (network, 3)]


def test_states_and_hyperparameters_reach_the_rule(data):
    seen = []

    def rule(w, grad, state=None, *, lr):
        seen.append((state or 0, lr))
        return w, (state or 0) + 1

    train(data.first(128), rule=rule, lr=0.25, epochs=2)
    assert seen == [(step, 0.25) for step in range(4) for _ in range(4)]


def test_your_own_backward_pass_is_used(data):
    calls = []

    def backward(dy, cache):
        calls.append(len(dy))
        return pairs.dense_backward(dy, cache)

    _, history = train(data.first(100), depth=2, options={"dense_backward": backward}.items())
    assert calls == [64] * 3 + [36] * 3
    assert history == train(data.first(100), depth=2)[1]


def test_evaluate_is_the_mean_over_rows_whatever_the_size(data):
    network = deep_network(1, 16, rng=np.random.default_rng(0))
    x, y = data.x_valid, data.y_valid
    loss, right = evaluate(network, x, y)
    assert evaluate(network, x, y, size=7) == pytest.approx((loss, right), rel=1e-5)
    assert right == accuracy(network, x, y) == np.mean(network.predict(x) == y)
    assert evaluate(network, x[:0], y[:0]) == (0, 0)


def test_a_progress_bar_is_shown_when_asked_for(data, capsys):
    network = deep_network(1, 4, rng=np.random.default_rng(0))
    fit(network, data.first(64), sgd, lr=0.1, rng=np.random.default_rng(0), progress=False)
    assert capsys.readouterr() == ("", "")
    fit(network, data.first(64), sgd, lr=0.1, rng=np.random.default_rng(0))
    shown = capsys.readouterr().err
    assert "steps" in shown and "loss=" in shown and "valid_accuracy=" in shown


def test_other_data_than_images_can_be_learnt():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((90, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.uint8)
    network = Network([dense_layer((4, 2), glorot_uniform, rng)])
    fit(network, Split(x, y, x, y, x, y), sgd, lr=1.0, rng=rng, epochs=20, progress=False)
    assert accuracy(network, x, y) > 0.95


def test_repeat_trains_one_network_for_each_seed(data):
    def make(rng):
        return deep_network(1, 16, rng=rng)

    histories = repeat(make, data, sgd, [0, 1, 0], lr=0.1, progress=False)
    assert histories == [train(data, seed=seed)[1] for seed in (0, 1, 0)]
    last = [history.valid_accuracy[-1] for history in histories]
    assert final_accuracy({"a": histories[:1], "b": histories[1:]}) == {"a": last[:1], "b": last[1:]}


# Small networks on a few numbers, with everything that can go wrong between training and use


def toy(rows=24, seed=0):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((rows, 4)).astype(np.float32), rng.integers(0, 3, rows).astype(np.uint8)
    return Split(x, y, x[:9] + 1, y[:9][::-1], x[:0], y[:0])


def toy_network(seed=0, rate=0.3):
    """Normalized, dropped, and with parameters of every kind."""
    rng = np.random.default_rng(seed)
    return Network([
        dense_layer((4, 6), glorot_uniform, rng), batch_norm_layer(6, decay=0.5), prelu_layer((1, 6)),
        dropout_layer(rate, rng), layer_norm_layer(6), dense_layer((6, 3), glorot_uniform, rng),
    ])


KERNELS = {"dense 1/w", "dense 2/w"}


def fit_toy(network=None, rule=sgd, seed=0, **options):
    options = {"lr": 0.125, "batch_size": 8, "progress": False, **options}
    network = network or toy_network(seed)
    try:
        return network, fit(network, toy(), rule, rng=np.random.default_rng(seed), **options)
    except KeyboardInterrupt:
        pytest.fail("an interrupt came through")


def interrupted_toy(network=None, rule=sgd, seed=0, **options):
    """Train until Ctrl-C comes, which goes on up; return network and record."""
    options = {"lr": 0.125, "batch_size": 8, "progress": False, "history": History(), **options}
    network = network or toy_network(seed)
    with pytest.raises(KeyboardInterrupt):
        fit(network, toy(), rule, rng=np.random.default_rng(seed), **options)
    return network, options["history"]


@pytest.fixture(autouse=True)
def nothing_unfinished():
    yield
    unfinished.record_end()


def same(one, other):
    """Whether two dictionaries hold the same arrays, bit for bit."""
    return list(one) == list(other) and all(np.array_equal(one[key], other[key]) for key in one)


def weights_after_each_step(**options):
    """Return the weights before the first step, after the first and so on, of a run that nobody stops."""
    network, seen = toy_network(), []

    def spy(x):
        seen.append(network.weights)
        return x

    fit_toy(network, augment=spy, **options)
    return [*seen, network.weights]


# Against Keras


def keras_steps(model, optimizer, data, batch_size, epochs, seed=0):
    """Train a Keras model on the batches that fit uses, and return every step's loss."""
    rng, losses = np.random.default_rng(seed), []
    for _ in range(epochs):
        for x, y in minibatches(data.x_train, data.y_train, batch_size, rng):
            with tf.GradientTape() as tape:
                logits = model(x, training=True)
                cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(y.astype(np.int32), logits)
                loss = tf.reduce_mean(cross_entropy) + sum(model.losses)
            gradients = tape.gradient(loss, [w.value for w in model.trainable_weights])
            optimizer.apply(gradients, model.trainable_weights)
            losses.append(float(loss))
    return losses


def copy_to_keras(network, layers):
    for theirs, ours in zip(layers, network.layers, strict=True):
        theirs.set_weights([*ours.params.values(), *ours.statistics.values()])


def assert_weights_equal(network, layers, tolerance):
    for name, theirs, ours in zip(network.names, layers, network.layers, strict=True):
        for got, wanted in zip([*ours.params.values(), *ours.statistics.values()], theirs.get_weights(), strict=True):
            np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance, err_msg=name)


def test_a_convolutional_network_with_batch_norm_trains_as_in_keras():
    rng, wide = np.random.default_rng(0), {"dtype": np.float64}
    network = Network([
        conv_layer((3, 3, 2, 3), he_normal, rng, lowest=True, **wide), batch_norm_layer(3, decay=0.75, **wide),
        activation_layer(*ACTIVATIONS["ReLU"]), max_pool_layer(),
        conv_layer((3, 3, 3, 4), he_normal, rng, stride=2, **wide), batch_norm_layer(4, **wide),
        activation_layer(*ACTIVATIONS["ELU"]), flatten_layer(), dense_layer((16, 5), he_normal, rng, **wide),
        activation_layer(*ACTIVATIONS["tanh"]), dense_layer((5, 3), he_normal, rng, **wide),
    ])
    options = {"dtype": "float64"}
    layers = [
        keras.layers.Conv2D(3, 3, padding="same", **options), keras.layers.BatchNormalization(momentum=0.75, **options),
        keras.layers.Activation("relu", **options), keras.layers.MaxPooling2D(**options),
        keras.layers.Conv2D(4, 3, strides=2, padding="same", **options), keras.layers.BatchNormalization(**options),
        keras.layers.Activation("elu", **options), keras.layers.Flatten(**options), keras.layers.Dense(5, **options),
        keras.layers.Activation("tanh", **options), keras.layers.Dense(3, **options),
    ]
    x, y = rng.standard_normal((36, 8, 8, 2)), rng.integers(0, 3, 36)
    data = Split(x, y, x[:10] + 1, y[:10], x, y)
    model = keras.Sequential([keras.Input((8, 8, 2), dtype="float64"), *layers])
    copy_to_keras(network, layers)
    before = network.weights
    history = fit(network, data, sgd, lr=0.125, rng=np.random.default_rng(0), batch_size=8, progress=False)
    losses = keras_steps(model, keras.optimizers.SGD(0.125), data, 8, 1)
    assert len(losses) == 5  # the last on 4 images
    np.testing.assert_allclose(history.step_loss, losses, rtol=1e-10)
    assert_weights_equal(network, layers, 1e-10)
    assert min(np.abs(w - before[key]).max() for key, w in network.weights.items() if key not in BEFORE_NORM) > 1e-3
    valid = tf.nn.sparse_softmax_cross_entropy_with_logits(data.y_valid, model(data.x_valid, training=False))
    assert history.valid_loss == [pytest.approx(float(tf.reduce_mean(valid)), rel=1e-10)]


BEFORE_NORM = {"conv 1/b", "conv 2/b"}  # batch normalization takes biases away, so they have no gradient
# Keras rounds hyperparameters to float32, so these are numbers that rounding doesn't change
WAYS = {
    "Adam": (
        partial(adam, beta1=0.875, beta2=1 - 2**-10, eps=2**-23), 2**-7, {},
        keras.optimizers.Adam, {"beta_1": 0.875, "beta_2": 1 - 2**-10, "epsilon": 2**-23}, {}),
    "momentum, clipped": (
        partial(momentum, beta=0.875), 0.125, {"transform": partial(clip_by_global_norm, limit=0.25)},
        keras.optimizers.SGD, {"momentum": 0.875, "global_clipnorm": 0.25}, {}),
    "l2": (sgd, 0.125, {"penalty": partial(l2, strength=0.125)},
           keras.optimizers.SGD, {}, {"kernel_regularizer": keras.regularizers.L2(0.125)}),
    "max norm": (sgd, 0.5, {"constraint": partial(max_norm, limit=1.0)},
                 keras.optimizers.SGD, {}, {"kernel_constraint": keras.constraints.MaxNorm(1.0)}),
    "schedule": (sgd, partial(cosine_decay, lr=0.5, decay_steps=16), {},
                 keras.optimizers.SGD, {"learning_rate": keras.optimizers.schedules.CosineDecay(0.5, 16)}, {}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_dense_network_trains_as_in_keras(way):
    rule, lr, options, optimizer, their_options, layer_options = WAYS[way]
    rng, wide = np.random.default_rng(0), {"dtype": np.float64}
    network = Network([
        dense_layer((4, 6), he_normal, rng, lowest=True, **wide), activation_layer(*ACTIVATIONS["tanh"]),
        dense_layer((6, 3), he_normal, rng, **wide),
    ])
    first, last = (keras.layers.Dense(n, dtype="float64", **layer_options) for n in (6, 3))
    layers = [first, keras.layers.Activation("tanh", dtype="float64"), last]
    model = keras.Sequential([keras.Input((4,), dtype="float64"), *layers])
    copy_to_keras(network, layers)
    data = toy()._replace(x_train=toy().x_train.astype(float))
    history = fit(network, data, rule, lr=lr, rng=rng_of(1), batch_size=10, epochs=4, progress=False, **options)
    losses = keras_steps(model, optimizer(**{"learning_rate": lr} | their_options), data, 10, 4, seed=1)
    tolerance = 1e-7 if way == "schedule" else 1e-10  # Keras computes schedules in float32
    np.testing.assert_allclose(history.step_loss, losses, rtol=tolerance)
    assert_weights_equal(network, layers, tolerance)


def rng_of(seed):
    return np.random.default_rng(seed)


# What is the same again, and what is recorded


def test_a_seed_repeats_everything_also_what_is_random_on_the_way(data):
    tiny = data.first(130)

    def run(seed=0):
        rng = np.random.default_rng(seed)
        network = conv_network([3], [8], rng=rng, batch_norm=True, dropout=0.3)
        change = partial(augment, rng=rng, shift=2, rotate=10.0, noise=5.0)
        return network.weights, fit(network, tiny, adam, lr=0.01, rng=rng, epochs=2, augment=change, progress=False)

    (one, first), (two, second), (_, other) = run(), run(), run(1)
    assert first == second and first.step_loss != other.step_loss and same(one, two)


def test_a_history_holds_what_was_seen_and_nothing_else():
    empty = History()
    assert (empty.step_loss, empty.lr, empty.loss, empty.valid_loss, empty.valid_accuracy, empty.stopped) == (
        [], [], [], [], [], "",
    )
    empty.lr.append(1)
    assert History().lr == [] and History() == History() != empty
    _, history = fit_toy(epochs=2)
    numbers = [*history.step_loss, *history.lr, *history.loss, *history.valid_loss, *history.valid_accuracy]
    assert all(type(number) is float for number in numbers) and history.stopped == ""


def test_the_validation_loss_is_that_of_inference():
    network, history = fit_toy()
    x, y = toy().x_valid, toy().y_valid
    loss, _ = softmax_cross_entropy(network.inference(x), y)
    assert history.valid_loss == [pytest.approx(loss, rel=1e-5)]
    assert history.valid_accuracy == [np.mean(network.inference(x).argmax(axis=1) == y)]
    assert evaluate(network, x, y) == evaluate(network, x, y)  # nothing is dropped
    assert abs(softmax_cross_entropy(network.forward(x)[0], y)[0] - loss) > 1e-3


def test_training_moves_the_statistics_once_a_step():
    network, steps = toy_network(rate=0.0), []
    network.layers[1].observe = lambda cache, old: steps.append(cache) or old | {"mean": old["mean"] + 1}
    fit_toy(network, epochs=2)
    assert len(steps) == 6 and (network.statistics["batch norm 1/mean"] == 6).all()


def test_a_schedule_gives_the_rate_of_every_step_and_the_record_says_which():
    seen, asked = [], []

    def schedule(step):
        asked.append(step)
        return np.float64(1 / (1 + step))

    def rule(w, grad, state=None, *, lr):
        seen.append(lr)
        return w - lr * grad, state

    network, history = fit_toy(rule=rule, lr=schedule, epochs=2)
    assert asked == list(range(6)) and history.lr == [1 / (1 + step) for step in range(6)]
    assert seen == [lr for lr in history.lr for _ in network.params]
    assert {w.dtype for w in network.weights.values()} == {np.dtype(np.float32)}
    _, again = fit_toy(network, rule=rule, lr=schedule, history=history)
    assert again is history and asked == list(range(9)) == [round(1 / lr - 1) for lr in history.lr]
    assert fit_toy(lr=0.25)[1].lr == [0.25] * 3


def test_a_schedule_may_look_at_the_record():
    history = History()
    schedule = partial(performance_schedule, lr=0.5, factor=0.5, patience=1)
    _, history = fit_toy(lr=lambda step: schedule(history.valid_loss), history=history, epochs=8)
    wanted = [schedule(history.valid_loss[:epoch]) for epoch in range(8) for _ in range(3)]
    assert history.lr == wanted and wanted[-1] < 0.5


def test_going_on_counts_steps_and_epochs_on():
    network, history = fit_toy(epochs=2)
    kept = list(history.step_loss)
    history.stopped = "a callback stopped it"
    _, longer = fit_toy(network, history=history, seed=5)
    assert longer is history and history.stopped == ""
    assert history.step_loss[:6] == kept and len(history.step_loss) == len(history.lr) == 9
    assert [len(values) for values in (history.loss, history.valid_loss, history.valid_accuracy)] == [3, 3, 3]
    assert history.loss[2] == pytest.approx(np.mean(history.step_loss[6:]))


def test_no_epochs_change_nothing():
    network, ends = toy_network(), Recorder()
    before = network.weights
    _, history = fit_toy(network, epochs=0, callbacks=[ends])
    assert history == History() and same(network.weights, before) and ends.calls == ["end"]


@pytest.mark.parametrize("wrong", [{"epochs": -1}, {"epochs": "3"}, {"batch_size": 0}])
def test_epochs_and_batch_size_are_checked(wrong):
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"fit: {name} is {value!r}, wanted"):
        fit_toy(**wrong)


# What it is given


def test_a_rule_keeps_its_state_for_each_array():
    network, other = toy_network(rate=0.0), toy_network(rate=0.0)
    fit_toy(network, rule=momentum, epochs=2)
    rng, speed = rng_of(0), {}
    for _ in range(2):
        for x, y in minibatches(toy().x_train, toy().y_train, 8, rng):
            logits, caches = other.forward(x)
            grads = other.backward(softmax_cross_entropy(logits, y)[1], caches)
            other.observe(caches)
            speed = {key: 0.9 * speed.get(key, 0) - 0.125 * grad for key, grad in grads.items()}
            other.params = {key: w + speed[key] for key, w in other.params.items()}
    for key, w in other.weights.items():
        np.testing.assert_allclose(network.weights[key], w, rtol=1e-5, atol=1e-6, err_msg=key)


def test_a_penalty_counts_for_kernels_only():
    seen, got = [], {}

    def penalty(w):
        seen.append(w)
        return 10.0, np.full_like(w, 100)

    def rule(w, grad, state=None, *, lr):
        got.setdefault(len(got), grad)
        return w, state

    network, history = fit_toy(rule=rule, penalty=penalty)
    assert {id(w) for w in seen} == {id(network.params[key]) for key in KERNELS} and len(seen) == 2 * 3
    punished = {key for key, grad in zip(network.params, got.values(), strict=False) if np.abs(grad).max() > 50}
    assert punished == KERNELS and set(network.params) - punished == {
        "dense 1/b", "batch norm 1/gamma", "batch norm 1/beta", "prelu 1/slopes", "layer norm 1/gamma",
        "layer norm 1/beta", "dense 2/b",
    }
    _, plain = fit_toy(rule=lambda w, grad, state=None, *, lr: (w, state))
    np.testing.assert_allclose(np.array(history.step_loss) - plain.step_loss, 20)
    np.testing.assert_allclose(history.loss[0] - plain.loss[0], 20)
    assert history.valid_loss == plain.valid_loss


def test_penalties_count_for_the_filters_of_convolutions_too(data):
    seen = []

    def penalty(w):
        seen.append(w.shape)
        return 0.0, 0 * w

    network = conv_network([2], [3], rng=rng_of(0), batch_norm=True)
    fit(network, data.first(5), sgd, lr=0.1, rng=rng_of(0), penalty=penalty, progress=False)
    assert seen == [w.shape for key, w in network.params.items() if key.endswith("/w")] and len(seen) == 3


def test_the_transform_sees_the_penalty():
    grads = []
    _, history = fit_toy(penalty=lambda w: (0.0, np.full_like(w, 100)), transform=lambda g: grads.append(g) or g)
    assert np.abs(grads[0][0]).min() > 50 > np.abs(grads[0][1]).max()


def test_a_constraint_holds_after_every_update_for_kernels_only():
    order, before = [], toy_network().params

    def rule(w, grad, state=None, *, lr):
        order.append("rule")
        return w + 1, state

    def constraint(w):
        order.append("constraint")
        return 2 * w

    network, _ = fit_toy(rule=rule, constraint=constraint, batch_size=12)
    assert order == [*["rule"] * 9, *["constraint"] * 2] * 2
    for key, w in network.params.items():
        np.testing.assert_allclose(w, 4 * before[key] + 6 if key in KERNELS else before[key] + 2, rtol=1e-5)
    network, _ = fit_toy(lr=1.0, constraint=partial(max_norm, limit=0.5), epochs=3)
    for key in KERNELS:
        assert np.linalg.norm(network.params[key], axis=0).max() < 0.5 + 1e-6
    assert np.linalg.norm(network.params["layer norm 1/gamma"]) > 0.5


def test_images_are_augmented_in_training_only():
    given, seen, used = [], [], []
    spy = Layer("spy", lambda x: (seen.append(x) or x, None), lambda dy, cache: (dy,),
                inference=lambda x: used.append(x) or x)
    network = Network([spy, *toy_network().layers])
    fit_toy(network, augment=lambda x: given.append(x) or x + 100)
    batches = list(minibatches(toy().x_train, toy().y_train, 8, rng_of(0)))
    assert len(given) == 3 and all(np.array_equal(x, batch) for x, (batch, _) in zip(given, batches, strict=True))
    assert all(np.array_equal(x, batch + 100) for x, (batch, _) in zip(seen, batches, strict=True))
    assert len(used) == 1 and np.array_equal(used[0], toy().x_valid)


# Callbacks


class Recorder:
    """A callback that notes when it is called, and answers what it is told to."""

    def __init__(self, answers=(), calls=None, name=""):
        self.answers, self.calls, self.name = list(answers), [] if calls is None else calls, name

    def __call__(self, network, history):
        self.calls.append(f"{self.name}epoch {len(history.valid_accuracy)}")
        return self.answers.pop(0) if self.answers else None

    def end(self, network, history):
        self.calls.append(f"{self.name}end")


def test_callbacks_are_called_in_order_and_all_of_them_at_the_end():
    calls = []
    _, history = fit_toy(epochs=9, callbacks=[
        Recorder([False, True], calls, "a "), lambda network, history: calls.append("b"), Recorder([], calls, "c "),
    ])
    assert calls == ["a epoch 1", "b", "c epoch 1", "a epoch 2", "b", "c epoch 2", "a end", "c end"]
    assert history.stopped == "a callback stopped it after epoch 2" and len(history.loss) == 2


@pytest.mark.parametrize(("answer", "stops"), [
    (True, True), (np.True_, True), (False, False), (np.False_, False), (None, False), (1, False), ([0], False),
    (np.ones(2), False), ("stop", False),
])
def test_only_true_stops(answer, stops):
    _, history = fit_toy(epochs=2, callbacks=[Recorder([answer])])
    assert len(history.loss) == (1 if stops else 2) and bool(history.stopped) == stops


def test_a_callback_that_stops_after_nan_does_not_hide_it():
    _, history = fit_toy(epochs=3, penalty=lambda w: (np.nan, w), callbacks=[Recorder([True])])
    assert history.stopped == "the loss is not finite at step 1"


def test_the_next_step_starts_from_what_a_callback_put_in():
    network = toy_network()

    def reset(network, history):
        network.params = {key: 0 * w + 3 for key, w in network.params.items()}

    fit_toy(network, epochs=2, lr=0.0, callbacks=[reset])
    assert all((w == 3).all() for w in network.params.values())
    network, _ = fit_toy(epochs=2, lr=1e-6, callbacks=[reset, lambda *_: False])
    _, history = fit_toy(network, lr=0.0)
    assert all(np.abs(w - 3).max() < 1e-3 for w in network.params.values())


@pytest.mark.parametrize("reason", ["ran out", "stopped", "nan", "interrupt", "interrupt in a callback", "error"])
def test_a_callback_is_always_told_the_end(reason, interrupt):
    spoil = {"nan": lambda x: x * np.nan, "error": lambda x: {}["missing"], "interrupt": interrupt(4)}.get(reason)
    answers = [True] if reason == "stopped" else []
    one, other = Recorder(answers), Recorder()
    callbacks = [one, other, interrupt(1)] if reason == "interrupt in a callback" else [one, other]
    if reason == "error":
        with pytest.raises(KeyError, match="missing"):
            fit_toy(epochs=2, augment=spoil, callbacks=callbacks)
    elif reason.startswith("interrupt"):
        interrupted_toy(epochs=2, augment=spoil, callbacks=callbacks)
    else:
        fit_toy(epochs=2, augment=spoil, callbacks=callbacks)
    assert one.calls[-1] == other.calls[-1] == "end" and (one.calls + other.calls).count("end") == 2


def nan_later(step):
    calls = []
    return lambda w: (calls.append(1) or (0.0 if len(calls) < 2 * step else np.nan), 0 * w)


@pytest.mark.parametrize("reason", ["patience", "ran out", "interrupt", "nan"])
def test_early_stopping_puts_the_best_weights_back_bit_for_bit(reason, interrupt):
    seen = []

    def snapshot(network, history):
        seen.append(({key: w.copy() for key, w in network.weights.items()}, history.valid_loss[-1]))

    more = {
        "patience": {"epochs": 50, "callbacks": [snapshot, EarlyStopping(patience=3)]},
        "ran out": {"epochs": 12, "callbacks": [snapshot, EarlyStopping(patience=100)]},
        "interrupt": {"epochs": 50, "callbacks": [snapshot, EarlyStopping(100)], "augment": interrupt(35)},
        "nan": {"epochs": 50, "callbacks": [snapshot, EarlyStopping(100)], "penalty": nan_later(35)},
    }[reason]
    network, history = (interrupted_toy if reason == "interrupt" else fit_toy)(**{"lr": 0.5} | more)
    losses = [loss for _, loss in seen]
    best = int(np.argmin(losses))
    assert same(network.weights, seen[best][0]) and best < len(seen) - 1
    assert not any(np.array_equal(w, seen[-1][0][key]) for key, w in network.weights.items() if key != "dense 1/b")
    if reason == "patience":
        assert history.stopped == f"a callback stopped it after epoch {best + 4}"
    assert losses == history.valid_loss[: len(losses)]


# What goes wrong


def test_nan_spoils_neither_parameters_nor_statistics():
    wanted = weights_after_each_step()
    calls = []

    def spoil(x):
        calls.append(1)
        return x * np.nan if len(calls) == 3 else x

    network, history = fit_toy(augment=spoil, epochs=2)
    assert history.stopped == "the loss is not finite at step 3" and same(network.weights, wanted[2])
    assert len(history.step_loss) == len(history.lr) == 3 and np.isnan(history.step_loss[2])
    assert np.isnan(history.loss[0]) and np.isfinite(history.valid_loss[0]) and len(history.valid_accuracy) == 1


@pytest.mark.parametrize("huge", [1e30, np.inf, np.nan])
def test_large_gradients_are_no_infinite_gradients(huge):
    network = toy_network()
    backward = network.layers[0].backward
    network.layers[0].backward = lambda dy, cache: (*backward(dy, cache)[:2], np.full(6, huge, np.float32))
    _, history = fit_toy(network, lr=0.0)
    assert history.stopped == ("" if huge < np.inf else "the gradient of dense 1/b is not finite at step 1")
    assert np.isfinite(history.step_loss).all() and np.isnan(history.loss[0]) == (not huge < np.inf)


@pytest.fixture
def interrupt():
    """A function n -> hook: a function that passes its argument on, and presses Ctrl-C when called for the nth time."""

    def pressing(n):
        calls = []

        def hook(value, *others):
            calls.append(1)
            if len(calls) == n:
                os.kill(os.getpid(), signal.SIGINT)
            return value

        return hook

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in the background
    yield pressing
    signal.signal(signal.SIGINT, before)


def assert_intact(network, history, steps, every):
    """Network and record are those after so many steps, and training can go on."""
    assert history.stopped == f"interrupted after step {steps}"
    assert len(history.step_loss) == len(history.lr) == steps
    assert len(history.loss) == len(history.valid_loss) == len(history.valid_accuracy) <= steps // 3
    assert same(network.weights, every[steps])
    fit(network, toy(), sgd, lr=0.125, rng=rng_of(1), batch_size=8, history=history, progress=False)
    assert history.stopped == "" and len(history.step_loss) == steps + 3


@pytest.mark.parametrize("n", [1, 3, 6])
@pytest.mark.parametrize("place", [
    "augment", "lr", "transform", "rule", "forward", "backward", "observe", "inference", "callback",
])
def test_an_interrupt_keeps_whole_steps(place, n, interrupt):
    hook, network, options = interrupt(n), toy_network(), {}
    if place == "augment":
        options = {"augment": hook}
    elif place == "lr":
        options = {"lr": lambda step: hook(0.125)}
    elif place == "transform":
        options = {"transform": hook}
    elif place == "rule":
        options = {"rule": lambda w, grad, state=None, *, lr: (hook(w - lr * grad), state)}
    elif place == "callback":
        options = {"callbacks": [hook]}
    else:
        layer = network.layers[1]
        method = getattr(layer, place)
        setattr(layer, place, lambda *args: hook(method(*args)))
    epochs = 7 if place in {"inference", "callback"} else 2
    _, history = interrupted_toy(network, epochs=epochs, **options)
    steps = {"inference": 3 * n, "callback": 3 * n, "rule": (n - 1) // 9}.get(place, n - 1)
    assert_intact(network, history, steps, weights_after_each_step(epochs=epochs))
    assert len(history.loss) == 1 + steps // 3 - (place == "inference")  # one more since, and of whole epochs only


def lines_of_fit():
    """The lines of fit between which an interrupt may come: from its loop to where interrupts are dealt with."""
    lines, first = inspect.getsourcelines(fit.__wrapped__)
    start = next(i for i, line in enumerate(lines) if "for _ in range(epochs)" in line)
    end = next(i for i, line in enumerate(lines) if "except KeyboardInterrupt" in line)
    return first + start, first + end


def interrupted_at(k):
    """Train, with a KeyboardInterrupt at the kth line that is executed; return network, history and number of lines."""
    files, (first, last), count = {training.__file__, network_module.__file__}, lines_of_fit(), 0

    def trace(frame, event, arg):
        nonlocal count
        code = frame.f_code
        if code.co_filename not in files or code.co_name in {"undo", "_bar", "__init__"}:
            return None
        if event == "line" and (code.co_name != "fit" or first <= frame.f_lineno < last):
            count += 1
            if count == k:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    network, history, before = toy_network(), History(), sys.gettrace()
    sys.settrace(trace)
    try:
        fit(network, toy(), sgd, lr=0.125, rng=rng_of(0), epochs=2, batch_size=8, penalty=penalty_of_nothing,
            constraint=lambda w: w, history=history, progress=False)
    except KeyboardInterrupt:
        assert k > 0
    finally:
        sys.settrace(before)
    return network, history, count


def penalty_of_nothing(w):
    return 0.0, 0 * w


def test_an_interrupt_may_come_at_any_line():
    every = weights_after_each_step(epochs=2, penalty=penalty_of_nothing, constraint=lambda w: w)
    network, whole, lines = interrupted_at(0)
    assert whole.stopped == "" and same(network.weights, every[6]) and lines > 500
    reached = set()
    for k in [*range(1, lines // 3), *range(lines // 2 - 80, lines // 2 + 80), lines]:  # two steps, and an epoch's end
        network, history, _ = interrupted_at(k)
        reached.add((len(history.step_loss), len(history.loss)))
        assert_intact(network, history, len(history.step_loss), every)
    assert reached == {(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (6, 2)}


def test_an_interrupt_at_any_time():
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)  # as if Ctrl-C were pressed
    try:
        for milliseconds in (1, 2, 3, 5, 8, 13, 21):
            network, history = interrupted_toy(epochs=10**6, augment=Clock(milliseconds / 1000))
            steps = len(history.step_loss)
            assert_intact(network, history, steps, weights_after_each_step(epochs=steps // 3 + 1))
    finally:
        signal.signal(signal.SIGALRM, before)


class Clock:
    """Rings some seconds after the first call."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __call__(self, x):
        if self.seconds:
            signal.setitimer(signal.ITIMER_REAL, self.seconds)
            self.seconds = 0
        return x


def test_an_interrupt_keeps_what_a_callback_put_in(interrupt):
    def reset(network, history):
        network.weights = {key: 0 * w + 3 for key, w in network.weights.items()}

    network, history = interrupted_toy(epochs=3, callbacks=[reset], lr=0.0, augment=interrupt(5))
    assert history.stopped == "interrupted after step 4" and all((w == 3).all() for w in network.params.values())


def test_an_interrupt_after_nan_leaves_the_record_of_it(interrupt):
    network, history = interrupted_toy(epochs=2, penalty=lambda w: (np.nan, w), callbacks=[interrupt(1)])
    assert history.stopped == "the loss is not finite at step 1" and len(history.step_loss) == 1


def test_an_interrupt_ends_all_repeats_and_loses_none_that_is_finished(interrupt):
    hook, made, histories = interrupt(8), [], []

    def make(rng):
        made.append(toy_network())
        return made[-1]

    options = {"lr": 0.1, "batch_size": 8, "epochs": 2, "augment": hook, "progress": False}
    with pytest.raises(KeyboardInterrupt):
        repeat(make, toy(), sgd, range(10), histories=histories, **options)
    assert len(made) == 2 and [len(history.step_loss) for history in histories] == [6]
    assert repeat(make, toy(), sgd, [5], histories=histories, **options) is histories and len(histories) == 2


def test_a_run_that_was_stopped_is_known_until_one_comes_to_its_end(interrupt):
    interrupted_toy(epochs=2, augment=interrupt(5))
    assert unfinished.stopped_runs() == ["a training run was stopped (interrupted after step 4)"]
    fit_toy()
    assert unfinished.stopped_runs() == []


@pytest.mark.parametrize("n", [1, 5])
def test_an_interrupt_leaves_no_dead_bar(n, interrupt, monkeypatch):
    from tqdm import tqdm

    closed = []

    class Bar(tqdm):
        def close(self):
            closed.append(self.n)
            super().close()

    monkeypatch.setattr("tqdm.tqdm", Bar)
    interrupted_toy(epochs=2, augment=interrupt(n), progress=True)
    assert closed[0] == n - 1  # closed, it is empty: test_progress_bar


def test_what_was_cut_off_says_so_beside_its_accuracy(interrupt):
    _, cut = interrupted_toy(epochs=2, augment=interrupt(5))
    _, early = interrupted_toy(epochs=2, augment=interrupt(3))
    _, whole = fit_toy(callbacks=[lambda *_: True])
    assert (cut.cut_off, early.cut_off, whole.cut_off) == ("cut off at step 4", "cut off at step 2", "")
    found = final_accuracy({"a": [cut, whole], "b": [cut, early, cut], "c": [whole]})
    assert list(found) == ["a (cut off at step 4)", "b (cut off at step 4, cut off at step 2)", "c"]
    assert found["a (cut off at step 4)"] == [cut.valid_accuracy[0], whole.valid_accuracy[0]]
    assert np.isnan(list(found.values())[1][1])


def test_a_run_that_stops_early_counts_among_repeats():
    options = {"lr": 0.1, "batch_size": 8, "epochs": 2, "progress": False}
    histories = repeat(lambda rng: toy_network(), toy(), sgd, [0, 1], callbacks=[lambda *_: True], **options)
    assert [len(history.loss) for history in histories] == [1, 1]


def test_final_accuracy_is_that_of_the_last_epoch():
    runs = [History(valid_accuracy=values, valid_loss=[3.0]) for values in ([0.1, 0.9, 0.5], [0.2])]
    assert final_accuracy({"one": runs, "none": []}) == {"one": [0.5, 0.2], "none": []}


# One step, on its own


def test_a_step_learns_from_one_batch_and_records_it():
    network, history, (x, y) = toy_network(rate=0.0), History(), (toy().x_train, toy().y_train)
    before = network.weights
    logits, caches = network.forward(x)
    loss, dlogits = softmax_cross_entropy(logits, y)
    grads = network.backward(dlogits, caches)
    step = Step(network, sgd, 0.25)
    step.undo(history)
    assert history == History() and same(network.weights, before)  # there is nothing to undo
    step(x, y, history)
    assert history == History(step_loss=[loss], lr=[0.25])
    assert all(np.array_equal(network.params[key], before[key] - 0.25 * grad) for key, grad in grads.items())
    after = network.weights
    network.params = before
    history.loss.append(1.0)
    history.step_loss.append(2.0)
    step.undo(history)
    assert history == History(step_loss=[loss], lr=[0.25]) and same(network.weights, after)


def test_evaluating_counts_every_row_once():
    network = Network([Layer("table", lambda x: (np.array([[9.0, 0, 0]])[[0] * len(x)] * x[:, :1], None), None)])
    x, y = np.ones((7, 1)), np.array([0, 0, 0, 1, 0, 2, 0])
    for size in (1, 2, 3, 7, 1000):
        assert accuracy(network, x, y, size=size) == 5 / 7
        loss = np.log(2 * np.exp(-9) + 1) + 9 * 2 / 7
        assert evaluate(network, x, y, size=size) == (pytest.approx(loss), 5 / 7)
    seen = []
    network.layers[0].inference = lambda x: seen.append(len(x)) or np.zeros((len(x), 3))
    accuracy(network, np.ones((2500, 1)), np.zeros(2500, int))
    evaluate(network, np.ones((25, 1)), np.zeros(25, int), size=10)
    accuracy(network, np.ones((6, 1)), np.zeros(6, int), size=4)
    assert seen == [1000, 1000, 500, 10, 10, 5, 4, 2]


def test_mnist_networks_of_all_kinds_learn(data):
    for make in (
        partial(dense_network, [32], batch_norm=True, dropout=0.2),
        partial(conv_network, [4], [16], batch_norm=True),
    ):
        rng = rng_of(0)
        network = make(rng=rng)
        history = fit(network, data, adam, lr=0.005, rng=rng, epochs=3, penalty=partial(l2, strength=1e-4),
                      callbacks=[EarlyStopping(5)], progress=False)
        assert history.valid_accuracy[-1] > 0.75 and history.loss[-1] < history.loss[0]
