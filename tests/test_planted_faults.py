"""Faults planted in the library: the tests of the module catch every one, and a table in docs lists them."""

import ast
import subprocess
import sys
from collections import Counter

import pytest

from tests.faults import Fault, planting

# Modules that learners read as the model answer: each of their public functions has faults of its own
MATHS = (
    "activations augmentation contracts conv datasets folding gradcheck initializers layers losses mean_field "
    "measuring models network normalization optimizers regularizers schedules surfaces threads training units windows"
).split()
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
    tree = ast.parse((planting.ROOT / "course_lib" / f"{module}.py").read_text(encoding="utf-8"))
    public = [node for node in tree.body if not getattr(node, "name", "_").startswith("_")]
    return {node.name for node in public if any(isinstance(part, ast.FunctionDef) for part in ast.walk(node))}


@pytest.mark.parametrize("module", MATHS)
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


def test_what_is_no_fault_is_missed():
    code = """
from tests.faults import Fault, planting
planting.faults_of = lambda module: [
    Fault("dense", "none", "x @ w + b", "(x @ w + b)"), Fault("dense", "no Python", "x @ w + b", "x @ w +")
]
for *_, verdict in planting.verdicts(["layers"]):
    print("verdict", verdict)
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=planting.ROOT, capture_output=True, text=True)
    found = [line for line in run.stdout.splitlines() if line.startswith("verdict")]
    assert found[0] == f"verdict {planting.MISSED}", run.stderr[-2000:]
    assert found[1].startswith(f"verdict {planting.BROKEN}: SyntaxError")
