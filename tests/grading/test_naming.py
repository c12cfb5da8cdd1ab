"""Nobody has another's name, whatever he calls himself."""

from course_lib.grading.handed_in.intake import Found
from course_lib.grading.handed_in.naming import named
from course_lib.grading.handed_in.rosters import Roster
from tests.grading.classes import FIRST, SECOND


def label(*students, roster=None, problems=None):
    """Return the names of students: (name, LMS, number, notebook), the last three if there are any."""
    found = []
    for i, (name, *ids) in enumerate(students):
        lms, number, notebook = [*ids, None, None, None][:3]
        found.append((Found(name, notebook or SECOND, f"{i}", 0.0, ((lms, number),) if lms else ()), (True, i)))
    return [each.student for each, _ in named(found, roster, [] if problems is None else problems)]


def test_names_that_nobody_shares_stay():
    assert label(("ada",), ("bob", "canvas", "1"), ("bob", "canvas", "1", FIRST), ("Carl", "moodle", "2"),
                 ("Carl", "moodle", "3", FIRST)) == ["ada", "bob", "bob", "Carl", "Carl"]


def test_students_of_one_name_get_their_numbers():
    problems = []
    assert label(("bob", "canvas", "1"), ("bob", "canvas", "2"), problems=problems) == ["bob (1)", "bob (2)"]
    assert [reason for _, reason in problems] == [
        f"there are several students bob: this one is told by {i}" for i in (1, 2)]


def test_a_name_like_the_one_we_give_gets_a_number_of_its_own():
    assert label(("Bob", "moodle", "1"), ("Bob", "moodle", "2"), ("Bob (1)", "moodle", "3")) == [
        "Bob (1)", "Bob (2)", "Bob (1) (3)"]
    assert label(("Bob (1)", "moodle", "3"), ("Bob", "moodle", "1")) == ["Bob (1) (3)", "Bob"]
    assert label(("Participant 1", "moodle", "1"), ("Participant 1", "moodle", "3")) == ["Participant 1",
                                                                                         "Participant 1 (3)"]
    assert label(("anon_x1",), ("anon_x1", "canvas", "3")) == ["anon_x1", "anon_x1 (3)"]


def test_no_two_ever_get_one_name():
    names = label(("Bob (1)",), ("Bob", "moodle", "1"), ("Bob", "moodle", "2"), ("Bob (1)", "moodle", "1", FIRST))
    assert len(set(names)) == 4 and names[0] == "Bob (1)"


def test_anonymous_participants_keep_what_they_are_called():
    names = ["Participant 1", "Participant 2"]
    assert label((names[0], "moodle", "1"), (names[1], "moodle", "2")) == names


def test_whom_canvas_gives_one_number_has_one_name():
    assert label(("bob", "canvas", "1"), ("bobby", "canvas", "1", FIRST)) == ["bobby", "bobby"]


def test_a_number_on_the_roster_decides():
    roster = Roster(("King, Ada", "Eve"), {"kingada": "King, Ada", "eve": "Eve"}, {"1": "King, Ada", "2": "Eve"})
    assert label(("kingada", "canvas", "1"), ("kingada", "canvas", "2"), ("kingada", "canvas", "3"), roster=roster) == [
        "King, Ada", "Eve", "King, Ada (3)"]
