"""When an answer's process is ended: what it works counts and what it sleeps, not what it waits for a processor."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from course_lib.grading.engine import memory, parent, sandbox
from tests.grading.papers import SETTINGS

LIMITS = {"cpu": 0.5, "memory": 2**40}
SLEEPS = "time.sleep(1000)"
LOOPS = "while True: pass"
THREAD = "threading.Thread(target=exec, args=({!r}, globals())).start()\n{}"


@pytest.fixture
def running():
    """A function that starts Python with some code, and waits until that begins; all are ended."""
    processes = []

    def start(code):
        command = [sys.executable, "-c", f"import os, threading, time; print('begun', flush=True)\n{code}"]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True))
        assert processes[-1].stdout.readline() == "begun\n"
        return processes[-1]

    yield start
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def seen(*processes, busy, seconds=60):
    """Whether processes come to be busy (True) or asleep (False), and then stay so for a while."""
    end, alike = time.monotonic() + seconds, 0
    while alike < 10 and time.monotonic() < end:
        alike = alike + 1 if parent._work([process.pid for process in processes])[1] == busy else 0
        time.sleep(0.01)
    return alike == 10


@pytest.mark.parametrize(
    ("code", "busy"),
    [
        (SLEEPS, False),
        (LOOPS, True),
        ("input()", False),
        (THREAD.format(SLEEPS, SLEEPS), False),
        (THREAD.format(LOOPS, SLEEPS), True),
        (THREAD.format(SLEEPS, LOOPS), True),
        ("os.kill(os.getpid(), 19)", False),
        ("import ctypes; ctypes.CDLL(None).vfork() or time.sleep(1000)", True),  # waits as for a disk
        ("open('/proc/self/comm', 'w').write(') R 1 1'); " + SLEEPS, False),  # a name that looks like a state
    ],
)
def test_whether_a_process_sleeps_is_seen(code, busy, running):
    assert seen(running(code), busy=busy)


def test_one_busy_process_of_several_is_enough(running):
    sleeper, loop = running(SLEEPS), running(LOOPS)
    assert seen(sleeper, loop, busy=True)
    assert seen(loop, sleeper, busy=True)
    assert seen(sleeper, busy=False)


def test_work_of_ended_children_counts(running):
    work = "while time.process_time() < 0.5: pass"
    process = running(f"os.fork() or exec({work!r}) or os._exit(0)\nos.wait()\nprint('ended', flush=True)\n{SLEEPS}")
    assert process.stdout.readline() == "ended\n"
    assert parent._work([process.pid])[0] >= 0.45


def test_processes_that_have_ended_do_no_harm(running):
    ended, loop = running("pass"), running(LOOPS)
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert not parent._work([ended.pid, 2**22 + 1])[1]
    assert parent._work([ended.pid, 2**22 + 1, loop.pid])[1]


def waited(monkeypatch, looks, deadline=1e9):
    """Let a parent wait for a process that works as `looks` says; return why it was ended, and after how many looks."""
    process = subprocess.Popen(["sleep", "1000"])
    control, other = socket.socketpair()
    own, number = object.__new__(parent.Parent), itertools.count()
    own.account = memory.Account(apart=False)
    own.control, own.settings = control, {"walls": False}
    monkeypatch.setattr(parent, "TICK", 1)

    def work(pids):
        i = next(number)
        assert i < 10_000, "it isn't ended at all"
        return looks(i)

    monkeypatch.setattr(parent, "_work", work)
    with control, other:
        try:
            why = own._wait(process.pid, time.monotonic() + deadline, LIMITS)
        finally:
            process.kill()
        assert process.wait() == -signal.SIGKILL
    return why, next(number)


def test_an_answer_that_sleeps_is_ended_after_its_time(monkeypatch):
    assert waited(monkeypatch, lambda i: (0.0, False)) == ("time", 501)
    assert waited(monkeypatch, lambda i: (0.0, i % 2)) == ("time", 1001)


def test_an_answer_that_works_is_ended_after_its_time(monkeypatch):
    assert waited(monkeypatch, lambda i: (i / 100, True)) == ("time", 52)


def test_an_answer_that_waits_for_a_processor_is_not_ended_before_the_deadline(monkeypatch):
    assert waited(monkeypatch, lambda i: (i / 10_000, True)) == ("time", 5002)
    why, looks = waited(monkeypatch, lambda i: (0.0, True), deadline=3)
    assert why == "time" and 0 < looks <= 3001


@pytest.mark.parametrize("code", [
    "import time; time.sleep(1000)",
    "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "import os\nwhile os.fork(): os.wait()\nwhile True: pass",  # no process works long
])
def test_what_sleeps_costs_as_much_as_it_may_work(code):
    own = sandbox.Sandbox(SETTINGS)
    job = {"answers": [{"exercise": "f", "cell": 0, "forbid": ()}], "cells": [code], "helpers": True}
    try:
        outcome = own.run(job, cpu=1, wall=200, limit=1000)
    finally:
        own.close()
    assert outcome.end == "time"
    assert outcome.seconds < 150
