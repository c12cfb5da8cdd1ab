"""The authors' commands: make notebooks, outputs, claims and site, on the small course; the measurements."""

import re
import sys

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.delivery import building
from course_lib.delivery.cells import BuildError
from tests.notebook_running import NAME, SOURCE, find, small_course
from tools import build_notebooks, build_site, claims, running

README = "# Course\n\n<!-- notebooks:begin -->\nold\n<!-- notebooks:end -->\n\nEnd.\n"
CLAIMING = '''
# %%
import json
seed = int(os.environ.get("COURSE_SEED", 0))
with open(os.environ.get("COURSE_CLAIMS", os.devnull), "a") as log:
    for text, holds in [("always so", True), ("never with seed 1", seed != 1)]:
        log.write(json.dumps({"claim": text, "holds": holds, "evidence": f"seed was {seed}"}) + chr(10))
'''


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The small course after `make outputs`."""
    root = small_course(tmp_path_factory.mktemp("course"))
    (root / "README.md").write_text(README)
    assert make(root, "--execute") == 0
    return root


@pytest.fixture
def course(executed, tmp_path):
    """A copy of it for every test."""
    root = small_course(tmp_path / "course")
    for file in ("README.md", f"notebooks/{NAME}.ipynb", f"sources/{NAME}.outputs.json"):
        (root / file).write_bytes((executed / file).read_bytes())
    return root


def make(root, *arguments):
    return build_notebooks.main(list(arguments), root=root, find=find)


def notebook(root):
    return root / "notebooks" / f"{NAME}.ipynb"


def edit(root):
    text = notebook(root).read_text(encoding="utf-8").replace("raise NotImplementedError", "return 2 * x")
    notebook(root).write_text(text, encoding="utf-8")
    return text


def rewrite_source(root, old, new):
    (root / "sources" / f"{NAME}.py").write_text(SOURCE.replace(old, new), encoding="utf-8")


# make outputs

def test_outputs_are_those_of_the_checked_cells(executed):
    stored = building.stored_outputs(NAME, executed)
    by_kind = {kind: text for texts in stored["outputs"].values() for kind, text in texts.items()}
    assert by_kind == {"stdout": "six times seven is 42\n", "text/plain": "42"}
    assert stored["measured"]["cores"] == running.cores()
    assert 30 < stored["measured"]["megabytes"] < 1000
    assert not building.stale(NAME, executed, find)


def test_readme_table_is_renewed_between_its_marks(executed):
    text = (executed / "README.md").read_text()
    assert text.startswith("# Course\n\n<!-- notebooks:begin -->\n| notebook | for you | for the machine |")
    row = re.escape(f"| [A small notebook](notebooks/{NAME}.ipynb) | half an hour | ") + r"\d+0 s \| 0\.1 GB \|  \|"
    assert re.search(rf"{row}\n<!-- notebooks:end -->", text)
    assert text.endswith("\n\nEnd.\n")


@pytest.mark.parametrize(("seconds", "megabytes", "kept"), [
    (50, 1000, True), (60, 1200, True), (64, 1000, False), (50, 1300, False), (30, 1000, False)])
def test_measurements_within_their_noise_change_nothing(seconds, megabytes, kept):
    before = {"seconds": 50, "megabytes": 1000, "cores": 2}
    now = {"seconds": seconds, "megabytes": megabytes, "cores": 2}
    assert build_notebooks.settled(before, now) == (before if kept else now)
    assert build_notebooks.settled(None, now) == now


@pytest.mark.parametrize(("output", "message"), [
    (new_output("stream", name="stderr", text="a warning"), "it shows stderr, and only printed text"),
    (new_output("execute_result", {"text/plain": "42", "text/html": "<b>42</b>"}), "it shows text/html"),
    (new_output("display_data", {"text/plain": "42"}), "it shows text/plain, and only printed text"),
    (None, "it prints nothing that could be checked"),
])
def test_outputs_that_cannot_be_checked_are_refused(output, message):
    cell = new_code_cell("print(42)\n", id="an-id", outputs=[output] if output else [],
                         metadata={"tags": ["nbval-check-output"]})
    with pytest.raises(BuildError, match=rf"01_small, cell an-id \('print\(42\)'\): {message}"):
        build_notebooks.checked_outputs(NAME, new_notebook(cells=[cell]))


@pytest.mark.parametrize(("cell", "message"), [
    ("print('NotImplementedError' in double.__code__.co_names)", "True.* in the blank .*False.*: round it"),
    ("1 / 0", "refused. Its blank form fails:.*ZeroDivisionError"),
])
def test_notebooks_that_fail_or_whose_forms_differ_are_refused(course, capsys, cell, message):
    rewrite_source(course, 'print("six times seven is", 6 * 7)', cell)
    before = building.outputs_path(NAME, course).read_bytes()
    assert make(course, "--execute") == 1
    assert re.search(message, capsys.readouterr().out, re.DOTALL)
    assert building.outputs_path(NAME, course).read_bytes() == before


# make notebooks

def test_unchanged_notebook_is_left_alone(course, capsys):
    before = notebook(course).stat().st_mtime_ns
    assert make(course) == 0
    assert capsys.readouterr().out.startswith(f"{NAME}: unchanged\n{NAME}: ")
    assert notebook(course).stat().st_mtime_ns == before
    assert make(course, "--check") == 0


def test_changed_source_is_built_and_check_tells_it_first(course, capsys):
    rewrite_source(course, "A small notebook", "A tiny notebook")
    before = notebook(course).read_bytes()
    assert make(course, "--check") == 1
    assert "run make notebooks" in capsys.readouterr().out
    assert notebook(course).read_bytes() == before
    assert make(course) == 0
    assert f"{NAME}: built\n" in capsys.readouterr().out
    assert "A tiny notebook" in notebook(course).read_text()
    assert "| [A tiny notebook](" in (course / "README.md").read_text()


def test_edited_notebook_is_refused_and_force_keeps_it_beside(course, capsys):
    mine = edit(course)
    assert make(course, "--check") == 1
    assert make(course) == 1
    assert "Somebody worked in it" in capsys.readouterr().out
    assert notebook(course).read_text(encoding="utf-8") == mine
    assert make(course, "--force") == 0
    kept = list(notebook(course).parent.glob("*.kept-*"))
    assert [path.read_text(encoding="utf-8") for path in kept] == [mine]
    assert "raise NotImplementedError" in notebook(course).read_text(encoding="utf-8")
    assert make(course, "--check") == 0


def test_stale_outputs_are_refused(course, capsys):
    rewrite_source(course, "6 * 7", "7 * 6")
    for arguments in ((), ("--check",), ("--force",)):
        assert make(course, *arguments) == 1
        assert f"{NAME}: refused." in (out := capsys.readouterr().out)
        assert "run make outputs" in out


def test_unknown_notebook_is_named(course, capsys):
    with pytest.raises(SystemExit):
        make(course, "02_large")
    assert "no notebook '02_large', there are: 01_small" in capsys.readouterr().err


# make claims, make site

def test_claims_table_shows_what_fails_with_which_seed(course, capsys):
    rewrite_source(course, "\n# %% [markdown] tags", CLAIMING + "\n# %% [markdown] tags")
    assert claims.main(["--seeds", "2", "--jobs", "2"], root=course, find=find) == 1
    out = capsys.readouterr().out
    assert "\n  ++  always so\n" in out
    assert "\n  +X  never with seed 1\n" in out
    assert "X seed 1: never with seed 1\n      seed was 1" in out
    assert claims.main(["--seeds", "1", "--notebooks", NAME], root=course, find=find) == 0
    assert claims.main(["--seeds", "1", "--first", "1"], root=course, find=find) == 1
    assert "seeds 1 to 1 " in (out := capsys.readouterr().out) and "\n  X  never with seed 1\n" in out


def test_claims_fail_where_a_notebook_raises_or_claims_nothing(course, capsys):
    assert claims.main(["--seeds", "1"], root=course, find=find) == 1
    assert "no claim was made" in capsys.readouterr().out
    rewrite_source(course, "\n# %% [markdown] tags", CLAIMING + "\n# %%\n1 / seed\n\n# %% [markdown] tags")
    assert claims.main(["--seeds", "2"], root=course, find=find) == 1
    out = capsys.readouterr().out
    assert "seed 0 ended with an error" in out
    assert "ZeroDivisionError" in out


def test_site_has_every_notebook_executed(course):
    assert build_site.main(course, find) == 0
    page = (course / "site" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "six times seven is 42" in page
    assert '<html lang="en">' in page
    assert f'<a href="{NAME}.html">A small notebook</a>' in (course / "site" / "index.html").read_text()


def test_a_page_of_the_site_fetches_nothing_for_widgets():
    state = {"application/vnd.jupyter.widget-state+json": {"version_major": 2, "version_minor": 0, "state": {}}}
    nb = new_notebook(metadata={"widgets": state})
    assert "html-manager" not in build_site.page(nb, "A page")
    assert nb.metadata.widgets == state


def test_code_of_folded_cells_can_be_opened_on_the_site():
    cells = [new_code_cell("hidden = 1", metadata={"jupyter": {"source_hidden": True}}), new_code_cell("shown = 2")]
    page = build_site.page(new_notebook(cells=cells), "Title")
    assert page.count("<details><summary>Code</summary>") == 1
    fold = page[page.index("<details>"):page.index("</details>")]
    assert "hidden" in fold and "shown" not in fold and "shown" in page


# Measuring

def test_measurement_sees_the_memory_of_children_and_the_exit_code():
    grandchild = "block = bytearray(200_000_000); import time; time.sleep(1)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}]); sys.exit(3)"
    run = running.measure([sys.executable, "-c", child])
    assert run.code == 3
    assert 200 < run.megabytes < 300


def test_what_a_caller_has_set_reaches_no_notebook(monkeypatch, tmp_path):
    """With COURSE_STEPS left in the shell, evidence would be that of hardly trained networks."""
    for name in ("COURSE_SEED", "COURSE_CLAIMS", "COURSE_STEPS", "NBGRADER_EXECUTION"):
        monkeypatch.setenv(name, "3")
        assert name not in running.environment(tmp_path)
    assert running.environment(tmp_path, COURSE_STEPS="3")["COURSE_STEPS"] == "3"


def test_measured_program_is_ended_with_all_it_started(tmp_path):
    sleeper = f"import time, os; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    start = f"subprocess.run([sys.executable, '-c', {sleeper!r}], start_new_session=True)"  # like kernels
    limit, pid = 1, tmp_path / "pid"
    pid.touch()
    while not pid.read_text():  # on a busy machine it may be ended before it has begun
        limit *= 2
        run = running.measure([sys.executable, "-c", f"import subprocess, sys; {start}"], limit=limit)
        assert run.code == -1
        assert f"ended after {limit} s" in run.output
    ended = int(pid.read_text())
    assert not psutil.pid_exists(ended) or psutil.Process(ended).status() == psutil.STATUS_ZOMBIE


def test_tools_run_as_the_makefile_calls_them():
    for tool in ("build_notebooks", "claims", "prove"):
        run = running.measure([sys.executable, str(building.ROOT / "tools" / f"{tool}.py"), "--help"])
        assert run.code == 0, run.output
