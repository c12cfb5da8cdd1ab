"""The pages: whole, harmless, complete, readable on a phone, and without anything that a student should not see."""

import re
from html.parser import HTMLParser

import pytest
from playwright.sync_api import sync_playwright

from course_lib.grading.records import STATUSES
from course_lib.grading.reports import pages
from course_lib.grading.reports.marks import sheets
from course_lib.grading.reports.statistics import summary
from tests.grading.sample_class import SECRET, FakeStore, Text, handed_in, result, school
from tools.ensure_browser import find_browser

HOSTILE = '"><img src=http://127.0.0.1:9/x onerror=alert(1)><script>document.title="owned"</script>{{ 7*7 }}\u202e\''
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Reader(HTMLParser):
    """Collects elements, attributes and text, and complains of elements that are not closed."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.texts = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))

    def tags(self, name):
        return [attributes for tag, attributes in self.elements if tag == name]


def feedback(store):
    found = sheets(store)
    return pages.feedback(found[0].student, [sheet for sheet in found if sheet.student == found[0].student])


def hostile():
    graded = handed_in(
        HOSTILE, notebook=HOSTILE, texts={HOSTILE: Text(HOSTILE, 2, 1, HOSTILE)}, notes=(HOSTILE,), origin=HOSTILE
    )
    results = tuple(
        result(HOSTILE + str(i), status, hint=HOSTILE, fingerprint="f") for i, status in enumerate(STATUSES)
    )
    object.__setattr__(graded, "results", results)
    for one in results:
        object.__setattr__(one, "message", HOSTILE)
    twin = handed_in("twin", notebook=HOSTILE)
    object.__setattr__(twin, "results", results)
    return FakeStore([graded, twin], [HOSTILE, "twin", HOSTILE + "2"], [(HOSTILE, HOSTILE)])


def both(store):
    return {"feedback": feedback(store), "statistics": pages.statistics(summary(sheets(store), store.problems()))}


@pytest.mark.parametrize("name", ["feedback", "statistics"])
@pytest.mark.parametrize("store", [school(), hostile()], ids=["school", "hostile"])
def test_page_is_whole_and_loads_nothing(store, name):
    page = Reader(both(store)[name])
    used = {tag for tag, _ in page.elements}
    assert not used & {"script", "img", "link", "iframe", "object", "form", "base"}
    for _, attributes in page.elements:
        assert not [key for key in attributes if key.startswith("on") or key == "src"]
        assert attributes.get("href", "#").startswith("#")
    assert "url(" not in both(store)[name] and "@import" not in both(store)[name]


@pytest.mark.parametrize("name", ["feedback", "statistics"])
def test_page_is_accessible(name):
    page = Reader(both(school())[name])
    assert page.tags("html") == [{"lang": "en"}]
    assert len(page.tags("h1")) == 1 and len(page.tags("title")) == 1
    assert all("scope" in attributes for attributes in page.tags("th"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    assert all(attributes.get("role") == "img" and attributes["aria-label"] for attributes in page.tags("svg"))
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.tags("meta")


def test_every_status_has_words_and_a_sign_besides_its_colour():
    assert set(pages.KINDS) == set(STATUSES) == set(pages.TEXT_KINDS)
    page = Reader(feedback(FakeStore([handed_in("ada", STATUSES)])))
    for _, sign, words in pages.KINDS.values():
        assert sign in page.text and words in page.text


def test_student_sees_marks_messages_hints_and_comments():
    graded = handed_in("ada", texts={"why": Text("My answer.", 2, 1.5, "Nearly.")}, notes=("two cells hold a",))
    object.__setattr__(
        graded, "results", (result("a", "failed", 2, hint="The root is missing."), result("b", "passed"))
    )
    text = Reader(feedback(FakeStore([graded]))).text
    for said in (
        "Feedback for ada",
        "2.5 of 5 points",
        "0 of 2",
        "Wrong for a batch of one row",
        "A hint The root is missing.",
        "Your answer My answer.",
        "1.5 of 2",
        "Comment Nearly.",
        "two cells hold a",
        "18 November 2026, 11:06 UTC",
    ):
        assert said in text


def test_the_page_stays_small_whatever_was_passed_over():
    problems = [(f"in/eve/{i:06}.txt", "is not a notebook, and was passed over") for i in range(150_000)]
    page = pages.statistics(summary(sheets(school()), problems))
    assert len(page) < 2_000_000
    assert "in/eve/004999.txt" in page and "in/eve/005000.txt" not in page
    assert "and 145,000 more, which are not listed" in page


def test_student_sees_no_detail_and_no_fingerprint():
    store = school()
    found = sheets(store)
    assert any(SECRET in line.detail for sheet in found for line in sheet.lines)
    for student in {sheet.student for sheet in found}:
        page = pages.feedback(student, [sheet for sheet in found if sheet.student == student])
        assert "SENTINEL" not in page and "pair" not in page and "everybody" not in page
    assert "SENTINEL" in pages.statistics(summary(found))


@pytest.mark.parametrize(
    ("store", "said"),
    [
        (FakeStore([handed_in("bob")], ["ada"]), "Nothing was handed in. There were 2 points to be had."),
        (FakeStore([handed_in("ada", ["missing"])]), "can't be read: No cell holds this exercise."),
        (
            FakeStore([handed_in("ada", ["needs review"])]),
            "1 answer waits for a person to look at it. Your mark can still rise.",
        ),
        (FakeStore([handed_in("ada", ["tampered", "needs review"])]), "2 answers wait for a person to look at them."),
        (FakeStore([handed_in("ada", texts={"why": Text("x", 3)})]), "why ? Waits to be marked – of 3"),
        (FakeStore([handed_in("ada", modified=1e30)]), "Handed in at an unknown time"),
        (FakeStore([handed_in("ada", [])]), "0 of 0 points"),
    ],
)
def test_special_cases_are_said(store, said):
    assert said in Reader(feedback(store)).text


def test_instructor_sees_what_needs_a_look():
    text = Reader(both(school())["statistics"]).text
    for said in (
        "students 30",
        "answers to mark or to look at 12",
        "Fatima al-Fihri clip_by_global_norm",
        "'stranger' isn't on the roster",
        "28 handed in, 2 did not",
        "Carl Friedrich Gauß , Grace Hopper",
        "dense_backward : 9 of 27 answers are the same, which says little",
    ):
        assert said in text


def test_empty_class_has_a_page():
    assert "students 0" in Reader(pages.statistics(summary([]))).text


@pytest.fixture(scope="module")
def browser():
    path = find_browser()
    assert path, "no Chromium or Chrome was found: run python tools/ensure_browser.py"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--disable-gpu", "--no-sandbox"])
        yield found
        found.close()


@pytest.mark.parametrize("store", [school(), hostile()], ids=["school", "hostile"])
@pytest.mark.parametrize("width", [1280, 400])
def test_in_a_browser_nothing_runs_and_nothing_is_cut_off(browser, root, tmp_path, store, width, request):
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked, said = [], []
    page.on("request", lambda one: asked.append(one.url))
    page.on("dialog", lambda one: (said.append(one.message), one.dismiss()))
    for name, text in both(store).items():
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8", errors="replace")
        page.goto((tmp_path / f"{name}.html").as_uri())
        assert "owned" != page.title()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if "school" in request.node.name:
            (root / "tests" / "artifacts").mkdir(exist_ok=True)
            page.screenshot(path=root / "tests" / "artifacts" / f"grading_{name}_{width}.png", full_page=True)
    page.close()
    assert said == [] and len(asked) == 2
