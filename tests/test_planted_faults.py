"""Faults planted in the library: the tests of the module catch every one, and a table in docs lists them."""

import ast
import json
import subprocess
import sys
from collections import Counter

import pytest

from tests.faults import Fault, planting, ways
from tests.faults import __main__ as command

# What learners read as the model answer: each public function has faults of its own
PACKAGE = planting.ROOT / "course_lib"
MODULES = [path.stem for path in PACKAGE.glob("*.py")] + [f"measuring.{p.stem}" for p in PACKAGE.glob("measuring/*.py")]
# A face defines nothing, the command has no functions of its own, and the backend is tried in processes of their own
MODULES = sorted(name for name in MODULES if name not in ("__main__", "backend") and not name.endswith("__init__"))
FEWEST = 3


@pytest.fixture(scope="module")
def verdicts():
    """The printed table, as a dict from module to rows: one run for all modules, in a Python that computed nothing."""
    command = [sys.executable, "-m", "tests.faults"]
    run = subprocess.run(command, cwd=planting.ROOT, capture_output=True, text=True)
    rows = [line for line in run.stdout.splitlines() if line.startswith("| `")]
    assert rows, run.stderr[-2000:]
    return {module: [row for row in rows if row.startswith(f"| `{module}.")] for module in planting.with_faults()}


@pytest.mark.parametrize("module", planting.with_faults())
def test_every_planted_fault_is_caught(module, verdicts):
    assert len(verdicts[module]) == len(planting.faults_of(module))
    assert [row for row in verdicts[module] if planting.CAUGHT not in row] == []


def public_functions(module):
    """Return the functions that a module defines for others, and the classes that do more than name values."""
    tree = ast.parse(ways.file_of(module).read_text(encoding="utf-8"))
    public = [node for node in tree.body if not getattr(node, "name", "_").startswith("_")]
    return {node.name for node in public if any(isinstance(part, ast.FunctionDef) for part in ast.walk(node))}


@pytest.mark.parametrize("module", MODULES)
def test_every_function_has_faults(module):
    counts = Counter(fault.function.split(".")[0] for fault in planting.faults_of(module))
    assert [name for name in public_functions(module) if counts[name] < FEWEST] == []


def test_the_table_lists_every_fault():
    table = planting.TABLE.read_text(encoding="utf-8")
    faults = [(module, fault) for module in planting.with_faults() for fault in planting.faults_of(module)]
    missing = [row for row in (planting.as_row(*f, planting.CAUGHT).rstrip(" |") for f in faults) if row not in table]
    assert missing == [], "call `make faults`"
    assert table.count("\n| `") == len(faults)


def test_a_fault_must_fit_its_module():
    with pytest.raises(ValueError, match="occurs 0 times, wanted 1"):
        planting.plant("layers", Fault("dense", "nothing", "no such text", ""))


@pytest.fixture(scope="module")
def tried():
    """A function that tries faults in a Python that computed nothing, and gives their verdicts."""

    def run(*faults, first=""):
        code = f"""
import json
from tests.faults import Fault, planting, ways
{first}
print(json.dumps([verdict for *_, verdict in planting.verdicts({sorted({module for module, _ in faults})}, {faults})]))
"""
        run = subprocess.run([sys.executable, "-c", code], cwd=planting.ROOT, capture_output=True, text=True)
        assert run.stdout, run.stderr[-2000:]
        return json.loads(run.stdout)

    return run


def in_gradcheck(wrong):
    right = "gradient[i] = (f(up) - f(down)) / (2 * step)"
    return "gradcheck", Fault("numerical_gradient", wrong, right, wrong)


HARMLESS = in_gradcheck("gradient[i] = (f(up) - f(down)) / (step * 2)")
WRONG = in_gradcheck("gradient[i] = (f(up) - f(down)) / (3 * step)")
NOT_AFRESH = "ways.plant_afresh = lambda module, tasks, tell: [tell('left to that') for _ in tasks] and 'missed'"


def declared(module, words):
    return module, next(fault for fault in planting.faults_of(module) if fault.fault == words)


def test_what_is_no_fault_is_missed(tried):
    missed, broken, caught = tried(HARMLESS, in_gradcheck("gradient[i] ="), WRONG)
    assert missed == planting.MISSED
    assert broken.startswith(f"{planting.BROKEN}: SyntaxError")
    assert caught.startswith(planting.CAUGHT)


def test_what_functions_do_is_swapped_in_place_and_the_right_code_put_back(tried):
    method, getter = declared("network", "over the batch"), declared("network", "statistics left out")
    *caught, harmless = tried(WRONG, HARMLESS, method, getter, first=NOT_AFRESH)
    assert caught[1] == "left to that"
    assert [verdict for verdict in (caught[0], caught[2], harmless) if not verdict.startswith(planting.CAUGHT)] == []


def test_whoever_holds_a_function_calls_the_one_that_is_swapped_in():
    source = """
def twice(f):
    def checked(x):
        return 2 * f(x)
    return checked

@twice
def same(x):
    return x
"""
    names, (doubled, added) = {}, (source.replace("2 * f(x)", "3 * f(x)"), source.replace("return x", "return x + 1"))
    right = compile(source, "a module", "exec")
    exec(right, names)
    held, functions = [names["same"]], ways._functions()
    for wrong, result in [(doubled, 15), (added, 12)]:
        with ways._swapped(functions, right, compile(wrong, "a module", "exec")):
            assert held[0](5) == result
        assert held[0](5) == 10


def test_what_works_while_a_module_is_executed_is_planted_afresh(tried):
    executed = declared("network", "parameters replaced instead")
    halved = Fault("_grid", "half of it", "np.linspace(-8, 8, points)", "np.linspace(0, 8, points)")
    called = "measuring.mean_field", halved
    assert tried(executed, called, first=NOT_AFRESH) == ["left to that"] * 2
    assert [verdict for verdict in tried(executed, called) if not verdict.startswith(planting.CAUGHT)] == []


def test_what_one_fault_leaves_behind_is_not_taken_for_another(tried):
    spoils, dies = in_gradcheck("np.testing.assert_allclose = None"), in_gradcheck("__import__('os')._exit(0)")
    assert tried(spoils, HARMLESS, first=NOT_AFRESH) == ["left to that"] * 2
    caught, *missed = tried(spoils, HARMLESS)
    assert caught.startswith(planting.CAUGHT) and missed == [planting.MISSED]
    assert tried(dies, HARMLESS) == [f"{planting.BROKEN}: the child died", planting.MISSED]


def test_both_ways_must_agree(monkeypatch, capsys):
    def verdicts(modules, quick=True):
        yield "gradcheck", HARMLESS[1], "caught by chance" if quick else planting.MISSED
        yield "gradcheck", WRONG[1], "caught by this" if quick else "caught by that"

    monkeypatch.setattr(planting, "verdicts", verdicts)
    monkeypatch.setattr(sys, "argv", ["faults", "gradcheck", "--both"])
    with pytest.raises(SystemExit, match="1 otherwise if planted afresh"):
        command.main()
    assert "caught by chance, afresh missed" in capsys.readouterr().out


def test_only_the_rows_of_modules_that_were_tried_are_renewed(monkeypatch, tmp_path):
    before = planting.TABLE.read_text(encoding="utf-8")
    monkeypatch.setattr(planting, "TABLE", tmp_path / "table.md")
    planting.TABLE.write_text(before, encoding="utf-8")
    row = next(row for row in before.splitlines() if row.startswith("| `folding."))
    planting.write_table({"folding": [row]})
    rows = [line for line in before.splitlines() if line == row or not line.startswith("| `folding.")]
    assert planting.TABLE.read_text(encoding="utf-8").splitlines() == rows
