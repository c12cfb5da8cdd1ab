"""Tables that keep their bytes, and rows found or honestly not found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.grading.reports.tables import Finder, assign, name_forms, plain, read_table


def table(tmp_path, text):
    (tmp_path / "t.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(tmp_path / "t.csv")


FILES = [
    "a,b\n1,2\n",
    "a,b\r\n1,2",
    '\ufeffa;b\r\n"1";"x;""y"""\r\n',
    "a\tb\n,\n\n",
    '"a\nb",c\n"1, 2",3\n',
    "a",
    'a,b\n"open,2\n',
    'a,b\n="x",""\n',
    "a,b,\n,,\n",
    "\r\n\r\n",
]


@pytest.mark.parametrize("text", FILES)
def test_untouched_table_keeps_its_bytes(tmp_path, text):
    assert table(tmp_path, text).text() == text


@given(text=st.text(alphabet='ab,;\t"\r\n é', min_size=1))
def test_any_text_comes_back_as_it_is(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("t")
    assert table(folder, text).text() == text


def test_cells_are_read_and_filled(tmp_path):
    found = table(tmp_path, 'a;b\r\n"x ""y"" ; z";"2"\r\n3\r\n')
    assert (found.delimiter, found.value(1, 0), found.value(1, 1), found.value(2, 1)) == (";", 'x "y" ; z', "2", "")
    found.fill(1, 1, "5")
    found.fill(2, 1, "1;2")
    assert found.text() == 'a;b\r\n"x ""y"" ; z";"5"\r\n3;"1;2"\r\n'


@pytest.mark.parametrize(("data", "said"), [(b"", "is empty"), ("é".encode("latin-1"), "not UTF-8")])
def test_what_is_no_table(tmp_path, data, said):
    with pytest.raises(ValueError, match=said):
        table(tmp_path, data)


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="can't be read: No such file"):
        read_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lovelace, Ada", "Ada Lovelace"),
        ("lovelaceada", "Lovelace, Ada"),
        ("adalovelace", "Lovelace, Ada"),
        ("Müller-Lüdenscheid, Käthe", "kathe_muller-ludenscheid"),
        ("King Lovelace, Ada", "Ada King Lovelace"),
        ("Lovelace, Ada King", "Ada King Lovelace"),
        ('="=1+1"', "=1+1"),
        ("李明", "李 明"),
        ("O'Neil, Pat", "Pat ONeil"),
    ],
)
def test_names_that_are_the_same(one, other):
    assert name_forms(one) & name_forms(other)


@pytest.mark.parametrize(("one", "other"), [("Lovelace, Ada", "Ada Byron"), ("", ""), ("---", "..."), ("Ada", "Adam")])
def test_names_that_are_not(one, other):
    assert not name_forms(one) & name_forms(other)


def test_plain():
    assert plain("Müller-Lüdenscheid, Käthe") == "mullerludenscheidkathe"


FINDER = Finder(
    {"7": 3, "8": 4},
    [(3, ["ada1", "s100"]), (4, ["bob", ""])],
    [(3, "Lovelace, Ada"), (4, "Hopper, Grace"), (5, "Hopper, Grace")],
)


@pytest.mark.parametrize(
    ("student", "known", "row", "why"),
    [
        ("whoever", "7", 3, ""),
        ("Ada Lovelace", "", 3, ""),
        ("ADA1", None, 3, ""),
        ("S100", None, 3, ""),
        ("Grace Hopper", "8", 4, ""),
        ("Grace Hopper", "", None, "the lines 5, 6 fit equally well"),
        ("Emmy Noether", "", None, "no row has that name, login or number"),
        ("Ada Lovelace", "99", None, "no row has the id 99"),
        ("", "", None, "no row"),
        ("bob", "", 4, ""),
    ],
)
def test_row_is_found_or_said_not_to_be(student, known, row, why):
    found, said = FINDER.find(student, known)
    assert found == row
    assert said.startswith(why) and bool(said) == bool(why)


def test_row_that_two_students_claim_goes_to_neither():
    rows, problems = assign(
        [("ada", 1, ""), ("Ada", 1, ""), ("bob", 2, ""), ("cleo", None, "why"), ("dan", None, "why")]
    )
    assert rows == {"bob": 2}
    assert problems == [
        ("ada", "line 2 fits 'Ada' as well"),
        ("Ada", "line 2 fits 'ada' as well"),
        ("cleo", "why"),
        ("dan", "why"),
    ]
