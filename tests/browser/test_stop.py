"""Stop stops: a run of all cells ends where somebody stops it, and nothing is claimed of what was cut off."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.notebook_page import PATIENCE, NotebookPage

CELLS = [
    "import time\nimport numpy as np\nfrom course_lib.claims import claim\nfrom course_lib.datasets import load_mnist\n"
    "from course_lib.models import deep_network\nfrom course_lib.optimizers import sgd\n"
    "from course_lib.training import History, fit\npause = 0.05\nhistory = History()\n"
    "def slowly(images):\n    time.sleep(pause)\n    return images",
    "network = deep_network(1, 10, rng=np.random.default_rng(0))\n"
    "fit(network, load_mnist().first(6400), sgd, lr=0.1, rng=np.random.default_rng(0), augment=slowly, history=history)"
    "\nprint('came to its end')",
    "print('ran all the same')",
    "claim('It learned', True, 'some evidence')",
    "print(history.stopped, len(history.step_loss))",
    "pause = 0",
]
SET_UP, TRAINING, NEXT, CLAIM, RECORD, QUICKLY = range(len(CELLS))


@pytest.fixture(scope="module")
def stopped(page, course):
    """A notebook whose run of all cells was stopped while its second cell trained."""
    folder, address = course
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path = folder / "stop.ipynb"
    nbformat.write(nb, path)
    base, token = re.match(r"(http://[^/]+)/.*?(\?token=\w+)?$", address).groups()
    page.goto(f"{base}/lab/workspaces/stop/tree/{path.name}{token or ''}")
    notebook = NotebookPage(page, path)
    notebook.wait_for_kernel()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    expect(notebook.cell(TRAINING)).to_contain_text("steps/s", timeout=PATIENCE)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_text("Interrupt Kernel", exact=True).click()
    expect(notebook.cell(TRAINING)).to_contain_text("KeyboardInterrupt", timeout=PATIENCE)
    return notebook


def test_the_queue_ends_where_it_was_stopped(stopped):
    expect(stopped.cell(NEXT).locator(".jp-InputPrompt")).to_have_text("[ ]:", timeout=PATIENCE)
    expect(stopped.cell(TRAINING).locator(".jp-OutputArea")).not_to_contain_text("steps/s")  # no bar that is dead


def test_the_record_ends_with_a_whole_step_and_nothing_is_claimed_of_it(stopped):
    stopped.run(RECORD)
    said = re.compile(r"interrupted after step (\d+) \1\s*$")
    expect(stopped.cell(RECORD).locator(".jp-OutputArea")).to_have_text(said)
    stopped.run(CLAIM)
    expect(stopped.cell(CLAIM).locator(".course-claim")).to_contain_text("Not judged")


def test_run_to_its_end_it_is_claimed_again(stopped):
    stopped.run(QUICKLY)
    stopped.run(TRAINING)
    expect(stopped.cell(TRAINING).locator(".jp-OutputArea")).to_contain_text("came to its end", timeout=PATIENCE)
    stopped.run(CLAIM)
    expect(stopped.cell(CLAIM).locator(".course-claim")).to_contain_text("✓ It learned")
