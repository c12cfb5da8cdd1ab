"""Canvas and Moodle get their own table back: our cells filled, every other byte as it was."""

import csv
import io

import pytest

from course_lib.grading.reports import lms
from course_lib.grading.reports.marks import sheets
from tests.grading.sample_class import CANVAS, MOODLE, NOTEBOOK, FakeStore, Text, handed_in

GERMAN = """ID;"Vollständiger Name";E-Mail-Adresse;Status;Bewertung;Bestwertung;"Bewertung kann geändert werden";"Zuletzt geändert (Bewertung)";"Feedback als Kommentar"
Teilnehmer/in101;"Ada Lovelace";ada@uni.de;"Zur Bewertung abgegeben";;"10,00";Ja;-;
Teilnehmer/in102;"Grace Hopper";grace@uni.de;"Keine Abgabe";;"10,00";Ja;-;
"""  # noqa: E501


def filled(tmp_path, fill, text, store, *args):
    path = tmp_path / "in.csv"
    path.write_bytes(text.encode())
    return fill(path, sheets(store), *args)


def cells(text, delimiter=","):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))


def differences(before, after, delimiter=","):
    rows = zip(cells(before, delimiter), cells(after, delimiter), strict=True)
    return {
        (i, j): new
        for i, (a, b) in enumerate(rows)
        for j, (old, new) in enumerate(zip(a, b, strict=True))
        if old != new
    }


def one(student="Ada Lovelace", ids=None, statuses=("passed", "failed"), **more):
    return FakeStore([handed_in(student, statuses, ids=ids or {}, **more)])


# Canvas


@pytest.mark.parametrize(
    "store",
    [one(), one("Lovelace, Ada"), one("lovelaceada"), one("ada"), one("S1"), one("somebody", {"canvas": "4711"})],
)
def test_canvas_student_is_found(tmp_path, store):
    text, problems = filled(tmp_path, lms.canvas, CANVAS, store)
    assert differences(CANVAS, text) == {(3, 5): "1"}
    assert problems == []
    assert text == CANVAS.replace('Lab 1, Mon",,7.50', 'Lab 1, Mon",1,7.50')  # every other byte


@pytest.mark.parametrize(
    "change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n"), lambda t: t.rstrip("\n")]
)
def test_canvas_keeps_mark_of_order_and_line_endings(tmp_path, change):
    text, _ = filled(tmp_path, lms.canvas, change(CANVAS), one())
    assert text == change(CANVAS.replace('Lab 1, Mon",,7.50', 'Lab 1, Mon",1,7.50'))


def test_canvas_with_semicolons_and_decimal_commas(tmp_path):
    source = f"Student;ID;SIS Login ID;Section;{NOTEBOOK} (1)\n    Points Possible;;;;2,00\nAda Lovelace;1;ada;A;\n"
    text, problems = filled(tmp_path, lms.canvas, source, one(statuses=["passed", "passed", ("c", "passed", 2)]))
    assert text == source.replace("ada;A;", "ada;A;2")
    text, _ = filled(tmp_path, lms.canvas, source, one(statuses=["passed", "failed", ("c", "passed", 2)]))
    assert text == source.replace("ada;A;", "ada;A;1,5")
    assert problems == []


def test_canvas_scales_to_points_possible(tmp_path):
    source = CANVAS.replace(",2.00,", ",100.00,")
    text, _ = filled(tmp_path, lms.canvas, source, one())
    assert differences(source, text) == {(3, 5): "50"}


@pytest.mark.parametrize(
    "header",
    [
        "01 · Vanishing and exploding gradients (7)",
        "01_vanishing_gradients",
        "01_vanishing_gradients: hand-in (7)",
        "01 Vanishing and Exploding Gradients (7)",
    ],
)
def test_canvas_column_is_found_by_name_or_title(tmp_path, header):
    source = CANVAS.replace("01_vanishing_gradients (998)", header)
    assert differences(source, filled(tmp_path, lms.canvas, source, one())[0]) == {(3, 5): "1"}


def test_canvas_without_a_column_gets_one_at_the_end(tmp_path):
    source = CANVAS.replace("01_vanishing_gradients (998)", "Essay 0 (998)")
    text, problems = filled(tmp_path, lms.canvas, source, one())
    lines, old = text.splitlines(), source.splitlines()
    assert [new.removeprefix(line) for new, line in zip(lines, old, strict=True)] == [
        ",01_vanishing_gradients",
        ",",
        ",2",
        ",1",
        ",",
        ",",
        ",",
    ]
    assert problems == []


def test_canvas_totals_of_a_group_named_like_the_notebook_are_left_alone(tmp_path):
    source = (
        CANVAS.replace("Essays Current Score", "01_vanishing_gradients Current Score")
        .replace("01_vanishing_gradients (998)", "Other (998)")
        .replace("Final Score", "01_vanishing_gradients")
    )
    text, _ = filled(tmp_path, lms.canvas, source, one())
    assert text.splitlines()[3].endswith(",75.00,75.00,1")


def test_canvas_with_two_columns_that_fit_fills_none(tmp_path):
    source = CANVAS.replace("01_vanishing_gradients (998)", "01_vanishing_gradients A (1)").replace(
        "Essay (999)", "01_vanishing_gradients B (2)"
    )
    text, problems = filled(tmp_path, lms.canvas, source, one())
    assert text == source
    assert "could all be 01_vanishing_gradients: none was filled" in problems[0]


def test_canvas_very_name_goes_before_a_longer_one(tmp_path):
    source = CANVAS.replace("Essay (999)", "01_vanishing_gradients bonus (999)")
    assert differences(source, filled(tmp_path, lms.canvas, source, one())[0]) == {(3, 5): "1"}


@pytest.mark.parametrize(
    ("header", "points"),
    [(f"{NOTEBOOK} Current Score", ""), (f"{NOTEBOOK} notes", "    Points Possible,,,(read only)\n")],
)
def test_canvas_columns_that_are_read_only_are_left_alone(tmp_path, header, points):
    source = f"Student,ID,Section,{header}\n{points}Ada Lovelace,1,A,5\n"
    assert filled(tmp_path, lms.canvas, source, one())[0].splitlines()[-1] == "Ada Lovelace,1,A,5,1"


def test_canvas_name_that_is_a_formula(tmp_path):
    text, _ = filled(tmp_path, lms.canvas, CANVAS, one("=cmd|' /C calc'!A0"))
    assert differences(CANVAS, text) == {(6, 5): "1"}
    assert '"=""=cmd|\' /C calc\'!A0""",4714' in text


@pytest.mark.parametrize("kept", ["EX", "N/A", "ex"])
def test_canvas_excused_students_stay_excused(tmp_path, kept):
    source = CANVAS.replace("Lab 1,1.00", f"Lab 1,{kept}")
    text, problems = filled(tmp_path, lms.canvas, source, one("grace"))
    assert text == source
    assert problems == [f"Canvas: 'grace' keeps {kept.upper()} for {NOTEBOOK}."]


def test_canvas_reports_who_fits_no_row_or_several(tmp_path):
    source = CANVAS + '"Lovelace, Ada",5000,s9,ada2,Lab 2,,,,\n'
    store = FakeStore([handed_in("Ada Lovelace"), handed_in("Emmy Noether"), handed_in("Mary", ids={"canvas": "9"})])
    text, problems = filled(tmp_path, lms.canvas, source, store)
    assert text == source
    assert problems == [
        f"Canvas: 'Ada Lovelace' got no mark for {NOTEBOOK}: the lines 4, 8 fit equally well.",
        f"Canvas: 'Emmy Noether' got no mark for {NOTEBOOK}: no row has that name, login or number.",
        f"Canvas: 'Mary' got no mark for {NOTEBOOK}: no row has the id 9.",
    ]


def test_canvas_leaves_those_alone_who_handed_nothing_in(tmp_path):
    store = FakeStore([handed_in("ada")], ["ada", "grace"])
    assert differences(CANVAS, filled(tmp_path, lms.canvas, CANVAS, store)[0]) == {(3, 5): "1"}


def test_canvas_with_last_and_first_names(tmp_path):
    source = f"LastName,FirstName,ID,SIS Login ID,Section,{NOTEBOOK} (1)\n Points Possible,,,,,2\nLovelace,Ada,1,x,A,\n"
    assert filled(tmp_path, lms.canvas, source, one())[0] == source.replace("x,A,", "x,A,1")


@pytest.mark.parametrize("name", ["Points Possible", "    Points Possible", '"Possible, Points Possible"'])
@pytest.mark.parametrize("first", [True, False])
def test_canvas_student_called_like_its_row_of_points_changes_nobodys(name, first, tmp_path):
    row, points = f"{name},4720,s20,eve,Lab 1,0.01,,,\n", "    Points Possible"
    source = CANVAS.replace('"Lovelace', f'{row}"Lovelace') if first else CANVAS + row
    store = FakeStore([handed_in("ada"), handed_in("eve", ids={"canvas": "4720"})])
    text, problems = filled(tmp_path, lms.canvas, source, store)
    assert text == source.replace('Lab 1, Mon",,7.50', 'Lab 1, Mon",1,7.50')  # of 2 points, as without her
    assert [problem for problem in problems if "Enter it in Canvas" in problem] == problems != []
    without = source.replace("    Points Possible,,,,,2.00,10.00,(read only),(read only)\n", "")
    assert points in source and differences(without, filled(tmp_path, lms.canvas, without, store)[0]) == {
        (next(i for i, cell in enumerate(cells(without)) if cell[0] == "Lovelace, Ada"), 5): "1"}


@pytest.mark.parametrize("ids", [{"canvas": "4721"}, {}])
def test_canvas_student_called_like_its_test_student_gets_her_own_mark_or_none(ids, tmp_path):
    source = CANVAS.replace('"=""=cmd', '"Student, Test",4721,s21,eve,Lab 1,,,,\n"=""=cmd')
    text, problems = filled(tmp_path, lms.canvas, source, FakeStore([handed_in("Student, Test", ids=ids)]))
    assert differences(source, text) == ({(6, 5): "1"} if ids else {})
    assert bool(problems) != bool(ids)


def test_canvas_student_called_like_our_name_for_another(tmp_path):
    source = CANVAS + '"Lovelace (4711), Ada",4722,s22,eve,Lab 1,,,,\n'
    store = FakeStore([handed_in("lovelaceada (4711)", ids={"canvas": "4711"}),
                       handed_in("lovelaceada (4711) (4722)", ["failed", "failed"], ids={"canvas": "4722"})])
    text, problems = filled(tmp_path, lms.canvas, source, store)
    assert (differences(source, text), problems) == ({(3, 5): "1", (7, 5): "0"}, [])


def test_one_number_under_two_names_is_one_student_and_the_newer_counts(tmp_path):
    store = FakeStore([handed_in("bob", ["failed", "failed"], ids={"canvas": "4711"}, modified=1.0),
                       handed_in("bob (4711)", ids={"canvas": "4711"}, modified=2.0)])
    text, problems = filled(tmp_path, lms.canvas, CANVAS, store)
    assert differences(CANVAS, text) == {(3, 5): "1"}
    assert problems == [f"Canvas: 'bob' got no mark for {NOTEBOOK}: 'bob (4711)' has the same number and is newer."]


def test_canvas_takes_its_own_export_only(tmp_path):
    with pytest.raises(ValueError, match="begins with the columns Identifier, Full name.*expected the gradebook"):
        filled(tmp_path, lms.canvas, MOODLE, one())


def test_canvas_several_notebooks(tmp_path):
    store = FakeStore([handed_in("ada"), handed_in("ada", notebook="00_start_here", statuses=["passed"])])
    text, _ = filled(tmp_path, lms.canvas, CANVAS, store)
    assert [row[5] for row in cells(text)[2:4]] == ["2.00", "1"]
    assert [row[9] for row in cells(text)[:4]] == ["00_start_here", "", "1", "1"]


# Moodle


@pytest.mark.parametrize("store", [one(), one("somebody", {"moodle": "101"}), one("ada@uni.edu")])
def test_moodle_grade_and_comment(tmp_path, store):
    text, problems = filled(tmp_path, lms.moodle, MOODLE, store)
    assert differences(MOODLE, text) == {(1, 4): "50", (1, 9): "1 of 2 points. a: passed, 1 of 1; b: failed, 0 of 1."}
    assert problems == []
    assert [line for line in text.splitlines() if "101" not in line] == [
        line for line in MOODLE.splitlines() if "101" not in line
    ]


def test_moodle_in_german(tmp_path):
    text, problems = filled(tmp_path, lms.moodle, GERMAN, one(statuses=["passed", "failed", ("c", "passed", 2)]))
    assert differences(GERMAN, text, ";")[1, 4] == "7,5"
    assert problems == []


def test_moodle_in_an_unknown_language(tmp_path):
    source = GERMAN.replace("Bestwertung", "Parim hinne").replace("Feedback als Kommentar", "Tagasiside")
    text, problems = filled(tmp_path, lms.moodle, source, one())
    assert differences(source, text, ";") == {(1, 4): "5"}
    assert problems == ["Moodle: the sheet has no column for feedback comments, so only grades were filled in."]


def test_moodle_comment_is_html_and_says_what_waits(tmp_path):
    store = one(statuses=[("<b>", "passed", 1)], texts={"why": Text("x", 1)})
    text, _ = filled(tmp_path, lms.moodle, MOODLE, store)
    assert differences(MOODLE, text)[1, 9] == (
        "1 of 2 points. &lt;b&gt;: passed, 1 of 1; why: needs review, 0 of 1; "
        "what waits for a person counts as shown so far."
    )


def test_moodle_wants_to_know_which_notebook(tmp_path):
    store = FakeStore([handed_in("Ada Lovelace"), handed_in("Grace Hopper", notebook="00_start_here")])
    with pytest.raises(
        ValueError, match='hold 2 notebooks \\(00_start_here, 01_vanishing_gradients\\). .* such as "01"'
    ):
        filled(tmp_path, lms.moodle, MOODLE, store)
    with pytest.raises(ValueError, match="'07' names none"):
        filled(tmp_path, lms.moodle, MOODLE, store, "07")
    for name in ("00", "00_start_here"):
        assert set(differences(MOODLE, filled(tmp_path, lms.moodle, MOODLE, store, name)[0])) == {(2, 4), (2, 9)}


def test_moodle_reports_who_has_no_row(tmp_path):
    text, problems = filled(tmp_path, lms.moodle, MOODLE, one("Mary", {"moodle": "999"}))
    assert text == MOODLE
    assert problems == ["Moodle: 'Mary' got no mark: no row has the id 999."]


@pytest.mark.parametrize(
    "text",
    [
        CANVAS,
        MOODLE.replace("Maximum Grade", "Scale").replace("100.00", "good bad"),
        MOODLE.replace("Participant 102", "Grace"),
    ],
)
def test_moodle_takes_its_own_worksheet_only(tmp_path, text):
    with pytest.raises(ValueError, match="expected the grading worksheet of a Moodle assignment that gives points"):
        filled(tmp_path, lms.moodle, text, one())


def test_moodle_never_exceeds_the_maximum(tmp_path):
    store = one(statuses=[("a", "passed", 0.1)] * 1 + [("b", "passed", 0.2)])
    assert differences(MOODLE, filled(tmp_path, lms.moodle, MOODLE, store)[0])[1, 4] == "100"
