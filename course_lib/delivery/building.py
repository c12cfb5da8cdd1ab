"""Builds the learner's notebooks from their percent scripts, and takes a notebook back to a fresh copy."""

import hashlib
import json
import os
from collections import Counter
from datetime import date
from pathlib import Path

from course_lib.delivery import way
from course_lib.delivery.cells import MAKE_OUTPUTS, BuildError, measured, new_cells, refuse_unasked
from course_lib.exercises.contents import ROOT, hours, in_words, named, source_of
from course_lib.exercises.contents import names as names

FORMS = ("blank", "solved")


def outputs_path(name, root=ROOT):
    """Where a notebook's stored outputs are: ``{"key", "outputs": {cell id: ...}, "measured"}``."""
    return root / "sources" / f"{name}.outputs.json"


def stored_outputs(name, root=ROOT):
    """What `make outputs` last stored for a notebook; empty if it never did."""
    try:
        return json.loads(outputs_path(name, root).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # a damaged file is as good as none: it is made anew
        return {}


def key(nb, root=ROOT):
    """What a built notebook's outputs depend on, as far as that is known without running it: its cells and the lock."""
    code = [(cell.source, cell.metadata.get("tags")) for cell in nb.cells if cell.cell_type == "code"]
    return {"cells": _sha(code), "lock": _sha((root / "requirements.txt").read_text(encoding="utf-8").splitlines())}


def stale(name, root=ROOT, find=None):
    """Whether the stored outputs belong to other cells, or to another lock, than today's."""
    today = key(build(source_of(name, root), name, outputs=None, find=find, root=root), root)
    return not today.items() <= stored_outputs(name, root).get("key", {}).items()


def assemble(name, *, root=ROOT, form="blank", find=None):
    """Build a notebook from its files, with the stored outputs, which must be up to date."""
    if stale(name, root, find):
        raise BuildError(f"{name}: the stored outputs are missing, or the code or requirements.txt changed "
                         f"since they were made: {MAKE_OUTPUTS}.")
    return build(source_of(name, root), name, outputs=stored_outputs(name, root), form=form, find=find, root=root)


def build(source, name, *, outputs, form="blank", find=None, root=ROOT):
    """Build a notebook from the text of its percent script.

    Parameters
    ----------
    source : str
        The script.
    name : str
        The notebook's name, "01_vanishing_gradients".
    outputs : dict or None
        What `stored_outputs` gives. None builds the notebook to be executed, without any output.
    form : {"blank", "solved"}
        With the learner's stubs, or with the references in their place.
    find : callable, optional
        ``find(name)`` gives the notebook's exercises by name; `course_lib.exercises.exercises` by default.
    root : path, optional
        The course among whose notebooks this one stands: its neighbours are linked, and the contents are its.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    BuildError
        Where the source can't be built.
    """
    import nbformat

    if form not in FORMS:
        raise ValueError(f"form is {form!r}, expected one of {FORMS}")
    find = find or _registered
    exercises = find(name)
    said = {"measured": lambda: measured(in_words(hours(source, exercises.values())), outputs),
            "contents": lambda: way.table(root, find)}
    cells, seen, before = {}, Counter(), []
    for number, cell in enumerate(_parse(source, name), 1):
        try:
            refuse_unasked(cell, before)
            for new in new_cells(cell, form, exercises, seen, outputs, said):
                if new.id in cells:
                    raise BuildError(f"the exercise or grade_id {new.id!r} occurs twice: one must go")
                cells[new.id] = new
            before = [*before[-1:], cell]
        except BuildError as error:
            first = cell.source.strip().split("\n")[0]
            raise BuildError(f"{name}, cell {number} ({first!r}): {error}.") from None
    if unused := sorted(set(exercises) - set(cells)):
        raise BuildError(f"{name}: no cell holds the exercise {', '.join(unused)}: "
                         "add a cell tagged \"exercise\" with its name.")
    way.with_neighbours(cells, name, root)
    nb = nbformat.v4.new_notebook(cells=list(cells.values()), metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
        "language_info": {"name": "python"}})
    nb.nbformat_minor = 5
    nb.metadata["course"] = {"notebook": name, "build": fingerprint(nb)}
    nbformat.validate(nb)
    return nb


def _registered(name):
    from course_lib.exercises import exercises
    return exercises(name)


def _parse(source, name):
    import jupytext
    try:
        return jupytext.reads(source.replace("\r\n", "\n"), fmt="py:percent").cells
    except Exception as error:  # jupytext passes on whatever its YAML and notebook parsers raise
        raise BuildError(f"{name}: the source is no percent script: {error}") from error


def _sha(data):
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def fingerprint(nb):
    """Hash of what a learner can change: the cells with their sources, outputs and attachments."""
    kept = ("output_type", "name", "text", "data", "ename", "evalue")
    return _sha([[cell.get("id"), cell.cell_type, cell.source, cell.get("execution_count") or None,
                  [{key: output[key] for key in kept if key in output} for output in cell.get("outputs", [])],
                  cell.get("attachments") or None] for cell in nb.cells])


def differs(nb):
    """Whether somebody typed or ran anything in a notebook since it was built."""
    return nb.metadata.get("course", {}).get("build") != fingerprint(nb)


def changed(path):
    """Whether the file at `path` holds anything besides an untouched build; a damaged file does."""
    import nbformat
    try:
        return differs(nbformat.read(path, as_version=4))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, nbformat.ValidationError):
        return True


def reset(name, root=ROOT, find=None):
    """Put a fresh blank copy in a notebook's place, and keep the learner's version beside it.

    Parameters
    ----------
    name : str
        "1", "01", "01_vanishing_gradients", or the path of the notebook's file.

    Returns
    -------
    fresh : pathlib.Path
        The notebook.
    kept : pathlib.Path or None
        The learner's version, where there was one with anything in it.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    """
    known, path = named(name, root), Path(str(name).strip())
    folder = Path(os.environ.get("COURSE_NOTEBOOKS") or root / "notebooks")  # `course lab --copy-to` sets it
    target = folder / f"{known}.ipynb"
    if path.suffix == ".ipynb" and (path.exists() or path.name != str(path)):
        target = path.resolve()
        if not target.parent.is_dir():
            raise ValueError(f"There is no folder {target.parent}. "
                             f"A fresh copy in the course: course reset {known}")
    return target, replace(target, text_of(assemble(known, root=root, find=find)))


def text_of(nb):
    """The text of a notebook's file, the same for the same notebook."""
    import nbformat
    return nbformat.writes(nb).rstrip("\n") + "\n"


def replace(path, text):
    """Write a notebook's file in one step; return where the former version is kept if it was changed."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        kept = _keep(path) if path.exists() and changed(path) else None
        os.replace(fresh, path)
    except PermissionError as error:
        raise PermissionError(f"{path.parent} is read-only for you: work on a copy of the notebook, "
                              "and name that copy's path.") from error
    finally:
        if fresh.exists():
            fresh.unlink()
    return kept


def _keep(path):
    content = path.read_bytes()
    for number in range(1, 10_000):
        kept = path.with_name(f"{path.stem}.kept-{date.today().isoformat()}-{number}.ipynb")
        try:
            with open(kept, "xb") as file:  # "x" never overwrites anything
                file.write(content)
            return kept
        except FileExistsError:
            continue
    raise FileExistsError(f"{path.parent} holds 9,999 copies kept today: delete some.")
