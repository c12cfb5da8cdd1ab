"""What all tests share: an environment of their own, copies of the repository, and no silent skips in CI."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import ctrl_c

ROOT = Path(__file__).resolve().parent.parent
COSTS = pytest.StashKey()
CALLERS = ("COURSE_SEED", "COURSE_CLAIMS", "COURSE_STEPS", "NBGRADER_EXECUTION", "COURSE_NOTEBOOKS",
           "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


@pytest.fixture(autouse=True)
def same_folder():
    """No test leaves the tests after it in another working directory."""
    before = Path.cwd()
    yield
    after = Path.cwd()
    os.chdir(before)
    assert after == before, "the test changed the working directory: use monkeypatch.chdir"


@pytest.fixture(autouse=True)
def own_environment(same_folder, monkeypatch, tmp_path):
    """Tests see none of the caller's settings but the backend, and never touch the caller's progress."""
    for name in CALLERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def set_up():
    """A function that gives the names which a notebook's set-up cell, its first code cell, defines."""
    from course_lib.delivery import building  # here, since faults are planted before the library is imported

    made, before = {}, dict(os.environ)

    def names(notebook):
        if notebook not in made:
            cells = building.build(building.source_of(notebook), notebook, outputs=None).cells
            made[notebook] = {"__name__": "__main__"}
            exec(next(cell.source for cell in cells if cell.cell_type == "code"), made[notebook])
        return dict(made[notebook])

    yield names
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def server_environment(tmp_path_factory):
    """The environment for a Jupyter server: home, settings and progress in a folder of its own."""
    home = tmp_path_factory.mktemp("home")
    env = {name: value for name, value in os.environ.items()
           if name not in CALLERS and not name.startswith(("JUPYTER", "IPYTHON", "PYTEST"))}
    return env | {"HOME": str(home), "COURSE_PROGRESS": str(home / "progress.json"), "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="session")
def copy_repository():
    """A function that copies what git tracks or would track into a folder, modification times included."""
    def copy(target):
        if not (ROOT / ".git").exists():  # unpacked from an archive
            left_out = shutil.ignore_patterns(".venv*", "__pycache__", ".*_cache", "artifacts", "*.egg-info")
            return Path(shutil.copytree(ROOT, target, ignore=left_out, dirs_exist_ok=True))
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target / name)
        return target
    return copy


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def serving():
    """A context manager that starts a server, waits for the address it prints, and stops it by Ctrl-C."""
    @contextmanager
    def serve(command, log, **options):
        with log.open("w") as out, ctrl_c.heard():
            process = subprocess.Popen(list(map(str, command)), stdout=out, stderr=subprocess.STDOUT,
                                       start_new_session=True, **options)
        try:
            yield process, wait_for_address(process, log)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(120)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
    return serve


@pytest.fixture(scope="session")
def first_page():
    """A function: base address, token -> where `/` leads, that page's data, the notification settings."""
    def ask(base, token):
        with urllib.request.urlopen(f"{base}/?token={token}", timeout=20) as page:
            address = page.url.split("?")[0]
            data = re.search(r'id="jupyter-config-data"[^>]*>([^<]*)<', page.read().decode())[1]
        plugin = "@jupyterlab/apputils-extension:notification"
        with urllib.request.urlopen(f"{base}/lab/api/settings/{plugin}?token={token}", timeout=20) as answer:
            properties = json.load(answer)["schema"]["properties"]
        return address, json.loads(data), {name: value["default"] for name, value in properties.items()}
    return ask


def wait_for_address(process, log, seconds=120):
    """The first address in `log`, once it answers (Jupyter prints its own too early)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:(\d+)\S+$", log.read_text(), re.MULTILINE)
        with socket.socket() as probe:
            if found and probe.connect_ex(("127.0.0.1", int(found[1]))) == 0:
                return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no address was printed (exit code {process.poll()}):\n{log.read_text()}")


# Lanes: a file's tests stay together, since they share fixtures; each run of a notebook is a piece of its own.
# What takes longest comes first, so that the lanes end at about the same time.
LONGEST = ("test_notebooks.py", "test_attacks.py", "test_interrupted.py", "test_gradebook.py", "test_exercises.py")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items):
    for item in items:
        name = item.callspec.params.get("name", "") if hasattr(item, "callspec") else ""
        own = f"{item.originalname} {name}" if item.path.name == "test_notebooks.py" and name else item.path.name
        item.add_marker(pytest.mark.xdist_group(own))
        if item.get_closest_marker("gpu") and os.environ.get("COURSE_BACKEND") != "gpu":
            item.add_marker(pytest.mark.skip(reason="needs a GPU: make test BACKEND=gpu"))
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


# What each part of the tests costs, in seconds of processor time, at the end of every run


def _used():
    """Processor time of this process and of those that it started and that have ended."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    before = _used()
    try:
        return (yield)
    finally:
        item.config.stash[COSTS][item.path.name] += _used() - before


def pytest_configure(config):
    config.stash[COSTS] = Counter()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Add what a lane of xdist used."""
    node.config.stash[COSTS].update(getattr(node, "workeroutput", {}).get("costs", {}))


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["costs"] = dict(session.config.stash[COSTS])


def pytest_terminal_summary(terminalreporter, config):
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        for _, words in (pair for pair in getattr(report, "user_properties", ()) if pair[0] == "measured"):
            if report.when == "call":
                terminalreporter.write_line(words)
    costs = config.stash[COSTS]
    shown = ", ".join(f"{name} {seconds:.0f}" for name, seconds in costs.most_common(12) if seconds >= 1)
    if shown:
        terminalreporter.write_line(f"core-seconds: {sum(costs.values()):.0f}, of these {shown}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return _no_skip_in_ci((yield), allowed=item.get_closest_marker("gpu"))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return _no_skip_in_ci((yield))


def _no_skip_in_ci(report, allowed=False):
    """A test that CI skips is a test that nobody runs, so there it counts as failed."""
    if report.skipped and not allowed and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as failed where CI=true: {report.longrepr}"
    return report
