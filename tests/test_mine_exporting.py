"""The learner's functions as a package of their own: it runs with NumPy alone, and comes back through the judge."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from course_lib.__main__ import main
from course_lib.delivery.cells import solution
from course_lib.exercises import check, core, keeping
from course_lib.exercises.core import find
from course_lib.exercises.tracing import Piece, PieceKind, Traced, Untraceable
from course_lib.mine import rewriting
from course_lib.mine.exporting import topic_of
from course_lib.mine.modules import Module
from course_lib.mine.writing import export
from tests.test_exercises_keeping import PLAIN, SLOPE, WITH_HELPER, file, passed  # noqa: F401 - a fixture
from tests.test_exercises_tracing import cell
from tests.test_mine import kept

DENSE = "def dense_backward(dy, cache):\n    x, w = cache\n    return dy @ w.T, x.T @ dy, dy.sum(axis=0)\n"
ALONE = """
import sys
numpy, place = sys.argv[1:3]
sys.path[:] = [p for p in sys.path if "site-packages" not in p] + [numpy]
class Only:
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top not in sys.stdlib_module_names and top not in ("numpy", "my_library", "numpy_distutils"):
            raise ImportError(f"{name} isn't NumPy")
sys.meta_path.insert(0, Only())
sys.path.insert(0, place)
"""


@pytest.fixture
def place(tmp_path):
    return tmp_path / "out" / "my_library"


def alone(code, place):
    """Run code where nothing but NumPy and the library can be imported."""
    words = ["-I", "-S", "-B", "-c", ALONE + code, Path(np.__file__).parents[1], place.parent]
    return subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, cwd=place.parent)


def own_tests(place):
    """Run the library's own tests there; return what they printed, and whether all passed."""
    code = f"sys.argv[1:] = []\nimport runpy\nrunpy.run_path({str(place / 'tests' / 'run.py')!r}, run_name='__main__')"
    done = alone(code, place)
    return done.stderr, done.returncode == 0


def course(*words):
    return CliRunner().invoke(main, list(map(str, words)))


def test_the_package_runs_with_numpy_alone(place):
    names = cell(PLAIN)
    check(names["logistic"])
    passed(SLOPE, "logistic_derivative", names)
    passed(DENSE, "dense_backward")
    done = course("export", place.parent)
    assert done.exit_code == 0 and "3 functions of your own are now in" in done.output
    assert {path.name for path in place.glob("*.py")} == {"__init__.py", "activations.py", "layers.py"}
    assert (place / "activations.py").read_text() == (
        '"""My own activations: logistic, logistic_derivative."""\n\nimport numpy as np\n\n\n'
        + PLAIN.strip() + "\n\n\n" + SLOPE.strip() + "\n")
    said, fine = own_tests(place)
    assert fine and "Ran 3 tests" in said
    shown = alone("import my_library as my\nprint(my.logistic(my.activations.np.zeros(2)), dir(my))", place)
    assert shown.stdout == "[0.5 0.5] ['dense_backward', 'logistic', 'logistic_derivative']\n", shown.stderr
    readme = (place / "README.md").read_text()
    assert "3 of the " in readme and "| `logistic` | `activations` | 01_vanishing_gradients |" in readme
    assert "- `elu` waits in notebook 03_activations." in readme and "python my_library/tests/run.py" in readme


@pytest.mark.parametrize(("name", "old", "new", "said"), [
    ("activations.py", "z < 0, e, 1", "z < 0, 1, e", "the result differs"),
    ("activations.py", "np.where", "z.fill(0) or np.where", "it changed its input"),
    ("layers.py", "dy.sum(axis=0)", "dy.sum(axis=1)", "the result has shape"),
    ("layers.py", "return dy @", "x.T @ dy; return [dy @", "SyntaxError"),
    ("layers.py", "dy.reshape(", "__import__('numpy').resize(dy, ", "it should refuse these inputs with ValueError"),
])
def test_its_tests_find_planted_faults(place, name, old, new, said):
    passed(PLAIN)
    passed(DENSE, "dense_backward")
    passed("def flatten_backward(dy, shape):\n    return (dy.reshape(shape),)", "flatten_backward")
    export(place.parent)
    text = (place / name).read_text()
    assert old in text
    (place / name).write_text(text.replace(old, new))
    told, fine = own_tests(place)
    assert not fine and said.replace("the result has shape", "part 3 of the result has shape") in told
    assert told.count("FAIL: test_") + told.count("ERROR: test_") >= 1


def test_what_costs_nothing_in_a_check_is_no_test_either(place):
    said = passed(PLAIN.replace("):\n", "):\n    z.max()  # fails where there is nothing\n"))
    assert said.startswith("For an empty array it raised ValueError.")
    export(place.parent)
    told, fine = own_tests(place)
    assert fine, told


def test_every_reference_can_be_an_answer_that_is_exported(place, set_up):
    for notebook in core.notebooks():
        if notebook.startswith("07"):
            continue
        names = set_up(notebook)
        for name, exercise in core.exercises(notebook).items():
            cell(solution(exercise.reference), names)
            if not exercise.lab:
                assert keeping.keep(names[name], name) == ""
    done = export(place.parent)
    assert not done.library.left_out and not done.library.stubs
    assert set(done.untested) == {name for name in done.library.functions if find(name).compare}
    said, fine = own_tests(place)
    assert fine, said
    assert f"Ran {len(done.library.functions) - len(done.untested)} tests" in said
    assert "course_lib" not in "".join(path.read_text() for path in place.rglob("*.py"))
    assert max(path.stat().st_size for path in place.rglob("*")) < 2**21


def test_a_second_export_of_the_same_changes_nothing(place):
    passed(PLAIN)
    export(place.parent)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.rglob("*") if path.is_file()}
    assert export(place.parent).kept == []
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.rglob("*") if path.is_file()}


def test_what_was_changed_there_is_kept_beside(place):
    passed(PLAIN)
    export(place.parent)
    mine = (place / "activations.py").read_text() + "\n# my own remark\n"
    (place / "activations.py").write_text(mine)
    (place / "notes.py").write_text("# not of the course\n")
    passed(WITH_HELPER)
    done = export(place.parent)
    ((path, aside),) = done.kept
    assert path.name == "activations.py" and aside.read_text() == mine
    assert "kept as activations.kept-" in str(done) and "def positive" in path.read_text()
    assert (place / "notes.py").read_text() == "# not of the course\n"
    assert export(place.parent).kept == []


def test_a_lost_record_of_the_last_export_overwrites_nothing(place):
    passed(PLAIN)
    export(place.parent)
    (place / ".exported.json").write_text("[broken")
    (place / "activations.py").write_text("# all my own\n")
    assert [aside.read_text() for _, aside in export(place.parent).kept] == ["# all my own\n"]


def test_what_is_no_longer_part_of_it_goes_unless_it_was_changed(place):
    passed(PLAIN)
    passed(DENSE, "dense_backward")
    export(place.parent)
    (place / "layers.py").write_text("# mine\n")
    keeping.path().unlink()
    export(place.parent)
    assert (place / "layers.py").read_text() == "# mine\n" and not (place / "activations.py").exists()


@pytest.mark.parametrize("where", ["out", "out/my_library"])
def test_a_file_in_the_way_is_said(where, tmp_path):
    (tmp_path / where).parent.mkdir(exist_ok=True)
    (tmp_path / where).write_text("")
    done = course("export", tmp_path / "out")
    assert done.exit_code == 1 and "is a file, wanted a folder" in str(done.exception)


def test_an_empty_library_says_what_waits(place):
    assert str(export(place.parent)).startswith("0 functions of your own")
    assert "- `logistic` waits in notebook 01_vanishing_gradients." in (place / "README.md").read_text()


def test_what_is_open_is_named_where_it_is_needed(place):
    kept("logistic_derivative", SLOPE, [["mine", "logistic", "logistic"]])
    done = export(place.parent)
    why = "logistic is still open: it waits in notebook 01_vanishing_gradients"
    assert f"logistic_derivative can't run in full there: {why}." in str(done)
    assert "`logistic_derivative`, where `logistic` is called, which is still open" in (place / "README.md").read_text()
    shown = alone("import numpy, my_library\nmy_library.logistic_derivative(numpy.zeros(2))", place)
    assert f"NotImplementedError: {why}" in shown.stderr


def test_functions_of_other_modules_are_imported_and_the_courses_copied(place):
    kept("dense_backward", "def dense_backward(dy, cache):\n    return slope(layer(dy, *cache)[0]), mine.elu(dy), "
         "activations.relu(dy)",
         [["mine", "slope", "logistic_derivative"], ["course", "layer", "course_lib.layers:dense"],
          ["import", "mine", "import course_lib.mine as mine"],
          ["import", "activations", "import course_lib.activations as activations"]])
    kept("logistic_derivative", "def logistic_derivative(z):\n    return z, dense_backward",
         [["mine", "dense_backward", "dense_backward"]])
    kept("elu", "def elu(z):\n    return 7")
    assert not export(place.parent).library.stubs
    text = (place / "layers.py").read_text()
    assert "from .given import dense as layer, relu" in text
    assert "return slope(layer(dy, *cache)[0]), elu(dy), relu(dy)" in text
    code = ("import numpy as n, my_library as m\none = n.ones((1, 1))\n"
            "print(m.dense_backward(one, (one, n.zeros(1)))[1:], m.logistic_derivative(1)[1].__module__)\n"
            "import my_library.activations, my_library.layers")
    shown = alone(code, place)
    assert shown.stdout == "(7, array([[1.]])) my_library.layers\n", shown.stderr


def test_what_needs_another_package_is_left_out(place):
    kept("elu", "def elu(z): return special.expm1(z)", [["import", "special", "import scipy.special as special"]])
    kept("low_rank", "def low_rank(z): return z")
    kept("selu", "def selu(z): return plots, z", [["import", "plots", "import course_lib.plots as plots"]])
    left = export(place.parent).library.left_out
    assert left == {"elu": "it needs scipy, and this library needs NumPy alone",
                    "selu": "it uses plots otherwise than as plots.NAME",
                    "low_rank": "it works on Keras models, and this library needs NumPy alone"}
    assert "- `elu` is left out: it needs scipy" in (place / "README.md").read_text()


def test_helpers_that_clash_are_renamed(place):
    kept("elu", "def elu(z): return part(z) + BASE", [["constant", "BASE", "BASE = 1"],
         ["helper", "part", "def part(z):\n    return 'é', z * BASE"]])
    kept("selu", "def selu(z): return part(z), BASE, logistic(z)", [["constant", "BASE", "BASE = 2"],
         ["helper", "part", "def part(z):\n    return part(z - BASE) if z else 0"],
         ["helper", "logistic", "def logistic(z): return 'a helper'"]])
    kept("leaky_relu", "def leaky_relu(z): return BASE", [["constant", "BASE", "BASE = 1"]])
    kept("logistic", "def logistic(z): return 'the exercise'")
    export(place.parent)
    code = "from my_library import *\nimport my_library as m\nprint(m.selu(4), m.leaky_relu(0), m.logistic(1))"
    shown = alone(code, place)
    assert shown.stdout == "(0, 2, 'a helper') 1 the exercise\n", shown.stderr
    assert "def part_2(z):\n    return part_2(z - BASE_2)" in (place / "activations.py").read_text()


@pytest.mark.parametrize(("text", "new"), [
    ("def f(x): return g(x) + a.g + 'g'", "def f(x): return h(x) + a.g + 'g'"),
    ("def g(x): return 'ä', g", "def h(x): return 'ä', h"),
    ("class g(object): pass", "class h(object): pass"),
    ("from numpy import exp as g", "from numpy import exp as h"),
    ("import g", "import g as h"),
    ("g = 3", "h = 3"),
])
def test_renaming(text, new):
    assert rewriting.renamed(text, "g", "h") == new


@pytest.mark.parametrize("text", ["def f(g): return g", "def f(x):\n    h = g(x)", "f = lambda h: g(h)"])
def test_what_cannot_be_renamed_is_said(text):
    with pytest.raises(Untraceable, match="g is the name of two different things"):
        rewriting.renamed(text, "g", "h")


def test_a_local_name_is_not_mistaken_for_an_attribute_that_was_borrowed():
    texts, new = rewriting.without_module("mine", ["def f(elu): return mine.elu(elu) + mine.tanh(1)"])
    assert texts == ["def f(elu): return mine_elu(elu) + tanh(1)"] and new == {"elu": "mine_elu", "tanh": "tanh"}
    with pytest.raises(Untraceable, match="it uses mine otherwise"):
        rewriting.without_module("mine", ["def f(x): return getattr(mine, x)"])


def test_modules_that_need_each_other_import_late():
    module = Module("layers", {"dense"})
    module.add("dense", Traced("def dense(x): return f(x)", [Piece(PieceKind.IMPORT, "np", "import numpy as np")]),
               {"f": ("activations", "logistic"), "g": ("layers", "flatten")})
    early, late = module.text(late=False), module.text(late=True)
    assert early.index("from .activations import logistic as f") < early.index("def dense")
    assert late.index("from .activations import logistic as f") > late.index("def dense")
    assert early.endswith("g = flatten\n")


@pytest.mark.parametrize(("name", "topic"), [("logistic", "activations"), ("gain", "mean_field"), ("low_rank", None),
                                             ("max_pool2d_backward", "conv"), ("regularize", "regularization")])
def test_topics(name, topic):
    assert topic_of(find(name)) == topic


# course check


def lines(done):
    return done.output.strip().split("\n")


def test_an_exported_library_passes_as_it_is(place):
    passed(PLAIN)
    passed(DENSE, "dense_backward")
    export(place.parent)
    done = course("check", place.parent)
    assert lines(done) == ["✓ dense_backward", "✓ logistic"] and done.exit_code == 0
    assert len(keeping.versions()) == 2
    assert lines(course("check", place)) == lines(done)
    assert "my_library" not in sys.modules


def test_what_was_changed_is_judged_and_what_passes_kept(place):
    passed(PLAIN)
    passed(DENSE, "dense_backward")
    export(place.parent)
    faulty = (place / "layers.py").read_text().replace("dy.sum(axis=0)", "dy.mean(axis=0)")
    (place / "layers.py").write_text(faulty)
    better = (place / "activations.py").read_text().replace("e = np.exp(-np.abs(z))", "e = powers(z)")
    (place / "activations.py").write_text(better + "\n\ndef powers(z):\n    return np.exp(-np.abs(z))\n")
    done = course("check", place.parent)
    dense, logistic = lines(done)
    assert done.exit_code == 1
    assert dense.startswith("✗ dense_backward (layers.py): ") and find("dense_backward").mistakes
    assert any(mistake.hint in dense for mistake in find("dense_backward").mistakes)
    assert logistic.startswith("✓ logistic, changed.")
    newest = keeping.newest("logistic")
    assert "powers(z)" in newest.source and newest.file == "my_library/activations.py"
    assert [piece.name for piece in newest.pieces] == ["np", "powers"]
    assert keeping.newest("dense_backward").source == DENSE.strip()
    export(place.parent)
    assert "def powers(z)" in (place / "activations.py").read_text()
    assert lines(course("check", place.parent)) == ["✓ dense_backward", "✓ logistic"]


def test_a_changed_helper_makes_a_new_version_of_what_uses_it(place):
    passed(WITH_HELPER)
    passed(DENSE, "dense_backward")
    export(place.parent)
    text = (place / "activations.py").read_text()
    (place / "activations.py").write_text(text.replace("1 / (1 + np.exp(-z))", "1 / (np.exp(-z) + 1)"))
    assert lines(course("check", place.parent))[1].startswith("✓ logistic, changed. ")
    assert "np.exp(-z) + 1" in keeping.newest("logistic").pieces[-1].text
    assert lines(course("check", place.parent)) == ["✓ dense_backward", "✓ logistic"]


def test_what_an_export_has_rewritten_is_no_change(place):
    kept("logistic_derivative", "def logistic_derivative(z):\n    return mine.logistic(z) * mine.logistic(-z)",
         [["import", "mine", "import course_lib.mine as mine"]])
    passed(PLAIN)
    export(place.parent)
    assert lines(course("check", place.parent)) == ["✓ logistic", "✓ logistic_derivative"]
    (place / "activations.py").write_text((place / "activations.py").read_text() + "\n# a remark\n")
    assert lines(course("check", place.parent)) == ["✓ logistic", "✓ logistic_derivative"]


@pytest.mark.parametrize(("text", "said"), [
    ("def logistic(z) return z", "! activations.py can't be imported: SyntaxError: expected ':', line 1"),
    ("import numpy as np\n1 / 0", "! activations.py can't be imported: ZeroDivisionError: division by zero, line 2"),
    ("raise SystemExit(3)", "! activations.py can't be imported: SystemExit: 3, line 1"),
    ("import no_such_package", "! activations.py can't be imported: ModuleNotFoundError"),
])
def test_a_broken_module_is_one_line(place, text, said):
    passed(PLAIN)
    passed(DENSE, "dense_backward")
    export(place.parent)
    (place / "activations.py").write_text(text)
    done = course("check", place.parent)
    assert lines(done)[0].startswith(said) and lines(done)[1:] == ["✓ dense_backward"] and done.exit_code == 1


def test_a_change_within_one_second_is_seen(place, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    passed(PLAIN)
    export(place.parent)
    assert lines(course("check", place.parent)) == ["✓ logistic"]
    module = place / "activations.py"
    before = module.stat()
    module.write_text(module.read_text().replace("z < 0, e, 1", "z < 0, 1, e"))
    os.utime(module, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert course("check", place.parent).exit_code == 1


def test_open_functions_are_no_fault(place):
    kept("logistic_derivative", SLOPE, [["mine", "logistic", "logistic"]])
    export(place.parent)
    assert lines(course("check", place.parent)) == [
        "○ logistic: open, in notebook 01_vanishing_gradients",
        "○ logistic_derivative: open, in notebook 01_vanishing_gradients"]
    assert len(keeping.versions()) == 1


def test_no_library_is_said(tmp_path):
    done = course("check", tmp_path)
    assert done.exit_code == 1 and f"There is no my_library in {tmp_path}" in str(done.exception)


def test_a_terminal_without_marks_gets_question_marks(place):
    passed(PLAIN)
    export(place.parent)
    done = subprocess.run([sys.executable, "-m", "course_lib", "check", str(place)], capture_output=True,
                          env=os.environ | {"PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stdout) == (0, b"? logistic\n"), done.stderr


# From a real kernel to a package and back


def test_from_a_real_notebook_to_a_library_and_back(place, tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    cells = [
        "import numpy as np\nfrom course_lib import mine\nfrom course_lib.exercises import check, use",
        "FLOOR = 1.0\ndef powers(z):\n    return np.exp(-np.abs(z))",
        PLAIN.replace("np.exp(-np.abs(z))", "powers(z)"), "check(logistic)", "logistic = use(logistic)",
        SLOPE, "check(logistic_derivative)",
        "def dense_backward(dy, cache):\n    return dy", "check(dense_backward)",
        "print(mine.where('logistic'), mine.added('01_vanishing_gradients'), mine.logistic(np.zeros(1)))",
    ]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "my_copy.ipynb"))
    NotebookClient(nb, kernel_name="python3", timeout=120).execute()
    said = nb.cells[-1].outputs[0].text
    assert said.startswith("logistic is yours, passed on ") and ", in my_copy.ipynb" in said and "[0.5]" in said
    assert "This notebook added 2 of its " in said
    assert [kept.name for kept in keeping.versions()] == ["logistic", "logistic_derivative"]
    command = [sys.executable, "-m", "course_lib", "export", str(place.parent)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "2 functions of your own" in done.stdout, done.stderr
    told, fine = own_tests(place)
    assert fine and "Ran 2 tests" in told, told
    module = place / "activations.py"
    module.write_text(module.read_text().replace("logistic(z) * logistic(-z)", "logistic(z) * (1 - logistic(z))"))
    assert "✓ logistic_derivative, changed. " in course("check", place.parent).output
    module.write_text(module.read_text().replace("(1 - logistic(z))", "logistic(z)"))
    assert not own_tests(place)[1]
    assert course("check", place.parent).exit_code == 1
    assert "1 - logistic" in keeping.newest("logistic_derivative").source
