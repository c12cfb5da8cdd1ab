"""A simulated class: writes the notebooks of as many students as wanted, and what each of their answers deserves.

As a program: ``python -m tools.simulate 200 submissions --seed 1 --truth truth.json``.
"""

import argparse
import ast
import base64
import io
import json
import random
import sys
import tokenize
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib.delivery import building
from course_lib.delivery.cells import solution
from course_lib.exercises import exercises
from tools.simulated_answers import COMMENTS, FIRST, LAST, NICKNAMES, SCRATCH, WRONG

SHARES = {"right": 0.60, "partly": 0.25, "blank": 0.10, "broken": 0.04, "hostile": 0.01}
FIRST_NOTEBOOK = "01_vanishing_gradients"


def simulate(n, folder, *, seed=0, shares=SHARES, notebook=FIRST_NOTEBOOK):
    """Write the submissions of a class, one folder a student.

    Parameters
    ----------
    n : int
        Students.
    folder : path
        Where the students' folders are put; it is made if it isn't there.
    seed : int
        The same seed gives the same files.
    shares : dict
        How many of the class are "right", "partly" wrong, "blank", "broken", "hostile", as shares of 1.
    notebook : str
        The notebook that all hand in.

    Returns
    -------
    dict
        student -> {exercise: status}; an exercise whose status isn't known beforehand is left out.
    """
    rng = random.Random(seed)
    truth = {}
    for student, kind in zip(names(n, rng), _kinds(n, shares, rng), strict=True):
        data, expected = submission(student, kind, rng, notebook)
        (Path(folder) / student).mkdir(parents=True)
        (Path(folder) / student / f"{notebook}.ipynb").write_bytes(data)
        truth[student] = expected
    return truth


def names(n, rng):
    """Return n different names, as they stand in the registers of universities."""
    found = {}
    while len(found) < n:
        first, last = rng.choice(FIRST), rng.choice(LAST)
        nickname = f" {rng.choice(NICKNAMES)}" if rng.random() < 0.02 else ""
        again = "" if len(found) < len(FIRST) * len(LAST) / 2 else f" {len(found)}"
        found[f"{first}{nickname} {last}{again}"] = None
    return list(found)


def _kinds(n, shares, rng):
    """Return n kinds in the shares asked for, the largest remainders rounded up, in random order."""
    exact = {kind: share * n for kind, share in shares.items()}
    counts = {kind: int(number) for kind, number in exact.items()}
    by_remainder = sorted(exact, key=lambda kind: counts[kind] - exact[kind])
    for kind in by_remainder[: n - sum(counts.values())]:
        counts[kind] += 1
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    rng.shuffle(kinds)
    return kinds


def submission(student, kind, rng, notebook=FIRST_NOTEBOOK):
    """Return one student's file as bytes, and {exercise: status} as far as that is known beforehand."""
    if kind == "hostile":
        return _hostile(student, rng, notebook)
    statuses = _statuses(kind, rng, notebook)
    answers = {name: answer(name, status, student, rng) for name, status in statuses.items()}
    expected = {name: status for name, (_, status) in answers.items()}
    content = filled(notebook, {name: source for name, (source, _) in answers.items() if source})
    # without a cell of their own all who hand in a blank notebook would answer alike
    _lived_in(content, student, rng, own=rng.choice([1, 3] if kind == "blank" else [0, 0, 1, 3]))
    if kind == "broken":
        return rng.choice(BROKEN)(content, expected)
    return as_bytes(content), expected


def _statuses(kind, rng, notebook):
    """Decide for each exercise whether the student gets it right."""
    order = list(exercises(notebook))
    if kind != "partly":
        return dict.fromkeys(order, "open" if kind == "blank" else "passed")
    statuses = dict(zip(order, rng.choices(["passed", "failed", "open"], [5, 3, 2], k=len(order)), strict=True))
    statuses[rng.choice(order)] = "failed"
    return statuses


def answer(name, status, student, rng):
    """Return the source of one student's answer, empty for the untouched stub, and the status it deserves."""
    if status == "open":
        return "", "open"
    source, status = rng.choice(WRONG[name]) if status == "failed" else (rng.choice(right_answers()[name]), "passed")
    return in_own_words(source, student, rng), status


@cache
def right_answers():
    """Return the right answers known for each exercise: the reference and how others write it."""
    from tests.notebooks import VARIANTS

    found = {}
    for notebook in building.names():
        for name, exercise in exercises(notebook).items():
            found[name] = [solution(exercise.reference).strip() + "\n", *VARIANTS[name].values()]
    return found


def in_own_words(source, student, rng):
    """Rename what an answer calls its own, and comment on it, so that no two students hand in the same text."""
    initials = "".join(word[0] for word in student.split() if word.isidentifier()).lower() or "my"
    suffix = rng.choice(["", "_a", "_new", f"_{initials}", f"{rng.randrange(10)}", f"_{rng.randrange(100)}"])
    lines = _renamed(source.strip("\n"), suffix).split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(("def ", "import ")))
    note = rng.choice(COMMENTS)
    if rng.random() < 0.5:
        lines[-1] += f"  # {note} ({rng.randrange(10**6)})"
    else:
        lines.insert(at, f"# {student}: {note} ({rng.randrange(10**6)})")
    return "\n".join(lines) + "\n" * rng.randrange(3)


def _renamed(source, suffix):
    """Append the suffix to every name that the function assigns.

    Left out are those that a parameter has, its own or another's, and those that stand in an f-string, which is one
    token before Python 3.12.
    """
    tree = ast.parse(source)
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own = stored - {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg | ast.keyword)}
    for text in (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)):
        own -= {node.id for node in ast.walk(text) if isinstance(node, ast.Name)}
    lines, before = source.split("\n"), None
    ends = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and token.string in own and before != ".":
            ends.append(token.end)
        before = token.string
    for row, column in reversed(ends):
        lines[row - 1] = lines[row - 1][:column] + suffix + lines[row - 1][column:]
    return "\n".join(lines)


@cache
def _learners_notebook(notebook):
    return (building.ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8")


def filled(notebook, answers):
    """Return the learner's notebook as a dict, with sources in the place of some of its exercises' stubs."""
    content = json.loads(_learners_notebook(notebook))
    for name, source in answers.items():
        cell(content, name)["source"] = source.splitlines(keepends=True)
    return content


def cell(content, grade_id):
    """Return the cell with a grade_id."""
    return next(c for c in content["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def as_bytes(content):
    """Return a notebook's file as Jupyter writes it."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _lived_in(content, student, rng, own):
    """Leave what work leaves in a notebook: numbers of executed cells, outputs, cells of one's own."""
    cells = content["cells"]
    if rng.random() < 0.8:  # the free-text answer
        for free in (c for c in cells if c["cell_type"] == "markdown" and c["metadata"].get("nbgrader")):
            free["source"] = [f"I think: {rng.choice(COMMENTS)}. The product may be level while both fall. ({student})"]
    count = 0
    for code in (c for c in cells if c["cell_type"] == "code"):
        if rng.random() < 0.9:
            count += 1
            code["execution_count"] = count
            code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [f"{rng.random()}\n"] * 3}]
    if rng.random() < 0.15:
        picture = base64.b64encode(rng.randbytes(225_000)).decode()  # 300 KB, as a full-page figure has
        output = {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}
        cell(content, next(iter(exercises(content["metadata"]["course"]["notebook"]))))["outputs"] = [output]
    for _ in range(own):
        source = f"{rng.choice(SCRATCH)}  # {rng.randrange(10**6)}"
        new = {"cell_type": "code", "id": f"{rng.getrandbits(32):08x}", "metadata": {}, "execution_count": None,
               "outputs": [], "source": source.splitlines(keepends=True)}
        cells.insert(rng.randrange(3, len(cells)), new)


def _truncated(content, expected):
    data = as_bytes(content)
    return data[: 2 * len(data) // 3], dict.fromkeys(expected, "missing")


def _bad_json(content, expected):
    return as_bytes(content).replace(b'"cells": [', b'"cells": [,', 1), dict.fromkeys(expected, "missing")


def _empty(content, expected):
    return b"", dict.fromkeys(expected, "missing")


def _web_page(content, expected):
    return b"<!DOCTYPE html>\n<html><body>Jupyter Notebook</body></html>\n", dict.fromkeys(expected, "missing")


def _old_format(content, expected):
    import nbformat

    old = nbformat.convert(nbformat.from_dict(_joined(content)), 3)
    return nbformat.writes(old, version=nbformat.NO_CONVERT).encode(), expected


def _joined(content):
    """Write each cell's source and output as one text, which is how nbformat keeps them."""
    import nbformat

    return json.loads(json.dumps(nbformat.reads(json.dumps(content), as_version=4)))


def _no_kernel(content, expected):
    content["metadata"] = {}
    return as_bytes(content), expected


def _deleted_cells(content, expected):
    gone = list(expected)[1:3]
    content["cells"] = [c for c in content["cells"]
                        if c["metadata"].get("nbgrader", {}).get("grade_id") not in gone]
    return as_bytes(content), expected | dict.fromkeys(gone, "missing")


def _syntax_error(content, expected):
    name = list(expected)[-1]
    cell(content, name)["source"] = [f"def {name}(config:\n", "    return config\n"]
    return as_bytes(content), expected | {name: "error"}


def _prose_as_code(content, expected):
    prose = next(c for c in content["cells"][3:] if c["cell_type"] == "markdown")
    prose |= {"cell_type": "code", "execution_count": None, "outputs": []}
    return as_bytes(content), expected


def _copied_cells(content, expected):
    for name in list(expected)[:2]:
        twin = json.loads(json.dumps(cell(content, name)))
        content["cells"].insert(content["cells"].index(cell(content, name)) + 1, twin | {"id": f"{name[:20]}-copy"})
    return as_bytes(content), expected


BROKEN = (_truncated, _bad_json, _empty, _web_page, _old_format, _no_kernel, _deleted_cells, _syntax_error,
          _prose_as_code, _copied_cells)


def _hostile(student, rng, notebook):
    """Return a right submission but for one answer, which attacks the grader."""
    from tests.grading.attacks.corpus import hostile

    statuses = _statuses("hostile", rng, notebook)
    answers = {name: answer(name, status, student, rng) for name, status in statuses.items()}
    attack = rng.choice(hostile(notebook))
    sources = {name: source for name, (source, _) in answers.items()} | attack.answers
    expected = {name: status for name, (_, status) in answers.items() if name not in attack.answers}
    return as_bytes(filled(notebook, sources)), expected


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("students", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--notebook", default=FIRST_NOTEBOOK, choices=building.names())
    parser.add_argument("--truth", type=Path, help="write here what each answer deserves")
    options = parser.parse_args()
    truth = simulate(options.students, options.folder, seed=options.seed, notebook=options.notebook)
    if options.truth:
        options.truth.write_text(json.dumps(truth, indent=1, ensure_ascii=False), encoding="utf-8")
    print(f"{len(truth)} submissions are in {options.folder}.")


if __name__ == "__main__":
    main()
