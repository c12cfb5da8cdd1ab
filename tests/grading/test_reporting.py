"""The files of a folder of grades: complete, repeatable, safe to open, whole at any moment."""

import csv
import io
import json
import os

import pytest

from course_lib.grading.nbgrader_course import gradebook
from course_lib.grading.records import Submission
from course_lib.grading.reports import reporting
from course_lib.grading.reports.marks import sheets
from course_lib.grading.store import Store, StoreError, Text
from tests.grading.sample_class import CANVAS, MOODLE, NOTEBOOK, SECRET, FakeStore, handed_in, result, school


def rows(folder):
    text = (folder / "grades.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_one_row_for_each_exercise_and_answer(tmp_path):
    store = FakeStore(
        [handed_in("ada", texts={"why": Text("So.", 2, 1.5)}), handed_in("bob", texts={"why": Text("x", 2)})],
        ["ada", "bob", "cleo"],
    )
    reporting.publish(store, tmp_path)
    assert [tuple(row.values()) for row in rows(tmp_path)] == [
        ("ada", NOTEBOOK, "a", "1", "1", "passed", "0"),
        ("ada", NOTEBOOK, "b", "0", "1", "failed", "0"),
        ("ada", NOTEBOOK, "why", "1.5", "2", "failed", "0"),
        ("bob", NOTEBOOK, "a", "1", "1", "passed", "0"),
        ("bob", NOTEBOOK, "b", "0", "1", "failed", "0"),
        ("bob", NOTEBOOK, "why", "0", "2", "needs review", "0"),
        ("cleo", NOTEBOOK, "a", "0", "1", "missing", "0"),
        ("cleo", NOTEBOOK, "b", "0", "1", "missing", "0"),
        ("cleo", NOTEBOOK, "why", "0", "2", "missing", "0"),
    ]


def test_table_begins_as_excel_and_pandas_want_it(tmp_path):
    reporting.publish(FakeStore([handed_in('Gauß, "Carl"\nFriedrich')]), tmp_path)
    data = (tmp_path / "grades.csv").read_bytes()
    assert data.startswith(b'\xef\xbb\xbf"student","notebook","exercise","score","max","status","time"\n')
    assert rows(tmp_path)[0]["student"] == 'Gauß, "Carl"\nFriedrich'


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1+1", "|cmd", "'=1", "''-x", "\r=1"]
)
def test_no_name_is_a_formula_and_each_comes_back(name):
    safe = reporting.harmless(name)
    assert safe == "'" + name


@pytest.mark.parametrize("name", ["Ada", "O'Neil", "'Ada'", "Ada =1", "1-2", "", "'"])
def test_other_names_stay_as_they_are(name):
    assert reporting.harmless(name) == name


@pytest.mark.parametrize("name", ["Ada", "x;=1+1", "x\t=1+1", 'x",=1+1,"', "x\n=1+1", ""])
def test_every_field_is_quoted_so_that_no_name_ends_one(name, tmp_path):
    reporting.publish(FakeStore([handed_in(name)]), tmp_path)
    text = (tmp_path / "grades.csv").read_text(encoding="utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline="")):
        line = ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n"
        assert text.startswith(line)
        text = text.removeprefix(line)
    assert text == ""


def test_formulas_are_harmless_in_every_column(tmp_path):
    store = FakeStore([handed_in("=1+1", [("=2", "passed", 1)], notebook="-nb", texts={"@x": Text("=3", 1, 1)})])
    reporting.publish(store, tmp_path)
    assert [tuple(row.values())[:3] for row in rows(tmp_path)] == [("'=1+1", "'-nb", "'=2"), ("'=1+1", "'-nb", "'@x")]


def test_all_files_are_there(tmp_path):
    (tmp_path / "c.csv").write_text(CANVAS)
    (tmp_path / "m.csv").write_text(MOODLE)
    store = FakeStore([handed_in("Ada Lovelace")], ["Ada Lovelace", "bob"], [("x.docx", "no notebook")])
    out = tmp_path / "grades"
    written = reporting.publish(store, out, canvas=tmp_path / "c.csv", moodle=tmp_path / "m.csv")
    assert sorted(path.relative_to(out).as_posix() for path in written) == [
        "canvas.csv",
        "feedback/Ada Lovelace.html",
        "feedback/bob.html",
        "grades.csv",
        f"json/Ada Lovelace/{NOTEBOOK}.json",
        "moodle.csv",
        "statistics.html",
    ]
    assert set(contents(out)) == {path.relative_to(out) for path in written}
    assert written.problems == []
    assert (out / "canvas.csv").read_text() == CANVAS.replace('Lab 1, Mon",,7.50', 'Lab 1, Mon",1,7.50')


def test_who_is_not_in_the_table_of_the_lms_is_said(tmp_path):
    (tmp_path / "c.csv").write_text(CANVAS)
    written = reporting.publish(FakeStore([handed_in("Emmy")]), tmp_path / "grades", canvas=tmp_path / "c.csv")
    assert written.problems == [f"Canvas: 'Emmy' got no mark for {NOTEBOOK}: no row has that name, login or number."]
    assert "got no mark for" in (tmp_path / "grades" / "statistics.html").read_text(encoding="utf-8")


def test_json_of_a_submission(tmp_path):
    store = FakeStore(
        [
            handed_in(
                "ada",
                texts={"why": Text("So.", 2, 1.5, "Good."), "how": Text("x", 1)},
                ids={"canvas": "7"},
                notes=("two cells",),
            )
        ]
    )
    reporting.publish(store, tmp_path)
    found = json.loads((tmp_path / "json" / "ada" / f"{NOTEBOOK}.json").read_text(encoding="utf-8"))
    assert (found["schema"], found["student"], found["ids"], found["notes"]) == (
        1,
        "ada",
        {"canvas": "7"},
        ["two cells"],
    )
    assert (found["score"], found["max"], found["waiting"]) == (2.5, 5, 1)
    assert found["modified"] == "2026-11-18T11:06:40+00:00"
    assert [(e["exercise"], e["status"], e["score"]) for e in found["exercises"]] == [
        ("a", "passed", 1),
        ("b", "failed", 0),
    ]
    assert SECRET in found["exercises"][1]["detail"]
    assert [(t["grade_id"], t["score"], t["comment"]) for t in found["texts"]] == [
        ("why", 1.5, "Good."),
        ("how", None, ""),
    ]
    for name in found:
        assert f'"{name}"' in reporting.as_json.__doc__


def test_details_are_in_the_instructors_files_only(tmp_path):
    reporting.publish(school(), tmp_path)
    holding = {path.parts[0] for path, data in contents(tmp_path).items() if b"SENTINEL" in data}
    assert holding == {"json", "statistics.html"}


def test_second_run_writes_the_same_and_touches_nothing(tmp_path):
    reporting.publish(school(), tmp_path)
    before = contents(tmp_path)
    for path in before:
        os.utime(tmp_path / path, (1, 1))
    reporting.publish(school(), tmp_path)
    assert contents(tmp_path) == before
    assert all((tmp_path / path).stat().st_mtime == 1 for path in before)


def test_changed_mark_is_written_again(tmp_path):
    reporting.publish(FakeStore([handed_in("ada"), handed_in("bob")]), tmp_path)
    before = contents(tmp_path)
    reporting.publish(FakeStore([handed_in("ada", ["passed", "passed"]), handed_in("bob")]), tmp_path)
    changed = {path.as_posix() for path, data in contents(tmp_path).items() if data != before[path]}
    assert changed == {"grades.csv", "statistics.html", "feedback/ada.html", f"json/ada/{NOTEBOOK}.json"}


def test_file_is_replaced_in_one_step(tmp_path, monkeypatch):
    reporting.publish(FakeStore([handed_in("ada")]), tmp_path)
    before = contents(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="can't be written: No space left on device. What was there before"):
        reporting.publish(FakeStore([handed_in("ada", ["open"])]), tmp_path)
    assert contents(tmp_path) == before


def test_wrong_table_of_an_lms_writes_nothing(tmp_path):
    (tmp_path / "c.csv").write_text(MOODLE)
    with pytest.raises(ValueError, match="expected the gradebook that Canvas exports"):
        reporting.publish(FakeStore([handed_in("ada")]), tmp_path / "grades", canvas=tmp_path / "c.csv")
    assert not (tmp_path / "grades").exists()


def test_hostile_names_stay_inside_the_folder(tmp_path):
    names = ["../../evil", "..", "/etc/passwd", "a/b", "a_b", "Ada", "ada", "x" * 300, "\udcff", "CON", ""]
    out = tmp_path / "deep" / "grades"
    reporting.publish(FakeStore([handed_in(name) for name in names]), out)
    assert len(list((out / "feedback").iterdir())) == len(list((out / "json").iterdir())) == len(names)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and out not in path.parents] == []


def test_folder_without_grades_is_said(tmp_path):
    with pytest.raises(StoreError, match="There are no marks in .* comes first"):
        reporting.write(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def grades(tmp_path):
    """A folder of grades with a real store: ada handed in, bob did not."""
    folder = tmp_path / "grades"
    with Store(folder) as store:
        store.begin("submissions", [("x.docx", "no notebook")], ["ada", "bob"])
        submission = Submission("ada", NOTEBOOK, "submissions/ada/1.ipynb", 1.8e9, b"{}", (("canvas", "4711"),))
        store.add(submission, ["two cells"], {"why": ("So.", 2)}, [result("a", "passed"), result("b", "open")], "key")
    return folder


def test_from_a_real_store(grades, tmp_path):
    (tmp_path / "c.csv").write_text(CANVAS)
    written = reporting.write(grades, canvas=tmp_path / "c.csv")
    assert [(row["student"], row["exercise"], row["status"]) for row in rows(grades)] == [
        ("ada", "a", "passed"), ("ada", "b", "open"), ("ada", "why", "needs review"),
        ("bob", "a", "missing"), ("bob", "b", "missing"), ("bob", "why", "missing")]
    assert "no notebook" in (grades / "statistics.html").read_text(encoding="utf-8")
    assert written.problems == []
    assert (grades / "canvas.csv").read_text() == CANVAS.replace('Mon",,7.50', 'Mon",0.5,7.50')


def test_marks_from_nbgrader_are_read_before_and_ours_written_after(grades, tmp_path, monkeypatch):
    done = []

    def read_marks(store, course):
        done.append("read")
        assert course == tmp_path / "course" and not (grades / "grades.csv").exists()
        store.set_manual("ada", NOTEBOOK, "why", 1.5, "Nearly.")
        return ["one mark has no place"]

    def write(store, course):
        done.append("write")
        assert "1.5" in (grades / "grades.csv").read_text(encoding="utf-8-sig")
        return ["one notebook is gone"]

    monkeypatch.setattr(gradebook, "read_marks", read_marks)
    monkeypatch.setattr(gradebook, "write", write)
    written = reporting.write(grades, nbgrader=tmp_path / "course")
    assert done == ["read", "write"]
    assert rows(grades)[2]["score"] == "1.5"
    assert "Nearly." in (grades / "feedback" / "ada.html").read_text(encoding="utf-8")
    assert written.problems == ["nbgrader: one mark has no place", "nbgrader: one notebook is gone"]


def test_empty_store_gives_a_header_and_a_page(tmp_path):
    written = reporting.publish(FakeStore(), tmp_path)
    assert [path.name for path in written] == ["grades.csv", "statistics.html"]
    assert rows(tmp_path) == []


def test_whole_class_is_in_the_table(tmp_path):
    store = school(60)
    reporting.publish(store, tmp_path)
    assert len(rows(tmp_path)) == sum(len(sheet.lines) for sheet in sheets(store))
    assert {row["student"] for row in rows(tmp_path)} == set(store.roster)
