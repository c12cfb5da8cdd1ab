"""The main way through the course, in a real browser: open, run all, solve an exercise, move the explorer."""

import json
import re
import statistics

import pytest
from playwright.sync_api import expect

from course_lib import cells
from course_lib.exercises import find
from tests.browser.notebook_page import SECOND, NotebookPage

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
    opened.run_all(seconds=300)
    return opened


@pytest.fixture
def keep(page, artifacts):
    """A function that keeps pictures of the page around an element, 1280 and 800 pixels wide."""
    def take(name, element):
        for width in (1280, 800):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(500)  # the layout settles
            element().evaluate("element => element.scrollIntoView({block: 'center'})")
            page.screenshot(path=artifacts / f"{name}-{width}.png")
        page.set_viewport_size({"width": 1280, "height": 900})
    return take


def settled(canvas):
    """The canvas as an address with its pixels, once it stopped changing (a resized page draws it again)."""
    seen = [None, canvas.evaluate("canvas => canvas.toDataURL()")]
    for _ in range(50):
        if seen[-1] == seen[-2]:
            return seen[-1]
        canvas.page.wait_for_timeout(300)
        seen.append(canvas.evaluate("canvas => canvas.toDataURL()"))
    raise AssertionError("the explorer's picture doesn't come to rest by itself")


def test_the_start_page_opens_without_dialogs_or_news(page, notebook, artifacts):
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    expect(page.locator(".Toastify__toast")).to_have_count(0)
    page.screenshot(path=artifacts / "lab-1280.png")


def test_a_solved_exercise_turns_its_report_from_open_to_passed(notebook, keep):
    number = notebook.exercise(EXERCISE)
    report = notebook.report(number + 1)
    expect(report).to_have_attribute("data-status", "open")
    keep("exercise-open", lambda: notebook.report(number + 1))
    notebook.type_and_run(number, cells.solution(find(EXERCISE).reference))
    notebook.run(number + 1)
    expect(notebook.report(number + 1)).to_have_attribute("data-status", "passed", timeout=60 * SECOND)
    keep("exercise-passed", lambda: notebook.report(number + 1))


def test_the_explorers_slider_moves_the_picture_by_keyboard(notebook, page, keep, artifacts):
    number = notebook.find("signal_explorer()")
    canvas = notebook.cell(number).locator(".signal-explorer canvas")
    expect(canvas).to_have_attribute("data-revision", re.compile(r"\d+"), timeout=30 * SECOND)
    keep("explorer", lambda: notebook.cell(number).locator(".signal-explorer"))
    handle = notebook.cell(number).locator(".signal-explorer [role=slider]").first
    handle.focus()
    before = settled(canvas)
    first = int(canvas.get_attribute("data-revision"))
    handle.evaluate(KEY_TO_PICTURE)
    for press in range(1, 12):
        handle.press("ArrowRight")
        expect(canvas).to_have_attribute("data-revision", str(first + press), timeout=10 * SECOND)
    assert settled(canvas) != before
    delays = page.evaluate("window.delays")
    median = round(statistics.median(delays), 1)
    print(f"Key press to changed picture: median {median} ms of {len(delays)}")
    (artifacts / "explorer.json").write_text(json.dumps({"median_ms": median, "delays_ms": delays}))
    keep("explorer-moved", lambda: notebook.cell(number).locator(".signal-explorer"))


def test_javascript_complained_of_nothing(notebook, page):
    assert page.complaints == []
