"""The files of a folder or an archive, one after another; links are never followed."""

import io
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from course_lib.grading.handed_in.archives import (
    CLASS,
    INSIDE,
    LINK,
    MB,
    OWN,
    SPECIAL,
    Refused,
    is_archive,
    members,
    take,
)

DEEPEST = 16  # folders below the one that was given
MOST = 100_000  # entries of a folder
NESTED = 2  # archives on the way to a file: the LMS's, and a student's inside it
LATEST = 2**33  # seconds since 1970: whatever is dated after the year 2242, or before 1970, has no date
LARGEST_INSIDE = 100 * MB  # an archive inside an archive, packed
JUNK_FOLDERS = ("__MACOSX", "__pycache__")
JUNK_FILES = ("Thumbs.db", "desktop.ini", "timestamp.txt")  # the last is nbgrader's


@dataclass(frozen=True)
class File:
    """A file that was found.

    Parameters
    ----------
    parts : tuple of str
        Its path below what was given; an archive on the way is a part like a folder.
    origin : str
        Where it is, for people: "submissions/ada/01.ipynb", "export.zip!ada/01.ipynb".
    modified : float
        Seconds since 1970; 0 where it isn't known.
    refusal : str
        Why it isn't read, or nothing.
    read : function limit -> bytes
        Raises `Refused` for a larger or damaged file. To be called before the next file is asked for.
    """

    parts: tuple
    origin: str
    modified: float
    refusal: str
    read: Callable | None = None


def files(path):
    """Yield every file of a folder or an archive, and of the archives in it, as `File`.

    What systems and editors leave behind is passed over: hidden files, ``__MACOSX``, kept copies, ...
    """
    path = Path(path)
    if path.is_dir():
        yield from _in_folder(path, (), path)
    else:
        with path.open("rb") as packed:
            yield from _in_archive(packed, path.name, File((), str(path), 0, ""), 0)


def _is_junk(parts):
    """Tell whether a path is of the kind that systems and editors leave behind."""
    hidden = any((part.startswith(".") and part != "..") or part in JUNK_FOLDERS for part in parts)
    return hidden or parts[-1] in JUNK_FILES or ".kept-" in parts[-1]


def _text(name):
    """Return a file name that can be stored and printed: bytes that are no UTF-8 are written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _moment(seconds):
    """Return seconds since 1970, or 0 for what no clock that is right has ever said: any number may come in."""
    return float(seconds) if 0 <= seconds <= LATEST else 0.0


def _in_folder(folder, parts, root):
    try:
        with os.scandir(folder) as found:
            entries = sorted(islice(found, MOST + 1), key=lambda entry: entry.name)
    except OSError as error:
        yield File(parts or ("",), str(root.joinpath(*parts)), 0, f"the folder can't be opened: {error.strerror}")
        return
    if len(entries) > MOST:
        yield File(parts or ("",), str(root.joinpath(*parts)), 0, f"holds more than {MOST:,} files: they aren't read")
        return
    for entry in entries:
        if not _is_junk((entry.name,)):
            yield from _entry(entry, (*parts, _text(entry.name)), root)


def _entry(entry, parts, root):
    """Yield what one entry of a folder holds: itself, or the files in it."""
    origin = str(root.joinpath(*parts))
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:  # gone in between
        yield File(parts, origin, 0, f"can't be opened: {error.strerror}")
        return
    modified = _moment(status.st_mtime)
    if entry.is_symlink() or getattr(entry, "is_junction", bool)():
        yield File(parts, origin, modified, LINK)
    elif stat.S_ISDIR(status.st_mode) and len(parts) > DEEPEST:
        yield File(parts, origin, modified, f"is more than {DEEPEST} folders deep, and wasn't opened")
    elif stat.S_ISDIR(status.st_mode):
        yield from _in_folder(entry.path, parts, root)
    elif not stat.S_ISREG(status.st_mode):
        yield File(parts, origin, modified, SPECIAL)
    else:
        file = File(parts, origin, modified, "", partial(_from_disk, entry.path))
        yield from _expanded(file, partial(_opened, entry.path), 0)


def _opened(path):
    """Open a regular file, but neither a link nor a pipe that took its place in between."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Refused(SPECIAL)
    return file


def _from_disk(path, limit):
    try:
        with _opened(path) as file:
            if os.fstat(file.fileno()).st_size > limit:  # said at once: holes cost nothing on a disk, but time to read
                raise Refused(f"is larger than {limit // MB} MB")
            return take(file, limit)
    except OSError as error:
        raise Refused(f"can't be opened: {error.strerror}") from error


def _expanded(file, opened, depth):
    """Yield a file; of an archive, what is in it."""
    if not is_archive(file.parts[-1]):
        yield file
    elif depth >= NESTED:
        yield File(file.parts, file.origin, file.modified, "is an archive in an archive in an archive: unpack it")
    else:
        try:
            packed = opened()
        except (OSError, Refused) as error:
            reason = f"can't be opened: {error.strerror}" if isinstance(error, OSError) else str(error)
            yield File(file.parts, file.origin, file.modified, reason)
            return
        with packed:
            yield from _in_archive(packed, file.parts[-1], file, depth)


def _in_archive(packed, name, archive, depth):
    try:
        for member in members(packed, INSIDE if depth else CLASS if len(archive.parts) < 2 else OWN):
            inside = tuple(part for part in _text(member.name).split("/") if part not in ("", "."))
            if not inside or _is_junk(inside):
                continue
            origin = f"{archive.origin}!{_text(member.name)}"
            file = File((*archive.parts, *inside), origin, _moment(member.modified), member.refusal, member.read)
            if member.refusal:
                yield file
            else:
                yield from _expanded(file, partial(_in_memory, member), depth + 1)
    except Refused as error:
        yield File(archive.parts or (name,), archive.origin, archive.modified, str(error))


def _in_memory(member):
    """Return an archive inside an archive as a file in memory."""
    return io.BytesIO(member.read(LARGEST_INSIDE))
