"""Answers that do something to, or for, another answer of their own submission: what that one gets must not change."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import ANSWERS, IMPORTS, RIGHT, Attack
from tests.grading.attacks.forging import EVERYWHERE, GONE

DENSE = ANSWERS["dense_backward"]
ZERO = "def logistic(z):\n    return z * 0\n"
TANH = "def logistic(z):\n    return np.tanh(z)\n"
EXPIT = "from scipy.special import expit\ndef logistic(z):\n    return expit(z)\n"
MODULES = "for name, module in list(sys.modules.items()):\n    if name.startswith('course_lib'):\n"


def first(*lines, after=DENSE):
    """Return a right answer to the first exercise whose cell does something before."""
    return IMPORTS + RIGHT + "\n".join(lines) + "\n" + after


# What one does for the other: name -> (the first answer, the second, what the second deserves all the same)
HELPING = {
    "the other's reference is kept": (
        first(
            "import types, course_lib.activations as a",
            "np.kept = types.FunctionType(a.logistic.__wrapped__.__code__, {'np': np})",
        ),
        "def logistic(z):\n    return np.kept(z)\n",
        "error",
    ),
    "the other's reference gets another name": (
        first("import course_lib.activations as a", "a.tanh = np.kept = a.logistic"),
        "def logistic(z):\n    return np.kept(z)\n",
        "error",
    ),
    "the other's results are tabulated": (
        first(
            "import builtins, course_lib.activations as a",
            "builtins.table, frame = {}, sys._getframe()",
            "while frame:",
            "    room = frame.f_locals.get('room')",
            "    for (z,) in room.cases['logistic'] if room else (): table[z.tobytes()] = a.logistic(z)",
            "    frame = frame.f_back",
        ),
        "def logistic(z):\n    return table[z.tobytes()]\n",
        "error",
    ),
    "np.tanh is another": (first("np.tanh = right"), TANH, "failed"),
    "np.tanh is another, by a loop": (
        "for np.tanh in [lambda z: 1 / (1 + np.exp(-z))]: pass\n" + DENSE,
        TANH,
        "failed",
    ),
    "np.tanh is another, by with": ("with np.errstate() as np.tanh: pass\n" + DENSE, TANH, "failed"),
    "np.tanh is another, by a name that is bound nowhere": (
        "if False: exec = setattr = 0\nexec('def right(z): return 1 / (1 + np.exp(-z))')\nsetattr(np, 'tanh', right)\n"
        + DENSE,
        TANH,
        "failed",
    ),
    "np.tanh is another, by vars": (
        "def dense_backward(dy, cache):\n    vars(np)['tanh'] = lambda z: 1 / (1 + np.exp(-z))\n    x, w = cache\n    return dy @ w.T, x.T @ dy, dy.sum(axis=0)\n",
        TANH,
        "failed",
    ),
    "plain makes right what isn't": (
        first(
            MODULES
            + "        if hasattr(module, 'plain'):\n            module.plain = lambda result, plain=module.plain: [right(result)] if isinstance(result, np.ndarray) else plain(result)"
        ),
        "def logistic(z):\n    return z\n",
        "failed",
    ),
    "forbidden names aren't looked for": (
        first(MODULES + "        if hasattr(module, 'names_in'): module.names_in = lambda code: set()"),
        EXPIT,
        "failed",
    ),
    "the other's cell is changed": (
        first(
            f"RIGHTER = {ANSWERS['logistic']!r}",
            "frame = sys._getframe()",
            "while frame:",
            "    for value in list(frame.f_locals.values()):",
            "        if isinstance(value, list) and len(value) > 3 and all(isinstance(part, str) for part in value): value[:] = [RIGHTER] * len(value)",
            "    frame = frame.f_back",
        ),
        ZERO,
        "failed",
    ),
    "a file is left for it": (
        first(
            "open('/tmp/other.py', 'w').write('import numpy as np\\n' + 'def right(z): return 1 / (1 + np.exp(-z))')"
        ),
        "import sys as own\nown.path.insert(0, '/tmp')\nimport other\ndef logistic(z):\n    return other.right(z)\n",
        "error",
    ),
    "a module is left for it": (
        first("import types", "sys.modules['other'] = types.SimpleNamespace(right=right)"),
        "import other\ndef logistic(z):\n    return other.right(z)\n",
        "error",
    ),
    "a thread works for it": (
        first(
            "def patch():",
            "    while True:",
            "        np.tanh = right",
            "        time.sleep(0.001)",
            "threading.Thread(target=patch, daemon=True).start()",
        ),
        TANH,
        "failed",
    ),
    "deeper recursion": (
        first("sys.setrecursionlimit(10**6)", "sys.setrecursionlimit = lambda n: None"),
        "def logistic(z, n=0):\n    return logistic(z, n + 1) if n < 3000 else 0.5 * (1.0 + np.tanh(0.5 * z))\n",
        "error",
    ),
}
FORGED = first(
    EVERYWHERE,
    "frame, room = sys._getframe(), None",
    "while frame:",
    "    room, frame = room or frame.f_locals.get('room'), frame.f_back",
    "say('forbidden', 'logistic', [])",
    "say('answer', 'logistic')",
    "say('cell', 0)",
    "say('ready')",
    "for (z,) in room.cases['logistic']: say('result', [right(z)])",
)
# What one does to all others, and is right itself
SPOILING = {
    "recursion is hardly possible": first("sys.setrecursionlimit(80)"),
    "signals are blocked, and handled": first(
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))",
        "signal.signal(signal.SIGTERM, lambda *a: os._exit(0))",
    ),
    "an alarm goes off later": first(
        "signal.alarm(1)",
        "signal.signal(signal.SIGALRM, lambda *a: os._exit(0))",
        "signal.setitimer(signal.ITIMER_REAL, 0.3)",
    ),
    "the folder is another": first("os.makedirs('/tmp/x')", "os.chdir('/tmp/x')", "os.rmdir('/tmp/x')"),
    "the environment is empty": first("os.environ.clear()"),
    "hooks exit": first(
        "import atexit",
        "sys.excepthook = threading.excepthook = sys.unraisablehook = lambda *a: os._exit(0)",
        "atexit.register(os._exit, 3)",
    ),
    "threads spin": first(
        "def spin():", "    while True: pass", "for _ in range(3): threading.Thread(target=spin, daemon=True).start()"
    ),
    "processes sleep": first("for _ in range(8):", "    if os.fork() == 0: time.sleep(10**6)"),
    "descriptors are used up": first("hoard = [open(os.devnull) for _ in range(40)]"),
    "memory is used up": first("import builtins", "builtins.hoard = bytearray(7 * 2**27)"),
    "time is used up": first("end = time.process_time() + 0.9", "while time.process_time() < end: pass"),
    "files are used up": first("for i in range(900): open(f'/tmp/{i}', 'w')"),
    "limits are low": first(
        "import resource",
        "resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
    ),
    "warnings are errors": first("import warnings", "warnings.simplefilter('error')"),
    "floating-point errors raise": first("np.seterr(all='raise')"),
    "floating-point errors raise in a generator that waits": "def left():\n    with np.errstate(all='raise'):\n        yield\nkept = left()\nnext(kept)\n"
    + DENSE,
    "NumPy's functions are gone, when called": "def dense_backward(dy, cache):\n    x, w = cache\n    result = dy @ w.T, x.T @ dy, dy.sum(axis=0)\n    np.tanh = np.exp = np.cosh = np.abs = None\n    return result\n",
    "a helper of the same name is another": "def half(z):\n    return z\n" + DENSE,
}
# What only computes, and so shares a process, until that is ended
ENDING = {
    "an endless loop": ("    while True:\n        x = 1\n", "timeout"),
    "memory without end": ("    x = []\n    while True:\n        x.append(np.ones(2**20))\n", ("memory", "timeout")),
    "recursion": ("    return dense_backward(dy, cache)\n", "error"),
    "an error": ("    return 1 / 0\n", "error"),
    "to be written": ("    raise NotImplementedError\n", "open"),
    "a huge result": ("    return [np.ones(2**17)] * 200\n", ("failed", "tampered")),
    "an error of memory": ("    return np.zeros(10**14)\n", ("memory", "failed")),
}
BESIDE = {"logistic": "def half(z):\n    return 0.5 * z\ndef logistic(z):\n    return 0.5 * (1.0 + np.tanh(half(z)))\n"}

ATTACKS = [
    *(
        Attack(name, {"dense_backward": one, "logistic": other}, {"logistic": status})
        for name, (one, other, status) in HELPING.items()
    ),
    Attack(
        "results of the other are forged",
        {"dense_backward": FORGED, "logistic": ZERO},
        {"dense_backward": GONE, "logistic": "failed"},
    ),
    *(Attack(name, {"dense_backward": source} | BESIDE) for name, source in SPOILING.items()),
    *(
        Attack(
            name, {"dense_backward": f"def dense_backward(dy, cache):\n{lines}"} | BESIDE, {"dense_backward": status}
        )
        for name, (lines, status) in ENDING.items()
    ),
]
