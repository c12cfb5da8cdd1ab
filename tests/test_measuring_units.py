"""Dead units and those that are off: counted as an obvious loop counts them, in training and in use."""

from functools import partial

import numpy as np
import pytest

from course_lib import activations as a
from course_lib.datasets import Split
from course_lib.initializers import he_normal
from course_lib.measuring import StatisticsWatch, UnitWatch, came_back, hidden_units
from course_lib.models import activation_layer, batch_norm_layer, dense_layer, dropout_layer, prelu_layer, rrelu_layer
from course_lib.network import Network
from course_lib.optimizers import sgd
from course_lib.training import fit

PAIRS = {
    "ReLU": (a.relu, a.relu_derivative),
    "leaky ReLU": (a.leaky_relu, a.leaky_relu_derivative),
    "ELU": (a.elu, a.elu_derivative),
}


def network(kind, rng, between=()):
    """Two hidden layers of seven units, many of them far below zero, and three outputs."""
    layers = []
    for fan_in in (4, 7):
        layer = dense_layer((fan_in, 7), lambda shape, rng: rng.standard_normal(shape), rng)
        layer.params["b"] = np.array([-200.0, -8, -3, -1, 0, 1, 3])
        made = {"PReLU": lambda: prelu_layer(7), "RReLU": lambda: rrelu_layer(rng)}
        layers += [layer, made[kind]() if kind in made else activation_layer(*PAIRS[kind]), *between]
    return Network([*layers, dense_layer((7, 3), lambda shape, rng: rng.standard_normal(shape), rng)])


def looked_at_by_hand(net, pair, x):
    dead, off = [], []
    for number in (1, 2):
        z = x @ net.params[f"dense {number}/w"] + net.params[f"dense {number}/b"]
        dead.append([all(pair[1](z[i, j]) == 0 for i in range(len(z))) for j in range(7)])
        off.append([all(z[i, j] <= 0 for i in range(len(z))) for j in range(7)])
        x = pair[0](z)
    return dead, off


@pytest.mark.parametrize("kind", PAIRS)
def test_units_are_counted_as_by_hand(kind):
    rng = np.random.default_rng(0)
    net, x = network(kind, rng), rng.standard_normal((9, 4))
    dead, off = looked_at_by_hand(net, PAIRS[kind], x)
    units = hidden_units(net, x)
    assert units.dead.tolist() == dead and units.off.tolist() == off
    assert units.dead.shape == (2, 7) and units.dead.dtype == bool
    assert any(map(any, off)) and not all(map(all, off))


def test_relu_units_that_are_off_are_dead_and_leaky_ones_never():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((9, 4))
    relu, leaky = hidden_units(network("ReLU", rng), x), hidden_units(network("leaky ReLU", rng), x)
    assert np.array_equal(relu.dead, relu.off) and relu.dead.any()
    assert leaky.off.any() and not leaky.dead.any()


def test_a_unit_at_zero_is_off_and_an_elu_far_below_is_dead_in_float32():
    net = Network([activation_layer(*PAIRS["ELU"])])
    units = hidden_units(net, np.float32([[0, -110, -1], [0, -200, 1]]))
    assert units.off.tolist() == [[True, True, False]]
    assert units.dead.tolist() == [[False, True, False]]


def test_off_is_said_of_what_goes_in():
    """A logistic unit's output is positive wherever its pre-activation lies."""
    units = hidden_units(Network([activation_layer(a.logistic, a.logistic_derivative)]), np.array([[-1.0, 1.0]]))
    assert units.off.tolist() == [[True, False]] and not units.dead.any()


@pytest.mark.parametrize("kind", ["PReLU", "RReLU"])
def test_learned_and_random_slopes_are_looked_at_too(kind):
    rng = np.random.default_rng(0)
    units = hidden_units(network(kind, rng), rng.standard_normal((9, 4)))
    assert units.off.shape == (2, 7) and units.off.any() and not units.dead.any()


def test_dropped_units_are_not_dead():
    """Units are looked at as in inference, where nothing is dropped."""
    nets = []
    for rate in (0.0, 0.99):
        rng = np.random.default_rng(0)
        nets.append(network("ReLU", rng, between=[dropout_layer(rate, np.random.default_rng(1))]))
    x = np.random.default_rng(2).standard_normal((9, 4))
    assert np.array_equal(hidden_units(nets[0], x).dead, hidden_units(nets[1], x).dead)


def test_an_exploding_network_warns_of_nothing(recwarn):
    net = Network([activation_layer(a.silu, a.silu_derivative)] * 2)
    assert hidden_units(net, np.array([[np.inf, -np.inf, np.nan]])).dead.shape == (2, 3)
    assert not recwarn.list


def data(rng):
    x, y = rng.standard_normal((8, 4)), np.arange(8) % 3
    return Split(x, y, x, y, x, y)


def test_watch_looks_before_and_after_every_epoch():
    rng = np.random.default_rng(0)
    net, split = network("ReLU", rng), data(rng)
    watch = UnitWatch(split.x_valid, net)
    before = hidden_units(net, split.x_valid)
    history = fit(net, split, sgd, lr=0.5, rng=rng, epochs=3, callbacks=[watch], progress=False)
    assert watch.dead.shape == watch.off.shape == (4, 2, 7)
    assert np.array_equal(watch.dead[0], before.dead)
    assert np.array_equal(watch.off[-1], hidden_units(net, split.x_valid).off)
    assert not history.stopped
    assert not np.array_equal(watch.dead[0], watch.dead[-1])


def test_watch_without_a_network_begins_after_the_first_epoch():
    rng = np.random.default_rng(0)
    net, split = network("leaky ReLU", rng), data(rng)
    watch = UnitWatch(split.x_valid)
    assert watch.seen == []
    fit(net, split, partial(sgd), lr=0.1, rng=rng, epochs=2, callbacks=[watch], progress=False)
    assert len(watch.seen) == 2
    assert watch.off.any() and not watch.dead.any()


def test_statistics_watch_compares_moving_with_true_ones():
    rng = np.random.default_rng(0)
    layers = [dense_layer((4, 7), he_normal, rng), batch_norm_layer(7, decay=0.5), dense_layer((7, 3), he_normal, rng)]
    net, split = Network(layers), data(rng)
    watch = StatisticsWatch(split.x_valid, net)
    assert not watch.moving["mean"].any() and (watch.moving["variance"] == 1).all()
    fit(net, split, sgd, lr=0.1, rng=rng, epochs=2, callbacks=[watch], progress=False)
    assert {a.shape for side in (watch.moving, watch.true) for a in side.values()} == {(3, 1, 7)}
    assert np.array_equal(watch.moving["mean"][-1, 0], net.statistics["batch norm 1/mean"])
    assert np.array_equal(watch.moving["variance"][-1, 0], net.statistics["batch norm 1/variance"])
    z = split.x_valid @ net.params["dense 1/w"] + net.params["dense 1/b"]
    np.testing.assert_allclose(watch.true["mean"][-1, 0], z.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(watch.true["variance"][-1, 0], z.var(axis=0), rtol=1e-5)
    assert len(StatisticsWatch(split.x_valid).seen) == 0


def test_coming_back_is_a_share_of_those_marked_at_first():
    marked = np.zeros((3, 1, 5), bool)
    marked[0, 0, :4] = True
    marked[1] = True
    marked[2, 0, [0, 4]] = True  # the last was never marked at first
    assert came_back(marked) == 0.75
    assert came_back(marked[::2]) == 0.75
    assert came_back(np.zeros((2, 1, 5), bool)) == 0.0
    assert isinstance(came_back(marked), float)


def test_layers_are_found_whatever_they_are_called():
    rng = np.random.default_rng(0)
    layers = [dense_layer((4, 7), he_normal, rng), batch_norm_layer(7), activation_layer(a.relu, a.relu_derivative),
              dense_layer((7, 3), he_normal, rng)]
    net, x = Network(layers), rng.standard_normal((9, 4))
    before, watched = hidden_units(net, x), StatisticsWatch(x, net)
    for layer in layers:
        layer.name = f"my own {layer.name}"
    assert np.array_equal(hidden_units(net, x).off, before.off) and before.off.shape == (1, 7)
    assert np.array_equal(StatisticsWatch(x, net).true["mean"], watched.true["mean"])
