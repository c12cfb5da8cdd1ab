"""Runs a part of what is proved once more and compares: what changed last, then what the commit's hash draws.

Nobody chooses what is drawn, so evidence that is forged, or was made on another library, is found within a few commits.
"""

import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import NamedTuple

from course_lib import building
from course_lib.building import ROOT
from tools import build_notebooks, evidence, running

CHANGED = 15 * 60  # seconds for what changed with the last evidence
DRAWN = 4 * 60  # and for what is drawn besides
LANES = 2


class Job(NamedTuple):
    """A run of a notebook, or the planted faults of a module, for which there is no label."""

    name: str
    label: str
    seconds: float  # that it took when it was proved

    def __str__(self):
        return f"{self.name}, {self.label or 'planted faults'}"


def everything(faults, modules):
    """Return all jobs there are, proved or not."""
    labels = {name: evidence.jobs(name, faults.get(name, {})) for name in building.names()}
    notebooks = [Job(name, label, 0) for name in labels for label in labels[name] if label != "blank"]
    return notebooks + [Job(module, "", 0) for module in modules]


def proved(root=ROOT):
    """Return all jobs of which there is evidence, but the blank form, which the tests run anyway; and their files."""
    found = {}
    for path in [root / evidence.MODULES, *(evidence.path_of(name, root) for name in building.names(root))]:
        for key, entry in evidence.stored(path).items():
            name, label = (key, "") if path == root / evidence.MODULES else (path.name.split(".")[0], key)
            if label != "blank":
                found[Job(name, label, entry["seconds"])] = path, key, entry["key"]
    return found


def base(root=ROOT):
    """Return the commit before the evidence: what COURSE_BASE says, else the parent of the last that changed any."""
    if os.environ.get("COURSE_BASE"):
        return os.environ["COURSE_BASE"]
    files = "notebooks/src/*.evidence.json", str(evidence.MODULES)
    last = evidence.git("log", "-1", "--format=%H", "--", *files, root=root)
    return f"{last}^" if last else ""


def order(root=ROOT):
    """Return the jobs whose key changed since `base`, and the others, both in an order that the commit's hash draws."""
    jobs, before = proved(root), {}
    for path, _, _ in jobs.values():
        if path not in before:
            text = evidence.git("show", f"{base(root)}:{path.relative_to(root).as_posix()}", root=root)
            before[path] = json.loads(text) if text else {}
    changed = [job for job, (path, key, today) in jobs.items() if before[path].get(key, {}).get("key") != today]
    others = [job for job in jobs if job not in changed]
    draw = random.Random(evidence.git("rev-parse", "HEAD", root=root) or "no commit")
    return draw.sample(changed, len(changed)), draw.sample(others, len(others))


class Found(NamedTuple):
    """What came of a job: its claims, and what is wrong with it or with what is stored of it, in words."""

    claims: list
    wrong: list


def run(job, faults):
    """Run one job once more and compare."""
    if not job.label:
        command = [sys.executable, "-m", "tests.faults", job.name]
        tried = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return Found([], [] if tried.returncode == 0 else [tried.stdout[-2000:] + tried.stderr[-2000:]])
    nb = evidence.jobs(job.name, faults.get(job.name, {}))[job.label]
    form = "solved" if job.label == "solved" else "blank"
    done = running.execute(nb, job.name, **running.ONE_THREAD, **running.FORM_VARIABLES[form])
    if wrong := evidence.wrong(job.label, done):
        return Found(done.claims, [wrong])
    found, texts = [], building.stored_outputs(job.name).get("outputs")
    if form == job.label and build_notebooks.checked_outputs(job.name, done.nb) != texts:
        found = ["it prints other texts than those stored"]
    entry = evidence.stored(evidence.path_of(job.name)).get(job.label)
    return Found(done.claims, found + (evidence.disagreements(entry["claims"], done.claims) if entry else []))


class Within:
    """Hands jobs out in their order while they fit into a time."""

    def __init__(self, jobs, seconds):
        self.jobs, self.end, self.lock = list(jobs), time.monotonic() + seconds, Lock()

    def next(self):
        """Return the first job that fits into what is left of the time; None if there is none."""
        with self.lock:
            left = self.end - time.monotonic()
            found = next((job for job in self.jobs if job.seconds <= left), None)
            if found:
                self.jobs.remove(found)
            return found


def run_within(jobs, seconds, faults, say=print):
    """Run jobs two at a time while they fit into the time; return what was found: dict from job to `Found`."""
    within, found = Within(jobs, seconds), {}

    def lane(_):
        while job := within.next():
            began = time.monotonic()
            found[job] = run(job, faults)
            say(f"{job}: {time.monotonic() - began:.0f} s, {'differs' if found[job].wrong else 'as stored'}")

    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(lane, range(LANES)))
    return found
