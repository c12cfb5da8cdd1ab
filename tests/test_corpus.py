"""Answers that nobody who wrote the judge had seen: right ones pass, wrong ones don't, and are told why."""

import json
from pathlib import Path

import pytest

from course_lib.exercises.core import notebooks
from course_lib.exercises.judge.checking import judge

FOLDER = Path(__file__).parent / "answers"
ANSWERS = [
    pytest.param(name, json.loads(line), id=f"{name[:2]}-{i}")
    for name in notebooks()
    for i, line in enumerate((FOLDER / f"{name[:2]}.jsonl").read_text(encoding="utf-8").splitlines())
]


def judged(notebook, answer, set_up):
    names = set_up(notebook)
    exec(answer["code"], names)
    return judge(names[answer["exercise"]], names=names)


@pytest.mark.parametrize(("notebook", "answer"), [each for each in ANSWERS if each.values[1]["kind"] == "right"])
def test_right_answer_passes(notebook, answer, set_up):
    report = judged(notebook, answer, set_up)
    assert report.status == "passed", f"{answer['why']}\n{report}"


@pytest.mark.parametrize(("notebook", "answer"), [each for each in ANSWERS if each.values[1]["kind"] == "wrong"])
def test_wrong_answer_fails_and_is_told_why(notebook, answer, set_up):
    report = judged(notebook, answer, set_up)
    assert report.status in ("failed", "error", "timeout"), answer["why"]
    if answer["says"]:
        assert answer["says"] in str(report), f"{answer['why']}\n{report}"


def test_nine_of_ten_wrong_answers_are_told_why():
    wrong = [each.values[1] for each in ANSWERS if each.values[1]["kind"] == "wrong"]
    told = [answer for answer in wrong if answer["says"]]
    assert len(told) >= 0.9 * len(wrong)
