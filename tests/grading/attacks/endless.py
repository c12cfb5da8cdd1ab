"""Answers that never end, by all means that Python has."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import IMPORTS, RIGHT, body, on_logistic

IGNORING = """
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
"""
SWALLOWING = """
def swallow(number, frame):
    signal.signal(number, swallow)
for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGXCPU, signal.SIGHUP, signal.SIGPROF):
    signal.signal(number, swallow)
"""

ATTACKS = on_logistic({
    "loop": (body("while True: pass"), "timeout"),
    "loop in one C call": (body("return sum(range(10**12))"), "timeout"),
    "loop in a regular expression": (body("import re", "re.match('(a+)+b', 'a' * 60)"), "timeout"),
    "loop in big numbers": (body("return 7 ** 7 ** 12"), ("timeout", "memory")),
    "loop, all signals ignored and blocked": (body("while True: pass", before=IGNORING), "timeout"),
    "loop, all exceptions and signals swallowed": (
        body("while True:", "    try:", "        while True: pass", "    except BaseException: pass", before=SWALLOWING),
        "timeout",
    ),
    "loop with timers of its own": (
        body("signal.setitimer(signal.ITIMER_REAL, 0)", "signal.alarm(0)", "signal.signal(signal.SIGALRM, signal.SIG_IGN)",
             "while True: time.sleep(0.01)"),
        "timeout",
    ),
    "loop in a thread that is waited for": (
        body("def spin():", "    while True: pass", "thread = threading.Thread(target=spin)", "thread.start()",
             "thread.join()"),
        "timeout",
    ),
    "loop in a thread that isn't waited for": (
        body("def spin():", "    while True: time.sleep(0.001)", "threading.Thread(target=spin).start()",
             "return right(z)"),
        "passed",
    ),
    "loop in a cell, behind the answer": (body("return right(z)") + "\nwhile True: pass\n", "timeout"),
    "loop in a cell, before the answer": ("while True: pass\n" + body("return right(z)"), "timeout"),
    "loop in __del__ on return": (
        body("slow = Slow()", "return right(z)",
             before="class Slow:\n    def __del__(self):\n        while True: pass\n"),
        "timeout",
    ),
    "loop in __del__ at the end of the process": (
        IMPORTS + RIGHT + "class Slow:\n    def __del__(self):\n        while True: pass\n"
        "slow = Slow()\ndef logistic(z): return right(z)\n",
        "passed",
    ),
    "loop in __array__": (
        body("return Slow()", before="class Slow:\n    def __array__(self, *a, **k):\n        while True: pass\n"),
        ("timeout", "failed"),
    ),
    "loop in __iter__ of a list": (
        body("return Slow()", before="class Slow(list):\n    def __iter__(self):\n        while True: yield 1.0\n"),
        ("failed", "timeout", "error", "memory"),
    ),
    "loop in an exception's text": (
        body("raise Slow", before="class Slow(Exception):\n    def __str__(self):\n        while True: pass\n"
             "    __repr__ = __str__\n"),
        ("timeout", "error"),
    ),
    "loop that prints": (body("while True: print('spam' * 100)"), "timeout"),
    "endless generator": (body("while True: yield z"), "failed"),
    "sleep": (body("time.sleep(10**8)"), "timeout"),
    "sleep in a cell": (body("return right(z)") + "\ntime.sleep(10**8)\n", "timeout"),
    "sleep in pause, signals ignored": (body("while True: signal.pause()", before=IGNORING), "timeout"),
    "stops itself": (body("os.kill(os.getpid(), signal.SIGSTOP)", "time.sleep(10**8)"), "timeout"),
    "waits for itself": (body("lock = threading.Lock()", "lock.acquire()", "lock.acquire()"), "timeout"),
    "waits for input": (body("return float(input('z? '))"), ("error", "timeout")),
    "waits for a child that loops": (
        body("child = os.fork()", "while child == 0: pass", "os.waitpid(child, 0)", "return right(z)"),
        ("timeout", "error"),
    ),
    "leaves a child that loops": (
        body("if os.fork() == 0:", "    while True: pass", "return right(z)"),
        "passed",
    ),
    "loop at the end of the process": (
        body("import atexit", "atexit.register(time.sleep, 10**8)", "return right(z)"),
        "passed",
    ),
    "takes its time, and is right": (body("time.sleep(0.1)", "return right(z)"), "passed"),
}, seconds=1.0)
