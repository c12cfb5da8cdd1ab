"""`course check`: the functions of an exported library, perhaps changed since, judged as in their notebooks."""

import importlib
import sys
import tempfile
import traceback
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType

from course_lib.exercises import keeping
from course_lib.exercises.core import find, notebook_of
from course_lib.exercises.judge.checking import judge
from course_lib.exercises.judge.report import MARKS
from course_lib.exercises.outline import known_functions
from course_lib.exercises.tracing import LIBRARY, Untraceable, source_of
from course_lib.mine.exporting import Library


def recheck(folder):
    """Judge every function of a library; keep those that pass and were changed.

    Parameters
    ----------
    folder : path
        The folder that holds `my_library`, or that one itself.

    Yields
    ------
    fine : bool
        Whether this is no fault: it passed, or is still open.
    line : str

    Raises
    ------
    ValueError
        If there is no library.
    """
    place = Path(folder).resolve()
    place = place if place.name == LIBRARY else place / LIBRARY
    if not (place / "__init__.py").is_file():
        raise ValueError(f"There is no {LIBRARY} in {folder}: `course export {folder}` writes it.")
    exported, found = Library().modules, {}
    with importable(place):
        for file in sorted(place.glob("*.py")):
            if file.stem in ("__init__", "given") or ".kept-" in file.name:
                continue
            try:
                module = importlib.import_module(f"{LIBRARY}.{file.stem}")
            except (Exception, SystemExit) as error:
                yield False, f"! {file.name} can't be imported: {_told(error)}"
                continue
            own = {name: value for name, value in vars(module).items() if isinstance(value, FunctionType)
                   and value.__module__ == module.__name__ and name in known_functions() and not find(name).lab}
            found |= {name: (value, file) for name, value in own.items()}
        if not found:
            yield True, "There is no function of the course in it yet."
        for name in (each for each in known_functions() if each in found):
            function, file = found[name]
            yield _judged(function, name, file, exported.get(file.stem))


def _judged(function, name, file, exported):
    report = judge(function, exercise=find(name))
    if report.status == "passed":
        said, before = "", len(keeping.versions(name))
        if exported is None or not _as_exported(function, name, file, exported):
            said = keeping.keep(function, name, file=f"{LIBRARY}/{file.name}")
        if len(keeping.versions(name)) == before and not said:
            return True, f"{MARKS['passed']} {name}"
        return True, f"{MARKS['passed']} {name}, changed. {said or 'It is kept as your newest.'}"
    if report.status == "open":
        return True, f"{MARKS['open']} {name}: open, in notebook {notebook_of(name)}"
    said = filter(None, (report.message, report.hint, report.trace.strip().split("\n")[-1]))
    return False, f"{MARKS.get(report.status, '!')} {name} ({file.name}): {' '.join(said)}"


def _as_exported(function, name, file, exported):
    """Say whether a function is as an export would write it today, and all helpers and constants of its module are."""
    try:
        same = source_of(function)[0] == exported.functions.get(name)
    except Untraceable:
        return False
    text = file.read_text(encoding="utf-8")
    return same and all(part in text for part in (*exported.constants.values(), *exported.helpers.values()))


def _told(error):
    """Say what stopped an import, and in which line, in one line."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}, line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if LIBRARY in frame.filename]
    place = f", line {lines[-1]}" if lines else ""
    return f"{type(error).__name__}: {error}{place}".replace("\n", " ")


@contextmanager
def importable(place):
    """Let the library be imported under its own name, from this place, as its files are now."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == LIBRARY}
    prefix = sys.pycache_prefix
    with tempfile.TemporaryDirectory() as fresh:  # compiled files of a change within one second would be stale
        sys.pycache_prefix = fresh
        sys.path.insert(0, str(place.parent))
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.pycache_prefix = prefix
            sys.path.remove(str(place.parent))
            for name in list(sys.modules):
                if name.split(".")[0] == LIBRARY:
                    del sys.modules[name]
            sys.modules.update(before)
