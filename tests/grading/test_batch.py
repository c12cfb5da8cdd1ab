"""A batch grades each answer once, whatever the workers do, and the same with any number of them."""

import itertools
import json
import math
import multiprocessing
import os
import time

import psutil
import pytest

from course_lib.exercises.core import exercises
from course_lib.grading import batch, pools
from course_lib.grading.batch import grade_class
from course_lib.grading.handed_in import problems
from course_lib.grading.handed_in.intake import NothingFound
from course_lib.grading.handed_in.rosters import Roster
from course_lib.grading.pools import BatchError
from course_lib.grading.store import Store
from tests.grading import classes
from tests.grading.classes import FIRST, SECOND, marks, notebook, pretended, write_class

NAMES = list(exercises(SECOND))


@pytest.fixture(autouse=True)
def log(tmp_path, monkeypatch):
    path = tmp_path / "log"
    path.touch()
    monkeypatch.setenv(classes.LOG, str(path))
    return path


def run(folder, out, **options):
    options = {"with_engine": pretended(), "workers": 2, "seed": 7, "progress": False} | options
    return grade_class(folder, out, **options)


def stored(out):
    with Store(out) as store:
        return marks(store)


def graded(out):
    with Store(out) as store:
        return {each.student: each for each in store.submissions()}


def hand_in(folder, answers, name=SECOND, **more):
    for student, answer in answers.items():
        path = folder / student / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answer if isinstance(answer, bytes) else notebook(answer, name, **more))
    return folder


def statuses(out):
    return {student: {result.status for result in each.results} for student, each in graded(out).items()}


def test_everything_is_graded_and_stored(tmp_path, log):
    summary = run(write_class(tmp_path / "in", 30), tmp_path / "out")
    assert (summary.total, summary.students, summary.graded, summary.equal, summary.kept) == (30, 30, 30, 0, 0)
    assert summary.statuses.total() == 30 * len(NAMES) and summary.problems == summary.look == []
    assert sorted(log.read_text().split("\n"))[1:] == sorted(f"answer {i}" for i in range(30))
    one = graded(tmp_path / "out")["student0003"]
    assert [result.exercise for result in one.results] == NAMES
    wanted = json.loads(classes.grade(json.dumps({"notebook": SECOND, "answer": "answer 3"}).encode(), 7))
    assert [vars(result) for result in one.results] == wanted
    assert one.notes == ("a note",) and one.origin.endswith("student0003/01_vanishing_gradients.ipynb")


@pytest.mark.parametrize("workers", [1, 2])
def test_marks_dont_depend_on_the_number_of_workers(workers, tmp_path):
    folder = write_class(tmp_path / "in", 20)
    run(folder, tmp_path / "out", workers=workers)
    wanted = [
        json.loads(classes.grade(json.dumps({"notebook": SECOND, "answer": f"answer {i}"}).encode(), 7))
        for i in range(20)
    ]
    assert stored(tmp_path / "out") == {
        (f"student{i:04}", SECOND, item["exercise"]): (item["status"], item["score"], item["max"], item["message"])
        for i, items in enumerate(wanted) for item in items}


@pytest.fixture(scope="module")
def dask():
    """The address of a Dask cluster of two processes."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.parametrize("kind", ["pretended", "real"])
def test_marks_are_the_same_on_a_cluster(kind, dask, tmp_path):
    engine = classes.ENGINES[kind]()
    n, make = (20, notebook) if kind == "pretended" else (4, classes.real_notebook)
    folder = write_class(tmp_path / "in", n, make)
    for where, options in {"one": {"workers": 1}, "two": {"workers": 2}, "dask": {"scheduler": dask}}.items():
        summary = run(folder, tmp_path / where, with_engine=engine, **options)
        assert (summary.graded, summary.problems) == (n, [])
    assert stored(tmp_path / "one") == stored(tmp_path / "two") == stored(tmp_path / "dask")
    assert len(stored(tmp_path / "one")) == n * len(NAMES)


def test_a_job_that_kills_a_clusters_workers_has_died(dask, tmp_path):
    run(hand_in(tmp_path / "in", {"ada": "1", "eve": "die"}), tmp_path / "out", scheduler=dask)
    found = statuses(tmp_path / "out")
    assert found["eve"] == {"died"} and "died" not in found["ada"]


def refuses_in_workers(unsafe):
    return "This machine has no sandbox." if multiprocessing.parent_process() else ""


def version_of_this_process(name):
    return str(os.getpid())


@pytest.mark.parametrize(("change", "said"), [
    ({"refusal": refuses_in_workers}, "worker .* can't take part: This machine has no sandbox"),
    ({"version": version_of_this_process}, "worker .* can't take part: it has another version")])
def test_cluster_that_cant_grade_is_refused(change, said, dask, tmp_path):
    engine = batch.replace(pretended(), **change)
    with pytest.raises(BatchError, match=said):
        run(write_class(tmp_path / "in", 2), tmp_path / "out", with_engine=engine, scheduler=dask)
    assert not (tmp_path / "out").exists()


def test_cluster_that_isnt_there(tmp_path, monkeypatch, free_port):
    monkeypatch.setattr(pools, "CONNECTING", 1)
    for address in (f"tcp://127.0.0.1:{free_port}", "nonsense://x"):
        with pytest.raises(BatchError, match="no Dask scheduler at .*: start one with dask scheduler"):
            run(write_class(tmp_path / address[:3], 1), tmp_path / "out", scheduler=address)
    assert not (tmp_path / "out").exists()


def test_cluster_without_workers(tmp_path, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(pools, "CONNECTING", 1)
    with LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as cluster:
        with pytest.raises(BatchError, match="has no worker"):
            run(write_class(tmp_path / "in", 1), tmp_path / "out", scheduler=cluster.scheduler_address)


def test_dask_that_isnt_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(BatchError, match="make instructor"):
        run(write_class(tmp_path / "in", 1), tmp_path / "out", scheduler="tcp://127.0.0.1:1")


def test_a_second_run_grades_nothing(tmp_path, log):
    folder = write_class(tmp_path / "in", 10)
    run(folder, tmp_path / "out")
    before, marks_before = log.read_text(), stored(tmp_path / "out")
    summary = run(folder, tmp_path / "out", seed=None)
    assert (summary.graded, summary.equal, summary.kept) == (0, 0, 10)
    assert (log.read_text(), stored(tmp_path / "out")) == (before, marks_before)
    assert summary.statuses.total() == 10 * len(NAMES)


def test_equal_answers_are_graded_once(tmp_path, log):
    folder = hand_in(tmp_path / "in", {f"s{i}": "same" for i in range(20)} | {"other": "other"})
    summary = run(folder, tmp_path / "out")
    assert (summary.graded, summary.equal) == (2, 19)
    assert sorted(log.read_text().split()) == ["other", "same"]
    hand_in(folder, {"late": "same"})
    summary = run(folder, tmp_path / "out")
    assert (summary.graded, summary.equal, summary.kept) == (0, 1, 21)
    assert graded(tmp_path / "out")["late"].results == graded(tmp_path / "out")["s0"].results
    assert sorted(log.read_text().split()) == ["other", "same"]


def test_what_changed_is_graded_again(tmp_path, log):
    folder = hand_in(tmp_path / "in", {"ada": "1", "bob": "2"})
    run(folder, tmp_path / "out")
    hand_in(folder, {"ada": "3"})
    assert run(folder, tmp_path / "out").graded == 1
    newer = batch.replace(pretended(), version=refuses_in_workers)  # another version
    assert run(folder, tmp_path / "out", with_engine=newer).graded == 2
    assert run(folder, tmp_path / "out", with_engine=newer, seed=8).graded == 2
    assert sorted(log.read_text().split()) == sorted(["1", "2", "3"] + ["3", "2"] * 2)


def test_a_changed_text_is_stored_though_the_answers_are_equal(tmp_path, log):
    folder = hand_in(tmp_path / "in", {"ada": "1"}, texts={"why": ("because", 2)})
    run(folder, tmp_path / "out")
    hand_in(folder, {"ada": "1"}, texts={"why": ("so", 2)})
    summary = run(folder, tmp_path / "out")
    assert (summary.graded, summary.equal, summary.kept) == (0, 1, 0)
    assert graded(tmp_path / "out")["ada"].texts["why"].text == "so"
    assert log.read_text().split() == ["1"]


def test_two_notebooks_of_one_class(tmp_path):
    folder = hand_in(hand_in(tmp_path / "in", {"ada": "1"}), {"ada": "1", "bob": "2"}, FIRST)
    summary = run(folder, tmp_path / "out")
    assert (summary.total, summary.students, summary.graded) == (3, 2, 3)
    assert run(folder, tmp_path / "other", notebook="00").total == 2


def test_a_job_that_kills_its_worker_twice_has_died_and_no_other(tmp_path, log):
    answers = {f"s{i:02}": f"answer {i}" for i in range(30)} | {f"s{i:02}": f"die {i}" for i in (3, 4, 17)}
    summary = run(hand_in(tmp_path / "in", answers), tmp_path / "out")
    found = statuses(tmp_path / "out")
    assert {student for student, seen in found.items() if seen == {"died"}} == {"s03", "s04", "s17"}
    assert not any("died" in seen for student, seen in found.items() if student not in ("s03", "s04", "s17"))
    assert len(found) == 30 and len(summary.look) == 3 * len(NAMES) == summary.statuses["died"]
    result = graded(tmp_path / "out")["s03"].results[0]
    assert (result.score, result.max) == (0, exercises(SECOND)[result.exercise].points)
    assert "ended the grader's process" in result.message
    assert all(log.read_text().split("\n").count(f"die {i}") >= 2 for i in (3, 4, 17))


def test_a_job_whose_worker_dies_once_is_graded(tmp_path):
    run(hand_in(tmp_path / "in", {"ada": "stumble", "bob": "2"}), tmp_path / "out")
    assert not any("died" in seen for seen in statuses(tmp_path / "out").values())


def test_workers_that_cant_start_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(pools, "_begin", refuses_in_workers)  # wants an argument
    with pytest.raises(BatchError, match="No worker process could be started"):
        run(write_class(tmp_path / "in", 2), tmp_path / "out")


def test_faults_of_the_grader_are_told_and_tried_again(tmp_path):
    folder = hand_in(tmp_path / "in", {"ada": "fail", "bob": "nonsense", "carl": "3"})
    summary = run(folder, tmp_path / "out")
    assert set(statuses(tmp_path / "out")) == {"bob", "carl"}
    assert statuses(tmp_path / "out")["bob"] == {"needs review"}
    said = {origin.split("/")[-2]: reason for origin, reason in summary.problems}
    assert said["ada"] == "could not be graded: OSError: the grader has a fault"
    assert "answer can't be read" in said["bob"]
    with Store(tmp_path / "out") as store:
        assert store.problems() == sorted(summary.problems)
    hand_in(folder, {"ada": "1", "bob": "2"})
    summary = run(folder, tmp_path / "out")
    assert (summary.graded, summary.kept, summary.problems) == (2, 1, [])
    with Store(tmp_path / "out") as store:
        assert store.problems() == []


def test_a_machine_that_grades_nothing_stops_the_batch(tmp_path):
    folder = hand_in(tmp_path / "in", {f"s{i:03}": f"fail {i}" for i in range(100)})
    with pytest.raises(BatchError, match="10 notebooks in a row"):
        run(folder, tmp_path / "out")


@pytest.mark.parametrize("change", [
    {"score": math.nan}, {"score": 99}, {"score": -1}, {"max": math.inf, "score": 1}, {"seconds": math.nan},
    {"seconds": math.inf}, {"score": None}, {"status": "perfect"}, {"status": ["passed"]}])
def test_results_that_none_can_have_are_refused(change):
    results = json.loads(classes.grade(json.dumps({"notebook": SECOND, "answer": "1"}).encode(), 7))
    assert [vars(result) for result in batch._results(json.dumps(results), SECOND)] == results
    results[0] |= change
    with pytest.raises(ValueError, match="the grader's answer"):
        batch._results(json.dumps(results), SECOND)


def test_no_answer_can_seem_to_be_the_machines_fault(tmp_path):
    """Twice as many as end a batch made the grader stumble: each is set aside, and the neighbour has a mark."""
    answers = {f"eve{i:02}": f"nonsense {i}" for i in range(2 * batch.HOPELESS)} | {"zoe": "1"}
    for _ in range(2):
        summary = run(hand_in(tmp_path / "in", answers), tmp_path / "out")
        found = statuses(tmp_path / "out")
        assert found.pop("zoe") <= {"passed", "failed"}
        assert set(found) == answers.keys() - {"zoe"} and set.union(*found.values()) == {"needs review"}
        assert len(summary.problems) == 2 * batch.HOPELESS
        assert all("made the grader stumble: ValueError" in reason for _, reason in summary.problems)
    assert (summary.graded, summary.kept) == (2 * batch.HOPELESS, 1)


@pytest.mark.parametrize("error", [RuntimeError, RecursionError, MemoryError, OverflowError, KeyError, batch.OutOfTime])
def test_any_error_about_a_file_is_its_learners_alone(error, tmp_path):
    def lift(data, name):
        if b"bad" in data:
            raise error("what it said")
        return classes.lift(data, name)

    folder = hand_in(tmp_path / "in", {f"eve{i:02}": f"bad {i}" for i in range(2 * batch.HOPELESS)} | {"zoe": "1"})
    summary = run(folder, tmp_path / "out", with_engine=batch.replace(pretended(), lift=lift))
    found = graded(tmp_path / "out")
    assert {result.status for result in found.pop("zoe").results} <= {"passed", "failed"}
    assert len(found) == len(summary.problems) == 2 * batch.HOPELESS
    for each in found.values():
        assert {(result.status, result.score) for result in each.results} == {("needs review", 0.0)}
        assert "what it said" in each.results[0].detail and "what it said" not in each.results[0].message
    assert run(folder, tmp_path / "out").graded == 2 * batch.HOPELESS
    assert not any("needs review" in seen for seen in statuses(tmp_path / "out").values())


def test_a_file_that_takes_too_long_is_its_learners_alone(tmp_path, monkeypatch):
    def lift(data, name):
        while b"bad" in data:
            pass
        return classes.lift(data, name)

    monkeypatch.setattr(batch, "SECONDS", 0.1)
    run(hand_in(tmp_path / "in", {"eve": "bad", "zoe": "1"}), tmp_path / "out",
        with_engine=batch.replace(pretended(), lift=lift))
    assert statuses(tmp_path / "out")["eve"] == {"needs review"}
    assert statuses(tmp_path / "out")["zoe"] <= {"passed", "failed"}


def test_problems_of_one_learner_are_few_and_hide_nobody_elses(tmp_path):
    folder = hand_in(tmp_path / "in", {"ada": "1", "eve": "2", "zoe": "3"})
    for i in range(500):
        (folder / "eve" / f"{i}.txt").touch()
    (folder / "zoe" / "mine.txt").touch()
    summary = run(folder, tmp_path / "out")
    told = [origin for origin, _ in summary.problems]
    assert sum("/eve/" in origin for origin in told) == problems.EACH
    assert (f"{folder}/eve", "has 480 more things to look at, which are not listed") in summary.problems
    assert f"{folder}/zoe/mine.txt" in told
    with Store(tmp_path / "out") as store:
        assert store.problems() == sorted(summary.problems)


def test_unreadable_files_are_missing_and_no_job(tmp_path, log):
    folder = hand_in(tmp_path / "in", {"ada": b"rubbish", "bob": "unreadable", "carl": "1"})
    for graded_now in (3, 0):
        summary = run(folder, tmp_path / "out")
        assert (summary.graded, summary.kept) == (graded_now, 3 - graded_now)
        assert len(summary.problems) == 2
        assert statuses(tmp_path / "out")["ada"] == statuses(tmp_path / "out")["bob"] == {"missing"}
    assert graded(tmp_path / "out")["ada"].results[0].message == "The file can't be read as a notebook."
    assert log.read_text().split() == ["1"]


def test_refusal_comes_before_anything_is_done(tmp_path):
    engine = batch.replace(
        pretended(), refusal=lambda unsafe: "" if unsafe else "There is no sandbox: --unsafe goes on."
    )
    folder = write_class(tmp_path / "in", 1)
    with pytest.raises(BatchError, match="no sandbox"):
        run(folder, tmp_path / "out", with_engine=engine)
    assert not (tmp_path / "out").exists()
    assert run(folder, tmp_path / "out", with_engine=engine, unsafe=True).graded == 1


def test_an_empty_folder_makes_no_store(tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(NothingFound):
        run(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_unknown_students_are_graded_and_told(tmp_path):
    summary = run(
        hand_in(tmp_path / "in", {"ada": "1", "eve": "2"}),
        tmp_path / "out",
        roster=Roster(("ada", "bob"), {"ada": "ada"}),
    )
    assert summary.graded == 2 and [reason for _, reason in summary.problems] == ["eve is not on the roster"]
    with Store(tmp_path / "out") as store:
        assert store.roster == ["ada", "bob"] and store.problems() == summary.problems


def test_tampered_answers_are_to_be_looked_at(tmp_path):
    summary = run(hand_in(tmp_path / "in", {"ada": "1", "eve": "tamper"}), tmp_path / "out")
    assert summary.look == [("eve", SECOND, name, "tampered") for name in NAMES]


class Watched(pools.Pool):
    most = 0

    def submit(self, *job):
        super().submit(*job)
        Watched.most = max(Watched.most, len(self._jobs))


def test_few_jobs_are_in_flight(tmp_path, monkeypatch):
    monkeypatch.setattr(pools, "Pool", Watched)
    run(write_class(tmp_path / "in", 60), tmp_path / "out")
    assert Watched.most == 2 * pools.AHEAD


LOOKS = itertools.count()


def jumping():
    """A clock that goes a year forwards or two back at every look."""
    look = next(LOOKS)
    return 1.7e9 + (3e7 if look % 2 else -6e7) * look


def test_clock_that_jumps(tmp_path, monkeypatch, capsys):
    folder = write_class(tmp_path / "in", 20)
    run(folder, tmp_path / "calm")
    monkeypatch.setattr(time, "time", jumping)
    monkeypatch.setattr("tqdm.std.time", jumping)
    for options in ({"notebook": "01"}, {}):
        run(folder, tmp_path / "out", progress=True, **options)
    hand_in(folder, {"student0000": "changed"})
    assert run(folder, tmp_path / "out").graded == 1
    hand_in(folder, {"student0000": "answer 0"})
    run(folder, tmp_path / "out")
    assert stored(tmp_path / "out") == stored(tmp_path / "calm")


def test_progress_is_shown_where_it_is_wanted(tmp_path, capfd):
    folder = write_class(tmp_path / "in", 5)
    run(folder, tmp_path / "out", progress=None)
    assert capfd.readouterr().err == ""
    run(folder, tmp_path / "other", progress=True)
    assert "5/5" in capfd.readouterr().err


def test_no_process_is_left(tmp_path):
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    run(write_class(tmp_path / "in", 5), tmp_path / "out")
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert not [child for child in left if "resource_tracker" not in " ".join(child.cmdline())]
