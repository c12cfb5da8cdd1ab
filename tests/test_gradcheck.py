"""The judge: it gives known gradients, passes right backward passes and catches wrong ones."""

import numpy as np
import pytest

from course_lib.gradcheck import check_gradient, numerical_gradient
from course_lib.layers import dense, dense_backward

RNG = np.random.default_rng(0)
ARRAYS = RNG.standard_normal((4, 3)), RNG.standard_normal((3, 2)), RNG.standard_normal(2)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
def test_gradient_of_a_known_function(shape):
    x = np.random.default_rng(1).standard_normal(shape)
    x.flags.writeable = False
    np.testing.assert_allclose(numerical_gradient(lambda x: float((x**3).sum()), x), 3 * x**2, atol=1e-9)


def test_differences_are_central():
    x = np.array([2.0])
    assert numerical_gradient(lambda x: float(x[0] ** 2), x, step=0.5) == pytest.approx(4)
    assert numerical_gradient(lambda x: float(x[0] ** 3), x, step=0.5) == pytest.approx(12.25)


@pytest.mark.parametrize("x", [np.zeros(2, np.float32), np.zeros(2, int), [1.0], 1.0])
def test_gradient_wants_float64(x):
    with pytest.raises(ValueError, match="numerical_gradient: x is .*, wanted a float64 array"):
        numerical_gradient(lambda x: 0.0, x)


def test_a_right_backward_pass_has_no_error():
    errors = check_gradient(dense, dense_backward, *ARRAYS, rng=np.random.default_rng(2))
    assert len(errors) == 3 and max(errors) < 1e-8


@pytest.mark.parametrize(
    ("wrong", "culprit"),
    [
        (lambda dx, dw, db: (dx, dw, db / 4), 2),
        (lambda dx, dw, db: (dx, -dw, db), 1),
        (lambda dx, dw, db: (dx * 1.001, dw, db), 0),
        (lambda dx, dw, db: (np.zeros_like(dx), dw, db), 0),
        (lambda dx, dw, db: (dx, dw * [[1, 1], [1, 1], [1, 0.99]], db), 1),
    ],
)
def test_a_wrong_gradient_is_caught_and_only_that(wrong, culprit):
    errors = check_gradient(
        dense, lambda dy, cache: wrong(*dense_backward(dy, cache)), *ARRAYS, rng=np.random.default_rng(2)
    )
    assert [error > 1e-4 for error in errors] == [i == culprit for i in range(3)]


def cube(x):
    return x**3, x


def cube_backward(dy, x):
    return (3 * x**2 * dy,)


@pytest.mark.parametrize("size", [1e-6, 1, 1e6])
def test_the_error_is_relative(size):
    x = np.array([2.0, -3.0])
    for factor, wanted in ((2, 1 / 3), (0.5, 1 / 3), (0, 1), (-1, 1)):
        errors = check_gradient(
            lambda x: (size * x**3, x),
            lambda dy, x, factor=factor: (factor * size * 3 * x**2 * dy,),
            x,
            rng=np.random.default_rng(2),
        )
        assert errors == pytest.approx((wanted,), rel=1e-6)


def test_the_step_is_passed_on():
    # (2³ - 0³) / 2 = 4, where the slope of x³ at 1 is 3
    errors = check_gradient(cube, cube_backward, np.ones(1), rng=np.random.default_rng(2), step=1.0)
    assert errors == pytest.approx((1 / 7,))


def test_the_direction_is_random_and_comes_from_rng():
    x, seen = np.arange(1.0, 5), []

    def mixed_up(dy, x):
        seen.append(dy)
        return (3 * x**2 * dy[::-1],)

    errors = [check_gradient(cube, mixed_up, x, rng=np.random.default_rng(seed)) for seed in (2, 3, 2)]
    assert min(errors) > (0.1,)  # with one dy for all outputs nobody would notice
    assert np.array_equal(seen[0], seen[2]) and not np.isclose(seen[0], seen[1]).any()


def test_nan_is_no_right_gradient():
    def backward(dy, cache):
        dx, dw, db = dense_backward(dy, cache)
        return dx * np.nan, dw, db

    assert not check_gradient(dense, backward, *ARRAYS, rng=np.random.default_rng(2))[0] < 1


@pytest.mark.parametrize(
    "wrong",
    [lambda dx, dw, db: (dx, dw.T, db), lambda dx, dw, db: (dx, dw), lambda dx, dw, db: (None, dw, db)],
)
def test_wrong_shapes_are_named(wrong):
    with pytest.raises(
        ValueError, match=r"backward returns gradients of shapes .*, wanted \[\(4, 3\), \(3, 2\), \(2,\)\]"
    ):
        check_gradient(
            dense, lambda dy, cache: wrong(*dense_backward(dy, cache)), *ARRAYS, rng=np.random.default_rng(2)
        )


def test_a_gradient_that_is_zero_is_right():
    errors = check_gradient(
        lambda x: (0 * x, None), lambda dy, cache: (0 * dy,), ARRAYS[0], rng=np.random.default_rng(2)
    )
    assert errors == (0.0,)
