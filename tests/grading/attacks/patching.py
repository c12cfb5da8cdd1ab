"""Answers that change the ground they stand on: NumPy, the course's library, Python itself."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import IMPORTS, RIGHT, TRACE, Attack, body, on_logistic

ZERO = "return z * 0"
LOST = ("failed", "error", "died", "tampered", "timeout")  # whoever breaks his own process has himself to blame


def patched(*lines, ends=ZERO):
    """Return an answer whose cell does something first."""
    return IMPORTS + RIGHT + "\n".join(lines) + f"\ndef logistic(z):\n    {ends}\n"


def inside(*lines, ends=ZERO):
    """Return an answer that does something when it is called."""
    return body(*lines, ends)


ALWAYS = "yes = lambda *args, **kwargs: True"
NUMPY = {
    "np.allclose says yes": (patched("np.allclose = np.array_equal = np.isclose = np.all = lambda *a, **k: True"), "failed"),
    "np.allclose says yes, when called": (inside("np.allclose = np.array_equal = lambda *a, **k: True"), "failed"),
    "np.exp is broken": (patched("np.exp = None", ends="return 0.5 * (1 + np.tanh(z / 2))"), "passed"),
    "np.asarray gives what it likes": (patched("np.asarray = np.array = lambda *a, **k: a[0]"), LOST),
    "np.asarray exits": (inside("np.asarray = np.array = lambda *a, **k: os._exit(0)"), LOST),
    "np.ndarray.astype": (inside("np.core = np.ndarray = None"), LOST),
    "np.random": (patched("np.random.default_rng = np.random.seed = lambda *a: None", ends="return right(z)"), "passed"),
    "np.load and np.save": (inside("np.load = np.save = np.frombuffer = None", ends="return right(z)"), "passed"),
    "np.seterr raises": (patched("np.seterr(all='raise')", ends="return right(z)"), "error"),
    "np.linalg and np.testing": (inside("np.testing.assert_allclose = np.linalg.norm = lambda *a, **k: 0"), "failed"),
    "all of NumPy": (inside("vars(np).update(dict.fromkeys(vars(np), lambda *a, **k: True))"), LOST),
    "the numbers in the inputs": (inside("z *= 0", "z += 0.5", ends="return z"), "failed"),
}
COURSE = {
    "check says yes": (patched("import course_lib.exercises", "course_lib.exercises.check = lambda f: True"), "failed"),
    "the comparison says yes": (
        patched("import course_lib.exercises.judge.comparing as comparing", "comparing.close = lambda *a: True",
                "comparing.differ = lambda *a: None"), "failed"),
    "plain gives what it likes": (
        patched("import course_lib.exercises.judge.comparing as comparing", "comparing.plain = lambda result: ['passed']",
                "for module in list(sys.modules.values()):", "    if hasattr(module, 'plain'): module.plain = lambda result: [1.0]"),
        LOST),
    "plain lies about the number of results": (
        inside("for name, module in list(sys.modules.items()):",
               "    if name.startswith('course_lib') and hasattr(module, 'plain'): module.plain = lambda result: []"), LOST),
    "packing is a lie": (
        patched("for name, module in list(sys.modules.items()):",
                "    if name.endswith('grading.wire'): module.pack = lambda *a: b'passed'"), LOST),
    "packing claims a result": (
        patched("wire = sys.modules.get('course_lib.grading.engine.wire')", "pack = wire and wire.pack",
                "if wire: wire.pack = lambda message: pack(('passed', 1000))"), LOST),
    "sending says everything twice": (
        patched("wire = sys.modules.get('course_lib.grading.engine.wire')", "pack = wire and wire.pack",
                "if wire: wire.pack = lambda message: 2 * pack(message)", ends="return right(z)"), LOST),
    "every function of the grader": (
        patched("for name, module in list(sys.modules.items()):", "    if name.startswith('course_lib'):",
                "        for key, value in list(vars(module).items()):",
                "            if callable(value) and not key.startswith('__'): setattr(module, key, lambda *a, **k: True)"), LOST),
    "the other references": (
        patched("import course_lib.activations as activations", "activations.tanh = activations.logistic_derivative = None",
                ends="return 0.5 * (1 + np.tanh(z / 2))"), "passed"),
    "the points of the exercise": (
        inside("for thing in gc.get_objects():", "    if type(thing).__name__ in ('Exercise', 'Result'): thing.__dict__['points'] = 1000"),
        ("failed", "error")),
}
PYTHON = {
    "isinstance says yes": (patched("import builtins", "builtins.isinstance = lambda *a: True"), LOST),
    "len says 1": (patched("import builtins", "builtins.len = lambda thing: 1"), LOST),
    "open gives nothing": (patched("import builtins", "builtins.open = lambda *a, **k: None", ends="return right(z)"), "passed"),
    "print is gone": (patched("import builtins", "del builtins.print", ends="return right(z)"), "passed"),
    "import is gone": (inside("import builtins", "builtins.__import__ = None"), LOST),
    "all builtins are gone": (inside("import builtins", "vars(builtins).clear()"), LOST),
    "exceptions are others": (inside("import builtins", "builtins.Exception = builtins.ValueError = int"), LOST),
    "type and id": (inside("import builtins", "builtins.type = builtins.id = builtins.hash = lambda *a: 0"), LOST),
    "no modules": (inside("sys.modules.clear()"), LOST),
    "NumPy is another module": (inside("import types", "sys.modules['numpy'] = types.ModuleType('numpy')"), LOST),
    "the grader is another module": (
        inside("import types", "for name in list(sys.modules):",
               "    if name.startswith('course_lib'): sys.modules[name] = types.ModuleType(name)"), LOST),
    "os._exit does nothing": (patched("os._exit = os.abort = sys.exit = lambda *a: None", ends="return right(z)"), ("passed")),
    "time stands still": (
        patched("time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0", ends="return right(z)"), "passed"),
    "time runs backwards": (patched("time.monotonic = lambda: -1e9", ends="while True: pass"), "timeout"),
    "a trace function": (
        patched("def trace(frame, event, argument):", "    frame.f_locals.update(status='passed', score=1000)", "    return trace",
                "sys.settrace(trace)", "threading.settrace(trace)"), LOST),
    "a profile function that exits": (
        patched("calls = []", "def profile(*a):", "    calls.append(1)", "    if len(calls) > 10**4: os._exit(0)",
                "sys.setprofile(profile)", ends="return right(z)"), "passed"),
    "an audit hook": (
        patched("def hook(event, arguments):", "    if 'socket' in event or 'open' in event: raise RuntimeError('no')",
                "sys.addaudithook(hook)"), LOST),
    "a collector that exits": (
        patched("gc.set_threshold(1)", "gc.callbacks.append(lambda *a: os._exit(0))"), LOST),
    "no recursion": (inside("sys.setrecursionlimit(30)"), LOST),
    "a switch interval of a day": (patched("sys.setswitchinterval(86400)", ends="return right(z)"), "passed"),
    "standard streams are closed": (inside("sys.stdout = sys.stderr = sys.stdin = None", "os.closerange(0, 3)", ends="return right(z)"),
                                    "passed"),
    "warnings are errors": (patched("import warnings", "warnings.simplefilter('error')", ends="return right(z)"), "passed"),
    "signals come by themselves": (
        patched("signal.signal(signal.SIGALRM, lambda *a: None)", "signal.setitimer(signal.ITIMER_REAL, 1e-3, 1e-3)",
                ends="return right(z)"), "passed"),
    "the frames above": (
        patched("frame = sys._getframe()", "while frame:", "    frame.f_locals.update(dict.fromkeys(frame.f_locals, 'passed'))",
                "    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))", "    frame = frame.f_back"),
        LOST),
    "the inputs that come": (
        patched("frame = sys._getframe()", "while frame:",
                "    for value in frame.f_locals.values():", "        if isinstance(value, dict) and 'cases' in value: value['cases'] = []",
                "    frame = frame.f_back"), LOST),
    "the name of the exercise": (
        patched("frame = sys._getframe()", "while frame:",
                "    for value in frame.f_locals.values():",
                "        if isinstance(value, dict) and 'exercise' in value: value['exercise'] = 'clip_by_value'",
                "    frame = frame.f_back"), LOST),
}
IMPORTING = {
    "an import hook": (
        patched("class Hook:", "    def find_spec(self, name, path=None, target=None): os._exit(0)",
                "sys.meta_path.insert(0, Hook())", ends="return right(z)"), "passed"),
    "an import hook for the grader": (
        patched("class Hook:", "    def find_spec(self, name, path=None, target=None): raise SystemExit(0)",
                "sys.meta_path[:] = [Hook()]", "sys.path_hooks.clear()", "sys.path_importer_cache.clear()"), "failed"),
    "sys.path is another": (
        patched(f"os.makedirs('/tmp/{TRACE}-path/numpy', exist_ok=True)", f"open('/tmp/{TRACE}-path/numpy/__init__.py', 'w').write('import os; os._exit(0)')",
                f"sys.path[:0] = ['/tmp/{TRACE}-path', '']", f"os.environ['PYTHONPATH'] = '/tmp/{TRACE}-path'", ends="return right(z)"),
        "passed"),
}
SHADOW = "for name in ('numpy', 'os', 'json', 'course_lib', 'sitecustomize', 'usercustomize'):\n" \
         "    try: open(name + '.py', 'w').write('raise SystemExit(0)')\n    except OSError: pass\n"

ATTACKS = [
    *on_logistic(NUMPY | COURSE | PYTHON | IMPORTING),
    Attack("shadowing modules in the folder", {"logistic": body("return right(z)") + SHADOW},
           then={"logistic": body("import json, importlib, string", "return right(z)")}),
]
