"""`make claims SEEDS=10`: the notebooks' claims with many seeds, as a table, and what failed."""

import argparse
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib import building
from tools import running


def main(arguments=None, *, root=building.ROOT, find=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="seeds 0 to this minus one (default 10)")
    parser.add_argument("--notebooks", nargs="+", metavar="NAME", help="all of them if none is named")
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=1, help="runs at a time (default 1)")
    options = parser.parse_args(arguments)
    known = building.names(root)
    chosen = options.notebooks or known
    if unknown := sorted(set(chosen) - set(known)):
        parser.error(f"no notebook {unknown[0]!r}, there are: {', '.join(known)}")
    if options.seeds < 1:
        parser.error(f"--seeds is {options.seeds}, expected at least 1")
    good = True
    with ThreadPoolExecutor(options.jobs) as pool:
        for name in chosen:
            nb = building.build(building.source_of(name, root), name, outputs=None, find=find)
            runs = [pool.submit(run_seed, nb, name, seed) for seed in range(options.seeds)]
            good &= report(name, [run.result() for run in runs])
    return 0 if good else 1


def run_seed(nb, name, seed):
    """Execute a notebook with a seed; return its claims, and the error that ended it or ""."""
    with tempfile.TemporaryDirectory(prefix="claims-") as folder:
        log = Path(folder) / "claims.jsonl"
        executed, run = running.execute(nb, name, COURSE_SEED=str(seed), COURSE_CLAIMS=str(log))
        print(f"{name}, seed {seed}: {run}", flush=True)
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [json.loads(line) for line in lines], "" if executed else run.output[-2000:]


def report(name, runs):
    """Print a notebook's table of claims by seeds; return whether all hold."""
    texts = list(dict.fromkeys(entry["claim"] for entries, _ in runs for entry in entries))
    print(f"\n{name}: {len(texts)} claims, seeds 0 to {len(runs) - 1} (+ holds, X fails, ? was not reached)")
    good, notes = bool(texts), [] if texts else ["  no claim was made"]
    for text in texts:
        marks = []
        for seed, (entries, _) in enumerate(runs):
            found = [entry for entry in entries if entry["claim"] == text]
            failed = [entry for entry in found if not entry["holds"]]
            marks.append("X" if failed else "+" if found else "?")
            notes += [f"  X seed {seed}: {text}\n      {entry.get('evidence', '')}" for entry in failed]
        good &= set(marks) == {"+"}
        print(f"  {''.join(marks)}  {text}")
    for seed, (_, error) in enumerate(runs):
        if error:
            good = False
            notes.append(f"  seed {seed} ended with an error:\n{error}")
    print("\n".join(notes), flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
