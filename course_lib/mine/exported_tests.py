"""Runs each function of this library on stored cases, and compares with what the course's own gave for them.

    python my_library/tests/run.py

It needs NumPy alone.
"""

import importlib.util
import json
import sys
import unittest
import warnings
from collections import namedtuple
from functools import cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def loaded(path):
    """Return a module from its file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def judge():
    """Return the module that compares results."""
    return loaded(HERE / "comparing.py")


def restored(value, arrays):
    """Return stored data as it was: arrays, tuples, lists and dicts."""
    if isinstance(value, list):
        return [restored(part, arrays) for part in value]
    if not isinstance(value, dict):
        return value
    kind, content = next(iter(value.items()))
    if kind == "array":
        return arrays[content].copy()
    if kind == "number":
        return arrays[content][()]
    if kind == "dict":
        return {restored(key, arrays): restored(part, arrays) for key, part in content}
    parts = [restored(part, arrays) for part in content]
    return tuple(parts) if kind == "tuple" else namedtuple(kind, value["fields"])(*parts)


def plain_call(answer, case):
    """Call a function with a case's inputs; a dict at its end holds what is passed by keyword."""
    inputs, options = (case[:-1], case[-1]) if case and isinstance(case[-1], dict) else (case, {})
    return answer(*inputs, **options)


def problem(function, call, case, wanted, any_dtype):
    """Return what is wrong with a function's result for a case; None if nothing is."""
    given = judge().copied(case)
    refused = isinstance(wanted, str)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got = judge().plain(call(function, given))
    except ValueError:
        if refused:
            return None
        raise
    if refused:
        return f"it should refuse these inputs with {wanted}"
    if judge().changed(case, given):
        return "it changed its input"
    if any_dtype and len(got) == len(wanted):
        got = [array.astype(w.dtype) for array, w in zip(got, wanted)]  # noqa: B905 - the lengths are equal
    return judge().differ(got, wanted)


class Cases(unittest.TestCase):
    """One test a function; they are made from the files beside this one."""


def test_of(file):
    """Return the test of the function whose cases a file holds."""
    name = file.stem

    def test(self):
        with np.load(file, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
        told = json.loads(str(arrays["cases"]))
        own = HERE / "calls" / f"{name}.py"
        call = getattr(loaded(own), told["call"]) if told["call"] else plain_call
        function = getattr(importlib.import_module(f"my_library.{told['module']}"), name)
        for i, (case, wanted) in enumerate(zip(told["inputs"], told["wanted"])):  # noqa: B905 - written together
            with self.subTest(case=i + 1):
                wanted = restored(wanted, arrays)
                said = problem(function, call, restored(case, arrays), wanted, told["any_dtype"])
                if said:
                    self.fail(f"{name}, case {i + 1}: {said}")

    return test


for _file in sorted((HERE / "cases").glob("*.npz")):
    setattr(Cases, f"test_{_file.stem}", test_of(_file))


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[1]))
    unittest.main()
