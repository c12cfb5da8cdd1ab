"""Every explorer in a real browser: shown, moved by keyboard, and told in words; pictures of it are kept."""

import pkgutil
import re

import nbformat
import pytest
from playwright.sync_api import expect

from course_lib import widgets
from tests.browser.notebook_page import PATIENCE, NotebookPage, keep_pictures, wait_for_rest

# Every module of course_lib.widgets is an explorer: NAME has the function NAME_explorer
EXPLORERS = sorted(module.name for module in pkgutil.iter_modules(widgets.__path__) if not module.ispkg)
POSITION = re.compile(r"Position (\d+) of 25")
# What a moment shows can't be waited for, so all that was shown is kept: where the slider stood, what the picture told
RECORD = """
explorer => {
  window.stood = [];
  window.told = [];
  const slider = explorer.querySelector("[role=slider]");
  new MutationObserver(() => {
    const now = Number(slider.getAttribute("aria-valuenow"));
    if (now !== window.stood.at(-1)) window.stood.push(now); // it is set again where it stands
  }).observe(slider, { attributes: true, attributeFilter: ["aria-valuenow"] });
  explorer.addEventListener("picture-drawn", (event) => window.told.push(event.target.getAttribute("aria-label")));
}
"""


@pytest.fixture(scope="module")
def notebook(page, course):
    """A notebook with a cell for each explorer, open. One kernel serves them all: to start it takes longest."""
    folder, address = course
    cells = [nbformat.v4.new_code_cell(f"from course_lib.widgets.{name} import {name}_explorer\n{name}_explorer()",
                                       id=name) for name in EXPLORERS]
    nb = nbformat.v4.new_notebook(cells=cells)
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path = folder / "explorers.ipynb"
    nbformat.write(nb, path)
    base, token = re.match(r"(http://[^/]+)/.*?(\?token=\w+)?$", address).groups()
    page.goto(f"{base}/lab/workspaces/explorers/tree/{path.name}{token or ''}")  # the other tests' stays as it is
    notebook = NotebookPage(page, path)
    notebook.wait_for_kernel()
    return notebook


@pytest.fixture
def opened(page, notebook):
    """A function that runs an explorer's cell and returns the new explorer; JavaScript must not complain of it."""
    def show(name):
        number = EXPLORERS.index(name)
        notebook.run(number)
        explorer = notebook.cell(number).locator(f".{name}-explorer")
        expect(explorer.locator("canvas")).to_have_attribute("data-revision", re.compile(r"^\d+$"), timeout=PATIENCE)
        return explorer

    yield show
    complaints = page.complaints.copy()
    page.complaints.clear()
    assert complaints == []


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_slider_moves_the_picture_by_keyboard(name, opened, artifacts):
    explorer = opened(name)
    keep_pictures(explorer, artifacts / f"explorer-{name}", block="start")
    canvas, sliders = explorer.locator("canvas"), explorer.locator("[role=slider]")
    assert sliders.count() >= 1
    for slider in sliders.all():
        slider.focus()
        lowest = slider.get_attribute("aria-valuenow") == slider.get_attribute("aria-valuemin")
        for key in ("ArrowRight", "ArrowLeft") if lowest else ("ArrowLeft", "ArrowRight"):
            revision, told = canvas.get_attribute("data-revision"), canvas.get_attribute("aria-label")
            slider.press(key)  # one step, one picture: the next press finds all at rest
            expect(canvas).to_have_attribute("data-revision", str(int(revision) + 1), timeout=PATIENCE)
            assert canvas.get_attribute("aria-label") != told


def test_a_click_into_the_map_starts_the_race_there(opened):
    explorer = opened("race")
    wait_for_rest(explorer)
    canvas = explorer.locator("canvas")
    expect(canvas).to_have_attribute("aria-label", re.compile(r"from \(-1\.5, 1\.5\)"))
    box = canvas.bounding_box()
    canvas.click(position={"x": 58 + 0.375 * (box["width"] / 2 - 80), "y": 114})  # x = -0.5, and y = 1 half-way down
    there = re.compile(r"from \(-0\.5\d?, (1|1\.05|0\.95)\)")
    expect(canvas).to_have_attribute("aria-label", there, timeout=PATIENCE)


def test_backprop_plays_through_its_positions(opened, page):
    explorer = opened("backprop")
    canvas = explorer.locator("canvas")
    expect(canvas).to_have_attribute("aria-label", re.compile("Position 7 of 25"))
    explorer.evaluate(RECORD)
    explorer.locator(".widget-play button").first.click()
    expect(canvas).to_have_attribute("aria-label", re.compile("Position 25 of 25"), timeout=PATIENCE)
    assert page.evaluate("window.stood") == list(range(8, 26))
    told = [int(POSITION.search(text)[1]) for text in page.evaluate("window.told")]
    # a busy machine may pass over a picture, if the next is already asked for; it passes over few
    assert told == sorted(told) and told[-1] == 25 and len({*told} - {7, 25}) >= 3, told
