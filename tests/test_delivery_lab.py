"""`course lab` and the small commands beside it: addresses, ports, read-only folders, names of notebooks."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from typer.testing import CliRunner

from course_lib import __main__ as command
from course_lib.delivery import building, lab

COURSE = [sys.executable, "-m", "course_lib", "lab", "--no-browser"]
START = "/lab/tree/notebooks/00_start_here.ipynb"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A stand-in for the course folder, in which `lab` looks for notebooks."""
    folder = tmp_path / "course"
    (folder / "notebooks").mkdir(parents=True)
    for name in ("00_start_here", "01_vanishing_gradients"):
        (folder / "notebooks" / f"{name}.ipynb").write_text(f"fresh {name}")
    monkeypatch.setattr(lab, "ROOT", folder)
    return folder


@pytest.fixture
def served(monkeypatch):
    """What would have been served: (folder, port, browser) of each call."""
    calls = []
    monkeypatch.setattr(lab, "_serve", lambda *given: calls.append(given))
    for name in ("JUPYTER_CONFIG_PATH", "PYTHONPATH"):
        monkeypatch.setenv(name, "before")
    return calls


def test_serves_the_start_notebook_without_news_and_stops_at_one_ctrl_c(serving, server_environment, tmp_path,
                                                                        root, first_page):
    controller, terminal = os.openpty()  # with a terminal Jupyter would ask back before it stops
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving([*COURSE, "--port", port], tmp_path / "log", cwd=root, stdin=terminal,
                     env=server_environment | {"HOME": str(tmp_path / "home")}) as (process, address):
            token = address.split("token=")[1]
            said = (tmp_path / "log").read_text().splitlines()
            assert said[0].startswith(f"Port {port} is in use, so port ")
            assert said[-1] == address and f":{port}/" not in address
            assert urllib.request.urlopen(address, timeout=120).status == 200
            base = address.split("/lab")[0]
            opened, page, notifications = first_page(base, token)
            assert opened == base + START
            assert page["news"] == {"disabled": True}
            assert notifications["fetchNews"] == "false" and notifications["checkForUpdates"] is False
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(f"{base}/api/contents?token=guess", timeout=120)
            os.kill(process.pid, signal.SIGINT)
            assert process.wait(120) == 0
    os.close(controller)
    os.close(terminal)
    assert not (tmp_path / "home" / ".jupyter").exists()  # where the user's own settings are


def test_a_read_only_notebook_folder_is_served_and_said_so(serving, server_environment, tmp_path, root,
                                                       free_port):
    folder = lab.copy_notebooks(tmp_path / "mine") / "notebooks"
    drop_root = ["setpriv", "--bounding-set", "-dac_override", "--"] if os.geteuid() == 0 else []
    modes = {path: path.stat().st_mode for path in [folder, *folder.iterdir()]}
    for path in reversed(modes):
        path.chmod(modes[path] & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        with serving([*drop_root, *COURSE, "--port", free_port, "--copy-to", folder.parent],
                     tmp_path / "log", cwd=root, env=server_environment) as (_, address):
            said = (tmp_path / "log").read_text()
            assert f"{folder} is read-only: everything runs, but your answers can't be saved." in said
            assert "course lab --copy-to DIR" in said
            file = address.replace("/lab/tree/", "/api/contents/").replace("?", "?content=0&")
            assert json.load(urllib.request.urlopen(file, timeout=120))["writable"] is False
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_without_the_first_notebook_there_is_a_sentence(course, served):
    (course / "notebooks" / "00_start_here.ipynb").unlink()
    with pytest.raises(SystemExit, match=r"00_start_here.ipynb is missing. Restore it with `git checkout "
                                         r"notebooks`, or build it with `make notebooks`."):
        lab.run()
    assert not served


def test_the_kernels_get_this_course_lib_and_the_callers_paths_stay(course, served):
    lab.run(port=9000, browser=False)
    assert served == [(course, 9000, False)]
    assert os.environ["PYTHONPATH"] == f"{course}{os.pathsep}before"
    assert os.environ["JUPYTER_CONFIG_PATH"] == f"{lab.SETTINGS}{os.pathsep}before"


def test_copies_are_made_once_can_be_written_and_are_never_overwritten(course, served, tmp_path):
    for notebook in (course / "notebooks").glob("*.ipynb"):
        notebook.chmod(0o444)
    mine = tmp_path / "mine"
    lab.run(copy_to=mine)
    copy = mine / "notebooks" / "01_vanishing_gradients.ipynb"
    assert copy.read_text() == "fresh 01_vanishing_gradients" and copy.stat().st_mode & stat.S_IWUSR
    copy.write_text("my work")
    lab.run(copy_to=mine)
    assert copy.read_text() == "my work"
    assert [call[0] for call in served] == [mine, mine]


def test_a_folder_that_cannot_be_made_is_a_sentence(course, served, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit, match="can't be copied to .*mine: .* Name a folder that you may"):
        lab.run(copy_to=tmp_path / "file" / "mine")


def course_reset(monkeypatch, notebook, renew):
    monkeypatch.setattr(building, "reset", renew)
    return CliRunner().invoke(command.main, ["reset", notebook])


def test_reset_says_where_the_fresh_and_the_kept_copy_are(monkeypatch):
    fresh = course_reset(monkeypatch, "01", lambda name: (f"{name}.ipynb", None))
    assert fresh.exit_code == 0 and fresh.output == "01.ipynb is as new.\n"
    kept = course_reset(monkeypatch, "01", lambda name: (f"{name}.ipynb", f"{name}.kept.ipynb"))
    assert kept.exit_code == 0 and kept.output == "01.ipynb is as new. Yours is kept as 01.kept.ipynb.\n"


def test_reset_answers_an_unknown_notebook_with_a_sentence_not_a_traceback(root, tmp_path):
    tried = subprocess.run([sys.executable, "-m", "course_lib", "reset", "99"], cwd=root, text=True,
                           capture_output=True)
    assert tried.returncode == 1 and tried.stdout == ""
    assert re.fullmatch(r"No notebook is called '99'\. There are: 00_start_here, .*\.\n", tried.stderr)


@pytest.mark.parametrize("error", [ValueError("no such"), PermissionError("read-only")])
def test_what_reset_refuses_is_told(monkeypatch, error):
    def refuse(name):
        raise error

    refused = course_reset(monkeypatch, "01", refuse)
    assert refused.exit_code == 1 and refused.output == f"{error}\n"


def test_commands_start_without_heavy_imports():
    loaded = subprocess.run([sys.executable, "-c", "import sys, course_lib.__main__; print(*sys.modules)"],
                            capture_output=True, text=True, check=True).stdout.split()
    assert "typer" in loaded
    assert not {"numpy", "matplotlib", "tensorflow", "jupyterlab", "nbformat"} & set(loaded)


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_what_the_output_cannot_say_ends_no_command(encoding, tmp_path):
    env = os.environ | {"PYTHONIOENCODING": encoding, "COURSE_PROGRESS": str(tmp_path / "progress.jsonl")}
    for words, said in ((["progress"], b"? open"), (["reset", "✓"], b"'?'"), (["grade", "✓"], b"no ?")):
        course = [sys.executable, "-m", "course_lib", *words]
        run = subprocess.run(course, cwd=building.ROOT, env=env, capture_output=True)
        assert said in run.stdout + run.stderr and b"Traceback" not in run.stderr, run.stderr



def test_help_names_every_command():
    shown = CliRunner().invoke(command.main, ["--help"])
    assert shown.exit_code == 0
    assert all(f" {name} " in shown.output for name in ("doctor", "lab", "reset", "progress"))


def test_the_settings_are_valid_json_that_jupyterlab_knows():
    from jupyterlab.labapp import LabApp

    given = json.loads((lab.SETTINGS / "jupyter_lab_config.json").read_text())["LabApp"]
    assert set(given) <= set(LabApp.class_trait_names())
    assert given["default_url"] == START
    # What `jupyter notebook` reads, which repo2docker starts where nothing else is said.
    beside = json.loads((lab.SETTINGS / "jupyter_notebook_config.json").read_text())
    assert beside == {"JupyterNotebookApp": {"default_url": START}}
    schemas = os.path.join(sys.prefix, "share", "jupyter", "lab", "schemas")
    for plugin, values in json.loads(
            (lab.SETTINGS / "labconfig" / "default_setting_overrides.json").read_text()).items():
        package, name = plugin.split(":")
        with open(os.path.join(schemas, package, f"{name}.json"), encoding="utf-8") as schema:
            assert set(values) <= set(json.load(schema)["properties"])
