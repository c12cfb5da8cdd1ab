"""Answers to `logistic` that loop, exit, lie, flood or leave things behind, and what `check` says of each.

Used in plain Python and in a real kernel. Run as a script it tries them all and prints what it found as JSON.
"""

import io
import json
import os
import sys
import traceback

PRELUDE = """
import asyncio, functools, gc, os, sys, threading, time, warnings
import numpy as np
import scipy.special as special
import course_lib.activations
from course_lib.exercises import check, use

def right(z):
    t = np.exp(-np.abs(z))
    return np.where(z < 0, t, 1) / (1 + t)
"""


def body(*lines):
    return "def logistic(z):\n" + "".join(f"    {line}\n" for line in lines)


RIGHT = "return right(z)"

# name: (source of the answer, status, pattern in the report's text)
ATTACKS = {
    # leaving
    "sys.exit": (body("sys.exit(3)"), "error", "SystemExit: 3"),
    "exit()": (body("exit()"), "error", "SystemExit"),
    "quit()": (body("quit()"), "error", "SystemExit"),
    "SystemExit": (body("raise SystemExit"), "error", "SystemExit"),
    "KeyboardInterrupt": (body("raise KeyboardInterrupt('mine')"), "error", "KeyboardInterrupt: mine"),
    "GeneratorExit": (body("raise GeneratorExit"), "error", "GeneratorExit"),
    "StopIteration": (body("next(iter([]))"), "error", "it raised StopIteration"),
    "recursion": (body("return logistic(z)"), "error", "RecursionError"),
    "memory": (body("return np.zeros(10**15)"), "error", "MemoryError"),
    "str raises": (
        "class Bad(Exception):\n    def __str__(self): raise ValueError('no')\n" + body("raise Bad"),
        "error",
        "Bad",
    ),
    "str loops": (
        "class Bad(Exception):\n    def __str__(self):\n        while True: pass\n" + body("raise Bad"),
        "timeout",
        "Not finished within",
    ),
    "NotImplementedError": (body("raise NotImplementedError"), "open", "Still to be written"),
    "open later": (body("if z.ndim > 1: raise NotImplementedError", RIGHT), "open", "Still to be written"),
    "assert": (body("assert z.size > 1, 'one'", RIGHT), "error", r"6 of 9 cases[\s\S]*AssertionError: one"),
    # looping
    "loop": (body("while True: pass"), "timeout", r"Not finished within \d+(\.\d+)? s, in case 1 of 9\.\n"),
    "second case": (body("while z.size == 4: pass", RIGHT), "timeout", r"in case 2 of 9\.\n[\s\S]*z = \[-2"),
    "loop and except Exception": (
        body("while True:", "    try: len('x')", "    except Exception: pass"),
        "timeout",
        "Not finished",
    ),
    "prints forever": (body("while True: print('spam')"), "timeout", "It printed:\n    spam"),
    "loop in a C call": (body("while True: np.linalg.svd(np.ones((200, 200)))"), "timeout", "Not finished"),
    "C call for 20 s": (body("sum(range(10**5)) and [0 for _ in iter(int, 1)]"), "timeout", "Not finished"),
    "only when timed": (
        "calls = []\n" + body("calls.append(time.sleep(0.01))", "while len(calls) > 12: pass", RIGHT),
        "passed",
        "All 9 cases",
    ),
    "checks itself": (body("check(logistic)", RIGHT), "passed", "All 9 cases"),
    "returns its check": (body("return check(logistic)"), "failed", "is a Report, wanted a NumPy array"),
    # returning
    "None": (body("right(z)"), "failed", "it returned None: is there a `return`"),
    "NotImplemented": (body("return NotImplemented"), "failed", "is a NotImplementedType, wanted"),
    "string": (body("return 'done'"), "failed", "its result is a str, wanted"),
    "dict": (body("return {'y': z}"), "failed", "its result is a dict, wanted"),
    "set": (body("return {1.0}"), "failed", "its result is a set, wanted"),
    "ellipsis": (body("return ..."), "failed", "is a ellipsis, wanted"),
    "object array": (body("return np.array([None])"), "failed", "dtype object, wanted real numbers"),
    "huge integer": (body("return 10**400"), "failed", "dtype object, wanted real numbers"),
    "text array": (body("return np.array(['a'])"), "failed", "wanted real numbers"),
    "structured array": (body("return np.zeros(1, 'i4,f8')"), "failed", "wanted real numbers"),
    "ragged list": (body("return [[1.0], [1.0, 2.0]]"), "failed", "part 1 of 2 of its result is a list"),
    "many parts": (body("return [z] * 10**6"), "failed", "a list of more than 1000 parts"),
    "endless list": (
        "class Long(list):\n    def __iter__(self):\n        while True: yield 1.0\n" + body("return Long()"),
        "failed",
        "a Long of more than 1000 parts",
    ),
    "generator": (body("yield right(z)"), "failed", "is a generator, wanted"),
    "async": ("async " + body(RIGHT), "failed", "is a coroutine, wanted"),
    "class": ("class logistic:\n    def __init__(self, z): pass\n", "failed", "is a logistic, wanted"),
    "complex": (body("return right(z) + 0j"), "failed", "dtype complex128, wanted real numbers"),
    "bool": (body("return right(z) > 0.5"), "failed", "got 0, wanted 0.5"),
    "NaN": (body("return z * np.nan"), "failed", "got nan, wanted 0.5"),
    "float64 always": (
        body("return right(np.asarray(z, float))"),
        "failed",
        "right values, but dtype float64, wanted float32",
    ),
    "float16": (body("return right(z).astype(np.float16)"), "failed", "dtype float16"),
    "column": (body("return right(z)[..., None]"), "failed", r"shape \(1, 1\), wanted \(1,\)"),
    "two arrays": (body("return z, z"), "failed", "a tuple or list of 2, wanted one array"),
    "no arrays": (body("return ()"), "failed", "a tuple or list of 0, wanted one array"),
    "2 GB": (body("return np.zeros(250_000_000)"), "failed", r"shape \(250000000,\), which is far too large"),
    "2 TB": (body("return np.broadcast_to(0.5, (10**6, 250_000))"), "failed", "far too large"),
    "lying subclass": (
        "class Liar(np.ndarray):\n"
        "    __array_priority__ = 1e9\n"
        "    shape = property(lambda self: (1,))\n"
        "    dtype = property(lambda self: np.dtype(float))\n"
        "    def __eq__(self, other): return True\n"
        "    __lt__ = __gt__ = __le__ = __ge__ = __eq__\n"
        "    def __array__(self, *args, **kwargs): return np.array([0.5])\n"
        "    def __array_ufunc__(self, *args, **kwargs): return np.array(True)\n"
        "    def __array_function__(self, *args, **kwargs): return np.array(True)\n"
        "    def copy(self, *args): return self\n" + body("return (z * 0).view(Liar)"),
        "failed",
        "got 0, wanted 0.5",
    ),
    "equals everything": (
        "class Liar:\n    def __eq__(self, other): return True\n    __hash__ = None\n"
        + body("return Liar()"),
        "failed",
        "is a Liar, wanted a NumPy array",
    ),
    "__array__ raises": (
        "class Liar:\n    def __array__(self, *args, **kwargs): raise OSError('no')\n"
        + body("return Liar()"),
        "error",
        "it raised OSError",
    ),
    # signatures
    "no argument": ("def logistic(): return 1\n", "error", "takes 0 positional arguments but 1 was given"),
    "two arguments": ("def logistic(z, q): return 1\n", "error", "missing 1 required positional argument"),
    "lambda": ("logistic = lambda z: right(z)\n", "passed", "9 cases are right"),
    "named lambda": (
        "logistic = lambda z: right(z)\nlogistic.__name__ = 'logistic'\n",
        "passed",
        "All 9 cases",
    ),
    "partial": ("logistic = functools.partial(right)\n", "passed", "9 cases are right"),
    "builtin": ("logistic = np.tanh\n", "failed", "Hint: This is tanh"),
    "a result": (
        "logistic = right(np.zeros(3))\n",
        "error",
        "given a ndarray, wanted a function: write check",
    ),
    "its name": ("logistic = 'logistic'\n", "error", "given a str, wanted a function"),
    "decorated": (
        "@functools.wraps(right)\ndef wrapped(z): return right(z)\n\n@functools.wraps(wrapped)\n"
        + body(RIGHT)
        + "logistic.__name__ = 'logistic'\n",
        "passed",
        "All 9 cases",
    ),
    "cached": ("@functools.cache\n" + body(RIGHT), "error", "TypeError: unhashable type"),
    "unhashable callable": (
        "class Answer:\n    __hash__ = None\n    __name__ = 'logistic'\n"
        "    def __call__(self, z): return right(z)\n"
        "logistic = Answer()\n",
        "passed",
        "All 9 cases",
    ),
    # printing and warning
    "prints 100 MB": (body("print('x' * 20_000_000)", RIGHT), "passed", "characters more"),
    "prints in small pieces": (body("for _ in range(1000): print('x')", RIGHT), "passed", "characters more"),
    "prints HTML": (body("print('<script>alert(1)</script>')", RIGHT), "passed", "<script>alert"),
    "prints half a character": (body(r"print('\ud800')", RIGHT), "passed", r"\\ud800"),
    "raises HTML": (body("raise ValueError('<script>alert(1)</script>')"), "error", "<script>alert"),
    "prints bytes": (body("sys.stdout.write(b'x')", RIGHT), "error", "TypeError"),
    "prints from a thread": (
        body("t = threading.Thread(target=print, args=('from a thread',))", "t.start()", "t.join()", RIGHT),
        "passed",
        "It printed:\n    from a thread",
    ),
    "warns many times": (
        body("for i in range(1000): warnings.warn(f'w{i}')", RIGHT),
        "passed",
        "UserWarning: w0\n[\\s\\S]*… and others",
    ),
    "warning raises": (
        "class Odd(UserWarning):\n    def __str__(self): raise ValueError('odd')\n"
        + body("warnings.warn(Odd())", RIGHT),
        "error",
        "ValueError: odd",
    ),
    "overflow": (
        body("return np.exp(z) / (1 + np.exp(z))"),
        "failed",
        "Warnings:[\\s\\S]*overflow encountered in exp",
    ),
    # changing things
    "changes its input": (body("np.exp(-z, out=z)", "return 1 / (1 + z)"), "failed", "it changed its input"),
    "reshapes its input": (
        body("y = right(z)", "z.resize((z.size, 1), refcheck=False)", "return y"),
        "failed",
        "it changed its input",
    ),
    "errstate": (body("np.seterr(all='raise')", RIGHT), "error", "FloatingPointError: underflow"),
    "warnings as errors": (body("warnings.simplefilter('error')", RIGHT), "passed", "All 9 cases"),
    "closes stdout": (body("sys.stdout.close()", "print('still here')", RIGHT), "passed", "still here"),
    "stdout None": (
        body("sys.stdout = sys.stderr = None", "print('nowhere')", RIGHT),
        "passed",
        "All 9 cases",
    ),
    "profiles": (body("sys.setprofile(None)", RIGHT), "passed", "All 9 cases"),
    "recursion limit": (
        body("sys.setrecursionlimit(10**6)", "sys.setrecursionlimit(1000)", RIGHT),
        "passed",
        "All",
    ),
    # asking others
    "the reference": (
        "from course_lib.activations import logistic\n",
        "failed",
        "This is the course's own function",
    ),
    "calls it": (
        body("return course_lib.activations.logistic(z)"),
        "failed",
        "It calls the course's own function",
    ),
    "calls an alias": (
        "same = course_lib.activations.logistic\n" + body("return same(z)"),
        "failed",
        "It calls",
    ),
    "calls by getattr": (
        body("return getattr(course_lib.activations, 'logi' + 'stic')(z)"),
        "failed",
        "It calls",
    ),
    "calls unwrapped": (body("return course_lib.activations.logistic.__wrapped__(z)"), "failed", "It calls"),
    "copies its code": (
        "import types\n"
        "code = course_lib.activations.logistic.__wrapped__.__code__\n"
        "logistic = types.FunctionType(code, {'np': np})\n",
        "failed",
        "This is the course's own function",
    ),
    "ready-made": (body("return special.expit(z)"), "failed", "It uses expit"),
    "ready-made inside": (body("return np.array([special.expit(v) for v in z])"), "failed", "It uses expit"),
    "own helper of that name": (
        "def sigmoid(z): return right(z)\n" + body("return sigmoid(z)"),
        "passed",
        "All 9 cases",
    ),
    # leaving things behind: these come last
    "leaves a thread": (
        "def later():\n    while True:\n        time.sleep(0.01)\n        print('later')\n"
        + body("threading.Thread(target=later, daemon=True).start()", RIGHT),
        "passed",
        "All 9 cases",
    ),
    "sleeps": (body("time.sleep(1e6)"), "timeout", "can't be stopped and goes on in the background: restart"),
    "swallows everything": (
        body(
            "while True:",
            "    try:",
            "        while True: time.sleep(0.001)",
            "    except BaseException: pass",
        ),
        "timeout",
        "Not finished within",
    ),
    "swallows and prints": (
        body(
            "while True:",
            "    try:",
            "        while True: print('spam', time.sleep(0.001))",
            "    except BaseException: pass",
        ),
        "timeout",
        "Not finished within[\\s\\S]*spam",
    ),
    "swallows and exits": (
        body(
            "while True:",
            "    try:",
            "        while True: time.sleep(0.001); exit()",
            "    except BaseException: pass",
        ),
        "timeout",
        "Not finished within",
    ),
    "swallows and warns": (
        body(
            "while True:",
            "    try:",
            "        while True: warnings.warn('w', stacklevel=1), time.sleep(0.001)",
            "    except BaseException: pass",
        ),
        "timeout",
        "Not finished within",
    ),
    "swallows at once": (
        body("while True:", "    try: pass", "    except BaseException: pass"),
        "timeout",
        "Not finished within",
    ),
    "replaces np.exp": (body("np.exp = lambda *args, **kwargs: 1 / 0", "return z"), "failed", "wanted 0.5"),
}


def check_call(name):
    """Return the call that judges it, with little time if it is there to use it up: sleeping, six times as long."""
    _, status, pattern = ATTACKS[name]
    # On a busy machine an answer may not come to print anything within 0.4 s
    limit = 30 if status != "timeout" else 3 if "spam" in pattern else 0.4
    return f"check(logistic, seconds={limit})"


def main():
    usual, found = sys.stdout, {}
    out = sys.stdout = sys.stderr = io.StringIO()
    try:
        for name in ATTACKS:
            while name not in found:
                try:
                    found[name] = tried(name, out)
                except BaseException:  # thrown by the attack before, and late: between the two
                    continue
        usual.write(json.dumps(found))
        usual.flush()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        os._exit(1)
    os._exit(0)  # answers that can't be stopped still run


def tried(name, out):
    """Return the report on an attack as text and as HTML, and what was printed."""
    names, start = {}, len(out.getvalue())
    try:
        exec(PRELUDE, names)
        exec(ATTACKS[name][0], names)
        report = eval(check_call(name), names)
        print("next cell")
        return str(report), report._repr_html_(), out.getvalue()[start:]
    except BaseException as error:
        return repr(error), "", ""


if __name__ == "__main__":
    main()
