"""The build of notebooks: identities, stored outputs, edits noticed, fresh copies."""

import json
import re

import nbformat
import pytest

from course_lib.delivery import building
from course_lib.delivery.cells import BuildError
from tests.notebook_running import NAME, SOURCE, find, small_course

MEASURED = {"seconds": 51.2, "megabytes": 861, "cores": 2}


def build(source=SOURCE, form="blank", outputs=None, find=find):
    return building.build(source, NAME, outputs=outputs, form=form, find=find)


def checked_ids(source=SOURCE):
    return [cell.id for cell in build(source).cells if "nbval-check-output" in cell.metadata.get("tags", [])]


def stored(source=SOURCE):
    first, second = checked_ids(source)
    return {"outputs": {first: {"stdout": "six times seven is 42\n"}, second: {"text/plain": "42"}},
            "measured": MEASURED}


@pytest.fixture
def course(tmp_path):
    """The small course with up-to-date stored outputs and its notebook built."""
    root = small_course(tmp_path / "course")
    store(root)
    building.reset("01", root, find)
    return root


def store(root):
    made = stored() | {"key": building.key(build(), root)}
    building.outputs_path(NAME, root).write_text(json.dumps(made))


def notebook(root):
    return root / "notebooks" / f"{NAME}.ipynb"


@pytest.mark.parametrize("form", building.FORMS)
def test_both_forms_are_python_and_valid_notebooks(form):
    nb = build(form=form)
    nbformat.validate(nb)
    for cell in nb.cells:
        if cell.cell_type == "code":
            compile(cell.source, cell.id, "exec")
    assert ("raise NotImplementedError" in nb.cells[2].source) == (form == "blank")
    assert [cell.source for cell in nb.cells[3:5]] == ["check(double)", "double = use(double)"]


# Identities and determinism

def test_build_is_deterministic_and_forms_share_identities():
    assert building.text_of(build()) == building.text_of(build())
    assert [cell.id for cell in build().cells] == [cell.id for cell in build(form="solved").cells]
    assert [cell.id for cell in build().cells] == [cell.id for cell in build(outputs=stored()).cells]


def test_edit_of_a_cell_changes_no_other_identity():
    source = SOURCE + "\n# %%\n1\n\n# %%\n1\n"
    before = [cell.id for cell in build(source).cells]
    after = [cell.id for cell in build(source.replace("import os", "import os, sys")).cells]
    assert len(set(before)) == len(before)
    assert [a == b for a, b in zip(before, after, strict=True)] == [i != 1 for i in range(len(before))]


def test_line_endings_make_no_difference():
    assert building.text_of(build(SOURCE.replace("\n", "\r\n"))) == building.text_of(build())


def test_nothing_of_this_machine_is_in_the_notebook():
    assert build().metadata.language_info == {"name": "python"}
    assert build().metadata.kernelspec == {"name": "python3", "display_name": "Python 3 (ipykernel)",
                                           "language": "python"}


# Stored outputs and placeholders

def test_checked_cells_get_their_outputs_and_a_count():
    nb = build(outputs=stored())
    cells = [cell for cell in nb.cells if cell.id in checked_ids()]
    assert [cell.execution_count is None for cell in cells] == [False, False]
    assert cells[0].outputs == [nbformat.v4.new_output("stream", text="six times seven is 42\n")]
    assert cells[1].outputs[0].data == {"text/plain": "42"}
    others = [cell for cell in nb.cells if cell.cell_type == "code" and cell.id not in checked_ids()]
    assert all(cell.execution_count is None and cell.outputs == [] for cell in others)


@pytest.mark.parametrize(("seconds", "megabytes", "cores", "sentence"), [
    (51.2, 861, 2, "About half an hour for you, 60 s and 0.9 GB for the machine (2 cores)."),
    (60, 40, 1, "About half an hour for you, 60 s and 0.1 GB for the machine (1 core)."),
])
def test_measured_is_rounded(seconds, megabytes, cores, sentence):
    outputs = stored() | {"measured": {"seconds": seconds, "megabytes": megabytes, "cores": cores}}
    assert sentence in build(outputs=outputs).cells[0].source


def test_unmeasured_notebook_is_refused_but_can_be_executed():
    with pytest.raises(BuildError, match="01_small, cell 1 .*run make outputs"):
        build(outputs={"outputs": stored()["outputs"]})
    assert "{{" not in build(outputs=None).cells[0].source


@pytest.mark.parametrize("change", ["code", "tag", "lock", "damaged", "missing"])
def test_outputs_of_other_code_or_lock_are_stale(course, change):
    assert not building.stale(NAME, course, find)
    source, stored_path = course / "sources" / f"{NAME}.py", building.outputs_path(NAME, course)
    if change == "code":
        source.write_text(SOURCE.replace("6 * 7", "7 * 6"), encoding="utf-8")
    elif change == "tag":
        source.write_text(SOURCE.replace("# %%\nimport os", '# %% tags=["raises-exception"]\nimport os'),
                          encoding="utf-8")
    elif change == "lock":
        (course / "requirements.txt").write_text("numpy==3\n")
    elif change == "damaged":
        stored_path.write_text(stored_path.read_text()[:-9])
    else:
        stored_path.unlink()
    assert building.stale(NAME, course, find)
    with pytest.raises(BuildError, match="run make outputs"):
        building.assemble(NAME, root=course, find=find)


def test_prose_and_line_endings_make_no_outputs_stale(course):
    text = SOURCE.replace("A small notebook", "A very small notebook").replace("\n", "\r\n")
    (course / "sources" / f"{NAME}.py").write_bytes(text.encode())
    (course / "requirements.txt").write_bytes(b"numpy==2\r\n")
    assert not building.stale(NAME, course, find)


# The way through the course

def course_of(folder, *names):
    """A course of several notebooks, all with the small one's exercise."""
    root = small_course(folder)
    (root / "sources" / f"{NAME}.py").unlink()
    for name in names:
        title = SOURCE.replace("A small notebook", f"{name[:2]} · {name[3:].title()}")
        (root / "sources" / f"{name}.py").write_text(title, encoding="utf-8")
    return root


def built(root, name):
    return building.build(building.source_of(name, root), name, outputs=None, root=root, find=lambda _: find(NAME))


def test_every_notebook_links_its_neighbours_and_the_contents(tmp_path):
    root = course_of(tmp_path / "course", "00_start", "01_middle", "02_end")
    ways = {"00_start": "[01 · Middle](01_middle.ipynb) →",
            "01_middle": "← [00 · Start](00_start.ipynb) | [Contents](00_start.ipynb#The-course) | "
                         "[02 · End](02_end.ipynb) →",
            "02_end": "← [01 · Middle](01_middle.ipynb) | [Contents](00_start.ipynb#The-course)"}
    for name, links in ways.items():
        nb = built(root, name)
        assert nb.cells[0].source.split("\n\n")[1] == links
        assert (nb.cells[-1].id, nb.cells[-1].source) == ("neighbours", links)
        alone = build(building.source_of(name, root))
        assert [cell.id for cell in nb.cells[:-1]] == [cell.id for cell in alone.cells]
        assert building.key(nb, root) == building.key(alone, root)  # links make no evidence stale


def test_a_notebook_added_in_one_place_is_in_the_contents_and_linked(tmp_path):
    root = course_of(tmp_path / "course", "00_start", "01_middle")
    first = building.source_of("00_start", root) + "\n# %% [markdown]\n# ## The course\n#\n# {{contents}}\n"
    (root / "sources" / "00_start.py").write_text(first, encoding="utf-8")
    added = "# %% [markdown]\n# # 02 · Added\n#\n"
    added += "# Afterwards you can\n#\n# - add $|x|$,\n# - link.\n#\n# You need nothing.\n\n"
    (root / "sources" / "02_added.py").write_text(added + SOURCE, encoding="utf-8")
    table = built(root, "00_start").cells[-2].source.splitlines()[2:]
    assert table == ["| notebook | for you | afterwards you can |", "|:--|:--|:--|",
                     "| [00 · Start](00_start.ipynb) | half an hour |  |",
                     "| [01 · Middle](01_middle.ipynb) | half an hour |  |",
                     "| [02 · Added](02_added.ipynb) | half an hour | add $\\|x\\|$; link |"]
    assert "[02 · Added](02_added.ipynb) →" in built(root, "01_middle").cells[-1].source


# Edits are noticed

def changed_by(course, edit):
    nb = nbformat.read(notebook(course), as_version=4)
    edit(nb)
    nbformat.write(nb, notebook(course))
    return building.changed(notebook(course))


def test_untouched_build_has_not_changed(course):
    assert not building.changed(notebook(course))


@pytest.mark.parametrize("edit", [
    lambda nb: nb.cells[2].update(source="def double(x):\n    return 2 * x"),
    lambda nb: nb.cells[3].outputs.append(nbformat.v4.new_output("stream", text="open")),
    lambda nb: nb.cells[1].update(execution_count=1),
    lambda nb: nb.cells.append(nbformat.v4.new_markdown_cell("my note")),
    lambda nb: nb.cells.pop(),
    lambda nb: nb.cells[0].update(attachments={"a.png": {"image/png": "AAAA"}}),
    lambda nb: nb.metadata.pop("course"),
], ids=["answer", "output", "run", "new cell", "deleted cell", "attachment", "no build"])
def test_learners_edits_are_noticed(course, edit):
    assert changed_by(course, edit)


def test_what_jupyterlab_writes_on_saving_is_no_edit(course):
    def save(nb):
        nb.metadata["language_info"] = {"name": "python", "version": "3.11.7", "pygments_lexer": "ipython3"}
        nb.metadata["widgets"] = {}
        for cell in nb.cells:
            cell.metadata["trusted"] = True
            if cell.cell_type == "code" and cell.execution_count == 0:
                cell.execution_count = None
    assert not changed_by(course, save)


# A fresh copy

def edit(path):
    nb = nbformat.read(path, as_version=4)
    nb.cells[2].source = "def double(x):\n    return x + x"
    nbformat.write(nb, path)
    return path.read_bytes()


def test_reset_keeps_the_learners_version_and_never_overwrites_one(course):
    fresh = notebook(course).read_bytes()
    mine, kept = [], []
    for name in ("01", "1", " 01 ", "1.ipynb", f"{NAME}.py", NAME, str(notebook(course))):
        mine.append(edit(notebook(course)) + b" " * len(mine))
        notebook(course).write_bytes(mine[-1])
        path, copy = building.reset(name, course, find)
        assert path == notebook(course)
        assert path.read_bytes() == fresh
        kept.append(copy)
    assert [path.read_bytes() for path in kept] == mine
    assert all(re.fullmatch(NAME + r"\.kept-\d{4}-\d\d-\d\d-\d+\.ipynb", path.name) for path in kept)
    assert sorted(path.name for path in notebook(course).parent.iterdir() if path.is_file()) == sorted(
        [path.name for path in kept] + [notebook(course).name])


def test_reset_of_an_untouched_or_missing_notebook_keeps_nothing(course):
    assert building.reset("01", course, find) == (notebook(course), None)
    notebook(course).unlink()
    assert building.reset("01", course, find) == (notebook(course), None)
    assert not building.changed(notebook(course))


@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"{}", b'{"nbformat": 4}', b"\xff\xfe", b'{"cells": 1}', b"[" * 100_000])
def test_reset_keeps_a_damaged_file(course, content):
    notebook(course).write_bytes(content)
    _, kept = building.reset("01", course, find)
    assert kept.read_bytes() == content
    assert not building.changed(notebook(course))


def test_reset_of_a_copy_elsewhere_leaves_the_courses_own_alone(course, tmp_path):
    copy = tmp_path / f"{NAME}.ipynb"
    copy.write_bytes(notebook(course).read_bytes())
    mine, theirs = edit(copy), edit(notebook(course))
    path, kept = building.reset(str(copy), course, find)
    assert (path, kept.parent, kept.read_bytes()) == (copy, tmp_path, mine)
    assert notebook(course).read_bytes() == theirs


@pytest.mark.parametrize("name", [
    "02", "2", "11", "-1", "", " ", "small", f"{NAME}.kept-2026-01-01-1.ipynb", "a/07_x.ipynb"])
def test_reset_of_an_unknown_notebook_lists_the_known(course, name):
    with pytest.raises(ValueError, match="There are: 01_small"):
        building.reset(name, course, find)


def test_read_only_folder_is_named_and_nothing_is_lost(course, monkeypatch):
    mine = edit(notebook(course))

    def refuse(*_):  # as root, no folder is read-only
        raise PermissionError(13, "Permission denied")
    monkeypatch.setattr(building.os, "replace", refuse)
    with pytest.raises(PermissionError, match="notebooks is read-only for you: work on a copy"):
        building.reset("01", course, find)
    assert notebook(course).read_bytes() == mine
    assert not list(notebook(course).parent.glob(".*"))


def test_reset_takes_a_path_at_its_word(course, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="no folder"):
        building.reset(str(tmp_path / "elsewhere" / f"{NAME}.ipynb"), course, find)
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("COURSE_NOTEBOOKS", str(own))
    assert building.reset(NAME, course, find)[0] == own / f"{NAME}.ipynb"
