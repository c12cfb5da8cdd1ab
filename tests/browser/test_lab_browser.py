"""The main way through the course, in a real browser: open, run all, solve an exercise, move the explorer."""

import json
import re
import statistics

import pytest
from playwright.sync_api import expect

from course_lib.delivery import cells
from course_lib.exercises import find
from tests.browser.notebook_page import PATIENCE, NotebookPage, keep_pictures, wait_for_rest

EXERCISE = "logistic"
KEY_TO_PICTURE = """
handle => {
  const explorer = handle.closest(".signal-explorer");
  window.delays = [];
  let pressed = 0;
  handle.addEventListener("keydown", () => { pressed = performance.now(); }, true);
  explorer.addEventListener("picture-drawn", () => { window.delays.push(performance.now() - pressed); });
}
"""


@pytest.fixture(scope="module")
def notebook(page, course):
    """Notebook 01, opened from the page that `make lab` names, with all its cells run."""
    folder, address = course
    page.goto(address)
    start = NotebookPage(page, folder / "notebooks" / "00_start_here.ipynb")
    start.wait_for_kernel()
    page.locator(".jp-DirListing-item", has_text="01_vanishing_gradients.ipynb").dblclick()
    opened = NotebookPage(page, folder / "notebooks" / "01_vanishing_gradients.ipynb")
    opened.run_all(seconds=600)
    return opened


def pixels(canvas):
    """The canvas as an address with its pixels."""
    return canvas.evaluate("canvas => canvas.toDataURL()")


def test_the_start_page_opens_without_dialogs_or_news(page, notebook, artifacts):
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    expect(page.locator(".Toastify__toast")).to_have_count(0)
    page.screenshot(path=artifacts / "lab-1280.png")


def test_a_solved_exercise_turns_its_report_from_open_to_passed(notebook, artifacts):
    number = notebook.exercise(EXERCISE)
    report = notebook.report(number + 1)
    expect(report).to_have_attribute("data-status", "open")
    keep_pictures(report, artifacts / "exercise-open")
    notebook.type_and_run(number, cells.solution(find(EXERCISE).reference))
    notebook.run(number + 1)
    expect(report).to_have_attribute("data-status", "passed", timeout=PATIENCE)
    keep_pictures(report, artifacts / "exercise-passed")


def test_the_explorers_slider_moves_the_picture_by_keyboard(notebook, page, artifacts):
    explorer = notebook.cell(notebook.find("signal_explorer()")).locator(".signal-explorer")
    canvas, handle = explorer.locator("canvas"), explorer.locator("[role=slider]").first
    expect(canvas).to_have_attribute("data-revision", re.compile(r"\d+"), timeout=PATIENCE)
    keep_pictures(explorer, artifacts / "explorer")
    handle.focus()
    wait_for_rest(explorer)  # a page that was resized draws the picture again
    before, first = pixels(canvas), int(canvas.get_attribute("data-revision"))
    handle.evaluate(KEY_TO_PICTURE)
    for press in range(1, 12):
        handle.press("ArrowRight")
        expect(canvas).to_have_attribute("data-revision", str(first + press), timeout=PATIENCE)
    wait_for_rest(explorer)
    assert pixels(canvas) != before
    delays = page.evaluate("window.delays")
    median = round(statistics.median(delays), 1)
    print(f"Key press to changed picture: median {median} ms of {len(delays)}")
    (artifacts / "explorer.json").write_text(json.dumps({"median_ms": median, "delays_ms": delays}))
    keep_pictures(explorer, artifacts / "explorer-moved")


def test_javascript_complained_of_nothing(notebook, page):
    assert page.complaints == []
