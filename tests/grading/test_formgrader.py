"""The real nbgrader on a class of ours: formgrader in a browser, marks by hand, feedback and CSV."""

import csv
import subprocess
import sys
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import expect, sync_playwright

from course_lib.delivery import building
from course_lib.grading.nbgrader_course import gradebook
from course_lib.grading.nbgrader_course.coursefolder import opened, student_id
from tests.browser.conftest import QUIET
from tests.grading import classroom
from tests.grading.classroom import ANSWER, EXERCISES, MOST, NOTEBOOK, STUDENTS, points
from tools.ensure_browser import find_browser

SECOND = 1000
# Formgrader loads MathJax from a content network, which tests don't reach: a stand-in that finishes at once
MATHJAX = ("window.MathJax = {Hub: {Config() {}, Queue() {}, Startup: {signal: {Interest(f) {"
           " setTimeout(() => f('End'), 0); }}}}};")
TOKEN = "a-token-of-the-tests"


@pytest.fixture(scope="module")
def artifacts(root):
    folder = root / "tests" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def course(root, tmp_path_factory):
    """(store, the nbgrader course that was made of it), below a folder with spaces and accents."""
    folder = tmp_path_factory.mktemp("grading") / "Année 1, groupe d'essai"
    folder.mkdir()
    with classroom.a_class(folder, root) as store:
        assert gradebook.write(store, folder / "course") == []
        yield store, folder / "course"


@pytest.fixture(scope="module")
def server_environment(server_environment, tmp_path_factory):
    """A home of its own: JupyterLab would open again there what other tests left open."""
    return server_environment | {"HOME": str(tmp_path_factory.mktemp("instructor"))}


@pytest.fixture(scope="module")
def nbgrader(course, server_environment):
    """A function that runs an nbgrader command in the course and returns what it said."""
    def run(*arguments, fails=False):
        done = subprocess.run([sys.executable, "-m", "nbgrader", *map(str, arguments)], cwd=course[1], text=True,
                              env=server_environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert bool(done.returncode) == fails, done.stdout
        return done.stdout
    return run


@pytest.fixture(scope="module")
def formgrader(course, serving, server_environment):
    """The address of a JupyterLab in the course folder, as an instructor starts it."""
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0",
               "--ServerApp.allow_root=True", f"--IdentityProvider.token={TOKEN}", "--LabApp.news_url=None"]
    with serving(command, course[1].parent / "log", cwd=course[1], env=server_environment) as (_, address):
        yield f"http://{urlsplit(address).netloc}"


@pytest.fixture(scope="module")
def browser():
    path = find_browser()
    assert path, "no Chromium or Chrome was found: run python tools/ensure_browser.py"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, formgrader):
    """A logged-in page; afterwards it must have had nothing to complain of."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route("**/mathjax/**", lambda route: route.fulfill(body=MATHJAX, content_type="text/javascript"))
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    page.goto(f"{formgrader}/formgrader?token={TOKEN}")
    yield page
    context.close()
    assert complaints == []


def rows(page):
    """The texts of the cells of formgrader's main table, once it is loaded."""
    expect(page.locator("#main-table")).not_to_contain_text("Loading", timeout=120 * SECOND)
    return [[cell.strip() for cell in row.locator("td").all_inner_texts()]
            for row in page.locator("#main-table tr").all()]


def test_formgrader_lists_the_assignment_without_a_warning(page, artifacts):
    expect(page.locator(".alert")).to_have_count(0)
    listed = rows(page)
    page.screenshot(path=artifacts / "formgrader-assignments.png")
    assert [(row[0], row[8]) for row in listed] == [(NOTEBOOK, "4")]


def test_formgrader_lists_the_submissions_with_our_scores(page, formgrader, artifacts):
    page.goto(f"{formgrader}/formgrader/manage_submissions/{NOTEBOOK}")
    listed = {row[1]: row for row in rows(page)}
    page.screenshot(path=artifacts / "formgrader-submissions.png")
    assert {identity: (row[0], row[3], row[4]) for identity, row in listed.items()} == {
        student_id(name): shown for name, shown in zip(STUDENTS, [
            ("ada,", "needs manual grading", f"{MOST - 2} / {MOST}"),
            ("O'Brien, Zoë", "graded", f"5.5 / {MOST}"),  # she wrote no answer in words
            ("Lovelace-Müller, ”Lord” José", "graded", f"{points(1):g} / {MOST}"),
            ("雷/../‹b›&x, 李", "needs manual grading", f"1.5 / {MOST}")], strict=True)}
    page.goto(f"{formgrader}/formgrader/gradebook/{NOTEBOOK}/{NOTEBOOK}")
    graded = rows(page)
    assert sorted(row[2] for row in graded) == sorted(
        f"{points(share):g} / {MOST}" for share in (len(EXERCISES), 2, 1, 0))
    assert sorted(row[4] for row in graded) == ["0 / 2"] * 4


def open_notebook(page, formgrader, course, student):
    """Open a student's page in formgrader, and wait until its marks are there."""
    with opened(course[1]) as (book, _):
        identity = book.find_submission_notebook(NOTEBOOK, NOTEBOOK, student_id(student)).id
    page.goto(f"{formgrader}/formgrader/submissions/{identity}/")
    page.wait_for_function("formgrader.loaded && formgrader.grades.loaded && formgrader.comments.loaded")
    page.wait_for_function("MathJax.loaded && !$(':animated').length")  # it scrolls to the first score by itself


def panel(page, name):
    """The box of a graded cell, with its score and, for an answer, its comment."""
    return page.locator(f".nbgrader_cell:has([id='{name}']), .nbgrader_cell:has([id='{name}-comment'])")


def show(page, locator):
    locator.evaluate("cell => window.scrollTo(0, cell.getBoundingClientRect().top + window.scrollY - 300)")
    page.wait_for_timeout(SECOND // 5)


def test_a_students_page_shows_answers_and_verdicts(page, formgrader, course, artifacts):
    zoe = STUDENTS[1]
    open_notebook(page, formgrader, course, zoe)
    assert "1 / (1 + 2.718 ** -z)" in panel(page, "logistic").inner_text()
    check = page.locator(".code_cell", has=page.locator("[id='logistic-check']"))
    assert "check(logistic)" in check.inner_text()  # ours, though she replaced it
    assert "✓ passed: 2 of 2 points" in check.inner_text()
    assert check.locator("input.score").get_attribute("placeholder") == "2"
    half = page.locator(".code_cell", has=page.locator("[id='logistic_derivative-check']"))
    assert "✗ failed: 0.5 of 1 points" in half.inner_text() and "Hint: Is the sign right?" in half.inner_text()
    assert "0.25" not in half.inner_text()  # what was wanted is for the instructor's own pages
    show(page, half)
    page.screenshot(path=artifacts / "formgrader-student.png")


def test_what_a_student_hid_in_a_notebook_does_nothing_on_the_page(page, formgrader, course, artifacts):
    open_notebook(page, formgrader, course, STUDENTS[3])
    page.screenshot(path=artifacts / "formgrader-hostile.png")
    show(page, panel(page, ANSWER))
    page.screenshot(path=artifacts / "formgrader-hostile-answer.png")
    assert "<script>" in page.locator("body").inner_text().replace("< ", "<")  # it is there, to be read
    page.wait_for_timeout(SECOND // 2)
    assert page.evaluate("window.hacked") is None
    links = page.locator("#notebook a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert not [link for link in links if link and link.startswith("javascript")]


def test_marks_given_by_hand_come_back_and_stay(page, formgrader, course, root, artifacts):
    store, folder = course
    open_notebook(page, formgrader, course, "ada")
    answer = panel(page, ANSWER)
    assert "neither vanish nor explode" in answer.inner_text()
    answer.locator("input.score").fill("1.5")
    with page.expect_response(lambda got: "/api/grade/" in got.url):
        answer.locator("input.score").press("Tab")
    answer.locator("textarea.comment").fill("Clear — say *why* it is constant.")
    with page.expect_response(lambda got: "/api/comment/" in got.url):
        answer.locator("textarea.comment").press("Escape")
    answer.scroll_into_view_if_needed()
    page.screenshot(path=artifacts / "formgrader-by-hand.png")

    assert gradebook.read_marks(store, folder) == []
    given = {one.student: one.texts[ANSWER] for one in store.submissions()}
    assert (given["ada"].score, given["ada"].comment) == (1.5, "Clear — say *why* it is constant.")
    assert [given[name].score for name in STUDENTS[1:]] == [None, None, None]

    # An exercise is graded again while formgrader is open: the new score shows, the mark by hand is untouched
    classroom.submit(store, folder.parent / "submissions", "ada", classroom.handed_in(root)[0], share=5)
    gradebook.write(store, folder)
    open_notebook(page, formgrader, course, "ada")
    assert panel(page, ANSWER).locator("input.score").input_value() == "1.5"
    page.goto(f"{formgrader}/formgrader/manage_submissions/{NOTEBOOK}")
    assert {row[1]: (row[3], row[4]) for row in rows(page)}["ada"] == ("graded", f"{points(5) + 1.5:g} / {MOST}")


def test_nbgraders_autograde_is_refused_and_removes_nothing(page, formgrader, course, nbgrader):
    folder = course[1]
    before = {path: path.read_bytes() for path in folder.rglob("*.ipynb")}
    assert "course grade" in nbgrader("autograde", NOTEBOOK, "--force", fails=True)
    page.goto(f"{formgrader}/formgrader/manage_submissions/{NOTEBOOK}")
    rows(page)
    page.locator("#main-table .autograde a").first.click()
    expect(page.locator("#error-modal")).to_contain_text("Answers are graded by `course grade`", timeout=120 * SECOND)
    assert {path: path.read_bytes() for path in folder.rglob("*.ipynb")} == before


def test_jupyterlab_has_formgrader_in_its_menu(page, formgrader):
    page.goto(f"{formgrader}/lab?token={TOKEN}")
    page.get_by_role("menuitem", name="Nbgrader").click(timeout=120 * SECOND)
    page.get_by_text("Formgrader", exact=True).first.click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("#main-table")).to_contain_text(NOTEBOOK, timeout=120 * SECOND)


def test_nbgrader_takes_our_notebooks_as_an_assignment(course, nbgrader):
    folder = course[1]
    said = nbgrader("generate_assignment", NOTEBOOK, "--force")
    warnings = [line for line in said.splitlines() if "WARNING" in line or "ERROR" in line]
    assert len(warnings) == 1 and "Removing existing assignment" in warnings[0]  # as --force says
    released = nbformat.read(folder / "release" / NOTEBOOK / f"{NOTEBOOK}.ipynb", as_version=4)
    ours = building.assemble(NOTEBOOK)
    assert [(cell.id, cell.source) for cell in released.cells] == [(cell.id, cell.source) for cell in ours.cells]


def test_nbgraders_csv_has_our_scores(course, nbgrader):
    store, folder = course
    nbgrader("export")
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        table = {row["student_id"]: row for row in csv.DictReader(file)}
    for one in store.submissions():
        row = table[student_id(one.student)]
        points_of = sum(result.score for result in one.results) + sum(text.score or 0 for text in one.texts.values())
        assert (float(row["score"]), float(row["max_score"]), row["assignment"]) == (points_of, MOST, NOTEBOOK)
    assert (table[student_id(STUDENTS[1])]["last_name"], len(table)) == ("O'Brien", 4)


def test_nbgraders_feedback_has_scores_verdicts_and_comments(course, nbgrader, browser, artifacts):
    store, folder = course
    said = nbgrader("generate_feedback", NOTEBOOK)
    assert "ERROR" not in said
    for one in store.submissions():
        assert (folder / "feedback" / student_id(one.student) / NOTEBOOK / f"{NOTEBOOK}.html").is_file()
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route("**/mathjax/**", lambda route: route.fulfill(body=MATHJAX, content_type="text/javascript"))
    page.goto((folder / "feedback" / "ada" / NOTEBOOK / f"{NOTEBOOK}.html").as_uri())
    page.screenshot(path=artifacts / "formgrader-feedback.png")
    text = page.locator("body").inner_text()
    assert f"(Score: {points(5) + 1.5} / {MOST:.1f})" in text and "Clear — say why it is constant." in text
    assert "✓ passed: 2 of 2 points" in text and "wanted 0.25" not in text
    page.get_by_text("Comments:").scroll_into_view_if_needed()
    page.screenshot(path=artifacts / "formgrader-feedback-comment.png")
    page.goto((folder / "feedback" / student_id(STUDENTS[3]) / NOTEBOOK / f"{NOTEBOOK}.html").as_uri())
    assert page.evaluate("window.hacked") is None and complaints == []
    page.close()
