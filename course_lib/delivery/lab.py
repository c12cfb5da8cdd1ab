"""`course lab`: JupyterLab on the first notebook, with the course's settings and nothing written to them."""

import os
import secrets
import shutil
import signal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = Path(__file__).resolve().parent / "jupyter"  # Binder's image gets a copy of the same folder
START = "notebooks/00_start_here.ipynb"


def run(port=8888, browser=True, copy_to=None):
    """Serve the course on 127.0.0.1 until Ctrl-C, and print the address once it can be opened.

    Parameters
    ----------
    port : int
        The port to try first; where it is in use, the next free one is taken.
    browser : bool
        Open the address in the browser.
    copy_to : path, optional
        Work in this folder, on copies of the notebooks. A copy that is there already is kept.

    Raises
    ------
    SystemExit
        With a sentence, if the first notebook is missing or `copy_to` can't be written.
    """
    if not (ROOT / START).is_file():
        raise SystemExit(f"{ROOT / START} is missing. Restore it with `git checkout notebooks`, "
                         "or build it with `make notebooks`.")
    folder = copy_notebooks(Path(copy_to).resolve()) if copy_to else ROOT
    if not os.access(folder / "notebooks", os.W_OK):
        print(f"{folder / 'notebooks'} is read-only: everything runs, but your answers can't be saved.\n"
              "To keep them, work on copies of your own: course lab --copy-to DIR", flush=True)
    os.environ["COURSE_NOTEBOOKS"] = str(folder / "notebooks")  # what `course reset` in its terminals resets
    os.environ["JUPYTER_CONFIG_PATH"] = _before("JUPYTER_CONFIG_PATH", SETTINGS)
    os.environ["PYTHONPATH"] = _before("PYTHONPATH", ROOT)  # so that kernels import this very course_lib
    _serve(folder, port, browser)


def copy_notebooks(folder):
    """Copy the notebooks that `folder` doesn't have yet into it; return `folder`."""
    try:
        (folder / "notebooks").mkdir(parents=True, exist_ok=True)
        for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
            copy = folder / "notebooks" / notebook.name
            if not copy.exists():
                shutil.copyfile(notebook, copy)  # contents only: copies of read-only files can be written
    except OSError as error:
        raise SystemExit(f"The notebooks can't be copied to {folder}: {error.strerror}. "
                         "Name a folder that you may write to.") from error
    return folder


def _before(variable, path):
    return os.pathsep.join(filter(None, [str(path), os.environ.get(variable)]))


def _serve(folder, port, browser):
    from jupyterlab.labapp import LabApp  # here, so that `course --help` needn't wait for it

    token = secrets.token_hex(24)
    server = LabApp.initialize_server([
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.open_browser={browser}",
        f"--IdentityProvider.token={token}",
        "--ServerApp.allow_root=True",  # in containers; only this machine, and who has the token, gets in
        "--KernelManager.transport_encryption=auto",  # without, every kernel prints a warning
        "--Application.log_level=ERROR",
    ])

    def announce():  # and let one Ctrl-C stop the kernels, then the server, without asking back
        signal.signal(signal.SIGINT, lambda *_: server.stop(from_signal=True))
        if server.port != port:
            print(f"Port {port} is in use, so port {server.port} is taken.")
        print("The course is open in JupyterLab. Ctrl-C here stops it. Its address:\n"
              f"http://127.0.0.1:{server.port}{server.default_url}?token={token}", flush=True)

    server.io_loop.add_callback(announce)  # runs after the callback that binds the port
    server.start()
