"""What a function needs to run elsewhere is found, and what can't be written down is said."""

import functools
import linecache
import math
from collections import namedtuple
from itertools import count
from typing import NamedTuple

import numpy as np
import pytest

from course_lib.exercises.tracing import PieceKind, Untraceable, foreign_names, literal, source_of, trace
from course_lib.layers import dense
from course_lib.losses import mse
from course_lib.network import Network

CELLS = count()


def cell(source, names=None):
    """Run source as a notebook's kernel runs a cell; return the names."""
    names = {"__name__": "__main__", "np": np} if names is None else names
    file = f"/tmp/ipykernel_{next(CELLS)}/1.py"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    exec(compile(source, file, "exec"), names)
    return names


def pieces(source, name="f", **more):
    """Return what the function of that name in a cell needs, as kind -> texts."""
    names = cell(source, {"__name__": "__main__", "np": np, **more})
    traced, found = trace(names[name], name), {}
    for piece in traced.pieces:
        found.setdefault(piece.kind, []).append(piece.text)
    rebuilt = {}
    texts = [piece.text for piece in traced.pieces if piece.kind not in (PieceKind.MINE, PieceKind.COURSE)]
    rebuilt |= {piece.name: more[piece.name] for piece in traced.pieces if piece.kind is PieceKind.COURSE}
    exec("\n".join([*texts, traced.source]), rebuilt)
    return found, rebuilt[name]


def why_not(source, name="f", **more):
    with pytest.raises(Untraceable) as error:
        pieces(source, name, **more)
    return str(error.value)


def test_a_function_that_needs_numpy_only():
    found, f = pieces("def f(x):\n    '''Say ä.'''\n    return np.exp(x)\n\n\nf(0)\n")
    assert found == {PieceKind.IMPORT: ["import numpy as np"]}
    assert f(0) == 1


def test_helpers_come_with_what_they_need_and_after_it():
    found, f = pieces("""
SCALE, TABLE = 2.5, {"a": [1, (2, None)]}
unused = 3
def third(x): return x * SCALE
def second(x, by=third): return by(x) + len(TABLE["a"])
first = lambda x: second(x)
def f(x):
    return first(x)
""")
    assert sorted(found[PieceKind.CONSTANT]) == ["SCALE = 2.5", "TABLE = {'a': [1, (2, None)]}"]
    assert [text.split()[1] for text in found[PieceKind.HELPER]] == ["third(x):", "second(x,", "="]
    assert f(2) == 7


def test_recursion_and_functions_that_use_each_other_end():
    found, f = pieces("def g(n): return f(n - 1)\ndef f(n):\n    return 1 if n < 1 else n * g(n)")
    assert len(found[PieceKind.HELPER]) == 1 and f(4) == 24


def test_names_of_inner_scopes_are_found_and_arguments_are_not():
    source = """
A, B, C, D, x = 1, 2, 3, 4, 5
def f(x, y=A):
    def inner(z):
        return z + B
    return [inner(v + C) for v in (x, y)] + [(lambda w: w + D)(1)]
"""
    found, f = pieces(source)
    assert found[PieceKind.CONSTANT] == ["A = 1", "B = 2", "C = 3", "D = 4"]
    assert f(0) == [5, 6, 5]
    assert foreign_names("def f(x): return x + y") == ["y"]


def test_imports_are_written_as_lines():
    found, f = pieces("def f(x): return erf(x) + root(4) + math.pi + la.norm([3, 4]) + partial(int)('1')",
                      erf=math.erf, root=np.sqrt, math=math, la=np.linalg, partial=functools.partial)
    assert sorted(found[PieceKind.IMPORT]) == [
        "from functools import partial", "from math import erf", "from numpy import sqrt as root", "import math",
        "import numpy.linalg as la"]
    assert f(0) == pytest.approx(8 + math.pi)


def test_the_courses_functions_are_borrowed_not_copied():
    found, _ = pieces("def f(x): return layer(x, x, x)", layer=dense)
    assert found == {PieceKind.COURSE: ["course_lib.layers:dense"]}


def test_exercises_are_borrowed_by_name():
    names = cell("def logistic(z): return z\ndef f(z): return logistic(z)")
    traced = trace(names["f"], "f", exercise_of=lambda name, value: name if name == "logistic" else None)
    assert [(piece.kind, piece.text) for piece in traced.pieces] == [(PieceKind.MINE, "logistic")]


def test_classes_come_along_with_and_without_functions_of_their_own():
    source = """
from typing import NamedTuple
from collections import namedtuple
class Cache(NamedTuple):
    x: float = 1.0
Pair = namedtuple("Pair", "a b")
class Better(Cache):
    def twice(self): return 2 * self.x
def f(): return Cache().x, Pair(1, 2).b, Better().twice()
"""
    import sys

    main, names = sys.modules["__main__"], vars(sys.modules["__main__"])
    before = dict(names)
    try:
        cell(source, names)
        traced = trace(names["f"], "f")
    finally:
        names.clear()
        names.update(before)
    assert sys.modules["__main__"] is main
    rebuilt = {"__name__": "elsewhere"}
    exec("\n".join([*(piece.text for piece in traced.pieces), traced.source]), rebuilt)
    assert rebuilt["f"]() == (1.0, 2, 2.0)


def test_decorators_stay_and_another_name_is_said():
    found, f = pieces("from functools import lru_cache\n@lru_cache(maxsize=None)\ndef g(x):\n    return x + 1\nf = g")
    assert found == {PieceKind.IMPORT: ["from functools import lru_cache"]}
    assert f(1) == 2 and f.cache_info().misses == 1


@pytest.mark.parametrize(("source", "more", "said"), [
    ("def f(x): return x @ w", {"w": np.ones(3)}, "it uses w, an array from elsewhere"),
    ("def f(x): return net.predict(x)", {"net": Network([])}, "it uses net, a Network from elsewhere"),
    ("def f(x): return g(x)", {"g": functools.partial(pow, 2)}, "it uses g, a partial from elsewhere"),
    ("np = 3\ndef f(x): return x * np", {}, "np is an int and hides the module of that name"),
    ("def numpy(x): return x\ndef f(x): return numpy(x)", {}, "numpy is a function of your own and hides the module"),
    ("def made(k):\n    def f(x): return x * k\n    return f\nf = made(2)", {}, "f is made inside another function"),
    ("f = np.exp", {}, "f isn't written as a function, with def, but is a ufunc"),
    ("class F:\n    def __call__(self, x): return x\nf = F()", {}, "f isn't written as a function, with def, but is"),
    ("exec('def f(x): return x')", {}, "the source of f isn't found"),
])
def test_what_cannot_be_kept_is_said(source, more, said):
    assert why_not(source, **more).startswith(said)


def test_a_local_file_is_no_package(tmp_path, monkeypatch):
    (tmp_path / "my_helpers.py").write_text("def twice(x):\n    return 2 * x\n")
    monkeypatch.syspath_prepend(tmp_path)
    import my_helpers

    found, f = pieces("def f(x): return twice(x)", twice=my_helpers.twice)
    assert found == {PieceKind.HELPER: ["def twice(x):\n    return 2 * x"]} and f(2) == 4
    assert why_not("def f(x): return h.twice(x)", h=my_helpers) == (
        "it uses h, a file of your own: write what it needs of it in the notebook")


@pytest.mark.parametrize("value", [1, -2.5, True, None, "ä'\"", b"x", (1, [2.0]), {"a": {1, 2}}, 1j, np.float32(0.1),
                                   np.int64(3), np.bool_(True), float("inf"), float("-inf")])
def test_constants_are_written_as_they_are(value):
    back = eval(literal(value), {"np": np})
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("value", [np.ones(2), object(), [np.ones(1)], "x" * 20_000, [float("nan")], dense, {1: dense}])
def test_other_values_are_no_constants(value):
    assert literal(value) is None


def test_source_is_that_of_the_version_which_is_running():
    names = cell("def f(x): return 1")
    old = names["f"]
    cell("def f(x): return 2", names)
    assert source_of(old)[0] == "def f(x): return 1"
    assert source_of(names["f"])[0] == "def f(x): return 2"


def test_a_function_inside_a_condition_loses_its_indent():
    names = cell("if True:\n    def f(x):\n        return 1\n")
    assert source_of(names["f"]) == ("def f(x):\n    return 1", "f")


def test_the_courses_own_functions_are_copied_without_their_contracts():
    traced = trace(mse, "mse", course=True)
    assert "@" not in traced.source.split("def ")[0]
    names = {}
    exec("\n\n".join([*(piece.text for piece in traced.pieces), traced.source]), names)
    given = np.ones((2, 1)), np.zeros((2, 1))
    assert names["mse"](*given)[0] == mse(*given)[0]
    assert all("course_lib" not in piece.text for piece in traced.pieces)


class Fields(NamedTuple):
    a: int


Named = namedtuple("Named", "a")


def use_of_fields():
    return Fields(1).a + Named(2).a


def test_classes_of_a_module_are_found_in_its_file():
    traced = trace(use_of_fields, "use_of_fields")
    assert [piece.name for piece in traced.pieces] == ["NamedTuple", "Fields", "namedtuple", "Named"]
