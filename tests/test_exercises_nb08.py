"""Notebook 08's exercises: results of the wrong form are named, and two slips at once are told apart."""

import pytest

from course_lib.exercises.judge.checking import judge

CONV2D = """
def conv2d(x, w, b, *, stride=1, padding="same"):
    pads = paddings(x.shape[1:3], w.shape[:2], stride, padding)
    rows, columns = positions(x.shape[1:3], w.shape[:2], stride, pads)
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    y = np.zeros((len(x), rows, columns, w.shape[3]), x.dtype)
    for i, j in np.ndindex(w.shape[:2]):
        y += padded[:, i : i + rows * stride : stride, j : j + columns * stride : stride] @ w[i, j]
    return y + b, (x, w, stride, pads)
"""


@pytest.fixture
def judged(set_up):
    """A function (name, source) -> the report on an answer written in the notebook."""

    def report(name, source):
        names = set_up("08_conv_by_hand")
        exec(source, names)
        return judge(names[name])

    return report


@pytest.mark.parametrize(
    ("written", "instead", "sentence"),
    [
        ("return y + b, (x, w, stride, pads)", "y + b", "it returned None"),
        ("y + b, (x, w, stride, pads)", "y + b", "it should return two things, y and the cache"),
        ("(x, w, stride, pads)", "(x, w, b, stride, pads)", "its cache isn't a tuple of four"),
        ("(x, w, stride, pads)", "(x, w, pads, stride)", "the last of its cache is 1, where the pads should be"),
        ("(x, w, stride, pads)", "(x, w, stride, padding)", "the last of its cache is 'valid', where"),
        ("(x, w, stride, pads)", "(w, x, stride, pads)", "x in the cache has shape"),
        ("((0, 0), *pads, (0, 0))", "pads", "np.pad stopped: it wants a pair of numbers"),
    ],
)
def test_results_of_another_form_are_named(judged, written, instead, sentence):
    report = judged("conv2d", CONV2D.replace(written, instead))
    assert report.status == "failed" and sentence in report.message, report


def test_two_slips_in_y_and_in_the_cache_are_both_told(judged):
    hint = judged("conv2d", CONV2D.replace("y + b, (x,", "y, (padded,")).hint
    assert "The bias is missing" in hint and "The cache holds the padded image" in hint


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def flatten_backward(dy, shape): return dy.reshape(shape)", "wanted a tuple of one, (dx,)"),
        ("def flatten_backward(dy, shape): return dy.reshape(shape), shape", "it returned a tuple of 2 parts"),
        ("def conv2d_backward_bias(dy): return list(dy.sum(axis=(0, 1, 2)))", "it returned a list of one part"),
        ("def conv2d_backward_bias(dy): return (dy.sum(axis=(0, 1, 2)),)", "it returned a tuple of one part"),
        ("def max_pool2d_backward(dy, x, size=2): return x", "it returned an array, wanted a tuple of one, (dx,)"),
    ],
)
def test_a_tuple_is_told_from_an_array(judged, source, sentence):
    report = judged(source.split("(")[0].removeprefix("def "), source)
    assert report.status == "failed" and sentence in report.message, report


def test_an_x_that_stays_moved_is_named(judged):
    source = """
def numerical_gradient(f, x, *, step=1e-5):
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += step
        above = f(x)
        x[i] -= 2 * step
        gradient[i] = (above - f(x)) / (2 * step)
    return gradient
"""
    report = judged("numerical_gradient", source)
    assert "afterwards x isn't what it was" in report.message and "stays moved" in report.hint


def test_a_ready_made_library_is_refused(judged):
    source = "def conv2d_backward_input(dy, cache): return library.conv2d_backward_input(dy, cache)"
    assert "It uses library" in judged("conv2d_backward_input", source).message
