"""Which answers may share a process: those that only compute; all that could reach anything else may not."""
# ruff: noqa: E501 (pieces of source)

import builtins

import numpy as np
import pytest

from course_lib.exercises.core import exercises, notebooks
from course_lib.grading.engine.selfcontained import ATTRIBUTES, is_self_contained, surroundings
from tests.notebooks import VARIANTS

DEF = "def f(z, n=0):\n    "


@pytest.mark.parametrize(
    "source",
    [
        "return 0.5 * (1 + np.tanh(z / 2))",
        "import math\n    return math.exp(z)",
        "from numpy import exp\n    return exp(z)",
        "import numpy as np\n    out = np.empty_like(z)\n    out[...] = z\n    return out",
        "return [g.sum() for g in z if g.size]",
        "t = {}\n    for i, v in enumerate(z):\n        t[i] = v\n    while n: n -= 1\n    return {**t, 'a': f'{n:.2f}'}",
        "with np.errstate(over='ignore'):\n        return np.exp(z)",
        "raise NotImplementedError",
        "return known(z)",
        "g = lambda v: v + 1\n    return g(z)",
        "z += 1\n    return z",
        "print(z)\n    return (y := z) + y",
        '"""Squash."""',
        "z.flat[0] = 1\n    return sorted(z, key=lambda v: -v)",
    ],
)
def test_what_only_computes(source):
    assert is_self_contained(DEF + source, {"known"})


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import numpy.linalg",
        "import numpy as other",
        "from os import path",
        "from . import x",
        "import math as np, os",
        "from numpy import random",
        "from numpy import *",
        "return unknown(z)",
        "return exec('1')",
        "return getattr(np, 'exp')",
        "np.exp = 1",
        "np.pi += 1",
        "del np.exp",
        "for np.exp in z: pass",
        "with np.errstate() as np.exp: pass",
        "f.kept = z",
        "[0 for np.exp in z]",
        "np.exp: int = 1",
        "return np.random.normal(size=3)",
        "return z.__class__",
        "return __builtins__",
        "return np.__dict__",
        "return z.ctypes",
        "return z.tofile('a')",
        "return np.load('a')",
        "return np.seterr(all='raise')",
        "return z.setflags(write=True)",
        "return '{0.__class__}'.format(z)",
        "global np\n    np = 1",
        "yield z",
        "return type(z)",
        "try: pass\n    except Exception: pass",
        "class C: pass",
        "return globals()",
        "import numpy\n    return numpy.lib",
        "return data",
        "def __getattr__(n): pass",
        "async def g(): pass",
        "@np.errstate()\n    def g(): pass",
        "return vars(np)",
        "def g():\n        nonlocal n\n        n = 1",
        "return np.ndarray",
        "match z:\n        case np.exp: pass",
        "return open('a')",
    ],
)
def test_what_could_reach_more(source):
    assert not is_self_contained(DEF + source, {"known"})


@pytest.mark.parametrize("source", ["%time 1", "!ls", "def f(z", "x = 1\n  y = 2", "a\0"])
def test_what_is_no_python(source):
    with pytest.raises((SyntaxError, ValueError)):
        is_self_contained(source, ())


@pytest.mark.parametrize("name", ["exec", "open", "getattr", "data"])
def test_a_name_that_is_bound_nowhere_leads_nowhere(name):
    source = f"if False: {name} = 0\nfound = {name}\n"
    assert is_self_contained(source, ())
    with pytest.raises(NameError):
        exec(source, surroundings({"np": np, "data": 1}))


def test_nothing_that_is_listed_writes_reads_or_keeps():
    assert not ATTRIBUTES & {
        "seterr",
        "seterrcall",
        "load",
        "save",
        "tofile",
        "fromfile",
        "memmap",
        "random",
        "seed",
        "ctypes",
        "base",
        "data",
        "setflags",
        "format",
        "format_map",
        "test",
        "lib",
    }
    assert not any(name.startswith("_") for name in ATTRIBUTES)
    modules = {name for name in ATTRIBUTES if type(getattr(np, name, None)) is type(np)}
    assert modules == {"linalg"}
    reachable = [getattr(place, name, None) for place in (np, np.linalg) for name in ATTRIBUTES]
    assert not any(isinstance(value, np.ndarray | list | dict | set) for value in reachable)  # that could be changed


def test_surroundings_hold_what_is_harmless():
    found = surroundings(vars(builtins) | {"np": np, "data": 1})
    assert "data" not in found and found["np"] is np
    assert not {"exec", "eval", "open", "getattr", "setattr", "globals", "vars", "type"} & set(found["__builtins__"])


@pytest.mark.parametrize("notebook", [name for name in notebooks() if name[:2] in ("01", "03")])
def test_most_answers_may(notebook):
    """Else they aren't worth a process that they share."""
    names = exercises(notebook)
    found = [is_self_contained(source, names.keys() - {name}) for name in names for source in VARIANTS[name].values()]
    assert sum(found) > 0.7 * len(found)
