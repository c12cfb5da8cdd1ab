"""What small changes make of right answers to an exercise: the wrong results that no named mistake explains come first.

``python tools/mistakes.py softmax``. A star marks what answers of the corpus in tests/answers give, too.
"""

import argparse
import json
import sys
import textwrap
import time
from itertools import zip_longest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib.delivery.building import ROOT
from course_lib.delivery.cells import solution
from course_lib.exercises import find
from tools.grouping import Judged
from tools.mutants import mutants
from tools.trials import Trials, held

OTHERS = 3  # right answers besides the reference
WIDTH = 120


def main(arguments=None, *, folder=ROOT / "tests" / "answers"):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="the exercise's")
    parser.add_argument("--all", action="store_true", help="show also what a named mistake explains")
    parser.add_argument("--seconds", type=float, default=300, help="for all changes together (default 300)")
    options = parser.parse_args(arguments)
    try:
        exercise = find(options.name)
    except ValueError as error:
        parser.error(str(error))
    if exercise.lab:
        print(f"{exercise.name} is a debug lab: its answers are settings, no formula that could be changed.")
        return 0
    print(*report(exercise, answers(exercise.name, folder), options), sep="\n")
    return 0


def answers(name, folder):
    """Return the corpus's answers to an exercise, as dicts: the lines of all files that there are."""
    files = sorted(Path(folder).glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [answer for answer in map(json.loads, lines) if answer["exercise"] == name]


def right_answers(exercise, corpus):
    """Return right answers by what tells them apart: the reference, and some that others wrote."""
    from tests.notebooks import VARIANTS

    others = VARIANTS.get(exercise.name, {}) | {a["why"]: a["code"] for a in corpus if a["kind"] == "right"}
    return {"the reference": solution(exercise.reference), **dict(list(others.items())[:OTHERS])}


def report(exercise, corpus, options):
    """Yield the report's lines."""
    judged, right = Judged(exercise), right_answers(exercise, corpus)
    with Trials(exercise.name) as trials:
        passing = {label: code for label, code in right.items() if judged.passes(trials.run(code))}
        made = [mutants(code, exercise.name, label, held(exercise, judged.cases, code))
                for label, code in passing.items()]
        rounds = zip_longest(*made)  # one of each answer in turn, so that none is left out where time runs out
        changes = [mutant for turn in rounds for mutant in turn if mutant]
        tried, end = 0, time.monotonic() + options.seconds
        while tried < len(changes) and time.monotonic() < end:
            judged.add(changes[tried], trials.run(changes[tried].source))
            tried += 1
        alone = starred(judged, trials, corpus)
    yield from summary(exercise, judged, passing, tried)
    if tried < len(changes):
        yield f"{len(changes) - tried} more weren't tried: the time was up (--seconds)."
    if failing := [label for label in right if label not in passing]:
        yield from wrapped(f"Left out, since they don't pass outside of their notebook: {'; '.join(failing)}.")
    for group in sorted(judged.groups, key=lambda group: group.rank):
        if options.all or not group.verdict.hint:
            yield from described(group)
    if alone:
        yield from ("", *wrapped(f"In the corpus, and neither made by a change nor explained: {'; '.join(alone)}."))


def starred(judged, trials, corpus):
    """Add the corpus's wrong answers to the groups; return what it says of those that nothing makes or explains."""
    alone = []
    for answer in corpus:
        if answer["kind"] != "right":
            group = judged.group_of(trials.run(answer["code"]))
            if group and group.mutants:
                group.answers.append(answer["why"])
            elif group and not group.verdict.hint:
                alone.append(answer["why"])
    return alone


def summary(exercise, judged, right, tried):
    """Yield the first lines: how many changes there are, and what came of them."""
    failed = sum(len(group.mutants) for group in judged.groups)
    known = sum(bool(group.verdict.hint) for group in judged.groups)
    yield from wrapped(
        f"{exercise.name}: {tried} changes of {len(right)} right answers ({'; '.join(right)}). {judged.passed} pass, "
        f"{judged.broken} don't run, {failed} give {len(judged.groups)} wrong results, of which {known} have a hint."
    )


def described(group):
    """Yield a group's lines."""
    count, kinds = len(group.mutants), len({mutant.of for mutant in group.mutants})
    says = f'hint "{group.verdict.hint}"' if group.verdict.hint else f"no hint: {_fault(group.verdict)}"
    counted = f"{count} change{'s' if count > 1 else ''} of {kinds} right answer{'s' if kinds > 1 else ''}"
    head = f"{'*' if group.answers else ' '} {counted}, {says}"
    least = min(group.mutants, key=lambda mutant: (mutant.size, mutant.of != "the reference"))
    yield ""
    yield _short(head)
    yield _short(f"      {least.of}")
    yield from (_short(f"    - {line.strip()}") for line in least.was)
    yield from (_short(f"    + {line.strip()}") for line in least.now)
    if group.answers:
        yield from wrapped(f"answers: {'; '.join(group.answers)}", "      ")


def _fault(found):
    """Return what a learner is told who gets no hint."""
    ends = {"time": "not finished in time", "memory": "too much memory", "died": "the process died"}
    return found.faults[found.case] if found.faults else ends.get(found.why, found.detail)


def wrapped(text, indent=""):
    """Return a text's lines."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent or "  ")


def _short(line):
    line = line.replace("\n", " ")
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


if __name__ == "__main__":
    sys.exit(main())
