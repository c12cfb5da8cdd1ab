"""What a class's sheets say together: marks, hard exercises, frequent mistakes, answers that are nearly identical."""

import math
import statistics as numbers
from collections import Counter, defaultdict

from course_lib.grading.reports.marks import NEEDS_A_LOOK, number, title

WIDTH, HEIGHT = 640, 180  # of a histogram, in the units of its SVG
PROBLEMS = 5_000  # that are listed: the intake keeps fewer, but years of folders may have gone into one store
MANY = 0.25  # a group of more than this share of the class says nothing


def summary(sheets, problems=()):
    """Gather what the instructor's page shows.

    Parameters
    ----------
    sheets : list of Sheet
    problems : sequence of (origin, reason)
        Of the intake, and of the tables for an LMS.

    Returns
    -------
    dict
        "students", "handed_in", "waiting" (answers for a person): counts; "look": list of (student, notebook's
        title, exercise, status, message) that a person should see; "unreadable": list of (student, title, file,
        reason); "problems"; "notebooks": a list of dicts, see `_notebook`.
    """
    names = dict.fromkeys(sheet.notebook for sheet in sheets)
    notebooks = [_notebook(name, [sheet for sheet in sheets if sheet.notebook == name]) for name in sorted(names)]
    look = _look(sheets)
    return {
        "students": len({sheet.student for sheet in sheets}),
        "handed_in": sum(sheet.handed_in for sheet in sheets),
        "waiting": len(look) + sum(notebook["texts"] for notebook in notebooks),
        "look": look,
        "unreadable": [(sheet.student, title(sheet.notebook), sheet.origin, sheet.unreadable)
                       for sheet in sheets if sheet.unreadable],
        "problems": _first(sorted(set(problems) - {(sheet.origin, sheet.unreadable) for sheet in sheets})),
        "notebooks": notebooks,
    }


def _first(problems):
    more = len(problems) - PROBLEMS
    return problems[:PROBLEMS] + ([("", f"and {more:,} more, which are not listed")] if more > 0 else [])


def _look(sheets):
    """Answers that a person should see, the gravest first; free texts are only counted, since each needs a mark."""
    found = [(sheet.student, title(sheet.notebook), line.exercise, line.status, line.message)
             for sheet in sheets for line in sheet.lines if line.status in NEEDS_A_LOOK and line.text is None]
    return sorted(found, key=lambda row: (NEEDS_A_LOOK.index(row[3]), *row))


def _notebook(name, sheets):
    there = [sheet for sheet in sheets if sheet.handed_in]
    scores = [sheet.score for sheet in there]
    times = sorted(((sheet.seconds, sheet.student) for sheet in there), reverse=True)
    return {
        "name": name, "title": title(name), "handed_in": len(there),
        "absent": [sheet.student for sheet in sheets if not sheet.handed_in],
        "max": max((sheet.max for sheet in sheets), default=0),
        "marks": {"mean": numbers.fmean(scores), "median": numbers.median(scores), "lowest": min(scores),
                  "highest": max(scores)} if scores else None,
        "histogram": histogram(scores, max((sheet.max for sheet in sheets), default=0)),
        "exercises": _exercises(there),
        "mistakes": _mistakes(there),
        "alike": alike(there),
        "texts": sum(line.text is not None and line.status == "needs review" for s in there for line in s.lines),
        "time": {"total": sum(time for time, _ in times), "median": numbers.median(time for time, _ in times),
                 "slowest": times[:5]} if times else None,
        "details": _details(there),
    }


def histogram(scores, most, bars=15):
    """Count scores from one whole number of points up to the next, in at most `bars` + 1 bars.

    Full marks have a bar of their own wherever the step divides the points to be had.

    Parameters
    ----------
    scores : list of float
    most : float
        Points to be had.

    Returns
    -------
    dict
        "bars": list of dicts with "low", "count", and the place "x", "y", "width", "height" in a picture of "width" ×
        "height" units, whose bars stand on "baseline"; "words": the picture in a sentence.
    """
    step = max(1, math.ceil(most / bars))
    count = int(most // step) + 1
    fallen = Counter(min(max(int(score // step), 0), count - 1) for score in scores)
    top, baseline, slot = max(fallen.values(), default=0) or 1, HEIGHT - 24, min(WIDTH / count, 72)
    found = []
    for i in range(count):
        height = (baseline - 20) * fallen[i] / top
        found.append({"low": str(i * step), "count": fallen[i], "x": round(i * slot + 2, 1),
                      "y": round(baseline - height, 1), "width": round(slot - 4, 1), "height": round(height, 1)})
    counted = [f"{bar['count']} from {bar['low']}" for bar in found if bar["count"]]
    return {"bars": found, "baseline": baseline, "width": round(slot * count), "height": HEIGHT, "step": step,
            "words": f"Students by points, in steps of {step}: {', '.join(counted) or 'none'}, of {number(most)}."}


def _exercises(sheets):
    """Exercises and free-text answers, the hardest first: share of full marks, then mean share of points."""
    lines = defaultdict(list)
    for sheet in sheets:
        for line in sheet.lines:
            lines[line.exercise].append(line)
    found = []
    for name, given in lines.items():
        marked = [line for line in given if line.text is None or line.status != "needs review"]
        found.append({
            "name": name, "text": given[0].text is not None, "count": len(given), "marked": len(marked),
            "full": sum(line.status == "passed" for line in marked),
            "share": sum(line.status == "passed" for line in marked) / len(marked) if marked else None,
            "mean": numbers.fmean(line.score for line in marked) if marked else None, "max": given[0].max,
            "statuses": Counter(line.status for line in given).most_common(),
        })
    return sorted(found, key=_hardness)


def _hardness(exercise):
    mean = (exercise["mean"] or 0) / (exercise["max"] or 1)
    return exercise["share"] is None, exercise["share"] or 0, mean, exercise["name"]


def _mistakes(sheets):
    """What was told of wrong answers as (count, exercise, sentence), the most frequent first."""
    lines = (line for sheet in sheets for line in sheet.lines)
    found = Counter((line.exercise, said) for line in lines for said in line.hint.splitlines())
    return sorted(((count, *key) for key, count in found.items()), key=lambda row: (-row[0], row[1:]))


def alike(sheets):
    """Students whose answers have the same fingerprint, the most telling first.

    Students who share answers to several exercises make one group. A short answer has no fingerprint and says nothing;
    an answer that more than a quarter of the class gave says little.

    Returns
    -------
    dict
        "groups": list of dicts with "students" and "exercises", the latter a list of (name, Counter of statuses),
        small groups before large ones, many exercises before few; "common": list of (exercise, students, answers).
    """
    same, answers = defaultdict(list), Counter()
    for sheet in sheets:
        for line in sheet.lines:
            if line.fingerprint:
                answers[line.exercise] += 1
                same[line.exercise, line.fingerprint].append((sheet.student, line.status))
    groups, common = defaultdict(list), []
    for (exercise, _), members in same.items():
        if len(members) < 2:
            continue
        if len(members) > max(2, MANY * answers[exercise]):
            common.append((exercise, len(members), answers[exercise]))
        else:
            students = tuple(sorted(student for student, _ in members))
            groups[students].append((exercise, Counter(status for _, status in members).most_common()))
    ordered = sorted(groups.items(), key=lambda item: (len(item[0]), -len(item[1]), item[0]))
    return {"groups": [{"students": students, "exercises": sorted(shared)} for students, shared in ordered],
            "common": sorted(common)}


def _details(sheets):
    """What was got and what was wanted, by exercise: list of (exercise, list of (student, status, detail))."""
    found = defaultdict(list)
    for sheet in sheets:
        for line in sheet.lines:
            if line.detail:
                found[line.exercise].append((sheet.student, line.status, line.detail))
    return list(found.items())
