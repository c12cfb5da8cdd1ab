"""`@shapes`: which arguments pass, and what is said about those that don't."""

import inspect

import numpy as np
import pytest

from course_lib import contracts
from course_lib.contracts import arrays, refuse_misfits, shapes


@shapes(x="batch fan_in", w="fan_in fan_out", b="fan_out", scale="...")
def affine(x, w, b=None, *, scale=1):
    """Return x w."""
    return x @ w * scale


X, W, B = np.zeros((5, 3)), np.zeros((3, 2), np.float32), np.zeros(2, int)


@pytest.mark.parametrize(
    "scale",
    [2, 0.5, True, np.float32(2), np.zeros((7, 5, 2)), np.zeros((0, 5, 2)), np.ones(2, bool), np.ones(2, np.uint8)],
)
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


def test_known_lengths_are_told_only_where_the_number_of_axes_is_right():
    with pytest.raises(ValueError, match=r"^affine: w has shape \(3,\), wanted \(fan_in, fan_out\)$"):
        affine(X, W[:, 0])
    with pytest.raises(ValueError, match=r"^affine: x has shape \(5, 3, 1\), wanted \(batch, fan_in\)$"):
        affine(X[:, :, None], W)


def test_numbers_are_no_arrays_and_complex_ones_no_numbers_here():
    with pytest.raises(ValueError, match=r"affine: scale is a complex, wanted a NumPy array of numbers"):
        affine(X, W, scale=1j)
    with pytest.raises(ValueError, match=r"affine: x has shape \(\), wanted"):
        affine(2.5, W)


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


# More than single arrays


@shapes(cache=("batch fan_in", "fan_in fan_out"), dy="batch fan_out")
def backward(dy, cache):
    return dy


@shapes(mask="...shape", dy="...shape")
def masked(dy, mask):
    return dy


@shapes(w="... fan_in units", b="units", places="units 2")
def fold(w, b=None, places=None):
    return w


@shapes(grads=["..."], limit="(0, 1]", rate="[0, 1)", loss="")
def clip(grads, limit=1, rate=0.0, loss=0):
    return grads


@pytest.mark.parametrize("cache", [(X, W), [X, W]])
def test_items_of_a_tuple_pass(cache):
    assert backward(np.zeros((5, 2)), cache).shape == (5, 2)


@pytest.mark.parametrize("shape", [(), (3,), (0, 2), (2, 3, 4)])
def test_any_shape_may_be_wanted_twice(shape):
    assert masked(np.zeros(shape), np.zeros(shape)).shape == shape
    assert masked(np.zeros(shape), mask=np.zeros(shape)).shape == shape


@pytest.mark.parametrize("shape", [(3, 2), (5, 4, 3, 2), (0, 2)])
def test_further_axes_pass(shape):
    assert fold(np.zeros(shape), np.zeros(2), np.zeros((2, 2))).shape == shape


@pytest.mark.parametrize("grads", [[], [X, 1.0], (X,), {"a": X}.values()])
@pytest.mark.parametrize("limit", [1, 1e-9, np.float32(1), np.array(1.0)])
def test_items_of_a_list_and_numbers_in_an_interval_pass(grads, limit):
    assert clip(grads, limit, rate=0, loss=np.nan) is grads


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: backward(W, (X, W)), "backward: dy has shape (3, 2), wanted (batch, fan_out) with batch = 5, fan_out"),
        (lambda: backward(X, (X, W.T)), "backward: cache[1] has shape (2, 3), wanted (fan_in, fan_out) with fan_in"),
        (lambda: backward(X, (X, "w")), "backward: cache[1] is a str, wanted a NumPy array of numbers"),
        (lambda: backward(X, (X,)), "backward: cache is a tuple of 1, wanted a tuple of 2"),
        (lambda: backward(X, None), "backward: cache is a NoneType, wanted a tuple of 2"),
        (lambda: masked(X[0], X), "masked: dy has shape (3,), wanted (...shape) with shape = (5, 3)"),
        (lambda: masked(1.0, X), "masked: dy has shape (), wanted (...shape) with shape = (5, 3)"),
        (lambda: fold(B), "fold: w has shape (2,), wanted (..., fan_in, units)"),
        (lambda: fold(1.0), "fold: w has shape (), wanted (..., fan_in, units)"),
        (lambda: fold(X, B), "fold: b has shape (2,), wanted (units) with units = 3"),
        (lambda: fold(W, places=X[:2]), "fold: places has shape (2, 3), wanted (units, 2) with units = 2"),
        (lambda: clip([X, [1.0]]), "clip: grads[1] is a list, wanted a NumPy array of numbers: try np.asarray(grads"),
        (lambda: clip({"a": X}), "clip: grads[0] is a str, wanted"),
        (lambda: clip(iter([X])), "clip: grads is a list_iterator, wanted a list of arrays"),
        (lambda: clip([], 0), "clip: limit is 0, wanted a number in (0, 1]"),
        (lambda: clip([], 1.5), "clip: limit is 1.5, wanted a number in (0, 1]"),
        (lambda: clip([], np.nan), "clip: limit is nan, wanted"),
        (lambda: clip([], "1"), "clip: limit is '1', wanted"),
        (lambda: clip([], np.ones(1)), "clip: limit is array([1.]), wanted"),
        (lambda: clip([], rate=1), "clip: rate is 1, wanted a number in [0, 1)"),
        (lambda: clip([], rate=-0.1), "clip: rate is -0.1, wanted"),
        (lambda: clip([], loss=B), "clip: loss has shape (2,), wanted ()"),
    ],
)
def test_wrong_items_and_numbers_are_named_with_what_was_wanted(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value).startswith(message)


def test_nameless_axes_may_differ():
    @shapes(x="batch ...", y="batch ... classes")
    def pair(x, y):
        return x.shape, y.shape

    assert pair(np.zeros((4, 2, 3)), np.zeros((4, 5, 7))) == ((4, 2, 3), (4, 5, 7))
    with pytest.raises(ValueError, match=r"pair: y has shape \(3, 5\), wanted \(batch, ..., classes\) with batch = 4"):
        pair(np.zeros((4, 2)), np.zeros((3, 5)))


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.1])
def test_nan_is_in_no_interval_even_if_both_ends_belong_to_it(value):
    @shapes(share="[0, 1]")
    def part(share):
        return share

    assert (part(0), part(1)) == (0, 1)
    with pytest.raises(ValueError, match=r"part: share is .*, wanted a number in \[0, 1\]$"):
        part(value)


def test_a_fixed_length_is_told_once():
    with pytest.raises(ValueError, match=r"^fold: places has shape \(2, 3\), wanted \(units, 2\) with units = 2$"):
        fold(W, places=X[:2])


def test_all_that_does_not_fit_is_named_at_once():
    found = {"same": np.zeros((2, 3)), "other": np.zeros(4), "extra": np.zeros(1)}
    wanted = {"other": np.zeros(5), "lost": np.zeros((6, 1)), "same": np.zeros((2, 3))}
    with pytest.raises(ValueError) as error:
        refuse_misfits("here", found, wanted)
    assert str(error.value) == (
        "here: other: found (4,), wanted (5,); lost: found nothing, wanted (6, 1); extra: found (1,), wanted nothing"
    )
    refuse_misfits("here", wanted, dict(reversed(wanted.items())))


# What was accepted once is accepted again


@pytest.fixture
def checks(monkeypatch):
    """The number of arrays that were looked at closely."""
    seen, look = [], contracts.is_numeric
    monkeypatch.setattr(contracts, "is_numeric", lambda value: seen.append(1) or look(value))
    return seen


def test_a_call_like_an_earlier_one_is_not_checked_again(checks):
    affine.cache_clear()
    affine(X, W)
    assert len(checks) == 2
    affine(X + 1, W + 1)
    assert len(checks) == 2
    backward.cache_clear()
    backward(np.zeros((5, 2)), (X, W))
    assert len(checks) == 5
    backward(np.ones((5, 2)), (X, W))
    assert len(checks) == 5


@pytest.mark.parametrize(
    ("accepted", "refused"),
    [
        (lambda: affine(X, W), lambda: affine(X, W.T)),
        (lambda: affine(X, W), lambda: affine(X, W.astype("U1"))),
        (lambda: affine(X, W), lambda: affine(X, W.astype(complex))),
        (lambda: affine(X, W, B), lambda: affine(X, W, B[:1])),
        (lambda: affine(X, W), lambda: affine(X, W, scale=[1])),
        (lambda: affine(X, W), lambda: affine(X, W, b=B[:1])),
        (lambda: affine(X, W), lambda: affine(X, W.tolist())),
        (lambda: backward(np.zeros((5, 2)), (X, W)), lambda: backward(np.zeros((5, 2)), (X, W.T))),
        (lambda: backward(np.zeros((5, 2)), (X, W)), lambda: backward(np.zeros((5, 2)), (X, X))),
        (lambda: clip([X, X]), lambda: clip([X, [1.0]])),
        (lambda: clip([X], 0.5), lambda: clip([X], 1.5)),
        (lambda: clip([X], 0.5, 0.5), lambda: clip([X], 0.5, 1.0)),
        (lambda: clip([X], np.float32(0.5)), lambda: clip([X], np.float32(1.5))),
        (lambda: clip({"a": X}.values()), lambda: clip({"a": X})),
        (lambda: clip({1: X}), lambda: clip({"a": X})),
    ],
)
def test_memory_takes_nothing_wrong_for_right(accepted, refused):
    for function in (affine, backward, clip):
        function.cache_clear()
    for _ in range(2):
        accepted()
        for _ in range(2):
            with pytest.raises(ValueError):
                refused()


def test_a_tuple_is_no_list():
    @shapes(pair=("n", "n"))
    def both(pair):
        return pair

    class Pair(list):
        """A list of a kind that isn't remembered."""

    assert both([B, B]) and both((B, B)) and both(Pair([B, B]))
    with pytest.raises(ValueError, match="pair"):
        both(Pair([B, X]))
    assert contracts._marks([(B,)]) != contracts._marks([[B]])


def test_memory_has_an_end():
    @shapes(x="n")
    def length(x):
        return len(x)

    memory = length.__closure__[[*length.__code__.co_freevars].index("accepted")].cell_contents
    for n in range(2500):
        assert length(np.zeros(n, np.int8)) == n
    assert 0 < len(memory) <= 1000


@arrays
def mixed(x, y, rng, *, wide=None):
    return wide


def test_arrays_of_any_shape_are_wanted_but_options_and_generators_pass():
    assert mixed(X, 1.0, np.random.default_rng(0), wide="yes") == "yes"
    assert mixed(B, W, None) is None
    with pytest.raises(ValueError, match="mixed: y is a list, wanted a NumPy array of numbers"):
        mixed(X, [1.0], None)
    with pytest.raises(ValueError, match="mixed: x is a str"):
        mixed(y=X, x="1", rng=None)
