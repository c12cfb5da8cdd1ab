"""Every explorer in a real browser: shown, moved by keyboard, and told in words; pictures of it are kept."""

import pkgutil
import re

import nbformat
import pytest
from playwright.sync_api import expect

from course_lib import widgets
from tests.browser.notebook_page import SECOND, NotebookPage

# by convention course_lib.widgets.NAME has the function NAME_explorer; the others are what explorers share
SHARED = {"explorer", "grid", "picture", "signal_words", "stack", "static", "walks"}
EXPLORERS = sorted({module.name for module in pkgutil.iter_modules(widgets.__path__)} - SHARED)


@pytest.fixture(scope="module")
def opened(page, course):
    """A function that opens a notebook with an explorer in its only cell, and runs it."""
    folder, address = course

    def show(name):
        source = f"from course_lib.widgets.{name} import {name}_explorer\n{name}_explorer()"
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="shown")])
        nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        path = folder / "notebooks" / f"explorer-{name}.ipynb"
        nbformat.write(nb, path)
        base, token = re.match(r"(http://[^/]+)/.*?(\?token=\w+)?$", address).groups()
        page.goto(f"{base}/lab/tree/notebooks/{path.name}{token or ''}")
        notebook = NotebookPage(page, path)
        notebook.run_all(seconds=60)
        return notebook.cell(0)

    return show


def test_a_click_into_the_map_starts_the_race_there(opened, page):
    canvas = opened("race").locator(".race-explorer canvas")
    expect(canvas).to_have_attribute("aria-label", re.compile(r"from \(-1\.5, 1\.5\)"), timeout=30 * SECOND)
    box = canvas.bounding_box()
    canvas.click(position={"x": 58 + 0.375 * (box["width"] / 2 - 80), "y": 114})  # x = -0.5, and y = 1 half-way down
    there = re.compile(r"from \(-0\.5\d?, (1|1\.05|0\.95)\)")
    expect(canvas).to_have_attribute("aria-label", there, timeout=20 * SECOND)


def test_backprop_plays_through_its_positions(opened):
    cell = opened("backprop")
    canvas = cell.locator(".backprop-explorer canvas")
    expect(canvas).to_have_attribute("aria-label", re.compile("Position 7 of 25"), timeout=30 * SECOND)
    cell.locator(".backprop-explorer .jupyter-widgets.widget-play button").first.click()
    expect(canvas).to_have_attribute("aria-label", re.compile("Position (9|1[0-9]) of 25"), timeout=20 * SECOND)
    expect(canvas).to_have_attribute("aria-label", re.compile("Position 25 of 25"), timeout=40 * SECOND)


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_slider_moves_the_picture_by_keyboard(name, opened, page, artifacts):
    cell = opened(name)
    canvas = cell.locator(f".{name}-explorer canvas")
    expect(canvas).to_have_attribute("data-revision", re.compile(r"\d+"), timeout=30 * SECOND)
    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(500)
        page.screenshot(path=artifacts / f"explorer-{name}-{width}.png")
    page.set_viewport_size({"width": 1280, "height": 900})
    sliders = cell.locator(f".{name}-explorer [role=slider]")
    assert sliders.count() >= 1
    for slider in sliders.all():
        slider.focus()
        slider.press("ArrowLeft")  # away from the upper end, where the next press would do nothing
        page.wait_for_timeout(SECOND)
        revision, told = canvas.get_attribute("data-revision"), canvas.get_attribute("aria-label")
        slider.press("ArrowRight")
        expect(canvas).not_to_have_attribute("data-revision", revision, timeout=20 * SECOND)
        expect(canvas).not_to_have_attribute("aria-label", told, timeout=20 * SECOND)
    assert page.complaints == []
