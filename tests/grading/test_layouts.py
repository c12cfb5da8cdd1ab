"""One layout is recognised for a whole class, by the outermost names; where that is in doubt, a person is asked."""

import pytest

from course_lib.grading.handed_in import exports, filenames, lifting
from course_lib.grading.handed_in.doubts import Doubtful
from course_lib.grading.handed_in.intake import NothingFound, take_in
from course_lib.grading.handed_in.layouts import LAYOUTS
from tests.grading.attacks.handing_in import WHOSE
from tests.grading.classes import FIRST, SECOND, identify, notebook, zipped

FILE = f"{SECOND}.ipynb"


def handed_in(tmp_path, names, archive="", **options):
    """Take in a class; every file holds its own name as the answer, "a.zip/b" stands for b in an archive a."""
    folder, packed = tmp_path / "in", {}
    folder.mkdir()
    for name in names:
        data = notebook(name, FIRST if FIRST in name else SECOND)
        if archive or ".zip/" in name:
            outside, inside = (archive, name) if archive else name.split(".zip/", 1)
            packed.setdefault(outside.removesuffix(".zip") + ".zip", {})[inside] = data
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    for name, held in packed.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(zipped(held))
    return take_in(folder / archive, identify=identify, **options)


def read(tmp_path, names, archive="", **options):
    """Return (layout, students, whether a person is asked)."""
    found = handed_in(tmp_path, names, archive, **options)
    return found.layout, sorted({each.student for each in found.found}), bool(found.doubt)


THREE = ["ada", "bob", "carl"]
MOODLE = ["Ada King_12_assignsubmission_file_", "Bob_34_assignsubmission_file_"]
CANVAS = ["kingada_4711_98_x.ipynb", "bob_LATE_4712_99_x.ipynb"]
CLASSES = {  # names, archive, layout, students
    "files that look like Canvas's": ([f"{who}/week_1_2_homework.ipynb" for who in THREE], "", "folders", THREE),
    "two such each": ([f"{who}/{file}" for who in THREE for file in ("week_1_2_x.ipynb", f"lab_3_4_x{FIRST}.ipynb")],
                      "", "folders", THREE),
    "a file like an LMS's among others": (["ada.ipynb", "bob.ipynb", CANVAS[0]], "", "files",
                                          ["ada", "bob", "kingada_4711_98_x"]),
    "a folder like an LMS's among others": (["ada/x.ipynb", "bob/x.ipynb", f"{MOODLE[0]}/x.ipynb"], "", "folders",
                                            [MOODLE[0], "ada", "bob"]),
    "such folders in everybody's": ([f"{who}/{name}" for who in THREE for name in (
        f"{MOODLE[0]}/x{FIRST}.ipynb", "x.ipynb")], "", "folders", THREE),
    "a folder in a zip": ([f"Week 1/{who}/x.ipynb" for who in THREE], "x.zip", "folders", THREE),
    "a folder of files in a zip": ([f"Week 1/{who}.ipynb" for who in THREE], "x.zip", "files", THREE),
    "Drive's zip": ([f"Week 1/{who}.ipynb" for who in THREE], "Week 1-20261130T101500Z-001.zip", "files", THREE),
    "a zip in a folder": ([f"Week 1.zip/Week 1/{who}/x.ipynb" for who in THREE], "", "folders", THREE),
    "folders in folders": ([f"exports/Week 1/{who}/x.ipynb" for who in THREE], "", "folders", THREE),
    "the master beside": ([f"hw/s{i:02}_{FILE}" for i in range(20)] + [f"hw/{FILE}"], "", "files",
                          [f"s{i:02}" for i in range(20)]),
    "a stray beside": ([f"hw/s{i:02}/x.ipynb" for i in range(20)] + ["readme.ipynb"], "", "folders",
                       [f"s{i:02}" for i in range(20)]),
    "numbers as names": ([f"{i:02}/x.ipynb" for i in range(1, 6)], "", "folders", [f"{i:02}" for i in range(1, 6)]),
    "files beside folders": (["ada/x.ipynb", f"bob_{FILE}", "carl.ipynb"], "", "folders", THREE),
    "Moodle's zips": ([f"m.zip/{MOODLE[0]}/x.ipynb", f"n.zip/{MOODLE[1]}/x.ipynb"], "", "moodle", ["Ada King", "Bob"]),
    "Moodle's zips by assignment": ([f"01/m.zip/{MOODLE[0]}/x.ipynb", f"01/n.zip/{MOODLE[1]}/x.ipynb"], "", "moodle",
                                    ["Ada King", "Bob"]),
    "Canvas's zips": ([f"m.zip/{name}" for name in CANVAS] + [f"n.zip/eve_4713_1_{FIRST}.ipynb"], "", "canvas",
                      ["bob", "eve", "kingada"]),
    "unpacked Canvas": ([f"{name.removesuffix('.ipynb')}/x.ipynb" for name in CANVAS], "", "canvas",
                        ["bob", "kingada"]),
    "a course of nbgrader in a folder": ([f"course/{name}/01/x.ipynb" for name in ("submitted/ada", "submitted/bob",
                                          "source", "release", "slides")], "", "nbgrader", ["ada", "bob"]),
    "assignments of nbgrader": ([f"submitted/01/{who}/x.ipynb" for who in THREE], "", "nbgrader", THREE),
    "somebody called submitted": ([f"{who}/x.ipynb" for who in ("submitted", "bob")], "", "folders",
                                  ["bob", "submitted"]),
}


@pytest.mark.parametrize("name", CLASSES)
def test_class_is_recognised(name, tmp_path):
    names, archive, layout, students = CLASSES[name]
    assert read(tmp_path, names, archive) == (layout, students, False)


DOUBTS = {  # names, archive, what a person may choose, and who is found then
    "a folder a group": ([f"g{i}/{who}/x.ipynb" for i, who in enumerate(THREE * 2)] + ["g0/dora/x.ipynb"] + [
        f"g{i}/{who}{i}/x.ipynb" for i in range(6) for who in ("eve", "finn")], "", "groups", 16),
    "one folder of files": (["hw/ada.ipynb", "hw/bob.ipynb"], "", "files", 2),
    "one student": (["ada/new.ipynb", "ada/old.ipynb"], "", "folders", 1),
    "half of them Moodle's": ([f"A{i}_{i}1_assignsubmission_file_/x.ipynb" for i in range(4)] + [
        f"s{i}/x.ipynb" for i in range(4)], "", "moodle", 8),
    "most of them Moodle's": ([f"A{i}_{i}1_assignsubmission_file_/x.ipynb" for i in range(4)] + [
        f"s{i}/x.ipynb" for i in range(2)], "", "moodle", 6),
    "nobody's": ([FILE, "01.ipynb", "ada/x.ipynb"], "", "folders", 1),
    "several each": ([f"s{i}/{file}.ipynb" for i in range(10) for file in ("new", "old")], "", "folders", 10),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_a_person_is_asked_and_can_choose(name, tmp_path):
    names, archive, layout, students = DOUBTS[name]
    found = handed_in(tmp_path, names, archive)
    with pytest.raises(Doubtful, match=rf"looks like .*such as .*Nothing was graded.*--layout {found.layout}"):
        found.settled()
    assert all(layout in found.doubt for layout in LAYOUTS)
    found = take_in(tmp_path / "in" / archive, identify=identify, layout=layout).settled()
    assert (found.layout, len({each.student for each in found.found})) == (layout, students)
    counted = f"{students} student{'s' * (students > 1)}"
    assert found.told() == f"{tmp_path / 'in'} is read as {LAYOUTS[layout]} ({layout}): {counted}."


def test_more_than_a_tenth_is_needed_for_a_doubt(tmp_path):
    for name, n in (("many", 20), ("few", 19)):
        (tmp_path / name).mkdir()
        found = handed_in(tmp_path / name, [f"s{i}/x.ipynb" for i in range(n - 2)] + [FILE, "01.ipynb"])
        assert bool(found.doubt) == (name == "few")


@pytest.mark.parametrize("files", [100, 1])
def test_no_learner_stops_the_class(files, tmp_path):
    """However many files, and whatever they are called."""
    own = [f"eve/{i}/{name}" for i in range(files) for name in (
        "x.ipynb", "Ada_12_assignsubmission_file_/x.ipynb", "ada_4711_98_x.ipynb", f"{FILE}", "01/x.ipynb",
        "submitted/ada/x.ipynb")]
    assert read(tmp_path, [*own, "ada/x.ipynb", "bob/x.ipynb"]) == ("folders", ["ada", "bob", "eve"], False)


@pytest.mark.parametrize("row", WHOSE, ids=lambda row: row.name)
def test_no_name_stops_the_class(row, tmp_path):
    take_in(row.make(tmp_path, tmp_path) or tmp_path, identify=lifting.identify).settled()


@pytest.mark.parametrize(("layout", "said"), [
    ("moodle", "named as in Moodle's export"), ("x", "no layout 'x'.*groups")])
def test_a_layout_that_isnt_there(layout, said, tmp_path):
    with pytest.raises(ValueError, match=said):
        read(tmp_path, ["ada/x.ipynb"], layout=layout)


def test_layout_is_the_same_for_one_notebook(tmp_path):
    names = ["hw/ada.ipynb", f"hw/ada_{FIRST}.ipynb", "hw/bob.ipynb"]
    assert read(tmp_path, names, "x.zip") == ("files", ["ada", "bob"], False)
    found = take_in(tmp_path / "in" / "x.zip", identify=identify, notebook="00")
    assert (found.layout, [each.student for each in found.found]) == ("files", ["ada"])
    (tmp_path / "other").mkdir()
    with pytest.raises(NothingFound, match="holds no notebook 02"):
        handed_in(tmp_path / "other", names, "x.zip", notebook="02")


# What an LMS writes


@pytest.mark.parametrize(("name", "is_folder", "owner"), [
    ("Ada King_12_assignsubmission_file", True, ("Ada King", "12")),
    ("Ada King_12_assignsubmission_file_", True, ("Ada King", "12")),
    ("Ada King_12_assignsubmission_file_x", True, None),
    ("Ada King_12_assignsubmission_file_x", False, ("Ada King", "12")),
    ("Ada King_12_assignsubmission_file_", False, None),
    ("Ada_King_12_assignsubmission_file_x", False, None),  # it writes no "_" in a name
    ("Eve_99_assignsubmission_file_x_12_assignsubmission_file_x.ipynb", False, ("Eve", "99")),
    ("Eve_99_assignsubmission_file_x_12_assignsubmission_file_", True, None),
    ("Participant_12_assignsubmission_file_", True, ("Participant 12", "12"))])
def test_moodle_is_read_from_the_left_and_to_its_end(name, is_folder, owner):
    found = exports.moodle(name, is_folder)
    assert (found and (found.name, dict(found.ids)["moodle"])) == owner


@pytest.mark.parametrize(("name", "owner"), [
    ("kingada_4711_98_x.ipynb", ("kingada", "4711", 98)),
    ("king_ada_LATE_4711_98_x.ipynb", ("king_ada", "4711", 98)),
    ("eve_4713_97_kingada_LATE_4711_998_01_x.ipynb", ("eve", "4713", 97)),
    (f"eve_4713_97_kingada_LATE_4711_998_{FILE}", ("eve", "4713", 97)),
    (f"eve_4713_97_{FILE}", ("eve", "4713", 97)), (f"eve_4713_97__{FILE}", ("eve", "4713", 97)),
    ("king ada_4711_98_x.ipynb", None), ("kingada_4711_98_", None), (f"ada_2_{FILE}", None),
    ("kingada_0_98_x", None), (f"kingada_{'1' * 5000}_98_x", None)])
def test_canvas_is_read_from_the_left(name, owner):
    found = exports.canvas(name)
    assert (found and (found.name, dict(found.ids)["canvas"], found.order[-1])) == owner


@pytest.mark.parametrize("forged", ["kingada_4711_4712_99_x.ipynb", "kingada_4711_999_x_4712_99_x.ipynb",
                                    "kingada_late_4711_999_x_4712_99_x.ipynb"])
def test_name_made_to_begin_like_anothers_comes_after_hers(forged, tmp_path):
    """As the student "kingada_4711-" would have, or "kingada_4711-_999-_x": Canvas drops signs after numbers."""
    found = handed_in(tmp_path, ["kingada_4711_98_x.ipynb", forged, "bob_4714_90_x.ipynb"])
    assert [each.origin.split("/")[-1] for each in found.found] == ["bob_4714_90_x.ipynb", "kingada_4711_98_x.ipynb"]


@pytest.mark.parametrize("sign", ["_", "é", "1", "-", " ", "(", "_1", "-1", "é_", " (1)", ".zip", "_assignsubmission_"])
def test_names_of_any_length_are_read_at_once(sign):
    """A pattern that tries everything would not end."""
    name = sign * 60_000
    for read in (exports.moodle, exports.canvas, exports.canvas_anonymous):
        read(name, False)
    assert filenames.copy_of(name) <= 10**9 and filenames.notebook_named(name) == ""
    filenames.student_of(name)
