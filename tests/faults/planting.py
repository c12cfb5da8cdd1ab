"""Plants faults, in forked children in which the tests of their module then run, and tells which test catches each."""

import contextlib
import gc
import importlib
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults import ways
from tests.faults.ways import BROKEN, CAUGHT, MISSED, ROOT, Task

# Faults in one child: to start TensorFlow and to collect tests takes longer than most tests
SWAPPED, AFRESH = 200, 25
PATIENCE = 300  # seconds for one fault, which may make a loop endless
SLOW = "numpy tensorflow keras hypothesis.extra.numpy scipy.stats scipy.ndimage sklearn.datasets".split()
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")

TABLE = ROOT / "docs" / "planted_faults.md"
HEAD = """# Planted faults

Each of these mistakes, put into the library, is caught by its tests. Written by `make faults`.

| function | fault | verdict |
|---|---|---|
"""
OWN = {"__init__", "__main__", "planting", "ways"}


def faults_of(module):
    """Return the faults declared for a module of course_lib."""
    return importlib.import_module(f"tests.faults.{module}").FAULTS


def with_faults():
    """Return the names of the modules for which faults are declared."""
    folder = Path(__file__).parent
    files = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.py"))
    return sorted(".".join(file.parts) for file in files if file.name not in OWN)


def as_row(module, fault, verdict):
    """Return a line of the table."""
    return f"| `{module}.{fault.function}` | {fault.fault} | {verdict} |"


def write_table(rows):
    """Renew the table's rows of some modules: module -> its rows."""
    kept = {}
    for row in TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []:
        if row.startswith("| `"):
            kept.setdefault(_module(row), []).append(row)
    table = kept | rows
    lines = [row for module in with_faults() for row in table.get(module, [])]
    TABLE.write_text(HEAD + "\n".join([*lines, ""]), encoding="utf-8")


def _module(row):
    """Return the module that a row of the table is about; its name may have a room before it, the function a class."""
    return next((name for name in with_faults() if row.startswith(f"| `{name}.")), "")


def plant(module, fault):
    """Return the source of a module with one fault in it."""
    source = ways.file_of(module).read_text(encoding="utf-8")
    if source.count(fault.right) != 1:
        raise ValueError(f"{module}, {fault.fault}: {fault.right!r} occurs {source.count(fault.right)} times, wanted 1")
    return source.replace(fault.right, fault.wrong)


def known():
    """Return the test that caught each fault when the table was written: (module, fault's line) -> test."""
    rows = TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []
    lines = (row.removesuffix(" |").rpartition(f" | {CAUGHT} ") for row in rows)
    return {row: test for row, _, test in lines if row}


def verdicts(modules, faults=None, quick=True):
    """Yield (module, fault, verdict), module by module: the first test that fails with it, or what else happened.

    Parameters
    ----------
    modules : list of str
    faults : list of (module, fault), optional
        Those to try, where they aren't all that are declared for the modules.
    quick : bool
        False plants every fault afresh.
    """
    os.environ |= ONE_THREAD | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": ""}  # nbval alone takes a second to load
    tests = "".join(ways.tests_of(module).read_text(encoding="utf-8") for module in modules)
    for slow in SLOW:
        if slow.split(".")[0] in tests:
            importlib.import_module(slow)  # the children inherit it; nothing has been computed when they are forked
    gc.freeze()  # the children need not look for garbage in all that
    if faults is None:
        faults = [(module, fault) for module in modules for fault in faults_of(module)]
    likely = known()
    own = [[fault for name, fault in faults if name == module] for module in modules]
    tasks = [[_task(module, fault, likely) for fault in some] for module, some in zip(modules, own, strict=True)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tried = pool.map(_try, modules, tasks, [quick] * len(modules))
        for module, some, found in zip(modules, own, tried, strict=True):
            for fault, verdict in zip(some, found, strict=True):
                yield module, fault, verdict


def _task(module, fault, likely):
    """Return what a child needs to know of a fault."""
    return Task(plant(module, fault), likely.get(as_row(module, fault, "").removesuffix(" |  |"), ""))


def _try(module, tasks, quick):
    """Return the verdicts on a module's faults; what one way doesn't catch, the next tries."""
    found = [""] * len(tasks)
    for way, together in [(ways.swap, SWAPPED)] * quick + [(ways.plant_afresh, AFRESH), (ways.plant_afresh, 1)]:
        left = [i for i, verdict in enumerate(found) if not verdict.startswith(CAUGHT)]
        for batch in (left[start : start + together] for start in range(0, len(left), together)):
            for i, verdict in zip(batch, _in_child(way, module, [tasks[i] for i in batch]), strict=True):
                found[i] = verdict
    return found


def _in_child(way, module, tasks):
    """Return the verdicts that a forked child tells, one for each task; it may die."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            _tell(writing, way, module, tasks)
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8", errors="replace") as pipe:
        told = [json.loads(line) for line in pipe]
    os.waitpid(child, 0)
    *told, right = told if len(told) > len(tasks) else [*told, BROKEN]
    if len(tasks) > 1 and right != MISSED:  # a fault left something behind, and who knows since when
        return [""] * len(tasks)
    return told or [f"{BROKEN}: the child died"]


def _tell(writing, way, module, tasks):
    """Write a line for each verdict, and a last one: the verdict on the right module."""
    with os.fdopen(writing, "w", encoding="utf-8") as pipe, open(os.devnull, "w") as nowhere:
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):

            def tell(what):
                print(json.dumps(what), file=pipe, flush=True)
                signal.alarm(PATIENCE)

            signal.alarm(PATIENCE)
            tell(way(module, tasks, tell))

