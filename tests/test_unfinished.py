"""Runs that were stopped: the cell is known until it has been run to its end, and nothing else makes it forgotten."""


import pytest
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import start_new_kernel

from course_lib import plots, unfinished

SETUP = """
import numpy as np
from course_lib import training
from course_lib.claims import claim
from course_lib.datasets import load_mnist
from course_lib.models import deep_network
from course_lib.optimizers import sgd
from course_lib.training import History, accuracy, fit
data = load_mnist().first(6400)
"""
TRAIN = """
network, history, after = deep_network(1, 16, rng=np.random.default_rng(0)), History(), {{}}
def watch(x):
    after[len(history.step_loss)] = network.weights
    if len(history.step_loss) == 3:
        print("training", flush=True)
    return x
fit(network, data, sgd, lr=0.01, rng=np.random.default_rng(0), epochs={epochs}, history=history, augment=watch)
"""
CLAIM = 'claim("It was trained", len(history.step_loss) > 3, f"{len(history.step_loss)} steps")'


@pytest.fixture
def shell():
    """IPython as in a terminal, and nothing known of earlier runs."""
    shell = InteractiveShell.instance()
    unfinished._stopped.clear()
    yield shell
    unfinished._stopped.clear()
    InteractiveShell.clear_instance()


def test_without_cells_the_next_run_to_its_end_is_the_same_again():
    unfinished._stopped.clear()
    unfinished.record_stop("interrupted after step 2")
    unfinished.record_stop("interrupted after step 37")
    assert unfinished.stopped_runs() == ["a training run was stopped (interrupted after step 37)"]
    unfinished.record_end()
    unfinished.record_end()
    assert unfinished.stopped_runs() == []


STOP = "from course_lib.unfinished import record_stop\nrecord_stop('after step {}')"


def test_a_cell_is_forgotten_when_it_has_come_to_its_end(shell):
    shell.get_parent = lambda: {"metadata": {"cellId": "seven"}}
    shell.run_cell(STOP.format(2) + "\n1 / 0", store_history=True, cell_id="seven")
    seventh = ["a training run was stopped (cell [1], after step 2)"]
    assert unfinished.stopped_runs() == seventh
    shell.run_cell("1 + 1", store_history=True, cell_id="eight")
    shell.run_cell("1 / 0", store_history=True, cell_id="seven")
    shell.run_cell("from course_lib.unfinished import record_end\nrecord_end()", store_history=True, cell_id="eight")
    assert unfinished.stopped_runs() == seventh
    shell.run_cell("1 + 1", store_history=True, cell_id="seven")
    assert unfinished.stopped_runs() == []


def test_a_cell_that_goes_on_after_the_stop_has_not_come_to_its_end(shell):
    shell.get_parent = lambda: {"metadata": {"cellId": "seven"}}
    shell.run_cell(STOP.format(3), store_history=True, cell_id="seven")  # as one that catches KeyboardInterrupt
    assert unfinished.stopped_runs() == ["a training run was stopped (cell [1], after step 3)"]


def test_two_cells_are_two(shell):
    for cell in ("seven", "eight"):
        shell.get_parent = lambda cell=cell: {"metadata": {"cellId": cell}}
        shell.run_cell(STOP.format(cell), store_history=True, cell_id=cell)
    assert [run.split("(")[1] for run in unfinished.stopped_runs()] == [
        "cell [1], after step seven)", "cell [2], after step eight)"]
    shell.run_cell("1 + 1", store_history=True, cell_id="seven")
    assert [run.split("(")[1] for run in unfinished.stopped_runs()] == ["cell [2], after step eight)"]


def test_a_terminal_has_no_cells_to_tell_apart(shell):
    shell.run_cell(STOP.format(4), store_history=True)
    shell.run_cell("1 + 1", store_history=True)
    assert unfinished.stopped_runs() == ["a training run was stopped (cell [1], after step 4)"]
    shell.run_cell("from course_lib.unfinished import record_end\nrecord_end()", store_history=True)
    assert unfinished.stopped_runs() == []


def test_a_figure_says_that_what_it_draws_may_be_cut_off():
    unfinished._stopped.clear()
    figure = plots.lines({"loss": [3.0, 2.0, 1.0]}, title="It falls", xlabel="step", ylabel="loss")
    whole = repr(figure), figure._repr_html_()
    unfinished.record_stop("interrupted after step <3>")
    try:
        note = ("Before this was drawn, a training run was stopped (interrupted after step {}): "
                "what is drawn of it is cut off.")
        assert repr(figure) == f"{whole[0]} {note.format('<3>')}"
        assert figure._repr_html_() == f"{whole[1]}<p>{note.format('&lt;3&gt;')}</p>"
    finally:
        unfinished.record_end()
    assert (repr(figure), figure._repr_html_()) == whole


# In a kernel, as a learner presses Stop


class Page:
    """Sends cells to a kernel as a page does, with their ids; all at once, as "run all" does."""

    def __init__(self, manager, client):
        self.manager, self.client, self.outputs = manager, client, {}

    def queue(self, source, cell):
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": False, "stop_on_error": True}
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def finish(self, *requests, on_text=lambda text: None):
        """Wait for cells; return (status, text) of each, and keep what they sent in `outputs`."""
        waiting, texts, status = set(requests), dict.fromkeys(requests, ""), {}
        while waiting:
            message = self.client.get_iopub_msg(timeout=60)
            parent, content = message["parent_header"].get("msg_id"), message["content"]
            self.outputs.setdefault(parent, []).append(message)
            if parent in texts and message["msg_type"] in ("stream", "display_data", "execute_result"):
                text = content.get("text") or content["data"].get("text/plain", "")
                texts[parent] += text
                on_text(text)
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                waiting.discard(parent)
        while set(requests) - status.keys():  # a busy machine's kernel also answers what it was asked before
            reply = self.client.get_shell_msg(timeout=60)
            status[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
        return [(status[request], texts[request]) for request in requests]

    def run(self, source, cell):
        [(status, text)] = self.finish(self.queue(source, cell))
        return status, text


@pytest.fixture
def page(monkeypatch):
    """A learner's: not tested, whoever started it."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    manager, client = start_new_kernel()
    yield Page(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_stop_ends_run_all_and_nothing_is_claimed_until_the_cell_has_come_to_its_end(page):
    assert page.run(SETUP, "set-up")[0] == "ok"

    def stop(text):
        if "training" in text:
            page.manager.interrupt_kernel()

    cells = [page.queue(source, cell) for source, cell in
             ((TRAIN.format(epochs=10**6), "train"), ("print('ran')", "next"), (CLAIM, "claim"))]
    (trained, _), *others = page.finish(*cells, on_text=stop)
    assert trained == "error" and others == [("aborted", ""), ("aborted", "")]
    bars = [message["content"]["data"].get("text/plain") for message in page.outputs[cells[0]]
            if message["msg_type"] in ("display_data", "update_display_data")]
    assert "steps" in bars[0] and bars[-1] == ""  # the bar came and went
    intact = ("steps = len(history.step_loss)\nafter[steps] = after.get(steps, network.weights)\n"
              "print(all((w == network.weights[k]).all() for k, w in after[steps].items()), history.stopped)")
    text = page.run(intact, "other")[1]
    assert text.startswith("True interrupted after step ")
    step = text.split()[-1]
    status, text = page.run(CLAIM, "claim")
    assert status == "ok"
    assert text.startswith("○ It was trained (") and "✓" not in text
    stopped = f"a training run was stopped (cell [2], interrupted after step {step})"
    assert f"Not judged: {stopped}. Run it to its end." in text
    assert page.run(TRAIN.format(epochs=1), "train")[0] == "ok"
    assert page.run(CLAIM, "claim")[1].startswith("✓ It was trained (100 steps)")
