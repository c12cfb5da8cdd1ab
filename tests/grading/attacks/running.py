"""Grades attacks, each followed by an honest submission in the same process, as a worker of a real batch would."""

import json
import multiprocessing
import os
import re
import socket
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from course_lib.exercises import exercises
from course_lib.grading.engine import judging, unit
from course_lib.grading.handed_in import lifting
from tests.grading.attacks import TRACE, Attack
from tests.grading.attacks.corpus import ATTACKS
from tests.grading.attacks.leaving import PORT
from tests.grading.attacks.peeking import SECRET

SEED = 20_261_122
WORKERS = 2
USUAL = judging.SECONDS  # the limit of an attack that has none of its own


def grade(attack):
    """Return the results of one submission, exercise -> dict, and the notes on it; "missing" if it can't be read."""
    try:
        lifted = lifting.lift(attack.data(), attack.notebook)
    except lifting.Unreadable as error:
        return _all_alike(attack, "missing", str(error)), (str(error),)
    try:
        results = json.loads(unit.grade(lifted.job, SEED))
    except Exception as error:  # which would end the whole batch
        return _all_alike(attack, f"the grader raised {error!r}", ""), ()
    assert [result["exercise"] for result in results] == list(exercises(attack.notebook))
    return {result["exercise"]: result for result in results}, lifted.notes


def _all_alike(attack, status, message):
    return {name: {"status": status, "score": 0, "message": message, "hint": ""} for name in exercises(attack.notebook)}


def faults(attack, results, notes):
    """Return what is wrong with the results, as sentences."""
    found = []
    for name, (statuses, mark) in attack.allowed().items():
        got = results[name]
        if got["status"] not in statuses or got["score"] != mark:
            wanted, told = " or ".join(statuses), f"{got['message']} {got.get('detail', '')}"[:300]
            found.append(f"{name}: {got['status']}, {got['score']:g} points; wanted {wanted}, {mark:g}. {told}")
    read = json.dumps([notes, [[result["message"], result["hint"]] for result in results.values()]], ensure_ascii=False)
    if attack.says and not re.search(attack.says, read):
        found.append(f"nothing says {attack.says!r}: {read[:500]}")
    if attack.hidden and re.search(attack.hidden, read):
        found.append(f"the student gets to read {re.search(attack.hidden, read)[0]!r}")
    return found


def run(name):
    """Grade an attack, who comes next, and an honest submission; return what was wrong, and the seconds."""
    attack, began = ATTACKS[name], time.monotonic()
    _limit(attack.seconds or USUAL)
    found = faults(attack, *grade(attack))
    seconds = time.monotonic() - began
    following = {"the next submission": Attack("next", attack.then)} if attack.then else {}
    for who, other in (following | {"the honest submission after it": Attack("honest")}).items():
        found += [f"{who}: {fault}" for fault in faults(other, *grade(other))]
    return found, seconds


def run_all(names, seconds=None):
    """Grade attacks in worker processes, with another time limit if wanted; return name -> (faults, seconds)."""
    pool = ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn"), _begin, (sys.path, seconds))
    with surroundings(), pool:
        jobs = {name: pool.submit(run, name) for name in names}
        try:
            return {name: job.result() for name, job in jobs.items()}
        finally:
            for _ in range(WORKERS):
                pool.submit(unit.close)


def _begin(path, seconds):
    global USUAL
    sys.path[:] = path
    os.environ["COURSE_ATTACK"] = SECRET
    USUAL = seconds or USUAL
    judging.IN_ALL = 60  # other tests may use the machine, and not the clock is what ends any of these


def _limit(seconds):
    if judging.SECONDS != seconds:
        judging.SECONDS = seconds
        judging.task.cache_clear()


@contextmanager
def surroundings():
    """Have around the sandbox what attacks look for: files, a port, an abstract socket; all of it harmless."""
    with tempfile.TemporaryDirectory(prefix=SECRET) as folder, socket.socket() as port, \
            socket.socket(socket.AF_UNIX) as abstract:
        (Path(folder) / f"{SECRET}.ipynb").write_text(SECRET)
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for server, address in ((port, ("127.0.0.1", PORT)), (abstract, f"\0{TRACE}-socket")):
            with suppress(OSError):  # somebody else listens there
                server.bind(address)
                server.listen()
        yield


def main():
    """Print every deviation: for those who work on the grader. Names, or parts of them, choose some attacks."""
    chosen = [name for name in ATTACKS if not sys.argv[1:] or any(part in name for part in sys.argv[1:])]
    began, bad = time.monotonic(), 0
    for name, (found, seconds) in run_all(chosen).items():
        bad += bool(found)
        if found or seconds > 3:
            print(f"{name} ({seconds:.1f} s){':' if found else ''}")
        for fault in found:
            print(f"    {fault}", flush=True)
    print(f"{len(chosen)} attacks, {bad} with deviations, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
