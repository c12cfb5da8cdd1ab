"""What a learner does with a notebook in JupyterLab, as a few functions on a Playwright page."""

import re

import nbformat
from playwright.sync_api import expect

SECOND = 1000


class NotebookPage:
    """One notebook, open in JupyterLab; its cells are numbered as in the file."""

    def __init__(self, page, path):
        self.page, self.path, self.cells = page, path, nbformat.read(path, as_version=4).cells
        tab = page.locator(f'.lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current[title*="{path.name}"]')
        self.panel = page.locator(f"[id='{tab.get_attribute('data-id', timeout=60 * SECOND)}']")

    def find(self, text):
        """The number of the first code cell whose source contains `text`."""
        return next(number for number, cell in enumerate(self.cells)
                    if cell.cell_type == "code" and text in cell.source)

    def exercise(self, name):
        """The number of the cell in which the learner answers; its check is in the next one."""
        return next(number for number, cell in enumerate(self.cells)
                    if cell.metadata.get("nbgrader", {}).get("grade_id") == name)

    def wait_for_kernel(self):
        """Run all before the kernel is connected, and JupyterLab asks which kernel to start."""
        idle = self.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        expect(idle).to_be_visible(timeout=60 * SECOND)

    def cell(self, number):
        """The cell, scrolled to: those far from the window aren't in the document."""
        cell = self.panel.locator(f'.jp-Cell[data-windowed-list-index="{number}"]')
        scroller = self.panel.locator(".jp-WindowedPanel-outer")
        for _ in range(400):
            if cell.count() and cell.is_visible():
                cell.scroll_into_view_if_needed()
                return cell
            shown = self.panel.locator(".jp-Cell[data-windowed-list-index]").evaluate_all(
                "cells => cells.map(cell => Number(cell.dataset.windowedListIndex))")
            down = not shown or number > max(shown)
            scroller.evaluate(f"panel => panel.scrollBy(0, {600 if down else -600})")
            self.page.wait_for_timeout(50)
        raise AssertionError(f"cell {number} can't be scrolled to; shown are {shown}")

    def run_all(self, seconds):
        """Run all cells and wait for the last one; fails where a cell before it did."""
        self.wait_for_kernel()
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        first = next(number for number, cell in enumerate(self.cells) if cell.cell_type == "code")
        expect(self.cell(first).locator(".jp-InputPrompt")).not_to_have_text("[ ]:", timeout=60 * SECOND)
        last = max(number for number, cell in enumerate(self.cells) if cell.cell_type == "code")
        prompt = self.cell(last).locator(".jp-InputPrompt")
        try:  # on a busy machine the cells are queued one by one: "not waiting" may mean "not yet"
            expect(prompt).to_have_text(re.compile(r"^\[\d+\]:$"), timeout=seconds * SECOND)
        except AssertionError as error:
            raise AssertionError(f"the run broke off: {self.saved_errors()}") from error

    def saved_errors(self):
        """Save the notebook, and return the errors that its outputs hold."""
        self.page.keyboard.press("ControlOrMeta+S")
        self.page.wait_for_timeout(5 * SECOND)
        cells = nbformat.read(self.path, as_version=4).cells
        return [(cell.source, output.ename, output.evalue) for cell in cells
                for output in cell.get("outputs", []) if output.output_type == "error"]

    def type_and_run(self, number, source):
        """Replace a cell's text and run it."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Shift+Enter")

    def run(self, number):
        """Run a cell."""
        self.cell(number).locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Shift+Enter")

    def report(self, number):
        """The report that the check in this cell shows."""
        return self.cell(number).locator(".course-report")
