"""The shape of the library: imports point one way, modules are short, exercises and docstrings complete."""

import ast
import builtins
import statistics
import subprocess
import symtable
import sys
from pathlib import Path

import pytest

from course_lib import building
from course_lib.cells import solution
from course_lib.exercises.core import exercises, notebooks, quizzes

ROOT = Path(__file__).parents[1]
PACKAGE = "course_lib"
LONGEST = 250
TENSORFLOW = {"backend", "transfer.changing"}
TENSORFLOW |= {f"exercises.nb07_transfer.{name}" for name in ("caching", "changing", "importing")}
HEAVY = {
    "tensorflow",
    "keras",
    "matplotlib",
    "ipywidgets",
    "anywidget",
    "sklearn",
    "scipy",
    "jupyterlab",
    "nbformat",
}
MATHS = "datasets initializers activations losses layers normalization optimizers schedules"

# Each row may import from the rows above it, and packages from within themselves
LAYERS = [
    {"contracts", "threads", "figures", "cells", "claims"},
    {*MATHS.split(), "regularizers", "augmentation", "gradcheck", "mean_field", "surfaces", "windows"},
    {"conv", "network"},
    {"models"},
    {"training", "measuring", "units", "folding", "checkpoints", "pretraining", "transfer", "backend"},
    {"plots", "charts", "graphs", "grids", "maps", "exercises", "studies"},
    {"panels", "widgets", "building"},
    {"grading"},
    {"doctor", "lab"},
    {"__main__"},
]


def modules(root):
    """Return the package's modules as a dict from dotted name, without the package's own, to path."""
    folder = root / PACKAGE
    names = {path: path.relative_to(folder).with_suffix("").parts for path in sorted(folder.rglob("*.py"))}
    return {".".join(parts[:-1] if parts[-1] == "__init__" else parts): path for path, parts in names.items()}


def imported(name, path, known):
    """Yield (line, what) for everything that a module imports, wherever: "numpy", or "course_lib.layers"."""
    inside = path.name == "__init__.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                parts = [PACKAGE, *name.split(".")] if name else [PACKAGE]
                parts = parts[: len(parts) - node.level + inside]
                start = ".".join([*parts, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{start}.{alias.name}"
                yield node.lineno, full if full.removeprefix(f"{PACKAGE}.") in known else start


def own_imports(root):
    """Yield (module, path, line, imported module) for every import within the package."""
    known = modules(root)
    for name, path in known.items():
        for line, what in imported(name, path, known):
            if what.split(".")[0] == PACKAGE:
                yield name, path, line, what.removeprefix(PACKAGE).removeprefix(".")


def row(module):
    part = module.split(".")[0]
    return next((i for i, parts in enumerate(LAYERS) if part in parts), None)


def wrong_arrows(root):
    found = [f"{name}: in no row of LAYERS" for name in modules(root) if name and row(name) is None]
    for name, path, line, what in own_imports(root):
        if what == "" or name.split(".")[0] == what.split(".")[0]:
            continue
        if name == "" or row(what) is not None is not row(name) and row(what) >= row(name):
            found.append(f"{path.name}:{line}: {name or PACKAGE} imports {what}, which isn't below it")
    return found


def cycles(root):
    """Return the modules that import themselves by way of others."""
    arrows = {}
    for name, _, _, what in own_imports(root):
        arrows.setdefault(name, set()).add(what)

    def reached(name):
        seen, stack = set(), [name]
        while stack:
            for following in arrows.get(stack.pop(), ()):
                if following not in seen:
                    seen.add(following)
                    stack.append(following)
        return seen

    return sorted(name for name in arrows if name and name in reached(name))


def tensorflow_imports(root):
    known = modules(root)
    return [
        f"{path.name}:{line}: {what}"
        for name, path in known.items()
        if name not in TENSORFLOW
        for line, what in imported(name, path, known)
        if what.split(".")[0] in ("tensorflow", "keras")
    ]


def long_modules(root):
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(root).values()}
    return [f"{path.relative_to(root)}: {n} lines" for path, n in lines.items() if n > LONGEST]


def undocumented(root):
    """Return the modules, public functions and classes whose docstring doesn't begin with one sentence."""
    found = []
    for name, path in modules(root).items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [(name or PACKAGE, tree)] + [
            (f"{name}.{node.name}", node)
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        ]
        for label, node in nodes:
            first = (ast.get_docstring(node) or "").split("\n")[0]
            if not first.endswith((".", "?")) or not first[0].isupper() and not first[0] == "`":
                found.append(f"{label}: {first!r}")
    return found


@pytest.mark.parametrize("faults", [wrong_arrows, cycles, tensorflow_imports, long_modules, undocumented])
def test_library(faults):
    assert faults(ROOT) == []


def code_lines(function):
    """Return how many lines of code a function has, its own first line included, docstring and blank lines not."""
    body = function.body[ast.get_docstring(function) is not None :]
    simple = [node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.stmt)]
    return 1 + len({line for node in simple for line in (node.lineno, *_rest(node))})


def _rest(statement):
    """Return the further lines of a statement that has no statements inside."""
    return () if hasattr(statement, "body") else range(statement.lineno, statement.end_lineno + 1)


def test_functions_of_the_maths_are_short():
    modules = [*MATHS.split(), "regularizers", "augmentation", "gradcheck", "windows", "conv", "network", "models",
               "training"]  # fmt: skip
    trees = [ast.parse((ROOT / PACKAGE / f"{name}.py").read_text(encoding="utf-8")) for name in modules]
    lengths = [code_lines(node) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert statistics.median(lengths) <= 8


def test_lines_of_code_are_counted():
    source = 'def f(x):\n    """One."""\n\n    if x:\n        y = [\n            1]\n    # two\n    return y\n'
    assert code_lines(ast.parse(source).body[0]) == 5


# Each of these can fail: a planted bad tree

GOOD = {
    "__init__.py": '"""A package."""\n',
    "layers.py": '"""Layers."""\nimport numpy\nfrom course_lib.contracts import x\n',
    "contracts.py": '"""Contracts."""\n',
}
BAD = [
    (
        wrong_arrows,
        "layers.py",
        "from course_lib.network import Network",
        "layers.py:2: layers imports network",
    ),
    (wrong_arrows, "layers.py", "import course_lib.network", "layers imports network"),
    (wrong_arrows, "layers.py", "from course_lib import network", "layers imports network"),
    (wrong_arrows, "layers.py", "from . import network", "layers imports network"),
    (wrong_arrows, "layers.py", "from .network import Network", "layers imports network"),
    (
        wrong_arrows,
        "layers.py",
        "def f():\n    from course_lib import network",
        "layers.py:3: layers imports network",
    ),
    (wrong_arrows, "layers.py", "from course_lib import activations", "layers imports activations"),
    (wrong_arrows, "plots.py", "from course_lib.widgets.signal import x", "plots imports widgets.signal"),
    (wrong_arrows, "network.py", "from course_lib.exercises import check", "network imports exercises"),
    (wrong_arrows, "exercises/core.py", "from ..grading import x", "exercises.core imports grading"),
    (wrong_arrows, "__init__.py", "from course_lib.layers import dense", "course_lib imports layers"),
    (wrong_arrows, "helpers.py", "", "helpers: in no row"),
    (cycles, "exercises/core.py", "from course_lib.exercises import report", "exercises.core"),
    (cycles, "exercises/core.py", "import course_lib.exercises", "exercises.core"),
    (tensorflow_imports, "layers.py", "import tensorflow as tf", "layers.py:2: tensorflow"),
    (
        tensorflow_imports,
        "layers.py",
        "def f():\n    from tensorflow import keras",
        "layers.py:3: tensorflow",
    ),
    (tensorflow_imports, "layers.py", "import keras.layers", "layers.py:2: keras.layers"),
    (long_modules, "layers.py", "x = 1\n" * 249, "layers.py: 251 lines"),
    (undocumented, "layers.py", "def dense(x):\n    return x", "layers.dense: ''"),
    (undocumented, "layers.py", 'def dense(x):\n    """combine inputs"""', "layers.dense: 'combine inputs'"),
    (undocumented, "layers.py", "class Layer:\n    pass", "layers.Layer: ''"),
]


def plant(root, files):
    files = (
        GOOD
        | {
            "network.py": '"""Networks."""\n',
            "activations.py": '"""Activations."""\n',
            "widgets/__init__.py": '"""Widgets."""\n',
            "widgets/signal.py": '"""Signals."""\n',
            "grading/__init__.py": '"""Grading."""\n',
            "exercises/__init__.py": '"""Exercises."""\nfrom course_lib.exercises.core import x\n',
            "exercises/core.py": '"""Core."""\n',
            "exercises/report.py": '"""Reports."""\nfrom .core import x\n',
            "plots.py": '"""Plots."""\n',
            "backend.py": '"""Backend."""\nimport tensorflow\n',
        }
        | files
    )
    for name, text in files.items():
        path = root / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("faults", [wrong_arrows, cycles, tensorflow_imports, long_modules, undocumented])
def test_good_tree_has_no_fault(faults, tmp_path):
    plant(tmp_path, {})
    assert faults(tmp_path) == []


@pytest.mark.parametrize(("faults", "name", "code", "said"), BAD)
def test_planted_fault_is_found(faults, name, code, said, tmp_path):
    plant(tmp_path, {name: f'"""A module."""\n{code}\n'})
    assert any(said in found for found in faults(tmp_path))


# What is loaded


def loaded(code):
    """Return the names of the top-level modules loaded after some code, in a fresh Python."""
    code += "\nimport sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_importing_the_package_loads_nothing_heavy():
    assert loaded("import course_lib") & (HEAVY | {"numpy"}) == set()


def test_importing_the_exercises_loads_numpy_only():
    found = loaded("from course_lib.exercises import check, progress; progress()")
    assert "numpy" in found
    assert found & HEAVY == set()


def test_notebooks_without_tensorflow_dont_load_it():
    found = loaded(
        f"import {', '.join(f'course_lib.{name}' for name in modules(ROOT) if name and row(name) < row('widgets'))}"
    )
    assert found & {"tensorflow", "keras"} == set()


# The exercises


def set_up_imports(notebook):
    """Return the names that a notebook's first code cell imports."""
    cells = building.build(building.source_of(notebook), notebook, outputs=None).cells
    code = next(cell.source for cell in cells if cell.cell_type == "code")
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {(alias.asname or alias.name).split(".")[0] for node in nodes for alias in node.names}


def foreign_names(source):
    """Return the names that a function's source uses without defining them, builtins apart."""
    whole = symtable.symtable(source, "answer", "exec")
    found = {symbol.get_name() for symbol in whole.get_symbols() if not symbol.is_assigned()}  # defaults
    tables = whole.get_children()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        found |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    own = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    return found - set(dir(builtins)) - own


EXERCISES = [(notebook, e) for notebook in notebooks() for e in exercises(notebook).values()]
ids = {"ids": lambda value: getattr(value, "name", "")}


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES, **ids)
def test_reference_uses_numpy_and_the_set_up_cell_only(notebook, exercise):
    source = solution(exercise.reference)
    assert foreign_names(source) <= set_up_imports(notebook)
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_foreign_names_are_found():
    source = "def f(x, y=SCALE):\n    z = [helper(v) for v in x]\n    return np.sum(z) + len(x) + f(y)"
    source += " + (lambda w: w + other)(1)\n"
    assert foreign_names(source) == {"SCALE", "helper", "np", "other"}


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES, **ids)
def test_exercise_is_complete(notebook, exercise):
    assert exercise.points > 0
    assert exercise.reference.__name__ == exercise.name
    assert len(exercise.mistakes) >= 3
    assert len(exercise.hints) == 3
    assert all(len(hint) > 15 for hint in [*exercise.hints, *(mistake.hint for mistake in exercise.mistakes)])


def test_every_notebook_with_exercises_has_a_source_and_a_quiz():
    assert {"00_start_here", "01_vanishing_gradients"} <= set(notebooks()) <= set(building.names())
    for notebook in notebooks():
        assert quizzes(notebook)
