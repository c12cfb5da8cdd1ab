"""What was handed in: the notebooks of a folder or an archive, whose they are, and what was not taken and why."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from course_lib.exercises.core import notebooks
from course_lib.grading.handed_in.archives import MB, Refused, is_archive, is_other_archive
from course_lib.grading.handed_in.doubts import Doubtful, doubt
from course_lib.grading.handed_in.filenames import notebook_named
from course_lib.grading.handed_in.finding import files
from course_lib.grading.handed_in.layouts import LAYOUTS, read
from course_lib.grading.handed_in.naming import named
from course_lib.grading.handed_in.problems import bounded
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
    parts : tuple of str
        As of `finding.File`: they tell "a.zip!b" in a folder from b in an archive a.zip, which have one origin.
    """

    student: str
    notebook: str
    origin: str
    modified: float
    ids: tuple = ()
    reason: str = ""
    parts: tuple = ()


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
    layout : str
        How it is laid out: one of `layouts.LAYOUTS`.
    doubt : str
        Why a person should say so, or nothing.
    """

    path: Path
    found: tuple
    problems: list
    layout: str = "folders"
    doubt: str = ""

    def told(self):
        """Return as what it was read, and of how many students it is."""
        n = len({found.student for found in self.found})
        return f"{self.path} is read as {LAYOUTS[self.layout]} ({self.layout}): {n} student{'' if n == 1 else 's'}."

    def settled(self):
        """Return this, or raise `Doubtful`."""
        if self.doubt:
            raise Doubtful(self.doubt)
        return self

    def submissions(self):
        """Yield (`Submission`, why it can't be read or nothing), reading one file at a time.

        A file that has vanished since `take_in` is added to `problems`.
        """
        wanted = {found.parts: found for found in self.found}
        for file in files(self.path):
            found = wanted.pop(file.parts, None)
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
        self.problems.extend((found.origin, "was there a moment ago, and now it is gone") for found in wanted.values())


def take_in(path, *, identify, notebook="", roster=None, layout=""):
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
    layout : str
        How it is laid out, one of `layouts.LAYOUTS`; recognised if not given.

    Returns
    -------
    Intake

    Raises
    ------
    NothingFound
        If there is no notebook, or no such folder.
    ValueError
        If there is no such notebook or layout.
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
    whose = read([file.parts for file, _, _ in seen], [name for _, name, _ in seen], path.resolve().name, layout)
    found = _with_owners(seen, whose.owners, wanted, problems)
    if not found:
        raise NothingFound(f"{path} holds no notebook {' or '.join(wanted)}"
                           f"{' that says whose it is' if wanted == notebooks() else ''}: {WANTED}.")
    found = named(found, roster, problems)
    kept, several = _newest(found, problems)
    asked = "" if layout else doubt(path, whose, {each.student for each in kept}, several)
    problems = bounded(problems, [(each.origin, each.student) for each in kept], str(path))
    return Intake(path, tuple(kept), problems, whose.layout, asked)


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


def _with_owners(seen, owners, wanted, problems):
    """Return (Found, order) of the files whose owner is known; of two the one of larger order is the newer."""
    found = []
    for (file, notebook, reason), owner in zip(seen, owners, strict=True):
        if owner is None or notebook not in wanted:
            continue
        if not owner.name:
            problems.append((file.origin, "doesn't say whose it is: put it into a folder named after the student"))
            continue
        order = (not reason, *owner.order, file.modified, owner.copy, file.origin)
        known = Found(owner.name, notebook, file.origin, file.modified, owner.ids, reason, file.parts)
        found.append((known, order))
        if reason:
            problems.append((file.origin, reason))
    return found


def _newest(found, problems):
    """Return one file of each student and notebook, the newest that can be read, and the students who had several."""
    groups = defaultdict(list)
    for each, order in found:
        groups[each.student, each.notebook].append((order, each))
    kept, several = [], set()
    for group in groups.values():
        *older, (order, newest) = sorted(group, key=lambda pair: pair[0])
        kept.append(newest)
        for old, each in older:
            why = "a newer one" if old[0] == order[0] else "one that can be read"
            problems.append((each.origin, f"does not count: {newest.origin} is {why} of the same student"))
            several.add(each.student)
    return sorted(kept, key=lambda each: (each.student, each.notebook)), several
