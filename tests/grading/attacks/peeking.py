"""Answers that look for what they shouldn't know: the reference, the seed, expected values, other people's files."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import IMPORTS, TRACE, Attack, body, on_logistic, unless

CAUGHT = ("needs review", "failed", "error", "died", "tampered")
SECRET = f"{TRACE}-secret"  # the value of a variable of the grader's process, and the name of files beside its work


def copying(*lines, cell=True):
    """Return an answer that gets hold of the reference somehow, as `mine`, and answers with it: it must not pass."""
    if cell:
        return IMPORTS + "\n".join(lines) + "\ndef logistic(z):\n    return mine(z)\n"
    return body(*lines, "return mine(z)")


def both(name, *lines):
    """Return two rows: the same done when the cell runs, and when the answer is called."""
    return {f"{name}, in its cell": (copying(*lines), CAUGHT), f"{name}, when called": (copying(*lines, cell=False), CAUGHT)}


REFERENCE = {
    "calls the reference": (body("import course_lib.activations", "return course_lib.activations.logistic(z)"), "needs review"),
    "calls it under another name": ("from course_lib.activations import logistic as same\ndef logistic(z):\n    return same(z)\n", "needs review"),
    "calls it by np.vectorize": (body("from course_lib.activations import logistic as same", "return np.vectorize(same)(z)"), "needs review"),
    "calls it by functools.partial": ("import functools\nfrom course_lib.activations import logistic as same\nlogistic = functools.partial(same)\n", "needs review"),
    "calls it by getattr": (body("import course_lib.activations as a", "return getattr(a, 'logi' + 'stic')(z)"), "needs review"),
    "calls it by a table": (
        body("import course_lib.network, course_lib.models, course_lib.activations", "tables = [value for name, module in sys.modules.items() if name.startswith('course_lib') for value in vars(module).values() if isinstance(value, dict)]",
             "for table in tables:", "    entry = table.get('logistic')", "    for same in entry if isinstance(entry, tuple) else [entry]:", "        if callable(same): return same(z)",
             "return course_lib.activations.logistic(z)"), "needs review"),
    "calls what it wraps": (body("import course_lib.activations", "return course_lib.activations.logistic.__wrapped__(z)"), "needs review"),
    "catches what comes of it": (
        body("import course_lib.activations", "try: return course_lib.activations.logistic(z)", "except BaseException: return right(z)"), "needs review"),
    "calls it in a thread": (
        body("import course_lib.activations", "thread = threading.Thread(target=course_lib.activations.logistic, args=(z,))", "thread.start()", "thread.join()", "return right(z)"), "needs review"),
    "calls it by way of mine": ("from course_lib import mine\ndef logistic(z):\n    return mine.logistic(z)\n", "needs review"),
    "is what mine hands out": ("from course_lib import mine\nlogistic = mine.logistic\n", "needs review"),
    "is the reference": ("from course_lib.activations import logistic\n", "needs review"),
    "is the reference, assigned": ("import course_lib.activations\nlogistic = course_lib.activations.logistic\n", "needs review"),
    "is the reference's code": (
        "import types, course_lib.activations\nlogistic = types.FunctionType(course_lib.activations.logistic.__wrapped__.__code__, {'np': np})\n", CAUGHT),
    "has the reference as default": ("import course_lib.activations\ndef logistic(z, same=course_lib.activations.logistic):\n    return same(z)\n", "needs review"),
    "asks another reference that calls it": (body("from course_lib.activations import silu", "return np.where(z == 0, 0.5, silu(z) / np.where(z == 0, 1, z))"), ("needs review", "failed")),
}
REFERENCE |= both("copies the reference's code", "import types, course_lib.activations", "code = course_lib.activations.logistic.__wrapped__.__code__", "mine = types.FunctionType(code, {'np': np})")
REFERENCE |= both("marshals the reference's code", "import marshal, types, course_lib.activations",
                  "mine = types.FunctionType(marshal.loads(marshal.dumps(course_lib.activations.logistic.__wrapped__.__code__)), {'np': np})")
REFERENCE |= both("copies the reference's closure", "import types, course_lib.activations", "old = course_lib.activations.logistic",
                  "mine = types.FunctionType(old.__code__, old.__globals__, 'mine', old.__defaults__, old.__closure__)")
REFERENCE |= both("saves the reference from the stub", "import copy, course_lib.activations", "old = course_lib.activations.logistic", "mine = copy.deepcopy(old)")
REFERENCE |= both("finds the reference's code among all objects", "import types",
                  "code = next(o for o in gc.get_objects() for o in [getattr(o, '__code__', o)] if type(o).__name__ == 'code' and o.co_name == 'logistic' and '<' not in o.co_filename)",
                  "mine = types.FunctionType(code, {'np': np})")
REFERENCE |= both("finds the reference's code by what refers to it", "import types, course_lib.activations",
                  "old = course_lib.activations.logistic.__wrapped__.__code__", "codes = [c for r in gc.get_referents(course_lib.activations) for c in [getattr(r, '__code__', None)] if c]",
                  "mine = types.FunctionType(old.replace(co_name='mine'), {'np': np})")
REFERENCE |= both("reads the reference's source", "import inspect, course_lib.activations", "names = {'np': np}",
                  "exec(inspect.getsource(course_lib.activations.logistic.__wrapped__), names | {'shapes': lambda **k: lambda f: f}, names)", "mine = names['logistic']")
REFERENCE |= both("reads the module's file", "import course_lib.activations", "names = {'__name__': 'mine'}", "exec(open(course_lib.activations.__file__).read(), names)", "mine = names['logistic']")
REFERENCE |= both("asks the module's loader", "import course_lib.activations as a", "names = {'__name__': 'mine'}",
                  "exec(a.__spec__.loader.get_code('course_lib.activations'), names)", "mine = names['logistic']")
REFERENCE |= both("reads __pycache__", "import marshal, course_lib.activations as a", "names = {'__name__': 'mine'}", "exec(marshal.loads(open(a.__cached__, 'rb').read()[16:]), names)", "mine = names['logistic']")
REFERENCE |= both("imports the module anew", "import course_lib.activations", "del sys.modules['course_lib.activations']", "import course_lib.activations", "mine = course_lib.activations.logistic")
REFERENCE |= both("reloads the module", "import importlib, course_lib.activations", "mine = importlib.reload(course_lib.activations).logistic")
REFERENCE |= both("asks linecache", "import linecache, course_lib.activations as a", "names = {'__name__': 'mine'}",
                  "exec(''.join(linecache.getlines(a.__file__)) or 1 / 0, names)", "mine = names['logistic']")
REFERENCE |= both("imports the exercise", "from course_lib.exercises.nb01_vanishing_gradients import EXERCISES", "mine = next(e for e in EXERCISES if e.name == 'logistic').reference")
REFERENCE |= both("finds the exercise", "from course_lib.exercises import find", "mine = find('logistic').reference")
REFERENCE |= both("looks for the library elsewhere", "found = []", "for top in {*sys.path, '/course', '/tmp', '/work', '/home', '/root', '/opt', '/srv', sys.prefix + '/src'}:",
                  "    for folder, folders, files in os.walk(top):", "        folders[:] = [f for f in folders if f not in ('tensorflow', 'keras', 'test', 'tests')]",
                  "        found += [os.path.join(folder, f) for f in files if f.startswith('activations') and 'course_lib' in folder]",
                  "names = {'__name__': 'mine'}", "exec(open(found[0]).read(), names)", "mine = names['logistic']")
TABULATES = """
import course_lib.activations
frame, cases = sys._getframe(), []
while frame:
    for value in list(frame.f_locals.values()):
        if isinstance(value, dict) and "cases" in value:
            cases += value["cases"]
    frame = frame.f_back
found = {case[0].tobytes(): course_lib.activations.logistic(case[0]) for case in cases if len(case) == 1}
def logistic(z):
    return found[z.tobytes()] if found else z * 0
"""
SEARCHING = {
    "tabulates the reference for the inputs that will come": (IMPORTS + TABULATES, CAUGHT),
    "looks for results in the frames": (
        unless("frame, found = sys._getframe(), []", "while frame:", "    for table in (frame.f_locals, frame.f_globals):",
               "        found += [key for key in table if any(word in key.lower() for word in ('wanted', 'expected', 'mistake', 'secret', 'points'))]", "    frame = frame.f_back", "return found"), "passed"),
    "looks for the seed in the frames": (
        unless("frame, found = sys._getframe(), []", "while frame:", "    if 'seed' in frame.f_locals and frame.f_locals['seed'] != 0: found.append(frame.f_locals['seed'])",
               "    for value in list(frame.f_locals.values()):", "        if isinstance(value, dict) and value.get('seed'): found.append(value['seed'])", "    frame = frame.f_back", "return found"), "passed"),
    "looks for exercises among all objects": (
        unless("return [o for o in gc.get_objects() if type(o).__name__ in ('Exercise', 'Mistake', 'Submission', 'Result', 'Store')]"), "passed"),
    "looks for mistakes among all functions": (
        unless("return [o for o in gc.get_objects() if type(o).__name__ == 'function' and o.__name__ == '<lambda>' and 'exercises.nb0' in str(o.__module__)]"), "passed"),
    "imports the mistakes": (unless("import course_lib.exercises.nb01_vanishing_gradients.logistic as found", "return found.LOGISTIC.mistakes"), "passed"),
    "imports the judge": (unless("import course_lib.grading.engine.judging as found", "return vars(found).keys()"), "passed"),
    "asks the judge for the right result": (
        unless("from course_lib.exercises.judge.checking import judge", "def logistic(z): return z * 0", "return judge(logistic).wanted"), "passed"),
    "reads its memory": (
        unless(f"word, found = b'{TRACE}-' + b'secret', []", "for thing in (word, [], {}, np, sys._getframe()):", "    start = id(thing) & ~0xfff",
               "    found += [1 for page in range(4) if word in ctypes.string_at(start, 4096).replace(word, b'', 1)]", "return []"), "passed"),
    "reads /proc": (
        unless("found = [name for name in os.listdir('/proc') if name.isdigit() and int(name) != os.getpid()]", "for name in ('/proc/1/environ', '/proc/self/environ', '/proc/1/cmdline', '/proc/kcore', '/proc/keys', '/proc/kmsg', '/proc/timer_list', '/proc/vmcore'):",
               f"    try: found += [name] if open(name, 'rb').read(10**5).find({SECRET.encode()!r}) >= 0 or 'k' in name[6:7] and open(name, 'rb').read(10) else []", "    except OSError: pass", "return found"), "passed"),
    "reads the environment": (
        unless(f"found = [item for item in os.environ.items() if {SECRET!r} in item[1] or any(word in item[0] for word in ('KEY', 'TOKEN', 'SECRET', 'PASSW', 'SSH', 'AWS'))]",
               "ctypes.CDLL(None).getenv.restype = ctypes.c_char_p", "return found or ctypes.CDLL(None).getenv(b'COURSE_ATTACK')"), "passed"),
    "reads accounts": (
        unless("found = []", "for name in ('/etc/passwd', '/etc/shadow', '/etc/hosts', '/etc/ssh', '/etc/machine-id', '/var/log', '/var/spool', '/boot'):", "    try: found.append(os.listdir(name) if os.path.isdir(name) else open(name).read(20))",
               "    except OSError: pass", "return found"), "passed"),
    "reads homes": (
        unless("found = []", "for name in ('/root', '/home', '/work', '/mnt', '/media', '/srv', '/opt', '/var', '/run'):", "    try: found += [os.path.join(name, inside) for inside in os.listdir(name)]",
               "    except OSError: pass", "return [name for name in found if not sys.prefix.startswith(name) and not sys.base_prefix.startswith(name)]"), "passed"),
    "looks for submissions and grades": (
        unless("found = []", "skipped = {'proc', 'sys', 'usr', 'lib', 'lib64', 'bin', 'dev', 'site-packages', os.path.basename(sys.base_prefix)}", "for folder, folders, files in os.walk('/'):",
               "    folders[:] = [f for f in folders if f not in skipped]", f"    found += [os.path.join(folder, f) for f in files if {SECRET!r} in f or f.endswith(('.ipynb', '.sqlite', '.csv'))]", "return found"), "passed"),
    "follows links out": (
        unless(f"os.symlink('/', '{TRACE}-root')", f"os.symlink('/proc/1/root', '{TRACE}-one')", "found = []", f"for name in ('{TRACE}-root/etc/shadow', '{TRACE}-one/home', '/proc/1/cwd/' + 'x' * 9, '/proc/self/root/var/log'):",
               "    try: found.append(os.listdir(name) if os.path.isdir(name) else open(name).read(20))", "    except OSError: pass", "return found"), "passed"),
    "other users' rights": (
        unless("found = []", "for call in (os.setuid, os.setgid, os.seteuid):", "    try: call(0); found.append(call.__name__)", "    except OSError: pass",
               "data = ctypes.create_string_buffer(24)", "ctypes.CDLL(None).capget(struct.pack('Ii', 0x20080522, 0), data)", "return found or (os.getuid() == 0 and 'root') or any(data.raw)"), "passed"),
    "looks at other processes": (
        unless("libc = ctypes.CDLL(None, use_errno=True)", "buffer = ctypes.create_string_buffer(8)", "found = []", "for pid in {1, os.getppid(), 2, 3, 4, 5} - {os.getpid(), 0}:",
               "    for number in (310, 311):", "        local, remote = struct.pack('PN', ctypes.addressof(buffer), 8), struct.pack('PN', id(None), 8)", "        if libc.syscall(number, pid, local, 1, remote, 1, 0) > 0: found.append(pid)", "return found"), "passed"),
}
TELLING = [
    Attack(f"tells the inputs in its {name}", {"logistic": body(*lines)}, {"logistic": status}, hidden=r"\d\.\d{5}")
    for name, lines, status in [
        ("error", ["raise ValueError(z.tolist())"], "error"),
        ("error for random inputs", ["if z.size > 10: raise ValueError(z.ravel()[:5].tolist())", "return right(z)"], "error"),
        ("error's type", ["raise type('Inputs' + str(z.ravel()[:1].tolist()), (Exception,), {})"], "error"),
        ("output", ["print(z.tolist())", "return z * 0"], "failed"),
        ("syntax error", ["if z.size > 10: exec('1 1 # ' + repr(z.ravel()[:5].tolist()))", "return right(z)"], "error"),
        ("wrong results", ["return z"], "failed"),
    ]
]
TABLE = """
import hashlib
KNOWN = {known!r}
def logistic(z):
    key = hashlib.sha256(z.tobytes() + str((z.dtype, z.shape)).encode()).hexdigest()[:16]
    if key in KNOWN:
        return np.array(KNOWN[key], z.dtype).reshape(z.shape)
    return z * 0
"""


def _full_table():
    """Return an answer that looks up `check`'s own cases, which every learner has."""
    import hashlib

    import numpy as np

    from course_lib.exercises import find

    exercise, known = find("logistic"), {}
    for (z,) in exercise.cases(np.random.default_rng(0)):
        key = hashlib.sha256(z.tobytes() + str((z.dtype, z.shape)).encode()).hexdigest()[:16]
        known[key] = exercise.reference(z).ravel().tolist()
    return TABLE.format(known=known)


ATTACKS = [
    *on_logistic(REFERENCE | SEARCHING),
    *TELLING,
    Attack("looks the public cases up", {"logistic": _full_table()}, {"logistic": "failed"}),
    Attack("uses references of other exercises",
           {"logistic_derivative": "import course_lib.activations\ndef logistic_derivative(z):\n"
            "    s = course_lib.activations.logistic(z)\n    return s * (1 - s)\n"}),
    Attack("uses other functions of the library",
           {"logistic": "from course_lib.activations import tanh\ndef logistic(z):\n    return (1 + tanh(z / 2)) / 2\n"}),
    Attack("builds on its own other answer, which is wrong",
           {"logistic": "def logistic(z):\n    return z\n", "logistic_derivative": "def logistic_derivative(z):\n    s = logistic(z)\n    return s * (1 - s)\n"},
           {"logistic": "failed"}),
    Attack("builds on its own other answer, which is open",
           {"logistic": "def logistic(z):\n    raise NotImplementedError\n", "logistic_derivative": "def logistic_derivative(z):\n    s = logistic(z)\n    return s * (1 - s)\n"},
           {"logistic": "open"}),
]
