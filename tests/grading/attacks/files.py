"""Notebook files that are damaged, old, from elsewhere, or rearranged."""
# ruff: noqa: E501 (pieces of source)

import json
import random

from tests.grading.attacks import ANSWERS, Attack, add_cell, notebook_with
from tools.simulate import as_bytes, cell

ALL = dict.fromkeys(ANSWERS, "missing")
WRONG = {"logistic": "def logistic(z):\n    return z\n"}
TWO = ("logistic", "logistic_derivative")


def raw(change):
    """Return a change of the file's bytes."""
    return lambda content: change(as_bytes(content))


def constant(data):
    return lambda content: data


def edited(change):
    """Return a change of the notebook in place."""

    def apply(content):
        change(content)
        return content

    return apply


def version(number):
    """Return a change to an older format, by nbformat."""

    def convert(content):
        import nbformat

        joined = nbformat.reads(json.dumps(content), as_version=4)
        old = joined if number == 4 else nbformat.convert(joined, number)
        text = nbformat.writes(old, version=nbformat.NO_CONVERT)
        if number == 4:
            old = json.loads(text) | {"nbformat_minor": 0}
            for each in old["cells"]:
                each.pop("id", None)
            text = json.dumps(old)
        return text.encode()

    return convert


def version_2(content):
    """Write format 2 by hand: what nbformat makes of it has lost the cells' metadata."""
    cells = [{"cell_type": c["cell_type"], "input": "".join(c["source"]), "language": "python", "outputs": [], "metadata": c["metadata"]}
             if c["cell_type"] == "code" else {"cell_type": c["cell_type"], "source": "".join(c["source"])} for c in content["cells"]]
    return as_bytes({"metadata": {"name": ""}, "nbformat": 2, "worksheets": [{"cells": cells, "metadata": {}}]})


def meta(content, name):
    return cell(content, name)["metadata"]["nbgrader"]


def swap(content, change):
    change(content["cells"])


def each(content, change):
    for one in content["cells"]:
        change(one)


def twin(content, name, source, *, below):
    """Put a copy of a cell, with another source, above or below it."""
    first = cell(content, name)
    copy = json.loads(json.dumps(first)) | {"source": source.splitlines(keepends=True), "id": "twin"}
    content["cells"].insert(content["cells"].index(first) + below, copy)


def swapped_ids(content):
    first, second = (cell(content, name) for name in TWO)
    first["metadata"], second["metadata"] = second["metadata"], first["metadata"]
    first["id"], second["id"] = second["id"], first["id"]


def as_text(content, kind="markdown"):
    one = cell(content, "logistic")
    one["cell_type"] = kind
    del one["outputs"], one["execution_count"]


def edited_set_up(content):
    first = next(c for c in content["cells"] if c["cell_type"] == "code")
    first["source"] = ["import math\n", *first["source"], "\nHALF = 0.5\n"]


def edited_demonstration(content, source):
    demonstration = next(c for c in content["cells"] if "".join(c["source"]).startswith("from functools import partial"))
    demonstration["source"] = source.splitlines(keepends=True)


def without(content, *names):
    content["cells"] = [c for c in content["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") not in names]


def gone(content, keep):
    content["cells"] = [c for c in content["cells"] if keep(c)]


def huge_output(content):
    cell(content, "logistic-check")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 3 * 10**6}]


def shuffled(content):
    random.Random(0).shuffle(content["cells"])


DAMAGED = {
    "an empty file": constant(b""), "spaces": constant(b"  \n"), "null": constant(b"null"), "a number": constant(b"1"), "a list": constant(b"[]"), "an empty dict": constant(b"{}"),
    "a web page": constant(b"<!DOCTYPE html><html></html>"), "bytes": constant(bytes(range(256)) * 100), "a zip archive": constant(b"PK\x03\x04" + bytes(1000)),
    "half a file": raw(lambda data: data[: len(data) // 2]), "one bracket too few": raw(lambda data: data.rstrip()[:-1]),
    "a comma too many": raw(lambda data: data.replace(b'"cells": [', b'"cells": [,', 1)), "two files in one": raw(lambda data: data * 2),
    "a conflict of git": raw(lambda data: data.replace(b'"cells"', b"<<<<<<< HEAD\n=======\n>>>>>>> b\n" + b'"cells"', 1)),
    "100,000 nested lists": raw(lambda data: b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"," + data.strip()[1:]),
    "100,000 open lists": constant(b"[" * 100_000), "a million open dicts": constant(b'{"cells":' * 10**6),
    "a number of 100,000 digits": raw(lambda data: b'{"x": ' + b"9" * 100_000 + b"," + data.strip()[1:]),
    "cells that are text": edited(lambda c: c.update(cells="passed")), "cells that are a dict": edited(lambda c: c.update(cells={"0": c["cells"]})),
    "no cells": edited(lambda c: c.update(cells=[])), "cells that are none": edited(lambda c: c.update(cells=[None, 1, "x", [], {}])),
    "sources that are empty": edited(lambda c: each(c, lambda one: one.update(source=[]))),
}
READABLE = {
    "NaN in it": raw(lambda data: b'{"x": [NaN, Infinity, -Infinity],' + data.strip()[1:]),
    "a key twice": raw(lambda data: b'{"cells": [],' + data.strip()[1:]),
    "a character that is no UTF-8": raw(lambda data: data.replace(b"Afterwards", b"After\xffwards", 1)),
    "a byte order mark": raw(lambda data: b"\xef\xbb\xbf" + data), "UTF-16": raw(lambda data: data.decode().encode("utf-16")), "UTF-32": raw(lambda data: data.decode().encode("utf-32")),
    "half characters": edited(lambda c: add_cell(c, "# \ud83d\n")), "line ends of Windows": raw(lambda data: data.replace(b"\n", b"\r\n")),
    "no line ends": edited(lambda c: each(c, lambda one: one.update(source="".join(one["source"])))),
    "format 2": version_2, "format 3": version(3), "format 4.0": version(4), "format 99": edited(lambda c: c.update(nbformat=99)),
    "no format": edited(lambda c: [c.pop(key) for key in ("nbformat", "nbformat_minor")]), "a format of text": edited(lambda c: c.update(nbformat="four", nbformat_minor=None)),
    "no kernel": edited(lambda c: c["metadata"].pop("kernelspec")), "another kernel": edited(lambda c: c["metadata"].update(kernelspec={"name": "ir", "display_name": "R"}, language_info={"name": "R"})),
    "a kernel that doesn't exist": edited(lambda c: c["metadata"].update(kernelspec={"name": "../../bin/sh", "argv": ["/bin/sh"]})),
    "no metadata": edited(lambda c: c.update(metadata={})), "metadata that is a list": edited(lambda c: c.update(metadata=[1])),
    "metadata of another notebook's kind": edited(lambda c: c["metadata"].update(course={"notebook": ["x"], "build": {}})),
    "no cell's metadata": edited(lambda c: each(c, lambda one: one.update(metadata={}))),
    "no cell's id": edited(lambda c: each(c, lambda one: one.pop("id"))),
    "neither ids nor metadata": edited(lambda c: each(c, lambda one: (one.pop("id"), one.update(metadata={})))),
    "ids that are all the same": edited(lambda c: each(c, lambda one: one.update(id="logistic"))),
    "cell metadata that is a list": edited(lambda c: each(c, lambda one: one.update(metadata=[]))),
    "nbgrader's metadata is text": edited(lambda c: each(c, lambda one: one["metadata"].update(nbgrader="yes"))),
    "grade_ids that are dicts": edited(lambda c: each(c, lambda one: one["metadata"].update(nbgrader={"grade_id": {"a": [1]}}))),
    "other kinds of cell": edited(lambda c: c["cells"].extend([{"cell_type": "heading", "source": "x"}, {"cell_type": None}, {"source": []}, {"cell_type": "raw", "source": ["x"]}])),
    "outputs of 3 MB": edited(huge_output), "10,000 empty cells": edited(lambda c: c["cells"].extend({"cell_type": "code", "source": [], "metadata": {}} for _ in range(10_000))),
    "cells in random order": edited(shuffled), "cells in opposite order": edited(lambda c: c["cells"].reverse()),
    "no set-up cell": edited(lambda c: c["cells"].remove(next(one for one in c["cells"] if one["cell_type"] == "code"))),
    "no check cells": edited(lambda c: without(c, *(f"{name}-{role}" for name in ANSWERS for role in ("check", "use")))),
    "only the exercise cells": edited(lambda c: gone(c, lambda one: one["metadata"].get("nbgrader", {}).get("grade_id") in ANSWERS)),
    "1000 points": edited(lambda c: meta(c, "logistic-check").update(points=1000)), "infinite points": edited(lambda c: meta(c, "logistic-check").update(points=float("inf"))),
    "-1 points": edited(lambda c: meta(c, "logistic-check").update(points=-1)), "unlocked": edited(lambda c: meta(c, "logistic-check").update(locked=False)),
    "no solution": edited(lambda c: meta(c, "logistic").update(solution=False, grade=True, points=50, task=True)),
    "grade_ids swapped": edited(swapped_ids), "a grade_id twice": edited(lambda c: meta(c, "logistic-check").update(grade_id="logistic")),
    "exercise turned to text": edited(as_text), "exercise turned to raw": edited(lambda c: as_text(c, "raw")),
    "an edited check cell": edited(lambda c: cell(c, "logistic-check").update(source=["check = lambda f: True\n", "check(logistic)\n"])),
    "an emptied check cell": edited(lambda c: cell(c, "logistic-check").update(source=[])),
    "an edited demonstration": edited(lambda c: edited_demonstration(c, "1 / 0\n")),
    "an exercise copied": edited(lambda c: twin(c, "logistic", ANSWERS["logistic"], below=True)),
    "an exercise copied, the last right": edited(lambda c: twin(c, "logistic", "def logistic(z):\n    return z\n", below=False)),
    "the stub copied": edited(lambda c: twin(c, "logistic", "".join(cell(notebook_with({}), "logistic")["source"]), below=True)),
}
ATTACHED = {"image.png": {"image/png": "x" * 100}}

ATTACKS = [
    *(Attack(f"file: {name}", expected=ALL, change=change) for name, change in DAMAGED.items()),
    *(Attack(f"file: {name}", change=change) for name, change in READABLE.items()),
    Attack("file: an exercise deleted", expected={"logistic": "missing"}, change=edited(lambda c: without(c, "logistic"))),
    Attack("file: all exercises but one deleted", expected=ALL | {"mend": "passed"}, change=edited(lambda c: without(c, *list(ANSWERS)[:-1]))),
    Attack("file: an exercise copied, the last wrong", expected={"logistic": "failed"}, change=edited(lambda c: twin(c, "logistic", WRONG["logistic"], below=True)), says="last"),
    Attack("file: 1000 points for a wrong answer", WRONG, {"logistic": "failed"}, change=edited(lambda c: meta(c, "logistic-check").update(points=1000))),
    Attack("file: a wrong answer's output says passed", WRONG, {"logistic": "failed"}, change=edited(lambda c: cell(c, "logistic-check").update(outputs=[{"output_type": "stream", "name": "stdout", "text": "passed, 2 of 2 points"}]))),
    Attack("file: the grade_id of another exercise", {"logistic": ANSWERS["logistic_derivative"]}, {"logistic": ("missing", "error", "open", "failed")}),
    Attack("file: an edited set-up cell", {"logistic": "def logistic(z):\n    assert math.pi > 3\n    return HALF * (1.0 + np.tanh(HALF * z))\n"}, change=edited(edited_set_up)),
    Attack("file: a helper in an edited demonstration", {"logistic": "def logistic(z):\n    return HALF * (1.0 + np.tanh(HALF * z))\n"},
           change=edited(lambda c: edited_demonstration(c, "from functools import partial\nHALF = 0.5\n"))),
    Attack("file: a free-text answer of 3 MB", change=edited(lambda c: cell(c, "healthy-gradients").update(source=["x" * 3 * 10**6], attachments=ATTACHED))),
    Attack("file: the free-text answer deleted", change=edited(lambda c: without(c, "healthy-gradients"))),
]
