"""Answers are found whatever was done to the rest of a notebook, and what is unusual is said."""

import json

import pytest

from course_lib.delivery import building
from course_lib.delivery.delivered import delivered, set_up
from course_lib.exercises.core import notebooks
from course_lib.grading.handed_in import lifting, reading
from course_lib.grading.handed_in.lifting import Unreadable, identify, lift
from tests.grading.papers import NOTEBOOK, cell_of, code, paper, written

ANSWER = "def logistic(z):\n    return 1 / (1 + np.exp(-z))"


def lifted(nb):
    return lift(nb if isinstance(nb, bytes) else written(nb), NOTEBOOK)


def job(nb):
    return json.loads(lifted(nb).job)


def answer(nb, name="logistic"):
    content = job(nb)
    place = content["answers"][name]
    return place if isinstance(place, str) else content["cells"][place]


def only(source, **more):
    return paper({"logistic": source}, solved=False, **more)


def test_a_blank_notebook_has_open_answers_and_no_cells():
    content = job(paper(solved=False))
    assert set(content["answers"].values()) == {"open"} and content["cells"] == []
    assert lifted(paper(solved=False)).notes == ()


def test_answers_are_lifted_and_nothing_else():
    content = job(only(ANSWER))
    assert content["cells"] == [ANSWER] and content["answers"]["logistic"] == 0
    assert content["answers"]["mend"] == "open"


def test_the_same_answers_give_the_same_bytes():
    a, b = only(ANSWER), only(ANSWER)
    cell_of(b, "logistic")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    b["metadata"]["kernelspec"] = {"name": "another"}
    b["cells"].insert(3, {"cell_type": "markdown", "metadata": {}, "source": "My notes"})
    assert lifted(a).job == lifted(b).job != lifted(only(ANSWER + " ")).job


def test_deleted_cell_is_missing():
    nb = paper(solved=False)
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] != "logistic"]
    assert answer(nb) == "missing"


def test_reordered_cells_keep_their_answers():
    nb = only(ANSWER)
    nb["cells"].reverse()
    assert answer(nb) == ANSWER


@pytest.mark.parametrize("where", ["copy", "own"])
def test_of_several_cells_the_last_counts(where):
    nb = only("def logistic(z):\n    return 0")
    nb["cells"].append(code(ANSWER, "logistic" if where == "copy" else "own"))
    assert answer(nb) == ANSWER
    assert "2 cells hold the exercise logistic: the last one counts." in lifted(nb).notes


def test_copied_stub_doesnt_hide_the_answer():
    nb = only(ANSWER)
    nb["cells"].append(cell_of(paper(solved=False), "logistic"))
    assert answer(nb) == ANSWER


def test_answer_in_a_cell_of_ones_own():
    nb = paper(solved=False, added=[ANSWER])
    assert answer(nb) == ANSWER
    assert "The answer to logistic stands in a cell of the learner's own." in lifted(nb).notes


def test_changed_flags_and_ids_dont_matter():
    nb = only(ANSWER)
    cell = cell_of(nb, "logistic")
    cell["metadata"]["nbgrader"] |= {"grade_id": "mend", "points": 1000, "locked": True, "solution": False}
    del cell["id"]
    assert answer(nb) == ANSWER
    assert answer(nb, "mend") == "open"


def test_cell_without_metadata_is_found_by_its_definition():
    nb = only(ANSWER)
    cell = cell_of(nb, "logistic")
    cell["metadata"], cell["id"] = {}, "x1"
    assert answer(nb) == ANSWER


def test_renamed_function_is_still_the_exercises_cell():
    assert answer(only("def my_logistic(z):\n    return z")) == "def my_logistic(z):\n    return z"


def test_cell_turned_into_text_is_graded_as_code():
    nb = only(ANSWER)
    cell_of(nb, "logistic")["cell_type"] = "markdown"
    assert answer(nb) == ANSWER
    assert "The cell of logistic was turned into text; it is graded as code." in lifted(nb).notes


def test_edited_check_and_use_cells_arent_answers():
    nb = only(ANSWER)
    cell_of(nb, "logistic-check")["source"] = "check = lambda f: print('passed')"
    cell_of(nb, "logistic-use")["source"] = "logistic = use(logistic)  # mine"
    assert answer(nb) == ANSWER


def test_source_as_list_of_lines_and_windows_ends():
    nb = only(ANSWER)
    cell_of(nb, "logistic")["source"] = [line + "\r\n" for line in ANSWER.split("\n")]
    assert answer(nb).strip() == ANSWER


@pytest.mark.parametrize("version", [1, 2, 3])
def test_old_formats_are_read(version):
    nb = only(ANSWER)
    for cell in nb["cells"]:
        cell["input"] = cell.pop("source")
    old = {"nbformat": version, "metadata": nb["metadata"], "worksheets": [{"cells": nb["cells"]}]}
    assert answer(old) == ANSWER


def test_odd_cells_are_passed_over():
    nb = only(ANSWER)
    nb["cells"][:0] = [7, None, "x", {}, {"cell_type": "code"}, {"cell_type": "code", "source": {"a": 1}},
                       {"cell_type": "code", "source": [1, None], "metadata": [], "id": [3]}]
    assert answer(nb) == ANSWER


def test_half_characters_cant_stop_the_grader():
    nb = only(ANSWER + "  # \ud800")
    assert answer(nb).startswith(ANSWER)
    lifted(nb).job.decode("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings(encoding):
    assert answer(json.dumps(only(ANSWER)).encode(encoding)) == ANSWER


def test_damaged_characters_are_replaced_and_said():
    data = written(only(ANSWER + "  # e")).replace(b"# e", b"# \xe9")
    assert answer(data).startswith(ANSWER)
    assert "Some characters of the file are damaged and were replaced." in lifted(data).notes


@pytest.mark.parametrize(("data", "said"), [
    (b"", "it is empty"), (b"{", "no JSON"), (b"[1]", "no list of cells"), (b"{}", "no list of cells"),
    (b'{"cells": 3}', "no list of cells"), (b"null", "no list of cells"), (b"[" * 200_000, "RecursionError"),
    (b'{"cells": [], "n": ' + b"9" * 10_000 + b"}", "no JSON"), (b"\x00\xff\xfe", "no JSON"),
])
def test_what_is_no_notebook_is_said(data, said):
    with pytest.raises(Unreadable, match=said):
        lift(data, NOTEBOOK)
    with pytest.raises(Unreadable, match=said):
        identify(data)


@pytest.mark.parametrize("part", ["{},", "[],", '{"a":1},', '"a":{"":', "[[],", "1:"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_would_take_much_memory_is_refused_before_it_is_parsed(part, encoding, monkeypatch):
    data = ('{"cells": [' + part * 1_000_001).encode(encoding)
    monkeypatch.setattr(json, "loads", None)
    for look in (identify, lambda data: lift(data, NOTEBOOK)):
        with pytest.raises(Unreadable, match="more than 1,000,000 lists"):
            look(data)


def test_brackets_in_texts_are_no_parts(monkeypatch):
    nb = only(ANSWER)
    nb["cells"].append(code("x", "own") | {"outputs": [{"output_type": "stream", "text": '[{"\\:' * 500_000}]})
    assert answer(nb) == ANSWER


def test_too_many_cells_are_refused():
    nb = only(ANSWER)
    nb["cells"] += [code("", f"own-{i}") for i in range(reading.MOST - len(nb["cells"]))]
    assert answer(nb) == ANSWER
    nb["cells"].append({})
    with pytest.raises(Unreadable, match="more than 20,000 cells"):
        lifted(nb)


def test_the_last_of_thousands_of_answers_counts():
    nb = only(ANSWER)
    nb["cells"] += [code(f"def logistic(z):\n    return {i}", "logistic") for i in range(4000)]
    assert answer(nb) == "def logistic(z):\n    return 3999"
    assert lifted(nb).notes == ("4001 cells hold the exercise logistic: the last one counts.",)


def test_code_is_limited_as_a_whole_and_text_is_not():
    nb = only(ANSWER)
    nb["cells"] += [code(f"x = {i} # " + "y" * 100_000, f"own-{i}") for i in range(79)]
    nb["cells"] += [{"cell_type": "markdown", "metadata": {}, "source": "picture " * 30_000} for _ in range(30)]
    assert answer(nb) == ANSWER
    nb["cells"].append(code("x = 0 # " + "y" * 100_000, "too-much"))
    with pytest.raises(Unreadable, match="more than 8,000,000 characters"):
        lifted(nb)


def test_a_cell_is_cut():
    nb = only(ANSWER)
    nb["cells"].append(code("#" * 300_000, "own"))
    assert len(job(nb)["cells"][1]) == reading.LONGEST + 1


@pytest.mark.parametrize("depth", [100, 900])
def test_depth_does_no_harm(depth):
    deep = json.loads("[" * depth + "]" * depth)
    nb = only(ANSWER)
    nb["cells"] += [{"cell_type": deep, "id": deep, "metadata": deep, "source": deep, "outputs": deep},
                    {"cell_type": "code", "id": "a", "metadata": {"nbgrader": {"grade_id": deep}}, "source": [deep]}]
    nb["metadata"]["course"] = {"notebook": deep}
    assert answer(nb) == ANSWER and identify(written(nb)) == NOTEBOOK


@pytest.mark.parametrize("error", [RuntimeError, RecursionError, MemoryError, KeyError])
def test_any_error_while_looking_at_a_file_says_that_it_cant_be_read(error, monkeypatch):
    def parsed(data):
        raise error("what it said")

    monkeypatch.setattr(lifting, "parsed", parsed)
    with pytest.raises(Unreadable, match=f"looking at it failed .{error.__name__}: '?what it said"):
        identify(written(only(ANSWER)))


def test_names_are_found_once_in_each_cell(monkeypatch):
    class Counting:
        count = 0

        def findall(self, text):
            Counting.count += 1
            return defined.findall(text)

    defined = reading.DEFINED
    monkeypatch.setattr(reading, "DEFINED", Counting())
    nb = only(ANSWER, added=[f"x{i} = 1" for i in range(50)])
    assert answer(nb) == ANSWER
    assert Counting.count == 51


def test_which_notebook_it_is():
    nb = only(ANSWER)
    assert identify(written(nb)) == NOTEBOOK
    nb["metadata"] = {"course": {"notebook": "99_unknown"}}
    assert identify(written(nb)) == NOTEBOOK
    assert identify(written({"cells": [code("def standardize(x): pass", "a")]})) == "00_start_here"
    assert identify(written({"cells": []}), "ada_01_vanishing_gradients-1.ipynb") == NOTEBOOK
    with pytest.raises(Unreadable, match="none of the course's"):
        identify(written({"cells": [code("x = 1", "a")]}), "thesis.ipynb")


def test_free_text_answers():
    nb = paper(solved=False)
    assert lifted(nb).texts == {"healthy-gradients": ("", 2)}
    cell_of(nb, "healthy-gradients")["source"] = "Because the factor is 1."
    assert lifted(nb).texts == {"healthy-gradients": ("Because the factor is 1.", 2)}
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] != "healthy-gradients"]
    assert lifted(nb).texts == {"healthy-gradients": ("", 2)}
    assert "The cell of the free-text answer healthy-gradients is gone." in lifted(nb).notes


def test_what_was_delivered_is_read_from_the_built_file(monkeypatch, tmp_path):
    built = delivered.__wrapped__(NOTEBOOK)
    assert {cell_id for cell_id in built} == {cell["id"] for cell in paper(solved=False)["cells"]}
    monkeypatch.setattr(building, "build", None)
    assert delivered.__wrapped__(NOTEBOOK) == built


def test_a_built_file_that_somebody_worked_in_is_not_taken(monkeypatch, tmp_path):
    (tmp_path / "notebooks").mkdir()
    worked_in = json.loads((building.ROOT / "notebooks" / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8"))
    cell_of(worked_in, "logistic")["source"] = ANSWER
    (tmp_path / "notebooks" / f"{NOTEBOOK}.ipynb").write_text(json.dumps(worked_in), encoding="utf-8")
    source = building.source_of(NOTEBOOK)
    monkeypatch.setattr(building, "ROOT", tmp_path)
    monkeypatch.setattr(building, "source_of", lambda name: source)
    assert delivered.__wrapped__(NOTEBOOK)["logistic"].source != ANSWER


@pytest.mark.parametrize("notebook", notebooks())
def test_set_up_is_the_first_code_cell_as_delivered(notebook):
    first = next(cell.source for cell in delivered(notebook).values() if cell.cell_type == "code")
    assert set_up(notebook).startswith(first)
