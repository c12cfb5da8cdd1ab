"""When a person should say how a class is laid out: marks must not get to others than they belong to."""

from course_lib.grading.handed_in.layouts import LAYOUTS
from course_lib.grading.handed_in.levels import MOST


class Doubtful(ValueError):
    """Much of what was handed in doesn't count as it was read; the message says what a person can decide."""


def doubt(path, whose, students, several):
    """Return why a person should say how a class is laid out, or nothing.

    Counted are names of the level that decides, and students, never files: of these a learner can hand in as many as
    he likes, and nobody shall stop the class. So one student with several files of a notebook is let off; where it is
    the only one, though, it may well be a folder around all of them. What an LMS or nbgrader named isn't doubted so.
    """
    if len(whose.odd) * MOST > len(whose.entries):
        found = f"{len(whose.odd)} of {len(whose.entries)} names don't fit that, such as {_such(whose.odd)}"
    elif whose.layout in ("folders", "files") and (
            len(several) == len(students) or (len(several) - 1) * MOST > len(students)):
        found = (f"{len(several)} of {len(students)} would have handed in several files of one notebook, of which all "
                 f"but one don't count, such as {_such(several)}")
    else:
        return ""
    others = "; ".join(f"{name}: {what}" for name, what in LAYOUTS.items())
    return (f"{path} looks like {LAYOUTS[whose.layout]}, but {found}. Nothing was graded, since marks could get to "
            f"others than they belong to. If it is right, say so by --layout {whose.layout}; else choose another "
            f"({others}), or give the folder in which there is one for each student.")


def _such(names):
    *_, last = shown = [repr(name)[:60] for name in sorted(names)[:3]]
    return last if len(shown) == 1 else f"{', '.join(shown[:-1])} and {last}"
