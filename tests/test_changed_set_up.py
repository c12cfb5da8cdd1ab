"""A learner's change of the set-up: every claim is judged anew, none raises, and the notebook comes to its end."""

import re

import pytest

from course_lib.delivery import building
from tools import running

FEW = "3"  # steps an epoch: many claims must fail then, and that is what a learner's change may do
CHANGES = {  # what stands in the set-up, and what a learner writes instead
    r"seed_everything\(\)": "seed_everything(4321)",
    r"load_mnist\(\)\.first\([\d_]+\)": "load_mnist().first(300)",
}


def changed(nb):
    """Return a notebook with another seed and fewer images."""
    for pattern, new in CHANGES.items():
        found = [cell for cell in nb.cells if cell.cell_type == "code" and re.search(pattern, cell.source)]
        assert found, f"nothing in the notebook looks like {pattern}"
        found[0].source = re.sub(pattern, new, found[0].source)
    return nb


@pytest.mark.parametrize("name", ["01_vanishing_gradients"])
def test_which_sentences_survive_another_set_up(name):
    nb = changed(building.build(building.source_of(name), name, outputs=None))
    done = running.execute(nb, name, COURSE_TESTED="", COURSE_CLAIMS="", COURSE_STEPS=FEW)
    assert done.nb, done.run.output[-8000:]
    outputs = [output for cell in done.nb.cells for output in cell.get("outputs", [])]
    assert [output.evalue for output in outputs if output.output_type == "error"] == []
    shown = [output.data for output in outputs if "course-claim" in output.get("data", {}).get("text/html", "")]
    assert {data["text/plain"][0] for data in shown} == {"✓", "✗"}  # some survive, some don't, and all are judged
