"""Runs notebooks with the faults planted in them, all or those named, two at a time and giving way to other programs.

Prints a JSON line for each: notebook, fault, the claims that held, those that failed, and the error if it raised one.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

import nbformat

from course_lib import building
from tests.notebooks import FAULTS
from tools import claims

# A kernel is a session of its own, and Linux shares processors out among sessions first: its niceness alone is nothing
GIVE_WAY = """
import pathlib
try:
    pathlib.Path("/proc/self/autogroup").write_text("19")
except OSError:
    pass
"""

def outcome(name, fault):
    """Return what becomes of a notebook's claims when it runs with the fault."""
    nb = building.build(building.source_of(name), name, outputs=None)
    nb.cells[:0] = [nbformat.v4.new_code_cell(source) for source in (GIVE_WAY, FAULTS[name][fault])]
    entries, error = claims.run_seed(nb, name, 0)
    failed = {entry["claim"] for entry in entries if not entry["holds"]}
    held = {entry["claim"] for entry in entries} - failed
    return {"notebook": name, "fault": fault, "held": sorted(held), "failed": sorted(failed), "error": error}


def main():
    os.nice(19)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(outcome, name, fault) for name in sys.argv[1:] or FAULTS for fault in FAULTS[name]]
        for run in as_completed(runs):
            print(json.dumps(run.result()), flush=True)


if __name__ == "__main__":
    main()
