"""Runs a part of what is proved once more and compares: what changed last, then what the commit's hash draws.

Nobody chooses what is drawn, so evidence that is forged, or was made on another library, is found within a few commits.
"""

import json
import math
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import NamedTuple

from course_lib.delivery import building
from course_lib.delivery.building import ROOT
from tools import build_notebooks, evidence, running

CHANGED = 15 * 60  # seconds for what changed with the last evidence
DRAWN = 3 * 60  # and for what is drawn besides
LANES = 3  # for two cores: each waits for a part of its time


class Job(NamedTuple):
    """A run of a notebook, as `evidence.jobs` calls it."""

    name: str
    label: str
    seconds: float  # that it took when it was proved

    def __str__(self):
        return f"{self.name}, {self.label}"


def everything(faults):
    """Return all jobs there are but the blank forms, which the tests run anyway, proved or not."""
    labels = {name: evidence.jobs(name, faults.get(name, {})) for name in building.names()}
    return [Job(name, label, 0) for name in labels for label in labels[name] if label != "blank"]


def proved(root=ROOT):
    """Return all jobs of which there is evidence, but the blank forms: dict from job to its key."""
    entries = {name: evidence.stored(evidence.path_of(name, root)) for name in building.names(root)}
    return {Job(name, label, entry["seconds"]): entry["key"]
            for name in entries for label, entry in entries[name].items() if label != "blank"}


def base(root=ROOT):
    """Return the commit before the evidence: what COURSE_BASE says, else the parent of the last that changed any."""
    if os.environ.get("COURSE_BASE"):
        return os.environ["COURSE_BASE"]
    last = evidence.git("log", "-1", "--format=%H", "--", "sources/*.evidence.json", root=root)
    return f"{last}^" if last else ""


def order(root=ROOT):
    """Return the jobs whose key changed since `base`, and the others, both in an order that the commit's hash draws."""
    jobs, start, before = proved(root), base(root), {}
    for name in building.names(root):
        path = evidence.path_of(name, root).relative_to(root).as_posix()
        before[name] = json.loads(evidence.git("show", f"{start}:{path}", root=root) or "{}")
    changed = [job for job, key in jobs.items() if before[job.name].get(job.label, {}).get("key") != key]
    others = [job for job in jobs if job not in changed]
    draw = random.Random(evidence.git("rev-parse", "HEAD", root=root) or "no commit")
    return draw.sample(changed, len(changed)), draw.sample(others, len(others))


class Found(NamedTuple):
    """What came of a job: its claims, and what is wrong with it or with what is stored of it, in words."""

    claims: list
    wrong: list


def run(job, faults):
    """Run one job once more and compare."""
    nb = evidence.jobs(job.name, faults.get(job.name, {}))[job.label]
    form = "solved" if job.label == "solved" else "blank"
    done = running.execute(nb, job.name, **running.ONE_THREAD, **running.FORM_VARIABLES[form])
    if wrong := evidence.wrong(job.label, done):
        return Found(done.claims, [wrong])
    found, texts = [], building.stored_outputs(job.name).get("outputs")
    if form == job.label and build_notebooks.checked_outputs(job.name, done.nb) != texts:
        found = ["it prints other texts than those stored"]
    entry = evidence.stored(evidence.path_of(job.name)).get(job.label)
    if entry:
        found += evidence.disagreements(entry, done.claims, running.machine())
    return Found(done.claims, found)


class Within:
    """Hands jobs out in their order: one to each lane whatever it takes, so that all can be drawn; then what fits."""

    def __init__(self, jobs, seconds):
        self.jobs, self.end, self.lock, self.free = list(jobs), time.monotonic() + seconds, Lock(), LANES

    def next(self):
        """Return the next job; None if none fits into what is left of the time."""
        with self.lock:
            left = math.inf if self.free > 0 else self.end - time.monotonic()
            found = next((job for job in self.jobs if job.seconds <= left), None)
            if found:
                self.free -= 1
                self.jobs.remove(found)
            return found


def run_within(jobs, seconds, faults, say=print):
    """Run jobs side by side while they fit into the time; return what was found: dict from job to `Found`."""
    within, found = Within(jobs, seconds), {}

    def lane(_):
        while job := within.next():
            began = time.monotonic()
            found[job] = run(job, faults)
            say(f"{job}: {time.monotonic() - began:.0f} s, {'differs' if found[job].wrong else 'as stored'}")

    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(lane, range(LANES)))
    return found
