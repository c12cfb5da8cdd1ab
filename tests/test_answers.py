"""Every exercise: mistakes get their own hint, right answers pass however written, the reference too."""

import inspect
import re
from itertools import combinations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from course_lib.delivery import building
from course_lib.delivery.cells import solution, stub
from course_lib.exercises import exercises, find
from course_lib.exercises.core import notebooks
from course_lib.exercises.judge.calling import split
from course_lib.exercises.judge.checking import judge
from course_lib.exercises.judge.comparing import differ
from course_lib.exercises.judge.verdicts import Raised, find_faults, given_by, results
from tests.notebooks import VARIANTS

ALL = [exercise for notebook in notebooks() for exercise in exercises(notebook).values()]

@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Small matrices are quicker so, above all where the tests share the machine with others."""
    with threadpool_limits(1):
        yield


def notebook_of(exercise):
    return next(notebook for notebook in notebooks() if exercise.name in exercises(notebook))


def named(function, name):
    def answer(*args, **kwargs):
        return function(*args, **kwargs)

    answer.__name__ = name
    return answer


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_mistakes_are_rejected_with_their_own_hints(exercise, recwarn):
    strange = []
    for number, mistake in enumerate(exercise.mistakes, 1):
        report = judge(named(mistake.function, exercise.name))
        rejected = report.status in ("failed", "error") and report.score == 0
        if not (rejected and report.hint == mistake.hint and mistake.hint in str(report)):
            strange.append(f"{number}: {report.status}, {report.hint!r} in the place of {mistake.hint!r}")
    assert not strange, "\n".join(strange)
    assert not recwarn.list  # what a mistake warns of stays in the report


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_hints_of_mistakes_differ(exercise):
    hints = [mistake.hint for mistake in exercise.mistakes]
    assert len(set(hints)) == len(hints)


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_reference_pasted_into_the_notebook_passes(exercise, set_up):
    names = set_up(notebook_of(exercise))
    exec(solution(exercise.reference), names)
    report = judge(names[exercise.name])
    assert report.status == "passed", report
    assert report.score == exercise.points
    assert report.printed == ""


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_reference_passes_with_other_random_cases(exercise, set_up):
    names = set_up(notebook_of(exercise))
    exec(solution(exercise.reference), names)
    for seed in range(1, 10):
        assert judge(names[exercise.name], seed=seed).status == "passed"


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_stub_is_open(exercise):
    def stub(*args, **options):
        raise NotImplementedError

    assert judge(named(stub, exercise.name)).status == "open"


@pytest.mark.parametrize(("name", "label"), [(name, label) for name in VARIANTS for label in VARIANTS[name]])
def test_right_answer_written_another_way_passes(name, label, set_up):
    names = set_up(notebook_of(find(name)))
    exec(VARIANTS[name][label], names)
    report = judge(names[name])
    assert report.status == "passed", report


def test_every_exercise_has_right_answers_of_another_kind():
    assert {name for name, variants in VARIANTS.items() if len(variants) >= 2} == {e.name for e in ALL}


@pytest.mark.parametrize("exercise", [e for e in ALL if not e.call], ids=lambda exercise: exercise.name)
def test_cases_are_ordinary_and_edge(exercise):
    """Both float types, an empty array, and one input of the size that the experiments use."""
    cases = [list(arrays) for arrays in map(flat, exercise.cases(np.random.default_rng(0)))]
    kinds = {array.dtype.name for arrays in cases for array in arrays}
    assert {"float32", "float64"} & kinds
    assert any(array.size == 0 for arrays in cases for array in arrays)
    assert any(array.size >= 1000 for arrays in cases for array in arrays)
    assert len(cases) >= 4


def flat(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from flat(part)


# What the cases of an exercise must tell apart

JUDGED = [exercise for exercise in ALL if not exercise.lab]


def faults_of(function, exercise):
    """Return the wrong cases of a function, as `find_faults` names them."""
    cases = list(exercise.cases(np.random.default_rng(0)))
    got = [given_by(function, exercise, case) for case in cases]
    return find_faults(exercise, got, results(exercise, cases), [False] * len(cases))


def changed_reference(exercise, name, change):
    """Return the reference, called with one argument changed; change gets its value, or `empty` if it isn't given."""
    signature = inspect.signature(exercise.reference)

    def function(*args, **options):
        bound = signature.bind(*args, **options)
        value = change(bound.arguments.get(name, inspect.Parameter.empty))
        if value is not inspect.Parameter.empty:
            bound.arguments[name] = value
        return exercise.reference(*bound.args, **bound.kwargs)

    return function


def other(value):
    """Return another value that an argument may have; `empty` where a test can't know one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return value / 2 + 0.01
    if isinstance(value, int):
        return value + 2
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.ones_like(value)
    return inspect.Parameter.empty


def parameters(with_default):
    return [
        pytest.param(exercise, parameter, id=f"{exercise.name}-{name}")
        for exercise in JUDGED
        for name, parameter in inspect.signature(inspect.unwrap(exercise.reference)).parameters.items()
        if name not in left_unused(exercise)
        and (not with_default or other(parameter.default) is not inspect.Parameter.empty)
    ]


def left_unused(exercise):
    """Return the arguments of which the text says that an answer may leave them unused."""
    text = building.source_of(notebook_of(exercise))
    text = text[text.index(f"**Exercise `{exercise.name}`**") :].partition("# %%")[0]
    said = re.search(r"((?:`\w+`(?:, | and )?)+),? may be left unused", text)
    return re.findall(r"`(\w+)`", said[1]) if said else []


@pytest.mark.parametrize(("exercise", "parameter"), parameters(with_default=True))
def test_every_default_is_exercised(exercise, parameter):
    """An answer with another default is wrong somewhere."""
    wrong = changed_reference(exercise, parameter.name,
                              lambda value: other(parameter.default) if value is parameter.empty else value)
    assert faults_of(wrong, exercise)


@pytest.mark.parametrize(("exercise", "parameter"), parameters(with_default=False))
def test_every_argument_is_exercised(exercise, parameter):
    """An answer that takes the default, or something else, for what it was given is wrong somewhere."""
    seen = []

    def ignored(value):
        taken = parameter.default if parameter.default not in (None, parameter.empty) else other(value)
        seen.append(taken is not parameter.empty)
        return taken if taken is not parameter.empty else value

    faults = faults_of(changed_reference(exercise, parameter.name, ignored), exercise)
    assert faults or not any(seen)


@pytest.mark.parametrize("exercise", JUDGED, ids=lambda exercise: exercise.name)
def test_errors_are_exercised_where_the_stub_promises_them(exercise):
    promised = re.search(r"Raises\n\s*-+\n\s*ValueError", stub(exercise.reference, raises=exercise.refuses))
    cases = list(exercise.cases(np.random.default_rng(0)))
    assert any(isinstance(wanted, Raised) for wanted in results(exercise, cases)) == bool(promised)


@pytest.mark.parametrize("exercise", JUDGED, ids=lambda exercise: exercise.name)
def test_named_mistakes_are_told_apart(exercise):
    """No two of them give the same for every case, and none is right everywhere."""
    cases = list(exercise.cases(np.random.default_rng(0)))
    given = [[given_by(mistake.function, exercise, case) for case in cases] for mistake in exercise.mistakes]
    for (i, one), (j, two) in combinations(enumerate(given), 2):
        same = all(type(a) is type(b) and (differ(a, b) is None if isinstance(a, list) else a == b)
                   for a, b in zip(one, two, strict=True))
        assert not same, f"mistakes {i + 1} and {j + 1} look alike: {exercise.mistakes[i].hint}"


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_inputs_and_parts_have_names(exercise):
    cases = list(exercise.cases(np.random.default_rng(0)))
    for case, wanted in zip(cases, results(exercise, cases), strict=True):
        inputs, options = split(case)
        assert len(exercise.named(case)) == len(inputs) + len(options)
        if isinstance(wanted, list) and len(wanted) > 1 and exercise.compare is None and exercise.parts:
            assert len(exercise.parts) >= len(wanted)


@pytest.mark.parametrize("exercise", [*JUDGED, find("diagnose")], ids=lambda exercise: exercise.name)
def test_the_worked_example_is_a_case(exercise):
    """Some case has inputs or results of which every number stands in the text's worked example."""
    text = building.source_of(notebook_of(exercise))
    text = text[text.index(f"**Exercise `{exercise.name}`**") :]
    example = re.search(r"Worked example.*?(?=# %%|\Z)", text, re.DOTALL)[0]
    cases = list(exercise.cases(np.random.default_rng(0)))
    things = [part for case in cases for part in (*split(case)[0], *split(case)[1].values())]
    things += [part for wanted in results(exercise, cases) if isinstance(wanted, list) for part in wanted]
    shown = {abs(float(number)) for number in re.findall(r"\d+(?:\.\d+)?", example)}
    if exercise.name in IN_WORDS:
        said, named = IN_WORDS[exercise.name]
        assert said in example and any(named in str(case) for case in cases)
    else:
        assert any(is_shown(thing, shown) for thing in things), example


IN_WORDS = {"gain": ("z^2", "square"), "bias_variables": ("a dense layer and a batch norm", "norm")}


def is_shown(thing, shown):
    """Say whether a thing has numbers other than 0 and 1, few enough to be printed, and all of them are shown."""
    if isinstance(thing, tuple | list) and any(isinstance(part, np.ndarray) for part in thing):
        return any(is_shown(part, shown) for part in thing)
    if not isinstance(thing, np.ndarray | float) and not (isinstance(thing, tuple) and {*map(type, thing)} == {int}):
        return False
    numbers = np.ravel(thing)
    if numbers.dtype.kind not in "fiu" or not 0 < numbers.size <= 12 or not set(np.abs(numbers).tolist()) - {0, 1}:
        return False
    return all(any(abs(abs(n) - each) <= 0.0051 * max(each, 1) for each in shown | {0, 1}) for n in numbers)


# The debug lab: judged by training, so its settings are tried for real


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("None", "It returned a NoneType, wanted a dict of activation, initializer, scale, lr"),
        ("{}", "It returned a dict of nothing, wanted"),
        ('{**config, "depth": 3}', "It returned a dict of activation, initializer, scale, lr, depth"),
        ('{**config, "activation": "relu"}', "Activation is 'relu', wanted one of logistic, tanh, ReLU"),
        ('{**config, "activation": [1]}', "Activation is \\[1\\], wanted one of"),
        ('{**config, "scale": 50}', "Scale is 50, wanted a number from 0.01 to 10"),
        ('{**config, "lr": "big"}', "Lr is 'big', wanted a number from"),
        ('{**config, "lr": float("nan")}', "Lr is nan, wanted"),
        ("config", "The network gets 1.% of the validation images right, wanted at least 75%"),
    ],
)
def test_mend_says_what_is_wrong(config, sentence):
    names = {}
    exec(f"def mend(config):\n    return {config}\n", names)
    report = judge(names["mend"])
    assert report.status == "failed"
    assert re.match(sentence, report.message), report.message
    assert report.hint == ""


@pytest.mark.parametrize(
    ("config", "number"),
    [
        ('{**config, "lr": 0.5}', 0),
        ('{**config, "initializer": "standard_normal"}', 4),
        ('{**config, "activation": "logistic"}', 5),
        ('{**config, "initializer": "he_normal"}', 1),
        ('{**config, "scale": 1.0}', 2),
    ],
)
def test_mend_recognises_the_direction_of_a_change(config, number):
    names = {}
    exec(f"def mend(config):\n    return {config}\n", names)
    assert judge(names["mend"]).hint == find("mend").mistakes[number].hint
