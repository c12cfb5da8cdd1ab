"""The authors' command that changes right answers: every kind of change, groups, the corpus, answers that don't end."""

import json
import sys
import time

import pytest

from course_lib.delivery.cells import solution
from course_lib.exercises import find
from tools import mistakes
from tools.grouping import Judged
from tools.mutants import Mutant, mutants
from tools.trials import Trials, attempt, held

HEAD = "def f(x, y, *, eps=0.1, keep=True):\n"

KINDS = [
    ("a term left out", "return x + y", "return x"),
    ("what is taken away alone", "return x - y", "return -y"),
    ("a factor left out", "return 2 * x", "return x"),
    ("an alternative left out", "return x or y", "return x"),
    ("a part of the result left out", "return (x, y)", "return (x,)"),
    ("the step of a slice left out", "return x[1:y:2]", "return x[1:y]"),
    ("the start of a slice left out", "return x[1:y:2]", "return x[:y:2]"),
    ("a sign turned", "return x + y", "return x - y"),
    ("divided for multiplied", "return x * y", "return x / y"),
    ("a minus dropped", "return np.exp(-x)", "return np.exp(x)"),
    ("the sign of an exponent", "return np.exp(x)", "return np.exp(-x)"),
    ("another axis by keyword", "return x.sum(axis=1)", "return x.sum(axis=0)"),
    ("all axes by position", "return x.sum(1)", "return x.sum(None)"),
    ("another axis by position", "return np.sum(x, 1)", "return np.sum(x, -1)"),
    ("keepdims dropped", "return x.max(axis=1, keepdims=True)", "return x.max(axis=1)"),
    ("a last argument left out", "return np.sum(x, 0)", "return np.sum(x)"),
    ("an option's default", "return x + eps", "return x + 0.1"),
    ("a whole number changed", "return x ** 2", "return x ** 3"),
    ("a number changed", "return 0.5 * x", "return 1.0 * x"),
    ("a negative number changed", "return x[-1]", "return x[0]"),
    ("a flag turned", "return g(x, True)", "return g(x, False)"),
    ("mean for sum", "return x.sum()", "return x.mean()"),
    ("sum for mean", "return np.mean(x)", "return np.sum(x)"),
    ("std for var", "return x.var(axis=0)", "return x.std(axis=0)"),
    ("max for min", "return np.minimum(x, 0)", "return np.maximum(x, 0)"),
    ("Python's max for min", "return min(x, y)", "return max(x, y)"),
    ("a root left out", "return np.sqrt(x)", "return x"),
    ("a square left out", "return x ** 2", "return x"),
    ("a copy left out", "z = x.copy()\n    return z", "z = x"),
    ("a bound left out", "return np.maximum(x, 0)", "return x"),
    ("a transpose dropped", "return x @ y.T", "return x @ y"),
    ("a new axis dropped", "return x / y[:, None]", "return x / y"),
    ("another order of a difference", "return x - y", "return y - x"),
    ("another order of a product", "return x @ y", "return y @ x"),
    ("another order of results", "return (x, y)", "return (y, x)"),
    ("another order of what is unpacked", "a, b = x\n    return a", "b, a = x"),
    ("another order of arguments", "return np.where(keep, x, y)", "return np.where(keep, y, x)"),
    ("eps moved out of a root", "return np.sqrt(x + eps)", "return np.sqrt(x) + eps"),
    ("eps moved into a root", "return np.sqrt(x) + eps", "return np.sqrt(x + eps)"),
    ("eps moved into a power", "return x ** 0.5 + eps", "return (x + eps) ** 0.5"),
    ("brackets of a factor", "return x * (y - 1)", "return x * y - 1"),
    ("brackets before a factor", "return (x - y) / 2", "return x - y / 2"),
    ("brackets of a divisor", "return x / (2 * y)", "return x / 2 * y"),
    ("brackets of a power", "return (x - y) ** 2", "return x - y ** 2"),
    ("brackets of a difference", "return x - (y - 1)", "return x - y - 1"),
    ("with equality", "return x > y", "return x >= y"),
    ("the other way round", "return x > y", "return x < y"),
    ("one name for another", "return x + y", "return x + x"),
    ("overwritten", "z = x\n    z += y\n    return z", "z = y"),
    ("a step left out", "z = x\n    z += y\n    return z", ""),
    ("a condition left out", "if keep:\n        x = y\n    return x", "x = y"),
    ("a step in a loop", "for i in x:\n        y[i] += i\n    return y", "pass"),
]


def made(body):
    return mutants(f"import numpy as np\n{HEAD}    {body}\n", "f")


@pytest.mark.parametrize(("body", "now"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
def test_kind_of_change(body, now):
    assert now.strip() in ["\n".join(line.strip() for line in mutant.now) for mutant in made(body)]


def test_a_mutant_is_the_whole_source_with_one_change():
    source = f'import numpy as np\n\n{HEAD}    """Say."""\n    z = x  # a\n    return z - y\n'
    found = {mutant.now: mutant for mutant in mutants(source, "f", "mine")}
    one = found["    return y - z",]
    assert one.of == "mine"
    assert one.was == ("    return z - y",)
    assert one.source == f"import numpy as np\n\n{HEAD}    z = x\n    return y - z"
    assert len({mutant.source for mutant in found.values()}) == len(found)


def test_the_source_itself_is_no_mutant_and_messages_and_other_functions_stay():
    assert made("return x") == [mutant for mutant in made("return x") if mutant.now == ("    return y",)]
    raising = "if x > y:\n        raise ValueError(f'{x - 1}' + 'a')\n    return x"
    kept = [mutant.source for mutant in made(raising) if "raise" in mutant.source]
    assert kept
    assert all("raise ValueError(f'{x - 1}' + 'a')" in source for source in kept)
    helped = mutants("def g(x):\n    return x + 1\n\ndef f(x):\n    return g(x)\n", "f")
    assert all("return x + 1" in mutant.source for mutant in helped)
    assert mutants("f = lambda x: x + 1\n", "f") == []


def test_names_are_exchanged_within_a_kind():
    changed = {line.strip() for mutant in made("for i in x:\n        y[i] = eps\n    return y") for line in mutant.now}
    assert {"y[i] = 0.1", "x[i] = eps", "return x"} <= changed
    assert not {"y[i] = x", "y[x] = eps", "y[i] = keep", "return eps"} & changed


def test_names_that_hold_other_things_are_not_exchanged():
    exercise = find("prelu_backward")
    source = solution(exercise.reference)
    names = held(exercise, Judged(exercise).cases, source)
    assert {"dy": "ndarray 2", "z": "ndarray 2", "slopes": "ndarray 1"}.items() <= names.items()
    assert "tuple" in names.values()
    few, many = mutants(source, "prelu_backward", held=names), mutants(source, "prelu_backward")
    assert {mutant.source for mutant in few} < {mutant.source for mutant in many}
    assert any("np.minimum(dy, 0)" in mutant.source for mutant in few)
    assert not any("np.minimum(slopes, 0)" in mutant.source for mutant in few)


def test_the_smaller_change_has_the_smaller_size():
    sizes = {mutant.now: mutant.size for mutant in made("return np.sqrt(x + eps)")}
    assert sizes["    return np.sqrt(x - eps)",] == 1
    assert sizes["    return np.sqrt(x - eps)",] < sizes["    return x + eps",]


# Groups


@pytest.fixture(scope="module")
def softmax():
    """The exercise with some wrong answers tried in this process."""
    judged = Judged(find("softmax"))

    def add(body):
        source = f"def softmax(z):\n    {body}\n"
        judged.add(Mutant("mine", source, (), ()), attempt(judged.exercise, judged.cases, source))

    judged.try_ = add
    return judged


def test_wrong_answers_with_the_same_results_are_one_group(softmax):
    softmax.try_("p = np.exp(z - z.max(axis=-1, keepdims=True)); return p / p.sum(axis=-1, keepdims=True)")
    assert (softmax.passed, softmax.broken, softmax.groups) == (1, 0, [])
    softmax.try_("return np.log(z, axis=3)")
    softmax.try_("return zz")
    assert (softmax.passed, softmax.broken, softmax.groups) == (1, 2, [])
    softmax.try_("return np.abs(z)")
    softmax.try_("return np.where(z < 0, -z, z).astype(np.float64)")
    softmax.try_("return np.abs(z) + np.float32(1e-2)")
    softmax.try_("return np.abs(z) * (1 + 1e-10)")
    assert [len(group.mutants) for group in softmax.groups] == [3, 1]
    assert all(not group.verdict.hint for group in softmax.groups)


def test_what_is_wrong_by_its_dtype_alone_is_apart_from_what_is_right(softmax):
    right = "p = np.exp(z - z.max(axis=-1, keepdims=True)); p = p / p.sum(axis=-1, keepdims=True); return p"
    before = softmax.passed, len(softmax.groups)
    softmax.try_(f"{right}.astype(np.float64)")
    softmax.try_(right)
    assert (softmax.passed, len(softmax.groups)) == (before[0] + 1, before[1] + 1)
    assert len(softmax.groups[-1].mutants) == 1


def test_what_changes_its_input_is_apart_from_what_does_not(softmax):
    before = len(softmax.groups)
    softmax.try_("z *= 3; return z")
    softmax.try_("return 3 * z")
    assert len(softmax.groups) == before + 2


# Bounds


@pytest.fixture(scope="module")
def trials():
    with Trials("leaky_relu", each=0.5, memory=2**26) as trials:
        yield trials


ENDLESS = "def leaky_relu(z, *, negative_slope=0.2):\n    while True:\n        pass\n"
HUNGRY = "def leaky_relu(z, *, negative_slope=0.2):\n    x = []\n    while True:\n        x.append(np.ones(10**6))\n"
RIGHT = solution(find("leaky_relu").reference)


@pytest.mark.parametrize(("source", "end"), [(ENDLESS, "time"), (f"import os\n{ENDLESS.replace('pass', 'os._exit(0)')}",
                                                                "died")])
def test_endless_and_dying_answers_are_bounded_and_the_next_is_run(source, end, trials):
    trials.run(RIGHT)
    began = time.monotonic()
    assert trials.run(source).end == end
    assert time.monotonic() - began < 5
    assert Judged(find("leaky_relu")).passes(trials.run(RIGHT))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems may have no such limit")
def test_an_answer_that_fills_the_memory_is_bounded(trials):
    run = trials.run(HUNGRY)
    assert (run.stopped, run.end) == ("MemoryError", "")
    assert Judged(find("leaky_relu")).passes(trials.run(RIGHT))


def test_what_answers_print_and_how_they_leave_is_their_affair(trials, capfd):
    run = trials.run("def leaky_relu(z, *, negative_slope=0.2):\n    print(z)\n    raise SystemExit\n")
    assert {got.name for got in run.got} == {"SystemExit"}
    assert trials.run("def leaky_relu(").stopped == "SyntaxError"
    assert trials.run("x = 1").stopped in ("", "KeyError")
    assert capfd.readouterr() == ("", "")


def test_endless_and_hungry_answers_are_groups_without_a_hint(trials):
    judged = Judged(find("leaky_relu"))
    for source in (ENDLESS, ENDLESS):
        judged.add(mutants(RIGHT, "leaky_relu")[0], trials.run(source))
    assert [len(group.mutants) for group in judged.groups] == [2]
    assert "not finished in time" in list(mistakes.described(judged.groups[0]))[1]


# The command


def run(capsys, *arguments, **places):
    assert mistakes.main(list(arguments), **places) == 0
    text = capsys.readouterr().out
    assert all(len(line) <= 120 for line in text.splitlines())
    return text, [block.splitlines() for block in text.split("\n\n")]


def test_known_mistakes_are_found_and_shown_where_asked_for(capsys, tmp_path):
    text, blocks = run(capsys, "softmax", "--all", folder=tmp_path)
    assert blocks[0][0].startswith("softmax: ")
    (known,) = [block for block in blocks if "    + return powers / powers.sum(axis=0, keepdims=True)" in block]
    assert 'hint "' in known[0]
    assert find("softmax").mistakes[0].hint[:20] in text
    heads = [block[0] for block in blocks[1:]]
    assert heads == sorted(heads, key=lambda head: "no hint" not in head)
    few, others = run(capsys, "softmax", folder=tmp_path)
    assert others[0] == blocks[0]
    assert 'hint "' not in few
    assert len(others) == 1 + sum("no hint" in head for head in heads)


CORPUS = [
    ("wrong", "mean", "    p = np.exp(z - z.max(-1, keepdims=True))\n    return p / p.mean(-1, keepdims=True)\n"),
    ("debatable", "all are 7", "    return np.full_like(z, 7)\n"),
    ("wrong", "not even run", "    return unknown\n"),
    ("right", "the last of the right ones", "    raise TypeError\n"),
]


def test_what_the_corpus_gives_has_a_star_and_comes_first(capsys, tmp_path):
    lines = [{"exercise": "softmax", "kind": kind, "why": why, "code": f"def softmax(z):\n{code}", "says": ""}
             for kind, why, code in CORPUS]
    lines.append({"exercise": "elu", "kind": "wrong", "why": "another's", "code": "no Python", "says": ""})
    (tmp_path / "03.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    text, blocks = run(capsys, "softmax", folder=tmp_path)
    assert blocks[1][0].startswith("* ")
    assert blocks[1][-1] == "      answers: mean"
    assert sum(block[0].startswith("*") for block in blocks) == 1
    assert blocks[-1] == ["In the corpus, and neither made by a change nor explained: all are 7."]


def test_right_answers_that_fail_here_are_said_and_left_out(capsys, tmp_path, monkeypatch):
    broken = {"by itself": solution(find("leaky_relu").reference), "elsewhere": "def leaky_relu(z): return unknown(z)"}
    monkeypatch.setattr(mistakes, "right_answers", lambda exercise, corpus: broken)
    text, _ = run(capsys, "leaky_relu", folder=tmp_path / "none")
    assert "changes of 1 right answers (by itself)" in text
    assert "Left out, since they don't pass outside of their notebook: elsewhere." in text


def test_time_for_all_is_bounded(capsys, tmp_path):
    text, blocks = run(capsys, "leaky_relu", "--seconds", "0", folder=tmp_path)
    assert text.startswith("leaky_relu: 0 changes of 4 right answers")
    assert "more weren't tried: the time was up (--seconds)." in blocks[0][-1]


def test_debug_labs_have_no_mutants(capsys):
    text, _ = run(capsys, "mend")
    assert text == "mend is a debug lab: its answers are settings, no formula that could be changed.\n"


def test_unknown_exercise_is_said_as_find_says_it(capsys):
    with pytest.raises(SystemExit):
        mistakes.main(["softmacks"])
    said = capsys.readouterr().err
    assert "There is no exercise 'softmacks'; there are " in said
    assert "softmax" in said
