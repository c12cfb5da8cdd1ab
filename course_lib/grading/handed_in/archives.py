"""Members of a zip: read in pieces and within limits, never unpacked to disk."""

import calendar
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

MB = 1 << 20
OTHERS = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")  # which no LMS exports
MOST = (100_000, 1_000)  # members of an archive, and of one inside it
UNPACKED = (8_192 * MB, 256 * MB)  # bytes that may be unpacked of an archive, and of one inside it
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the only ones that Python unpacks piece by piece
LINK = "is a link, and links are not followed"
SPECIAL = "is a device, a pipe or a socket, not a file"


class Refused(ValueError):
    """Why a file isn't read."""


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


def members(packed, depth):
    """Yield the files of an archive as `Member`; folders are passed over.

    Sizes are counted as they are unpacked: what headers say of them is not believed.

    Parameters
    ----------
    packed : binary file
        It must be seekable.
    depth : int
        0 for an archive, 1 for one inside it, which has tighter limits.

    Raises
    ------
    Refused
        For a damaged archive, and one that exceeds the limits. Members before the damage have been yielded.
    """
    seen = set()
    inside = _zip(packed, MOST[depth], _Budget(UNPACKED[depth]))
    while True:
        try:
            member = next(inside)
        except StopIteration:
            return
        except Refused:
            raise
        except Exception as error:  # whatever damage makes zipfile, zlib and struct raise
            raise Refused(f"is damaged, or no archive ({error})") from error
        refusal = member.refusal or _trick(member.name) or ("is in the archive twice" if member.name in seen else "")
        seen.add(member.name)
        yield Member(member.name, member.modified, refusal, partial(_guarded, member.read))


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
        raise Refused(f"is damaged in the archive ({error})") from error


def _trick(name):
    """Return what is wrong with a member's path, or nothing."""
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


def _zip(packed, most, budget):
    # Entries are counted by their mark in the file before zipfile makes an object of each
    packed.seek(0)
    if sum(block.count(b"PK\1\2") for block in iter(partial(packed.read, MB), b"")) > most:
        raise Refused(f"holds more than {most} files")
    with zipfile.ZipFile(packed) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                read = partial(_unzip, archive, info, budget)
                yield Member(info.filename, _seconds(info.date_time), _no_plain_file(info), read)


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


def _unzip(archive, info, budget, limit):
    with archive.open(info) as stream:
        return take(stream, limit, budget)


def _seconds(date):
    """Return a zip's date as seconds since 1970, or 0 for one that is none."""
    try:
        return float(calendar.timegm((*date, 0, 0, 0)))
    except (ValueError, OverflowError):
        return 0.0
