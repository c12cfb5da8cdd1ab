"""Honest answers that a careless grader gets wrong, and odd ones that deserve nothing."""
# ruff: noqa: E501 (pieces of source)

import functools

from tests.grading.attacks import Attack, add_cell, body, on_logistic

NOTHING = ("open", "missing", "error", "failed")
DEF = "def logistic(z):\n    return 0.5 * (1.0 + np.tanh(0.5 * z))\n"
RIGHT = DEF.replace("logistic", "right")

NOISE = {
    "a warning": (body("import warnings", "warnings.warn('careful')", "return right(z)"), "passed"),
    "an overflow warning": ("def logistic(z):\n    return np.where(z < 0, np.exp(z) / (1 + np.exp(z)), 1 / (1 + np.exp(-z)))\n", "passed"),
    "a progress bar": (body("from tqdm import tqdm", "for _ in tqdm(range(100)): pass", "return right(z)"), "passed"),
    "a progress bar for notebooks": (body("from tqdm.auto import tqdm", "for _ in tqdm(range(100)): pass", "return right(z)"), "passed"),
    "prints to stderr": (body("print('here', z.shape, file=sys.stderr)", "return right(z)"), "passed"),
    "a picture": ("import matplotlib.pyplot as plt\n" + DEF + "plt.plot(logistic(np.linspace(-5, 5, 100)))\nplt.show()\n", "passed"),
    "logs": (body("import logging", "logging.warning('here')", "return right(z)"), "passed"),
}
JUPYTER = {
    "%%time": ("%%time\n" + DEF, "passed"),
    "%%timeit below a comment": ("# how long?\n" + DEF + "%timeit logistic(np.zeros(10))\n", "passed"),
    "%matplotlib": ("%matplotlib inline\n%load_ext autoreload\n" + DEF, "passed"),
    "!ls": ("!ls\n" + DEF + "!pip list | head\n", "passed"),
    "files = !ls": ("files = !ls\n" + DEF, "passed"),
    "?np.exp": ("?np.exp\n" + DEF + "np.tanh?\nlogistic??\n", "passed"),
    "!echo inside": ("def logistic(z):\n    !echo here\n    return 0.5 * (1.0 + np.tanh(0.5 * z))\n", "passed"),
    "display": ("display('here')\n" + DEF + "display(logistic(np.zeros(3)))\n", "passed"),
    "get_ipython": ("get_ipython().run_line_magic('matplotlib', 'inline')\n" + DEF, "passed"),
    "In and Out": ("print(len(In), Out)\n" + DEF, "passed"),
    "%%capture": ("%%capture\n" + DEF, "passed"),
    "await": ("import asyncio\nawait asyncio.sleep(0)\n" + DEF, "passed"),
    "the last line is a question": (DEF + "\nlogistic(np.zeros(3))", "passed"),
    "an indented cell": ("    " + DEF.replace("\n", "\n    ").rstrip(" "), "passed"),
}
OWN_TESTS = {
    "tests of its own": (DEF + "assert abs(logistic(np.zeros(1))[0] - 0.5) < 1e-9\nprint(logistic(np.linspace(-3, 3, 5)))\n", "passed"),
    "a test of its own that fails": (DEF + "logistic('text')\n", "passed"),
    "a syntax error": ("def logistic(z)\n    return 0.5\n", "error"),
    "a tab among spaces": ("def logistic(z):\n\tt = np.tanh(z / 2)\n        return 0.5 * (1 + t)\n", "error"),
    "checks itself": (DEF + "from course_lib.exercises import check, hint\ncheck(logistic)\nhint('logistic')\n", "passed"),
    "uses itself": (DEF + "logistic = use(logistic)\n", "passed"),
    "checks itself inside": (body("check(logistic)", "return right(z)"), "passed"),
}
KINDS = {
    "async def": ("async " + DEF, ("failed", "error")),
    "a lambda": ("logistic = lambda z: 0.5 * (1.0 + np.tanh(0.5 * z))\n", "passed"),
    "an object with __call__": ("class Answer:\n    def __call__(self, z): return 0.5 * (1.0 + np.tanh(0.5 * z))\nlogistic = Answer()\n", "passed"),
    "a class": ("class logistic:\n    def __new__(cls, z): return 0.5 * (1.0 + np.tanh(0.5 * z))\n", "passed"),
    "a partial": ("import functools\ndef scaled(a, z): return a * (1.0 + np.tanh(0.5 * z))\nlogistic = functools.partial(scaled, 0.5)\n", "passed"),
    "decorated": ("import functools\ndef loud(f):\n    @functools.wraps(f)\n    def g(*args):\n        print(args[0].shape)\n        return f(*args)\n    return g\n\n@loud\n" + DEF, "passed"),
    "nested": ("def logistic(z):\n    def f(v):\n        def g(u): return np.tanh(0.5 * u)\n        return 0.5 * (1 + g(v))\n    return f(z)\n", "passed"),
    "recursive": (
        "def logistic(z):\n    if z.size > 1000:\n        half = len(z) // 2\n        return np.concatenate([logistic(z[:half]), logistic(z[half:])])\n    return 0.5 * (1.0 + np.tanh(0.5 * z))\n", "passed"),
    "a generator inside": ("def logistic(z):\n    return np.fromiter((0.5 * (1.0 + np.tanh(0.5 * v)) for v in z.ravel()), z.dtype, z.size).reshape(z.shape)\n", "passed"),
    "cached": ("import functools\n@functools.lru_cache\n" + DEF, "error"),
    "an alias": (RIGHT + "logistic = right\n", "passed"),
    "twice, the second right": ("def logistic(z):\n    return z\n\n" + DEF, "passed"),
    "twice, the second wrong": (DEF + "\ndef logistic(z):\n    return z\n", "failed"),
    "under a condition": ("if True:\n    " + DEF.replace("\n", "\n    ").rstrip(" "), "passed"),
    "in a loop": ("for scale in (1.0, 0.5):\n    def logistic(z, scale=scale):\n        return scale * (1.0 + np.tanh(0.5 * z))\n", "passed"),
    "by exec": (f"exec({DEF!r})\n", "passed"),
    "with annotations": ("from __future__ import annotations\n" + DEF.replace("(z):", "(z: Array) -> Array:"), "passed"),
    "with more arguments": (DEF.replace("(z):", "(z, *rest, deep=False, **more):"), "passed"),
    "without arguments": (DEF.replace("(z):", "():"), "error"),
    "with self": (DEF.replace("(z):", "(self, z):"), "error"),
    "under another name": (DEF.replace("logistic", "Logistic"), NOTHING),
    "only a comment": ("# I don't know\n", NOTHING),
    "an emptied cell": ("", NOTHING),
    "the docstring alone": ('def logistic(z):\n    """Squash."""\n', "failed"),
    "an ellipsis": ("def logistic(z):\n    ...\n", "failed"),
    "a number": ("logistic = 0.5\n", "error"),
    "open, with a remark": ('def logistic(z):\n    # to do\n    raise NotImplementedError("to do")\n', "open"),
    "its result is rounded": ("def logistic(z):\n    return np.round(0.5 * (1.0 + np.tanh(0.5 * z)), 3)\n", "failed"),
    "ready-made": ("from scipy.special import expit\ndef logistic(z):\n    return expit(z)\n", "failed"),
    "mutates its input": ("def logistic(z):\n    z *= 0.5\n    np.tanh(z, out=z)\n    return 0.5 * (1 + z)\n", "failed"),
    "mutates and restores": ("def logistic(z):\n    old = z.copy()\n    z *= 0.5\n    result = 0.5 * (1 + np.tanh(z))\n    z[...] = old\n    return result\n", "passed"),
    "returns its buffer again": ("buffer = {}\ndef logistic(z):\n    out = buffer.setdefault((z.shape, z.dtype), np.empty_like(z))\n    out[...] = 0.5 * (1.0 + np.tanh(0.5 * z))\n    return out\n", "passed"),
    "uses threads": ("from concurrent.futures import ThreadPoolExecutor\ndef logistic(z):\n    with ThreadPoolExecutor(2) as pool:\n        return next(pool.map(lambda v: 0.5 * (1.0 + np.tanh(0.5 * v)), [z]))\n", "passed"),
    "imports SciPy": ("import scipy.special\nfrom scipy import stats\ndef logistic(z):\n    return np.exp(scipy.special.log_expit(z)).astype(z.dtype)\n", "passed"),
    "reads the course's data": ("from course_lib.datasets import load_mnist\nimages = load_mnist().x_train[:10]\n" + DEF, "passed"),
    "uses the set-up's names": ("def logistic(z):\n    rng = np.random.default_rng(seed)\n    assert len(data.x_train) == 12_800\n    return 0.5 * (1.0 + np.tanh(0.5 * z))\n", "passed"),
    "uses what a demonstration imports": ("def logistic(z):\n    f = partial(np.multiply, 0.5)\n    return f(1.0 + np.tanh(f(z)))\n", "passed"),
}
TEXT = {
    "letters of many scripts": ("def logistic(z):\n    σ = np.tanh(0.5 * z)  # 你好 🙂 \u202eesrever\u202c\n    return 0.5 * (1 + σ)\n", "passed"),
    "names that are the same": ("def logistic(z):\n    ﬁ = np.tanh(0.5 * z)\n    return 0.5 * (1 + fi)\n", "passed"),
    "a space of no width": ("def logistic(z):\n    return\u200b 0.5 * (1.0 + np.tanh(0.5 * z))\n", "error"),
    "spaces that don't break": (DEF.replace("    return", "\xa0\xa0\xa0\xa0return"), "error"),
    "a minus from a word processor": (DEF.replace("0.5 * z", "0.5 * z \u2212 0"), "error"),
    "a null byte": (DEF.replace("0.5 * z", "0.5 * z\0"), "error"),
    "half a character": (DEF + "# \ud800\n", "passed"),
    "another encoding": ("# -*- coding: latin-1 -*-\n" + DEF, "passed"),
    "line ends of Windows": (DEF.replace("\n", "\r\n"), "passed"),
    "line ends of old": (DEF.replace("\n", "\r"), "passed"),
    "a form feed": ("\f" + DEF, "passed"),
    "10 MB of comments": (DEF + ("# " + "spam" * 250 + "\n") * 10_000, ("error", "missing")),
    "brackets without end": ("x = " + "(" * 100_000 + "\n" + DEF, "error"),
    "brackets that close": ("x = " + "(" * 150 + "1" + ")" * 150 + "\n" + DEF, "passed"),
    "minus signs": ("x = " + "-" * 10**5 + "1\n" + DEF, ("error", "died", "memory")),
    "lists in lists": ("x = " + "[" * 50_000 + "]" * 50_000 + "\n" + DEF, ("error", "died", "memory")),
    "attributes of attributes": ("x = np" + ".a" * 60_000 + "\n" + DEF, ("error", "died", "memory")),
    "sums of sums": ("x = " + "1 + " * 30_000 + "1\n" + DEF, ("error", "died", "memory")),
    "blocks in blocks": ("".join(" " * i + "if True:\n" for i in range(1000)) + " " * 1000 + "pass\n" + DEF, "error"),
    "elif after elif": ("if 0: pass\n" + "elif 0: pass\n" * 10_000 + DEF, ("error", "died", "memory")),
    "a number of 10,000 digits": ("x = " + "9" * 10_000 + "\n" + DEF, "error"),
    "a constant of a billion bits": (DEF + "x = 2 ** 10 ** 10\n", ("memory", "timeout", "died")),
    "a constant inside": (DEF.replace("return 0.5", "x = 10 ** 10 ** 10; return 0.5"), ("timeout", "memory")),
    "a text of 100 KB": (DEF + "x = '" + "x" * 100_000 + "'\n", "passed"),
    "names by the thousand": (DEF + "".join(f"name_{i} = {i}\n" for i in range(5000)), "passed"),
}


def with_cell(source, before=None):
    """Return a change that adds a cell of the learner's own."""
    return functools.partial(add_cell, source=source, before=before)


HELPED = {"logistic": "def logistic(z):\n    return 0.5 * (1.0 + halved(z))\n"}
HELPER = "def halved(z):\n    return np.tanh(0.5 * z)\n"
CELLS = [
    Attack("a helper in a cell of its own", HELPED, change=with_cell(HELPER, "logistic")),
    Attack("a helper in a cell below", HELPED, change=with_cell(HELPER)),
    Attack("a helper in another exercise's cell", HELPED | {"clip_by_value": HELPER + "def clip_by_value(grad, limit):\n    return np.clip(grad, -float(limit), float(limit))\n"}),
    Attack("helpers of helpers", HELPED, change=lambda content: add_cell(add_cell(content, "def halved(z):\n    return HALF(z)\n", "logistic"), "from numpy import tanh\nHALF = lambda z: tanh(0.5 * z)\n", "dense_backward")),
    Attack("an import in a cell of its own", {"logistic": "import math\ndef logistic(z):\n    return M.vectorize(f, otypes=[z.dtype])(z)\n"},
           change=with_cell("import numpy as M\nimport math\ndef f(v):\n    return 1 / (1 + math.exp(-v)) if v >= 0 else 1 - 1 / (1 + math.exp(v))\n", "logistic")),
    Attack("a star import in a cell of its own", {"logistic": "def logistic(z):\n    return 0.5 * (1.0 + tanh(0.5 * z))\n"}, change=with_cell("from numpy import *\n", "logistic")),
    Attack("a number in a cell of its own", {"logistic": "def logistic(z):\n    return HALF * (1.0 + np.tanh(HALF * z))\n"}, change=with_cell("HALF, ONE = 0.5, 1\nHALF += 0.0\n", "logistic")),
    Attack("a number bound in odd ways", {"logistic": "def logistic(z):\n    return HALF * (ONE + np.tanh(HALF * z))\n"},
           change=with_cell("for HALF in (1.0, 0.5): pass\nwith np.errstate() as _: ONE = 1.0\n", "logistic")),
    Attack("an answer in a cell of its own, the stub untouched", {"logistic": ""}, change=with_cell(DEF)),
    Attack("a cell of its own that raises", change=with_cell("1 / 0\n", "logistic")),
    Attack("a cell of its own that is no Python", change=with_cell("this is no Python\n", "logistic")),
    Attack("a cell of its own that never ends", change=with_cell("while True: pass\n", "logistic")),
    Attack("a cell of its own that exits", change=with_cell("import os\nos._exit(0)\n", "logistic")),
    Attack("a cell of its own that takes 10 GB", change=with_cell("hoard = np.ones(10 * 2**27)\n", "logistic")),
    Attack("a needed cell that never ends", HELPED, {"logistic": "timeout"}, change=with_cell(HELPER + "while True: pass\n", "logistic")),
    Attack("a needed cell that raises", HELPED, change=with_cell(HELPER + "1 / 0\n", "logistic")),
    Attack("a cell of its own that breaks NumPy", change=with_cell("np.exp = np.tanh = np.cosh = None\n", "dense_backward")),
    Attack("a cell that shadows NumPy", change=with_cell("np = None\n")),
    Attack("a cell that says check is True", {"logistic": "def logistic(z):\n    return z\n"}, {"logistic": "failed"}, change=with_cell("check = lambda f: True\n", "dense_backward")),
    Attack("a cell of another language", change=with_cell("%%bash\nls /\n", "logistic")),
    Attack("a cell that defines it again, wrongly", {}, {"logistic": "failed"}, change=with_cell("def logistic(z):\n    return z\n"), says="last"),
    Attack("a cell that tries the answer", change=with_cell("for z in (0.0, 1.0):\n    print(logistic(np.array([z])))\n")),
    Attack("a cell with the names of inputs", change=with_cell("z = grad = limit = config = 1\nx, dy = 2, 3\n")),
]

ATTACKS = [*on_logistic(NOISE | JUPYTER | OWN_TESTS | KINDS | TEXT), *CELLS]
