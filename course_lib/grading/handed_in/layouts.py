"""Whose a notebook is: one layout for the whole class, by the outermost names that tell people.

These are the LMS's, nbgrader's or the instructor's. Whatever lies deeper, and what stands in a name behind an LMS's own
prefix, was chosen by learners and says nothing about anybody.
"""

from dataclasses import dataclass, replace

from course_lib.exercises.core import notebooks
from course_lib.grading.handed_in import levels
from course_lib.grading.handed_in.exports import LMS, Owner, by_lms
from course_lib.grading.handed_in.filenames import canonical, copy_of, cut, stem, student_of

LAYOUTS = {
    "moodle": "Moodle's export",
    "canvas": "Canvas's export",
    "canvas-anonymous": "Canvas's export without names",
    "nbgrader": "nbgrader's folder \"submitted\"",
    "folders": "a folder or an archive a student",
    "files": "a file a student",
    "groups": "folders of several students, in them a folder a student",
}


@dataclass(frozen=True)
class Reading:
    """How what was handed in is laid out.

    Parameters
    ----------
    layout : str
        One of `LAYOUTS`.
    owners : tuple of (Owner or None)
        Whose each file is; None for what nbgrader keeps beside the submissions.
    entries, odd : frozenset of str
        The names that decide, and those of them that aren't as the layout has them.
    """

    layout: str
    owners: tuple
    entries: frozenset
    odd: frozenset


def read(paths, found, given, chosen=""):
    """Recognise the layout of a class, and tell whose each file is.

    Parameters
    ----------
    paths : list of tuple of str
        The parts of each notebook's path; archives among them count as folders.
    found : list of str
        Which notebook each of them is.
    given : str
        Name of the folder or archive that they are below.
    chosen : str
        The layout, where a person says it: one of `LAYOUTS`.

    Returns
    -------
    Reading

    Raises
    ------
    ValueError
        If there is no such layout, or nothing is as the chosen one has it.
    """
    if chosen and chosen not in LAYOUTS:
        raise ValueError(f"There is no layout {chosen!r}; there are {', '.join(LAYOUTS)}.")
    files = [levels.File(tuple(map(canonical, path)), notebook) for path, notebook in zip(paths, found, strict=True)]
    if chosen:
        level = levels.chosen(chosen, files, canonical(given))
        if level is None:
            raise ValueError(f"Nothing here is named as in {LAYOUTS[chosen]}: leave --layout out, or choose another.")
    else:
        level = levels.recognised(files, canonical(given))
    owners, entries, odd = [], set(), set()
    for file, (owner, depth, fits) in zip(files, _decided(files, level), strict=True):
        owners.append(owner and replace(owner, copy=copy_of(file.path[-1])))
        if owner:
            entry = "/".join(file.path[: depth + 1])
            entries.add(entry)
            odd |= set() if fits else {entry}
    if not chosen and level.layout in ("folders", "files"):
        for lms in LMS:
            alike = {"/".join(file.path[: level.depth + 1]) for file in files if by_lms(file.path, level.depth, lms)}
            odd |= alike if len(alike) > 2 else set()
    return Reading(level.layout, tuple(owners), frozenset(entries), frozenset(odd))


def _decided(files, level):
    """Yield of each file (whose it is, which part of its path decides that, whether that is as the layout has it)."""
    depth = level.depth
    if level.layout in LMS:
        theirs = [by_lms(file.path, depth, level.layout) for file in files]
        exports = {file.path[:n] for file, owner in zip(files, theirs, strict=True) if owner for n in range(depth + 1)}
        for file, owner in zip(files, theirs, strict=True):
            # What isn't the LMS's was put beside it, or beside its export, by the instructor, who named it
            place = next(n for n in range(depth, -1, -1) if file.path[:n] in exports)
            yield owner or _plain(file.path, place), place, bool(owner)
    elif level.submitted:
        below = levels.below_assignments([file for file in files if levels.is_submitted(file.path, depth)], depth + 1)
        for file in files:
            if levels.is_submitted(file.path, depth):
                owner = _plain(file.path, below)
                yield owner, below, bool(owner.name)
            else:
                beside = file.path[depth : depth + 1] and file.path[depth] in levels.NBGRADER
                yield None if beside else Owner(""), depth, True
    else:
        for file in files:
            owner = _plain(file.path, depth)
            yield owner, depth, bool(owner.name)


def _plain(path, depth):
    """Return whose a file is by the name of a folder, an archive or itself; the name is empty if that doesn't say."""
    if len(path) > depth + 1 and path[depth].lower() in notebooks():
        depth += 1
    if len(path) > depth + 1:
        return Owner(stem(path[depth]))
    return Owner(student_of(path[-1]) if len(path) == depth + 1 or cut(path[-1]) else "")
