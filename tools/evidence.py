"""What was proved of each notebook, and under which key.

A key names all that a result depends on: the built cells, the lock, the minor version of Python, and every file that
was loaded or read when it was made. Files of Python are compared without comments and docstrings.
"""

import ast
import hashlib
import json
import re
import subprocess
import sys
from copy import deepcopy
from functools import cache
from threading import Lock

import nbformat

from course_lib.delivery import building
from course_lib.delivery.building import ROOT

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
LOCK = Lock()  # for who reads a file of evidence and writes it again
FAULT = "fault: "  # begins the label of a run with a planted fault
NEAR, UNITS = 0.1, 3  # how far a claim's numbers may be apart in two runs: as a share, and in units of the last digit


# Keys


def fingerprint(path):
    """Return a hash of a file: of Python without comments and docstrings, of others as they are."""
    return _fingerprint(path, path.stat().st_mtime_ns) if path.exists() else "gone"


@cache
def _fingerprint(path, _modified):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = ast.dump(_without_docstrings(ast.parse(text)))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _without_docstrings(tree):
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if documented and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return tree


def full_key(nb, files, root=ROOT):
    """Return a notebook's key: what it was built to, and the files that its kernel loaded and read."""
    return building.key(nb, root) | {"python": PYTHON, "files": {name: fingerprint(root / name) for name in files}}


def differences(stored, today, root=ROOT):
    """Name what a stored key depends on and what is different today; nothing if it is up to date.

    Parameters
    ----------
    stored : dict
        A key, or an empty one if nothing was stored.
    today : dict
        As much of today's key as is known without running anything.
    """
    if not stored:
        return ["nothing is stored"]
    words = {"cells": "its cells", "lock": "requirements.txt", "python": f"Python, {stored.get('python')} before"}
    found = [words[part] for part, value in today.items() if part != "files" and stored.get(part) != value]
    return found + [name for name, before in stored["files"].items() if fingerprint(root / name) != before]


# Notebooks


def path_of(name, root=ROOT):
    """Return where the evidence of a notebook is: ``{label: {"key", "claims", "megabytes", "seconds", "made"}}``."""
    return root / "sources" / f"{name}.evidence.json"


def jobs(name, faults, root=ROOT, find=None):
    """Return what is proved of a notebook: dict from "blank", "solved" and "fault: ..." to the notebook to run."""
    source = building.source_of(name, root)
    made = {form: building.build(source, name, outputs=None, form=form, find=find) for form in building.FORMS}
    for label, planted in faults.items():
        nb = deepcopy(made["blank"])
        nb.cells.insert(0, nbformat.v4.new_code_cell(planted))
        made[FAULT + label] = nb
    return made


def stored(path):
    """Return what a file of evidence holds; nothing if it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def store(path, entries):
    """Write a file of evidence, the same text for the same entries."""
    text = json.dumps(entries, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def outdated(name, faults, root=ROOT, find=None):
    """Return what isn't proved of a notebook as it is today: dict from label to words that say why."""
    entries = stored(path_of(name, root))
    made = jobs(name, faults, root, find)
    today = {label: building.key(nb, root) | {"python": PYTHON} for label, nb in made.items()}
    found = {label: differences(entries.get(label, {}).get("key"), today[label], root) for label in made}
    found |= {label: ["there is no such job any more"] for label in entries if label not in made}
    outputs = differences(building.stored_outputs(name, root).get("key"), today["blank"], root)
    return {label: why for label, why in {**found, "outputs": outputs}.items() if why}


def judged(label, claims):
    """Say what is wrong with the claims of a run: all must hold, or with a planted fault not all; "" if it is well."""
    failed = [entry["claim"] for entry in claims if not entry["holds"]]
    if label.startswith(FAULT):
        return "" if failed else "no claim fails"
    return f"these claims fail: {'; '.join(failed)}" if failed else ""


def wrong(label, done):
    """Say what is wrong with an executed job: the error that ended it, or its claims; "" if all is well."""
    return judged(label, done.claims) if done.nb else done.run.output[-3000:]


def disagreements(entry, claims, machine):
    """Return how the claims of a second run differ from those stored: words, nothing if they agree.

    On another processor, which rounds otherwise, numbers and what hangs on them are left out.
    """
    before = entry["claims"]
    if [claim["claim"] for claim in before] != [claim["claim"] for claim in claims]:
        return ["other claims were made"]
    if entry["made"]["machine"].split(",")[0] != machine.split(",")[0]:
        return []
    return [f"{new['claim']}: stored {_said(old)}, found {_said(new)}" for old, new in zip(before, claims, strict=True)
            if old["holds"] != new["holds"] or not _alike(old["evidence"], new["evidence"])]


def _said(claim):
    return f"{'holds' if claim['holds'] else 'fails'} ({claim['evidence']})"


NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+−]?\d+)?")


def _alike(before, again):
    if NUMBER.split(before) != NUMBER.split(again):
        return False
    pairs = zip(NUMBER.findall(before), NUMBER.findall(again), strict=True)
    return all(_near(*map(_value, pair)) for pair in pairs)


def _near(a, b):
    return abs(a[0] - b[0]) <= 1.001 * max(NEAR * max(abs(a[0]), abs(b[0])), UNITS * min(a[1], b[1]))


def _value(text):
    """Return the number that a text says, and what a unit of its last digit is worth."""
    mantissa, _, exponent = text.replace("−", "-").replace(",", "").partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return float(f"{mantissa}e{exponent or 0}"), unit


# Where and when


def git(*arguments, root=ROOT):
    """Return what a git command prints; None where it fails or there is no git."""
    try:
        run = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return run.stdout.strip()
