"""What a notebook looks like, wide and narrow, light and dark: legible, and without a serious finding of axe-core's."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from course_lib.exercises import exercises
from course_lib.plots.figure import CARD, DARK, NARROWEST
from tests.browser.notebook_page import PATIENCE, NotebookPage, wait_for_rest

NAME = "01_vanishing_gradients"
OURS = {"include": [[".jp-OutputArea"], [".jp-RenderedMarkdown"]]}  # the rest is JupyterLab's own
# A text in which a formula is wider than a narrow window: JupyterLab scrolls it in an element of its own, which a text
# can't make one that the keyboard reaches
SCROLLED, MARKDOWN = "scrollable-region-focusable", "jp-MarkdownOutput"
# Whatever starts a kernel has to wait, as on a busy machine
SLOW_KERNELS = """
const original = window.fetch;
window.fetch = async (input, init) => {
  const begins = (init?.method ?? input.method) === "POST" && String(input.url ?? input).includes("/api/sessions");
  if (begins) await new Promise((go) => setTimeout(go, 8000));
  return original(input, init);
};
"""


@pytest.fixture(scope="module")
def notebook(page, course):
    """Notebook 01 with all its cells run, every one of them on the page."""
    folder, address = course
    windowing(page, address, '{"windowingMode": "none"}')
    page.goto(address)
    NotebookPage(page, folder / "notebooks" / "00_start_here.ipynb").wait_for_kernel()
    page.locator(".jp-DirListing-item", has_text=f"{NAME}.ipynb").dblclick()
    opened = NotebookPage(page, folder / "notebooks" / f"{NAME}.ipynb")
    opened.run_all(seconds=600)
    yield opened
    windowing(page, address, "{}")


def windowing(page, address, settings):
    """Change a setting of notebooks for pages opened later."""
    name = "@jupyterlab/notebook-extension:tracker"
    place = urlsplit(address)._replace(path=f"/lab/api/settings/{name}").geturl()
    assert page.request.put(place, data={"raw": settings}).ok


def look(page, theme, width):
    """Choose a theme in the menu, and a width of the window."""
    page.set_viewport_size({"width": 1280, "height": 900})  # in a narrow one the menu may be cut off
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.get_by_text("Theme", exact=True).hover()
    page.get_by_text(f"JupyterLab {theme.title()}", exact=True).click()
    light = str(theme == "light").lower()
    expect(page.locator(f'body[data-jp-theme-light="{light}"]')).to_be_attached(timeout=PATIENCE)
    page.set_viewport_size({"width": width, "height": 900})


def findings(page):
    """What axe-core calls serious or critical in texts and outputs, as (rule, element)."""
    result = Axe().run(page, context=OURS, options={"resultTypes": ["violations"]}).response
    return [(rule["id"], node["html"][:300]) for rule in result["violations"] for node in rule["nodes"]
            if rule["impact"] in ("serious", "critical") and not (rule["id"] == SCROLLED and MARKDOWN in node["html"])]


def test_the_longest_line_of_code_wraps_beside_the_file_list(notebook, page):
    expect(page.locator(".jp-DirListing")).to_be_visible()
    seen = [(number, cell) for number, cell in enumerate(notebook.cells)
            if cell.cell_type == "code" and "jupyter" not in cell.metadata]  # those aren't folded
    longest, number = max((max(map(len, cell.source.split("\n"))), number) for number, cell in seen)
    assert longest > 80
    scroller = notebook.cell(number).locator(".cm-scroller")
    for width in (1280, 800):  # in the narrow one it doesn't fit
        page.set_viewport_size({"width": width, "height": 900})
        assert scroller.evaluate("element => element.scrollWidth - element.clientWidth") <= 1
    page.set_viewport_size({"width": 1280, "height": 900})


def test_letters_in_figures_stay_legible_in_a_narrow_window(notebook, page):
    look(page, "light", 800)
    figures = notebook.panel.locator(".course-figure img")
    wait_for_rest(figures.first)
    shares = figures.evaluate_all("all => all.filter((image) => image.clientWidth)"  # what stands in for a widget hides
                                  ".map((image) => image.clientWidth / image.getAttribute('width'))")
    assert len(shares) > 3
    assert min(shares) > NARROWEST - 0.01


@pytest.mark.parametrize("width", [1280, 800])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(notebook, page, artifacts, theme, width):
    look(page, theme, width)
    figure = notebook.panel.locator(".course-figure img").first
    figure.scroll_into_view_if_needed()
    wait_for_rest(figure)
    page.screenshot(path=artifacts / f"looks-{theme}-{width}.png")
    filters = {"light": {"none"}, "dark": {DARK, CARD}}[theme]
    figures = notebook.panel.locator(".course-figure img")
    seen = figures.evaluate_all("all => all.map((image) => getComputedStyle(image).filter)")
    assert set(seen) <= filters
    assert findings(page) == []


def test_axe_finds_a_planted_fault(notebook, page):
    output = notebook.panel.locator(".jp-RenderedHTML").first
    output.evaluate("element => element.insertAdjacentHTML('beforeend', '<img class=planted src=data:,>')")
    assert "image-alt" in [rule for rule, _ in findings(page)]
    output.evaluate("element => element.querySelector('.planted').remove()")


def test_the_panel_leads_to_an_exercise_and_the_last_cell_to_the_neighbours(notebook, page):
    look(page, "light", 1280)
    name = list(exercises(NAME))[1]
    notebook.panel.locator(".course-progress").last.get_by_role("link", name=name, exact=True).click()
    expect(notebook.cell(notebook.exercise(name))).to_be_in_viewport(timeout=PATIENCE)
    ways = notebook.panel.locator(".jp-MarkdownCell").last
    assert ways.get_by_role("link").all_inner_texts()[1] == "Contents"
    ways.get_by_role("link").last.click()
    tab = page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current")
    expect(tab).to_contain_text("02_initializers", timeout=PATIENCE)


def test_to_run_cells_before_there_is_a_kernel_is_answered(page, course):
    _, address = course
    early = page.context.browser.new_page()
    early.add_init_script(SLOW_KERNELS)
    early.goto(address.replace("/lab/tree", "/lab/workspaces/early/tree").replace("00_start_here", "03_activations"))
    expect(early.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=PATIENCE)
    early.get_by_role("menuitem", name="Run", exact=True).click()
    early.get_by_text("Run All Cells", exact=True).click()
    expect(early.locator(".Toastify__toast")).to_contain_text("is still initializing", timeout=PATIENCE)
    early.close()
