"""Prints the table of planted faults, of all modules or of those named.

--write  keeps it in docs
--both   plants every fault afresh too, and fails where one of the two ways catches it and the other doesn't
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.faults import planting  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=planting.with_faults())
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--both", action="store_true")
    options = parser.parse_args()
    found, rows, before = [], {}, core_seconds()
    for module, fault, verdict in planting.verdicts(options.modules):
        found.append((module, fault, verdict))
        rows.setdefault(module, []).append(planting.as_row(module, fault, verdict))
        print(rows[module][-1], flush=True)
    print(f"{len(found)} faults, {core_seconds() - before:.0f} core-seconds")
    if options.write:
        planting.write_table(rows)
    missed = sum(not caught(verdict) for *_, verdict in found)
    complaints = [f"{missed} not caught"] if missed else []
    if options.both and (differing := otherwise_afresh(options.modules, found)):
        complaints += [f"{differing} otherwise if planted afresh"]
    sys.exit(", ".join(complaints) or 0)


def otherwise_afresh(modules, found):
    """Plant all the faults afresh; return how many are caught only one of the two ways."""
    differing, others, before = [], 0, core_seconds()
    for (module, fault, quick), (*_, afresh) in zip(found, planting.verdicts(modules, quick=False), strict=True):
        others += quick != afresh
        if caught(quick) != caught(afresh):
            differing.append(planting.as_row(module, fault, f"{quick}, afresh {afresh}"))
    print(*differing, f"afresh: {core_seconds() - before:.0f} core-seconds; {len(differing)} caught only one way, "
          f"{others - len(differing)} by another test", sep="\n")
    return len(differing)


def caught(verdict):
    return verdict.startswith(planting.CAUGHT)


def core_seconds():
    """Return the processor time that this process and its children have taken."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main()
