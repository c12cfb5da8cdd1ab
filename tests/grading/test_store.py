"""The store keeps what it was given, tells clearly why it can't, and never overwrites what isn't its own."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from course_lib.grading.records import Result, Submission
from course_lib.grading.store import FILE, Graded, Store, StoreError, Text

RESULTS = [Result("logistic", "passed", 1.0, 1, "Right."), Result("tanh", "failed", 0.0, 2, "Not yet.", "A hint.",
                                                                "got 1", 0.5, "abc")]


def submission(student="ada", data=b"file", **more):
    return Submission(student, "01_vanishing_gradients", f"in/{student}.ipynb", 12.5, data, **more)


def test_what_is_added_comes_back(tmp_path):
    with Store(tmp_path / "deep" / "grades") as store:
        store.add(submission("zoë"), [], {}, RESULTS[:1], "k0")
        store.add(submission(ids=(("canvas", "47"),)), ["a note"], {"why": ("because", 2)}, RESULTS, "k1")
        before = store.submissions()
    with Store(tmp_path / "deep" / "grades") as store:
        assert store.submissions() == before
    sha256 = "3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80"
    assert before[0] == Graded("ada", "01_vanishing_gradients", "in/ada.ipynb", 12.5, {"canvas": "47"}, sha256,
                               ("a note",),
                               tuple(RESULTS), {"why": Text("because", 2.0)})
    assert [graded.student for graded in before] == ["ada", "zoë"]


def test_has_what_was_graded_with_this_key_from_this_file(tmp_path):
    with Store(tmp_path) as store:
        store.add(submission(), [], {}, RESULTS, "k1")
        who = ("ada", "01_vanishing_gradients")
        assert store.has(*who, "k1") and not store.has(*who, "k2") and not store.has("bob", who[1], "k1")
        assert store.has(*who, "k1", store.submissions()[0].sha256) and not store.has(*who, "k1", "other")
        store.add(submission(), [], {}, RESULTS, "k2")
        assert store.has(*who, "k2") and not store.has(*who, "k1") and len(store.submissions()) == 1


def test_seed_is_secret_and_stays(tmp_path):
    seeds = []
    for folder in ("a", "a", "b"):
        with Store(tmp_path / folder) as store:
            seeds.append(store.seed)
    assert seeds[0] == seeds[1] != seeds[2]
    with Store(tmp_path / "a", seed=5) as store:
        assert store.seed == 5
    with Store(tmp_path / "a") as store:
        assert store.seed == 5
    with Store(tmp_path / "c", seed=0) as store:
        assert store.seed == 0


def test_only_the_owner_reads_it(tmp_path):
    old = os.umask(0)
    try:
        with Store(tmp_path) as store:
            store.add(submission(), [], {}, RESULTS, "k")
            assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    finally:
        os.umask(old)


def test_marks_by_hand_are_kept_while_the_text_is_the_same(tmp_path):
    texts = {"why": ("because", 2), "how": ("so", 1)}
    with Store(tmp_path) as store:
        store.add(submission(), [], texts, RESULTS, "k1")
        store.set_manual("ada", "01_vanishing_gradients", "why", 1.5, "nearly")
        store.set_manual("ada", "01_vanishing_gradients", "how", 1.0, "good")
        store.add(submission(data=b"newer"), [], texts | {"how": ("otherwise", 1)}, RESULTS, "k2")
        assert store.submissions()[0].texts == {"why": Text("because", 2, 1.5, "nearly"), "how": Text("otherwise", 1)}
        assert list(store.submissions()[0].texts) == ["why", "how"]
        with pytest.raises(KeyError, match="no answer other"):
            store.set_manual("ada", "01_vanishing_gradients", "other", 1.0, "")


def test_problems_are_one_each_and_replaced_by_a_run_on_the_same_source(tmp_path):
    with Store(tmp_path) as store:
        for _ in range(2):
            store.problem("in/x", "is a link")
        store.begin("/first", [("in/a", "one"), ("in/b", "two")])
        store.begin("/second", [("in/c", "three")])
        store.begin("/first", [("in/b", "two")])
        assert store.problems() == [("in/b", "two"), ("in/c", "three"), ("in/x", "is a link")]


def test_roster_is_kept_in_its_order(tmp_path):
    with Store(tmp_path) as store:
        assert store.roster == []
        store.begin("/s", [], ["zoë", "ada"])
        store.begin("/s", [])
        assert store.roster == ["zoë", "ada"]
        store.begin("/s", [], ["bob"])
        assert store.roster == ["bob"]


def test_cache(tmp_path):
    with Store(tmp_path) as store:
        assert store.recall("k") is None
        store.remember("k", "[1]")
        assert store.recall("k") == "[1]"


def test_any_text_can_be_stored(tmp_path):
    odd = "half \ud800, nul \0, 日本 \n'\""
    with Store(tmp_path) as store:
        store.add(submission('O\'Neil\n"x"'), [odd], {"why": (odd, 1)}, [Result("a", "error", 0, 1, odd)], "k")
        store.problem(odd, odd)
        graded = store.submissions()[0]
        assert (graded.notes, graded.results[0].message, graded.student) == ((odd,), odd, 'O\'Neil\n"x"')
        assert graded.texts["why"].text == odd.replace("\ud800", "?")


@pytest.mark.parametrize("when", [float("nan"), float("inf"), -float("inf")])
def test_a_date_that_is_no_number_can_be_stored(when, tmp_path):
    with Store(tmp_path) as store:
        store.add(Submission("ada", "01_vanishing_gradients", "in/\ud800.ipynb", when, b"file"), [], {}, RESULTS, "k")
        assert [(graded.modified, graded.origin) for graded in store.submissions()] == [(0.0, "in/?.ipynb")]


def test_a_submission_is_stored_whole_or_not_at_all(tmp_path):
    with Store(tmp_path) as store:
        store.add(submission(), [], {"why": ("a", 1)}, RESULTS, "k1")
        with pytest.raises(StoreError):
            store.add(submission(), [], {"why": ("b", 1), "how": ("c", object())}, RESULTS[:1], "k2")
        assert store.submissions()[0].texts == {"why": Text("a", 1.0)} and store.submissions()[0].results == tuple(
            RESULTS
        )


OPEN = "from course_lib.grading.store import Store; import sys; Store(sys.argv[1])"


def test_a_second_process_is_told(tmp_path, root):
    command = [sys.executable, "-c", OPEN, str(tmp_path)]
    with Store(tmp_path):
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        assert f"{tmp_path / FILE}: another course command is using it" in done.stderr
    assert subprocess.run(command, cwd=root).returncode == 0


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def damaged(path):
    data = bytearray(path.read_bytes())
    data[5000:9000] = b"\xaa" * 4000
    path.write_bytes(data)


def foreign(path):
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("create table mine (x)")
    other.close()


def newer(path):
    with sqlite3.connect(path) as ours:
        ours.execute("pragma user_version = 2")
    ours.close()


@pytest.mark.parametrize(("fault", "said"), [
    (lambda path: path.write_text("no database, " * 1000), "it is no database"), (damaged, "it is damaged"),
    (lambda path: path.write_bytes(path.read_bytes()[:9000]), "it is damaged"),
    (foreign, "some other program's"), (newer, "has version 2, and this course writes 1")])
def test_a_file_that_cant_be_used_is_told_and_left_alone(fault, said, tmp_path):
    with Store(tmp_path) as store:
        for i in range(50):
            store.add(submission(f"s{i}"), [], {}, RESULTS, "k")
    fault(tmp_path / FILE)
    before = bytes_of(tmp_path)
    for _ in range(2):
        with pytest.raises(StoreError, match=said) as error:
            Store(tmp_path)
        assert str(tmp_path) in str(error.value)
    assert bytes_of(tmp_path) == before


def test_an_empty_file_is_a_fresh_start(tmp_path):
    (tmp_path / FILE).touch()
    with Store(tmp_path) as store:
        assert store.submissions() == []


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "grades").write_text("")
    with pytest.raises(StoreError, match="grades can't be made"):
        Store(tmp_path / "grades")
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreError, match="can't be opened"):
        Store(tmp_path)


def test_nothing_is_made_where_there_must_be_marks(tmp_path):
    with pytest.raises(StoreError, match="no marks in .*course grade"):
        Store(tmp_path / "none", new=False)
    assert not (tmp_path / "none").exists()


def test_errors_are_errors_of_the_system():
    assert issubclass(StoreError, OSError)


def test_another_thread_may_not_write(tmp_path):
    found = []
    with Store(tmp_path) as store:

        def write():
            try:
                store.problem("a", "b")
            except StoreError as error:
                found.append(error)

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert len(found) == 1 and store.problems() == []
