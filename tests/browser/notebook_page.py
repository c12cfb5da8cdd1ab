"""What a learner does with a notebook in JupyterLab, as a few functions on a Playwright page."""

import re
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import expect

SECOND = 1000
PATIENCE = 120 * SECOND  # for what takes a moment: only a failure, or a very busy machine, takes that long
RAN = r"\[\d+\]:"  # the prompt of a cell that has run
# A picture is redrawn, and the page laid out, in the frames after a change: a slow machine's frames are slow as well
REST = """
element => new Promise((rest, fail) => {
  let before = "", still = 0, frames = 0;
  function look() {
    const { x, y, width, height } = element.getBoundingClientRect(), drawn = element.querySelector("canvas");
    const now = JSON.stringify([x, y, width, height, drawn?.width, drawn?.dataset.revision]);
    const stale = drawn && drawn.width !== Math.round(drawn.clientWidth * window.devicePixelRatio);
    still = now === before && !stale ? still + 1 : 0;
    before = now;
    if (still === 12) rest();
    else if (++frames === 3000) fail(new Error("the element doesn't come to rest by itself"));
    else requestAnimationFrame(look);
  }
  look();
})
"""


def wait_for_rest(element):
    """Wait until the element stays where it is, and the picture in it is drawn for its width and stays the same."""
    element.evaluate(REST)


def keep_pictures(element, path, block="center"):
    """Keep pictures of the page around an element, 1280 and 800 pixels wide, whose names begin like `path`."""
    page = element.page
    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 900})
        wait_for_rest(element)
        element.evaluate("(element, block) => element.scrollIntoView({block})", block)
        wait_for_rest(element)  # what comes into sight is only now laid out
        page.screenshot(path=f"{path}-{width}.png")
    page.set_viewport_size({"width": 1280, "height": 900})
    wait_for_rest(element)


class NotebookPage:
    """One notebook, open in JupyterLab; its cells are numbered as in the file."""

    def __init__(self, page, path):
        self.page, self.path, self.cells = page, path, nbformat.read(path, as_version=4).cells
        tab = page.locator(f'.lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current[title*="{path.name}"]')
        self.panel = page.locator(f"[id='{tab.get_attribute('data-id', timeout=PATIENCE)}']")

    def find(self, text):
        """The number of the first code cell whose source contains `text`."""
        return next(number for number, cell in enumerate(self.cells)
                    if cell.cell_type == "code" and text in cell.source)

    def exercise(self, name):
        """The number of the cell in which the learner answers; its check is in the next one."""
        return next(number for number, cell in enumerate(self.cells)
                    if cell.metadata.get("nbgrader", {}).get("grade_id") == name)

    def wait_for_kernel(self):
        """Wait until cells can be run. JupyterLab shows "idle" before there is a kernel, so its server is asked."""
        address = urlsplit(self.page.url)._replace(path="/api/sessions", query="", fragment="").geturl()
        for _ in range(PATIENCE // 200):
            kernels = [session["kernel"] for session in self.page.request.get(address).json()
                       if session["path"].endswith(self.path.name)]
            if any(kernel["execution_state"] == "idle" and kernel["connections"] for kernel in kernels):
                break
            self.page.wait_for_timeout(200)
        else:
            raise AssertionError(f"no kernel of {self.path.name} is idle: {kernels}")
        idle = self.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        expect(idle).to_be_visible(timeout=PATIENCE)

    def cell(self, number):
        """The cell, scrolled to."""
        cell = self.panel.locator(f'.jp-Cell[data-windowed-list-index="{number}"]')
        cell.scroll_into_view_if_needed(timeout=PATIENCE)
        return cell

    def run_all(self, seconds):
        """Run all cells and wait for the last one; fails where a cell before it did."""
        self.wait_for_kernel()
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        code = [number for number, cell in enumerate(self.cells) if cell.cell_type == "code"]
        expect(self._prompt(code[0])).not_to_have_text("[ ]:", timeout=PATIENCE)
        try:  # on a busy machine the cells are queued one by one: "not waiting" may mean "not yet"
            expect(self._prompt(code[-1])).to_have_text(re.compile(f"^{RAN}$"), timeout=seconds * SECOND)
        except AssertionError as error:
            raise AssertionError(f"the run broke off: {self.saved_errors()}") from error

    def saved_errors(self):
        """Save the notebook, and return the errors that its outputs hold."""
        before = self.path.stat().st_mtime_ns
        self.page.keyboard.press("ControlOrMeta+S")
        for _ in range(120):
            self.page.wait_for_timeout(SECOND / 2)
            if self.path.stat().st_mtime_ns != before:
                break
        cells = nbformat.read(self.path, as_version=4).cells
        return [(cell.source, output.ename, output.evalue) for cell in cells
                for output in cell.get("outputs", []) if output.output_type == "error"]

    def type_and_run(self, number, source):
        """Replace a cell's text and run it."""
        before = self._prompt(number).text_content()
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(source)
        self._press_run(number, before)

    def run(self, number):
        """Run a cell and wait for its end."""
        before = self._prompt(number).text_content()
        self._prompt(number).click()
        self._press_run(number, before)

    def _press_run(self, number, before):
        self.page.keyboard.press("Shift+Enter")
        again = re.compile(f"^(?!{re.escape(before)}){RAN}$")
        expect(self._prompt(number)).to_have_text(again, timeout=PATIENCE)

    def _prompt(self, number):
        return self.cell(number).locator(".jp-InputPrompt")

    def report(self, number):
        """The report that the check in this cell shows."""
        return self.cell(number).locator(".course-report")
