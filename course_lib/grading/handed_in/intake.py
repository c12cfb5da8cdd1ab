"""What was handed in: the notebooks of a folder or an archive, whose they are, and what was not taken and why."""

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from course_lib.exercises.core import notebooks
from course_lib.grading.handed_in.archives import MB, Refused, is_archive, is_other_archive
from course_lib.grading.handed_in.finding import files
from course_lib.grading.handed_in.layouts import notebook_named, owners
from course_lib.grading.handed_in.problems import bounded
from course_lib.grading.handed_in.rosters import Roster
from course_lib.grading.records import Submission

LARGEST = 20 * MB  # bytes of a notebook
WANTED = "expected a folder a student, files such as ada_01_vanishing_gradients.ipynb, or Moodle's or Canvas's export"


class NothingFound(ValueError):
    """There is nothing to grade; the message says where it was looked for."""


@dataclass(frozen=True)
class Found:
    """A notebook that is to be graded; its bytes are read when it is its turn.

    Parameters
    ----------
    student, notebook, origin, modified, ids
        As of `Submission`.
    reason : str
        Why the file can't be read, or nothing.
    """

    student: str
    notebook: str
    origin: str
    modified: float
    ids: tuple = ()
    reason: str = ""


@dataclass(frozen=True)
class Intake:
    """What was handed in.

    Parameters
    ----------
    path : Path
    found : tuple of Found
        One of every student and notebook.
    problems : list of (str, str)
        Origin and reason of whatever was not taken, and of what needs a look.
    """

    path: Path
    found: tuple
    problems: list

    def submissions(self):
        """Yield (`Submission`, why it can't be read or nothing), reading one file at a time.

        A file that has vanished since `take_in` is added to `problems`.
        """
        wanted = {found.origin: found for found in self.found}
        for file in files(self.path):
            found = wanted.pop(file.origin, None)
            if found is None:
                continue
            data, reason = b"", found.reason
            if not reason:
                try:
                    data = file.read(LARGEST)
                except (Refused, TypeError) as error:
                    self.problems.append((found.origin, f"was there a moment ago, and now it {file.refusal or error}"))
                    continue
            yield Submission(found.student, found.notebook, found.origin, found.modified, data, found.ids), reason
        self.problems.extend((origin, "was there a moment ago, and now it is gone") for origin in wanted)


def take_in(path, *, identify, notebook="", roster=None):
    """Find what was handed in.

    Every notebook is read once, to see which it is; of two of one student the newer counts.

    Parameters
    ----------
    path : path
        A folder or an archive.
    identify : function (bytes, filename) -> str
        Gives the notebook's name; its ValueError says why it can't. `lifting.identify`.
    notebook : str
        Take this one only: its name or number.
    roster : Roster
        Gives the students their names; who isn't on it is taken, and said.

    Returns
    -------
    Intake

    Raises
    ------
    NothingFound
        If there is no notebook, or no such folder.
    """
    path = Path(path)
    _look(path)
    wanted = _chosen(notebook)
    seen, problems = [], []
    for file in files(path):
        name, reason = _which(file, identify)
        if name:
            seen.append((file, name, reason))
        else:
            problems.append((file.origin, reason))
    if not seen:
        raise NothingFound(f"{path} holds no notebook of the course: {WANTED}."
                           + "".join(f"\n  {origin}: {reason}" for origin, reason in problems[:5]))
    found = _with_owners([entry for entry in seen if entry[1] in wanted], path, problems)
    if not found:
        raise NothingFound(f"{path} holds no notebook {' or '.join(wanted)}"
                           f"{' that says whose it is' if wanted == notebooks() else ''}: {WANTED}.")
    found = _one_name_one_student(found, problems)
    found = [(_as_on(roster, each, problems), order) for each, order in found] if roster else found
    kept = tuple(_newest(found, problems))
    return Intake(path, kept, bounded(problems, [(each.origin, each.student) for each in kept], str(path)))


def _look(path):
    """Raise NothingFound unless a path is a folder or an archive."""
    if not path.exists():
        raise NothingFound(f"There is no {path}: give the folder or the archive of what was handed in.")
    if not path.is_dir() and not (path.is_file() and is_archive(path.name)):
        raise NothingFound(f"{path} is neither a folder nor an archive (.zip): one of these is wanted.")


def _chosen(notebook):
    """Return the names of the notebooks that are graded."""
    chosen = [name for name in notebooks() if not notebook or notebook in (name, name.split("_")[0])]
    if not chosen:
        raise ValueError(f"There is no notebook {notebook!r} with exercises; there are {', '.join(notebooks())}.")
    return chosen


def _which(file, identify):
    """Return (notebook, why it can't be read): both for an unreadable one whose name tells it, else only one."""
    name = file.parts[-1] if file.parts else ""
    if file.refusal or not file.parts:
        return "", file.refusal
    if not name.lower().endswith(".ipynb"):
        other = ": a zip or a folder is wanted" if is_other_archive(name) else ""
        return "", f"is not a notebook, and was passed over{other}"
    try:
        data = file.read(LARGEST)
    except Refused as error:
        # Too large or damaged is the student's; a file that can't be opened is not
        opened = not str(error).startswith("can't be opened")
        return (notebook_named(name) if opened else ""), f"The file {error}."
    try:
        return identify(data, name), ""
    except ValueError as error:
        return notebook_named(name), str(error)


def _with_owners(seen, path, problems):
    """Return (Found, order) of the files whose owner is known; of two the one of larger order is the newer."""
    found = []
    whose = owners([file.parts for file, _, _ in seen], path.resolve().name)
    for (file, notebook, reason), owner in zip(seen, whose, strict=True):
        if owner is None:
            continue
        if not owner.name:
            problems.append((file.origin, "doesn't say whose it is: put it into a folder named after the student"))
            continue
        order = (not reason, *owner.order, file.modified, owner.copy, file.origin)
        found.append((Found(owner.name, notebook, file.origin, file.modified, owner.ids, reason), order))
        if reason:
            problems.append((file.origin, reason))
    return found


def _one_name_one_student(found, problems):
    """Tell students of one name apart by the LMS's number; Moodle's differs from assignment to assignment."""
    numbers = defaultdict(set)
    for each, _ in found:
        for lms, number in each.ids:
            numbers[each.student, lms, each.notebook if lms == "moodle" else ""].add(number)
    several = {(student, lms) for (student, lms, _), known in numbers.items() if len(known) > 1}
    apart = []
    for each, order in found:
        number = next((number for lms, number in each.ids if (each.student, lms) in several), "")
        if number:
            problems.append((each.origin, f"there are several students {each.student}: this one is told by {number}"))
        apart.append((replace(each, student=f"{each.student} ({number})") if number else each, order))
    return apart


def _as_on(roster: Roster, each, problems):
    """Return what was found under the name that the roster has for the student."""
    known = roster.find(each.student, *(number for lms, number in each.ids if lms != "moodle"))
    if not known:
        problems.append((each.origin, f"{each.student} is not on the roster"))
    return replace(each, student=known) if known else each


def _newest(found, problems):
    """Return one file of each student and notebook: one that can be read, and of those the newest."""
    groups = defaultdict(list)
    for each, order in found:
        groups[each.student, each.notebook].append((order, each))
    kept = []
    for group in groups.values():
        *older, (order, newest) = sorted(group, key=lambda pair: pair[0])
        kept.append(newest)
        for old, each in older:
            why = "a newer one" if old[0] == order[0] else "one that can be read"
            problems.append((each.origin, f"does not count: {newest.origin} is {why} of the same student"))
    return sorted(kept, key=lambda each: (each.student, each.notebook))
