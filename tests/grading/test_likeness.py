"""Answers that are the same but for names, comments and layout have one fingerprint; others don't."""

import pytest

from course_lib.grading.engine.likeness import fingerprint

ANSWER = '''def logistic(z):
    """The logistic function."""
    t = np.exp(-np.abs(z))
    return np.where(z < 0, t, 1) / (1 + t)
'''
SAME = [
    ANSWER.replace('    """The logistic function."""\n', ""),
    ANSWER.replace("The logistic", "My own"),
    "# mine\n\n" + ANSWER.replace("    ", "\t"),
    ANSWER.replace(" / ", "/").replace("z)\n", "z)  # why\n\n"),
    ANSWER.replace("logistic", "sigma"),
]
OTHER = [
    ANSWER.replace("< 0", "> 0"),
    ANSWER.replace("np.abs", "np.fabs"),
    ANSWER.replace("1 + t", "t + 1"),
    ANSWER.replace("z < 0", "t < 0"),
]


LONG = "def f(a):\n" + "    a = g(a, 'text', 1.5e-3)\n" * 9


@pytest.mark.parametrize(("change", "same"), [
    (("'text'", '"""text"""'), False), (("'text'", "'te\\'xt'"), False), (("1.5e-3", "1.5e-4"), False),
    (("1.5e-3", "1.5e+3"), False), (("g(a, ", "g(a,\\\n "), True), (("g(a, ", "g(a,  # with a ' and a (\n"), True),
    (("a = ", "a=\t"), True), (("a", "é"), True), (("(a):\n", "(a):\r\n"), True),
    (("(a):\n", "(a):\n\n    # why\n    'Does it.'\n"), True), (("(a):\n", "(a):\n    x = 'Does it.'\n"), False),
    (("(a):\n", "(a): 'Does it.'\n"), False), (("a = g", "a @= g"), False), (("a = g", "a == g"), False),
    (("g(a", "g.a(a"), False), (("g(a", "np.sum(a"), False)])
def test_tokens(change, same):
    source = LONG.replace(*change)
    assert source != LONG and (fingerprint(source) == fingerprint(LONG)) == same
    assert fingerprint(source)


@pytest.mark.parametrize("end", ["'", '"', "'''a", '"""a"', "(", "[{}", ")", "x = 'a\n'", "f'\\'"])
def test_what_is_left_open_has_none(end):
    assert fingerprint(LONG) and fingerprint(LONG + end) == ""


@pytest.mark.parametrize("source", SAME)
def test_same(source):
    assert source != ANSWER and fingerprint(source) == fingerprint(ANSWER) != ""


@pytest.mark.parametrize("source", OTHER)
def test_other(source):
    assert fingerprint(source) != fingerprint(ANSWER)


def test_names_are_told_apart_by_their_place():
    renamed = ANSWER.replace("t = ", "q = ").replace(" t,", " q,").replace("+ t)", "+ q)")
    assert fingerprint(renamed) == fingerprint(ANSWER)


@pytest.mark.parametrize("source", ["", "def f(z):\n    return z * 2", "x = '''", "(" * 1000, "\x00", "def f(:"])
def test_short_or_broken_answers_have_none(source):
    assert fingerprint(source) == ""
