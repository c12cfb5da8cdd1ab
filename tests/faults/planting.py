"""Plants faults, each in a forked child in which the tests of its module then run."""

import contextlib
import importlib.util
import json
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CAUGHT, MISSED, BROKEN = "caught by", "missed", "broken"
TOGETHER = 25  # faults in one child: starting TensorFlow takes longer than most tests
PATIENCE = 300  # seconds for one fault, which may make a loop endless
# One name is all that is wanted of a run: collecting garbage and explaining failures would take half of the time
QUICKLY = "-x -q --assert=plain --tb=native -p no:unraisableexception -p no:cacheprovider".split()

TABLE = ROOT / "docs" / "planted_faults.md"
OWN = {"__init__", "__main__", "planting"}


def faults_of(module):
    """Return the faults declared for a module of course_lib."""
    return importlib.import_module(f"tests.faults.{module}").FAULTS


def with_faults():
    """Return the names of the modules for which faults are declared."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in OWN)


def as_row(module, fault, verdict):
    """Return a line of the table."""
    return f"| `{module}.{fault.function}` | {fault.fault} | {verdict} |"


def plant(module, fault):
    """Return the source of a module with one fault in it."""
    source = (ROOT / "course_lib" / f"{module}.py").read_text(encoding="utf-8")
    if source.count(fault.right) != 1:
        raise ValueError(f"{module}, {fault.fault}: {fault.right!r} occurs {source.count(fault.right)} times, wanted 1")
    return source.replace(fault.right, fault.wrong)


def known():
    """Return the test that caught each fault when the table was written: (module, fault's line) -> test."""
    rows = TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []
    lines = (row.removesuffix(" |").rpartition(f" | {CAUGHT} ") for row in rows)
    return {row: test for row, _, test in lines if row}


def verdicts(modules):
    """Yield (module, fault, verdict) for all their faults: the first test that fails with it, or what else happened."""
    for slow in ("tensorflow", "keras", "hypothesis.extra.numpy", "scipy.stats", "scipy.ndimage", "sklearn.datasets"):
        importlib.import_module(slow)  # the children inherit it; nothing has been computed when they are forked
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": ""}  # nbval alone takes a second to load
    planted = [(module, fault) for module in modules for fault in faults_of(module)]
    tests = known()
    likely = [tests.get(as_row(module, fault, "").removesuffix(" |  |"), "") for module, fault in planted]
    tasks = [(m, plant(m, fault), test) for (m, fault), test in zip(planted, likely, strict=True)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(_together, [tasks[i : i + TOGETHER] for i in range(0, len(tasks), TOGETHER)])
        for (module, fault), verdict in zip(planted, (verdict for some in found for verdict in some), strict=True):
            yield module, fault, verdict


def _together(tasks):
    """Try some faults one after the other in one child, and those that it doesn't catch again, each in its own."""
    module, _, test = tasks[-1]
    right = (ROOT / "course_lib" / f"{module}.py").read_text(encoding="utf-8")
    *found, last = _in_child([*tasks, (module, right, test)])
    if last != MISSED:  # a fault left something behind that makes the right module fail
        found = [""] * len(tasks)
    return [
        verdict if verdict.startswith(CAUGHT) else _in_child([task])[0]
        for task, verdict in zip(tasks, found, strict=True)
    ]


def _in_child(tasks):
    """Return the verdicts of a forked child, as many as there are tasks; it may die."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as pipe, open(os.devnull, "w") as nowhere:
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                for task in tasks:
                    signal.alarm(PATIENCE)
                    print(json.dumps(_run(*task)), file=pipe, flush=True)
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8", errors="replace") as pipe:
        found = [json.loads(line) for line in pipe]
    os.waitpid(child, 0)
    return (found + [f"{BROKEN}: the child died"] * len(tasks))[: len(tasks)]


def _run(module, source, likely):
    """Put the faulty module in the place of the right one and run its tests until the first that fails."""
    for loaded in [name for name in sys.modules if name.split(".")[0] in ("course_lib", "tests")]:
        if not loaded.startswith("tests.faults"):
            del sys.modules[loaded]
    name, file = f"course_lib.{module}", str(ROOT / "course_lib" / f"{module}.py")
    spec = importlib.util.find_spec(name)
    sys.modules[name] = planted = importlib.util.module_from_spec(spec)
    try:
        exec(compile(source, file, "exec"), planted.__dict__)
    except Exception as error:
        return f"{BROKEN}: {type(error).__name__}: {error}"
    setattr(sys.modules["course_lib"], module, planted)
    tests = ROOT / "tests" / f"test_{module}.py"
    for chosen in ([f"{tests}::{likely}"] if likely else []) + [str(tests)]:
        first = _First()
        status = pytest.main([*QUICKLY, "--rootdir", str(ROOT), chosen], plugins=[first])
        if first.failed:
            return f"{CAUGHT} {first.failed}"
    return MISSED if status == pytest.ExitCode.OK else f"{BROKEN}: {first.error or status}"


class _First:
    """The first test that fails, and the first error while tests are collected."""

    failed = error = ""

    def pytest_runtest_logreport(self, report):
        if report.failed and not self.failed:
            self.failed = report.nodeid.split("::", 1)[-1]

    def pytest_collectreport(self, report):
        if report.failed and not self.error:
            self.error = str(report.longrepr)[-300:]
