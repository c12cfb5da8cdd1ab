"""`fit`: it learns, repeats itself from a seed, stops at NaN and says where, and uses what it is given."""

import numpy as np
import pytest

from course_lib import layers as pairs
from course_lib.datasets import Split, load_mnist
from course_lib.initializers import glorot_uniform
from course_lib.losses import softmax_cross_entropy
from course_lib.models import deep_network, dense_layer
from course_lib.network import Network
from course_lib.optimizers import sgd
from course_lib.regularizers import clip_by_global_norm
from course_lib.training import accuracy, evaluate, final_accuracy, fit, repeat


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


def test_it_stops_at_nan_before_the_weights_are_spoilt(data):
    params = []
    network, history = train(
        data, epochs=3, lr=1e30, callbacks=[lambda network, history: params.append(network.params)]
    )
    assert history.stopped.endswith(f"is not finite at step {len(history.step_loss)}")
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
    assert "steps" in capsys.readouterr().err


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
