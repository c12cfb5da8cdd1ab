"""A class of thirty for tests and pictures of reports: what they handed in is made up, its kinds are the real ones."""

import random

from course_lib.exercises import exercises
from course_lib.grading.records import Result
from course_lib.grading.store import Graded, Text

NOTEBOOK = "01_vanishing_gradients"
SECRET = "SENTINEL-hidden-input-[[0.25, -3.75]]"  # stands in every detail, and must reach no student
NAMES = """Ada Lovelace|Blaise Pascal|Carl Friedrich Gauß|Dorothea Erxleben|Émilie du Châtelet|Fatima al-Fihri
Grace Hopper|Hypatia|Ibn al-Haytham|José Celestino Mutis|Katherine Johnson|Łukasz Zaręba|Mary Jackson|Niels Bohr
Olga Ladyzhenskaya|Pierre de Fermat|Qin Jiushao|Rózsa Péter|Sofja Kowalewskaja|Tu Youyou|Ursula Franklin
Vera Rubin|Wang Zhenyi|Xie Xide|Yutaka Taniyama|Zhu Shijie|Lise Meitner|Emmy Noether|Alan Turing|李 明"""
NAMES = [name for line in NAMES.split("\n") for name in line.split("|")]
MESSAGES = {
    "passed": "All 12 checks passed.",
    "failed": "Wrong for a batch of one row: the shapes agree, the values differ.",
    "open": "Not answered yet.",
    "error": "It stops with ZeroDivisionError: division by zero, at line 4: return x / n",
    "timeout": "It took longer than 2 s, where 0.01 s are enough.",
    "memory": "It asked for more than 1 GB.",
    "died": "The program ended while this answer ran, by os._exit or a crash.",
    "missing": "No cell holds this exercise.",
    "tampered": "A name of NumPy was replaced while the answer ran, so its result says nothing.",
    "needs review": "It calls the library's own function of this name, which is the answer that was asked for.",
}
ESSAY = """The activations shrink by 0.3 at every layer, so after ten layers little is left.
I would start from He's initializer, since ReLU <switches off> half of the units."""

# As lib/gradebook_exporter.rb writes it: quotes where needed, four spaces before "Points Possible"
CANVAS = '''Student,ID,SIS User ID,SIS Login ID,Section,01_vanishing_gradients (998),Essay (999),Essays Current Score,Final Score
,,,,,Manual Posting,,,
    Points Possible,,,,,2.00,10.00,(read only),(read only)
"Lovelace, Ada",4711,s1,ada,"Lab 1, Mon",,7.50,75.00,75.00
"Hopper, Grace",4712,s2,grace,Lab 1,1.00,EX,,
"Student, Test",4713,,6b1f,Lab 1,,,,
"=""=cmd|' /C calc'!A0""",4714,s4,cmd,Lab 1,,,,
'''  # noqa: E501
MOODLE = """Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 101","Ada Lovelace",ada@uni.edu,"Submitted for grading",,100.00,Yes,"Monday, 5 October 2026, 10:00 AM",-,
"Participant 102","Grace Hopper",grace@uni.edu,"No submission",,100.00,Yes,-,-,"<p>kept, ""as it is""</p>"
"Participant 103","Emmy Noether",emmy@uni.edu,"Submitted for grading",55.00,100.00,Yes,-,-,
"""  # noqa: E501


class FakeStore:
    """What reports read of a store."""

    def __init__(self, submissions=(), roster=(), problems=()):
        self._submissions, self.roster, self._problems = list(submissions), list(roster), list(problems)

    def submissions(self):
        return sorted(self._submissions, key=lambda graded: (graded.student, graded.notebook))

    def problems(self):
        return self._problems


def graded(student, results, texts=None, *, notebook=NOTEBOOK, origin="", modified=1_795_000_000.0, ids=None, notes=()):
    origin = origin or f"submissions/{student}/{notebook}.ipynb"
    return Graded(student, notebook, origin, modified, ids or {}, "0" * 64, notes, tuple(results), texts or {})


def result(exercise, status, maximum=1, *, hint="", score=None, **more):
    """A result as the engine gives it, with a detail that only the instructor may see."""
    detail = f"got {SECRET}, wanted [[0.25, 0]]" if status in ("failed", "error") else ""
    score = (maximum if status == "passed" else 0) if score is None else score
    more = {"message": MESSAGES[status], "hint": hint, "detail": detail} | more
    return Result(exercise, status, score, maximum, **more)


def handed_in(student, statuses=("passed", "failed"), **more):
    """A submission with exercises a, b, ... of one point each, or as given: (exercise, status, max)."""
    rows = [s if isinstance(s, tuple) else (chr(97 + i), s, 1) for i, s in enumerate(statuses)]
    return graded(student, [result(*row) for row in rows], **more)


def school(count=30, seed=1):
    """A store of `count` students: most good, some stuck, some absent, two who worked together, one unreadable file."""
    rng = random.Random(seed)
    names = [NAMES[i % 30] + (f" {i // 30}" if i >= 30 else "") for i in range(count)]
    submissions = [_one(name, i, rng) for i, name in enumerate(names) if i % 30 not in (13, 24)]
    first = [result(e.name, "passed", e.points, seconds=0.004) for e in exercises("00_start_here").values()]
    submissions += [graded(name, first, notebook="00_start_here") for name in names[: count // 2]]
    problems = [
        ("submissions/Hypatia/notes.docx", "not a notebook: left out"),
        ("submissions/Vera Rubin/01_old.ipynb", "an older version of 01_vanishing_gradients: the newer counts"),
        ("submissions/stranger", "'stranger' isn't on the roster"),
    ]
    return FakeStore(submissions, names, problems)


SPECIAL = {5: ("clip_by_global_norm", "tampered"), 9: ("dense_backward", "died"), 17: ("mend", "needs review"),
           21: ("logistic", "timeout"), 22: ("dense_backward", "memory")}


def _one(name, i, rng):
    if i % 30 == 11:
        why = "The file is no notebook: it ends in the middle of a cell."
        return graded(name, [result(e.name, "missing", e.points, message=why) for e in exercises(NOTEBOOK).values()])
    skill, lines, known = rng.betavariate(4, 2), [], exercises(NOTEBOOK).values()
    for number, e in enumerate(known):
        draw, hint = rng.random() + 0.48 * number / len(known), ""
        status = "passed" if draw < skill + 0.15 else "open" if draw > 1.2 else "error" if draw > 1.1 else "failed"
        if i % 30 in SPECIAL and SPECIAL[i % 30][0] == e.name:
            status = SPECIAL[i % 30][1]
        if status == "failed" and rng.random() < 0.7:
            hint = e.mistakes[min(int(rng.expovariate(1.2)), len(e.mistakes) - 1)].hint
        same = f"{e.name}-{i}" if e.points > 1 and status != "open" else ""
        if e.name == "dense_backward" and status == "passed" and i % 2:
            same = "everybody's"
        if same and i % 30 in (2, 6):
            same = f"pair-{i // 30}"
        half = 0.5 * e.points if status == "failed" and draw < skill + 0.25 else None
        seconds = rng.uniform(0.001, 0.02)
        lines.append(result(e.name, status, e.points, hint=hint, seconds=seconds, fingerprint=same, score=half))
    mark = (1.5, "Right. Why half, though? Say it in a formula.") if i % 3 else ()
    notes = ("two cells hold the exercise logistic: the last one counts",) if i % 9 == 4 else ()
    return graded(name, lines, {"healthy-gradients": Text(ESSAY, 2, *mark)}, modified=1_795_000_000.0 + 977 * i,
                  ids={"canvas": str(4000 + i)}, notes=notes)
