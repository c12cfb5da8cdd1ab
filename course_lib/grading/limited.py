"""A limit in processor time for work on what learners sent, where counting alone doesn't bound it.

For the grader's own process: unlike `course_lib.grading.engine.timing`, which works in any thread, a signal stops
regular expressions, too.
"""

import signal
import threading
from contextlib import contextmanager

from course_lib.exercises.judge.interrupting import OutOfTime


@contextmanager
def within(seconds):
    """Raise OutOfTime in the block once it has worked for so many seconds; regular expressions are stopped, too.

    Only the main thread of a Unix system can do that: elsewhere there is no limit. Blocks aren't nested.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)  # again and again: the first may be raised where it is lost
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(*_):
    raise OutOfTime("it took too long")
