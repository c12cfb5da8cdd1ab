"""What a wrong result is said to be: every sentence once, and none where nothing simple explains it."""

import numpy as np
import pytest

from course_lib.exercises import Exercise
from course_lib.exercises.judge.relations import explain


def inputs(seed):
    """Two cases: x (batch, units), gamma (units,), lr and n are what functions get; none of the sizes is another's."""
    rng = np.random.default_rng(seed)
    for batch, units, lr in ((4, 3, 0.3), (7, 5, 0.15)):
        yield {"x": rng.standard_normal((batch, units)), "gamma": rng.uniform(0.5, 3, units), "lr": lr}


def told(right, wrong, **options):
    """Return what is said of a function's results beside those of the right one."""
    exercise = Exercise(name="answer", reference=right, cases=inputs, points=1, **options)
    cases = [case for seed in (0, 1) for case in inputs(seed)]
    return explain(exercise, [(case, as_list(wrong(**case)), as_list(right(**case))) for case in cases])


def as_list(result):
    return [np.array(part) for part in (result if isinstance(result, tuple) else (result,))]


def function(expression):
    return eval(f"lambda x, gamma, lr: {expression}", {"np": np})


# what is wanted, what comes, what is said of it
SENTENCES = [
    ("x * gamma", "-x * gamma", "Your result has the wrong sign everywhere: the numbers themselves are right."),
    ("x * gamma", "np.abs(x * gamma)", "The signs of your result are lost: it is the absolute value of what"),
    ("x * gamma", "x * gamma * np.sign(x.mean(axis=0))", "The numbers of your result are right but for some of"),
    ("x * gamma", "x", "gamma isn't multiplied into your result: times gamma, it would be right."),
    ("x * gamma", "x * gamma ** 2", "Your result is multiplied by gamma once too often."),
    ("x * gamma", "x * gamma - gamma", "gamma isn't added to your result: with it, it would be right."),
    ("x * gamma", "x * gamma + lr", "Your result would be right with lr taken away from it: it is added once"),
    ("x * (1 - lr)", "x", "Your result would be right times (1 - lr)."),
    ("x * gamma", "x * gamma * (1 - lr)", "Your result is multiplied by (1 - lr), and would be right without it."),
    ("x * (1 - lr)", "x * lr", "lr and 1 - lr are exchanged: your result is in proportion"),
    ("np.abs(x).sum(axis=0)", "np.abs(x).mean(axis=0)",
     "Your result is what is wanted divided by len(x): a mean for a sum"),
    ("x.mean(axis=0)", "x.sum(axis=0)", "Your result is len(x) times what is wanted: a sum"),
    ("np.abs(x).sum(axis=0)", "np.abs(x).sum(axis=0) / x.shape[1]",
     "Your result is what is wanted divided by x.shape[1]:"),
    ("np.abs(x).sum(axis=0)", "np.abs(x).sum(axis=0) / len(x) ** 0.5",
     "Your result is what is wanted divided by √len(x):"),
    ("x.var(axis=0)", "x.var(axis=0, ddof=1)", "Your result is divided by the wrong one of len(x) and len(x) - 1."),
    ("x * gamma", "2 * x * gamma", "Your result is twice what is wanted."),
    ("x * gamma", "x * gamma / 2", "Your result is half of what is wanted."),
    ("np.abs(x).sum(axis=0)", "np.abs(x).sum(axis=0) ** 0.5", "Your result is the square root of what is wanted."),
    ("np.abs(x).sum(axis=0)", "np.abs(x).sum(axis=0) ** 2", "Your result is the square of what is wanted."),
    ("np.abs(x).sum(axis=0)", "1 / np.abs(x).sum(axis=0)",
     "Your result is upside down: one divided by it is what is wanted."),
    ("np.abs(x).sum(axis=0)", "1 - np.abs(x).sum(axis=0)", "Your result is 1 minus what is wanted."),
    ("x.T @ x[:, ::-1]", "(x.T @ x[:, ::-1]).T", "Your result has the right numbers with"),
    ("x * gamma", "(x * gamma).T", "Your result has the right numbers with its axes exchanged."),
    ("x * gamma", "(x * gamma)[:, ::-1]", "Axis 1 of your result runs the wrong way: reversed, it would be right."),
    ("x * gamma", "(x * gamma).ravel()", "The numbers of your result are right and in the right order, but not"),
    ("np.abs(x).sum(axis=0)", "np.abs(x).sum(axis=0, keepdims=True)",
     "The numbers of your result are right, but an axis of"),
    ("np.abs(x).sum(axis=0)", "np.abs(x)",
     "The sum over axis 0 is missing: added up over it, your result would be right."),
    ("x.mean(axis=0)", "x", "The mean over axis 0 is missing: averaged over it, your"),
    ("x * gamma", "(x * gamma).sum(axis=0)", "Your result is added up over axis 0, which should stay."),
    ("x * gamma", "(x * gamma).mean(axis=1)", "Your result is averaged over axis 1, which should stay."),
    ("x * gamma", "np.where(np.arange(len(x))[:, None] == 0, x * gamma, 0.1)", "Only the first example of your"),
    ("x * gamma", "np.where(np.arange(len(x))[:, None] > 0, x * gamma, 0.1)", "Only the first example of your"),
    ("x * gamma", "np.tile((x * gamma)[0], (len(x), 1))", "Only the first example of your result is right."),
    ("x * gamma", "np.where(x < 0, 0.1, x * gamma)", "Your result is wrong wherever x is negative, and right where"),
    ("x * gamma", "np.where(x > 0, 0.1, x * gamma)", "Your result is wrong wherever x is positive, and right where"),
    ("x * gamma", "(x * gamma).astype(np.float32)", "The numbers are right, but not the dtype of the result: float32"),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), SENTENCES, ids=[sentence[:60] for *_, sentence in SENTENCES])
def test_relation_is_told(right, wrong, sentence):
    assert told(function(right), function(wrong), rows="example").startswith(sentence)


def pair(x, gamma, lr):
    return x * gamma, np.abs(x).sum(axis=0)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda x, gamma, lr: pair(x, gamma, lr)[::-1], "dx and db are exchanged: what you return as one is the"),
        (lambda x, gamma, lr: pair(x, gamma, lr)[1], "What it returns is db alone; wanted are dx and db."),
        (lambda x, gamma, lr: (x * gamma, np.abs(x).mean(axis=0)), "db is what is wanted divided by len(x): a mean"),
        (lambda x, gamma, lr: (-x * gamma, 2 * np.abs(x).sum(axis=0)),
         "dx has the wrong sign everywhere: the numbers themselves are right. db is twice what is wanted."),
        (lambda x, gamma, lr: (-x * gamma, np.abs(x).sum(axis=0) + x[0]), ""),  # one of two parts isn't explained
    ],
)
def test_parts_are_called_by_their_names(wrong, sentence):
    said = told(pair, wrong, parts=("dx", "db"))
    assert said.startswith(sentence) if sentence else said == ""


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, gamma, lr: x * gamma + x**2,
        lambda x, gamma, lr: 1.7 * x * gamma,  # a bare number is no reason
        lambda x, gamma, lr: np.full_like(x, np.nan),
        lambda x, gamma, lr: np.zeros((2, 2)),
        lambda x, gamma, lr: x * gamma * (2 if len(x) == 4 else -1),  # another relation in each case
    ],
)
def test_nothing_is_told_where_nothing_simple_explains_all_wrong_cases(wrong):
    assert told(function("x * gamma"), wrong) == ""


def test_an_input_that_is_1_explains_nothing():
    cases = [{"x": np.arange(1.0, 5), "scale": 1.0}]
    exercise = Exercise(name="answer", reference=pair, cases=inputs, points=1)
    assert explain(exercise, [(cases[0], [cases[0]["x"] + 1], [cases[0]["x"]])]) == ""


def test_a_few_zeros_and_ones_explain_nothing():
    """1 minus them, or in another order, they are what is wanted by chance."""
    exercise = Exercise(name="answer", reference=pair, cases=inputs, points=1)
    wanted = np.array([0.0, 1.0])
    assert explain(exercise, [({"x": wanted}, [1 - wanted], [wanted])]) == ""
