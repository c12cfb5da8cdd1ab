"""The cells of a file that was handed in: count, size and kind of whatever is in it are limited as it is read."""

import json
import re
from dataclasses import dataclass
from functools import cached_property

LONGEST = 200_000  # characters of one cell; what comes after them isn't read
MOST = 20_000  # cells of a notebook
PARTS = 1_000_000  # lists, objects and entries of objects: each takes many times the memory that it has in the file
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # also one that doesn't end, so that none is read twice
DEFINED = re.compile(r"^(?:async )?def (\w+)|^class (\w+)|^(\w+)\s*=(?!=)(?!\s*use\()", re.MULTILINE)


class Unreadable(ValueError):
    """A file that can't be graded; the message says why."""


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook, in which no field holds anything else than what is said here.

    Parameters
    ----------
    kind : str
        Empty where the cell doesn't say.
    name : str
        Its grade_id, or else its id.
    source : str
        Of at most `LONGEST` characters, and one more where it had more.
    raw : dict
        All that the file has of it, which may be anything.
    """

    kind: str
    name: str
    source: str
    raw: dict

    @cached_property
    def defined(self):
        """The names that it defines or assigns at the beginning of a line, `f = use(f)` apart."""
        return {name for names in DEFINED.findall(self.source) for name in names if name}

    @property
    def outputs(self):
        """The dicts among its outputs."""
        return [output for output in _list(self.raw.get("outputs")) if isinstance(output, dict)]

    @property
    def attachments(self):
        """Name -> dict of its attachments."""
        found = dict_of(self.raw.get("attachments"))
        return {name: bundle for name, bundle in found.items() if isinstance(bundle, dict)}


def parsed(data):
    """Return a notebook's JSON as a dict, and notes on what had to be mended.

    Raises
    ------
    Unreadable
        If it is no notebook, or holds so many parts that it would take too much memory.
    """
    notes = []
    try:
        text = data.decode(json.detect_encoding(data), "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        notes.append("Some characters of the file are damaged and were replaced.")
    if len(text) > PARTS and _parts(text) > PARTS:
        raise unreadable(f"it holds more than {PARTS:,} lists and values with names")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = "it is empty" if not text.strip() else f"it is no JSON ({type(error).__name__}: {error})"[:200]
        raise unreadable(what) from None
    if not isinstance(content, dict) or not isinstance(content.get("cells", content.get("worksheets")), list):
        raise unreadable("it has no list of cells")
    return content, notes


def unreadable(why):
    """Return the exception that says why a file is no notebook."""
    return Unreadable(f"The file can't be read as a notebook: {why}.")


def cells(content):
    """Return the cells of a notebook of any format as `Cell`; what is no cell is passed over.

    Raises
    ------
    Unreadable
        If there are too many.
    """
    sheets = [content] if "cells" in content else [sheet for sheet in content["worksheets"] if isinstance(sheet, dict)]
    found = [_list(sheet.get("cells")) for sheet in sheets]
    if sum(map(len, found)) > MOST:
        raise unreadable(f"it has more than {MOST:,} cells")
    return [_cell(cell) for sheet in found for cell in sheet if isinstance(cell, dict)]


def _cell(raw):
    source = text_of(raw.get("source", raw.get("input"))).replace("\r\n", "\n")
    named = dict_of(dict_of(raw.get("metadata")).get("nbgrader")).get("grade_id") or raw.get("id")
    return Cell(_str(raw.get("cell_type")), _str(named), source[: LONGEST + 1], raw)


def text_of(value):
    """Return the text of a field that a notebook may keep as a list of lines, without broken characters."""
    text = "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else _str(value)
    return text.encode("utf-8", "replace").decode()


def dict_of(value):
    """Return a dict; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def _list(value):
    return value if isinstance(value, list) else []


def _str(value):
    return value if isinstance(value, str) else ""


def _parts(text):
    """Return how many lists, objects and entries of objects a JSON text has; no fewer, where there aren't many."""
    count = sum(map(text.count, "[{:"))
    return count if count <= PARTS else sum(map(STRING.sub("", text).count, "[{:"))
