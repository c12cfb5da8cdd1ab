"""Binder: the image's recipe as repo2docker writes it, and the same steps carried out in an empty folder."""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

TOKEN = "a-token-of-the-tests"
START = "/lab/tree/notebooks/00_start_here.ipynb"


@pytest.fixture(scope="module")
def checkout(copy_repository, tmp_path_factory):
    return copy_repository(tmp_path_factory.mktemp("binder") / "checkout")


@pytest.fixture(scope="module")
def dockerfile(checkout):
    """What repo2docker would build, for the user that Binder runs as."""
    command = [Path(sys.executable).parent / "jupyter-repo2docker", "--no-build", "--debug",
               "--user-id", "1000", "--user-name", "jovyan", "."]
    shown = subprocess.run(command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           timeout=600)
    assert shown.returncode == 0, shown.stdout
    return shown.stdout


def test_the_image_has_the_expected_base_and_python(dockerfile):
    assert re.search(r"^FROM docker.io/library/buildpack-deps:\d\d\.04$", dockerfile, re.MULTILINE)
    assert "Building conda environment for python=3.11" in dockerfile
    assert re.search(r"^COPY .*environment-2epy-2d3-2e11-2d.*lock", dockerfile, re.MULTILINE)


def test_the_image_installs_the_lock_and_runs_postbuild_as_the_user(dockerfile):
    steps = [line for line in dockerfile.splitlines() if line.startswith(("USER", "RUN", "COPY"))]
    pip = "RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir"
    install = steps.index(f'{pip} -r "binder/requirements.txt"')
    copied = next(index for index, step in enumerate(steps) if step.endswith(" src/ ${REPO_DIR}/"))
    post_build = steps.index("RUN ./binder/postBuild")
    assert copied < install < post_build  # the lock lies outside binder/, so the repository is needed first
    for step in (install, post_build):
        users = [line for line in steps[:step] if line.startswith("USER")]
        assert users[-1] == "USER ${NB_USER}"


def test_the_lock_is_the_learners(checkout):
    assert (checkout / "binder" / "requirements.txt").read_text().split() == ["-r", "../requirements.txt"]
    assert os.access(checkout / "binder" / "postBuild", os.X_OK)


@pytest.fixture(scope="module")
def image(checkout, server_environment):
    """An environment made by the image's own steps, from the copy alone; (its folder, its variables)."""
    prefix = checkout.parent / "environment"
    venv.create(prefix, with_pip=True)
    env = server_environment | {"NB_PYTHON_PREFIX": str(prefix), "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                                "PATH": f"{prefix / 'bin'}{os.pathsep}{server_environment['PATH']}"}
    env.pop("PYTHONPATH", None)
    for step in ([prefix / "bin" / "pip", "install", "--quiet", "-r", "binder/requirements.txt"],
                 ["./binder/postBuild"]):
        done = subprocess.run(step, cwd=checkout, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=1800)
        assert done.returncode == 0, done.stdout
    yield prefix, env
    shutil.rmtree(prefix)  # 2 GB, which pytest would keep


def test_the_course_is_imported_from_the_checkout(image, checkout, tmp_path):
    prefix, env = image
    found = subprocess.run([prefix / "bin" / "python", "-c", "import course_lib; print(course_lib.__file__)"],
                           cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout
    assert found.strip() == str(checkout / "course_lib" / "__init__.py")


def test_its_first_page_is_the_first_notebook_without_news(image, checkout, serving, free_port, tmp_path,
                                                                first_page):
    """BinderHub starts jupyter-lab with a port, token and base address of its own, and opens `/`."""
    prefix, env = image
    lab = [prefix / "bin" / "jupyter-lab", "--ip=127.0.0.1", f"--port={free_port}", "--no-browser",
           "--allow-root", "--ServerApp.base_url=/user/someone/", f"--ServerApp.token={TOKEN}"]
    with serving(lab, tmp_path / "log", cwd=checkout, env=env) as (_, address):
        base = address.split("/lab")[0]
        opened, page, notifications = first_page(base, TOKEN)
        assert opened == base + START
        assert page["news"] == {"disabled": True}
        assert notifications["fetchNews"] == "false" and notifications["checkForUpdates"] is False
