"""Folders and archives with too much in them: count, size, length of names, dates. Rows as in `handing_in`."""
# ruff: noqa: E501 (pieces of source)

import os

from tests.grading.attacks import NOTEBOOK
from tests.grading.attacks.handing_in import EVE, FILE, GOOD, Handed, many, put, with_honest, zipped


def with_eve(make, name=EVE):
    """Return a function that puts two honest submissions and Eve's file into the folder, whose bytes are made then."""
    return with_honest(lambda folder, outside: put(folder / name, make()))


def holes(name):
    """Return a function that puts a file of a terabyte, of which the disk holds nothing, beside the honest."""

    def make(folder, outside):
        put(folder / name, b"")
        os.truncate(folder / name, 2**40)

    return with_honest(make)


def dated(seconds):
    def make(folder, outside):
        put(folder / EVE)
        os.utime(folder / EVE, (0, seconds))

    return with_honest(make)


def notebook(cells):
    return b'{"nbformat": 4, "metadata": {}, "cells": [' + cells + b"]}"


def files_of_eve(folder, outside):
    for i in range(3000):
        put(folder / "Eve" / f"{i}.txt", b"")
    put(folder / "Zoë" / "notes.txt", b"")


CELL = b'{"cell_type": "code", "id": "logistic", "metadata": {}, "source": "def logistic(z): return z"},'
LONG = f"Eve/{NOTEBOOK}-{'9' * 5000}.ipynb"
MORE = r"Eve.*has [\d,]+ more things to look at"
TOO_MUCH = [
    Handed("20 MB of empty cells", with_eve(lambda: notebook(b"{}," * (20 * 2**20 // 3 - 50) + b"{}")), unreadable=("Eve",), says=("Eve.*more than 1,000,000 lists",)),
    Handed("20 MB of empty lists", with_eve(lambda: b"[" + b"[]," * (20 * 2**20 // 3 - 50) + b"[]]"), unreadable=("Eve",), says=("Eve.*more than 1,000,000 lists",)),
    Handed("20 MB of names", with_eve(lambda: b'{"cells": [], ' + b",".join(b'"%x":1' % i for i in range(1_500_000)) + b"}"), unreadable=("Eve",), says=("Eve.*values with names",)),
    Handed("an answer 100,000 times", with_eve(lambda: notebook(CELL * 100_000 + b"{}")), unreadable=("Eve",), says=("Eve.*more than 20,000 cells",)),
    Handed("a number of 10,000 digits", with_eve(lambda: notebook(b"9" * 10_000)), unreadable=("Eve",)),
    Handed("a terabyte of holes", holes(EVE), unreadable=("Eve",), says=("Eve.*larger",)),
    Handed("a zip archive with a terabyte of holes", holes("Eve/mine.zip"), says=("Eve.*no archive",)),
    Handed("a date before all clocks", dated(-1e9), students=("Ada", "Zoë", "Eve")),
    Handed("a date after all calendars", dated(2.0**33 + 1), students=("Ada", "Zoë", "Eve")),
    Handed("3,000 other files", with_honest(files_of_eve), says=(MORE, "Zoë/notes.txt")),
    Handed("3,000 notebooks in a zip archive", with_eve(lambda: many(3000), "Eve/mine.zip"), unreadable=("Eve",), says=(MORE,)),
    Handed("zip: a copy's number of 5,000 digits", zipped((LONG, GOOD)), says=(r"Eve.*name of 5,\d+ characters",)),
    Handed("zip: a name of 60,000 characters", zipped((f"Eve/{'a/' * 30_000}{FILE}", GOOD)), says=(r"Eve.*name of 60,\d+ characters",)),
]
