"""Processes that grade: on this machine, or on a Dask cluster; one that dies takes no other job with it."""

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, ProcessPoolExecutor, wait
from contextlib import contextmanager

AHEAD = 4  # jobs in flight for each worker
LIVES = 2  # a job that ends its worker so often is not tried again
LONGEST = 1000  # characters of what a job's error says: it may quote what a learner has written
CONNECTING = 10  # seconds to wait for a cluster and its first worker


class BatchError(RuntimeError):
    """The batch can't go on; the message says why and what to do."""


class Died(Exception):
    """A job ended its worker process."""


class Pool:
    """Jobs in flight on an executor.

    Where a worker dies, an executor of processes loses all its jobs and doesn't say whose fault it was. They are then
    run one at a time, so that the right one is found.

    Parameters
    ----------
    grade : function
        Called in a worker; it must be importable there.
    make : function () -> executor
    workers : int
    at_end : function
        Called when the executor has been shut down.
    """

    def __init__(self, grade, make, workers, at_end=bool):
        self._grade, self._make, self._most, self._at_end = grade, make, AHEAD * workers, at_end
        self._before = set(multiprocessing.active_children())
        self._executor = None  # made when there is something to do
        self._jobs, self._running, self._suspects, self._later = {}, {}, deque(), deque()
        self._deaths = Counter()

    @property
    def full(self):
        """Whether to wait for a job to end before the next is submitted."""
        return len(self._jobs) >= self._most

    def submit(self, key, *job):
        """Have a job graded."""
        self._jobs[key] = job
        self._later.append(key) if self._suspects else self._start(key)

    def ended(self):
        """Wait a moment and return (key, what the job returned or raised) of the jobs that have ended."""
        if self._suspects and not self._running:
            self._start(self._suspects.popleft())
        for _ in range(0 if self._suspects else len(self._later)):
            self._start(self._later.popleft())
        done, _ = wait(self._running, timeout=0.5, return_when=FIRST_COMPLETED)
        if any(isinstance(future.exception(), BrokenExecutor) for future in done if not future.cancelled()):
            done, _ = wait(self._running)
        results = [(self._running.pop(future), _outcome(future)) for future in done]
        broken = [key for key, outcome in results if isinstance(outcome, BrokenExecutor)]
        if broken:
            results = [pair for pair in results if pair[0] not in broken] + self._after_death(broken)
        for key, _ in results:
            del self._jobs[key]
        return results

    def close(self, now=False):
        """End the workers, `now` without waiting for what they do."""
        if self._executor:
            processes = isinstance(self._executor, ProcessPoolExecutor)  # Dask's cancels what it doesn't wait for
            self._executor.shutdown(wait=not now, **({"cancel_futures": True} if processes else {}))
        self._at_end()
        if now:
            for process in set(multiprocessing.active_children()) - self._before:
                process.terminate()

    def _start(self, key):
        self._executor = self._executor or self._make()
        try:
            with _deaf():  # a worker may be started for it
                self._running[self._executor.submit(self._grade, *self._jobs[key])] = key
        except BrokenExecutor:
            # It broke since the last look: that is seen at the next one, by the jobs that were in it
            self._later.append(key)
            if not self._running:
                self._executor = None

    def _after_death(self, broken):
        self._executor.shutdown(wait=False)
        self._executor = None
        # One that was alone did it; of several nobody knows, and those that are innocent end well when they are alone
        self._deaths.update(broken if len(broken) == 1 else ())
        guilty = [key for key in broken if self._deaths[key] >= LIVES]
        self._suspects += [key for key in broken if key not in guilty]
        return [(key, Died(f"It ended its process {self._deaths[key]} times.")) for key in guilty]


def _outcome(future):
    try:
        return future.result()
    except CancelledError:
        raise BatchError("The cluster has gone away. What is graded is kept: the same command goes on from there, "
                         "once the cluster is back.") from None
    except Exception as error:
        # Dask itself has tried such a job on several workers
        return Died("It ended its process each time.") if type(error).__name__ == "KilledWorker" else _brief(error)


def _brief(error):
    """Return an error, or where it says too much, one that says its beginning."""
    text = str(error)
    return error if len(text) <= LONGEST else RuntimeError(f"{type(error).__name__}: {text[:LONGEST]}…")


def cores():
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local(grade, workers):
    """Return a `Pool` of processes of this machine."""
    def make():
        # Spawned: a fork would inherit descriptors, locks and the store
        context = multiprocessing.get_context("spawn")
        executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
        try:
            with _deaf():
                started = [executor.submit(os.getpid) for _ in range(workers)]  # at once, and not one after the other
            started[0].result()
        except BrokenExecutor as error:
            raise BatchError("No worker process could be started: the reason is above.") from error
        return executor

    return Pool(grade, make, workers)


@contextmanager
def _deaf():
    """Hold Ctrl-C back while workers are started, which inherit that: it is their parent's to hear."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin():
    """Make a worker leave Ctrl-C to its parent, and end when that has ended, however it did."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    multiprocessing.parent_process().join()
    os._exit(1)


def cluster(grade, address, questions):
    """Return a `Pool` on a Dask cluster.

    Parameters
    ----------
    grade : function
    address : str
        The scheduler's: "tcp://127.0.0.1:8786".
    questions : list of (function, arguments, wanted answer, what another answer means)
        What every worker is asked first.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise BatchError("--scheduler needs Dask, which comes with what instructors need: make instructor") from error
    try:
        client = Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        raise BatchError(f"There is no Dask scheduler at {address}: start one with dask scheduler, and workers with "
                         f"dask worker {address} --nthreads 1 ({error}).") from error
    try:
        try:
            client.wait_for_workers(1, timeout=CONNECTING)
        except TimeoutError:
            raise BatchError(f"The cluster at {address} has no worker: start some with dask worker {address} "
                             "--nthreads 1.") from None
        for function, arguments, wanted, meaning in questions:
            for worker, answer in client.run(function, *arguments).items():
                if answer != wanted:
                    raise BatchError(f"The worker {worker} can't take part: {meaning.format(answer)}")
        workers = sum(client.nthreads().values())
    except BaseException:
        client.close()
        raise
    return Pool(grade, client.get_executor, workers, client.close)
