"""`@shapes`: which arguments pass, and what is said about those that don't."""

import inspect

import numpy as np
import pytest

from course_lib.contracts import shapes


@shapes(x="batch fan_in", w="fan_in fan_out", b="fan_out", scale="...")
def affine(x, w, b=None, *, scale=1):
    """Return x w."""
    return x @ w * scale


X, W, B = np.zeros((5, 3)), np.zeros((3, 2), np.float32), np.zeros(2, int)


@pytest.mark.parametrize("scale", [2, 0.5, True, np.float32(2), np.zeros((7, 5, 2)), np.zeros((0, 5, 2))])
def test_right_arguments_pass(scale):
    assert affine(X, W, b=B, scale=scale).shape[-2:] == (5, 2)
    assert affine(X[:0], w=W).shape == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X, W.T), r"affine: w has shape (2, 3), wanted (fan_in, fan_out) with fan_in = 3"),
        ((X, W, B[:1]), r"affine: b has shape (1,), wanted (fan_out) with fan_out = 2"),
        ((X[0], W), r"affine: x has shape (3,), wanted (batch, fan_in)"),
        ((X, np.float64(1)), r"affine: w has shape (), wanted (fan_in, fan_out)"),
        ((X.tolist(), W), r"affine: x is a list, wanted a NumPy array of numbers: try np.asarray(x, float)"),
        ((X, None), r"affine: w is a NoneType, wanted"),
        ((X, "w"), r"affine: w is a str, wanted"),
        ((X.astype(object), W), r"affine: x is an array of dtype object, wanted"),
        ((X.astype("U1"), W), r"affine: x is an array of dtype <U1, wanted"),
        ((X.astype(complex), W), r"affine: x is an array of dtype complex128, wanted"),
    ],
)
def test_wrong_arguments_are_named_with_what_was_wanted(arguments, message):
    with pytest.raises(ValueError) as caught:
        affine(*arguments)
    assert str(caught.value).startswith(message)


def test_keywords_are_checked_too():
    with pytest.raises(ValueError, match="affine: scale is a list"):
        affine(X, W, scale=[1])


def test_one_axis_may_occur_twice_in_an_array():
    @shapes(a="n n")
    def trace(a):
        return a.trace()

    assert trace(np.eye(3)) == 3
    with pytest.raises(ValueError, match=r"trace: a has shape \(2, 3\), wanted \(n, n\) with n = 2"):
        trace(np.zeros((2, 3)))


def test_the_function_keeps_its_face():
    assert affine.__doc__ == "Return x w."
    assert str(inspect.signature(affine)) == "(x, w, b=None, *, scale=1)"
