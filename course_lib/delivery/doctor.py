"""`doctor`: examines the machine and says of each thing whether it is right, or what to do about it."""

# The rows import what they examine, so that a package that is missing becomes a row and no traceback.

import os
import platform
import re
import sys
import tempfile
from html import escape
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ((3, 11), (3, 13))
PACKAGES = ("numpy", "tensorflow", "keras", "matplotlib", "jupyterlab", "ipywidgets", "anywidget")
OTHER_NAMES = {"tensorflow": "tensorflow-cpu"}  # the same module, half the size
HEADS = ("Examined", "Result", "Found", "What to do")
FREE_GB = 1.5  # a notebook takes up to 1.2
INSTALL = "Install what the course was tested with: make lab, or pip install -r requirements.txt."


class Row(NamedTuple):
    """One thing examined: what was found, whether that is right, and what to do if it isn't."""

    name: str
    found: str
    ok: bool
    advice: str = ""


class Examination:
    """All rows; as a table in the browser and as text elsewhere."""

    def __init__(self, rows):
        self.rows = tuple(rows)

    @property
    def ok(self):
        return all(row.ok for row in self.rows)

    def __str__(self):
        name, found = (max(len(row[i]) for row in self.rows) for i in (0, 1))
        lines = []
        for row in self.rows:
            lines.append(f"{_mark(row):7}  {row.name:{name}}  {row.found:{found}}".rstrip())
            lines += [f"{'':7}  {'':{name}}  {row.advice}"] if row.advice else []
        return "\n".join([*lines, self._summary()])

    __repr__ = __str__

    def _repr_html_(self):
        left, long = 'style="text-align: left"', 'style="text-align: left; overflow-wrap: anywhere"'
        rows = "".join(
            f'<tr><th scope="row" {left}>{escape(row.name)}</th><td {left}>{_mark(row)}</td>'
            f"<td {long}>{escape(row.found)}</td><td {long}>{escape(row.advice)}</td></tr>"
            for row in self.rows
        )
        heads = "".join(f'<th scope="col" {left}>{head}</th>' for head in HEADS)
        return (
            f'<table class="course-doctor"><caption {left}>This machine. {escape(self._summary())}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def _summary(self):
        wrong = sum(not row.ok for row in self.rows)
        return f"{wrong} of {len(self.rows)} need attention." if wrong else "Everything is as it should be."


def _mark(row):
    return "✓ ok" if row.ok else "✗ to do"


def doctor():
    """Examine Python, packages, data, memory, widgets, folders and backend, in TensorFlow's import time.

    Returns
    -------
    Examination
        Its `rows` are (name, found, ok, advice), `ok` says whether all are right.
    """
    rows = [_safely("Python", _python)]
    rows += [_safely(package, lambda package=package: _package(package)) for package in PACKAGES]
    rows += [_safely(name, examine) for name, examine in CHECKS.items()]
    return Examination(rows)


def _safely(name, examine):
    try:
        return Row(name, *examine())
    except Exception as error:  # whatever it is, the other rows are still worth reading
        return Row(name, "could not be determined", False, f"{type(error).__name__}: {error}")


def _python():
    ok = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    lowest, highest = (".".join(map(str, version)) for version in PYTHONS)
    return platform.python_version(), ok, "" if ok else f"The course needs Python {lowest} to {highest}."


def _pins():
    """Return name -> version as requirements.txt pins them for this machine; empty without that file."""
    from packaging.requirements import Requirement

    if not (ROOT / "requirements.txt").is_file():
        return {}
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [Requirement(line.rstrip("\\ ")) for line in lines if re.match(r"[\w.-]+ *==", line)]
    here = [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]
    return {pin.name: str(pin.specifier).removeprefix("==") for pin in here}


def _version(package):
    for name in filter(None, (package, OTHER_NAMES.get(package))):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    return None


def _package(package):
    found, pins = _version(package), _pins()
    wanted = pins.get(package) or pins.get(OTHER_NAMES.get(package))
    if found is None:
        return "missing", False, INSTALL
    if wanted and found != wanted:
        return found, False, f"requirements.txt has {wanted}. {INSTALL}"
    return found, True, ""


def _others():
    own_row = {*PACKAGES, *OTHER_NAMES.values()}
    pins = {name: version for name, version in _pins().items() if name not in own_row}
    if not pins:
        return "no requirements.txt to compare with", True, ""
    found = {name: _version(name) or "missing" for name in pins}
    wrong = [f"{name} {found[name]}, not {pin}" for name, pin in pins.items() if found[name] != pin]
    advice = f"{'; '.join(wrong)}. {INSTALL}" if wrong else ""
    return f"{len(pins) - len(wrong)} of {len(pins)} as in requirements.txt", not wrong, advice


def _data():
    from course_lib.datasets import load_mnist

    try:
        data = load_mnist.__wrapped__()  # read the file now, whatever this kernel has loaded before
    except (FileNotFoundError, ValueError) as error:
        return "missing" if isinstance(error, FileNotFoundError) else "damaged", False, str(error)
    count = len(data.x_train) + len(data.x_valid) + len(data.x_test)
    return f"{count:,} images, checksum right", True, ""


def _memory():
    total, free = (size / 1e9 for size in _bytes())
    ok = free >= FREE_GB
    advice = f"A notebook wants {FREE_GB} GB: close other programs and shut down other notebooks' kernels."
    return f"{free:.1f} of {total:.1f} GB free", ok, "" if ok else advice


def _bytes(group=Path("/sys/fs/cgroup")):
    """Return total and free memory, as the container limits them; what this kernel holds counts as free."""
    import psutil

    memory, own = psutil.virtual_memory(), psutil.Process().memory_info().rss
    total, free = memory.total, memory.available
    try:
        limit = int((group / "memory.max").read_text())  # "max" where there is no limit
        cached = int(re.search(r"^inactive_file (\d+)", (group / "memory.stat").read_text(), re.MULTILINE)[1])
        used = int((group / "memory.current").read_text()) - cached
        total, free = min(total, limit), min(free, limit - used)
    except (OSError, ValueError, TypeError):
        pass
    return total, min(total, free + own)


def _widgets():
    from packaging.requirements import Requirement

    names = ("ipywidgets", "jupyterlab_widgets", "anywidget")
    versions = {name: _version(name) for name in names}
    found = ", ".join(f"{name} {version or 'missing'}" for name, version in versions.items())
    if None in versions.values():
        return found, False, INSTALL
    pins = map(Requirement, metadata.requires("ipywidgets"))
    wanted = next(pin.specifier for pin in pins if pin.name.replace("-", "_") == "jupyterlab_widgets")
    if not wanted.contains(versions["jupyterlab_widgets"]):
        return found, False, f"They don't fit: ipywidgets wants jupyterlab_widgets {wanted}. {INSTALL}"
    return found, True, ""


def _in_kernel():
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")


def _progress():
    from course_lib.exercises import logbook

    path = logbook.path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            return f"{path}, can be written", True, ""
    except OSError as error:
        advice = "To save progress, set COURSE_PROGRESS to a file that you may write, and restart the kernel."
        return f"{path}: {error.strerror}", False, advice


def _folder():
    folder = Path.cwd() if _in_kernel() else ROOT / "notebooks"
    try:
        with tempfile.TemporaryFile(dir=folder):
            return f"{folder}, can be written", True, ""
    except OSError as error:
        return f"{folder}: {error.strerror}", False, "Work on copies of your own: course lab --copy-to DIR"


def _backend():
    from course_lib import backend

    try:
        seen = backend.describe()
    except (RuntimeError, ValueError) as error:
        return f"COURSE_BACKEND is {os.environ.get('COURSE_BACKEND', 'not set')}", False, str(error)
    return f"{seen.backend.upper()}: {', '.join(seen.devices)}", True, ""


CHECKS = {
    "other packages": _others,
    "MNIST": _data,
    "memory": _memory,
    "browser widgets": _widgets,
    "progress file": _progress,
    "notebook folder": _folder,
    "backend": _backend,
}
