"""What widgets share: their still in the saved notebook, and that they answer."""

import asyncio
import re

import ipywidgets
import pytest

from course_lib.views import kept
from course_lib.views.question import Question
from course_lib.widgets.pixels import pixels_explorer
from course_lib.widgets.race import race_explorer
from course_lib.widgets.shell.explorer import buttons

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def outputs(monkeypatch):
    """What is displayed: a list of (bundle, display id), an update with True at its end."""
    shown = []
    monkeypatch.setattr(kept, "display", lambda data, raw, display_id=None: shown.append((data, display_id)))
    monkeypatch.setattr(kept, "update_display", lambda data, raw, display_id: shown.append((data, display_id, True)))
    return shown


def test_what_is_shown_leaves_its_still_behind(outputs):
    explorer = pixels_explorer()
    explorer._ipython_display_()
    (widget, _), (still, place) = outputs
    assert widget[VIEW]["model_id"] == explorer.model_id and set(still) == {"text/html", "text/plain"}
    assert explorer.view in explorer._dom_classes and place == explorer.view
    assert widget["text/plain"] == still["text/plain"] == explorer.words()
    assert f'class="course-still still-{explorer.view}"' in still["text/html"]
    assert f"body:has(.{explorer.view}) .still-{explorer.view}" in still["text/html"]


def test_the_still_has_settings_headline_and_picture():
    explorer = race_explorer()
    explorer.controls["rate"].value = 10**-1.5
    explorer.controls["surface"].value = "bowl"
    html = explorer.still()
    assert "Surface bowl · Rate 0.032 · β 0.90 · " in html
    assert all(f"{label}: <strong>{value}</strong>" in html for label, value, _ in explorer.picture.headline)
    assert 'src="data:image/png;base64,' in html and re.search(r'<img alt="[^"]{50,}"', html)
    assert explorer.words() == f"{explorer.settings()}\n{explorer.picture.text}"


def test_of_buttons_the_pressed_one_is_said():
    explorer = pixels_explorer()
    explorer.controls = {"way": buttons("Way", "backwards", ["forwards", "backwards"], "")}
    assert explorer.settings() == "Way backwards"


def test_a_change_renews_the_still(outputs):
    explorer = pixels_explorer()
    explorer.controls["mean"].value = 5
    assert outputs == []  # nothing is shown yet
    explorer._ipython_display_()
    explorer.controls["mean"].value = 33
    data, place, updated = outputs[-1]
    assert "Mean 33" in data["text/html"] and place == explorer.view and updated and len(outputs) == 3


def test_in_a_kernel_it_is_renewed_once_it_is_quiet(outputs, monkeypatch):
    monkeypatch.setattr(kept, "QUIET", 0.05)
    question = Question(question="Which?", options=["a", "b"])

    async def answer():
        question._ipython_display_()
        for place in (0, 1):
            question.answer = place
            question.said = f"option {place}"
        assert len(outputs) == 2
        await asyncio.sleep(0.2)

    asyncio.run(answer())
    assert len(outputs) == 3 and "◉ b" in outputs[-1][0]["text/html"] and "option 1" in outputs[-1][0]["text/html"]


def test_what_learners_and_authors_write_is_no_html():
    question = Question(question="a < b?", options=["<b>"], said="x & y")
    assert "<b>" not in question.still() and "a &lt; b?" in question.still() and "x &amp; y" in question.still()


@pytest.mark.parametrize("make", [lambda: Question(question="Who?"), lambda: pixels_explorer().canvas])
def test_asked_whether_anybody_is_there_it_answers(make, monkeypatch):
    widget, sent = make(), []
    monkeypatch.setattr(widget, "send", sent.append)
    widget._handle_custom_msg({"anybody": "there"}, [])
    assert sent == [{"here": True}]
    assert "function answering" in widget._esm and isinstance(widget, ipywidgets.DOMWidget)
