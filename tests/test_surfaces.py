"""Surfaces: gradients against finite differences, lowest places, curvatures, and walks by every rule."""

from functools import partial

import numpy as np
import pytest

from course_lib import surfaces as s
from course_lib.gradcheck import numerical_gradient
from course_lib.optimizers import adam, momentum, sgd
from course_lib.schedules import exponential_decay

PAIRS = {"bowl": (s.bowl, s.bowl_gradient), "valley": (s.valley, s.valley_gradient),
         "saddle": (s.saddle, s.saddle_gradient), "plateau": (s.plateau, s.plateau_gradient)}
OPTIONS = {"bowl": {"curvatures": (3.0, 0.5)}, "valley": {"steepness": 7.0}}


@pytest.mark.parametrize("name", PAIRS)
def test_gradients_agree_with_finite_differences(name):
    value, gradient = PAIRS[name]
    rng = np.random.default_rng(0)
    for options in ({}, OPTIONS.get(name, {})):
        for w in rng.uniform(-2, 2, (20, 2)):
            wanted = numerical_gradient(partial(value, **options), w)
            np.testing.assert_allclose(gradient(w, **options), wanted, rtol=1e-5, atol=1e-6)


def test_heights_by_hand():
    assert s.bowl(np.array([2.0, 1.0])) == 12 and s.bowl(np.array([2.0, 1.0]), (3.0, 4.0)) == 8
    assert s.valley(np.array([2.0, 3.0])) == 11 and s.valley(np.array([2.0, 3.0]), 100.0) == 101
    assert s.saddle(np.array([2.0, 2.0])) == 4
    assert s.plateau(np.array([1.0, 1.0])) == pytest.approx(1 - np.exp(-1))


@pytest.mark.parametrize("name", PAIRS)
def test_grids_give_the_same_as_places_one_by_one(name):
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 4), np.linspace(0, 2, 3)))
    value, gradient = PAIRS[name]
    assert value(grid).shape == (3, 4) and gradient(grid).shape == (2, 3, 4)
    assert value(grid)[2, 1] == pytest.approx(value(grid[:, 2, 1]))
    np.testing.assert_allclose(gradient(grid)[:, 2, 1], gradient(grid[:, 2, 1]))


@pytest.mark.parametrize("function", [f for pair in PAIRS.values() for f in pair], ids=lambda f: f.__name__)
def test_places_of_other_dimensions_are_refused(function):
    with pytest.raises(ValueError, match="w has shape"):
        function(np.zeros(3))


@pytest.mark.parametrize("name", s.SURFACES)
def test_relief_is_the_height_above_the_floor_in_the_box(name):
    surface = s.SURFACES[name]
    left, right, bottom, top = surface.box
    grid, heights = s.relief(surface, 31)
    assert grid.shape == (2, 31, 31) and heights.shape == (31, 31)
    assert grid[:, 0, 0].tolist() == [left, bottom] and grid[:, -1, -1].tolist() == [right, top]
    assert grid[:, 0, -1].tolist() == [right, bottom]
    assert heights[3, 5] == pytest.approx(surface.value(grid[:, 3, 5]) - surface.floor)
    assert 0 <= heights.min() < 0.05 * heights.max() and s.relief(surface)[1].shape == (121, 121)


@pytest.mark.parametrize("name", s.SURFACES)
def test_every_surface_is_lowest_where_it_says(name):
    surface = s.SURFACES[name]
    lowest = np.array(surface.lowest)
    assert surface.value(lowest) == pytest.approx(surface.floor)
    assert np.allclose(surface.gradient(lowest), 0)
    left, right, bottom, top = surface.box
    grid = np.stack(np.meshgrid(np.linspace(left, right, 61), np.linspace(bottom, top, 61)))
    assert surface.value(grid).min() >= surface.floor - 1e-12
    for x, y in (surface.start, surface.lowest):
        assert left < x < right and bottom < y < top


def test_the_hessian_is_the_matrix_of_second_derivatives():
    np.testing.assert_allclose(s.hessian(s.bowl_gradient, np.array([0.3, -2.0])), [[1, 0], [0, 20]], atol=1e-6)
    x, y = 0.5, -1.0
    wanted = [[2 - 40 * (y - x**2) + 80 * x**2, -40 * x], [-40 * x, 20]]
    np.testing.assert_allclose(s.hessian(s.valley_gradient, np.array([x, y])), wanted, rtol=1e-5)

    def shear(w):  # no gradient of anything: its matrix shows the order
        return np.array([w[0] + 3 * w[1], 5 * w[1]])

    np.testing.assert_allclose(s.hessian(shear, np.zeros(2)), [[1, 3], [0, 5]], atol=1e-6)


def test_walks_by_hand():
    path = s.descend(s.bowl_gradient, sgd, (2, 1), 2, lr=0.1)
    np.testing.assert_allclose(path, [[2, 1], [1.8, -1], [1.62, 1]])
    path = s.descend(s.bowl_gradient, momentum, (1, 0), 2, lr=0.1, beta=0.5)
    np.testing.assert_allclose(path[:, 0], [1, 0.9, 0.9 - 0.05 - 0.09])


def test_walks_follow_a_schedule_and_keep_their_state():
    rate = partial(exponential_decay, lr=0.1, decay_steps=1, decay_rate=0.5)
    path = s.descend(s.bowl_gradient, sgd, (1, 0), 3, lr=rate)
    np.testing.assert_allclose(path[:, 0], [1, 0.9, 0.9 * 0.95, 0.9 * 0.95 * 0.975])
    assert np.linalg.norm(s.descend(s.valley_gradient, adam, (-1.5, 1.5), 2000, lr=0.05)[-1] - 1) < 1e-3


def test_a_walk_that_diverges_warns_of_nothing(recwarn):
    path = s.descend(s.valley_gradient, sgd, (-1.5, 1.5), 50, lr=1.0)
    assert path.shape == (51, 2) and not np.isfinite(path[-1]).all() and not recwarn.list


def test_arrival_is_where_a_walk_stays():
    bowl = s.SURFACES["bowl"]

    def heights(x):
        return np.stack([np.sqrt(2 * np.array(x, float)), np.zeros(len(x))], axis=1)

    assert s.arrival(bowl, heights([3, 0.5, 3, 0.5, 0.2]), near=1.0) == 3
    assert s.arrival(bowl, heights([3, 2, 3]), near=1.0) == 3
    assert s.arrival(bowl, heights([0.1, 0.2]), near=1.0) == 0
    assert s.arrival(bowl, heights([0.1, np.nan]), near=1.0) == 2
    assert s.arrival(bowl, heights([1.0, 0.002, 0.0005])) == 2
    saddle = s.SURFACES["saddle"]
    assert s.arrival(saddle, np.array([[0.0, 0.0], [0.0, 1.0]])) == 1
