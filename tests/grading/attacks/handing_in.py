"""Folders and archives with tricks in them: what is taken in, and what is said about the rest."""
# ruff: noqa: E501 (pieces of source)

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.grading.attacks import NOTEBOOK, Attack

FILE = f"{NOTEBOOK}.ipynb"
GOOD = Attack("honest").data()
SECRET = b'{"cells": [{"cell_type": "code", "source": "SECRET", "metadata": {}}], "metadata": {"course": {"notebook": "01_vanishing_gradients"}}}'


@dataclass(frozen=True)
class Handed:
    """A folder or archive that was handed in, among honest ones.

    Parameters
    ----------
    name : str
    make : function (folder, outside) -> path or None
        Fills an empty folder, beside which ``outside`` has a file that nobody may read; returns what is to be graded,
        the folder unless it says otherwise.
    students : set of str
        Whose notebook is taken; each must be `GOOD`, byte for byte.
    unreadable : set of str
        Who handed in a notebook that can't be read.
    says : tuple of str
        Regular expressions; each must match something that is said of what wasn't taken.
    """

    name: str
    make: Callable
    students: tuple = ("Ada", "Zoë")
    unreadable: tuple = ()
    says: tuple = ()


def put(path, data=GOOD):
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def honest(folder):
    for student in ("Ada", "Zoë"):
        put(folder / student / FILE)


def with_honest(make):
    """Return a function that puts two honest submissions into the folder before `make` adds to it."""

    def both(folder, outside):
        honest(folder)
        return make(folder, outside)

    return both


def linked(name, target, is_folder=False):
    def make(folder, outside):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target.format(outside=outside, folder=folder), folder / name, is_folder)

    return make


def zipped(*members, honest=True, name="export.zip", packing=zipfile.ZIP_DEFLATED):
    """Return a function that makes an archive of (name or ZipInfo, data), behind two honest submissions."""

    def make(folder, outside):
        with zipfile.ZipFile(folder / name, "w", packing) as archive:
            for student in ("Ada", "Zoë") if honest else ():
                archive.writestr(f"{student}/{FILE}", GOOD)
            for member, data in members:
                archive.writestr(member, data)
        return folder / name

    return make


def damaged(change, name="export.zip"):
    """Return a function that makes an honest archive and then changes its bytes."""

    def make(folder, outside):
        zipped(name=name)(folder, outside)
        data = bytearray((folder / name).read_bytes())
        (folder / name).write_bytes(change(data))
        return folder / name

    return make


def entry(name, *, mode=0o100644, system=3):
    info = zipfile.ZipInfo(name)
    info.external_attr, info.create_system, info.compress_type = mode << 16, system, zipfile.ZIP_DEFLATED
    return info


def bomb(size):
    """Return (name, zip archive) of that many zeros, packed a thousand times smaller."""
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive, archive.open(FILE, "w") as out:
        for _ in range(size // 2**20):
            out.write(bytes(2**20))
    return inside.getvalue()


def many(members):
    """Return a zip archive of that many empty files."""
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        for i in range(members):
            archive.writestr(f"{i}/{FILE}", b"")
    return inside.getvalue()


def nested(depth):
    data = GOOD
    for _ in range(depth):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip" if data is not GOOD else FILE, data)
        data = packed.getvalue()
    return data


def overlapping(folder, outside):
    """Make an archive whose thousand members are all the same 15 MB of packed zeros."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(bytes(15 * 2**20)) + packed.flush()
    crc, name = zlib.crc32(bytes(15 * 2**20)), b"Eve%03d/" + FILE.encode()
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(body), 15 * 2**20, len(name % 0), 0) + name % 0 + body
    central = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, len(body), 15 * 2**20, len(name % i), 0, 0, 0, 0, 0, 0) + name % i
        for i in range(1000))
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1000, 1000, len(central), len(local), 0)
    (folder / "export.zip").write_bytes(local + central + end)
    with zipfile.ZipFile(folder / "export.zip", "a") as archive:
        for student in ("Ada", "Zoë"):
            archive.writestr(f"{student}/{FILE}", GOOD)
    return folder / "export.zip"


def odd_names(folder, outside):
    for name in ("-rf", "a\nb", "'; rm -rf ~; '", "x" * 200, "<script>", "%s%n", "CON", "a\tb", "=1+1"):
        put(folder / name / FILE)


ODD = ("-rf", "a\nb", "'; rm -rf ~; '", "x" * 200, "<script>", "%s%n", "CON", "a\tb", "=1+1")
EVE = f"Eve/{FILE}"
IN_FOLDERS = [
    Handed("a link to a file outside", with_honest(linked(EVE, "{outside}")), says=("Eve.*link",)),
    Handed("a link to another student's file", with_honest(linked(EVE, "{folder}/Ada/" + FILE)), says=("Eve.*link",)),
    Handed("a link to a folder", with_honest(linked("Eve", "{folder}/Ada", True)), says=("Eve.*link",)),
    Handed("a link to the root", with_honest(linked("Eve", "/", True)), says=("Eve.*link",)),
    Handed("a link to itself", with_honest(linked(EVE, "{folder}/" + EVE)), says=("Eve.*link",)),
    Handed("a link to a device", with_honest(linked(EVE, "/dev/zero")), says=("Eve.*link",)),
    Handed("a pipe", with_honest(lambda folder, outside: [(folder / "Eve").mkdir(), os.mkfifo(folder / EVE)] and None), says=("Eve.*pipe",)),
    Handed("a folder named like a notebook", with_honest(lambda folder, outside: (folder / EVE).mkdir(parents=True))),
    Handed("an empty folder", with_honest(lambda folder, outside: (folder / "Eve").mkdir())),
    Handed("25 MB", with_honest(lambda folder, outside: put(folder / EVE, GOOD + b" " * 25 * 2**20)), unreadable=("Eve",), says=("Eve.*larger",)),
    Handed("an empty file", with_honest(lambda folder, outside: put(folder / EVE, b"")), unreadable=("Eve",)),
    Handed("20 MB of open brackets", with_honest(lambda folder, outside: put(folder / EVE, b"[" * 20 * 2**20)), unreadable=("Eve",)),
    Handed("names that are code", with_honest(odd_names), students=("Ada", "Zoë", *ODD)),
    Handed("a name that is no UTF-8", with_honest(lambda folder, outside: put(folder / os.fsdecode(b"Ev\xff") / FILE)), students=("Ada", "Zoë", "Ev\\xff")),
    Handed("what editors leave", with_honest(lambda folder, outside: [put(folder / "Ada" / ".ipynb_checkpoints" / FILE, b"x"), put(folder / "Ada" / ".DS_Store", b"x"), put(folder / "__MACOSX" / "Ada" / FILE, b"x")] and None)),
    Handed("other files", with_honest(lambda folder, outside: [put(folder / "Eve" / "essay.docx", b"x"), put(folder / "Eve" / "run.sh", b"rm -rf /")] and None), says=("essay.docx", "run.sh")),
    Handed("a hundred folders deep", with_honest(lambda folder, outside: put(folder.joinpath("Eve", *"d" * 100, FILE))), says=("deep",)),
    Handed("a stranger's notebook", with_honest(lambda folder, outside: put(folder / "Eve" / "holiday.ipynb", b'{"cells": [], "nbformat": 4, "metadata": {}}')), says=("holiday.ipynb",)),
    Handed("a zip archive called notebook", with_honest(lambda folder, outside: put(folder / EVE, nested(1))), unreadable=("Eve",)),
    Handed("a notebook called zip archive", with_honest(lambda folder, outside: put(folder / "Eve" / "mine.zip", GOOD)), says=("mine.zip",)),
    Handed("a zip archive of her own", with_honest(lambda folder, outside: put(folder / "Eve" / "mine.zip", nested(1))), students=("Ada", "Zoë", "Eve")),
]
IN_ARCHIVES = [
    Handed("zip: a path upwards", zipped((f"../../{FILE}", GOOD), (f"Eve/../../Ada/{FILE}", SECRET)), says=(r"\.\./\.\./01.*out of", "Eve/.*out of")),
    Handed("zip: an absolute path", zipped((f"/tmp/{FILE}", GOOD), (f"C:/{FILE}", GOOD)), says=("/tmp/.*out of", "C:.*out of")),
    Handed("zip: a path with backslashes", zipped((f"Eve\\..\\..\\{FILE}", GOOD)), says=("out of",)),
    Handed("zip: a link", zipped((entry(EVE, mode=0o120777), b"/etc/passwd")), says=("Eve.*link",)),
    Handed("zip: a device", zipped((entry(EVE, mode=0o020666), b"")), says=("Eve.*device",)),
    Handed("zip: 300 MB of zeros", zipped(("Eve/mine.zip", bomb(300 * 2**20))), unreadable=("Eve",), says=("Eve.*(larger|more than)",)),
    Handed("zip: overlapping members", overlapping, unreadable=tuple(f"Eve{i:03}" for i in range(1000))),
    Handed("zip: five archives deep", zipped(("Eve/mine.zip", nested(5))), says=("archive in an archive",)),
    Handed("zip: 2,000 members inside", zipped(("Eve/mine.zip", many(2000))), says=("Eve.*1000 files",)),
    Handed("zip: a member twice", zipped((f"Ada/{FILE}", SECRET)), says=("Ada.*twice",)),
    Handed("zip: half an archive", damaged(lambda data: data[: len(data) // 2]), students=(), says=("damaged",)),
    Handed("zip: a flipped bit", damaged(lambda data: data[:200] + bytes([data[200] ^ 255]) + data[201:]), students=("Zoë",), unreadable=("Ada",), says=("Ada.*damaged",)),
    Handed("zip: bytes before it", damaged(lambda data: b"#!/bin/sh\n" + data)),
    Handed("zip: an encrypted member", damaged(lambda data: (data.__setitem__(6, 1), data.__setitem__(data.index(b"PK\1\2") + 8, 1), data)[2]), students=("Zoë",), says=("Ada.*encrypted",)),
    Handed("tar", lambda folder, outside: put(folder / "export.tar.gz", GOOD) or folder / "export.tar.gz", students=(), says=("neither a folder nor an archive .*zip",)),
    Handed("tar of her own", with_honest(lambda folder, outside: put(folder / "Eve" / "mine.tgz", GOOD)), says=("mine.tgz.*not a notebook.*a zip or a folder is wanted",)),
]


# Whose it is: names that learners choose, of files in their folders, of members of their archives, and of themselves

CLASSMATE = f"zoë_LATE_4711_998_{FILE}", f"Zoë_4711_assignsubmission_file_/{FILE}", f"Zoë/{FILE}", f"Zoë_{FILE}"
CLASSMATE += (f"submitted/Zoë/{NOTEBOOK}/{FILE}", f"01/Zoë/{FILE}", f"Zoë_4711_assignsubmission_file_{FILE}")
NEVER = (2099, 1, 1, 0, 0, 0)


def holding(name, *members, base=None):
    """Return a function that puts Eve's archive, whose members are of 2099, beside two honest submissions."""

    def make(folder, outside):
        for path in base or (f"Ada/{FILE}", f"Zoë/{FILE}"):
            put(folder / path)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member in members:
                archive.writestr(zipfile.ZipInfo(member, NEVER), GOOD)

    return make


def export(*names):
    """Return a function that makes the archive that an LMS exports."""
    return zipped(*((name, GOOD) for name in names), honest=False)


MOODLES = [f"Ada_4710_assignsubmission_file_/{FILE}", f"Zoë_4711_assignsubmission_file_/{FILE}"]
FLAT = [name.replace("_/", "_") for name in MOODLES]
CANVASES = [f"ada_4710_97_{FILE}", f"zoë_4711_98_{FILE}"]
SUBMITTED = [f"submitted/{student}/{NOTEBOOK}/{FILE}" for student in ("Ada", "Zoë")]
WHOSE = [
    *(Handed(f"a file of hers called {name}", with_honest(lambda folder, outside, name=name: put(folder / "Eve" / name)), students=("Ada", "Zoë", "Eve")) for name in CLASSMATE),
    *(Handed(f"a member of hers called {name}", holding("Eve.zip", name), students=("Ada", "Zoë", "Eve")) for name in CLASSMATE),
    *(Handed(f"Moodle: a member of hers called {name}", holding("Eve_99_assignsubmission_file_/w.zip", name, base=MOODLES), students=("Ada", "Zoë", "Eve")) for name in CLASSMATE),
    *(Handed(f"nbgrader: a member of hers called {name}", holding(f"submitted/Eve/{NOTEBOOK}/w.zip", name, base=SUBMITTED), students=("Ada", "Zoë", "Eve")) for name in CLASSMATE),
    *(Handed(f"nbgrader: a file of hers called {name}", lambda folder, outside, name=name: [put(folder / path) for path in (*SUBMITTED, f"submitted/Eve/{name}")] and None, students=("Ada", "Zoë", "Eve")) for name in CLASSMATE if "/" in name),
    *(Handed(f"Canvas: a file of hers called {name}", export(*CANVASES, f"eve_99_96_{name.replace('/', '_')}"), students=("ada", "zoë", "eve")) for name in CLASSMATE),
    *(Handed(f"Moodle without folders: a file of hers called {name}", export(*FLAT, f"Eve_99_assignsubmission_file_{name.replace('/', '_')}"), students=("Ada", "Zoë", "Eve")) for name in CLASSMATE),
    Handed("for somebody absent", holding("Eve.zip", f"Bob_4712_assignsubmission_file_/{FILE}", f"Carl_4713_assignsubmission_file_/{FILE}"), students=("Ada", "Zoë", "Eve"), says=("does not count",)),
    Handed("a thousand classmates", holding("Eve.zip", *(f"Bob_{i}_assignsubmission_file_/{FILE}" for i in range(1, 1000))), students=("Ada", "Zoë", "Eve"), says=("does not count",)),
    Handed("Canvas: a name made to begin like another's", export(*CANVASES, f"zoë_4711_4712_99_{FILE}"), students=("ada", "zoë"), says=("zoë_4711_4712.*does not count",)),
    Handed("Moodle: a name like ours for namesakes", export(*FLAT, f"Zoë_99_assignsubmission_file_{FILE}", f"Zoë (4711)_98_assignsubmission_file_{FILE}"), students=("Ada", "Zoë (4711)", "Zoë (99)", "Zoë (4711) (98)")),
    Handed("Moodle: a name like ours for the anonymous", export(f"Participant_1_assignsubmission_file_{FILE}", f"Participant 1_98_assignsubmission_file_{FILE}"), students=("Participant 1", "Participant 1 (98)")),
    Handed("a number of 900 digits", holding("Eve.zip", f"x-{'1' * 900}.ipynb", f"x ({'1' * 900}).ipynb", f"x_{'1' * 900}_{'1' * 900}_x.ipynb"), students=("Ada", "Zoë", "Eve")),
    Handed("Canvas: a number of 900 digits", export(*CANVASES, f"eve_99_96_x-{'1' * 900}.ipynb", f"eve_99_96_{'1' * 450}_{'2' * 450}_x.ipynb"), students=("ada", "zoë", "eve"), says=("does not count",)),
    Handed("Canvas: a name without a letter", export(*CANVASES, f"_99_96_{FILE}"), students=("ada", "zoë", "99")),
    Handed("Moodle: a name without a letter", export(*FLAT, f"_99_assignsubmission_file_{FILE}"), students=("Ada", "Zoë", "99")),
    Handed("files that look like Canvas's", lambda folder, outside: [put(folder / student / "week_1_2_homework.ipynb") for student in ("Ada", "Zoë", "Bo")] and None, students=("Ada", "Zoë", "Bo")),
    Handed("one folder around everybody", zipped(*((f"Week 1/{student}.ipynb", GOOD) for student in ("Ada", "Zoë", "Bo")), honest=False), students=("Ada", "Zoë", "Bo")),
]
HANDED = IN_FOLDERS + IN_ARCHIVES + WHOSE
