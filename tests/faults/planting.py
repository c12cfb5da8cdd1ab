"""Plants faults, each in a forked child in which the tests of its module then run."""

import contextlib
import importlib.util
import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CAUGHT, MISSED, BROKEN = "caught by", "missed", "broken"


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
    sources, tests = [plant(module, fault) for module, fault in planted], known()
    likely = [tests.get(as_row(module, fault, "").removesuffix(" |  |"), "") for module, fault in planted]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(_verdict, [module for module, _ in planted], sources, likely)
        for (module, fault), verdict in zip(planted, found, strict=True):
            yield module, fault, verdict


def _verdict(*task):
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                found = _run(*task)
            except BaseException as error:
                found = f"{BROKEN}: {type(error).__name__}: {error}"
        os.write(writing, found.encode()[:4000])
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8", errors="replace") as pipe:
        found = pipe.read()
    os.waitpid(child, 0)
    return found or f"{BROKEN}: the child died"


def _run(module, source, likely):
    """Put the faulty module in the place of the right one and run its tests until the first that fails."""
    name = f"course_lib.{module}"
    for loaded in [loaded for loaded in sys.modules if loaded.split(".")[0] == "course_lib"]:
        del sys.modules[loaded]
    spec = importlib.util.find_spec(name)
    sys.modules[name] = planted = importlib.util.module_from_spec(spec)
    exec(compile(source, spec.origin, "exec"), planted.__dict__)
    setattr(sys.modules["course_lib"], module, planted)
    tests = ROOT / "tests" / f"test_{module}.py"
    for chosen in ([f"{tests}::{likely}"] if likely else []) + [str(tests)]:
        first = _First()
        options = ["-x", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
        status = pytest.main([*options, chosen], plugins=[first])
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
