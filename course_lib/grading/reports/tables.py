"""CSV files of an LMS whose cells keep their very bytes, and the search for a student's row."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Table:
    """A CSV file as it is: `rows` holds the cells with their quotes, `ends` what ended each row."""

    bom: str
    delimiter: str
    rows: list
    ends: list

    def value(self, row, column):
        """The text of a cell, without quotes; empty where the row is too short."""
        cell = self.rows[row][column] if column < len(self.rows[row]) else ""
        return cell[1:-1].replace('""', '"') if cell[:1] == '"' == cell[-1:] and len(cell) > 1 else cell

    def fill(self, row, column, text):
        """Put a text into a cell, quoted where the old one was or the new one must be."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        if cells[column][:1] == '"' or re.search(rf'[{re.escape(self.delimiter)}"\r\n]', text):
            text = '"' + text.replace('"', '""') + '"'
        cells[column] = text

    def header(self):
        """The texts of the first row."""
        return [self.value(0, column).strip() for column in range(len(self.rows[0]))]

    def text(self):
        """The whole file."""
        return self.bom + "".join(self.delimiter.join(row) + end for row, end in zip(self.rows, self.ends, strict=True))


def read_table(path):
    """Read a CSV file with commas, semicolons or tabs; ValueError if there is none."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8, so names would not match: export it from the LMS again, "
                         "and don't save it with a spreadsheet program in between.") from error
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror or error}.") from error
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(bom)
    first = _signs(text[:100_000], ",;\t")
    delimiter = max(",;\t", key=lambda sign: first.count(sign))
    rows, ends = _rows(text, delimiter)
    if not rows:
        raise ValueError(f"{path} is empty: export it from the LMS again.")
    return Table(bom, delimiter, rows, ends)


def _pattern(signs):
    signs = re.escape(signs)
    return re.compile(rf'("[^"]*(?:""[^"]*)*"[^{signs}\r\n]*|[^{signs}\r\n]*)([{signs}]|\r\n|\n|\r|\Z)')


def _signs(text, signs):
    """Which of some signs part the cells of the first row."""
    found = []
    for match in _pattern(signs).finditer(text):
        if match[2] not in signs or not match[2]:
            break
        found.append(match[2])
    return found


def _rows(text, delimiter):
    rows, ends, row, position, pattern = [], [], [], 0, _pattern(delimiter)
    while position < len(text) or row:
        match = pattern.match(text, position)
        row.append(match[1])
        position = match.end()
        if match[2] != delimiter:
            rows.append(row)
            ends.append(match[2])
            row = []
    return rows, ends


def plain(name):
    """A name reduced to small letters and digits: "Müller-Lüdenscheid, Käthe" gives "mullerludenscheidkathe"."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalnum())


def name_forms(name):
    """The ways in which a full name is written, reduced by `plain`.

    An LMS writes "Lovelace, Ada", "Ada Lovelace", or, in names of files, "lovelaceada". Where a comma says what the
    family name is, there are two forms; where none does, the words are turned around at every place.
    """
    if "," in name:
        family, given = (plain(part) for part in name.split(",", 1))
        return {family + given, given + family} - {""}
    words = [plain(word) for word in re.split(r"[\s_]+", name)]
    return {"".join(words[i:] + words[:i]) for i in range(len(words))} - {""}


class Finder:
    """Finds the one row that is a student's, or says why there is none.

    Parameters
    ----------
    ids : dict from str to int
        Row by what the LMS calls the student.
    others : list of (row, list of str)
        Each row's login, number and e-mail address.
    names : list of (row, str)
        Each row's full name.
    """

    def __init__(self, ids, others, names):
        self.ids, self.others, self.names = ids, {}, {}
        for row, texts in others:
            for text in filter(None, texts):
                self.others.setdefault(text.casefold(), set()).add(row)
        for row, name in names:
            for form in name_forms(name):
                self.names.setdefault(form, set()).add(row)

    def find(self, student, known_id):
        """Return (row, "") or (None, why not). An id that the table does not have is never overruled by a name."""
        if known_id:
            row = self.ids.get(known_id)
            return (row, "") if row is not None else (None, f"no row has the id {known_id}")
        rows = self.others.get(student.strip().casefold(), set())
        rows = rows or set().union(*(self.names.get(form, set()) for form in name_forms(student)))
        if len(rows) == 1:
            return next(iter(rows)), ""
        if rows:
            listed = ", ".join(str(row + 1) for row in sorted(rows))
            return None, f"the lines {listed} fit equally well"
        return None, "no row has that name, login or number"


def assign(found):
    """Keep the rows that one student claims.

    Parameters
    ----------
    found : list of (student, row or None, str)

    Returns
    -------
    rows : dict from str to int
    problems : list of (str, str)
        Student and reason.
    """
    claims = {}
    for student, row, _ in found:
        claims.setdefault(row, []).append(student)
    rows, problems = {}, []
    for student, row, why in found:
        rivals = [other for other in claims[row] if other != student]
        if row is None:
            problems.append((student, why))
        elif rivals:
            problems.append((student, f"line {row + 1} fits {', '.join(repr(other) for other in rivals)} as well"))
        else:
            rows[student] = row
    return rows, problems
