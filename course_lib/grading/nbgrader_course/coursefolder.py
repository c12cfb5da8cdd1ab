"""An nbgrader course folder: its settings, what students are called in it, where their files are."""

import hashlib
import json
import os
import re
import sysconfig
import unicodedata
from contextlib import contextmanager
from pathlib import Path

from course_lib.grading.handed_in import finding
from course_lib.grading.handed_in.archives import Refused

SETTINGS = Path(__file__).with_name("nbgrader_config.txt")
INSTALL = "nbgrader is not installed: run make instructor, or pip install -r requirements-dev.txt."
LARGEST = 100_000_000  # bytes of a file that was taken once already
UNLIKE = str.maketrans({",": " ", '"': "”", "<": "‹", ">": "›"})


def student_id(name):
    """Return the id by which nbgrader knows a student: the name of a folder, and part of addresses.

    nbgrader takes any name, but looks for it with wildcards and puts it into addresses as it is. So a name of small
    letters, digits, "-" and "_" stays; any other becomes its plain letters and a piece of its hash. Two names never
    share an id, on a disk that ignores case neither.
    """
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name) and not re.search(r"-[0-9a-f]{12}$", name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return "-".join(["-".join(re.findall("[a-z0-9]+", plain))[:40].strip("-") or "student", digest])


def names(student):
    """Return a student's first and last names for nbgrader: "Ada Lovelace" and "Lovelace, Ada" give the same.

    Its pages and its CSV write names as they are, so what would be a tag, a column or a formula there is replaced.
    """
    last, comma, first = student.partition(",")
    if not comma:
        first, _, last = student.strip().rpartition(" ")
    words = ("".join(c if c.isprintable() else " " for c in name.translate(UNLIKE)).split() for name in (first, last))
    first, last = (" ".join(found).lstrip("=+-@ ")[:128] for found in words)
    return first, last or student_id(student)


@contextmanager
def opened(folder):
    """Give nbgrader's gradebook and course directory of a folder; its troubles become sentences.

    Raises
    ------
    ValueError
        If nbgrader isn't installed, or the gradebook is in use, damaged or can't be written.
    """
    try:
        from nbgrader.api import Gradebook
        from nbgrader.coursedir import CourseDirectory
    except ImportError as error:
        raise ValueError(INSTALL) from error
    from sqlalchemy.exc import DBAPIError
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    course = CourseDirectory(config=config, **({} if "root" in config.CourseDirectory else {"root": str(folder)}))
    try:
        with _alembic_found():
            gradebook = Gradebook(course.db_url, course.course_id)
        with gradebook:
            yield gradebook, course
    except DBAPIError as error:
        raise ValueError(f"nbgrader's gradebook {course.db_url} can't be used: {error.orig}. Is a formgrader open that "
                         "writes to it, or the disk full? What was written is kept: try again.") from error


@contextmanager
def _alembic_found():
    """Put this environment's commands on the PATH: a new gradebook is made by calling one, activated or not."""
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join(filter(None, [sysconfig.get_path("scripts"), path]))
    try:
        yield
    finally:
        os.environ["PATH"] = path


def place(course, step, graded):
    """Return where nbgrader keeps a student's notebook in one of its steps, "submitted" or "autograded"."""
    folder = course.format_path(step, student_id(graded.student), graded.notebook)
    return Path(folder) / f"{graded.notebook}.ipynb"


def memory(path):
    """Return what was written beside the marks into an autograded notebook's metadata; empty where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]["course"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def handed_in(graded):
    """Yield (graded, the bytes of its file); None for files that are gone, or others than those that were graded."""
    groups = {}
    for one in graded:
        archive = next((path for path in _archives(one.origin) if os.path.isfile(path)), None)
        groups.setdefault(archive or Path(one.origin).parent, {})[one.origin] = one
    for root, wanted in groups.items():
        for file in finding.files(root) if os.path.exists(root) else ():
            if file.origin in wanted and not file.refusal:
                one = wanted.pop(file.origin)
                yield one, _bytes(file, one)
            if not wanted:
                break
        yield from ((one, None) for one in wanted.values())


def _archives(origin):
    """Yield what could be the archive in "export.zip!member"; a "!" may be in a folder's name, too."""
    for mark in re.finditer("!", origin):
        yield Path(origin[:mark.start()])


def _bytes(file, graded):
    try:
        data = file.read(LARGEST)
    except (Refused, TypeError):
        return None
    return data if hashlib.sha256(data).hexdigest() == graded.sha256 else None
