"""Where a class begins: the level of folders, archives or files at which what was given tells people."""

import re
from dataclasses import dataclass

from course_lib.grading.handed_in.archives import is_archive
from course_lib.grading.handed_in.exports import LMS, by_lms
from course_lib.grading.handed_in.filenames import COPY, cut, is_assignment, stem, student_of

NBGRADER = ("source", "release", "autograded", "feedback")  # folders of a course beside "submitted"
MOST = 10  # one in so many may be odd; if more are, a person is asked
DEEP = 6  # levels that are looked at


@dataclass(frozen=True)
class File:
    """The parts of a notebook's path, and which notebook it is."""

    path: tuple
    notebook: str


@dataclass(frozen=True)
class Level:
    """Where a class begins.

    Parameters
    ----------
    depth : int
        Which part of each path decides, counted from 0.
    layout : str
        One of `layouts.LAYOUTS`.
    several : bool
        Whether there surely is more than one student.
    submitted : bool
        Whether nbgrader's folder of that name is that part.
    """

    depth: int
    layout: str
    several: bool = True
    submitted: bool = False


def recognised(files, given):
    """Return the `Level` of files below a folder or an archive of the name `given`."""
    if given == "submitted":
        return Level(below_assignments(files, 0), "nbgrader")
    return _level(files, 0, stem(given), is_archive(given))


def chosen(layout, files, given):
    """Return the `Level` in a layout that a person chose, or None if nothing is named so."""
    if layout == "nbgrader" and given == "submitted":
        return recognised(files, given)
    if layout in LMS or layout == "nbgrader":
        fitting = (depth for depth in range(DEEP) for file in files if (
            is_submitted(file.path, depth) if layout == "nbgrader" else by_lms(file.path, depth, layout)))
        depth = next(fitting, None)
        return None if depth is None else Level(depth, layout, submitted=layout == "nbgrader")
    plain = _level(files, 0, stem(given), is_archive(given), others=False)
    if layout == "files":
        lengths = {len(file.path) - 1 for file in files}
        return Level(plain.depth if plain.depth in lengths else min(lengths), layout)
    if layout == "groups":
        return Level(plain.depth + 1, layout)
    return Level(max(0, plain.depth - (plain.layout == "files")), layout)


def _level(files, depth, given, packed, others=True):
    """Return where the class begins among files whose paths agree in `depth` parts."""
    here = [file for file in files if len(file.path) > depth]
    folders = sorted({file.path[: depth + 1] for file in here if len(file.path) > depth + 1})
    loose = {file.path[depth] for file in here if len(file.path) == depth + 1}
    if others and (found := _by_others(here, folders, depth)):
        return found
    if depth < DEEP and (below := below_assignments(here, depth)) > depth:
        return _level(here, below, given, packed, others)
    if depth < DEEP and len(folders) == 1:
        around, inside = folders[0][-1], [file for file in here if len(file.path) > depth + 1]
        level = _level(inside, depth + 1, stem(around) if is_archive(around) else given, packed, others)
        within = {file.path[: level.depth + 1] for file in inside}
        beside = [name for name in loose if student_of(name)]  # a few strays, or students who handed in files
        if len(beside) * MOST <= len(within) and (level.several or _named_after(stem(around), given)):
            return level
    people = {path[-1] for path in folders if not is_assignment(path[-1])}
    around = {stem(file.path[depth - 1]) for file in here if depth}
    return Level(depth, "folders" if folders else "files", len(people) > 1 or _are_people(loose, around, packed))


def _by_others(here, folders, depth):
    """Return the level of an LMS's export, or of several side by side, or of nbgrader's course; or None.

    More than half of the names must be the LMS's: those of one level belong to one, or to none but for some learner's.
    """
    best = max(LMS, key=lambda layout: _share(_theirs(here, depth, layout)))
    if _share(_theirs(here, depth, best)) > 1 / 2:
        return Level(depth, best)
    beside = {path[-1] for path in folders} - {"submitted"}
    if any(path[-1] == "submitted" for path in folders) and (not beside or beside & set(NBGRADER)):
        return Level(depth, "nbgrader", submitted=True)
    inside = [file for file in here if len(file.path) > depth + 1]
    for layout in LMS:
        held = {folder: {} for folder in folders}
        for entry, owner in _theirs(inside, depth + 1, layout).items():
            held[entry[:-1]][entry] = owner
        # Learners' own folders hold files of one learner; two who are told apart in one of them make it an export
        several = layout == "moodle" or any(len({owner and owner.name for owner in entries.values()}) > 1
                                            for entries in held.values())
        if several and _share({folder: _share(entries) > 1 - 1 / MOST for folder, entries in held.items()}) > 1 / 2:
            return Level(depth + 1, layout)
    return None


def _theirs(files, depth, layout):
    """Return whose the names at a level are by what an LMS writes into them, or None for each.

    Canvas gives every file another number. Where most have the same, as in "week_1_2_homework.ipynb", it wrote none.
    """
    found = {file.path[: depth + 1]: by_lms(file.path, depth, layout) for file in files}
    numbers = [owner.order[-1] for owner in found.values() if owner and layout != "moodle"]
    return found if 2 * len(set(numbers)) >= len(numbers) else dict.fromkeys(found)


def below_assignments(files, depth):
    """Return the level below folders that are assignments: all are named so, and most of what they hold is theirs."""
    inside = [file for file in files if len(file.path) > depth + 1]
    if not inside or not all(is_assignment(file.path[depth]) for file in inside):
        return depth
    right = {}
    for file in inside:
        own = file.path[depth].lower() in (file.notebook, file.notebook.split("_")[0])
        right[file.path[: depth + 2]] = right.get(file.path[: depth + 2], False) or own
    says = any(len(file.path) > depth + 2 or student_of(file.path[-1]) for file in inside)
    return depth + 1 if says and _share(right) > 1 / 2 else depth


def is_submitted(path, depth):
    """Tell whether a file was handed in by way of nbgrader."""
    return len(path) > depth + 2 and path[depth] == "submitted"


def _share(entries):
    """Return the share of true ones."""
    return sum(map(bool, entries.values())) / len(entries) if entries else 0


def _named_after(folder, given):
    """Tell whether an archive was made of a folder: "Week 1.zip", "Week 1 2.zip", "Week 1-20261130T101500Z-001.zip"."""
    rest = given.removeprefix(folder)
    return given.startswith(folder) and bool(re.fullmatch(r"|[- ]\d{8}T\d{6}Z[-\d]*|[ _]?\(?\d{1,3}\)?", rest))


def _are_people(files, around, packed):
    """Tell whether files surely are several students'.

    So they are by what stands before a notebook's name in each, but for a few, and in an archive by any names, since
    what was packed for the instructor is a class. The folder around them may be a student's who named files so.
    """
    named = {student_of(name) for name in files if cut(name)} - {""}
    others = {re.sub(rf"{COPY}$", "", student_of(name)) for name in files if cut(name) is None}
    nameless = [name for name in files if not student_of(name)]
    people = named | (others if packed else set())
    return (len(people) > 1 and not people & around and len(nameless) * MOST <= len(files)
            and (packed or not others - {""}))
