"""Notebooks, archives and messages with random damage, and graders that workers can import: for test_fuzzing."""

import io
import json
import math
import os
import select
import zipfile
from copy import deepcopy
from functools import cache
from random import Random

from course_lib.delivery.cells import solution
from course_lib.exercises.core import exercises
from course_lib.grading.engine import sandbox, unit, wire
from course_lib.grading.records import Result
from tests.grading.papers import NOTEBOOK, paper

SEED = "COURSE_TEST_SEED"
MARK = "# message"  # begins the cell of a notebook whose messages are damaged; its number follows
FILE = f"{NOTEBOOK}.ipynb"
PIECES = [
    b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\\ud800", b"NaN", b"-Infinity", b"1e999", b"-1", b"9" * 5000,
    b"null", b"\xff", b"\0", b"\xef\xbb\xbf", b"\r\n", b"[" * 2000, b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6",
    b"\xff" * 4, b"\xff" * 8, b"\0" * 40, b"<f8", b"|b1", b"scalar", b"tuple", b"dict", b"result", b"end", b"forbidden",
]
VALUES = [
    None, True, -1, 0, 2**63, -(10**30), 10**400, 1e308, math.nan, math.inf, "", "\ud800", "\0", "x" * 5000, "logistic",
    "code", [], {}, [None], [[]], {"": {}}, ["a", 1], json.loads("[" * 300 + "]" * 300), [{}] * 6000,
]
DATES = (1980, 0, 0, 0, 0, 0), (2107, 15, 31, 31, 63, 62), (1999, 2, 30, 1, 1, 1)
NAMES = (
    "a" * 3000, "é/../x.ipynb", f"work/{NOTEBOOK}-{'9' * 4500}.ipynb", "x\n.ipynb", f"C:\\{FILE}", "d/" * 500 + FILE,
    f"old.zip/{FILE}", "inner.zip", "", " ", f"\u202e{FILE}", f"\x1b[2J{FILE}",
)


def draw(seed, kind, number):
    """Return the random numbers of one mutant."""
    return Random(f"{seed} {kind} {number}")


def damaged(random, data):
    """Return bytes with a few things done to them."""
    data = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 5, 30))):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + int(10 ** random.uniform(0, 3)))
        what = random.randrange(6)
        if what == 0 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif what == 1:
            del data[at:end]
        elif what == 2:
            data[at:at] = data[at:end] * random.choice((1, 1, 50))
        elif what == 3:
            data[at:at] = random.choice(PIECES)
        elif what == 4:
            piece = random.choice(PIECES)
            data[at : at + len(piece)] = piece
        elif random.random() < 0.2:
            del data[at:]
    return bytes(data)


def changed(random, content):
    """Change some parts of plain data: in place, and returned for the case that it is the whole that changes."""
    for _ in range(random.choice((1, 1, 2, 5, 30))):
        holder, key, part = None, None, content
        while isinstance(part, dict | list) and part and (holder is None or random.random() < 0.85):
            holder, key = part, random.choice(list(part) if isinstance(part, dict) else range(len(part)))
            part = holder[key]
        what = random.randrange(4)
        if holder is None or what == 0 and random.random() < 0.02:
            return deepcopy(random.choice(VALUES))
        if what == 1:
            del holder[key]
        elif what == 2 and isinstance(holder, list):
            holder[key:key] = [deepcopy(part) for _ in range(random.choice((1, 1, 20)))]
        elif what == 3:
            holder[key] = random.choice(([part], {"source": part}, str(part)[:1000]))
        else:
            holder[key] = deepcopy(random.choice(VALUES))
    return content


@cache
def _papers():
    old = paper()
    for cell in old["cells"]:
        cell["input"] = cell.pop("source")
    old = {"nbformat": 3, "metadata": old["metadata"], "worksheets": [{"cells": old["cells"]}]}
    return [json.dumps(each) for each in (paper(), paper(solved=False), old)]


def notebook(random):
    """Return the bytes of a notebook that somebody has spoilt."""
    text = random.choice(_papers())
    if random.random() < 0.6:
        text = json.dumps(changed(random, json.loads(text)), ensure_ascii=random.random() < 0.9)
    data = text.encode(random.choice(("utf-8",) * 8 + ("utf-16", "utf-8-sig")), "surrogatepass")
    return damaged(random, data) if random.random() < 0.6 else data


def honest():
    """Return the bytes of a notebook in which everything is right."""
    return _papers()[0].encode()


def archive(random):
    """Return the bytes of an archive that somebody has spoilt."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in (f"work/{FILE}", "notes.txt"):
            info = zipfile.ZipInfo(name)
            if random.random() < 0.4:
                info.filename = random.choice(NAMES)
            if random.random() < 0.3:
                info.date_time = random.choice(DATES)
            info.external_attr = random.choice((0, 0, 0o100644, 0o120777, 0o060000)) << 16
            info.compress_type = random.choice((0, 8, 8, 12))
            info.extra = random.choice((b"", b"", b"\1\0\x04\0abcd", random.randbytes(20)))
            file.writestr(info, notebook(random) if random.random() < 0.3 else honest())
    return damaged(random, packed.getvalue()) if random.random() < 0.8 else packed.getvalue()


def right(name):
    """Return the source of a right answer."""
    return solution(exercises(NOTEBOOK)[name].reference)


# Graders


def pretended(job, seed, unsafe=False):
    """Grade without running anything: an answer is right if it is the reference as it stands."""
    content = json.loads(job)
    right = {name: solution(exercise.reference) for name, exercise in exercises(content["notebook"]).items()}
    found = []
    for name, exercise in exercises(content["notebook"]).items():
        place = content["answers"][name]
        passed = isinstance(place, int) and content["cells"][place].strip() == right[name].strip()
        status, score = ("passed", exercise.points) if passed else ("failed", 0)
        found.append(vars(Result(name, status, score, exercise.points, "Looked at.")))
    return json.dumps(found)


def tapped(job, seed, unsafe=False):
    """Grade in the sandbox; what it sends is damaged on its way, where a cell asks for that."""
    cells = json.loads(job)["cells"]
    number = next((cell.removeprefix(MARK) for cell in cells if cell.startswith(MARK)), "")
    if unit.sandbox.Sandbox is not Tapped:
        unit.close()
        unit.sandbox.Sandbox = Tapped
    Tapped.random = draw(os.environ[SEED], "message", int(number)) if number else None
    return unit.grade(job, seed, unsafe)


class Tapped(sandbox.Sandbox):
    """A sandbox between which and the grader somebody writes."""

    random = None

    def _take(self, connection, *more):
        return super()._take(_Line(connection, self.random) if self.random else connection, *more)


class _Line:
    """A connection from which whole messages come, with some of them damaged."""

    def __init__(self, connection, random):
        self.connection, self.random, self.fileno = connection, random, connection.fileno

    def recv(self, n):
        data = self.connection.recv(n)
        while data and not (split := _split(data))[-1:] == [b""]:  # in the midst of a message
            if not select.select([self.connection], [], [], 5)[0] or not (more := self.connection.recv(n)):
                break
            data += more
        return b"".join(map(self._message, split)) if data else data

    def _message(self, data):
        """Return what becomes of a message: as it is, mostly; else bytes, parts or how often it comes."""
        what = self.random.random()
        if what < 0.95 or not data:
            return data
        if what < 0.97:
            return damaged(self.random, data)
        if what < 0.975:
            return data * self.random.choice((2, 3000))
        lengths = wire.LENGTHS.unpack_from(data)
        header, body = data[wire.LENGTHS.size :][: lengths[0]], data[wire.LENGTHS.size + lengths[0] :]
        header = json.dumps(changed(self.random, json.loads(header))).encode()
        return wire.LENGTHS.pack(len(header), len(body)) + header + body


def _split(data):
    """Return the messages in some bytes, and what is left behind them: nothing, or a part of one more."""
    found, size = [], wire.LENGTHS.size
    while len(data) >= size and len(data) >= (end := size + sum(wire.LENGTHS.unpack_from(data))):
        found.append(data[:end])
        data = data[end:]
    return [*found, data]
