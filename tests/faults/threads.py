"""Faults in course_lib.threads."""

from tests.faults import Fault

FAULTS = [
    Fault("in_blocks", "results as they come in", "return [done[start] for start in starts]", "return list(done.values())"),
    Fault("in_blocks", "the last block too long", "min(start + size, n)", "start + size"),
    Fault("in_blocks", "the last block left out", "starts = range(0, n, size)", "starts = range(0, n - n % size, size)"),
    Fault("in_blocks", "blocks cut one off", "min(start + size, n)", "min(start + size - 1, n)"),
    Fault("in_blocks", "every thread works on all blocks", "for start in waiting:", "for start in starts:"),
    Fault("in_blocks", "no other threads", "range(min(CORES, len(starts)) - 1)", "range(0)"),
    Fault("in_blocks", "a thread more than cores", "range(min(CORES, len(starts)) - 1)", "range(min(CORES, len(starts)))"),
    Fault("in_blocks", "blocks depend on the number of cores", "    starts = range(0, n, size)\n",
          "    size = -(-n // max(CORES, 1)) or 1 if n > size else size\n    starts = range(0, n, size)\n"),
    Fault("in_blocks", "errors of other threads lost", "other.result()", "other.exception()"),
    Fault("in_blocks", "other threads not waited for", "            other.result()", "            other.done() and other.result()"),
    Fault("in_blocks", "every thread with all cores' threads for products", "    with one_thread():\n        others", "    if True:\n        others"),
    Fault("in_blocks", "what the caller set is forgotten", "submit(copy_context().run, take)", "submit(take)"),
    Fault("in_blocks", "a forked child waits for its parent's threads", "after_in_child=_pool.cache_clear", "after_in_child=int"),
    Fault("one_thread", "no limit", 'limit(limits=1)', 'limit(limits=None)'),
    Fault("one_thread", "two threads", 'limit(limits=1)', 'limit(limits=2)'),
    Fault("one_thread", "other libraries than NumPy's", 'select(user_api="blas")', 'select(user_api="openmp")'),
    Fault("one_thread", "each puts back what it found", 'if any(library["num_threads"] > 1 for library in _controller().info()):', "if True:"),
]
