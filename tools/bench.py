"""Measures imports, the start, the explorers and the library, and writes what it finds into BENCHMARKS.md."""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

import nbformat
import psutil
from bench_grading import section
from ensure_browser import ADVICE, find_browser
from playwright.sync_api import TimeoutError, sync_playwright
from running import machine

ROOT = Path(__file__).resolve().parent.parent
PRESSES = 30
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
EXPLORERS = {
    "signal": {"default, 20 × 100": {}, "largest, 50 × 200": {"depth": 50, "width": 200}},
    "initializer": {"default, 50 × 100": {}, "largest, 50 × 200": {"width": 200}},
    "activation": {"default, leaky ReLU": {}, "slowest, GELU": {"function": "GELU"}},
    "dying": {"default": {}},
    "normalizer": {"default": {}},
    "race": {"default, six rules": {}},
    "regularizer": {"default": {}},
    "freezer": {"default": {}},
    "backprop": {"default": {}},
}
# From the key press to the first task after the frame in which the canvas was drawn, it being on the screen.
STOPWATCH = """() => {
  window.times = [];
  let pressed = null;
  document.addEventListener("keydown", () => { pressed ??= performance.now(); }, true);
  document.addEventListener("picture-drawn", () => {
    if (pressed === null) return;
    const from = pressed, channel = new MessageChannel();
    pressed = null;
    channel.port1.onmessage = () => window.times.push(performance.now() - from);
    channel.port2.postMessage(0);
  });
}"""


def imports(rounds=15):
    """Return the seconds of `import numpy`, alone and with course_lib: medians of fresh interpreters."""
    seconds = {"numpy": [], "numpy, course_lib": []}
    for _ in range(rounds):
        for modules, measured in seconds.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {modules}"], check=True, cwd=ROOT)
            measured.append(time.perf_counter() - start)
    return tuple(map(median, seconds.values()))


def free_port():
    """Return a port of this machine that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def serving(command, address, **options):
    """Run a server until its address answers, yield the seconds that took, and end it with all it started."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
        try:
            while not _answers(address):
                if server.poll() is not None or time.perf_counter() - start > 120:
                    output.seek(0)
                    raise SystemExit(f"{' '.join(command)} serves nothing:\n{output.read().decode()[-2000:]}")
                time.sleep(0.02)
            yield time.perf_counter() - start
        finally:
            started = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
            for process in started:
                process.terminate()
            for process in psutil.wait_procs(started, timeout=10)[1]:
                process.kill()
            server.wait()


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as page:
            return page.status == 200
    except urllib.error.HTTPError as error:
        return error.code == 403  # the page to log in: it is served
    except OSError:
        return False


def start_of_lab():
    """Return the seconds from a second `make lab` until its page is served."""
    port = free_port()
    flags = f"LAB_FLAGS=--no-browser --port {port}"
    for _ in range(2):  # the first does the set-up, where it hasn't been done
        with serving(["make", "lab", flags], f"http://127.0.0.1:{port}/lab", cwd=ROOT) as seconds:
            pass
    return seconds


@contextmanager
def jupyterlab(folder):
    """Serve a folder with the course's settings; yield the address of a notebook's name."""
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
               "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
               f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    own = {"JUPYTER_CONFIG_PATH": ROOT / "course_lib" / "jupyter", "PYTHONPATH": ROOT,
           "IPYTHONDIR": Path(folder) / ".ipython", "JUPYTERLAB_WORKSPACES_DIR": Path(folder) / ".lab"}
    address = f"http://127.0.0.1:{port}/lab"
    env = os.environ | {key: str(value) for key, value in own.items()}
    with serving(command, address, cwd=folder, env=env):
        yield lambda name: f"{address}/workspaces/{Path(name).stem}/tree/{name}"  # no other notebook's tabs


@contextmanager
def browser():
    """Yield a headless Chromium with nothing of its own on the network."""
    path = find_browser() or sys.exit(ADVICE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


def write_explorer(folder, name, setup, values):
    """Write a notebook that shows an explorer with some of its controls set."""
    moves = [f"shown.controls[{key!r}].value = {value!r}" for key, value in values.items()]
    cell = nbformat.v4.new_code_cell("\n".join([setup, "shown = explorer()", *moves, "shown"]), id="explorer")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), Path(folder) / name)


def show_explorer(page, address):
    """Open a notebook in JupyterLab, run its first cell, and wait for the explorer's picture."""
    page.goto(address)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)
    for _ in range(6):  # "idle" may be shown before the kernel listens; what is run then is lost
        page.locator(".jp-Cell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        try:
            return page.wait_for_selector("canvas[data-revision]", timeout=10_000)
        except TimeoutError:
            continue
    raise SystemExit(f"The explorer in {address} isn't shown within a minute.")


def presses(page, slider):
    """Press an arrow key on a slider, away from its nearer end, and turn at the ends; return the milliseconds."""
    slider.focus()
    low, high, now = (float(slider.get_attribute(f"aria-value{name}")) for name in ("min", "max", "now"))
    key = "ArrowLeft" if now > (low + high) / 2 else "ArrowRight"
    page.evaluate("() => { window.times.length = 0; }")
    for n in range(PRESSES):
        now = float(slider.get_attribute("aria-valuenow"))
        key = "ArrowRight" if now <= low else "ArrowLeft" if now >= high else key
        page.keyboard.press(key)
        page.wait_for_function(f"window.times.length > {n}", timeout=10_000)
        page.wait_for_timeout(100)  # as a person would; the kernel comes to rest
    return page.evaluate("() => window.times")


def key_to_picture():
    """Return (explorer, setting, control, milliseconds) for every slider, in a real JupyterLab."""
    found = []
    with tempfile.TemporaryDirectory() as folder, jupyterlab(folder) as address, browser() as chromium:
        for explorer, settings in EXPLORERS.items():
            setup = f"from course_lib.widgets.{explorer} import {explorer}_explorer as explorer"
            for setting, values in settings.items():
                name = f"{explorer}-{len(found)}.ipynb"
                write_explorer(folder, name, setup, values)
                page = chromium.new_page(viewport={"width": 1280, "height": 900})
                show_explorer(page, address(name))
                page.evaluate(STOPWATCH)
                for slider in page.locator(".course-explorer .noUi-handle").all():
                    control = slider.get_attribute("aria-label")
                    found.append((explorer, setting, control, presses(page, slider)))
                page.close()
    return found


def main():
    measures = {"imports": report_imports, "lab": report_lab, "explorers": report_explorers,
                "library": lambda: report("bench_library.py"), "transfer": lambda: report("bench_transfer.py")}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=measures, help="measure one thing and write nothing")
    only = parser.parse_args().only
    note = "Written by `make bench`. Times differ between machines: they are shown, never tested."
    lines = ["# Benchmarks", "", note, "", machine(), ""]
    for name in [only] if only else measures:
        lines += measures[name]()
    print("\n".join(lines))
    if not only:
        path = ROOT / "BENCHMARKS.md"
        kept = section(path.read_text(encoding="utf-8")) if path.exists() else ""  # of make bench-grading
        path.write_text("\n".join([*lines, *(["", kept] if kept else []), ""]), encoding="utf-8")


def report(script):
    """Run a script that measures and prints in a Python of its own, in which nothing else has begun threads."""
    command = [sys.executable, ROOT / "tools" / script]
    return ["", *subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.splitlines()]


def report_imports():
    alone, both = imports()
    added, alone = 1e3 * (both - alone), 1e3 * alone
    return [f"- `import course_lib` adds {added:.0f} ms to `import numpy` ({alone:.0f} ms); "
            "medians of 15 fresh interpreters each, in turn."]


def report_lab():
    return [f"- A second `make lab` serves its page after {start_of_lab():.1f} s."]


def report_explorers():
    rows = []
    for *names, times in key_to_picture():
        figures = [f"{ms:.0f} ms" for ms in (median(times), quantiles(times, n=10)[-1])]
        rows.append(f"| {' | '.join([*names, *figures])} |")
    return [f"- Key press to changed picture: Chromium and JupyterLab, {PRESSES} presses one by one:", "",
            "| explorer | setting | control | median | 90% within |", "|---|---|---|--:|--:|", *rows]


if __name__ == "__main__":
    main()
