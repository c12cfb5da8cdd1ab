"""How the cores are shared: small matrix products run best alone, large work in blocks, one thread a core.

With layers of a hundred units a second thread gains nothing, and where other programs want the same cores (a
classroom's server, a browser that draws) waiting for it makes training many times slower.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
CORES = min(CORES, 8)  # a classroom's server may have a hundred, and lend each learner one
_LOCK = Lock()


@contextmanager
def one_thread():
    """Return a context in which NumPy's matrix products use a single thread."""
    limits = ExitStack()
    with _LOCK:  # who finds one thread sets nothing and puts nothing back: the other's limit may end first
        if any(library["num_threads"] > 1 for library in _controller().info()):
            limits.enter_context(_controller().limit(limits=1))
    try:
        yield
    finally:
        with _LOCK:  # or another thread finds one library put back, the next not yet, and later leaves them so
            limits.close()


def in_blocks(work, n, size):
    """Work through n rows in blocks that fit the processor's cache, several at a time where there are several cores.

    Parameters
    ----------
    work : function slice -> anything
        Called once for every block; NumPy lets other threads run while it copies and multiplies.
    n, size : int
        The number of rows, and of rows in a block.

    Returns
    -------
    list
        What work returned, in the order of the blocks, which are the same whatever the number of cores.
    """
    starts = range(0, n, size)
    waiting, done = iter(starts), {}

    def take():
        for start in waiting:  # every thread takes the next block that nobody has taken
            done[start] = work(slice(start, min(start + size, n)))

    with one_thread():
        others = [_pool().submit(copy_context().run, take) for _ in range(min(CORES, len(starts)) - 1)]
        take()
        for other in others:
            other.result()
    return [done[start] for start in starts]


@cache
def _controller():
    return ThreadpoolController().select(user_api="blas")  # looks through all libraries, which takes a millisecond


@cache
def _pool():
    return ThreadPoolExecutor(CORES)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads don't survive a fork
