"""Answers that end their process, or try to end others."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import body, on_logistic

GONE = ("died", "error")
STILL_HERE = "raise RuntimeError('still here')"
SYSCALL = "syscall = ctypes.CDLL(None, use_errno=True).syscall\n"


def trying(*lines):
    """Return an answer that tries each line, and isn't right in the end whatever came of them."""
    tried = [part for line in lines for part in ("try:", f"    {line}", "except Exception: pass")]
    return body(*tried, "time.sleep(0.1)", STILL_HERE, before=SYSCALL)


LEAVING = {
    "os._exit(0)": (body("os._exit(0)"), "died"),
    "os._exit(0) behind the answer": (body("return right(z)") + "\nos._exit(0)\n", "died"),
    "os._exit(0) before the answer": ("import os\nos._exit(0)\n" + body("return right(z)"), "died"),
    "os._exit(0) in the last case": (body("if z.ndim == 2: os._exit(0)", "return right(z)"), "died"),
    "os._exit in a thread, later": (
        body("threading.Timer(0.05, os._exit, (0,)).start()", "time.sleep(2)", "return right(z)"), "died"),
    "sys.exit()": (body("sys.exit()"), GONE),
    "sys.exit() behind the answer": (body("return right(z)") + "\nsys.exit()\n", GONE),
    "exit()": (body("exit()"), GONE),
    "subclass of SystemExit": (body("raise Bye(0)", before="class Bye(SystemExit): pass\n"), GONE),
    "KeyboardInterrupt": (body("raise KeyboardInterrupt"), GONE),
    "GeneratorExit": (body("raise GeneratorExit"), GONE),
    "BaseException": (body("raise BaseException"), GONE),
    "exception group": (body("raise BaseExceptionGroup('many', [SystemExit(0), KeyboardInterrupt()])"), GONE),
    "os.abort": (body("os.abort()"), "died"),
    "kills itself": (body("os.kill(os.getpid(), signal.SIGKILL)", "os._exit(9)"), "died"),
    "kills its thread": (
        body("signal.pthread_kill(threading.get_ident(), signal.SIGKILL)", "os._exit(9)"), "died"),
    "becomes another program": (body("os.execv('/bin/true', ['true'])"), GONE),
    "becomes another Python": (
        body("os.execv(sys.executable, [sys.executable, '-c', 'print(1)'])"), GONE),
    "segmentation fault": (body("ctypes.string_at(0)"), "died"),
    "jump to nowhere": (body("ctypes.CFUNCTYPE(None)(12345)()"), "died"),
    "overwrites None": (
        body("ctypes.memset(id(None), 255, 64)", "return right(z)"), ("died", "error", "failed", "timeout")),
    "overwrites a type": (
        body("ctypes.memset(id(np.ndarray) + 16, 0, 400)", "return right(z)"), ("died", "error", "failed", "timeout")),
    "SystemError": (body("ctypes.pythonapi.PyErr_SetNone(ctypes.py_object(SystemExit))"), GONE),
}
RECURSION = {
    "recursion": (body("return logistic(z)"), "error"),
    "recursion without limit": (
        body("sys.setrecursionlimit(2**31 - 1)", "return logistic(z)"), ("died", "error", "memory", "timeout")),
    "recursion in C": (
        body("sys.setrecursionlimit(2**31 - 1)", "return sorted([1], key=lambda v: logistic(z))"),
        ("died", "error", "memory", "timeout")),
    "recursion in a thread": (
        body("threading.stack_size(2**28)", "sys.setrecursionlimit(2**31 - 1)",
             "thread = threading.Thread(target=logistic, args=(z,))", "thread.start()", "thread.join()"),
        ("died", "error", "memory", "timeout", "failed")),
    "deep repr": (
        body("deep = []", "for _ in range(10**5): deep = [deep]", "raise ValueError(repr(deep))"), ("error", "died")),
    "deep list": (
        body("deep = []", "for _ in range(10**5): deep = [deep]", "return deep"), ("failed", "error", "died")),
    "list within itself": (body("own = []", "own.append(own)", "return own"), ("failed", "error")),
    "array within itself": (
        body("own = np.empty(1, object)", "own[0] = own", "return own"), ("failed", "error", "died")),
}
RAISING = {
    "raises MemoryError": (body("raise MemoryError"), "memory"),
    "raises before it is defined": ("raise ValueError('no')\n" + body("return right(z)"), "error"),
    "raises NotImplementedError": (body("raise NotImplementedError"), "open"),
    "an error named like that": (
        body("raise Own", before="class Own(Exception): pass\nOwn.__name__ = 'NotImplementedError'\n"), "error"),
    "an error whose text raises": (
        body("raise Own", before="class Own(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\n"),
        "error"),
    "an error whose text is no text": (
        body("raise Own", before="class Own(Exception):\n    def __str__(self): return 1\n"), "error"),
    "an error of 300 MB of text": (body("raise ValueError('x' * 3 * 10**8)"), ("error", "memory")),
    "an error of half a character": (body(r"raise ValueError('\ud800 \x00 \x1b[31m <script>alert(1)</script>')"), "error"),
    "an error with a lying class": (
        body("raise Own", before="class Own(Exception):\n    __class__ = property(lambda self: NotImplementedError)\n"),
        ("error", "open")),
    "an error with many causes": (
        body("error = None", "for i in range(10**5):", "    new = ValueError(i)", "    new.__cause__ = error",
             "    error = new", "raise error"), ("error", "died", "timeout")),
    "an error in the hooks for errors": (
        body("raise ValueError",
             before="def hook(*a): os._exit(0)\nsys.excepthook = threading.excepthook = sys.unraisablehook = hook\n"),
        GONE),
    "exits in the end": (body("import atexit", "atexit.register(os._exit, 3)", "return right(z)"), "passed"),
}
OTHERS = {
    "kills all processes": (trying("os.kill(-1, signal.SIGKILL)"), GONE),
    "kills process 1": (trying("os.kill(1, signal.SIGKILL)"), GONE),
    "kills its parent": (trying("os.getppid() and os.kill(os.getppid(), signal.SIGKILL)"), GONE),
    "kills its group": (trying("os.killpg(0, signal.SIGKILL)"), GONE),
    "kills pids 1 to 5000": (
        body("for pid in range(1, 5000):", "    try:",
             "        if pid != os.getpid(): os.kill(pid, signal.SIGKILL)", "    except OSError: pass", STILL_HERE), GONE),
    "stops all processes": (trying("os.kill(-1, signal.SIGSTOP)", "os.kill(os.getppid() or 1, signal.SIGSTOP)"), GONE),
    "sends its parent every signal": (
        body("for number in range(1, 65):", "    try:",
             "        if os.getppid(): os.kill(os.getppid(), number)", "    except (OSError, ValueError): pass", STILL_HERE),
        GONE),
    "traces its parent": (
        trying("syscall(101, 16, os.getppid() or 1, 0, 0)", "syscall(101, 16, 1, 0, 0)", "syscall(101, 8, 1, 0, 0)"), GONE),
    "slows its parent": (
        trying("os.setpriority(os.PRIO_PROCESS, os.getppid() or 1, 19)", "os.setpriority(os.PRIO_USER, os.getuid(), 19)",
               "os.sched_setaffinity(os.getppid() or 1, [0])", "os.setpriority(os.PRIO_PGRP, 0, 19)"), GONE),
    "limits its parent": (
        trying("import resource", "import resource; resource.prlimit(os.getppid() or 1, resource.RLIMIT_CPU, (1, 1))",
               "import resource; resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))"), GONE),
    "raises its own limits": (
        body("import resource",
             "for limit in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_NPROC):",
             "    try: resource.setrlimit(limit, (resource.RLIM_INFINITY,) * 2)", "    except (ValueError, OSError): pass",
             "while True: pass"), "timeout"),
    "throws off its group and session": (
        body("try: os.setsid()", "except OSError: pass", "while True: pass"), "timeout"),
}

ATTACKS = on_logistic(LEAVING | RECURSION | RAISING | OTHERS)
