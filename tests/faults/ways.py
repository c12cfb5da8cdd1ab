"""Two ways to plant a module's faults, one after the other in this process, and to run its tests with each.

Swapped: the tests are collected once, and the code of functions is replaced in place: whoever holds a function, under
whatever name, calls the faulty one. Afresh: the faulty module is executed, and its tests are collected, for each fault
anew. Only that shows what works while a module is executed: a decorator, a default, a constant.
"""

import ast
import gc
import importlib.util
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
CAUGHT, MISSED, BROKEN = "caught by", "missed", "broken"
# One name is all that is wanted of a run: collecting garbage and explaining failures would take half of the time
QUICKLY = "-x -q --assert=plain --tb=native -p no:unraisableexception -p no:cacheprovider".split()
QUICKLY += ["--rootdir", str(ROOT)]


class Task(NamedTuple):
    """A faulty source of a module, and the test that is known to catch it or ""."""

    source: str
    likely: str


def file_of(module):
    """Return the file of a module of course_lib."""
    return ROOT / "course_lib" / f"{module.replace('.', '/')}.py"


def tests_of(module):
    """Return the file of a module's tests."""
    return ROOT / "tests" / f"test_{module.replace('.', '_')}.py"


def swap(module, tasks, tell):
    """Tell a verdict on each task, MISSED where nothing can be swapped; return that on the right module after all."""
    _begin()
    swapping = _Swapping(module, tasks, tell)
    pytest.main([*QUICKLY, str(tests_of(module))], plugins=[swapping])
    return swapping.right


def plant_afresh(module, tasks, tell):
    """Tell a verdict on each task; return the verdict on the right module after all, by the tests that caught one."""
    tests, caught = str(tests_of(module)), {}
    for task in tasks:
        verdict = _run(module, task.source, [[f"{tests}::{task.likely}"]] * bool(task.likely) + [[tests]])
        if verdict.startswith(CAUGHT):
            caught[f"{tests}::{verdict.removeprefix(CAUGHT).strip()}"] = None
        tell(verdict)
    return _run(module, file_of(module).read_text(encoding="utf-8"), [[*caught]] * bool(caught))


def _begin():
    """Let the library and its tests be loaded anew, and hypothesis not look for a shorter example that fails."""
    if "hypothesis" in sys.modules:
        from hypothesis import Phase, settings

        settings.register_profile("faults", phases=[Phase.explicit, Phase.generate, Phase.target])
        settings.load_profile("faults")
    for loaded in [name for name in sys.modules if name.split(".")[0] in ("course_lib", "tests")]:
        if not loaded.startswith("tests.faults"):
            del sys.modules[loaded]


def _run(module, source, choices):
    """Put the faulty module in the place of the right one and run each choice of tests until the first that fails."""
    _begin()
    name, file = f"course_lib.{module}", str(file_of(module))
    spec = importlib.util.find_spec(name)
    sys.modules[name] = planted = importlib.util.module_from_spec(spec)
    try:
        exec(compile(source, file, "exec"), planted.__dict__)
    except Exception as error:
        return f"{BROKEN}: {type(error).__name__}: {error}"
    room, _, own = name.rpartition(".")
    setattr(importlib.import_module(room), own, planted)
    status, first = pytest.ExitCode.OK, _First()
    for chosen in choices:
        status = pytest.main([*QUICKLY, *chosen], plugins=[first := _First()])
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


class _Swapping(_First):
    """Runs the tests that were collected with one fault after the other."""

    right = BROKEN

    def __init__(self, module, tasks, tell):
        self.module, self.tasks, self.tell = module, tasks, tell

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        file = file_of(self.module)
        source = file.read_text(encoding="utf-8")
        functions, code, caught = _functions(), compile(source, str(file), "exec"), set()
        self.remembering = [each for same in functions.values() for each in same if hasattr(each, "cache_clear")]
        for task in self.tasks:
            verdict = MISSED
            if _differ_in_bodies(source, task.source):
                items = sorted(session.items, key=lambda item: _name(item) != task.likely)
                with _swapped(functions, code, compile(task.source, str(file), "exec")):
                    verdict = self.first(items)
                caught.add(self.failed)
            self.tell(verdict)
        self.right = self.first([item for item in session.items if _name(item) in caught])
        return True

    def first(self, items):
        """Return the verdict of some tests; each gets all its fixtures anew, those of the session too."""
        for each in (*vars(sys.modules[f"course_lib.{self.module}"]).values(), *self.remembering):
            getattr(each, "cache_clear", lambda: None)()  # or what other code has returned is returned again
        self.failed = ""
        for item in items:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.failed:
                return f"{CAUGHT} {self.failed}"
        return MISSED


def _name(item):
    return item.nodeid.split("::", 1)[-1]


def _differ_in_bodies(right, wrong):
    """Return whether two sources differ only in what functions and methods do when they are called."""
    return _without_bodies(right) == _without_bodies(wrong)


def _without_bodies(source):
    """Return what is executed with the module itself, or nothing if it isn't Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in tree.body:
        for part in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(part, ast.FunctionDef):
                part.body = []
    return ast.dump(tree)


def _functions():
    """Return all functions alive, those that decorators made included: code -> functions."""
    alive = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            alive[each.__code__].append(each)
    return alive


@contextmanager
def _swapped(functions, right, wrong):
    """Return a context in which functions have the code at their place in `wrong`, a variant of the module `right`."""
    changed = [(function, old, new) for old, new in _pairs(right, wrong) for function in functions.get(old, ())]
    try:
        for function, _, new in changed:
            function.__code__ = new
        yield
    finally:
        for function, old, _ in changed:
            function.__code__ = old


def _pairs(right, wrong):
    """Yield the codes that stand at the same place and are reached by the same variables."""
    inner = [[part for part in code.co_consts if isinstance(part, CodeType)] for code in (right, wrong)]
    if [code.co_name for code in inner[0]] != [code.co_name for code in inner[1]]:
        return  # a function more or less: nobody knows which one stands where
    for old, new in zip(*inner, strict=True):
        if old.co_freevars == new.co_freevars:
            yield old, new
        yield from _pairs(old, new)
