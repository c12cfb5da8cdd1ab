"""A real Chromium in front of a real JupyterLab, started by `make lab` on a copy of the course."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tools.ensure_browser import find_browser

QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-sandbox"]  # no sandbox: CI's user is root


@pytest.fixture(scope="session")
def artifacts(root):
    """Where pictures are kept for people to look at."""
    folder = root / "tests" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="package")
def course(copy_repository, serving, server_environment, tmp_path_factory):
    """(folder of the copy, address that `make lab` printed). The environment under test is used as it is."""
    folder = copy_repository(tmp_path_factory.mktemp("browser") / "course")
    venv = Path(sys.prefix)
    command = ["make", "lab", "LAB_FLAGS=--no-browser", f"VENV={venv}",
               "-o", venv / "created", "-o", venv / "learner"]
    with serving(command, folder.parent / "log", cwd=folder, env=server_environment) as (_, address):
        yield folder, address


@pytest.fixture(scope="module")
def page():
    """A page 1280 pixels wide; what JavaScript complains of is kept in its attribute `complaints`."""
    path = find_browser()
    assert path, "no Chromium or Chrome was found: run python tools/ensure_browser.py"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)  # for a busy machine: only a failure takes that long
        page.set_default_navigation_timeout(120_000)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        yield page
        browser.close()
