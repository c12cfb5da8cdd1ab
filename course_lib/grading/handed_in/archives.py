"""Members of a zip: read in pieces and within limits, never unpacked to disk."""

import calendar
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

MB = 1 << 20
OTHERS = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")  # which no LMS exports
NAME = 1_000  # characters of a member's name, with its folders
DIRECTORY = 64 * MB  # of an archive's list of its members
SHORT = 200  # characters that are told of another's error, which may hold a name
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the only ones that Python unpacks piece by piece
LINK = "is a link, and links are not followed"
SPECIAL = "is a device, a pipe or a socket, not a file"


class Refused(ValueError):
    """Why a file isn't read."""


@dataclass(frozen=True)
class Limits:
    """What may be in an archive.

    Parameters
    ----------
    members : int
    unpacked : int
        Bytes that may be unpacked of all its files together.
    ratio : int
        As many times its packed size may be unpacked of each file without counting. No notebook that people work in
        is packed so small, so nobody's bomb leaves too little for others.
    """

    members: int
    unpacked: int
    ratio: int = 0


CLASS = Limits(100_000, 8_192 * MB, 100)  # what an LMS exports
OWN = Limits(100_000, 1_024 * MB)  # what a student packed, in a folder
INSIDE = Limits(1_000, 256 * MB)  # an archive inside an archive, which is in memory as a whole


@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Parameters
    ----------
    name : str
        As the archive has it.
    modified : float
        Seconds since 1970; 0 where it isn't known.
    refusal : str
        Why it isn't read, or nothing.
    read : function limit -> bytes
        Raises `Refused` for a larger or damaged one. To be called before the next member is asked for.
    """

    name: str
    modified: float
    refusal: str
    read: Callable


def is_archive(name):
    """Tell by its name whether a file is an archive of the kind that is read."""
    return name.lower().endswith(".zip")


def is_other_archive(name):
    """Tell by its name whether a file is an archive of a kind that isn't read."""
    return name.lower().endswith(OTHERS)


def members(packed, limits):
    """Yield the files of an archive as `Member`; folders are passed over.

    Sizes are counted as they are unpacked: what headers say of them is not believed.

    Parameters
    ----------
    packed : binary file
        It must be seekable.
    limits : Limits

    Raises
    ------
    Refused
        For a damaged archive, and one that exceeds the limits. Members before the damage have been yielded.
    """
    seen = set()
    inside = _zip(packed, limits)
    while True:
        try:
            member = next(inside)
        except StopIteration:
            return
        except Refused:
            raise
        except Exception as error:  # whatever damage makes zipfile, zlib and struct raise
            raise Refused(f"is damaged, or no archive ({error})"[:SHORT]) from error
        refusal = member.refusal or _trick(member.name) or ("is in the archive twice" if member.name in seen else "")
        seen.add(member.name)
        yield Member(member.name[:NAME], member.modified, refusal, partial(_guarded, member.read))


def take(stream, limit, spend=None):
    """Read a stream to its end in pieces and return the bytes; what is longer than `limit` is `Refused`."""
    pieces, size = [], 0
    while piece := stream.read(min(MB, limit + 1 - size)):
        size += len(piece)
        if spend:
            spend(len(piece))
        if size > limit:
            raise Refused(f"is larger than {limit // MB} MB")
        pieces.append(piece)
    return b"".join(pieces)


def _guarded(read, limit):
    try:
        return read(limit)
    except Refused:
        raise
    except Exception as error:  # as in `members`
        raise Refused(f"is damaged in the archive ({error})"[:SHORT]) from error


def _trick(name):
    """Return what is wrong with a member's path, or nothing."""
    if len(name) > NAME:
        return f"has a name of {len(name):,} characters, and at most {NAME:,} are taken"
    if "\\" in name or name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in name.split("/"):
        return "has a path that could lead out of the archive"
    return ""


class _Budget:
    """The bytes that may still be unpacked."""

    def __init__(self, whole):
        self.whole = self.left = whole

    def __call__(self, n):
        self.left -= n
        if self.left < 0:
            raise Refused(f"holds more than {self.whole // MB} MB, and wasn't read further")

    def after(self, free):
        """Return a function that spends of it only what goes beyond some free bytes."""
        left = free

        def spend(n):
            nonlocal left
            if n > left:
                self(n - left)
            left = max(left - n, 0)

        return spend


class _Opening:
    """An archive's file while zipfile opens it: it reads the list of members in one piece, whose size is a claim."""

    def __init__(self, file, most):
        self.file, self.most, self.seek, self.tell, self.seekable = file, most, file.seek, file.tell, file.seekable

    def read(self, n=-1):
        if n > DIRECTORY:
            raise Refused(f"has a list of files that is longer than {DIRECTORY // MB} MB")
        data = self.file.read(n if n >= 0 else DIRECTORY)
        # Entries are counted by their mark before zipfile makes an object of each
        if self.most and data.count(b"PK\1\2") > self.most:
            raise Refused(f"holds more than {self.most} files")
        return data


def _zip(packed, limits):
    opening, budget = _Opening(packed, limits.members), _Budget(limits.unpacked)
    with zipfile.ZipFile(opening) as archive:
        opening.most = 0
        overlapping = _overlapping(archive.infolist())
        for info in archive.infolist():
            if not info.is_dir():
                spend = budget.after(limits.ratio * max(info.compress_size, 1_000))
                read = partial(_unzip, archive, info, spend, info.header_offset in overlapping)
                yield Member(info.filename, _seconds(info.date_time), _no_plain_file(info), read)


def _overlapping(infos):
    """Return where the members begin that share bytes with the next: so a small file could unpack to any size."""
    starts = sorted((info.header_offset, info.compress_size) for info in infos)
    return {start for (start, size), (following, _) in pairwise(starts) if start + size > following}


def _no_plain_file(info):
    """Return why a zip's member isn't read, or nothing."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return LINK
    if kind not in (0, stat.S_IFREG):
        return SPECIAL
    if info.flag_bits & 1:
        return "is encrypted: ask for it without a password"
    return "" if info.compress_type in PACKINGS else "is packed in an unusual way: ask for an ordinary .zip"


def _unzip(archive, info, spend, overlaps, limit):
    if overlaps:
        raise Refused("shares bytes with another file of the archive: ask for an ordinary .zip")
    with archive.open(info) as stream:
        return take(stream, limit, spend)


def _seconds(date):
    """Return a zip's date as seconds since 1970, or 0 for one that is none."""
    try:
        return float(calendar.timegm((*date, 0, 0, 0)))
    except (ValueError, OverflowError):
        return 0.0
