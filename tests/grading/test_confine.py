"""What the filter of system calls lets through, instruction by instruction, and what a locked-in answer sees."""

import re
import struct
from pathlib import Path

import pytest

from course_lib.grading.engine import bubblewrap, confine, sandbox, system_calls
from tests.grading.papers import SETTINGS

ALLOW, EPERM, ENOSYS, EAFNOSUPPORT = 0x7FFF0000, 0x50001, 0x50026, 0x50061
MACHINES = list(system_calls.ARCHITECTURE)
HEADERS = {"x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "/usr/include/asm-generic/unistd.h"}
CALLS = system_calls.REFUSED | system_calls.ABSENT | {
    "clone": system_calls.CLONE, "fcntl": system_calls.FCNTL, "mmap": system_calls.MMAP, "prctl": system_calls.PRCTL,
    "socket": system_calls.SOCKET, "socketpair": system_calls.SOCKETPAIR, "setsockopt": system_calls.SETSOCKOPT}


def answered(machine, number, *arguments, architecture=None):
    """Return what the filter answers to a system call, as the kernel would work it out."""
    data = struct.pack("=II", number, architecture or system_calls.ARCHITECTURE[machine]) + bytes(8)
    data += b"".join(struct.pack("=Q", argument % 2**64) for argument in [*arguments, *[0] * 6][:6])
    steps, at, value = list(struct.iter_unpack("HBBI", system_calls.program(machine))), 0, 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x54:
            value &= operand
        elif code == 0x06:
            return operand
        else:
            test = {0x15: value == operand, 0x35: value >= operand, 0x45: value & operand}[code]
            at += yes if test else no


def number(machine, call):
    return CALLS[call][MACHINES.index(machine)]


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_that_no_answer_needs_are_refused_and_all_others_are_not(machine):
    column, names = MACHINES.index(machine), {}
    for table, answer in (system_calls.REFUSED, EPERM), (system_calls.ABSENT, ENOSYS):
        names |= {numbers[column]: answer for numbers in table.values() if numbers[column] is not None}
    asking = {numbers[column] for name, numbers in CALLS.items() if name in ("socket", "socketpair")}
    for each in range(system_calls.LAST + 1):
        if each not in asking:
            assert answered(machine, each) == names.get(each, ALLOW), each
    assert {answered(machine, each) for each in range(system_calls.LAST + 1, 1000)} == {ENOSYS}
    assert answered(machine, 0x40000000) == answered(machine, 0x40000000 + 101) == EPERM
    assert answered(machine, 1, architecture=0x40000003) == EPERM  # that of 32 bits


FORK, THREAD = 0x1200011, 0x3D0F00  # what the C library asks of clone
ASKED = [
    ("clone", (FORK,), ALLOW), ("clone", (THREAD,), ALLOW),
    *(("clone", (FORK | flag,), EPERM) for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x40000000)),
    ("mmap", (0, 4096, 3, 0x22), ALLOW), ("mmap", (0, 4096, 1, 0x1), ALLOW), ("mmap", (0, 4096, 1, 0x2), ALLOW),
    ("mmap", (0, 4096, 3, 0x20022), ALLOW),
    ("mmap", (0, 4096, 3, 0x21), EPERM), ("mmap", (0, 4096, 3, 0x8021), EPERM), ("mmap", (0, 4096, 3, 0x40022), EPERM),
    *(("fcntl", (3, command), ALLOW) for command in (0, 1, 2, 3, 4, 1030, 1032)),
    *(("fcntl", (3, command), EPERM) for command in (5, 6, 7, 36, 37, 38, 1024, 1026, 1031, 1036, 1038)),
    ("prctl", (15,), ALLOW), ("prctl", (4,), EPERM), ("prctl", (22,), EPERM),
    ("socket", (1, 1), ALLOW), ("socketpair", (1, 1), ALLOW), ("socketpair", (30, 1), EAFNOSUPPORT),
    *(("socket", (family, 1), EAFNOSUPPORT) for family in (0, 2, 10, 16, 17, 38, 40, 44)),
    ("setsockopt", (3, 1, 2), ALLOW), ("setsockopt", (3, 6, 7), ALLOW),
    *(("setsockopt", (3, 1, option), EPERM) for option in (7, 26, 32)),
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("call", "arguments", "answer"), ASKED)
def test_calls_are_judged_by_what_they_ask_for(machine, call, arguments, answer):
    assert answered(machine, number(machine, call), *arguments) == answer
    # the kernel looks at the lower half of a whole number only
    if call in ("socket", "fcntl", "prctl"):
        i = {"socket": 0, "fcntl": 1, "prctl": 0}[call]
        high = [argument | (2**32 if i == j else 0) for j, argument in enumerate(arguments)]
        assert answered(machine, number(machine, call), *high) == answer


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_those_of_the_kernels_headers(machine):
    path = Path(HEADERS[machine])
    if not path.exists():  # the C library's headers aren't everywhere
        return
    found = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", path.read_text(), re.MULTILINE)
    numbers = {name: int(value) for name, value in found if name != "syscalls"}
    known = {name: CALLS[name][MACHINES.index(machine)] for name in CALLS}
    newer = {name for name, value in known.items() if value is not None and value > max(numbers.values())}
    assert newer <= {"statmount", "listmount", "cachestat"}
    assert {name: numbers.get(name) for name in known if name not in newer} == {
        name: value for name, value in known.items() if name not in newer}


def test_another_processor_has_no_filter():
    assert system_calls.program("riscv64") == b""


# In the sandbox


@pytest.fixture(scope="module")
def seen():
    """A function that runs an expression in the sandbox, behind all walls, and returns its text."""
    own = sandbox.Sandbox(SETTINGS)

    def run(expression):
        cells = [f"import os, sys\nraise ValueError(str({expression}))"]
        job = {"answers": [{"exercise": "f", "cell": 0, "forbid": ()}], "cells": cells, "helpers": False}
        outcome = own.run(job, cpu=5, wall=100, limit=10**5)
        return next(message[3] for message in outcome.messages if message[0] == "stopped")

    yield run
    own.close()


def test_of_proc_there_are_copies(seen):
    assert "MemTotal" in seen("open('/proc/meminfo').read()")
    listed = {"/proc": "1 cpuinfo filesystems meminfo self stat version",
              "/proc/self": "cmdline comm exe maps stat statm status"}
    for folder, names in listed.items():
        assert seen(f"' '.join(sorted(os.listdir({folder!r})))") == names


@pytest.mark.parametrize("name", ["cpuinfo", "meminfo", "stat", "self/stat", "self/statm", "self/status", "self/maps"])
def test_copies_are_the_same_for_every_answer(name, seen):
    text = f"hash(open('/proc/{name}').read())"
    assert seen(text) == seen(f"(open('/dev/null').read(), bytes(10**7), {text})[2]")


def test_nothing_names_the_folders_of_the_machine(seen):
    folders = [folder for folder in {str(Path.home()), str(bubblewrap.COURSE.parent)} if len(folder) > 5]
    texts = "[open(f'/proc/self/{name}').read() for name in ('maps', 'cmdline', 'status')] + [str(thing) for thing in" \
        " (sys.argv, sys.path, sys.prefix, sys.executable, os.getcwd(), dict(os.environ), sys.modules)]"
    assert seen(f"len(''.join({texts})) > 1000") == "True"
    assert seen(f"[folder for folder in {folders} if any(folder in text for text in {texts})]") == "[]"


@pytest.mark.parametrize("folder", ["/dev", "/dev/pts", "/proc", "/proc/self", "/", "/usr", bubblewrap.INSIDE])
def test_folders_that_answers_share_are_read_only(folder, seen):
    assert seen(f"os.statvfs({folder!r}).f_flag & os.ST_RDONLY") == "1"


@pytest.mark.parametrize("name", ["null", "full", "random", "tty", "urandom"])
def test_devices_are_read_only_and_still_devices(name, seen):
    assert seen(f"os.statvfs('/dev/{name}').f_flag & (os.ST_RDONLY | os.ST_NODEV)") == "1"


def test_devices_that_memory_comes_from_cant_be_opened(seen):
    assert seen("os.statvfs('/dev/zero').f_flag & os.ST_NODEV") == "4"
    assert seen("os.listdir('/dev/pts')") == "[]"


def test_the_network_is_an_answers_own(seen):
    """Not bubblewrap's, in which all jobs of a worker would meet: there the loopback is up."""
    asked = "__import__('fcntl').ioctl(__import__('socket').socket(1), 0x8913, b'lo'.ljust(32, bytes(1)))"
    assert seen(f"({asked}[:3], {asked}[16] & 1)") == "(b'lo\\x00', 0)"


def test_no_right_is_left(seen):
    empty = "ctypes.create_string_buffer(24)"
    assert seen(f"(ctypes := __import__('ctypes')) and (held := {empty}) and (ctypes.CDLL(None).capget("
                "__import__('struct').pack('=Ii', 0x20080522, 0), held), held.raw.strip(bytes(1)))") == "(0, b'')"


def test_limits_are_no_higher_than_before(monkeypatch):
    set_to = {}
    monkeypatch.setattr(confine.resource, "setrlimit", lambda number, values: set_to.update({number: values}))
    monkeypatch.setattr(confine, "at_start", lambda: ({"CPU": (0, 10), "NPROC": (6, -1), "AS": (9, -1)}, 1000))
    confine.limit(cpu=20, memory=500, processes=None)
    assert set_to == {0: (10, 10), 9: (1500, 1500)}
    confine.limit(cpu=5, memory=500, processes=16)
    assert set_to == {0: (5, 5), 9: (1500, 1500), 6: (16, 16)}
