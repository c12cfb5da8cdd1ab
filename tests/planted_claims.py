"""Run notebooks with planted faults; write a file of [notebook, fault, claims that hold, claims that fail, error].

A program of its own, so that it can begin with the tests and use the core that most of them leave idle, untouched by
what they do to their environment.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from course_lib import building
from tests.notebooks import FAULTS
from tools import claims


def outcome(name, fault):
    """Return the claims that hold and those that fail when the notebook runs with the fault, and what ended it."""
    nb = building.build(building.source_of(name), name, outputs=None)
    nb.cells.insert(0, nbformat.v4.new_code_cell(FAULTS[name][fault]))
    entries, error = claims.run_seed(nb, name, 0)
    failed = {entry["claim"] for entry in entries if not entry["holds"]}
    return sorted({entry["claim"] for entry in entries} - failed), sorted(failed), error


def main(path):
    """Run all of them, two at a time, and write the file."""
    planted = [(name, fault) for name in FAULTS for fault in FAULTS[name]]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda pair: [*pair, *outcome(*pair)], planted))
    Path(path).write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
