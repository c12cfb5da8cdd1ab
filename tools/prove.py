"""`make prove`: run what isn't proved of the notebooks and of the library's planted faults, and write it down."""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from fnmatch import fnmatch
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib import building
from course_lib.cells import BuildError
from tools import build_notebooks, evidence, running

WRITTEN = ("notebooks/*.ipynb", "notebooks/src/*.json", "README.md", "docs/planted_faults.md", str(evidence.MODULES))


class Refused(Exception):
    """Nothing may be written down; the message says why."""


def main(arguments=None, *, root=building.ROOT, find=None, faults=None, modules=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="notebooks and modules with planted faults; all if none is named")
    parser.add_argument("--all", action="store_true", help="trust nothing that is stored")
    parser.add_argument("--dry-run", action="store_true", help="say what isn't proved, and why, and run nothing")
    options = parser.parse_args(arguments)
    from tests import notebooks
    from tests.faults import planting

    faults = notebooks.FAULTS if faults is None else faults
    modules = planting.with_faults() if modules is None else modules
    known = [*building.names(root), *modules]
    if unknown := sorted(set(options.names) - set(known)):
        parser.error(f"nothing is called {unknown[0]!r}, there are: {', '.join(known)}")
    chosen = [name for name in known if name in (options.names or known)]
    proof = Proof([name for name in chosen if name not in modules], faults, root, find)
    lacking = {name: proof.lacking(name, options.all) for name in proof.names}
    behind = evidence.outdated_modules([name for name in chosen if name in modules], root)
    if options.all:
        behind = {module: ["everything is asked for"] for module in chosen if module in modules}
    for what, why in [*((f"{name}, {label}", why) for name in lacking for label, why in lacking[name].items()),
                      *behind.items()]:  # fmt: skip
        print(f"not proved: {what}: {', '.join(why[:3])}{' and more' if len(why) > 3 else ''}", flush=True)
    if options.dry_run:
        return 1 if any(lacking.values()) or behind else 0
    try:
        proof.commit = clean_commit(root)
        good = proof.run(lacking)
        good &= try_modules(list(behind), proof) if behind else True
    except Refused as error:
        print(f"refused. {error}", flush=True)
        return 1
    return 0 if good else 1


def clean_commit(root):
    """Return the commit that is checked out; what is proved must be what is committed."""
    commit, status = evidence.git("rev-parse", "HEAD", root=root), evidence.git("status", "--porcelain", root=root)
    if commit is None or status is None:
        raise Refused(f"{root} is no git checkout, and evidence says on which commit it was made.")
    files = [line.split(maxsplit=1)[1] for line in status.splitlines()]
    if dirty := [file for file in files if not any(fnmatch(file, pattern) for pattern in WRITTEN)]:
        raise Refused(f"{dirty[0]} isn't committed (git status says more): commit first, so that what is proved is "
                      "what others get.")  # fmt: skip
    return commit


class Proof:
    """Runs the jobs of some notebooks and writes down what came of them, each as soon as it is done."""

    def __init__(self, names, faults, root, find):
        self.names, self.faults, self.root, self.find = names, faults, root, find
        self.commit, self.machine, self.done = "", running.machine(), {}

    def lacking(self, name, everything=False):
        """Return what isn't proved of a notebook: dict from label to words that say why."""
        found = evidence.outdated(name, self.faults.get(name, {}), self.root, self.find)
        if everything:
            found = dict.fromkeys([*evidence.jobs(name, self.faults.get(name, {}), self.root, self.find), "outputs"],
                                  ["everything is asked for"])  # fmt: skip
        if "outputs" in found:  # stored from the runs of both forms
            found = {form: found.get(form, found["outputs"]) for form in building.FORMS} | found
        return found

    def run(self, lacking):
        """Run what is lacking; return whether all of it is well."""
        made = {name: evidence.jobs(name, self.faults.get(name, {}), self.root, self.find) for name in lacking}
        alone = [(name, "blank") for name in lacking if "outputs" in lacking[name]]  # its time is measured
        good = all([self.job(made[name]["blank"], name, "blank") for name, _ in alone])
        others = [(name, label) for name in lacking for label in made[name]
                  if label in lacking[name] and (name, label) not in alone]  # fmt: skip
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
                 "seconds": round(done.run.seconds), "megabytes": round(done.run.megabytes), "made": self.made}
        path = evidence.path_of(name, self.root)
        with evidence.LOCK:
            evidence.store(path, evidence.stored(path) | {label: entry})
        return True

    @property
    def made(self):
        """On which commit and machine."""
        return {"commit": self.commit, "machine": self.machine}

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


def try_modules(modules, proof):
    """Plant the faults of some modules, renew the table and the evidence; return whether all are caught."""
    from tests.faults import planting

    loaded, rows = {}, {}
    for module, fault, verdict in planting.verdicts(modules, loaded=loaded):
        rows.setdefault(module, []).append((planting.as_row(module, fault, verdict), verdict))
    good = [module for module in modules if all(verdict.startswith(planting.CAUGHT) for _, verdict in rows[module])]
    for row, verdict in (found for module in modules for found in rows[module]):
        if not verdict.startswith(planting.CAUGHT):
            print(row, flush=True)
    if clean_commit(proof.root) != proof.commit:
        raise Refused("Another commit was checked out while the faults were tried.")
    planting.write_table({module: [row for row, _ in rows[module]] for module in good})
    entries = {module: {"key": evidence.module_key(module, loaded[module], proof.root), "made": proof.made}
               for module in good}  # fmt: skip
    path = proof.root / evidence.MODULES
    evidence.store(path, evidence.stored(path) | entries)
    return len(good) == len(modules)


if __name__ == "__main__":
    sys.exit(main())
