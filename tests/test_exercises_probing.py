"""What questions to a wrong answer tell: what doesn't matter to it, where it is wrong; and what they can't."""

from dataclasses import replace

import numpy as np
import pytest

from course_lib.exercises import Exercise, Mistake, Task
from course_lib.exercises.judge.checking import judge


def standardized(x, mean, *, eps=0.5, halved=False):
    """The exercise of these tests."""
    y = (x - mean) / np.sqrt(x.var(axis=0) + eps)
    return y / 2 if halved else y


def cases(rng):
    for n, options in ((3, {}), (4, {"eps": 0.2}), (5, {"halved": True}), (6, {"eps": 0.1, "halved": True}), (2, {})):
        yield rng.standard_normal((n, 3)), rng.standard_normal(3), options
    yield rng.standard_normal((4, 3), dtype=np.float32), rng.standard_normal(3, dtype=np.float32), {}
    yield np.zeros((0, 3)), np.zeros(3), {}


EXERCISE = Exercise(name="standardized", reference=standardized, cases=cases, points=1)


def told(body, exercise=EXERCISE, arguments="x, mean, *, eps=0.5, halved=False"):
    names = {"np": np}
    exec(f"def standardized({arguments}):\n    {body}", names)
    report = judge(names["standardized"], exercise=exercise)
    assert report.status != "passed"
    return report.hint


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("return (x - mean) / (x.std(axis=0) + 1) * (0.5 if halved else 1)",
         "Your result doesn't depend on eps: another value changes nothing."),
        ("return x / np.sqrt(x.var(axis=0) + 0.3)",
         "Your result doesn't depend on mean and eps and halved: another value changes nothing."),
        ("return (x - mean) / np.sqrt(x.var(axis=0) + eps) / (3 if halved else 1)",
         "It is wrong wherever halved is True, and right elsewhere."),
        ("return ((x - mean) / np.sqrt(x.var(axis=0) + eps) / (2 if halved else 1)).astype(float)",
         "The numbers are right, but not the dtype of the result: float64 where float32 is wanted."),
        ("return -(x - mean) / np.sqrt(x.var(axis=0) + eps) / (2 if halved else 1)",
         "Your result has the wrong sign everywhere: the numbers themselves are right."),
        ("return np.tanh(x - mean) / np.sqrt(x.var(axis=0) + eps) / (2 if halved else 1)", ""),  # no question explains
        ("return 0 * x", ""),  # depends on nothing: that isn't the news
        ("return x * np.nan", ""),
        ("raise OSError", ""),
    ],
)
def test_answer_is_told(body, sentence):
    assert told(body).startswith(sentence) if sentence else told(body) == ""


def test_an_array_without_axes_is_asked_about_too():
    def squared(x, factor):
        return factor * x**2

    def scalars(rng):
        for _ in range(4):
            yield np.asarray(rng.standard_normal()), float(rng.uniform(1, 2))

    exercise = Exercise(name="squared", reference=squared, cases=scalars, points=1)
    said = judge(lambda x, factor: factor * 7.0, exercise=exercise)
    assert said.hint == "Your result doesn't depend on x: another value changes nothing."


def test_inputs_are_called_as_the_answer_calls_them():
    body = "return x / np.sqrt(x.var(axis=0) + eps) / (2 if halved else 1)"
    said = told(body, arguments="x, m, *, eps=0.5, halved=False")
    assert said == "Your result doesn't depend on m: another value changes nothing."


def test_a_named_mistake_comes_first():
    mistake = Mistake(lambda x, mean, **options: -standardized(x, mean, **options), "Named.")
    exercise = replace(EXERCISE, mistakes=(mistake,))
    assert told("return -(x - mean) / np.sqrt(x.var(axis=0) + eps) / (2 if halved else 1)", exercise) == "Named."


def test_what_one_seed_suggests_and_another_doesn_t_is_not_said():
    def drawn(rng):
        yield rng.standard_normal(4), {"scale": float(rng.uniform(1, 2))}
        yield rng.standard_normal(5), {"scale": float(rng.uniform(1, 2))}

    def first(x, *, scale):
        return x * scale

    exercise = Exercise(name="first", reference=first, cases=drawn, points=1)
    seen = []

    def answer(x, *, scale):
        seen.append(scale)
        return x * scale * (2 if len(seen) <= 2 else 3)  # another factor when it is asked again

    def twice(x, *, scale):
        return 2 * x * scale

    assert judge(answer, exercise=exercise).hint == ""
    assert len(seen) > 2
    assert judge(twice, exercise=exercise).hint == "Your result is twice what is wanted."


def test_an_answer_that_hangs_when_it_is_asked_is_not_waited_for():
    body = "calls.append(1)\n    while len(calls) > 7: pass\n    return x"
    names = {"calls": []}
    exec(f"def standardized(x, mean, *, eps=0.5, halved=False):\n    {body}", names)
    report = judge(names["standardized"], exercise=EXERCISE)
    assert report.status == "failed" and report.hint == ""


def test_a_lab_is_asked_nothing():
    seen = []

    def answer(x, mean, *, eps=0.5, halved=False):
        seen.append(1)
        return x

    answer.__name__ = "standardized"
    judge(answer, exercise=replace(EXERCISE, task=Task.LAB))
    assert len(seen) == 7
