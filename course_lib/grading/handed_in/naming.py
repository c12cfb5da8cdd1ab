"""What each student is called: the roster's name or the LMS's, and never the same for two."""

from collections import defaultdict
from dataclasses import replace

from course_lib.grading.handed_in.exports import OURS


def named(found, roster, problems):
    """Give every student a name of their own.

    Whoever the LMS numbers is known by that number: Canvas's is a person's, Moodle's a participant's in one
    assignment. A name that several numbers have, and one that looks like those that are made here, gets the number
    behind it.

    Parameters
    ----------
    found : list of (Found, order)
        Under the names that their paths have.
    roster : Roster or None
    problems : list of (str, str)
        Who isn't on the roster and who shares a name is added.

    Returns
    -------
    list of (Found, order)
    """
    found = _one_name_a_number(found)
    listed = [_on(roster, each) if roster else "" for each, _ in found]
    names = [name or each.student for (each, _), name in zip(found, listed, strict=True)]
    numbers, sure = defaultdict(set), set()
    for (each, _), name in zip(found, names, strict=True):
        for lms, number in each.ids:
            numbers[name, lms, each.notebook if lms == "moodle" else ""].add(number)
            if roster and lms != "moodle" and roster.numbered(number) == name or _is_participant(each):
                sure.add((name, number))
    several = {(name, lms) for (name, lms, _), known in numbers.items() if len(known) > 1}
    apart = [bool(each.ids) and ((name, each.ids[0][0]) in several and (name, each.ids[0][1]) not in sure
                                 or not on and OURS.fullmatch(each.student) and not _is_participant(each))
             for (each, _), name, on in zip(found, names, listed, strict=True)]
    taken = {name for name, alone in zip(names, apart, strict=True) if not alone}
    labels, given = {}, []
    for (each, order), name, on, alone in zip(found, names, listed, apart, strict=True):
        if alone:
            number = each.ids[0][1]
            if (name, number) not in labels:
                label = f"{name} ({number})"
                while label in taken:
                    label += f" ({number})"
                labels[name, number] = label
                taken.add(label)
            if (name, each.ids[0][0]) in several:
                why = f"there are several students {name}: this one is told by {number}"
                problems.append((each.origin, why))
            name = labels[name, number]
        if roster and not on:
            problems.append((each.origin, f"{each.student} is not on the roster"))
        given.append((replace(each, student=name), order))
    return given


def _one_name_a_number(found):
    """Give whoever Canvas knows by one number one name: that of the newest file."""
    newest = {}
    for each, order in found:
        for lms, number in each.ids:
            if lms == "canvas" and (number not in newest or order > newest[number][0]):
                newest[number] = order, each.student
    names = {number: name for number, (_, name) in newest.items()}
    return [(replace(each, student=names.get(dict(each.ids).get("canvas"), each.student)), order)
            for each, order in found]


def _on(roster, each):
    """Return the name that the roster has for a student, by the number if it knows that, or nothing."""
    numbers = [number for lms, number in each.ids if lms != "moodle"]
    return next(filter(None, map(roster.numbered, numbers)), "") or roster.find(each.student)


def _is_participant(each):
    """Tell whether this is somebody anonymous, whom Moodle only numbers."""
    return each.student == f"Participant {dict(each.ids).get('moodle')}"
