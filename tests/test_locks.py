"""The lock files: everything pinned with hashes, no addresses, right for every platform, up to date."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LOCKS = ("requirements.txt", "requirements-gpu.txt", "requirements-dev.txt")
UV = Path(sys.executable).parent / "uv"  # unresolved: beside the environment's own python
PIN = re.compile(r"(?P<name>[a-z0-9-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^ ;]+)(?P<marker> ; [^\\]+?)?"
                 r"(?P<hashes>( --hash=sha256:[0-9a-f]{64})+)")


def pins(text):
    """Name and marker -> version and hashes of every requirement; fails where one isn't fully pinned."""
    found = {}
    for line in re.sub(r" *\\\n *", " ", text).splitlines():
        pin = PIN.fullmatch(line)
        assert pin, f"not pinned with hashes: {line[:100]}"
        found[pin["name"], pin["marker"]] = (pin["version"], set(pin["hashes"].split()))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_with_hashes_and_no_address_is_named(root, lock):
    text = (root / lock).read_text()
    assert len(pins(text)) > 50
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted", text)


@pytest.mark.parametrize("line", ["numpy", "numpy==2.0", "numpy>=2.0 --hash=sha256:" + 64 * "0",
                                  "-i https://example.org", "numpy @ file:///numpy.whl"])
def test_a_line_that_is_not_pinned_is_seen(line):
    with pytest.raises(AssertionError, match="not pinned"):
        pins(line)


def test_the_locks_agree_where_they_share_a_package(root):
    learner, gpu, dev = (pins((root / lock).read_text()) for lock in LOCKS)
    for other in (gpu, dev):
        shared = {name for name, _ in learner} & {name for name, _ in other} - {"tensorflow"}
        assert "jupyterlab" in shared
        assert {key: pin for key, pin in learner.items() if key[0] in shared} == {
            key: pin for key, pin in other.items() if key[0] in shared}


def test_tensorflow_is_in_the_learners_locks_only(root):
    """The dev lock is installed on top of either: with TensorFlow in it, it would mix CPU and GPU builds."""
    learner, gpu, dev = ({name for name, _ in pins((root / lock).read_text())} for lock in LOCKS)
    assert {"tensorflow", "tensorflow-cpu", "setuptools"} <= learner  # setuptools builds the editable install
    assert {"tensorflow", "setuptools"} <= gpu and "tensorflow-cpu" not in gpu
    assert {"pytest", "playwright"} <= dev and not {"tensorflow", "tensorflow-cpu"} & dev


def test_what_only_instructors_need_is_in_the_second_lock_alone(root):
    learner, gpu, dev = ({name for name, _ in pins((root / lock).read_text())} for lock in LOCKS)
    instructors = {"nbgrader", "dask", "distributed"}
    assert instructors <= dev and not instructors & (learner | gpu)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("lock, platform", [
    ("requirements.txt", "linux"), ("requirements.txt", "aarch64-unknown-linux-gnu"),
    ("requirements.txt", "windows"), ("requirements.txt", "aarch64-apple-darwin"),
    ("requirements-gpu.txt", "linux"), ("requirements-dev.txt", "linux"),
])
def test_wheels_exist_for_every_python_and_platform(root, tmp_path, lock, platform, python):
    resolved = subprocess.run(
        [UV, "pip", "install", "--dry-run", "--target", tmp_path, "--only-binary", ":all:",
         "--require-hashes", "--python-version", python, "--python-platform", platform,
         "--requirements", root / lock],
        capture_output=True, text=True)
    assert resolved.returncode == 0, resolved.stderr
    assert " + jupyterlab==" in resolved.stderr


def test_the_locks_are_what_make_lock_writes(root, tmp_path):
    """`make lock` keeps pins that still fit, so that only a change of pyproject.toml makes a difference."""
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(root / name, tmp_path)
    venv = UV.parent.parent
    subprocess.run(["make", "lock", f"VENV={venv}", "-o", f"{venv}/dev"], cwd=tmp_path, check=True,
                   env=os.environ)
    for lock in LOCKS:
        assert (tmp_path / lock).read_text() == (root / lock).read_text(), f"{lock}: run `make lock`"
