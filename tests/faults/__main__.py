"""Prints the table of planted faults, of all modules or of those named; --write keeps it in docs."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.faults import planting  # noqa: E402

HEAD = """# Planted faults

Each of these mistakes, put into the library, is caught by its tests. Written by `make faults`.

| function | fault | verdict |
|---|---|---|
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=planting.with_faults())
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows, missed = [], 0
    for module, fault, verdict in planting.verdicts(options.modules):
        missed += not verdict.startswith(planting.CAUGHT)
        rows.append(planting.as_row(module, fault, verdict))
        print(rows[-1], flush=True)
    if options.write:
        planting.TABLE.write_text(HEAD + "\n".join([*rows, ""]), encoding="utf-8")
    sys.exit(f"{missed} not caught" if missed else 0)


if __name__ == "__main__":
    main()
