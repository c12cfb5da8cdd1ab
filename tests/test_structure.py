"""The shape of the library: rooms whose imports point one way, short modules, complete exercises and docstrings."""

import ast
import builtins
import statistics
import subprocess
import symtable
import sys
from pathlib import Path

import pytest

from course_lib.delivery import building
from course_lib.delivery.cells import solution
from course_lib.exercises.core import exercises, find, notebooks, quizzes

ROOT = Path(__file__).parents[1]
PACKAGE = "course_lib"
MEDIAN = 150  # lines of a module: one subject, read in one sitting
TENSORFLOW = ("backend", "transfer", "exercises.nb07_transfer")  # modules and rooms that may import it
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
LIBRARY = ""  # the room without a name: modules that stand directly in the package, what the course teaches

# Rooms: each row may import from the rows above it, and rooms from within themselves
ROWS = [{LIBRARY}, {"measuring", "plots", "transfer", "views"}, {"exercises", "studies"}, {"delivery", "widgets"},
        {"grading", "mine"}, {"__main__"}]


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


def room_of(module, root=ROOT):
    """Return the room that a module stands in; `__main__` is one of its own."""
    first = module.split(".")[0]
    return first if first == "__main__" or (root / PACKAGE / first).is_dir() else LIBRARY


def row(room):
    return next((i for i, rooms in enumerate(ROWS) if room in rooms), None)


def wrong_arrows(root):
    rooms = {name: room_of(name, root) for name in modules(root) if name}
    found = [f"{room}: in no row of ROWS" for room in set(rooms.values()) if row(room) is None]
    for name, path, line, what in own_imports(root):
        if name == "" and what:
            found.append(f"{path.name}:{line}: {PACKAGE} imports {what}, but is to load nothing")
        ends = [row(rooms[end]) if end in rooms else None for end in (name, what)]
        if None not in ends and rooms[name] != rooms[what] and ends[0] <= ends[1]:
            found.append(f"{path.name}:{line}: {name} imports {what}, which isn't below it")
    return found


def reached(root):
    """Return for every module the modules that it imports, directly or by way of others."""
    arrows, found = {name: set() for name in modules(root)}, {}
    for name, _, _, what in own_imports(root):
        arrows[name].add(what)
    for name in arrows:
        seen, stack = set(), [name]
        while stack:
            new = arrows.get(stack.pop(), set()) - seen
            seen |= new
            stack += new
        found[name] = seen
    return found


def cycles(root):
    """Return the modules that import themselves by way of others."""
    return sorted(name for name, others in reached(root).items() if name and name in others)


def knowing_networks(root, taught=("layers",)):
    """Return those of the modules that hold the answers to exercises which know whole networks."""
    return sorted(name for name, others in reached(root).items() if name in taught and "network" in others)


def tensorflow_imports(root):
    known = modules(root)
    return [
        f"{path.name}:{line}: {what}"
        for name, path in known.items()
        if not f"{name}.".startswith(tuple(f"{allowed}." for allowed in TENSORFLOW))
        for line, what in imported(name, path, known)
        if what.split(".")[0] in ("tensorflow", "keras")
    ]


def drawn_elsewhere(root):
    """Return the imports of Matplotlib outside of the room for that and of the explorers' own drawing."""
    known = modules(root)
    return [
        f"{path.name}:{line}: {what}"
        for name, path in known.items()
        if room_of(name, root) != "plots"
        for line, what in imported(name, path, known)
        if what.split(".")[0] == "matplotlib"
    ]


def long_modules(root):
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in modules(root).values()]
    middle = statistics.median(lines)
    return [f"the median module has {middle:g} lines"] if middle > MEDIAN else []


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


FAULTS = [wrong_arrows, cycles, tensorflow_imports, drawn_elsewhere, long_modules, undocumented]


@pytest.mark.parametrize("faults", FAULTS)
def test_library(faults):
    assert faults(ROOT) == []


def test_answers_to_exercises_know_no_networks():
    taught = {exercise.reference.__module__.removeprefix(f"{PACKAGE}.") for _, exercise in EXERCISES}
    taught = {name for name in taught if room_of(name) == LIBRARY}
    assert {"activations", "layers", "optimizers"} <= taught
    assert knowing_networks(ROOT, taught) == []


def code_lines(function):
    """Return how many lines of code a function has, its own first line included, docstring and blank lines not."""
    body = function.body[ast.get_docstring(function) is not None :]
    simple = [node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.stmt)]
    return 1 + len({line for node in simple for line in (node.lineno, *_rest(node))})


def _rest(statement):
    """Return the further lines of a statement that has no statements inside."""
    return () if hasattr(statement, "body") else range(statement.lineno, statement.end_lineno + 1)


def test_functions_of_the_maths_are_short():
    files = [path for name, path in modules(ROOT).items() if name and room_of(name) == LIBRARY]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
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
    (wrong_arrows, "layers.py", "from course_lib.plots import lines", "layers.py:2: layers imports plots, which"),
    (wrong_arrows, "layers.py", "import course_lib.plots.curves", "layers imports plots.curves"),
    (wrong_arrows, "layers.py", "from course_lib import widgets", "layers imports widgets"),
    (wrong_arrows, "layers.py", "from . import grading", "layers imports grading"),
    (wrong_arrows, "layers.py", "from .exercises import check", "layers imports exercises"),
    (wrong_arrows, "layers.py", "def f():\n    from course_lib import grading", "layers.py:3: layers imports grading"),
    (wrong_arrows, "plots/curves.py", "from course_lib.widgets.signal import x", "plots.curves imports widgets.signal"),
    (wrong_arrows, "plots/curves.py", "from course_lib import exercises", "plots.curves imports exercises"),
    (wrong_arrows, "widgets/signal.py", "import course_lib.__main__", "widgets.signal imports __main__"),
    (wrong_arrows, "network.py", "from course_lib.exercises import check", "network imports exercises"),
    (wrong_arrows, "exercises/core.py", "from ..grading import x", "exercises.core imports grading"),
    (wrong_arrows, "__init__.py", "from course_lib.layers import dense", "course_lib imports layers"),
    (wrong_arrows, "helpers/__init__.py", "", "helpers: in no row"),
    (cycles, "exercises/core.py", "from course_lib.exercises import report", "exercises.core"),
    (cycles, "exercises/core.py", "import course_lib.exercises", "exercises.core"),
    (cycles, "layers.py", "from course_lib.network import Network", "layers"),
    (tensorflow_imports, "layers.py", "import tensorflow as tf", "layers.py:2: tensorflow"),
    (tensorflow_imports, "layers.py", "def f():\n    from tensorflow import keras", "layers.py:3: tensorflow"),
    (tensorflow_imports, "layers.py", "import keras.layers", "layers.py:2: keras.layers"),
    (tensorflow_imports, "backends.py", "import tensorflow", "backends.py:2: tensorflow"),
    (drawn_elsewhere, "widgets/signal.py", "from matplotlib.ticker import x", "signal.py:2: matplotlib.ticker"),
    (drawn_elsewhere, "layers.py", "def f():\n    import matplotlib", "layers.py:3: matplotlib"),
    (knowing_networks, "layers.py", "from course_lib.network import Network", "layers"),
    (knowing_networks, "layers.py", "from course_lib.activations import x\nimport course_lib.network", "layers"),
    (undocumented, "layers.py", "def dense(x):\n    return x", "layers.dense: ''"),
    (undocumented, "layers.py", 'def dense(x):\n    """combine inputs"""', "layers.dense: 'combine inputs'"),
    (undocumented, "layers.py", "class Layer:\n    pass", "layers.Layer: ''"),
]


def plant(root, files):
    files = (
        GOOD
        | {
            "activations.py": '"""Activations."""\n',
            "widgets/__init__.py": '"""Widgets."""\n',
            "widgets/signal.py": '"""Signals."""\n',
            "grading/__init__.py": '"""Grading."""\n',
            "exercises/__init__.py": '"""Exercises."""\nfrom course_lib.exercises.core import x\n',
            "exercises/core.py": '"""Core."""\n',
            "network.py": '"""Networks."""\nfrom course_lib.layers import x\n',
            "exercises/report.py": '"""Reports."""\nfrom .core import x\n',
            "plots/__init__.py": '"""Plots."""\n',
            "plots/curves.py": '"""Lines."""\nimport matplotlib\n',
            "__main__.py": '"""The command."""\nfrom course_lib import grading\n',
            "backend.py": '"""Backend."""\nimport tensorflow\n',
        }
        | files
    )
    for name, text in files.items():
        path = root / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("faults", [*FAULTS, knowing_networks])
def test_good_tree_has_no_fault(faults, tmp_path):
    plant(tmp_path, {})
    assert faults(tmp_path) == []


@pytest.mark.parametrize(("faults", "name", "code", "said"), BAD)
def test_planted_fault_is_found(faults, name, code, said, tmp_path):
    plant(tmp_path, {name: f'"""A module."""\n{code}\n'})
    assert any(said in found for found in faults(tmp_path))


def test_a_few_long_modules_are_allowed_and_many_are_found(tmp_path):
    long = '"""A module."""\n' + "x = 1\n" * MEDIAN
    plant(tmp_path, {f"long{i}.py": long for i in range(9)})
    assert long_modules(tmp_path) == []
    plant(tmp_path, {f"long{i}.py": long for i in range(30)})
    assert long_modules(tmp_path) == [f"the median module has {MEDIAN + 1} lines"]


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
    names = [f"course_lib.{name}" for name in modules(ROOT) if name and row(room_of(name)) < row("widgets")]
    found = loaded(f"import {', '.join(names)}")
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
    assert len(exercise.steps) == 3
    assert all(len(hint) > 15 for hint in [*exercise.steps, *(mistake.hint for mistake in exercise.mistakes)])


@pytest.mark.parametrize("notebook", notebooks())
def test_names_are_found_in_the_sources_and_other_notebooks_stay_unread(notebook):
    wanted = [*exercises(notebook), *quizzes(notebook)]
    code = f"""
import sys
from course_lib.exercises.core import find, find_quiz
for name in {list(exercises(notebook))}: assert find(name).name == name
for name in {list(quizzes(notebook))}: assert find_quiz(name).name == name
print(*{{name.split(".")[2] for name in sys.modules if name.startswith("course_lib.exercises.nb")}})
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.stdout.strip(), run.stderr) == (f"nb{notebook}", ""), wanted


def test_what_is_unknown_is_said_with_all_that_is_known():
    with pytest.raises(ValueError, match="no exercise 'logistik'; there are .*logistic.*flatten_backward"):
        find("logistik")
    with pytest.raises(ValueError, match="no exercise 'a quiz'"):
        find("a quiz")


def test_every_notebook_with_exercises_has_a_source_and_a_quiz():
    assert {"00_start_here", "01_vanishing_gradients"} <= set(notebooks()) <= set(building.names())
    for notebook in notebooks():
        assert quizzes(notebook)
