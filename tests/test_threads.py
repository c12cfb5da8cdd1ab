"""Threads: blocks in order, each row once, the same numbers on any number of cores, and nothing left behind."""

import os
import signal
import threading
import time
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from course_lib import fast_conv, threads
from course_lib.threads import in_blocks, one_thread

SECONDS = 20  # after which a test gives up waiting for another thread


@pytest.fixture
def cores(monkeypatch):
    """A function that lets the library see this many cores."""

    def set_cores(n):
        monkeypatch.setattr(threads, "CORES", n)
        threads._pool.cache_clear()

    yield set_cores
    threads._pool.cache_clear()


@pytest.fixture
def two_for_products():
    """Two threads for matrix products outside, whatever the machine and its settings."""
    (before,) = for_products()
    set_for_products(2)
    yield
    set_for_products(before)


def set_for_products(n):
    """Set it in a thread that ends without putting it back: a thread that lives would be the only one that may."""
    run(lambda: threads._controller().limit(limits=n, user_api="blas") and None)
    assert for_products() == {n}


def for_products():
    """Return how many threads matrix products use, by every library that computes them."""
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def bounds(block):
    return block.start, block.stop


def met(count, work):
    """Return work that begins when as many threads as this have begun it."""
    barrier, here = threading.Barrier(count), set()

    def together(block):
        if threading.get_ident() not in here:
            here.add(threading.get_ident())
            barrier.wait(SECONDS)
        return work(block)

    return together


# Blocks


@settings(deadline=None, derandomize=True, max_examples=60)
@given(n=st.integers(0, 60), size=st.integers(1, 20), count=st.integers(1, 5))
def test_results_come_in_order_and_every_row_once(n, size, count):
    rows = np.zeros(n, int)

    def work(block):
        rows[block] += 1
        return bounds(block)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "CORES", count)
        found = in_blocks(work, n, size)
    assert found == [(start, min(start + size, n)) for start in range(0, n, size)]
    assert (rows == 1).all()


def test_blocks_run_side_by_side_and_the_order_is_that_of_the_rows(cores):
    cores(2)
    later = threading.Event()

    def work(block):
        if block.start == 0:
            assert later.wait(SECONDS), "no other thread took a block"
        else:
            later.set()
        return bounds(block)

    assert in_blocks(work, 8, 2) == [(0, 2), (2, 4), (4, 6), (6, 8)]


@pytest.mark.parametrize("blocks", [1, 2, 3, 40])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_no_more_threads_than_cores_or_blocks(count, blocks, cores):
    cores(count)
    used, inside, most, lock = set(), [], [], threading.Lock()

    def work(block):
        with lock:
            used.add(threading.get_ident())
            inside.append(block)
            most.append(len(inside))
        time.sleep(0.001)  # lets the others come in
        with lock:
            inside.remove(block)

    in_blocks(work, blocks, 1)
    assert max(most) <= len(used) <= min(count, blocks)


def test_a_single_core_or_block_stays_in_its_thread(cores, two_for_products):
    for count, n in [(1, 9), (5, 3)]:
        cores(count)
        here = threading.get_ident(), {1}
        assert in_blocks(lambda block: (threading.get_ident(), for_products()), n, 3) == [here] * (n // 3)
    assert for_products() == {2}


def test_several_blocks_use_a_single_thread_each_for_products(cores, two_for_products):
    cores(2)
    assert in_blocks(lambda block: for_products(), 16, 2) == [{1}] * 8
    assert for_products() == {2}


@pytest.mark.parametrize("count", [1, 3])
def test_no_rows_are_no_work(count, cores):
    cores(count)
    assert in_blocks(lambda block: 1 / 0, 0, 5) == []


@pytest.mark.parametrize("wrong", range(5))
@pytest.mark.parametrize("count", [1, 2, 5])
def test_what_goes_wrong_in_any_block_surfaces(count, wrong, cores, two_for_products):
    cores(count)

    def work(block):
        if block.start == wrong:
            raise KeyError(f"block {wrong}")
        time.sleep(0.001)

    with pytest.raises(KeyError, match=f"block {wrong}"):
        in_blocks(work, 5, 1)
    assert for_products() == {2}
    assert in_blocks(bounds, 2, 1) == [(0, 1), (1, 2)]


@pytest.mark.parametrize("count", [1, 2])
def test_what_the_caller_set_for_its_own_thread_holds_in_every_block(count, cores):
    cores(count)
    work = met(count, lambda block: float((np.full(2, 1e300) * 1e300)[0]))
    with np.errstate(over="ignore"), warnings.catch_warnings():  # as `fit` does
        warnings.simplefilter("error")
        assert in_blocks(work, 8, 1) == [np.inf] * 8
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        in_blocks(work, 8, 1)


def both_ways(channels):
    """Convolve and go back, with numbers whose sums are rounded; return the bytes of all results."""
    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(s).astype("float32") for s in [(23, 9, 8, channels), (3, 3, channels, 7), (7,)])
    y, cache = fast_conv.conv2d(x, w, b)
    return [array.tobytes() for array in (y, *fast_conv.conv2d_backward(np.cos(y), cache))]


@pytest.mark.parametrize("block", [1, 20_000, 100_000])
@pytest.mark.parametrize("channels", [1, 16])
def test_numbers_are_the_same_bit_by_bit_on_any_number_of_cores(channels, block, cores, two_for_products, monkeypatch):
    monkeypatch.setattr(fast_conv, "BLOCK", block)
    found = []
    for count in (1, 2, 5, 2, 5):
        cores(count)
        found.append(both_ways(channels))
    assert all(each == found[0] for each in found)


def test_a_forked_child_gets_threads_of_its_own(cores):
    cores(2)
    wanted = both_ways(4)
    in_blocks(met(2, bounds), 8, 1)  # the parent's threads are there
    child = os.fork()
    if not child:
        signal.alarm(SECONDS)  # ends a child that waits for threads it doesn't have
        in_blocks(met(2, bounds), 8, 1)
        os._exit(0 if both_ways(4) == wanted else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert both_ways(4) == wanted


def run(*works):
    """Run functions in threads of their own; return what they return, in order."""
    found = {}
    calls = [lambda i=i, work=work: found.update({i: work()}) for i, work in enumerate(works)]
    started = [threading.Thread(target=call, daemon=True) for call in calls]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join(3 * SECONDS)
    return [found.get(i) for i in range(len(works))]


def test_calls_from_several_threads_at_once(cores, monkeypatch):
    cores(2)
    monkeypatch.setattr(fast_conv, "BLOCK", 10_000)
    wanted = [both_ways(channels) for channels in (1, 2, 9)]
    for _ in range(3):
        assert run(*(lambda channels=channels: both_ways(channels) for channels in (1, 2, 9))) == wanted


def test_work_may_itself_be_in_blocks(cores):
    cores(2)
    wanted = [[(0, 1), (1, 2), (2, 3), (3, 4)]] * 5
    assert run(lambda: in_blocks(lambda block: in_blocks(bounds, 4, 1), 5, 1)) == [wanted]


# One thread for matrix products


def test_one_thread_is_one_thread_and_what_was_comes_back(two_for_products):
    with one_thread():
        assert for_products() == {1}
    assert for_products() == {2}


def test_one_thread_in_one_thread(two_for_products):
    with one_thread():
        with one_thread():
            assert for_products() == {1}
        assert for_products() == {1}
    assert for_products() == {2}


def test_one_thread_ends_with_an_error_too(two_for_products):
    with pytest.raises(KeyError), one_thread():
        raise KeyError
    assert for_products() == {2}


def test_two_at_once_leave_the_threads_as_they_were(two_for_products):
    """The first to come is the first to go, while the other is still at work."""
    first_is_in, second_is_in, first_is_out = threading.Event(), threading.Event(), threading.Event()

    def first():
        with one_thread():
            first_is_in.set()
            second_is_in.wait(SECONDS)
        first_is_out.set()

    def second():
        assert first_is_in.wait(SECONDS)
        with one_thread():
            second_is_in.set()
            first_is_out.wait(SECONDS)
        return "done"

    assert run(first, second) == [None, "done"]
    assert for_products() == {2}


class SlowLibraries:
    """Two libraries whose numbers of threads are put back one after the other, with a pause between."""

    def __init__(self):
        self.counts, self.between, self.go_on = [2, 2], threading.Event(), threading.Event()

    def info(self):
        return [{"num_threads": count} for count in self.counts]

    def limit(self, limits):
        before, self.counts = self.counts, [limits, limits]
        return Limit(self, before)


class Limit:
    def __init__(self, libraries, before):
        self.libraries, self.before = libraries, before

    def restore_original_limits(self):
        self.libraries.counts = [self.before[0], self.libraries.counts[1]]
        self.libraries.between.set()
        self.libraries.go_on.wait(1)
        self.libraries.counts = [self.libraries.counts[0], self.before[1]]

    __enter__, __exit__ = (lambda self: self), (lambda self, *error: self.restore_original_limits())


def test_who_comes_while_another_puts_back_waits(monkeypatch):
    libraries, first_is_out = SlowLibraries(), threading.Event()
    monkeypatch.setattr(threads, "_controller", lambda: libraries)

    def first():
        with one_thread():
            pass
        first_is_out.set()

    def second():
        assert libraries.between.wait(SECONDS)
        with one_thread():
            libraries.go_on.set()
            first_is_out.wait(SECONDS)
        return "done"

    assert run(first, second) == [None, "done"]
    assert libraries.counts == [2, 2]
