"""The list of a class: who is in it, and by which other names its students hand in."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.grading.handed_in.filenames import canonical

NAMES = ("student", "name", "full name", "fullname", "student name", "display name")
LOGINS = ("username", "user name", "login", "login id", "sis login id", "user",
          "id", "sis user id", "id number", "student id")
MAILS = ("email", "e-mail", "email address", "e-mail address", "mail")
PARTS = ("first name", "firstname", "given name", "last name", "lastname", "surname", "family name")


@dataclass(frozen=True)
class Roster:
    """Who is in a class.

    Parameters
    ----------
    names : tuple of str
        The students, in the file's order.
    other : dict
        Further names, in the form that `find` compares: login, address, "Lovelace, Ada", "lovelaceada".
    numbers : dict
        The same for logins and numbers alone, which nobody chooses.
    """

    names: tuple = ()
    other: dict = field(default_factory=dict)
    numbers: dict = field(default_factory=dict)

    def find(self, *names):
        """Return the student who is called by one of these names, or nothing."""
        return next((self.other[key] for name in names if (key := _key(name)) in self.other), "")

    def numbered(self, number):
        """Return the student whom the roster itself gives this number, or nothing."""
        return self.numbers.get(_key(number), "")


def read_roster(path):
    """Return the roster in a CSV file.

    One column names the students: "student" or "name", else a login, else an address, else the only one there is.
    Every other column of these kinds gives further names of the same student. What two students claim is neither's.
    Canvas's own gradebook will do; its row of points, which has no ID, is nobody.

    Raises
    ------
    ValueError
        If the file is no such table.
    """
    rows = _rows(Path(path))
    if not rows:
        raise ValueError(f"The roster {path} is empty: expected a column of students.")
    head = [cell.lower() for cell in rows[0]]
    known = [head.index(name) for name in (*NAMES, *LOGINS, *MAILS) if name in head]
    if not known and len(head) > 1:
        raise ValueError(f"The roster {path} has the columns {', '.join(rows[0])}: expected one called student, name, "
                         "username or email.")
    rows = rows[1:] if known else rows
    main = known[0] if known else 0
    parts = [head.index(name) for name in PARTS if name in head]
    logins = [head.index(name) for name in LOGINS if name in head]
    canvas = head.index("id") if {"id", "section"} <= {*head} else None
    names, claims, numbers = [], set(), set()
    for row in rows:
        cells = dict(enumerate(row))
        name = cells.get(main, "")
        if not name or canvas is not None and "Points Possible" in name and not cells.get(canvas):
            continue
        names.append(name)
        first_last = " ".join(cells.get(column, "") for column in parts).strip()
        given = {cells.get(column, "") for column in {main, *known}} | {first_last}
        claims |= {(key, name) for other in given if other for key in _spellings(other)}
        numbers |= {(_key(cells[column]), name) for column in logins if cells.get(column)}
    return Roster(tuple(dict.fromkeys(names)), _undisputed(claims), _undisputed(numbers))


def _undisputed(claims):
    """Return what just one student is called."""
    taken = Counter(key for key, _ in claims)
    return {key: name for key, name in claims if taken[key] == 1}


def _rows(path):
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"The roster {path} is not UTF-8 ({error}): save it as CSV with that encoding.") from error
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        return [[canonical(cell) for cell in row] for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValueError(f"The roster {path} can't be read as CSV: {error}.") from error


def _key(name):
    return canonical(name).casefold()


def _spellings(name):
    """Return the ways in which a name is compared: itself, "Last, First" turned round, and as Canvas writes it."""
    words = [word for word in re.split(r"[\s,]+", name) if word]
    if len(words) < 2 or "@" in name:
        return {_key(name)}
    last_first = name if "," in name else f"{words[-1]} {' '.join(words[:-1])}"
    turned = [" ".join(reversed([part.strip() for part in name.split(",", 1)]))] if "," in name else []
    squashed = re.sub(r"\W", "", last_first)
    return {_key(each) for each in (name, squashed, *turned)}
