"""`make test`: the tests in three parts, so that both cores are busy and what has little patience runs alone."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A browser's pages wait for a kernel, and a person's patience is what is tested; what was proved is run again three
# jobs at a time. All else goes in lanes by groups (tests/conftest.py), handed out as the lanes become free: processes
# with a list each would leave one idle where another's list was longer than thought. There are three for two cores,
# since each waits for a third of its time: for kernels and sandboxes to start, for answers that only sleep.
BROWSER = ["tests/browser", "tests/grading/test_formgrader.py"]
AGAIN = ["tests/test_proved_again.py"]
LANES = ["-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder", "--durations=20"]
PARTS = {
    "in a browser": BROWSER,
    "in lanes": [*LANES, "tests", *(f"--ignore={path}" for path in BROWSER + AGAIN)],
    "what was proved": AGAIN,
}
if os.environ.get("COURSE_TRUST") == "nothing":  # make test-all: then it doesn't matter what evidence belongs to
    PARTS["in lanes"].append("--deselect=tests/test_evidence.py::test_what_is_stored_belongs_to_todays_files")
NOTHING_CHOSEN = 5  # pytest's exit code where no test fits, which is no failure if one fits elsewhere


def main(flags, *, root=ROOT):
    """Run the parts with pytest's flags, or what these name; return the exit code."""
    named = any((root / flag.split("::")[0]).exists() for flag in flags if not flag.startswith("-"))
    codes, rows = [], []
    for name, arguments in {"what was named": []}.items() if named else PARTS.items():
        before, began = os.times(), time.monotonic()
        codes.append(subprocess.call([sys.executable, "-m", "pytest", *arguments, *flags], cwd=root))
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        rows.append(f"  {name}: {time.monotonic() - began:.0f} s, {used:.0f} core-seconds, exit code {codes[-1]}")
    print("\n".join(["Tests, part by part:", *rows]), flush=True)
    failed = [code for code in codes if code not in (0, NOTHING_CHOSEN)]
    return failed[0] if failed else min(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
