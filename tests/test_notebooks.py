"""Every notebook under nbval within its budget: blank in full, solved with little training; and that it can fail."""

import json
import os
import socket
import threading

import nbformat
import pytest

from course_lib.delivery import building
from tests.notebook_running import NAME, SOURCE, find, validate, with_controls_moved
from tools import build_notebooks, evidence, running

LONG = ("07", "08", "09", "10")
MEGABYTES = 1200
FEW = "3"  # steps an epoch where it is tried how the cells fit together


def test_there_are_notebooks():
    assert building.names()[:2] == ["00_start_here", "01_vanishing_gradients"]


@pytest.mark.parametrize("name", building.names())
def test_blank_form(name, tmp_path, record_property):
    """As a learner first opens it, from top to bottom, every claim judged, every explorer moved."""
    run = validate(with_controls_moved(building.assemble(name)), name, tmp_path)
    record_property("measured", f"{name}, blank: {run}, {conditions()}")
    assert run.code == 0, run.output[-8000:]
    assert run.seconds <= 6 * budget(name)  # it must end; how fast this machine is today, is no fault of the notebook's
    assert run.megabytes <= MEGABYTES


@pytest.mark.parametrize("name", building.names())
def test_solved_form_is_wired(name, tmp_path, record_property):
    """Every check strict and every cell executed; claims are made, and judged where training is whole: `make prove`."""
    log = tmp_path / "claims.jsonl"
    nb = building.build(building.source_of(name), name, outputs=None, form="solved")
    run = validate(nb, name, tmp_path, "solved", COURSE_STEPS=FEW, COURSE_CLAIMS=str(log))
    record_property("measured", f"{name}, solved, {FEW} steps an epoch: {run}, {conditions()}")
    assert run.code == 0, run.output[-8000:]
    assert run.megabytes <= MEGABYTES
    made = [json.loads(line)["claim"] for line in log.read_text(encoding="utf-8").splitlines()]
    assert made == [entry["claim"] for entry in evidence.stored(evidence.path_of(name))["solved"]["claims"]]


def conditions():
    """Say on what a notebook was run, and whether the network was out of its reach."""
    where = "no network" if running.can_go_offline() else "WITH network: namespaces aren't permitted here"
    return f"backend {os.environ.get('COURSE_BACKEND', 'auto')}, {where}"


def budget(name):
    return 120 if name.startswith(LONG) else 90


@pytest.mark.parametrize("name", building.names())
def test_measured_time_and_memory_are_within_the_budget(name):
    """What `make outputs` measured of this very code: other code makes the stored outputs stale."""
    measured = building.stored_outputs(name)["measured"]
    assert not building.stale(name)
    assert measured["seconds"] <= budget(name) and measured["megabytes"] <= MEGABYTES


@pytest.mark.parametrize("name", building.names())
def test_committed_file_is_what_its_source_gives(name):
    assert build_notebooks.rebuild(name, building.ROOT, check=True)


# Planted faults, each in the small course's notebook, which passes without them.

OUTPUTS = {"measured": {"seconds": 1, "megabytes": 1, "cores": 2}}


def built(form="blank", extra="", printed="six times seven is 42\n"):
    """The small notebook with an extra cell, and what its first checked cell is said to print."""
    source = SOURCE + f"\n# %%\n{extra}"
    checked = [cell.id for cell in building.build(source, NAME, outputs=None, find=find).cells
               if "tags" in cell.metadata]
    outputs = OUTPUTS | {"outputs": {checked[0]: {"stdout": printed}, checked[1]: {"text/plain": "42"}}}
    return building.build(source, NAME, outputs=outputs, form=form, find=find)


@pytest.mark.parametrize("form", building.FORMS)
def test_small_notebook_passes(form, tmp_path):
    run = validate(with_controls_moved(built(form)), NAME, tmp_path, form)
    assert run.code == 0, run.output
    assert 30 < run.megabytes < MEGABYTES


def test_wrong_stored_output_is_caught(tmp_path):
    run = validate(built(printed="six times seven is 41\n"), NAME, tmp_path)
    assert run.code == 1
    assert "Cell outputs differ" in run.output
    assert "1 failed" in run.output


def test_check_that_does_not_pass_is_caught_in_the_solved_form(tmp_path):
    run = validate(built("blank"), NAME, tmp_path, "solved")  # open exercises, in the place of solutions
    assert run.code == 1
    assert "not passed" in run.output
    assert "1 failed" in run.output


CALLBACKS = {
    "observe": "slider.observe(lambda change: [][change.new], 'value')",
    "interact": "w.interact(lambda value: [][value] if value else 0, value=slider)",
    "output": '''\
out = w.Output()
@out.capture()
def shown(change):
    [][change.new]
slider.observe(shown, 'value')''',
}


@pytest.mark.parametrize("way", CALLBACKS)
def test_exception_in_an_explorers_callback_is_caught(way, tmp_path):
    explorer = f"import ipywidgets as w\nslider = w.IntSlider(0, 0, 3)\n{CALLBACKS[way]}"
    run = validate(with_controls_moved(built(extra=explorer)), NAME, tmp_path)
    assert run.code == 1
    assert "IndexError" in run.output
    assert "1 failed" in run.output


@pytest.mark.parametrize("answers", ["options=['a', 'b']", "low=1, high=5"])
def test_exception_in_the_answer_to_a_question_is_caught(answers, tmp_path):
    asked = (f"from course_lib.views.question import Question\nasked = Question(question='?', {answers})\n"
             "asked.observe(lambda change: [][int(change.new)], 'answer')\nasked")
    run = validate(with_controls_moved(built(extra=asked)), NAME, tmp_path)
    assert run.code == 1
    assert "IndexError" in run.output
    assert "1 failed" in run.output


def test_hanging_cell_is_ended(tmp_path):
    run = validate(built(extra="while True: pass"), NAME, tmp_path, cell_limit=2)
    assert run.code == 1
    assert "Timeout of 2 seconds exceeded" in run.output


def test_dead_kernel_fails(tmp_path):
    run = validate(built(extra="os._exit(1)"), NAME, tmp_path, cell_limit=2)
    assert run.code == 1


@pytest.mark.skipif(not running.can_go_offline(), reason="network namespaces aren't permitted here")
def test_network_is_out_of_reach(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:  # reachable from this machine, not from a notebook
        threading.Thread(target=server.accept, daemon=True).start()
        port = server.getsockname()[1]
        access = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)"
        run = validate(built(extra=access), NAME, tmp_path)
        assert run.code == 1
        assert "ConnectionRefusedError" in run.output
        socket.create_connection(("127.0.0.1", port), 1).close()


def test_cell_that_was_never_run_is_not_compared_by_nbval(tmp_path):
    """The trap for which the builder sets execution_count: if this fails, nbval mended it."""
    nb = built(printed="six times seven is 41\n")
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    nbformat.validate(nb)
    assert validate(nb, NAME, tmp_path).code == 0
