"""What everybody's answers add up to, and safe names of files."""

import os

import pytest

from course_lib.grading.reports.marks import file_names, number, sheets, text_status, title
from tests.grading.sample_class import FakeStore, Text, handed_in


def statuses(sheet):
    return {line.exercise: line.status for line in sheet.lines}


def test_student_of_the_roster_without_a_submission_is_missing_everything_others_have():
    store = FakeStore([handed_in("ada", texts={"why": Text("Because.", 2, 2)})], ["ada", "bob"])
    ada, bob = sheets(store)
    assert statuses(ada) == {"a": "passed", "b": "failed", "why": "passed"}
    assert statuses(bob) == {"a": "missing", "b": "missing", "why": "missing"}
    assert (ada.score, bob.score, ada.max, bob.max) == (3, 0, 4, 4)
    assert ada.handed_in and not bob.handed_in


def test_without_a_roster_nobody_is_missing():
    assert [sheet.student for sheet in sheets(FakeStore([handed_in("ada")]))] == ["ada"]


def test_a_notebook_that_nobody_handed_in_is_asked_of_nobody():
    assert sheets(FakeStore([], ["ada", "bob"])) == []


def test_deleted_answer_is_missing_and_its_points_still_count():
    whole = handed_in("ada", texts={"why": Text("Because.", 2)})
    ada, bob = sheets(FakeStore([whole, handed_in("bob", ["passed"])]))
    assert statuses(bob) == {"a": "passed", "b": "missing", "why": "missing"}
    assert bob.max == ada.max == 4


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (Text("Because.", 2), "needs review"),
        (Text("Because.", 2, 2), "passed"),
        (Text("Because.", 2, 1.5), "failed"),
        (Text("Because.", 2, 0), "failed"),
        (Text(" \n", 2), "open"),
        (Text("", 2, 0), "failed"),
        (Text("So.", 0), "passed"),
    ],
)
def test_status_of_a_free_text_answer(text, status):
    assert text_status(text) == status


def test_waiting_and_unreadable():
    texts = {"why": Text("Because.", 2)}
    ada, bob, cleo = sheets(
        FakeStore(
            [
                handed_in("ada", ["tampered", "needs review"], texts=texts),
                handed_in("bob"),
                handed_in("cleo", ["missing", "missing"]),
            ]
        )
    )
    assert (ada.waiting, bob.waiting, cleo.waiting) == (3, 0, 0)
    assert not ada.unreadable and not bob.unreadable
    assert cleo.unreadable == "No cell holds this exercise."


def test_title_of_a_notebook():
    assert title("01_vanishing_gradients") == "01 · Vanishing and exploding gradients"
    assert title("77_unknown") == "77_unknown"
    assert title("a\0b") == "a\0b"


@pytest.mark.parametrize(
    ("value", "text"),
    [(4, "4"), (2.5, "2.5"), (1 / 3, "0.33"), (-0.0, "0"), (1e-9, "0"), (100.0, "100"), (1234567, "1234567")],
)
def test_number(value, text):
    assert number(value) == text


HOSTILE = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "/",
    "a/b",
    "a_b",
    "a\\b",
    "a:b",
    "CON",
    "nul.txt",
    "x" * 300,
    "é" * 300,
    "x" * 299,
    "Ada",
    "ada",
    "ADA",
    "\u00e9",
    "e\u0301",
    "a\0b",
    "a\nb",
    "\udcff",
    "\udcfe",
    " ada",
    "ada ",
    "ada.",
    "-rf",
    "<script>",
    "O'Neil",
    '"quoted"',
    "李 明",
    "🙂",
    "straße",
    "strasse",
    "~",
    "$HOME",
    "%41",
]


def test_every_name_gets_a_file_of_its_own(tmp_path):
    names = file_names(HOSTILE)
    files = [names[name] for name in HOSTILE]
    assert len({file.casefold() for file in files}) == len(HOSTILE)
    for file in files:
        assert os.path.basename(file) == file and file not in ("", ".", "..") and not file.endswith((".", " "))
        assert len(f"{file}.html".encode()) <= 255
        (tmp_path / f"{file}.html").write_text("")
    assert len(list(tmp_path.iterdir())) == len(HOSTILE)


def test_plain_name_stays_as_it_is():
    assert file_names(["Ada Lovelace", "李 明"]) == {"Ada Lovelace": "Ada Lovelace", "李 明": "李 明"}


def test_file_does_not_depend_on_who_else_is_there():
    together = file_names(["a/b", "a_b", "a:b"])
    assert all(file_names([name])[name] == file for name, file in together.items())


def test_nobody_can_take_the_file_of_another():
    taken = file_names(["a/b"])["a/b"]
    names = file_names(["a/b", taken])
    assert names["a/b"] != names[taken]
