"""The second day: a notebook that was saved, opened again without running it, in every page that shows notebooks."""

import re
import shutil
import subprocess
import sys
from html import escape
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.notebook_page import PATIENCE, SECOND, NotebookPage

CELLS = {
    "explorer": "from course_lib.widgets.initializer import initializer_explorer\ninitializer_explorer()",
    "quiz": 'from course_lib.exercises import predict, quiz\nquiz("first-quiz")',
    "number": 'predict("a number", "How many?", low=-1, high=2, default=1.0, unit="times", log=True)',
    "choice": 'predict("a choice", "Which one?", options=["ReLU", "tanh"], default="tanh")',
    "bar": ("import time\nfrom course_lib.progress_bar import progress_bar\n"
            "with progress_bar(30, unit=' steps') as bar:\n    for _ in range(30):\n        bar.update()\n"
            "        time.sleep(0.1)"),
}
NUMBERS = {name: number for number, name in enumerate(CELLS)}
DEAD = re.compile("not found|Error displaying|Loading widget|it/s|steps/s", re.IGNORECASE)


@pytest.fixture(scope="module")
def first_day(page, course):
    """A notebook with a widget of each kind, run, used by keyboard, and saved; and its server's address and token."""
    folder, address = course
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
    nb = nbformat.v4.new_notebook(cells=cells)
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path = folder / "second_day.ipynb"
    nbformat.write(nb, path)
    base, token = re.match(r"(http://[^/]+)/.*?(\?token=\w+)?$", address).groups()
    page.goto(f"{base}/lab/workspaces/second/tree/{path.name}{token or ''}")
    notebook = NotebookPage(page, path)
    notebook.run_all(seconds=120)
    return notebook, base, token or ""


def view(notebook, name):
    """The output of a cell."""
    return notebook.cell(NUMBERS[name]).locator(".jp-OutputArea").first


def test_names_and_roles(first_day):
    notebook, *_ = first_day
    for slider in view(notebook, "explorer").locator("[role=slider]").all():
        readout = slider.locator("xpath=ancestor::*[contains(@class, 'widget-slider')]").locator(".widget-readout")
        expect(slider).to_have_attribute("aria-label", re.compile(r"\w"))
        expect(slider).to_have_attribute("aria-valuetext", readout.inner_text())
    expect(view(notebook, "quiz").get_by_role("radiogroup", name=re.compile("standardize test images"))).to_be_visible()
    expect(view(notebook, "choice").get_by_role("radiogroup", name="Which one?")).to_be_visible()
    expect(view(notebook, "choice").get_by_role("radio", checked=True)).to_have_count(0)
    field = view(notebook, "number").get_by_role("spinbutton", name="How many?")
    expect(field).to_have_value("")
    expect(field).to_have_accessible_description("times, from 0.1 to 100")


def test_a_logarithmic_slider_says_its_value_while_it_moves(first_day):
    notebook, *_ = first_day
    slider = view(notebook, "explorer").locator(".widget-slider", has_text="Scale")
    handle, readout = slider.locator("[role=slider]"), slider.locator(".widget-readout")
    before = readout.inner_text()
    handle.press("ArrowRight")
    expect(readout).not_to_have_text(before)
    assert handle.get_attribute("aria-valuetext") == readout.inner_text() != before


def test_questions_are_answered_by_keyboard(first_day):
    notebook, *_ = first_day
    field = view(notebook, "number").get_by_role("spinbutton")
    said = view(notebook, "number").locator(".said")
    expect(said).to_have_text("You made no prediction yet.")
    field.fill("1000")
    field.press("Enter")
    expect(said).to_have_text("A number from 0.1 to 100 is wanted.")
    field.fill("2.5")
    field.press("Enter")
    expect(said).to_have_text("Your prediction: 2.5 times")
    choice, said = view(notebook, "choice").get_by_role("radio"), view(notebook, "choice").locator(".said")
    choice.first.press("Space")
    expect(said).to_have_text("Your prediction: ReLU")
    choice.first.press("ArrowDown")
    expect(said).to_have_text("Your prediction: tanh")
    choice.last.press("ArrowUp")
    expect(said).to_have_text("Your prediction: ReLU")
    view(notebook, "quiz").get_by_role("radio").nth(1).press("Space")
    expect(view(notebook, "quiz").locator(".said")).to_contain_text("✓ Right.")


def test_the_bar_leaves_nothing(first_day):
    notebook, *_ = first_day
    assert view(notebook, "bar").inner_text().strip() == ""
    notebook.cell(NUMBERS["bar"]).locator(".jp-InputPrompt").click()
    notebook.page.keyboard.press("Shift+Enter")
    expect(view(notebook, "bar")).to_have_text(re.compile(r"\d+/30"), timeout=PATIENCE)
    expect(view(notebook, "bar")).to_have_text(re.compile(r"^\s*$"), timeout=PATIENCE)


def moved(notebook):
    """Move the first slider, and return what the picture then says."""
    canvas = view(notebook, "explorer").locator("canvas")
    revision = int(canvas.get_attribute("data-revision"))
    view(notebook, "explorer").locator("[role=slider]").first.press("ArrowRight")
    expect(canvas).to_have_attribute("data-revision", str(revision + 1), timeout=PATIENCE)
    return canvas.get_attribute("aria-label")


def stills_in(path):
    """The stills in a file."""
    outputs = [out for cell in nbformat.read(path, as_version=4).cells for out in cell.outputs]
    return [html for out in outputs if "course-still" in (html := out.get("data", {}).get("text/html", ""))]


@pytest.fixture(scope="module")
def kept(first_day):
    """The notebook, saved once the kernel has renewed the still of what was moved; and what the picture said last."""
    notebook, *_ = first_day
    expect(notebook.panel.locator(".course-still:visible")).to_have_count(0)
    told = moved(notebook)
    for _ in range(20):
        assert notebook.saved_errors() == []
        if escape(told) in stills_in(notebook.path)[0]:
            break
    else:
        raise AssertionError("the still wasn't renewed")
    path = notebook.path.with_name("kept.ipynb")  # the open one saves itself from time to time
    return shutil.copy(notebook.path, path), told


def assert_all_is_there(page, told):
    """Assert that the page shows the four stills, with what the learner did last, and nothing dead."""
    expect(page.locator(".course-still:visible")).to_have_count(4, timeout=PATIENCE)
    images = page.locator(".course-still img:visible")
    assert images.first.get_attribute("alt") == told
    assert images.first.evaluate("image => image.complete && image.naturalWidth") > 500
    shown = "\n".join(page.locator(".course-still:visible").all_inner_texts())
    for words in ("◉ 2. ", "✓ Right.", "Your prediction: 2.5 times", "◉ ReLU"):
        assert words in shown
    assert not DEAD.search(page.locator("body").inner_text()), DEAD.search(page.locator("body").inner_text())


def test_reloaded_the_widgets_of_a_running_kernel_are_back(first_day, kept):
    notebook, *_ = first_day
    notebook.page.reload()
    notebook.panel = NotebookPage(notebook.page, notebook.path).panel
    expect(view(notebook, "explorer").locator("canvas")).to_have_attribute("aria-label", kept[1], timeout=PATIENCE)
    expect(view(notebook, "choice").locator(".said")).to_have_text("Your prediction: ReLU")
    expect(notebook.panel.locator(".course-still:visible")).to_have_count(0)
    expect(view(notebook, "explorer").locator(".course-unanswered")).to_have_text("")


def test_after_a_restart_the_controls_say_so(first_day, kept):
    notebook, *_ = first_day
    notebook.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    notebook.page.get_by_text("Restart Kernel…", exact=True).click()
    notebook.page.get_by_role("button", name="Confirm Kernel Restart").click()
    for name in ("explorer", "quiz", "number", "choice"):
        expect(view(notebook, name).locator(".course-unanswered")).to_contain_text("The kernel was restarted",
                                                                                  timeout=PATIENCE)
    expect(notebook.panel.locator(".course-still:visible")).to_have_count(0)
    notebook.wait_for_kernel()
    for name in ("explorer", "quiz"):
        notebook.cell(NUMBERS[name]).locator(".jp-InputPrompt").click()
        notebook.page.keyboard.press("Shift+Enter")
        expect(view(notebook, name).locator(".course-unanswered")).to_have_text("", timeout=PATIENCE)


def test_when_the_kernel_has_died_what_is_asked_says_so(first_day, kept):
    notebook, base, token = first_day
    (session,) = [session for session in notebook.page.request.get(f"{base}/api/sessions{token}").json()
                  if session["path"].endswith(notebook.path.name)]
    xsrf = next(cookie["value"] for cookie in notebook.page.context.cookies() if cookie["name"] == "_xsrf")
    gone = notebook.page.request.delete(f"{base}/api/kernels/{session['kernel']['id']}{token}",
                                        headers={"X-XSRFToken": xsrf})
    assert gone.ok
    view(notebook, "explorer").locator("[role=slider]").first.press("ArrowLeft")
    expect(view(notebook, "explorer").locator(".course-unanswered")).to_contain_text(
        re.compile("No answer yet|was restarted"), timeout=PATIENCE)


def test_javascript_complained_of_nothing(page, first_day):
    assert page.complaints == []


@pytest.mark.parametrize("place", ["lab/workspaces/third/tree", "notebooks"])
def test_opened_again_all_is_there(place, first_day, kept, page, artifacts):
    (_, base, token), (path, told) = first_day, kept
    page.goto(f"{base}/{place}/{path.name}{token}")
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(4 * SECOND)  # a widget that isn't there is looked for, for two seconds
    assert_all_is_there(page, told)
    page.screenshot(path=artifacts / f"second-day-{place.split('/')[0]}.png")


def test_exports_need_no_network(first_day, kept, page, artifacts, tmp_path):
    (_, base, token), (path, told) = first_day, kept
    by_lab, by_nbconvert = tmp_path / "by-lab.html", tmp_path / "by-nbconvert.html"
    by_lab.write_bytes(page.request.get(f"{base}/nbconvert/html/{path.name}{token}").body())  # Lab's menu does the same
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", "--output", by_nbconvert, path],
                   check=True, capture_output=True)
    asked = []
    page.route(lambda address: urlsplit(address).scheme.startswith("http"),
               lambda route: (asked.append(route.request.url), route.abort()))
    for exported in (by_lab, by_nbconvert):
        page.goto(exported.as_uri())
        assert_all_is_there(page, told)
    assert not [address for address in asked if "widget" in address]
    page.screenshot(path=artifacts / "second-day-export.png", full_page=True)
    page.unroute_all()
