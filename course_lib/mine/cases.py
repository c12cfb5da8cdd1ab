"""The exercises' cases as the exported library's tests: inputs and results as plain data, and what compares them."""

import io
import json
from pathlib import Path

import numpy as np

from course_lib.exercises.judge import comparing
from course_lib.exercises.judge.recognising import is_empty
from course_lib.exercises.judge.verdicts import Raised, results
from course_lib.exercises.tracing import PieceKind, Untraceable, trace
from course_lib.mine.exporting import STANDARD
from course_lib.mine.modules import Module

SEED = 10  # of the random cases


def tests(functions, find):
    """Return the files of the tests of some functions, and why others have none.

    Parameters
    ----------
    functions : dict of str -> str
        Their modules.
    find : function name -> Exercise

    Returns
    -------
    files : dict of str -> bytes
        By their paths within the folder of tests.
    untested : dict of str -> str
    """
    runner = Path(__file__).with_name("exported_tests.py").read_bytes()
    files, untested = {"run.py": runner, "comparing.py": _comparing()}, {}
    for name, module in functions.items():
        exercise = find(name)
        if exercise.compare:
            untested[name] = "it is judged by statistics of many draws, or of training"
            continue
        try:
            call = _call(exercise)
            files[f"cases/{name}.npz"] = _stored(exercise, module)
        except Untraceable as error:
            untested[name] = str(error)
            continue
        if call:
            files[f"calls/{name}.py"] = call
    return files, untested


def _comparing():
    judge = Module("comparing", title="How results are compared")
    for function in (comparing.plain, comparing.differ, comparing.copied, comparing.changed):
        judge.add(function.__name__, trace(function, function.__name__, course=True), {})
    return judge.text().encode()


def _call(exercise):
    """Return the source of the code around an answer; None where it is simply called."""
    if exercise.call is None or exercise.call.__name__ == "call":
        return None
    traced = trace(exercise.call, exercise.call.__name__, course=True)
    for piece in traced.pieces:
        if piece.kind is PieceKind.IMPORT and piece.text.split()[1].split(".")[0] not in STANDARD:
            raise Untraceable(f"its cases need {piece.text.split()[1]}")
    module = Module(exercise.name, title=f"How {exercise.name} is called with a case")
    module.add(exercise.call.__name__, traced, {})
    return module.text().encode()


def _stored(exercise, module):
    """Return a file of an exercise's cases: those that `check` counts."""
    cases = list(exercise.cases(np.random.default_rng(SEED)))
    wanted, arrays = results(exercise, cases), {}
    counted = [(case, result) for case, result in zip(cases, wanted, strict=True)
               if isinstance(result, Raised) or not is_empty(exercise, case, result)]
    told = {
        "module": module,
        "call": exercise.call.__name__ if exercise.call and exercise.call.__name__ != "call" else None,
        "any_dtype": exercise.any_dtype,
        "inputs": [plain(case, arrays) for case, _ in counted],
        "wanted": [result.name if isinstance(result, Raised) else plain(result, arrays) for _, result in counted],
    }
    file = io.BytesIO()
    np.savez_compressed(file, cases=np.array(json.dumps(told)), **arrays)
    return file.getvalue()


def plain(value, arrays):
    """Return a case as JSON holds it, its arrays put among `arrays`; `exported_tests.restored` is the way back.

    Raises
    ------
    Untraceable
        If there is anything else in it.
    """
    if isinstance(value, np.ndarray | np.generic):
        key = f"a{len(arrays)}"
        arrays[key] = np.asarray(value)
        return {"array" if isinstance(value, np.ndarray) else "number": key}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, dict):
        return {"dict": [[plain(key, arrays), plain(part, arrays)] for key, part in value.items()]}
    if isinstance(value, list):
        return [plain(part, arrays) for part in value]
    if isinstance(value, tuple):
        parts = [plain(part, arrays) for part in value]
        fields = getattr(value, "_fields", None)
        return {type(value).__name__: parts, "fields": list(fields)} if fields else {"tuple": parts}
    raise Untraceable(f"its cases hold a {type(value).__name__}")
