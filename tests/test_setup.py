"""The Makefile: its set-up, its refusals and its stamps, with stand-ins for Python on the PATH."""

import os
import shutil
import subprocess
import sys

import pytest

STAND_IN = """#!{real}
import shutil, sys
from pathlib import Path
FOLDER = Path({folder!r})
given = sys.argv[1:]
print(*given, file=(FOLDER / "calls").open("a"))
if given == ["-V"]:
    print("Python " + ".".join(map(str, {version})))
elif given[0] == "-c":
    sys.version_info = {version}
    sys.modules.update(dict.fromkeys({lacks}))
    exec(given[1])
else:
    if given[:2] == ["-m", "venv"]:
        Path(given[-1], "bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(__file__, Path(given[-1], "bin", "python"))
    sys.exit((FOLDER / "fails").exists() and given[1] in (FOLDER / "fails").read_text())
"""


@pytest.fixture
def folder(tmp_path, root):
    """A folder with the Makefile, lock files to look at, and a PATH without any Python."""
    shutil.copy(root / "Makefile", tmp_path)
    for name in ("pyproject.toml", "requirements.txt", "requirements-gpu.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "bin").mkdir()
    for command in ("make", "awk", "touch"):
        (tmp_path / "bin" / command).symlink_to(shutil.which(command))
    return tmp_path


def python(folder, version=(3, 12, 1), lacks=()):
    script = folder / "bin" / "python3"
    script.write_text(STAND_IN.format(real=sys.executable, folder=str(folder), version=version, lacks=lacks))
    script.chmod(0o755)


def make(folder, *targets):
    (folder / "calls").write_text("")
    environment = {"PATH": str(folder / "bin"), "HOME": str(folder)}
    return subprocess.run(["make", *targets], cwd=folder, env=environment, text=True, timeout=600,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def installs(folder):
    """The `pip install` and `venv` calls of the last make, in words that tell them apart."""
    calls = (folder / "calls").read_text().splitlines()
    return [call.split()[-1] for call in calls if call.startswith(("-m venv", "-m pip"))]


NAME_ONE = "name one: make PYTHON=/path/to/python3.12 lab"
TOO = "and the course needs 3.11, 3.12 or 3.13: install one and name it: make PYTHON=/path/to/python3.12 lab"


@pytest.mark.parametrize("version, lacks, sentence", [
    (None, (), f"python3 was not found: install Python 3.11, 3.12 or 3.13, or {NAME_ONE}"),
    ((3, 10, 13), (), f"python3 is Python 3.10.13, {TOO}"),
    ((3, 14, 0), (), f"python3 is Python 3.14.0, {TOO}"),
    ((3, 11, 2), ("ensurepip",), "python3 lacks the modules venv and ensurepip: install them "
     "(on Debian and Ubuntu: apt install python3-venv), then call make again"),
])
def test_an_unfit_python_is_refused_with_a_sentence(folder, version, lacks, sentence):
    if version:
        python(folder, version, lacks)
    refused = make(folder, "lab")
    assert refused.returncode != 0
    assert sentence in refused.stdout.splitlines()
    assert not (folder / ".venv").exists()


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 9)])
def test_first_call_installs_second_only_runs(folder, version):
    python(folder, version)
    first = make(folder, "lab", "LAB_FLAGS=--no-browser")
    assert first.returncode == 0, first.stdout
    assert installs(folder) == [".venv", "requirements.txt", "."]
    second = make(folder, "lab", "LAB_FLAGS=--no-browser")
    assert second.returncode == 0 and second.stdout == ""
    assert installs(folder) == []
    assert (folder / "calls").read_text().splitlines()[-1] == "-m course_lib lab --no-browser"


def test_a_changed_lock_installs_again_and_the_learner_needs_nothing_of_dev(folder):
    python(folder)
    make(folder, "lab")
    for stamp in ("created", "learner"):
        os.utime(folder / ".venv" / stamp, (1, 1))
    os.utime(folder / "pyproject.toml", (0, 0))
    os.utime(folder / "requirements.txt", (2, 2))
    make(folder, "lab")
    assert installs(folder) == ["requirements.txt", "."]


def test_tests_install_the_dev_lock_too_and_a_gpu_has_its_own_environment(folder):
    python(folder)
    (folder / "tools").mkdir()
    make(folder, "test", "TEST_FLAGS=-k lab")
    assert installs(folder) == [".venv", "requirements.txt", ".", "requirements-dev.txt"]
    calls = (folder / "calls").read_text().splitlines()
    before = ["tools/ensure_browser.py", "tools/ensure_sandbox.py", "-m ruff check"]
    assert calls[-4:] == [*before, "tools/run_tests.py -k lab"]
    make(folder, "test", "BACKEND=gpu")
    assert installs(folder) == [".venv-gpu", "requirements-gpu.txt", ".", "requirements-dev.txt"]


def test_an_instructor_gets_the_second_lock_and_the_sandbox_once(folder):
    python(folder)
    assert make(folder, "instructor").returncode == 0
    assert installs(folder) == [".venv", "requirements.txt", ".", "requirements-dev.txt"]
    assert (folder / "calls").read_text().splitlines()[-1] == "tools/ensure_sandbox.py"
    assert make(folder, "instructor").stdout == ""
    assert installs(folder) == []


@pytest.mark.parametrize("step", ["pip", "venv"])
def test_an_install_that_broke_off_is_done_again(folder, step):
    python(folder)
    (folder / "fails").write_text(step)
    broken = make(folder, "lab")
    assert broken.returncode != 0
    if step == "pip":
        assert broken.stdout.splitlines()[-2] == ("The installation failed; pip's reason is above. "
                                                  "It needs the network, this once: call make again.")
    (folder / "fails").unlink()
    assert make(folder, "lab").returncode == 0
    assert installs(folder)[-2:] == ["requirements.txt", "."]
    assert make(folder, "lab").stdout == ""


def test_an_environment_whose_python_is_gone_is_made_anew(folder):
    python(folder)
    make(folder, "lab")
    (folder / ".venv" / "bin" / "python").unlink()
    assert make(folder, "lab").returncode == 0
    assert installs(folder) == [".venv", "requirements.txt", "."]


def test_help_needs_no_python_and_lists_every_target(folder):
    shown = make(folder)
    assert shown.returncode == 0
    phony = (folder / "Makefile").read_text().split(".PHONY: ")[1].splitlines()[0].split()
    assert [line.split()[1] for line in shown.stdout.splitlines()] == phony


def test_find_browser_looks_on_the_path_first(monkeypatch, tmp_path):
    from tools.ensure_browser import find_browser

    chrome = tmp_path / "google-chrome"
    chrome.write_text("#!/bin/sh\n")
    chrome.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() == str(chrome)


NEEDED = [  # the tool, the command it looks for, what it says where it can't install it, Debian's packages, for what
    ("ensure_browser.py", "chromium", "No Chromium or Chrome was found, which the browser tests need: install one, ",
     "chromium fonts-liberation", "chromium for the browser tests"),
    ("ensure_sandbox.py", "bwrap", "bubblewrap was not found, in which `course grade` runs answers: install it ",
     "bubblewrap", "bubblewrap for the sandbox of the grading"),
]


def ensure(root, tool, path):
    return subprocess.run([sys.executable, root / "tools" / tool], env={"PATH": str(path), "HOME": str(path)},
                          capture_output=True, text=True)


@pytest.mark.parametrize("tool, command, advice, packages, purpose", NEEDED)
def test_without_what_is_needed_and_the_right_to_install_it_there_is_a_sentence(
        tmp_path, root, tool, command, advice, packages, purpose):
    tried = ensure(root, tool, tmp_path)
    assert (tried.returncode, tried.stdout) == (1, "")
    assert tried.stderr.startswith(advice) and tried.stderr.endswith("then call this again.\n")


@pytest.mark.parametrize("tool, command, advice, packages, purpose", NEEDED)
def test_on_debian_what_is_needed_is_installed_with_sudo_or_as_root(
        tmp_path, root, tool, command, advice, packages, purpose):
    found = debian(tmp_path, command)
    done = ensure(root, tool, tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{found}\n")
    assert done.stderr == f"Installing Debian's {purpose}\n"
    calls = ["-qq update", f"-qq install --yes --no-install-recommends {packages}"]
    assert (tmp_path / "calls").read_text().splitlines() == calls
    again = ensure(root, tool, tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, f"{found}\n", "")
    assert (tmp_path / "calls").read_text().splitlines() == calls


@pytest.mark.parametrize("tool, command, advice, packages, purpose", NEEDED)
def test_where_apt_fails_its_reason_and_what_to_do_are_said(
        tmp_path, root, tool, command, advice, packages, purpose):
    debian(tmp_path, command, update="exit 100")
    failed = ensure(root, tool, tmp_path)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "apt-get failed" in failed.stderr and "its reason is above" in failed.stderr and advice in failed.stderr


def debian(folder, command, update="true"):
    """Stand-ins for what installs on Debian, in a folder for the PATH; returns where the command will be."""
    found = folder / command
    scripts = {"apt-get": f'echo "$@" >> {folder}/calls\n'
                          f'case "$*" in *update*) {update};; *install*) echo > {found}; chmod +x {found};; esac',
               "sudo": 'shift; exec "$@"', "true": "", "env": 'shift; exec "$@"'}
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    (folder / "chmod").symlink_to(shutil.which("chmod"))
    return found


def test_bubblewrap_is_not_asked_for_where_there_is_no_linux(root, tmp_path):
    code = ("import runpy, sys; sys.platform = 'darwin'; "
            f"runpy.run_path({str(root / 'tools' / 'ensure_sandbox.py')!r}, run_name='__main__')")
    told = subprocess.run([sys.executable, "-c", code], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("bubblewrap, in which `course grade` runs answers, is for Linux only")
