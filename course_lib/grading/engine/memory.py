"""How much memory a job holds, counted whole: of every process, whichever of its threads still runs, and its sockets'.

What else the kernel could keep for a job is small, or refused by `system_calls`. Where the grader could give the
sandbox a control group of its own, the kernel's account of that counts instead: nothing is missing in it.
"""

import os
import re
import socket

GROUP = "/memory.stat"  # the account of the sandbox's control group, where it has one
IN_GROUP = ("anon", "shmem", "kernel", "sock")  # not the cache of files: the kernel takes that back when it needs to
OF_PROCESS = ("VmRSS", "VmSwap", "VmPTE")  # what is in memory, what was moved out of it, and the tables of pages


class Account:
    """What a job holds beyond what its parent did when it began.

    Parameters
    ----------
    apart : bool
        Each job has a network namespace of its own, whose sockets are its.
    group : str or path
        The control group's file ``memory.stat``; it may be missing.
    """

    def __init__(self, apart, group=GROUP):
        # a group in which nothing is held isn't this process's
        self.group = group if os.path.exists(group) and _in_group(group) > 0 else None
        self.apart, self.usual = apart, 0
        one, other = socket.socketpair()
        with one, other:
            # a buffer is full once it holds more than its size: of one message, up to as much again
            self.buffers = 2 * one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)

    def begin(self):
        """Note what is held now."""
        self.usual = _in_group(self.group) if self.group else _shown("self")

    def held(self, pids, limit):
        """Return the bytes that processes hold beyond the usual: exactly, where that matters for a limit."""
        if self.group:
            return _in_group(self.group) - self.usual
        sockets = self.buffers * _sockets(pids) if self.apart else 0
        total = sockets + sum(map(_shown, pids)) - self.usual
        if total <= limit:  # what they share was counted once for each of them
            return total
        return sockets + sum(map(_share, pids)) - self.usual


def _in_group(path):
    with open(path) as file:
        fields = dict(line.split() for line in file)
    return sum(int(fields.get(name, 0)) for name in IN_GROUP)


def _read(pid, name, told):
    """Return a file of a process in /proc with a line that tells something; of a thread, where the first has ended."""
    folder, line = f"/proc/{pid}", re.compile(rf"^{told}:", re.MULTILINE)  # a name that looks like it starts no line
    text = _text(f"{folder}/{name}")
    if line.search(text):
        return text
    try:
        threads = os.listdir(f"{folder}/task")
    except OSError:  # all of it ended just now
        return ""
    texts = (_text(f"{folder}/task/{thread}/{name}") for thread in threads)
    return next(filter(line.search, texts), "")


def _text(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:  # of a thread that has ended, or nobody may see it
        return ""


def _kilobytes(text, names):
    found = re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)
    return 1024 * sum(int(number) for name, number in found if name in names)


def _shown(pid):
    """Return the bytes that a process has, shared or not."""
    return _kilobytes(_read(pid, "status", "VmRSS"), OF_PROCESS)


def _share(pid):
    """Return the bytes of a process, where several share some each with its part of them: slow for large ones."""
    text = _read(pid, "smaps_rollup", "Pss")
    return _kilobytes(text, ("Pss", "SwapPss")) if text else _shown(pid)


def _sockets(pids):
    """Return how many sockets there are in the processes' network namespace, of which each job has its own."""
    for pid in pids:
        text = _read(pid, "net/sockstat", "sockets")
        if text:
            return int(text.split()[2])
    return 0
