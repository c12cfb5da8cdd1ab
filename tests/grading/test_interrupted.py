"""Killed, out of disk, without the right to write: what was stored stays, and a second run goes on from there."""

import os
import random
import re
import shutil
import subprocess
import sys
import time

import psutil
import pytest

from course_lib.grading.store import Store
from tests.grading import classes
from tests.grading.classes import ROOT, command, marks, notebook, write_class

N, KILLS = 200, 20
MAKE = {"pretended": notebook, "real": classes.real_notebook}


def grown(log, lines, process, seconds=600):
    """Wait until the log has more lines, or the process has ended."""
    end = time.monotonic() + seconds
    while log.read_text().count("\n") < lines and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.002)


def kill_at_random(process, log, draw):
    """Kill a batch early or after some more was done; return whether it was still running."""
    if draw.random() < 0.25:
        time.sleep(draw.uniform(0, 1.5))
    else:
        grown(log, log.read_text().count("\n") + draw.randint(0, 14), process)
        time.sleep(draw.uniform(0, 0.02))
    workers = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    running = process.poll() is None
    process.kill()
    process.wait()
    _, left = psutil.wait_procs(workers, timeout=300)
    for worker in left:
        worker.kill()
    assert not left  # no worker outlives its batch
    return running


@pytest.mark.parametrize("kind", ["real"])  # or "pretended": quicker, to look for faults in the batch alone
def test_killed_at_random_moments(kind, tmp_path):
    """Other moments every time: a failure shows their seed, and COURSE_TEST_SEED=... draws them again."""
    seed = int(os.environ.get("COURSE_TEST_SEED") or time.time_ns())
    print(f"COURSE_TEST_SEED={seed}")
    draw = random.Random(seed)
    folder = write_class(tmp_path / "in", N, MAKE[kind])
    calm = command("grade", folder, "--out", tmp_path / "calm", "--seed", 7, "--workers", 2, kind=kind)
    out, err = calm.communicate()
    assert calm.returncode == 0 and f"students: {N} graded.\n" in out, out + err

    kills = batches = 0
    while kills < KILLS:
        target, log, stored, seen, rounds = tmp_path / f"out{batches}", tmp_path / f"log{batches}", set(), 0, 0
        log.touch()
        while True:
            process = command("grade", folder, "--out", target, "--seed", 7, "--workers", 2, kind=kind, log=log)
            killed = kills < KILLS and kill_at_random(process, log, draw)
            if not killed:
                out, err = process.communicate() if kills == KILLS and process.poll() is None else ("", "")
                assert process.returncode == 0, out + err
            kills, rounds = kills + killed, rounds + 1
            lines = log.read_text().splitlines()
            assert not stored & set(lines[seen:])  # what was stored is not graded again
            seen = len(lines)
            stored = answers(target, kind)
            if not killed:
                break
        assert len(stored) == N and len(lines) <= N + rounds * 2 * 4
        with Store(target) as store, Store(tmp_path / "calm") as undisturbed:
            assert marks(store) == marks(undisturbed)
        batches += 1


def answers(folder, kind):
    """Return what the log says of the submissions that are stored."""
    import hashlib

    if not folder.exists():
        return set()
    with Store(folder) as store:
        students = [int(graded.student.removeprefix("student")) for graded in store.submissions()]
    if kind == "pretended":
        return {f"answer {i}" for i in students}
    lift = classes.real().lift
    return {hashlib.sha256(lift(MAKE[kind](f"answer {i}"), classes.SECOND).job).hexdigest() for i in students}


# A file system of one's own: as root, or as anybody where user namespaces are allowed (which the sandbox needs too)

BATCH = """
import subprocess, sys
from course_lib.grading.batch import grade_class
from course_lib.grading.store import Store, StoreError
from tests.grading.classes import marks, pretended

folder, calm, disk = sys.argv[1:]


def run(out, engine=pretended()):
    return grade_class(folder, out, workers=2, seed=7, with_engine=engine, progress=False)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)
"""

FULL = """
from course_lib.exercises.core import exercises

if __name__ == "__main__":
    for size in ("12k", "60k", "200k", "400k", "600k"):
        mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk)
        try:
            run(disk + "/out")
        except StoreError as error:
            print(error)
        else:
            print("no error with", size)
        subprocess.run(["mount", "-o", "remount,size=50m", "tmpfs", disk], check=True)
        with Store(disk + "/out", seed=7) as store:
            before = marks(store)
        summary = run(disk + "/out")
        with Store(disk + "/out") as store, Store(calm) as undisturbed:
            assert marks(store) == marks(undisturbed)
            assert before.items() <= marks(store).items()
        print("kept", summary.kept, "graded", summary.graded)
        assert summary.kept * len(exercises("01_vanishing_gradients")) == len(before)
        subprocess.run(["umount", disk], check=True)
"""

READ_ONLY = """
if __name__ == "__main__":
    run(disk + "/out")
    with Store(disk + "/out") as store:
        before = marks(store)
    mount("--bind", disk, disk)
    mount("-o", "remount,bind,ro", disk)
    for out in ("/out", "/new", "/new/deeper"):
        try:
            run(disk + out)
        except StoreError as error:
            print(error)
    subprocess.run(["umount", disk], check=True)
    with Store(disk + "/out") as store:
        assert marks(store) == before
    assert run(disk + "/out").kept == 200
"""


def in_own_namespace(script, tmp_path):
    """Run a script with file systems of its own; return what it printed."""
    folder, calm, disk = (tmp_path / name for name in ("in", "calm", "disk"))
    disk.mkdir()
    write_class(folder, N)
    done = command("grade", folder, "--out", calm, "--seed", 7)
    assert done.communicate() and done.returncode == 0
    file = tmp_path / "script.py"
    file.write_text(BATCH + script)
    own = next(
        (
            [*prefix, "--"]
            for prefix in (["unshare", "-m"], ["unshare", "-r", "-m"])
            if shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0
        ),
        None,
    )
    if own is None:
        pytest.skip("neither root nor user namespaces: no file system of one's own")
    done = subprocess.run([*own, sys.executable, str(file), str(folder), str(calm), str(disk)], cwd=ROOT, text=True,
                          capture_output=True, timeout=900,
                          env=classes.os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path):
    said = in_own_namespace(FULL, tmp_path)
    assert said.count(f"can't be kept in {tmp_path / 'disk' / 'out'}") == 5, said
    assert said.count("the disk is full") == 5 and "no error" not in said
    kept = [int(n) for n in re.findall(r"kept (\d+)", said)]
    assert kept == sorted(kept) and kept[0] == 0 and 0 < kept[-1] < N, said


def test_an_output_that_is_read_only_is_told(tmp_path):
    said = in_own_namespace(READ_ONLY, tmp_path).splitlines()
    disk = tmp_path / "disk"
    assert f"{disk}/out/grades.sqlite: it can't be written to" in said[0]
    assert said[1] == f"The folder {disk}/new can't be made: Read-only file system."
    assert said[2] == f"The folder {disk}/new/deeper can't be made: Read-only file system."
    assert len(said) == 3
