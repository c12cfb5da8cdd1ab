"""What a class's sheets say together."""

import pytest

from course_lib.grading.reports.marks import sheets
from course_lib.grading.reports.statistics import alike, histogram, summary
from tests.grading.sample_class import FakeStore, Text, handed_in, result, school


def counts(scores, most):
    return {bar["low"]: bar["count"] for bar in histogram(scores, most)["bars"]}


@pytest.mark.parametrize(
    ("scores", "most", "wanted"),
    [
        ([0, 0.5, 1, 2, 3], 3, {"0": 2, "1": 1, "2": 1, "3": 1}),
        ([2.999, 3], 3, {"0": 0, "1": 0, "2": 1, "3": 1}),
        ([1], 1, {"0": 0, "1": 1}),
        ([0], 0, {"0": 1}),
        ([], 2, {"0": 0, "1": 0, "2": 0}),
        ([2.5, 9], 2.5, {"0": 0, "1": 0, "2": 2}),
        ([30, 29, 0], 30, {"0": 1} | {str(i): 0 for i in range(2, 28, 2)} | {"28": 1, "30": 1}),
    ],
)
def test_histogram_counts_everybody_once(scores, most, wanted):
    assert counts(scores, most) == wanted


def test_histogram_is_drawn_to_scale_and_said_in_words():
    found = histogram([0, 2, 2, 2], 2)
    low, none, high = (bar["height"] for bar in found["bars"])
    assert (none, high) == (0, pytest.approx(3 * low, abs=0.2))
    assert all(bar["y"] + bar["height"] == pytest.approx(found["baseline"]) for bar in found["bars"])
    assert found["words"] == "Students by points, in steps of 1: 1 from 0, 3 from 2, of 2."


def test_histogram_of_many_points_stays_readable():
    assert len(histogram([0], 1000)["bars"]) <= 16


def test_hardest_exercise_comes_first():
    store = FakeStore(
        [
            handed_in("ada", ["passed", "failed", "passed"], texts={"why": Text("x", 2, 1)}),
            handed_in("bob", ["passed", "passed", "open"], texts={"why": Text("y", 2)}),
            handed_in("cleo", ["passed", "failed", "passed"], texts={"why": Text("", 2)}),
        ]
    )
    found = summary(sheets(store))["notebooks"][0]["exercises"]
    assert [(e["name"], e["full"], e["marked"]) for e in found] == [
        ("why", 0, 2),
        ("b", 1, 3),
        ("c", 2, 3),
        ("a", 3, 3),
    ]
    assert dict(found[1]["statuses"]) == {"failed": 2, "passed": 1}
    assert found[0]["mean"] == 0.5


def test_exercise_that_nobody_marked_comes_last():
    store = FakeStore([handed_in("ada", ["failed"], texts={"why": Text("x", 2)})])
    assert [e["name"] for e in summary(sheets(store))["notebooks"][0]["exercises"]] == ["a", "why"]


def test_marks_are_of_those_who_handed_in():
    store = FakeStore([handed_in("ada", ["passed"] * 4), handed_in("bob", ["failed"] * 4)], ["ada", "bob", "cleo"])
    found = summary(sheets(store))
    notebook = found["notebooks"][0]
    assert notebook["marks"] == {"mean": 2, "median": 2, "lowest": 0, "highest": 4}
    assert (notebook["handed_in"], notebook["absent"]) == (2, ["cleo"])
    assert (found["students"], found["handed_in"]) == (3, 2)


def test_most_frequent_mistake_comes_first():
    rows = [("ada", "The root is missing."), ("bob", "It is mirrored."), ("cleo", "The root is missing."), ("dan", "")]
    store = FakeStore([handed_in(name, [("a", "failed", 1)]) for name, _ in rows])
    for graded, (_, hint) in zip(store.submissions(), rows, strict=True):
        object.__setattr__(graded, "results", (result("a", "failed", hint=hint),))
    assert summary(sheets(store))["notebooks"][0]["mistakes"] == [
        (2, "a", "The root is missing."),
        (1, "a", "It is mirrored."),
    ]


def test_two_mistakes_of_one_answer_count_each():
    rows = [("ada", "The root is missing.\nIt is mirrored."), ("bob", "It is mirrored.")]
    store = FakeStore([handed_in(name, [("a", "failed", 1)]) for name, _ in rows])
    for graded, (_, hint) in zip(store.submissions(), rows, strict=True):
        object.__setattr__(graded, "results", (result("a", "failed", hint=hint),))
    assert summary(sheets(store))["notebooks"][0]["mistakes"] == [
        (2, "a", "It is mirrored."),
        (1, "a", "The root is missing."),
    ]


def prints(**answers):
    """A store in which each student's exercises have these fingerprints: ``ada="x y"``."""
    store = FakeStore([handed_in(name) for name in answers])
    for graded in store.submissions():
        marks = answers[graded.student].split(",")
        results = tuple(result(chr(97 + i), "passed", fingerprint=mark) for i, mark in enumerate(marks))
        object.__setattr__(graded, "results", results)
    return sheets(store)


def groups(found):
    return [(group["students"], [name for name, _ in group["exercises"]]) for group in found["groups"]]


def test_identical_answers_group_students_the_most_telling_first():
    rest = {f"s{i}": f"{i},{i},{i}" for i in range(20)}
    found = alike(
        prints(yan="x,y,z", zoe="x,y,z", cleo="p,1x,q", dan="p,2x,r", ada="m,n,t", bob="m,n,u", eve="m,n,v", **rest)
    )
    assert groups(found) == [
        (("yan", "zoe"), ["a", "b", "c"]),
        (("cleo", "dan"), ["a"]),
        (("ada", "bob", "eve"), ["a", "b"]),
    ]
    assert found["common"] == []


def test_answer_of_half_the_class_says_little():
    found = alike(prints(**{f"s{i}": "same" if i < 6 else str(i) for i in range(12)}))
    assert found == {"groups": [], "common": [("a", 6, 12)]}


def test_short_answers_say_nothing():
    assert alike(prints(ada=",", bob=",")) == {"groups": [], "common": []}


def test_two_of_two_are_still_shown():
    assert groups(alike(prints(ada="x", bob="x"))) == [(("ada", "bob"), ["a"])]


def test_gravest_come_first_and_free_texts_are_only_counted():
    store = FakeStore(
        [handed_in("ada", ["died", "needs review"], texts={"why": Text("x", 1)}), handed_in("bob", ["tampered"])]
    )
    found = summary(sheets(store), [("b", "later"), ("a", "sooner")])
    assert [(row[0], row[3]) for row in found["look"]] == [
        ("bob", "tampered"),
        ("ada", "needs review"),
        ("ada", "died"),
    ]
    assert found["waiting"] == 4
    assert found["problems"] == [("a", "sooner"), ("b", "later")]


def test_unreadable_files_are_listed_with_their_reason():
    found = summary(sheets(school()))
    assert [(row[0], row[3]) for row in found["unreadable"]] == [
        ("Łukasz Zaręba", "The file is no notebook: it ends in the middle of a cell.")
    ]


def test_empty_class():
    assert summary([]) == {
        "students": 0,
        "handed_in": 0,
        "waiting": 0,
        "look": [],
        "unreadable": [],
        "problems": [],
        "notebooks": [],
    }
