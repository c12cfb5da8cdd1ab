"""`make prove`: run what isn't proved of the notebooks, and write down what came of it."""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from fnmatch import fnmatch
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib.delivery import building
from course_lib.delivery.cells import BuildError
from tools import build_notebooks, evidence, running

WRITTEN = ("notebooks/*.ipynb", "sources/*.json", "README.md")


class Refused(Exception):
    """Nothing may be written down; the message says why."""


def main(arguments=None, *, root=building.ROOT, find=None, faults=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="notebooks; all of them if none is named")
    parser.add_argument("--all", action="store_true", help="trust nothing that is stored")
    parser.add_argument("--dry-run", action="store_true", help="say what isn't proved, and why, and run nothing")
    options = parser.parse_args(arguments)
    known = building.names(root)
    if unknown := sorted(set(options.names) - set(known)):
        parser.error(f"no notebook {unknown[0]!r}, there are: {', '.join(known)}")
    if faults is None:
        from tests.notebooks import FAULTS as faults
    proof = Proof(faults, root, find)
    lacking = {name: proof.lacking(name, options.all) for name in options.names or known}
    for name, found in lacking.items():
        for label, why in found.items():
            print(f"not proved: {name}, {label}: {', '.join(why[:3])}{' and more' if len(why) > 3 else ''}", flush=True)
    if options.dry_run:
        return 1 if any(lacking.values()) else 0
    try:
        proof.commit = clean_commit(root)
        return 0 if proof.run(lacking) else 1
    except Refused as error:
        print(f"refused. {error}", flush=True)
        return 1


def clean_commit(root):
    """Return the commit that is checked out; what is proved must be what is committed."""
    commit, status = evidence.git("rev-parse", "HEAD", root=root), evidence.git("status", "--porcelain", root=root)
    if commit is None or status is None:
        raise Refused(f"{root} is no git checkout, and evidence says on which commit it was made.")
    files = [line.split(maxsplit=1)[1] for line in status.splitlines()]
    if dirty := [file for file in files if not any(fnmatch(file, pattern) for pattern in WRITTEN)]:
        raise Refused(f"{dirty[0]} isn't committed (git status says more): commit first, so that what is proved is "
                      "what others get.")
    return commit


class Proof:
    """Runs the jobs of some notebooks and writes down what came of them, each as soon as it is done."""

    def __init__(self, faults, root, find=None):
        self.faults, self.root, self.find = faults, root, find
        self.commit, self.machine, self.done = "", running.machine(), {}

    def lacking(self, name, everything=False):
        """Return what isn't proved of a notebook: dict from label to words that say why."""
        found = evidence.outdated(name, self.faults.get(name, {}), self.root, self.find)
        if everything:
            found = dict.fromkeys([*evidence.jobs(name, self.faults.get(name, {}), self.root, self.find), "outputs"],
                                  ["everything is asked for"])
        if "outputs" in found:  # stored from the runs of both forms
            found = {form: found.get(form, found["outputs"]) for form in building.FORMS} | found
        return found

    def run(self, lacking):
        """Run what is lacking; return whether all of it is well."""
        made = {name: evidence.jobs(name, self.faults.get(name, {}), self.root, self.find) for name in lacking}
        alone = [(name, "blank") for name in lacking if "outputs" in lacking[name]]  # its time is measured
        good = all([self.job(made[name]["blank"], name, "blank") for name, _ in alone])
        others = [(name, label) for name in lacking for label in made[name]
                  if label in lacking[name] and (name, label) not in alone]
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(self.job, made[name][label], name, label, running.ONE_THREAD) for name, label in others]
            for run in as_completed(runs):
                good &= run.result()
        for name in lacking:
            self.drop(name, made[name])
            if "outputs" in lacking[name] and self.done.get(name, {}).keys() >= set(building.FORMS):
                good &= self.outputs(name)
        build_notebooks.write_table(self.root)
        return good

    def job(self, nb, name, label, environment=()):
        """Run one job and store it if it is as it should be; return whether it is."""
        form = "solved" if label == "solved" else "blank"
        done = running.execute(nb, name, **running.FORM_VARIABLES[form], **dict(environment))
        print(f"{name}, {label}: {done.run}", flush=True)
        if wrong := evidence.wrong(label, done):
            print(f"{name}, {label}: not proved. {wrong}", flush=True)
            return False
        if clean_commit(self.root) != self.commit:
            raise Refused("Another commit was checked out while this ran.")
        self.done.setdefault(name, {})[label] = done
        entry = {"key": evidence.full_key(nb, done.files, self.root), "claims": done.claims,
                 "seconds": round(done.run.seconds), "megabytes": round(done.run.megabytes),
                 "made": {"commit": self.commit, "machine": self.machine}}
        path = evidence.path_of(name, self.root)
        with evidence.LOCK:
            evidence.store(path, evidence.stored(path) | {label: entry})
        return True

    def drop(self, name, made):
        """Forget jobs that there are no more."""
        path = evidence.path_of(name, self.root)
        evidence.store(path, {label: entry for label, entry in evidence.stored(path).items() if label in made})

    def outputs(self, name):
        """Store what the two forms printed, and rebuild the learner's notebook with it."""
        forms = {form: self.done[name][form] for form in building.FORMS}
        try:
            build_notebooks.store_outputs(name, **forms, root=self.root, find=self.find)
            return build_notebooks.rebuild(name, self.root, self.find)
        except BuildError as error:
            print(f"{name}: refused. {error}", flush=True)
            return False


if __name__ == "__main__":
    sys.exit(main())
