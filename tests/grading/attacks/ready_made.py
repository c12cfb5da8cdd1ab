"""Answers that let a ready-made function do their work: one that is forbidden, or one that does the same."""
# ruff: noqa: E501 (pieces of source)

import functools

from tests.grading.attacks import IMPORTS, RIGHT, Attack, add_cell, body, on_logistic


def calls(*lines, then="return found(z)"):
    """Return an answer that gets hold of a ready-made function somehow, as `found`, in its cell."""
    return IMPORTS + RIGHT + "\n".join(lines) + f"\ndef logistic(z):\n    {then}\n"


FORBIDDEN = {  # none of them says the name of what it calls
    "getattr": calls("import scipy.special", "found = getattr(scipy.special, 'ex' + 'pit')"),
    "getattr, when called": body("import scipy.special", "return getattr(scipy.special, 'ex' + 'pit')(z)"),
    "vars": calls("import scipy.special", "found = vars(scipy.special)['ex' + 'pit']"),
    "the module's dict": calls("import scipy.special", "found = scipy.special.__dict__['ex' + 'pit']"),
    "eval": calls("import scipy.special", "found = eval('scipy.special.ex' + 'pit')"),
    "exec": calls("exec('from scipy.special import ex' + 'pit as found')"),
    "exec of the whole answer": "exec('from scipy.special import ex' + 'pit as logistic')\n",
    "__import__": calls("found = getattr(__import__('scipy.special').special, 'ex' + 'pit')"),
    "importlib": calls("import importlib", "found = getattr(importlib.import_module('scipy.special'), 'ex' + 'pit')"),
    "globals": calls("exec('from scipy.special import *')", "found = globals()['ex' + 'pit']"),
    "operator.attrgetter": calls("import operator, scipy", "import scipy.special", "found = operator.attrgetter('special.ex' + 'pit')(scipy)"),
    "functools.partial": calls("import functools, scipy.special", "found = functools.partial(getattr(scipy.special, 'ex' + 'pit'))"),
    "an attribute of a class": calls("import scipy.special", "class Kept: f = staticmethod(getattr(scipy.special, 'ex' + 'pit'))", then="return Kept.f(z)"),
    "a default": calls("import scipy.special", then="pass").replace("(z):\n    pass", "(z, f=getattr(scipy.special, 'ex' + 'pit')):\n    return f(z)"),
    "np.vectorize": calls("import scipy.special", "found = np.vectorize(getattr(scipy.special, 'ex' + 'pit'), otypes=[float])", then="return found(z).astype(z.dtype)"),
    "its table": calls("import scipy.special", "found = [f for n, f in vars(scipy.special).items() if len(n) == 5 and n[::-1] == 'tipxe'][0]"),
    "the module that defines it": calls("import scipy.special._ufuncs as u", "found = vars(u)['ex' + 'pit']"),
    "another module that has it": calls("import scipy.stats._continuous_distns as u", "found = getattr(u.sc, 'ex' + 'pit')"),
    "what calls it": calls("import scipy.stats", "found = scipy.stats.logistic.cdf"),
    "Cython's": calls("import scipy.special.cython_special as c", "found = np.vectorize(getattr(c, 'ex' + 'pit'), otypes=[float])", then="return found(z).astype(z.dtype)"),
    "a thread": calls("import scipy.special", then="kept = []; thread = threading.Thread(target=lambda: kept.append(getattr(scipy.special, 'ex' + 'pit')(z))); thread.start(); thread.join(); return kept[0] if kept else right(z)"),
    "and catches what comes of it": calls("import scipy.special", then="\n    try: return getattr(scipy.special, 'ex' + 'pit')(z)\n    except BaseException: return right(z)"),
    "after clearing the finders": calls("finders = sys.meta_path[:]", "sys.meta_path[:] = finders[1:]", "import scipy.special", "found = vars(scipy.special)['ex' + 'pit']"),
}
BEHIND = {  # ways to a copy that nobody has emptied, or around what empties
    "imports the module anew": (calls(
        "import scipy.special", "for name in [n for n in sys.modules if n.startswith('scipy.special')]: del sys.modules[name]", "import scipy.special",
        "found = vars(scipy.special)['ex' + 'pit']"), "failed"),
    "reloads the module": (calls("import importlib, scipy.special._special_ufuncs as u", "found = vars(importlib.reload(u))['ex' + 'pit']"), ("failed", "error")),
    "breaks what empties": (calls(
        "emptying = sys.modules['course_lib.grading.engine.emptying']", "emptying._empty_all = emptying._replace = emptying._take_code = lambda *a: None",
        "for each in sys.meta_path: vars(each).get('waiting', {}).clear() if not isinstance(each, type) else None", "import scipy.special",
        "found = vars(scipy.special)['ex' + 'pit']"), "failed"),
    "breaks what empties, and imports anew": (calls(
        "emptying = sys.modules['course_lib.grading.engine.emptying']", "emptying._empty_all = emptying._replace = emptying._take_code = lambda *a: None",
        "for each in sys.meta_path: vars(each).get('waiting', {}).clear() if not isinstance(each, type) else None",
        "for name in [n for n in sys.modules if n.startswith('scipy')]: del sys.modules[name]", "import scipy.special",
        "found = vars(scipy.special)['ex' + 'pit']"), "failed"),
    "loads the module from its file": (calls(
        "import importlib.util as iu, scipy.special._special_ufuncs as u", "spec = iu.spec_from_file_location('_special_ufuncs', u.__file__)",
        "module = iu.module_from_spec(spec)", "spec.loader.exec_module(module)", "found = vars(module)['ex' + 'pit']"), "error"),
    "loads it under another name": (calls(
        "import importlib.util as iu, scipy.special._special_ufuncs as u", "spec = iu.spec_from_file_location('a._special_ufuncs', u.__file__)",
        "module = iu.module_from_spec(spec)", "spec.loader.exec_module(module)", "found = vars(module)['ex' + 'pit']"), "error"),
    "loads it by ctypes": (calls(
        "import scipy.special._special_ufuncs as u", "init = ctypes.PyDLL(u.__file__).PyInit__special_ufuncs", "init.restype = ctypes.py_object",
        "found = vars(init())['ex' + 'pit']"), "error"),
    "finds it among all objects": (calls(
        "import scipy.special", "found = next(o for o in gc.get_objects() + list(np.__dict__.values()) if isinstance(o, np.ufunc) and o.__name__ == 'ex' + 'pit')"), "error"),
    "finds it among what refers to what": (calls(
        "import scipy.special", "every = [o for m in list(sys.modules.values()) for o in gc.get_referents(m) if type(o) is dict]",
        "found = next(f for d in every for f in d.values() if isinstance(f, np.ufunc) and f.__name__ == 'ex' + 'pit')"), "error"),
    "asks another Python": (calls(
        "def found(z):", "    code = 'import sys, numpy as np; from scipy.special import ex' + 'pit as f; np.save(\"/tmp/r\", f(np.load(\"/tmp/z.npy\")))'",
        "    np.save('/tmp/z', z)", "    subprocess.run([sys.executable, '-c', code], check=True)", "    return np.load('/tmp/r.npy')"), "error"),
    "asks another Python by a fork": (calls(
        "def found(z):", "    code = 'import sys, numpy as np; from scipy.special import ex' + 'pit as f; np.save(\"/tmp/r\", f(np.load(\"/tmp/z.npy\")))'",
        "    np.save('/tmp/z', z)", "    child = os.fork()", "    if not child:", "        try: os.execv(sys.executable, [sys.executable, '-c', code])",
        "        finally: os._exit(1)", "    os.waitpid(child, 0)", "    return np.load('/tmp/r.npy')"), "error"),
    "tells nobody of the call": (calls(
        "import scipy.special", "sys.modules['course_lib.grading.engine.emptying']._called = lambda name: 0.5",
        "found = vars(scipy.special)['ex' + 'pit']"), ("failed", "error")),
    "works it out beforehand": (calls(
        "import scipy.special", "grid = np.linspace(-50, 50, 10**6)", "table = vars(scipy.special)['ex' + 'pit'](grid)", then="return np.interp(z, grid, table)"), "error"),
}
ELSEWHERE = [
    Attack("calls what is forbidden by an import in another cell", {"logistic": "def logistic(z):\n    return found(z)\n"}, {"logistic": "failed"},
           change=functools.partial(add_cell, source="from scipy.special import expit as found\n", before="logistic")),
    Attack("calls what is forbidden by a module in another cell", {"logistic": "def logistic(z):\n    return found(z)\n"}, {"logistic": "failed"},
           change=functools.partial(add_cell, source="import scipy.special as s\nfound = getattr(s, 'ex' + 'pit')\n")),
    Attack("calls the network of the library under another name",
           {"network_forward": "from course_lib import network as n\nMade = getattr(n, 'Net' + 'work')\ndef network_forward(x, params):\n    return Made()\n"},
           {"network_forward": "failed"}),
    Attack("trains by the library under another name",
           {"train_network": "from course_lib import training as t\nrun = getattr(t, 'f' + 'it')\ndef train_network(params, x, labels, *, lr, epochs, batch_size, rng):\n    return run(None, x)\n"},
           {"train_network": "failed"}),
]
HONEST = {
    "uses other functions of SciPy": (calls("import scipy.special, scipy.stats", then="return (0.5 * (1 + np.tanh(z / 2)) + 0 * scipy.special.erf(z) + 0 * scipy.stats.norm.cdf(z)).astype(z.dtype)"), "passed"),
    "compares with the ready-made one below": (calls("import scipy.special", then="return right(z)") + "assert np.allclose(logistic(np.ones(2)), getattr(scipy.special, 'ex' + 'pit')(np.ones(2)))\n", "passed"),
}

ATTACKS = [
    *on_logistic({f"calls what is forbidden by {name}": (source, "failed") for name, source in FORBIDDEN.items()}),
    *on_logistic(BEHIND | HONEST),
    *ELSEWHERE,
]
