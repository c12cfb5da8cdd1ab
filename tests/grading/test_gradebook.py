"""nbgrader's gradebook and notebooks as we write them; what a person gave there is never lost."""

import html
import json
import re
import shutil
import sqlite3
import sys
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest

from course_lib.delivery import building
from course_lib.grading.handed_in import lifting
from course_lib.grading.nbgrader_course import gradebook
from course_lib.grading.nbgrader_course.autograded import GONE, RESTORED, annotated, master
from course_lib.grading.nbgrader_course.coursefolder import SETTINGS, handed_in, names, opened, student_id
from course_lib.grading.nbgrader_course.harmless import as_typed, safe_markdown, safe_outputs
from course_lib.grading.records import Result, Submission
from course_lib.grading.store import Graded, Store, Text
from tests.grading import classroom
from tests.grading.classroom import ANSWER, HOSTILE, MOST, NOTEBOOK, STUDENTS

ADA, ZOE, JOSE, LI = STUDENTS


# What students are called


@pytest.mark.parametrize("name", ["ada", "s1234567", "a-b_c", "0042"])
def test_a_plain_name_is_its_own_id(name):
    assert student_id(name) == name


DIFFICULT = ["Ada", "ADA", "ada ", "Zoë", "Zoe\u0308", "zoe", "O'Brien", "OBrien", 'a"b', "a/b", "a\\b", "..", ".", "",
             " ", "-a", "+a", "a*", "a?", "[a]", "{a}", "%41", "a#b", "李雷", "x" * 300, "X" * 300, "\udce4", "a\nb",
             "con", student_id("Ada"), student_id(student_id("Ada")), "student"]


def test_ids_are_safe_and_no_two_names_share_one_on_any_disk():
    found = [student_id(name) for name in DIFFICULT]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", identity) for identity in found), found
    assert len(set(found)) == len(DIFFICULT)
    assert found == [student_id(name) for name in DIFFICULT]


@pytest.mark.parametrize("student, first, last", [
    ("Ada Lovelace", "Ada", "Lovelace"), ("Lovelace, Ada", "Ada", "Lovelace"), ("ada", "", "ada"),
    ("Zoë van O'Brien", "Zoë van", "O'Brien"), ('Lovelace, "Lord", Jr', "”Lord” Jr", "Lovelace"),
    ("=cmd() <b>x</b>", "cmd()", "‹b›x‹/b›"), ("a\nb", "", "a b"),
])
def test_names_are_what_nbgraders_pages_and_csv_can_take(student, first, last):
    assert names(student) == (first, last)


def test_a_student_without_letters_is_called_by_the_id():
    assert names("=,") == ("", student_id("=,"))


# What a browser would run


@pytest.mark.parametrize("text", [
    "**bold** $a < b$ and $$x &= y$$", "[paper](https://example.org/a?b=c&d)", "# Title\n\n1. one\n2. two\n\n- [ ] box",
    "|a|b|\n|:--|--:|\n|1|2|", "`a < b`", "[next](02_weights.ipynb)", "[all](00_start_here.ipynb#The-course)",
    "mail [me](mailto:a@example.org)", "",
])
def test_plain_markdown_stays_as_it_is(text):
    assert safe_markdown(text) == text


@pytest.mark.parametrize("text", [
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java&#115;cript&colon;alert(1))", "[x](/logout)",
    "[x]: javascript:alert(1)\n\n[x]", "![x](https://example.org/pixel.png)", "![x](attachment:none.png)",
    "[x](data:text/html;base64,AAAA)", "![x](data:image/svg+xml;base64,AAAA)", "``` fence\n[x](vbscript:1)",
])
def test_links_that_could_do_something_are_shown_as_typed(text):
    assert safe_markdown(text) == as_typed(text) or "](" not in safe_markdown(text).replace("[x](vbscript:1)", "")


@pytest.mark.parametrize("text", [
    HOSTILE, "<script>1</script>", "a<!--b-->", "<?php", "</div>", "<svg/onload=alert(1)>", "\\<img src=x onerror=a>",
    "```mermaid\n<img src=x onerror=alert(1)>\n```", "$<img src=x onerror=a>$", "<https://example.org>",
    "`````\n<script>1</script>", "    <script>1</script>", "<scr<script>ipt>1</script>",
])
def test_no_html_gets_through_nbgraders_renderer(text):
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    shown = MarkdownWithMath(IPythonRenderer(escape=False)).render(safe_markdown(text))
    assert not re.search(r"<(script|img|svg|div>|scr|!--|\?)", shown), shown
    assert "href=\"javascript" not in shown


def test_outputs_become_texts_and_images():
    png = "iVBORw0K\nGgo=\n"
    given = [
        {"output_type": "display_data", "data": {"text/html": HOSTILE, "text/plain": ["a", "b"]}, "metadata": {"x": 1}},
        {"output_type": "display_data", "data": {"image/png": png, "text/html": HOSTILE}},
        {"output_type": "display_data", "data": {"image/png": 'AAAA" onerror="x', "image/svg+xml": "<svg/>"}},
        {"output_type": "display_data", "data": {"application/javascript": "x"}}, {"output_type": "display_data"},
        {"output_type": "stream", "name": "elsewhere", "text": "x" * 99_999}, {"output_type": "pyout"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [HOSTILE]}]
    kept = safe_outputs(given, [])
    assert [output.get("data", output.get("text")) for output in kept] == [
        {"text/plain": "ab"}, {"image/png": png}, "x" * 10_000, "E: v"]
    assert all(output.get("metadata", {}) == {} for output in kept)
    assert len(safe_outputs([given[1]] * 99, [])) == 60


# Formulas pass through as they are, \\href{javascript:...} in them too: only MathJax's extension "Safe" refuses it


def page(template):
    """A notebook as the installed nbgrader renders it, as `formgrader.py` and `generate_feedback.py` set it up."""
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers

    static = Path(handlers.template_path).parent / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    exporter = HTMLExporter(template_name=template, extra_template_basedirs=[handlers.template_path],
                            extra_template_paths=[str(static)])
    cells = [nbformat.v4.new_markdown_cell(safe_markdown(r"$\href{javascript:window.hacked=1}{x}$"))]
    resources = {"index": 0, "total": 1, "nbgrader": {"score": 0, "max_score": 0, "late_penalty": 0}}
    return exporter.from_notebook_node(nbformat.v4.new_notebook(cells=cells), resources=resources)[0]


def risks(shown):
    """What about MathJax on a page would let formulas run code: it must be a version 2 that loads "Safe" unchanged."""
    loaded = [html.unescape(address) for address in re.findall(r'<script[^>]+src="([^"]*)"', shown)]
    mathjax = [address for address in loaded if "mathjax" in address.lower()]
    found = [] if len(mathjax) == 1 else [f"MathJax is loaded {len(mathjax)} times"]
    for address in mathjax:
        if "Safe" not in parse_qs(urlsplit(address).query).get("config", [""])[0].split(","):
            found.append(f"{address} has no Safe in its configuration")
        if not re.search(r"/mathjax/2\.\d+\.\d+/", address):
            found.append(f"{address} is no version 2, whose configuration is another")
    settings = re.findall(r"<script[^>]+x-mathjax-config[^>]*>(.*?)</script>", shown, re.DOTALL)
    return found + [f"{each!r} changes what is safe" for each in settings if re.search(r"\bsafe\b", each, re.I)]


@pytest.mark.parametrize("template", ["formgrade", "feedback"])
def test_nbgraders_pages_load_mathjax_with_its_safe_configuration(template):
    shown = page(template)
    assert "\\href{javascript:" in shown  # the day this is gone, the rest isn't needed any more
    assert risks(shown) == []
    assert [mermaid for mermaid in re.findall("mermaid", shown)] == []  # which would draw what learners write


@pytest.mark.parametrize(("old", "new", "said"), [
    (",Safe", "", "no Safe"), (",Safe", ",Unsafe", "no Safe"),
    ("mathjax/2.7.7/latest.js", "mathjax/3.2.2/x.js", "version 2"),
    ("MathJax.Hub.Config({", "MathJax.Hub.Config({Safe: {allow: {URLs: 'all'}},", "changes what is safe"),
    ("mathjax/2.7.7", "maths", "loaded 0 times"), ("<body>", '<script src="/mathjax/2.7.7/x.js"></script>', "2 times")])
def test_a_page_that_drops_it_is_seen(old, new, said):
    shown = page("formgrade")
    assert old in shown and said in str(risks(shown.replace(old, new, 1)))


def test_mathjax_is_loaded_so_by_the_exporter_itself():
    """Settings of a course could name another address; ours doesn't, and nbconvert's own has Safe."""
    from nbconvert.exporters import HTMLExporter

    assert "mathjax" not in SETTINGS.read_text(encoding="utf-8").lower()
    assert risks(f'<script src="{HTMLExporter().mathjax_url}">') == []


# The notebook that formgrader shows


def graded(data, results=(), **more):
    lifted = lifting.lift(data, NOTEBOOK) if data else lifting.Lifted(b"")
    texts = {name: Text(text, points) for name, (text, points) in lifted.texts.items()}
    return Graded(**{"student": ADA, "notebook": NOTEBOOK, "origin": "x.ipynb", "modified": 0.0, "ids": {},
                     "sha256": "0", "notes": lifted.notes, "results": tuple(results), "texts": texts} | more)


def by_name(nb):
    """The cells that nbgrader knows, by grade_id; each must be there once."""
    cells = [cell for cell in nb.cells if "nbgrader" in cell.metadata]
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)
    assert sorted(cell.metadata.nbgrader.grade_id for cell in cells) == sorted(master(NOTEBOOK))
    return {cell.metadata.nbgrader.grade_id: cell for cell in cells}


@pytest.mark.parametrize("number", range(4))
def test_every_cell_that_nbgrader_knows_is_there_once_and_valid(root, number):
    from nbgrader.nbgraderformat import MetadataValidator

    data = classroom.handed_in(root)[number]
    nb = annotated(graded(data, classroom.results(number)), data)
    nbformat.validate(nb)
    MetadataValidator().validate_nb(nb)
    for name, cell in by_name(nb).items():
        ours = master(NOTEBOOK)[name]
        assert cell.metadata.nbgrader == ours.metadata.nbgrader
        assert cell.source == ours.source or not cell.metadata.nbgrader.locked


@pytest.mark.parametrize("name", building.names())
def test_the_generated_notebooks_pass_nbgraders_validation(root, name):
    from nbgrader.nbgraderformat import read

    nb = read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    points = [cell.metadata.nbgrader.points for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert points or name == "00_start_here"


def test_answers_stand_where_the_student_has_them_and_our_check_follows(root):
    nb = annotated(graded(data := classroom.handed_in(root)[1], classroom.results(2)), data)
    names = [cell.id for cell in nb.cells]
    at = names.index("logistic")
    assert names[at:at + 3] == ["logistic", "logistic-check", "logistic-use"]
    assert nb.cells[at].source == "def logistic(z):\n    return 1 / (1 + 2.718 ** -z)"
    assert nb.cells[at + 1].source == "check(logistic)"
    assert "I deleted the check" not in json.dumps(nb) and names.count("logistic-check") == 1
    verdict = nb.cells[names.index("logistic_derivative-check")].outputs[0].data["text/plain"]
    assert verdict == "✗ failed: 0.5 of 1 points\nThe shape is right.\nHint: Is the sign right?"
    assert "got -0.25" not in json.dumps(nb)


def test_what_was_deleted_comes_at_the_end_and_order_is_the_students(root):
    nb = annotated(graded(data := classroom.handed_in(root)[2], classroom.results(1)), data)
    names = [cell.id for cell in nb.cells]
    lost = next(index for index, cell in enumerate(nb.cells) if cell.source == RESTORED)
    assert {"logistic", "logistic-check", ANSWER} <= set(names[lost:])
    assert "raise NotImplementedError" in by_name(nb)["logistic"].source


def test_two_answers_in_one_cell_are_both_shown(root):
    nb = classroom.source_notebook(root)
    both = "def logistic(z):\n    return z\n\ndef logistic_derivative(z):\n    return 1"
    classroom.cell(nb, "logistic")["source"] = both
    classroom.cell(nb, "logistic")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "once"}]
    nb["cells"].remove(classroom.cell(nb, "logistic_derivative"))
    data = json.dumps(nb).encode()
    cells = by_name(annotated(graded(data), data))
    assert cells["logistic"].source == cells["logistic_derivative"].source == both
    assert [len(cells[name].outputs) for name in ("logistic", "logistic_derivative")] == [1, 0]


def test_the_last_of_two_answers_is_the_one_that_was_graded(root):
    nb = classroom.source_notebook(root)
    classroom.cell(nb, "logistic")["source"] = "def logistic(z):\n    return 1"
    nb["cells"].append({"cell_type": "code", "id": "own", "metadata": {}, "source": "def logistic(z):\n    return 2"})
    data = json.dumps(nb).encode()
    shown = annotated(graded(data), data)
    assert by_name(shown)["logistic"].source.endswith("return 2")
    assert [cell.source for cell in shown.cells].count("def logistic(z):\n    return 1") == 1
    assert "the last one counts" in shown.cells[0].source


def test_old_formats_and_odd_cells_are_shown(root):
    cells = [{"cell_type": "code", "input": "def logistic(z):\n    return z", "outputs": "none", "metadata": None}, 7,
             None, {"cell_type": "heading", "source": ["# A", "<b>"]}, {"source": 3}]
    data = json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}, 1]}).encode()
    nb = annotated(graded(data), data)
    nbformat.validate(nb)
    assert by_name(nb)["logistic"].source == "def logistic(z):\n    return z"


@pytest.mark.parametrize("data, said", [(None, GONE), (b"no notebook", "can't be read as a notebook")])
def test_where_the_file_is_no_use_our_own_notebook_shows_the_kept_words(root, data, said):
    one = graded(None, [Result("logistic", "missing", 0, 2, "Unreadable.")], texts={ANSWER: Text("My words.", 2)})
    nb = annotated(one, data)
    assert said in nb.cells[0].source
    assert by_name(nb)[ANSWER].source == "My words."
    assert by_name(nb)["logistic-check"].outputs[0].data["text/plain"].startswith("✗ missing: 0 of 2 points")


def test_nothing_of_a_students_metadata_is_kept(root):
    data = classroom.handed_in(root)[3]
    text = json.dumps(annotated(graded(data), data))
    assert "onload" not in text and "no-such-lexer" not in text and "text/html" not in text


# The gradebook


@pytest.fixture(scope="module", autouse=True)
def alembic_is_asked_once():
    """Every new gradebook starts a command to learn its version, which takes seconds."""
    from nbgrader import api

    asked = api.get_alembic_version
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "get_alembic_version", cache(asked))
        yield asked


@pytest.fixture(scope="module")
def template(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("template")
    with classroom.a_class(folder, root) as store:
        assert gradebook.write(store, folder / "course") == []
    return folder


@pytest.fixture
def course(template, tmp_path):
    """(store, course folder) of a class that was written once; the submissions are shared, so leave them alone."""
    shutil.copytree(template / "grades", tmp_path / "grades")
    shutil.copytree(template / "course", tmp_path / "course")
    with Store(tmp_path / "grades") as store:
        yield store, tmp_path / "course"


@contextmanager
def notebook_of(folder, student):
    with opened(folder) as (book, _):
        yield book.find_submission_notebook(NOTEBOOK, NOTEBOOK, student_id(student))
        book.db.commit()


def rows(folder, student):
    """name -> (automatic score, manual score, extra credit, needs a person) of one student."""
    with notebook_of(folder, student) as notebook:
        return {grade.name: (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
                for grade in notebook.grades}


def mark(folder, student, name, score, comment=None, extra=None):
    """What formgrader's own handlers do when somebody types a score and a comment."""
    with notebook_of(folder, student) as notebook:
        grade = next(grade for grade in notebook.grades if grade.name == name)
        grade.manual_score, grade.extra_credit = score, extra
        grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
        for row in notebook.comments:
            if row.name == name and comment is not None:
                row.manual_comment = comment


def text(store, student):
    return next(one for one in store.submissions() if one.student == student).texts[ANSWER]


def test_the_gradebook_has_every_score_and_knows_what_a_person_must_mark(course):
    store, folder = course
    for one in store.submissions():
        found = rows(folder, one.student)
        for result in one.results:
            assert found[f"{result.exercise}-check"] == (result.score, None, None, False)
        answered = bool(one.texts[ANSWER].text)
        assert found[ANSWER] == (None if answered else 0.0, None, None, answered)
    with opened(folder) as (book, _):
        [assignment] = book.assignments
        assert (assignment.name, assignment.max_score) == (NOTEBOOK, MOST)
        assert {(student.id, student.first_name, student.last_name) for student in book.students} == {
            (student_id(name), *names(name)) for name in STUDENTS}


def test_a_second_call_changes_no_file_and_no_row(course):
    store, folder = course
    def state():
        files = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*")
                 if path.is_file() and path.suffix != ".db"}
        return files, list(sqlite3.connect(folder / "gradebook.db").iterdump())
    before = state()
    assert gradebook.write(store, folder) == []
    assert state() == before


def test_marks_by_hand_outlive_a_second_grading_and_show_that_they_need_a_look(course, tmp_path, root):
    store, folder = course
    mark(folder, ADA, "mend-check", 1.0, extra=0.5)
    mark(folder, ADA, ANSWER, 2.0, "Well said.")
    [ada, *_] = classroom.handed_in(root)
    last = len(classroom.EXERCISES) - 1
    classroom.submit(store, tmp_path, ADA, ada + b" ", share=last)  # another file, with the same words
    gradebook.read_marks(store, folder)
    gradebook.write(store, folder)
    found = rows(folder, ADA)
    assert found["mend-check"] == (1.0, 1.0, 0.5, True)
    assert found["logistic-check"] == (2.0, None, None, False)
    assert found[ANSWER] == (None, 2.0, None, False)
    with notebook_of(folder, ADA) as notebook:
        assert [row.comment for row in notebook.comments if row.name == ANSWER] == ["Well said."]


@pytest.mark.parametrize("status", ["tampered", "needs review", "died"])
def test_a_result_that_needs_a_look_asks_for_it_until_somebody_had_one(course, tmp_path, root, status):
    store, folder = course
    one = next(one for one in store.submissions() if one.student == ZOE)
    results = [replace(result, status=status, score=0.0) if result.exercise == "logistic" else result
               for result in one.results]
    data = classroom.handed_in(root)[1]
    lifted = lifting.lift(data, NOTEBOOK)
    store.add(Submission(ZOE, NOTEBOOK, one.origin, one.modified, data), lifted.notes, lifted.texts, results, "k")
    gradebook.write(store, folder)
    assert rows(folder, ZOE)["logistic-check"] == (0.0, None, None, True)
    with notebook_of(folder, ZOE) as notebook:  # formgrader's button Resolve
        next(grade for grade in notebook.grades if grade.name == "logistic-check").needs_manual_grade = False
    gradebook.write(store, folder)
    assert rows(folder, ZOE)["logistic-check"] == (0.0, None, None, False)


def test_marks_for_words_come_back_with_extra_credit(course):
    store, folder = course
    mark(folder, ADA, ANSWER, 1.5, "Why?", extra=0.25)
    mark(folder, LI, ANSWER, 0.0)
    assert gradebook.read_marks(store, folder) == []
    assert [(text(store, name).score, text(store, name).comment) for name in STUDENTS] == [
        (1.75, "Why?"), (None, ""), (None, ""), (0.0, "")]


def test_a_mark_for_other_words_waits_until_somebody_looked_again(course, tmp_path, root):
    store, folder = course
    mark(folder, ADA, ANSWER, 2.0, "Good.")
    gradebook.read_marks(store, folder)
    nb = classroom.source_notebook(root)
    classroom.cell(nb, ANSWER)["source"] = "Something else."
    classroom.submit(store, tmp_path, ADA, json.dumps(nb).encode(), share=0)
    for _ in range(2):
        gradebook.read_marks(store, folder)
        assert text(store, ADA) == Text("Something else.", 2, None, "")
        gradebook.write(store, folder)
        assert rows(folder, ADA)[ANSWER] == (None, 2.0, None, True)
    mark(folder, ADA, ANSWER, 1.0)
    gradebook.read_marks(store, folder)
    assert (text(store, ADA).score, text(store, ADA).comment) == (1.0, "Good.")


def test_a_mark_that_was_taken_out_again_is_gone(course):
    store, folder = course
    mark(folder, ADA, ANSWER, 2.0, "For Zoë.")
    gradebook.read_marks(store, folder)
    gradebook.write(store, folder)
    mark(folder, ADA, ANSWER, None, "")
    gradebook.read_marks(store, folder)
    assert (text(store, ADA).score, text(store, ADA).comment) == (None, "")
    gradebook.write(store, folder)
    assert rows(folder, ADA)[ANSWER] == (None, None, None, True)


def test_a_mark_taken_out_does_not_come_back_by_writing(course):
    store, folder = course
    mark(folder, ADA, ANSWER, 2.0)
    gradebook.read_marks(store, folder)
    gradebook.write(store, folder)
    mark(folder, ADA, ANSWER, None)
    gradebook.write(store, folder)
    assert rows(folder, ADA)[ANSWER] == (None, None, None, True)


def test_a_second_course_folder_that_knows_no_mark_yet_takes_none_away(course, tmp_path):
    store, folder = course
    shutil.copytree(folder, tmp_path / "second")
    mark(folder, ADA, ANSWER, 1.5, "Why?")
    gradebook.read_marks(store, folder)
    gradebook.read_marks(store, tmp_path / "second")
    assert (text(store, ADA).score, text(store, ADA).comment) == (1.5, "Why?")
    gradebook.write(store, tmp_path / "second")
    assert rows(tmp_path / "second", ADA)[ANSWER] == (None, 1.5, None, False)


@pytest.mark.parametrize("other", ["lost", "another"])
def test_marks_of_the_store_go_into_a_gradebook_without_them(course, tmp_path, other):
    store, folder = course
    mark(folder, ADA, ANSWER, 1.5, "Why?")
    gradebook.read_marks(store, folder)
    if other == "lost":
        (folder / "gradebook.db").unlink()
        for path in folder.glob("autograded/*"):
            shutil.rmtree(path)
    else:
        folder = tmp_path / "another"
    gradebook.read_marks(store, folder)
    gradebook.write(store, folder)
    assert rows(folder, ADA)[ANSWER] == (None, 1.5, None, False)
    assert (text(store, ADA).score, text(store, ADA).comment) == (1.5, "Why?")


def test_a_lost_database_alone_costs_nothing_that_was_read(course):
    store, folder = course
    mark(folder, ADA, ANSWER, 1.5, "Why?")
    gradebook.read_marks(store, folder)
    gradebook.write(store, folder)
    (folder / "gradebook.db").unlink()
    gradebook.read_marks(store, folder)
    gradebook.write(store, folder)
    assert rows(folder, ADA)[ANSWER] == (None, 1.5, None, False)
    assert (text(store, ADA).score, text(store, ADA).comment) == (1.5, "Why?")


def test_a_mark_in_place_of_an_exercises_is_said_to_stay_in_nbgrader(course):
    store, folder = course
    mark(folder, ZOE, "logistic-check", 1.0)
    [said] = gradebook.read_marks(store, folder)
    assert said.startswith(f"{ZOE}, {NOTEBOOK}: formgrader's 1 points for logistic-check count in nbgrader only")


def test_reading_from_a_folder_that_was_never_written_does_nothing(course, tmp_path):
    assert gradebook.read_marks(course[0], tmp_path / "nothing") == []
    assert not (tmp_path / "nothing").exists()


def test_names_that_were_mended_in_formgrader_stay(course):
    store, folder = course
    with opened(folder) as (book, _):
        book.update_or_create_student(ADA, first_name="Ada", last_name="King", email="ada@example.org")
    gradebook.write(store, folder)
    with opened(folder) as (book, _):
        student = book.find_student(ADA)
        assert (student.first_name, student.last_name, student.email) == ("Ada", "King", "ada@example.org")


def test_who_handed_nothing_in_is_in_the_gradebook(course):
    store, folder = course
    store.begin("class", [], roster=[*STUDENTS, "Émilie du Châtelet"])
    gradebook.write(store, folder)
    with opened(folder) as (book, _):
        assert book.find_student(student_id("Émilie du Châtelet")).first_name == "Émilie du"
        assert len(book.assignment_submissions(NOTEBOOK)) == 4


def test_an_edited_source_stays_and_an_old_build_is_renewed(course):
    store, folder = course
    source = folder / "source" / NOTEBOOK / f"{NOTEBOOK}.ipynb"
    release = folder / "release" / NOTEBOOK / f"{NOTEBOOK}.ipynb"
    edited = nbformat.read(source, as_version=4)
    edited.cells[0].source = "Mine."
    nbformat.write(edited, source)
    old = nbformat.read(release, as_version=4)
    old.cells[0].source = "Of last year."
    old.metadata["course"]["build"] = building.fingerprint(old)
    nbformat.write(old, release)
    gradebook.write(store, folder)
    assert nbformat.read(source, as_version=4).cells[0].source == "Mine."
    assert release.read_text(encoding="utf-8") == building.text_of(building.assemble(NOTEBOOK))


def test_settings_of_the_instructor_are_kept_and_followed(course):
    store, folder = course
    settings = f"c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///{folder}/marks of 2026.db'\n"
    (folder / "nbgrader_config.py").write_text(settings + "c.CourseDirectory.autograded_directory = 'graded'\n")
    gradebook.write(store, folder)
    assert (folder / "marks of 2026.db").exists()
    assert (folder / "graded" / "ada" / NOTEBOOK / f"{NOTEBOOK}.ipynb").exists()


# Files that are gone, and troubles


def test_a_file_that_is_gone_or_was_changed_is_said_and_its_marks_are_there(tmp_path, root):
    with Store(tmp_path / "grades") as store:
        data = classroom.handed_in(root)
        gone = classroom.submit(store, tmp_path, ADA, data[0], share=6)
        changed = classroom.submit(store, tmp_path, ZOE, data[1], share=2)
        gone.unlink()
        changed.write_bytes(data[2])
        said = gradebook.write(store, tmp_path / "course")
        assert sorted(sentence.split(" is gone, or was changed")[0] for sentence in said) == [str(gone), str(changed)]
        assert rows(tmp_path / "course", ADA)["logistic-check"] == (2.0, None, None, False)
        path = tmp_path / "course" / "autograded" / "ada" / NOTEBOOK / f"{NOTEBOOK}.ipynb"
        assert GONE in nbformat.read(path, as_version=4).cells[0].source
        gone.write_bytes(data[0])  # put back, as the sentence says
        assert len(gradebook.write(store, tmp_path / "course")) == 1
        assert by_name(nbformat.read(path, as_version=4))[ANSWER].source == safe_markdown(classroom.WORDS)


def test_a_notebook_that_was_written_once_stays_when_the_file_is_gone(tmp_path, root):
    with Store(tmp_path / "grades") as store:
        path = classroom.submit(store, tmp_path, ADA, classroom.handed_in(root)[0], share=6)
        gradebook.write(store, tmp_path / "course")
        path.unlink()
        mark(tmp_path / "course", ADA, ANSWER, 1.0)
        gradebook.read_marks(store, tmp_path / "course")
        assert len(gradebook.write(store, tmp_path / "course")) == 1
        shown = tmp_path / "course" / "autograded" / "ada" / NOTEBOOK / f"{NOTEBOOK}.ipynb"
        assert by_name(nbformat.read(shown, as_version=4))[ANSWER].source == safe_markdown(classroom.WORDS)


def test_files_are_read_again_from_folders_and_archives(tmp_path):
    from hashlib import sha256

    folder = tmp_path / "what! a folder"
    folder.mkdir()
    with zipfile.ZipFile(folder / "export!.zip", "w") as archive:
        for name in ("a.ipynb", "deep/b.ipynb"):
            archive.writestr(name, name)
    (folder / "c.ipynb").write_text("c.ipynb")
    origins = {f"{folder}/export!.zip!a.ipynb": b"a.ipynb", f"{folder}/export!.zip!deep/b.ipynb": b"deep/b.ipynb",
               f"{folder}/c.ipynb": b"c.ipynb",
               f"{folder}/export!.zip!gone.ipynb": None, f"{tmp_path}/no/d.ipynb": None}
    wanted = [graded(None, origin=origin, sha256=sha256(data or b"").hexdigest()) for origin, data in origins.items()]
    assert {one.origin: data for one, data in handed_in(wanted)} == origins


def test_without_nbgrader_it_says_how_to_get_it(course, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader.api", None)
    with pytest.raises(ValueError, match="nbgrader is not installed: run make instructor"):
        gradebook.write(*course)


def test_a_gradebook_in_use_is_a_sentence_and_nothing_is_lost(course):
    store, folder = course
    config = folder / "nbgrader_config.py"
    kept = config.read_text()
    config.write_text(f"{kept}\nc.CourseDirectory.db_url = f'sqlite:///{{HERE}}/gradebook.db?timeout=0'\n")
    before = rows(folder, ADA)
    other = sqlite3.connect(folder / "gradebook.db", isolation_level=None)
    other.execute("begin exclusive")
    with pytest.raises(ValueError, match="nbgrader's gradebook sqlite.* can't be used: .*locked"):
        gradebook.write(store, folder)
    other.execute("rollback")
    other.close()
    gradebook.write(store, folder)
    assert rows(folder, ADA) == before


def test_a_new_gradebook_is_whole_in_no_activated_environment(course, monkeypatch, tmp_path, alembic_is_asked_once):
    monkeypatch.setattr("nbgrader.api.get_alembic_version", alembic_is_asked_once)
    monkeypatch.setenv("PATH", str(tmp_path))
    gradebook.write(course[0], tmp_path / "new")
    [(version,)] = sqlite3.connect(tmp_path / "new" / "gradebook.db").execute("select * from alembic_version")
    assert version
