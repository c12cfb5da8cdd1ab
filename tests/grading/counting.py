"""Counting the steps of Python code: what is claimed of its speed holds on a busy machine, too."""

import sys


def steps(function, *arguments):
    """Return how many bytecodes a call runs through, in all functions that it calls."""
    counted = 0

    def trace(frame, event, arg):
        nonlocal counted
        frame.f_trace_opcodes = True
        counted += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return counted


class Looks(list):
    """A list that counts how many of its items are looked at."""

    looks = 0

    def __iter__(self):
        self.looks += len(self)
        return super().__iter__()

    def __contains__(self, item):
        self.looks += len(self)
        return super().__contains__(item)

    def __getitem__(self, at):
        self.looks += len(range(len(self))[at]) if isinstance(at, slice) else 1
        return super().__getitem__(at)
