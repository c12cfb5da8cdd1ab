"""Questions to the learner: hints in steps, quizzes as text and widget, predictions that are remembered."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from course_lib.exercises import asking, find, hint, logbook, predict, quiz
from course_lib.exercises.core import exercises, find_quiz, notebooks, quizzes

NAME = "logistic"
QUIZ = "first-quiz"


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch, tmp_path):
    monkeypatch.setattr(asking, "_asked", {})
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.jsonl"))


# hint


def test_hints_come_one_step_more_at_each_call():
    hints = find(NAME).steps
    for shown in (1, 2, 3, 3):
        text = repr(hint(NAME))
        assert [h in text for h in hints] == [i < shown for i in range(3)]
        assert ("for the next of" in text) == (shown < 3)
    assert text.splitlines()[0].startswith("Hint 1, idea: ")
    assert text.splitlines()[2].startswith("Hint 3, nearly the code: ")


def test_hints_of_one_exercise_dont_open_those_of_another():
    hint(NAME), hint(NAME)
    assert len(repr(hint("dense_backward")).splitlines()) == 2


def test_in_a_browser_hints_are_three_closed_folds():
    html = hint(NAME)._repr_html_()
    assert html.count("<details>") == 3
    assert "open>" not in html
    assert "z &lt; 0" in html
    assert f'aria-label="Hints for {NAME}"' in html


def test_hint_for_no_exercise_lists_those_there_are():
    with pytest.raises(ValueError, match="no exercise 'logistics'; there are standardize, "):
        hint("logistics")


# quiz


def test_every_quiz_has_options_with_explanations_and_one_is_right():
    names = [name for notebook in notebooks() for name in quizzes(notebook)]
    assert len(set(names)) == len(names) >= 1
    for q in map(find_quiz, names):
        assert len(q.options) >= 2
        assert q.right in range(len(q.options))
        assert len({text for text, _ in q.options}) == len({why for _, why in q.options}) == len(q.options)
        assert all(len(why) > 20 for _, why in q.options)


def test_quiz_as_text():
    q = find_quiz(QUIZ)
    text = repr(quiz(QUIZ))
    assert text.startswith(q.question)
    for i, (option, why) in enumerate(q.options, 1):
        assert f"  {i}. {option}" in text
        assert why not in text
    assert f'quiz("{QUIZ}", 1)' in text
    assert logbook.events() == []


def test_quiz_answered_as_text_explains_and_records():
    q = find_quiz(QUIZ)
    wrong = (q.right + 1) % len(q.options)
    assert repr(quiz(QUIZ, wrong + 1)).endswith(f"✗ Not quite. {q.options[wrong][1]}")
    assert repr(quiz(QUIZ, q.right + 1)).endswith(f"✓ Right. {q.options[q.right][1]}")
    assert [(e["name"], e["status"], e["value"]) for e in logbook.events()] == [
        (f"quiz {QUIZ}", "failed", wrong + 1),
        (f"quiz {QUIZ}", "passed", q.right + 1),
    ]


@pytest.mark.parametrize("answer", [0, 4, -1, "the test images", 1.5])
def test_quiz_refuses_what_is_no_option(answer):
    with pytest.raises(ValueError, match="wanted 1 to 3"):
        quiz(QUIZ, answer)
    assert logbook.events() == []


def test_quiz_as_widget_answers_at_once():
    panel = quiz(QUIZ)
    question = panel.widget()
    assert (question.answer, question.said) == (None, "")
    assert question.question == panel.quiz.question
    q = find_quiz(QUIZ)
    for i, (option, why) in enumerate(q.options):
        question.answer = i
        assert question.options[i] == f"{i + 1}. {option}"
        assert question.said == panel.feedback == f"{'✓ Right.' if i == q.right else '✗ Not quite.'} {why}"
        assert f"◉ {i + 1}. " in question.still() and question.still().count("◉") == 1
        assert f"(x) {i + 1}. " in question.words() and why in question.words()
    assert len(logbook.events()) == len(q.options)


def test_an_answered_quiz_is_shown_as_it_was_answered():
    quiz(QUIZ, 2)
    question = quiz(QUIZ).widget()
    assert question.answer == 1 and question.said == quiz(QUIZ).feedback != ""


def test_feedback_is_never_colour_alone():
    assert quiz(QUIZ, 1).feedback[0] in "✓✗"


def test_outside_of_a_notebook_questions_are_text(capsys):
    quiz(QUIZ)._ipython_display_()
    assert capsys.readouterr().out == f"{quiz(QUIZ)!r}\n"


def test_quiz_that_there_isnt():
    with pytest.raises(ValueError, match=f"no quiz 'last'; there are .*{QUIZ}"):
        quiz("last")


# predict


def depth(**changes):
    return predict("depth", "How deep?", **{"low": 1, "high": 20, "default": 5, "unit": "layers"} | changes)


def choice(**changes):
    return predict("kind", "Which?", **{"options": ["ReLU", "tanh"], "default": "tanh"} | changes)


def test_default_until_a_guess_is_made():
    for asked, default in ((depth(), 5), (choice(), "tanh")):
        assert (asked.value, asked.made) == (default, False)
    assert logbook.events() == []


@pytest.mark.parametrize(("ask", "guess"), [(depth, 7.5), (choice, "ReLU")])
def test_guess_is_remembered(ask, guess):
    ask().guess(guess)
    again = ask()
    assert (again.value, again.made) == (guess, True)


def test_guess_is_remembered_in_the_next_session():
    depth().guess(12)
    code = (
        "from course_lib.exercises import predict\n"
        "print(predict('depth', 'How deep?', low=1, high=20, default=5).value)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True
    )
    assert out.stdout == "12\n"


@pytest.mark.parametrize("remembered", [0.5, 21, None, "7", float("nan"), [7], {"a": 1}, 10**400])
def test_remembered_value_out_of_range_falls_back_to_the_default(remembered):
    logbook.record("prediction depth", "made", value=remembered)
    assert (depth().value, depth().made) == (5, False)


@pytest.mark.parametrize("remembered", ["ELU", None, 1, ["ReLU"]])
def test_remembered_option_that_is_gone_falls_back_to_the_default(remembered):
    logbook.record("prediction kind", "made", value=remembered)
    assert (choice().value, choice().made) == ("tanh", False)


@pytest.mark.parametrize(
    ("value", "allowed"), [(0.001, True), (1000.0, True), (1e-4, False), (0, False), (-1, False)]
)
def test_logarithmic_slider_has_its_ends_as_powers_of_ten(value, allowed):
    logbook.record("prediction rate", "made", value=value)
    asked = predict("rate", "Which?", low=-3, high=3, default=1.0, log=True)
    assert asked.made == allowed


@pytest.mark.parametrize(
    ("ask", "default", "wanted"),
    [
        (depth, 0, "default is 0, wanted a number from 1 to 20"),
        (depth, float("nan"), "default is nan"),
        (choice, "relu", "default is 'relu', wanted one of ReLU, tanh"),
    ],
)
def test_default_that_cannot_be_is_refused(ask, default, wanted):
    with pytest.raises(ValueError, match=wanted):
        ask(default=default)


def test_without_a_default_nothing_is_predicted_until_somebody_does():
    asked = depth(default=None)
    assert asked.value is None and not asked.made
    assert asked.against(8).alt == "How deep? You made no prediction; measured: 8 layers."


def test_with_a_seed_set_the_default_counts(monkeypatch):
    depth().guess(7)
    monkeypatch.setenv("COURSE_SEED", "3")
    assert (depth().value, depth().made) == (5, False)


@pytest.mark.parametrize(
    ("ask", "answer", "guess", "ends"),
    [
        (depth, 9.0, 9.0, (1, 20)),
        (choice, 0, "ReLU", (0, 0)),
        (lambda: depth(low=0, high=3, log=True), 100.0, 100.0, (1, 1000)),
    ],
)
def test_prediction_as_widget(ask, answer, guess, ends):
    asked = ask()
    question = asked.widget()
    assert question.answer is None and question.said == "You made no prediction yet."  # nothing anchors the learner
    assert (question.low, question.high) == ends and question.unit == "layers" * (not asked.options)
    assert str(asked.value) not in question.words().replace("( ) tanh", "")
    question.answer = answer
    assert (asked.value, asked.made) == (guess, True)
    assert logbook.value(f"prediction {asked.name}") == guess
    assert question.said == asked.said != "You made no prediction yet."
    assert ask().widget().answer == answer


def test_quiz_remembers_its_answer(monkeypatch):
    quiz("first-quiz", 1)
    assert quiz("first-quiz").answer == 1
    monkeypatch.setenv("COURSE_SEED", "3")
    assert quiz("first-quiz").answer is None


def test_prediction_as_text_and_with_numpy_numbers():
    asked = depth()
    asked.guess(np.float32(2.5))
    assert repr(asked) == "How deep? Your prediction: 2.5 layers"
    assert json.dumps(logbook.value("prediction depth")) == "2.5"


def test_prediction_against_the_result_says_both():
    asked = depth()
    assert asked.against(8).alt == "How deep? You made no prediction; measured: 8 layers."
    asked.guess(3)
    assert asked.against(8.25).alt == "How deep? Your prediction: 3 layers; measured: 8.25 layers."
    asked = choice()
    assert asked.against("ReLU").alt == "Which? You made no prediction; measured: ReLU."
    asked.guess("ReLU")
    assert asked.against("ReLU").alt == "Which? Your prediction: ReLU; as measured."


@pytest.mark.parametrize(("ask", "measured", "guess"), [(depth, 8, 5), (choice, "ReLU", "tanh")])
def test_the_default_is_never_drawn(ask, measured, guess):
    asked = ask()
    axes = asked.against(measured).axes[0]
    assert [line.get_label() for line in axes.lines if line.get_label()[0] != "_"][-1].startswith("measured")
    assert not [text for text in axes.get_legend().get_texts() if "prediction" in text.get_text()]
    points = len(axes.lines)
    asked.guess(guess)
    assert len(asked.against(measured).axes[0].lines) == points + 1


def test_names_are_unique_in_the_course():
    names = [name for notebook in notebooks() for name in exercises(notebook)]
    assert len(set(names)) == len(names)
