"""Makes a notebook's cells from a percent script's: exercises, answers, checked outputs, placeholders."""

import ast
import hashlib
import inspect
import math
import re
import textwrap

CHECKED = "nbval-check-output"
FOLDED = "folded"
TAGS = {"exercise", "answer", CHECKED, FOLDED, "raises-exception"}
KEYS = {"tags", "grade_id", "points", "title", "lines_to_next_cell"}  # the last two are jupytext's own
MAKE_OUTPUTS = "run make outputs"


class BuildError(ValueError):
    """A source that can't be built; the message names notebook and cell and says what to do."""


def new_cells(cell, form, exercises, seen, outputs, said):
    """Make the learner's cells of one cell of the source.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        The source's cell.
    form : {"blank", "solved"}
    exercises : dict
        The notebook's exercises by name.
    seen : collections.Counter
        How often each source occurred so far, so that repeats get identities of their own.
    outputs : dict or None
        The notebook's stored outputs; None leaves checked cells without.
    said : dict
        What gives the text for each placeholder: "measured" for ``{{measured}}``.
    """
    kind = _kind(cell)
    if kind == "exercise":
        return _exercise_cells(cell, exercises, form)
    if kind == "answer":
        return [_answer_cell(cell)]
    return [_plain_cell(cell, seen, outputs, said)]


def refuse_unasked(cell, before):
    """Raise a BuildError for a folded cell without text above it: its question must be seen, since it isn't itself.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        A cell of the source.
    before : list of nbformat.NotebookNode
        The two before it, or as many as there are: a cell that computes may stand between question and picture.
    """
    folded = cell.cell_type == "code" and FOLDED in cell.metadata.get("tags", [])
    if folded and "markdown" not in [each.cell_type for each in before]:
        raise BuildError("a folded cell needs a text cell before it, whose heading asks its question")


def _kind(cell):
    if unknown := sorted(set(cell.metadata) - KEYS):
        raise BuildError(f"unknown setting {unknown[0]!r}, known are {sorted(KEYS)}")
    tags = set(cell.metadata.get("tags", []))
    if unknown := sorted(tags - TAGS):
        raise BuildError(f"unknown tag {unknown[0]!r}, known are {sorted(TAGS)}")
    wanted = "markdown" if "answer" in tags else "code" if tags else cell.cell_type
    if cell.cell_type != wanted or wanted == "raw":
        raise BuildError(f"a {cell.cell_type} cell with tags {sorted(tags)}, expected {wanted}")
    if cell.cell_type == "code" and re.search(r"^\s*#+\s*NBVAL_", cell.source, re.MULTILINE):
        raise BuildError(f"NBVAL_ comments would hide failures: use the tag {CHECKED!r}, or none")
    return "exercise" if "exercise" in tags else "answer" if "answer" in tags else "plain"


def _exercise_cells(cell, exercises, form):
    name = cell.source.strip()
    if not name.isidentifier():
        raise BuildError("an exercise cell holds the exercise's name and nothing else")
    if name not in exercises:
        raise BuildError(f"no exercise {name!r}, this notebook has {sorted(exercises)}")
    exercise = exercises[name]
    text = stub(exercise.reference, raises=exercise.refuses) if form == "blank" else solution(exercise.reference)
    roles = [(name, text, {"solution": True}),
             (f"{name}-check", f"check({name})", {"grade": True, "locked": True, "points": exercise.points}),
             (f"{name}-use", f"{name} = use({name})", {"locked": True})]
    return [_code(source, grade_id, nbgrader=_nbgrader(grade_id, "code", **role))
            for grade_id, source, role in roles]


def _answer_cell(cell):
    grade_id, points = str(cell.metadata.get("grade_id", "")), cell.metadata.get("points")
    counts = isinstance(points, int | float) and points >= 0
    if not (re.fullmatch(r"[A-Za-z0-9_-]{1,64}", grade_id) and counts):
        raise BuildError("an answer cell needs grade_id=\"letters-digits\" and points=a number, "
                         f"got {grade_id!r} and {points!r}")
    return _markdown(cell.source, grade_id, nbgrader=_nbgrader(
        grade_id, "markdown", grade=True, solution=True, points=points))


def _nbgrader(grade_id, cell_type, *, grade=False, solution=False, locked=False, points=None):
    meta = {"schema_version": 3, "grade_id": grade_id, "cell_type": cell_type, "grade": grade,
            "solution": solution, "locked": locked, "task": False}
    return meta if points is None else meta | {"points": points}


def _plain_cell(cell, seen, outputs, said):
    key = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]
    seen[key] += 1
    identity = key if seen[key] == 1 else f"{key}-{seen[key]}"
    if cell.cell_type == "markdown":
        text = cell.source
        for name, give in said.items():
            if f"{{{{{name}}}}}" in text:
                text = text.replace(f"{{{{{name}}}}}", give())
        return _markdown(text, identity)
    tags = cell.metadata.get("tags", [])
    kept = [tag for tag in tags if tag != FOLDED]
    metadata = ({"tags": kept} if kept else {}) | ({"jupyter": {"source_hidden": True}} if FOLDED in tags else {})
    new = _code(cell.source, identity, **metadata)
    if CHECKED in tags and outputs is not None:
        if identity not in outputs.get("outputs", {}):
            raise BuildError(f"no output is stored for this checked cell: {MAKE_OUTPUTS}")
        new.outputs = _outputs(outputs["outputs"][identity])
        new.execution_count = 0  # nbval compares nothing where it is null; JupyterLab shows 0 as "not run"
    return new


def measured(hours, outputs):
    """Say what a notebook takes: "About 2 hours for you, 60 s and 0.9 GB for the machine (2 cores)."."""
    if outputs is None:
        return f"About {hours} for you. (Time and memory of the machine: not measured yet.)"
    if "measured" not in outputs:
        raise BuildError(f"its time and memory have not been measured yet: {MAKE_OUTPUTS}")
    (seconds, memory), cores = machine(outputs["measured"]), outputs["measured"]["cores"]
    return (f"About {hours} for you, {seconds} and {memory} for the machine "
            f"({cores} core{'s' if cores > 1 else ''}).")


def machine(measured):
    """Return a measurement in words: ("60 s", "0.9 GB"), rounded up."""
    seconds, gigabytes = math.ceil(measured["seconds"] / 10) * 10, max(0.1, measured["megabytes"] / 1000)
    return f"{seconds} s", f"{gigabytes:.1f} GB"


def _outputs(stored):
    from nbformat.v4 import new_output
    made = {"stdout": lambda text: new_output("stream", name="stdout", text=text),
            "text/plain": lambda text: new_output("execute_result", {"text/plain": text}, execution_count=0)}
    return [made[kind](text) for kind, text in sorted(stored.items())]


def _code(source, identity, **metadata):
    from nbformat.v4 import new_code_cell
    return new_code_cell(source, id=identity, metadata=metadata)


def _markdown(source, identity, **metadata):
    from nbformat.v4 import new_markdown_cell
    return new_markdown_cell(source, id=identity, metadata=metadata)


def solution(function):
    """Source of a function, without its decorators."""
    text = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    start = ast.parse(text).body[0].lineno
    return "\n".join(text.splitlines()[start - 1:])


def stub(function, *, raises=True):
    """What the learner starts from: the function's own signature and docstring, and no body.

    The docstring's section "Formula" is left out: it is the learner's to find. Without `raises` the docstring promises
    no errors: for exercises whose answers aren't tried for them.
    """
    text = solution(function)
    node = ast.parse(text).body[0]
    first = node.body[0]
    line, column = first.lineno, first.col_offset
    if ast.get_docstring(node):
        line, column = first.end_lineno, first.end_col_offset
    lines = text.encode().splitlines()[:line]  # ast counts columns in bytes
    lines[-1] = lines[-1][:column]
    text = b"\n".join(lines).decode().rstrip()
    for section in ("Formula", *(() if raises else ("Raises",))):
        here = rf"\n\n    {section}\n    -+\n.*?(?=\n\n    \w+\n    -+\n|\n    \"\"\"$)"
        text = re.sub(here, "", text, flags=re.DOTALL)
    return text + "\n    raise NotImplementedError"
