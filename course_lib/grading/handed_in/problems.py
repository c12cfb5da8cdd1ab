"""What was not taken and why: so much of it that nobody's files hide what is said of another's."""

import re
from collections import Counter

EACH = 20  # problems of one student
ALL = 2_000  # of a class


def bounded(problems, owners, root):
    """Return the first problems of each student, and with them how many more there are.

    Parameters
    ----------
    problems : list of (str, str)
        Origin and reason.
    owners : list of (str, str)
        Origin and student of the files that are graded: a folder, or an archive, that holds files of several students
        is the class's, and what is below it belongs to one of them.
    root : str
        The folder or archive of the whole class.

    Returns
    -------
    list of (str, str)
        In the same order; what was left out is told at the end.
    """
    known = {}
    for origin, student in owners:
        for place in _places(origin):
            known[place] = student if known.setdefault(place, student) == student else None
    known |= dict.fromkeys(_places(f"{root}/"))
    seen, ranked = Counter(), []
    for at, (origin, _) in enumerate(problems):
        place = next((place for place in _places(origin) if known.get(place, "") is not None), origin)
        ranked.append((seen[place], at, place))
        seen[place] += 1
    told = sorted(rank for rank in ranked if rank[0] < EACH)[:ALL]
    kept = [problems[at] for at in sorted(at for _, at, _ in told)]
    left = Counter(seen) - Counter(place for _, _, place in told)
    large = {place: left[place] for _, _, place in told if left[place]}
    kept += [(place, f"has {n:,} more things to look at, which are not listed") for place, n in large.items()]
    rest = left.total() - sum(large.values())
    return [*kept, (str(root), f"has {rest:,} more things to look at, which are not listed")] if rest else kept


def _places(origin):
    """Yield the folders and archives that a file is in, the outermost first."""
    return (origin[: mark.start()] for mark in re.finditer("[/!\\\\]", origin))
