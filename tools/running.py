"""Runs programs measured and without network, and executes notebooks: the one copy of each.

As a program, for its own use: ``running.py offline COMMAND...`` brings the loopback device of its network
namespace up and becomes COMMAND; ``running.py execute FILE TIMEOUT`` executes a notebook in place.
"""

import functools
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

import psutil

CORES = 2  # the budgets are stated for two
SECONDS_LIMIT = 600
# Every check of the solved form must pass: with this variable set, one that doesn't raises.
FORM_VARIABLES = {"blank": {}, "solved": {"NBGRADER_EXECUTION": "validate"}}
# Two side by side on two cores: a second thread of one would only take the core from the other
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS",
                                     "TF_NUM_INTEROP_THREADS")}
PACKAGES = ("numpy", "tensorflow-cpu", "tensorflow", "keras", "jupyterlab", "ipywidgets", "anywidget")
SELF = [sys.executable, "-P", str(Path(__file__).resolve())]  # -P: this folder's site.py isn't Python's


class Run(NamedTuple):
    """What a measured program did: exit code, its output, wall time, peak memory of its process tree."""

    code: int
    output: str
    seconds: float
    megabytes: float

    def __str__(self):
        return f"{self.seconds:.1f} s, {self.megabytes:.0f} MB ({MEMORY} of the process tree, peak)"


# The proportional set size shares shared pages out, so that a sum over processes counts each page once.
MEMORY = "PSS" if sys.platform == "linux" else "USS"


def cores():
    """How many cores a measured program may use."""
    return min(CORES, len(_usable()))


def _usable():
    own = psutil.Process()
    return own.cpu_affinity() if hasattr(own, "cpu_affinity") else list(range(os.cpu_count()))


def measure(command, *, env=None, cwd=None, limit=SECONDS_LIMIT):
    """Run a program to its end on two cores, and measure it; end its whole tree at `limit` seconds.

    Returns
    -------
    Run
        Standard output and error together; the code is -1 if it was ended.
    """
    with tempfile.TemporaryFile() as output:
        start, resident, peak, code = time.monotonic(), 0, 0, -1
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   env=env, cwd=cwd)
        try:
            _tie(process.pid)
            while time.monotonic() - start < limit:
                tree = _tree(process.pid)
                # Proportional memory takes long to read, and holds the program up: only where resident memory grew
                if (now := sum(_bytes(one, lambda p: p.memory_info().rss) for one in tree)) > resident:
                    resident, peak = now, max(peak, sum(_bytes(one, _own_bytes) for one in tree))
                try:
                    code = process.wait(0.3)  # to look costs, too: all processes of the machine are listed
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            end(process)
        output.seek(0)
        text = output.read().decode(errors="replace") + (f"\nended after {limit:g} s" if code == -1 else "")
        return Run(code, text, time.monotonic() - start, peak / 1e6)


def _tie(pid):
    process = psutil.Process(pid)
    if hasattr(process, "cpu_affinity"):  # macOS has none: there a program uses all cores
        process.cpu_affinity(_usable()[:CORES])


def _tree(pid):
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _own_bytes(process):
    memory = process.memory_full_info()
    return memory.pss if MEMORY == "PSS" else memory.uss


def _bytes(process, read):
    try:
        return read(process)
    except psutil.NoSuchProcess:  # it ended between being listed and being read
        return 0


def end(process):
    """End a program and all it started; kernels have process groups of their own, so the tree is walked."""
    if process.poll() is None:
        tree = _tree(process.pid)
        for running in tree:
            try:
                running.kill()
            except psutil.NoSuchProcess:
                continue
        process.wait()
        psutil.wait_procs(tree, timeout=2)  # a killed process ends a moment later
    process.wait()


def machine():
    """Return what was measured on: processor, cores, memory, versions."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = re.findall("model name\\s*: (.*)", info)
    cpu = names[0] if names else platform.processor() or platform.machine()
    memory = psutil.virtual_memory().total / 2**30
    installed = {package.name.replace("_", "-"): package.version for package in distributions()}
    packages = ", ".join(f"{name} {installed[name]}" for name in PACKAGES if name in installed)
    return (f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB; {platform.system()}, "
            f"Python {platform.python_version()}, {packages}; {date.today():%d %B %Y}")


@functools.cache
def can_go_offline():
    """Whether this machine lets us make a network namespace (Linux, and not forbidden by its container)."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-rn", *SELF, "offline", "true"],
                          capture_output=True, check=False).returncode == 0


def offline(command):
    """The command that runs `command` with no network but its own loopback, where that is possible."""
    return ["unshare", "-rn", *SELF, "offline", *command] if can_go_offline() else list(command)


def _become_offline(command):
    import fcntl
    import socket
    import struct
    up, get, put = 0x1, 0x8913, 0x8914  # IFF_UP, SIOCGIFFLAGS, SIOCSIFFLAGS
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        request = fcntl.ioctl(device, get, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", request)[1]
        fcntl.ioctl(device, put, struct.pack("16sh14x", b"lo", flags | up))
    os.execvp(command[0], command)


def environment(folder, **extra):
    """The environment in which notebooks are run: this one, with every file of a learner's in `folder`."""
    # Matplotlib's, since kernels choose "inline"; pytest's, since COURSE_TESTED decides whether a claim may stop them
    own = ("COURSE_SEED", "COURSE_CLAIMS", "COURSE_STEPS", "NBGRADER_EXECUTION", "MPLBACKEND", "PYTEST_CURRENT_TEST")
    kept = {key: value for key, value in os.environ.items() if key not in own}
    files = {"COURSE_PROGRESS": "progress.json", "IPYTHONDIR": "ipython"}
    learners = {key: str(Path(folder) / file) for key, file in files.items()}
    return kept | learners | {"COURSE_TESTED": "1"} | extra


class Executed(NamedTuple):
    """An executed notebook: `nb` with its outputs, or None if a cell failed, which the end of ``run.output`` tells.

    `claims` holds what was claimed, `files` the files of the library that its kernel had loaded at the end, and the
    studies that it read, relative to the repository.
    """

    nb: object
    run: Run
    claims: list
    files: list


def execute(nb, name, *, limit=SECONDS_LIMIT, **extra):
    """Execute a notebook in a process of its own, in an empty folder, without network.

    Parameters
    ----------
    nb : nbformat.NotebookNode
    name : str
        Stem of its file.
    limit : float
        Seconds for each cell.
    **extra : str
        Environment variables besides those of `environment`.

    Returns
    -------
    Executed
    """
    import nbformat
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        path, claims, files = (Path(folder) / end for end in (f"{name}.ipynb", "claims.jsonl", "files.json"))
        nbformat.write(_watched(nb), path)
        env = environment(folder, **{"COURSE_CLAIMS": str(claims), "COURSE_FILES": str(files)} | extra)
        run = measure(offline([*SELF, "execute", str(path), str(limit)]), env=env, cwd=folder, limit=10 * limit)
        executed = nbformat.read(path, as_version=4) if run.code == 0 else None
        if executed:
            executed.cells = executed.cells[1:-1]
        lines = claims.read_text(encoding="utf-8").splitlines() if claims.exists() else []
        return Executed(executed, run, [json.loads(line) for line in lines],
                        json.loads(files.read_text()) if files.exists() else [])


# The first and the last cell of an executed notebook: what it reads is seen while it runs, what is loaded at its end.
WATCH = """\
import sys
opened_files = set()
sys.addaudithook(lambda event, args: opened_files.add(args[0]) if event == "open" and type(args[0]) is str else None)
"""
TELL = """\
import json, os, pathlib, sys
root = pathlib.Path({root!r})
loaded = [module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "course_lib"]
studies = [name for name in opened_files if pathlib.Path(name).parent == root / "studies"]
found = sorted(pathlib.Path(name).relative_to(root).as_posix() for name in {{*filter(None, loaded), *studies}})
pathlib.Path(os.environ["COURSE_FILES"]).write_text(json.dumps(found))
"""


def _watched(nb):
    import nbformat
    tell = TELL.format(root=str(Path(__file__).resolve().parents[1]))
    first, last = (nbformat.v4.new_code_cell(source) for source in (WATCH, tell))
    return nbformat.from_dict({**nb, "cells": [first, *nb.cells, last]})


def _execute_in_place(path, limit):
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    nb = nbformat.read(path, as_version=4)
    try:
        NotebookClient(nb, timeout=limit, kernel_name="python3",
                       resources={"metadata": {"path": str(Path(path).parent)}}).execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    nbformat.write(nb, path)


if __name__ == "__main__":
    if sys.argv[1] == "offline":
        _become_offline(sys.argv[2:])
    else:
        _execute_in_place(sys.argv[2], float(sys.argv[3]))
