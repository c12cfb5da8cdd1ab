"""`make claims SEEDS=10 FIRST=0`: the notebooks' claims with many seeds, as a table, and what failed."""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib.delivery import building
from tools import running


def main(arguments=None, *, root=building.ROOT, find=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds (default 10)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (default 0)")
    parser.add_argument("--notebooks", nargs="+", metavar="NAME", help="all of them if none is named")
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=1, help="runs at a time (default 1)")
    options = parser.parse_args(arguments)
    known = building.names(root)
    chosen = options.notebooks or known
    if unknown := sorted(set(chosen) - set(known)):
        parser.error(f"no notebook {unknown[0]!r}, there are: {', '.join(known)}")
    if options.seeds < 1:
        parser.error(f"--seeds is {options.seeds}, expected at least 1")
    if not 0 <= options.first <= 2**32 - options.seeds:
        parser.error(f"--first is {options.first}, expected a seed: from 0 to 2**32 - 1, the last one included")
    seeds = range(options.first, options.first + options.seeds)
    good = True
    with ThreadPoolExecutor(options.jobs) as pool:
        for name in chosen:
            nb = building.build(building.source_of(name, root), name, outputs=None, find=find)
            threads = running.ONE_THREAD if options.jobs > 1 else {}
            runs = [pool.submit(run_seed, nb, name, seed, **threads) for seed in seeds]
            good &= report(name, dict(zip(seeds, (run.result() for run in runs), strict=True)))
    return 0 if good else 1


def run_seed(nb, name, seed, **environment):
    """Execute a notebook with a seed; return its claims, and the error that ended it or ""."""
    done = running.execute(nb, name, COURSE_SEED=str(seed), **environment)
    print(f"{name}, seed {seed}: {done.run}", flush=True)
    return done.claims, "" if done.nb else done.run.output[-2000:]


def report(name, runs):
    """Print a notebook's table of claims by seeds; return whether all hold."""
    texts = list(dict.fromkeys(entry["claim"] for entries, _ in runs.values() for entry in entries))
    print(f"\n{name}: {len(texts)} claims, seeds {min(runs)} to {max(runs)} (+ holds, X fails, ? was not reached)")
    good, notes = bool(texts), [] if texts else ["  no claim was made"]
    for text in texts:
        marks = []
        for seed, (entries, _) in runs.items():
            found = [entry for entry in entries if entry["claim"] == text]
            failed = [entry for entry in found if not entry["holds"]]
            marks.append("X" if failed else "+" if found else "?")
            notes += [f"  X seed {seed}: {text}\n      {entry.get('evidence', '')}" for entry in failed]
        good &= set(marks) == {"+"}
        print(f"  {''.join(marks)}  {text}")
    for seed, (_, error) in runs.items():
        if error:
            good = False
            notes.append(f"  seed {seed} ended with an error:\n{error}")
    print("\n".join(notes), flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
