"""What was handed in is found in every layout, whoever's it is, and nothing else is taken."""

import os
import socket
import subprocess
import tracemalloc
import unicodedata
import zipfile

import pytest

from course_lib.grading.handed_in import finding, intake, lifting
from course_lib.grading.handed_in.intake import NothingFound, take_in
from course_lib.grading.handed_in.rosters import read_roster
from tests.grading.classes import FIRST, SECOND, identify, notebook, real_notebook, zipped
from tests.grading.sample_class import CANVAS as CANVAS_GRADEBOOK

ONE = notebook()
FILE = f"{SECOND}.ipynb"


def write(folder, files):
    for i, (name, data) in enumerate(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1000 + i, 1000 + i))
    return folder


def students(found):
    return sorted({(each.student, each.notebook, each.ids) for each in found.found})


def taken(path, **options):
    return take_in(path, identify=identify, **options)


def reasons(found):
    return {origin.split("/")[-1].split("!")[-1]: reason for origin, reason in found.problems}


ADA, BOB = ("ada", SECOND, ()), ("bob", SECOND, ())
LMS = ("Ada King", SECOND, (("moodle", "12"),)), ("Bob O'Neil", SECOND, (("moodle", "34"),))
CANVAS = ("kingada", SECOND, (("canvas", "4711"),)), ("óneilbob", SECOND, (("canvas", "4712"),))
LAYOUTS = {
    "folders": ([f"ada/{FILE}", f"bob/{FILE}"], [ADA, BOB]),
    "folders in folders": ([f"ada/mine/{FILE}", f"bob/{FILE}"], [ADA, BOB]),
    "a file each": ([f"ada_{FILE}", f"bob-{FILE}"], [ADA, BOB]),
    "named after the student": (["ada.ipynb", "bob.ipynb"], [ADA, BOB]),
    "number and nothing else": ([f"12345_{FILE}"], [("12345", SECOND, ())]),
    "numbers that aren't Canvas's": ([f"ada_2_{FILE}", "ada_3_01_vanishing_gradients-1.ipynb"],
                                     [("ada_2", SECOND, ()), ("ada_3", SECOND, ())]),
    "an archive each": (["ada.zip/01.ipynb", "bob.zip/any/x.ipynb"], [ADA, BOB]),
    "assignments first": ([f"01/ada/{FILE}", f"01_vanishing_gradients/bob/{FILE}"], [ADA, BOB]),
    "one student": ([f"ada/{FILE}"], [ADA]),
    "one student, one assignment": ([f"ada/01_vanishing_gradients/{FILE}"], [ADA]),
    "a folder around all": ([f"export/ada/{FILE}", f"export/bob/{FILE}"], [ADA, BOB]),
    "a folder around files": ([f"export/ada_{FILE}", f"export/bob_{FILE}"], [ADA, BOB]),
    "a course of nbgrader": ([f"submitted/ada/01/{FILE}", f"submitted/bob/01/{FILE}", f"source/01/{FILE}",
                              f"autograded/ada/01/{FILE}", f"release/01/{FILE}"], [ADA, BOB]),
    "Moodle": ([f"Ada King_12_assignsubmission_file/{FILE}", "Bob O'Neil_34_assignsubmission_file/a/b/x.ipynb"], LMS),
    "older Moodle": ([f"Ada King_12_assignsubmission_file_/{FILE}",
                      "Bob O'Neil_34_assignsubmission_file_/x.ipynb"], LMS),
    "Moodle without folders": ([f"Ada King_12_assignsubmission_file_{FILE}",
                                "Bob O'Neil_34_assignsubmission_file_x.ipynb"], LMS),
    "Moodle with archives": (["Ada King_12_assignsubmission_file_/w.zip/x.ipynb",
                              "Bob O'Neil_34_assignsubmission_file_w.zip/deep/x.ipynb"], LMS),
    "anonymous Moodle": ([f"Participant_{i}_assignsubmission_file_/x.ipynb" for i in (12, 34)],
                         [(f"Participant {i}", SECOND, (("moodle", f"{i}"),)) for i in (12, 34)]),
    "Canvas": ([f"kingada_4711_98_{FILE}", "óneilbob_4712_99_my_homework_2_3.ipynb"], CANVAS),
    "late Canvas": (["kingada_LATE_4711_98_01_vanishing_gradients-1.ipynb", "óneilbob_late_4712_99_x.ipynb"], CANVAS),
    "Canvas with archives": (["kingada_4711_98_w.zip/x.ipynb", "óneilbob_LATE_4712_99_w.zip/x.ipynb"], CANVAS),
    "anonymous Canvas": ([f"anon_aB3xY_98_{FILE}", "LATE_anon_Qw2_99_x.ipynb"],
                         [("anon_Qw2", SECOND, ()), ("anon_aB3xY", SECOND, ())]),
}


def with_archives(names):
    """Return files by name, those in archives packed."""
    files, packed = {}, {}
    for name in names:
        if ".zip/" in name:
            outside, inside = name.split(".zip/")
            packed[outside + ".zip"] = zipped({inside: ONE})
        else:
            files[name] = ONE
    return files | packed


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_in_a_folder(layout, tmp_path):
    names, wanted = LAYOUTS[layout]
    found = taken(write(tmp_path / "in", with_archives(names)))
    assert students(found) == sorted(wanted)
    assert found.problems == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_in_an_archive(layout, tmp_path):
    names, wanted = LAYOUTS[layout]
    (tmp_path / "all.zip").write_bytes(zipped(with_archives(names)))
    found = taken(tmp_path / "all.zip")
    assert students(found) == sorted(wanted)
    assert found.problems == []


def test_a_folder_named_submitted_or_as_the_archive(tmp_path):
    files = {f"{name}/01_vanishing_gradients/{FILE}": ONE for name in ("ada", "bob")}
    assert students(taken(write(tmp_path / "submitted", files))) == [ADA, BOB]
    (tmp_path / "all.zip").write_bytes(zipped({f"all/ada/{FILE}": ONE}))
    assert students(taken(tmp_path / "all.zip")) == [ADA]


def test_submissions_hold_the_bytes_and_say_where_they_are_from(tmp_path):
    write(tmp_path / "in", {f"ada/{FILE}": ONE, "bob.zip": zipped({FILE: notebook("2")})})
    found = taken(tmp_path / "in")
    submissions = {each.student: each for each, reason in found.submissions() if not reason}
    assert [submissions[name].data for name in ("ada", "bob")] == [ONE, notebook("2")]
    assert submissions["ada"].origin == str(tmp_path / "in" / "ada" / FILE)
    assert submissions["bob"].origin == str(tmp_path / "in" / "bob.zip") + f"!{FILE}"
    assert submissions["ada"].modified == 1000


def test_a_file_called_like_one_in_an_archive_is_another(tmp_path):
    files = {"zoe.zip": zipped({"x.ipynb": notebook("hers")}), "zoe.zip!x.ipynb": notebook("another's")}
    given = {each.student: each.data for each, _ in taken(write(tmp_path / "in", files)).submissions()}
    assert given == {"zoe": notebook("hers"), "zoe.zip!x": notebook("another's")}


NAMES = [
    "two words",
    "O'Neil",
    'quote"d',
    "comma, semicolon;",
    "new\nline",
    "tab\t",
    "ünïcödé",
    "日本語",
    "a" * 200,
    "-x",
    "$(x)",
]


def test_names_of_any_kind(tmp_path):
    found = taken(write(tmp_path / "in", {f"{name}/{FILE}": ONE for name in NAMES}))
    assert {each.student for each in found.found} == {name.strip() for name in NAMES}
    assert found.problems == []


def test_names_that_are_no_text(tmp_path):
    folder = os.fsencode(tmp_path) + b"/in/\xff\xfe"
    os.makedirs(folder)
    with open(folder + b"/01.ipynb", "wb") as file:
        file.write(ONE)
    found = taken(tmp_path / "in")
    assert [each.student for each in found.found] == ["\\xff\\xfe"]
    assert [each.data for each, _ in found.submissions()] == [ONE]


def test_accents_are_one_student_in_either_form(tmp_path):
    names = [unicodedata.normalize(form, "José") for form in ("NFC", "NFD")]
    files = {f"{names[0]}/{FILE}": ONE, f"{names[1]}/{FIRST}.ipynb": notebook(name=FIRST)}
    assert {each.student for each in taken(write(tmp_path / "in", files)).found} == {names[0]}


def test_junk_is_passed_over_silently_and_the_rest_is_said(tmp_path):
    junk = [".DS_Store", "ada/.ipynb_checkpoints/01-checkpoint.ipynb", f"__MACOSX/ada/._{FILE}", "Thumbs.db",
            "ada/01_vanishing_gradients.kept-20250101.ipynb", ".git/config", "ada/timestamp.txt"]
    stray = ["ada/report.pdf", "ada/data.csv", "readme", "ada/w.rar"]
    files = {name: ONE for name in [*junk, *stray, f"ada/{FILE}"]}
    for path in (write(tmp_path / "in", files), tmp_path / "in.zip"):
        if not path.exists():
            path.write_bytes(zipped(files))
        found = taken(path)
        assert students(found) == [ADA]
        assert set(reasons(found)) >= {name.split("/")[-1] for name in stray if path.is_dir()}
        assert len(found.problems) == len(stray)


def test_links_and_devices_are_not_followed(tmp_path, monkeypatch):
    write(tmp_path / "elsewhere", {FILE: ONE, f"eve/{FILE}": ONE, "x.zip": zipped({"a.ipynb": ONE})})
    folder = write(tmp_path / "in", {f"ada/{FILE}": ONE})
    (folder / "ada" / "linked.ipynb").symlink_to(tmp_path / "elsewhere" / FILE)
    (folder / "mallory").symlink_to(tmp_path / "elsewhere" / "eve")
    (folder / "archive.zip").symlink_to(tmp_path / "elsewhere" / "x.zip")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "ada" / "pipe.ipynb")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(folder)  # a socket's path must be short
        server.bind("socket.ipynb")
    found = taken(folder)
    assert students(found) == [ADA]
    said = reasons(found)
    assert all("link" in said[name] for name in ("linked.ipynb", "mallory", "archive.zip", "loop"))
    assert "pipe" in said["pipe.ipynb"] and "socket" in said["socket.ipynb"]


def test_link_that_takes_a_files_place_is_not_followed(tmp_path):
    folder = write(tmp_path / "in", {f"ada/{FILE}": ONE, f"bob/{FILE}": ONE})
    (tmp_path / "secret").write_bytes(notebook("secret"))
    found = taken(folder)
    (folder / "ada" / FILE).unlink()
    (folder / "ada" / FILE).symlink_to(tmp_path / "secret")
    (folder / "bob" / FILE).unlink()
    assert list(found.submissions()) == []
    assert len(found.problems) == 2 and all("a moment ago" in reason for _, reason in found.problems)


def test_link_between_looking_and_opening_is_not_followed(tmp_path):
    (tmp_path / "link").symlink_to(write(tmp_path, {"secret": ONE}) / "secret")
    with pytest.raises(finding.Refused, match="can't be opened"):
        finding._from_disk(tmp_path / "link", 1000)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(finding.Refused, match="pipe"):
        finding._from_disk(tmp_path / "pipe", 1000)


def test_folders_without_end(tmp_path):
    deep = tmp_path / "in" / "ada" / "/".join("x" * 50)
    write(tmp_path / "in", {f"ada/{FILE}": ONE})
    deep.mkdir(parents=True)
    found = taken(tmp_path / "in")
    assert students(found) == [ADA] and "folders deep" in found.problems[0][1]


UNREADABLE = """
import sys
from course_lib.grading.handed_in.intake import take_in
from tests.grading.classes import identify
found = take_in(sys.argv[1], identify=identify)
print(sorted(each.student for each in found.found), found.problems)
"""


def test_files_without_the_right_to_read(tmp_path, root):
    folder = write(
        tmp_path / "in", {f"ada/{FILE}": ONE, f"bob/{FILE}": ONE, f"eve/{FILE}": ONE, "c.zip": zipped({FILE: ONE})}
    )
    for path in (folder / "bob" / FILE, folder / "eve", folder / "c.zip"):
        path.chmod(0)
    command = [os.sys.executable, "-c", UNREADABLE, str(folder)]
    if os.getuid() == 0:  # who may read everything; without these rights it is as anybody else, but owns its files
        command = [
            "setpriv",
            "--bounding-set=-dac_override,-dac_read_search",
            "--inh-caps=-dac_override,-dac_read_search",
            *command,
        ]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    (folder / "eve").chmod(0o700)
    assert done.stdout.startswith("['ada'] ["), done.stderr
    assert done.stdout.count("can't be opened: Permission denied") == 3


def test_of_two_the_newer_counts(tmp_path):
    old, new = notebook("old"), notebook("new")
    folder = write(tmp_path / "in", {"ada/b.ipynb": old, "ada/a.ipynb": new})
    found = taken(folder)
    assert [each.data for each, _ in found.submissions()] == [new]
    assert reasons(found) == {"b.ipynb": f"does not count: {folder}/ada/a.ipynb is a newer one of the same student"}
    os.utime(folder / "ada" / "b.ipynb", (5000, 5000))
    assert [each.data for each, _ in taken(folder).submissions()] == [old]
    os.utime(folder / "ada" / "a.ipynb", (5000, 5000))  # as new: the later name
    assert [each.data for each, _ in taken(folder).submissions()] == [old]


@pytest.mark.parametrize(("older", "newer"), [
    ("kingada_4711_98_01_vanishing_gradients-1.ipynb", "kingada_4711_99_01_vanishing_gradients.ipynb"),
    ("kingada_4711_98_x.ipynb", "kingada_4711_100_a.ipynb"),
    ("kingada_4711_99_x.ipynb", "kingada_LATE_4711_98_a.ipynb"),
    ("kingada_4711_98_x.ipynb", "kingada_4711_98_x-1.ipynb"),
    ("kingada_4711_98_x-2.ipynb", "kingada_4711_98_x-10.ipynb"),
    ("ada/x.ipynb", "ada/x (1).ipynb"),
    ("Ada_1_assignsubmission_file_x.ipynb", "Ada_1_assignsubmission_file_x-1.ipynb")])
def test_of_two_in_an_export_the_newer_counts(older, newer, tmp_path):
    for i, names in enumerate([(older, newer), (newer, older)]):
        path = tmp_path / f"{i}.zip"
        path.write_bytes(zipped({zipfile.ZipInfo(name): notebook(name) for name in names}))
        found = taken(path)
        assert [each.data for each, _ in found.submissions()] == [notebook(newer)]
        assert len(found.problems) == 1


def test_time_in_an_archive_counts(tmp_path):
    times = {"ada/a.ipynb": (2025, 3, 1, 12, 0, 0), "ada/b.ipynb": (2025, 2, 28, 12, 0, 0),
             "bob/b.ipynb": (2025, 2, 28, 12, 0, 0)}
    (tmp_path / "a.zip").write_bytes(
        zipped({zipfile.ZipInfo(name, date): notebook(name) for name, date in times.items()})
    )
    found = taken(tmp_path / "a.zip")
    assert [(each.origin.split("!")[1], each.modified) for each in found.found] == [
        ("ada/a.ipynb", 1740830400.0), ("bob/b.ipynb", 1740744000.0)]


def test_one_that_can_be_read_counts_before_a_newer_one_that_cant(tmp_path):
    found = taken(write(tmp_path / "in", {"ada/fine.ipynb": ONE, f"ada/{FILE}": b"damaged"}))
    assert [(each.data, reason) for each, reason in found.submissions()] == [(ONE, "")]
    assert any("one that can be read" in reason for _, reason in found.problems)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[]", b"[" * 100_000, b"\x89PNG", b'{"cells": 5}'])
def test_unreadable_notebooks_are_missing_if_their_name_tells_which(data, tmp_path):
    folder = write(tmp_path / "in", {f"ada/{FILE}": data, "bob/x.ipynb": data, f"carl/{FILE}": real_notebook("carl")})
    found = take_in(folder, identify=lifting.identify)
    assert [each.student for each in found.found] == ["ada", "carl"]
    told = {each.student: (each.data, reason) for each, reason in found.submissions()}
    assert told["ada"][0] == b"" and "can't be read" in told["ada"][1]
    assert sorted(reasons(found)) == [FILE, "x.ipynb"]


def test_too_large_is_missing_and_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "LARGEST", intake.MB)
    large = notebook("x" * intake.MB)
    folder = write(tmp_path / "in", {f"ada/{FILE}": large, "bob/x.ipynb": large, "c.zip": zipped({FILE: large})})
    found = taken(folder)
    assert {each.student: reason for each, reason in found.submissions()} == dict.fromkeys(
        ["ada", "c"], "The file is larger than 1 MB."
    )
    assert len(found.problems) == 3


def test_what_says_nothing_of_its_owner_is_said(tmp_path):
    found = taken(write(tmp_path / "in", {FILE: ONE, "01.ipynb": ONE, f"ada/{FILE}": ONE}))
    assert students(found) == [ADA]
    assert [reason for _, reason in found.problems] == [
        "doesn't say whose it is: put it into a folder named after the student"
    ] * 2


@pytest.mark.parametrize(("files", "said"), [
    ({}, "holds no notebook"), ({"ada/x.pdf": b"1"}, "x.pdf: is not a notebook"),
    ({"ada/x.ipynb": b"{}"}, "can't be read"),
    ({FILE: ONE}, "doesn't say whose|says whose")])
def test_nothing_to_grade_is_an_error(files, said, tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(NothingFound, match=said):
        taken(write(tmp_path / "in", files))
    (tmp_path / "in.zip").write_bytes(zipped(files))
    with pytest.raises(NothingFound, match=said):
        taken(tmp_path / "in.zip")


def test_what_is_no_folder_is_an_error(tmp_path):
    with pytest.raises(NothingFound, match="There is no"):
        taken(tmp_path / "none")
    (tmp_path / "x.ipynb").write_bytes(ONE)
    with pytest.raises(NothingFound, match="neither a folder nor an archive"):
        taken(tmp_path / "x.ipynb")
    (tmp_path / "x.zip").write_bytes(b"rubbish")
    with pytest.raises(NothingFound, match="damaged, or no archive"):
        taken(tmp_path / "x.zip")


def test_one_notebook_can_be_chosen(tmp_path):
    folder = write(tmp_path / "in", {f"ada/{FILE}": ONE, f"ada/{FIRST}.ipynb": notebook(name=FIRST)})
    assert [each.notebook for each in taken(folder).found] == [FIRST, SECOND]
    for name in ("01", SECOND):
        assert [each.notebook for each in taken(folder, notebook=name).found] == [SECOND]
    with pytest.raises(ValueError, match="no notebook '99'"):
        taken(folder, notebook="99")


def test_students_of_one_name_are_told_apart(tmp_path):
    files = [f"kingada_4711_98_{FILE}", f"kingada_4712_99_{FILE}", f"kingada_4712_97_{FIRST}.ipynb"]
    found = taken(write(tmp_path / "in", {name: notebook(name=FIRST if FIRST in name else SECOND) for name in files}))
    assert {each.student for each in found.found} == {"kingada (4711)", "kingada (4712)"}
    assert len(found.found) == len(found.problems) == 3
    files = {f"Bo_{i}_assignsubmission_file_/a.ipynb": ONE for i in (1, 2)}
    assert {each.student for each in taken(write(tmp_path / "moodle", files)).found} == {"Bo (1)", "Bo (2)"}


def test_moodles_number_is_another_one_in_each_assignment(tmp_path):
    files = {"Bo_1_assignsubmission_file_/a.ipynb": ONE, "Bo_2_assignsubmission_file_/a.ipynb": notebook(name=FIRST)}
    found = taken(write(tmp_path / "in", files))
    assert {each.student for each in found.found} == {"Bo"} and not found.problems


def roster(tmp_path, text):
    (tmp_path / "class.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_roster(tmp_path / "class.csv")


@pytest.mark.parametrize("text", [
    "student\nada\nbob\n", "ada\nbob", "\ufeffusername;email\r\nada;a@b.c\r\nbob;b@b.c\r\n",
    "Email,Student\nx@y,ada\nz@y,bob\n",
    'name\n"ada"\n\n  bob  \nada\n', "username\tteam\nada\t1\nbob\t2\n"])
def test_rosters(text, tmp_path):
    found = taken(write(tmp_path / "in", {f"{name}/{FILE}": ONE for name in ("ada", "bob", "eve")}),
                  roster=roster(tmp_path, text))
    assert roster(tmp_path, text).names == ("ada", "bob")
    assert students(found) == [ADA, BOB, ("eve", SECOND, ())]
    assert reasons(found) == {FILE: "eve is not on the roster"}


def test_roster_gives_students_their_names(tmp_path):
    listed = roster(tmp_path, 'name,username,email,id\n"King, Ada",ak1,ada@x.org,4711\nZoë Müller,zm,zoe@x.org,4712\n')
    for i, names in enumerate([["AK1/x.ipynb", "zoe@x.org/x.ipynb"],
                               [f"kingada_1_1_{FILE}", f"müllerzoë_4712_2_{FILE}"],
                               [f"{name}_3_assignsubmission_file_/x.ipynb" for name in ("ada king", "Zoë Müller")]]):
        found = taken(write(tmp_path / str(i), dict.fromkeys(names, ONE)), roster=listed)
        assert sorted(each.student for each in found.found) == ["King, Ada", "Zoë Müller"]
        assert not found.problems


def test_canvas_number_is_looked_up(tmp_path):
    listed = roster(tmp_path, "name,id\nAda King,4711\nAda King2,4712\n")
    found = taken(write(tmp_path / "in", {f"kingada_{i}_1_{FILE}": ONE for i in (4711, 4712)}), roster=listed)
    assert sorted(each.student for each in found.found) == ["Ada King", "Ada King2"]


def test_canvas_number_goes_before_a_name_that_somebody_gave_herself(tmp_path):
    listed = roster(tmp_path, 'name,login,id\n"King, Ada",ak1,4711\n"Eve, Evil",ee1,4712\nkingada,x,4713\n')
    files = {f"ak1_4712_1_{FILE}": ONE, f"evilada_4711_2_{FILE}": ONE, f"kingada_4713_3_{FILE}": ONE}
    found = taken(write(tmp_path / "in", files), roster=listed)
    assert {each.student: dict(each.ids)["canvas"] for each in found.found} == {
        "King, Ada": "4711", "Eve, Evil": "4712", "kingada": "4713"}


def test_canvas_gradebook_is_a_roster_of_its_students(tmp_path):
    assert roster(tmp_path, CANVAS_GRADEBOOK).names == (
        "Lovelace, Ada", "Hopper, Grace", "Student, Test", '="=cmd|\' /C calc\'!A0"')
    eve = '"    Points Possible",4720,,eve,Lab 1,,,,\n'
    assert "Points Possible" in roster(tmp_path, CANVAS_GRADEBOOK + eve).names


@pytest.mark.parametrize(("text", "said"), [
    ("", "is empty"), ("team,mark\n1,2\n", "columns team, mark"), (b"name\n\xff\xfe\n", "not UTF-8")])
def test_rosters_that_are_none(text, said, tmp_path):
    with pytest.raises(ValueError, match=said):
        roster(tmp_path, text)


def test_a_thousand_files_need_little_memory(tmp_path):
    large = notebook("x" * intake.MB)
    write(tmp_path / "in", {f"s{i}/{FILE}": large for i in range(60)})
    tracemalloc.start()
    assert sum(len(each.data) > intake.MB for each, _ in taken(tmp_path / "in").submissions()) == 60
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 15 * intake.MB
