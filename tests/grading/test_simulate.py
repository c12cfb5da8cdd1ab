"""The simulated class: what it says about each answer is true, shares are kept, no two students answer alike."""

import ast
import json
from collections import Counter

import pytest

from course_lib.exercises import exercises
from course_lib.exercises.core import notebooks
from course_lib.exercises.judge.checking import judge
from course_lib.grading.handed_in import lifting
from tools import bench_grading, simulate
from tools.simulated_answers import WRONG

NAMES = [(name, i) for name, answers in WRONG.items() for i in range(len(answers))]


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """A class of 200, as (folder, truth)."""
    folder = tmp_path_factory.mktemp("school")
    return folder, simulate.simulate(200, folder, seed=3)


def file_of(folder, student):
    return (folder / student / "01_vanishing_gradients.ipynb").read_bytes()


@pytest.mark.parametrize(("name", "i"), NAMES)
def test_wrong_answers_deserve_what_the_table_says(name, i, set_up):
    source, status = WRONG[name][i]
    names = set_up(next(notebook for notebook in notebooks() if name in exercises(notebook)))
    exec(source, names)
    assert judge(names[name]).status == status


def test_answers_in_own_words_mean_the_same(set_up):
    rng = simulate.random.Random(1)
    places = {name: notebook for notebook in notebooks() for name in exercises(notebook)}
    for name, sources in simulate.right_answers().items():
        for source in sources:
            texts = {simulate.in_own_words(source, student, rng) for student in ("Ada Núñez", "Zoë O'Brien", "王")}
            assert len(texts) == 3
            names = set_up(places[name])
            exec(texts.pop(), names)
            assert judge(names[name]).status == "passed", (name, source)
            for _ in range(30):  # every suffix
                ast.parse(simulate.in_own_words(source, "Ada", rng))


def test_names_in_an_f_string_stay_what_they_are():
    source = 'def f(x):\n    total = x + 1\n    rest = 2\n    return f"{total}" * rest'
    texts = [simulate.in_own_words(source, "Ada", simulate.random.Random(seed)) for seed in range(20)]
    for text in texts:
        names = {}
        exec(text, names)
        assert names["f"](3) == "44", text
    assert any("rest_a" in text for text in texts)


def test_every_student_has_a_folder_and_a_name_of_its_own(school):
    folder, truth = school
    assert {path.name for path in folder.iterdir()} == set(truth)
    assert len(truth) == 200
    joined = "".join(truth)
    assert all(some in joined for some in (" ", "'", "é"))


def test_shares_are_kept(school):
    _, truth = school
    kinds = Counter()
    for statuses in truth.values():
        found = set(statuses.values())
        whole = len(statuses) == len(exercises("01_vanishing_gradients"))
        kinds["blank" if found == {"open"} else "right" if found == {"passed"} and whole else "other"] += 1
    assert kinds["blank"] == 20
    assert 120 <= kinds["right"] <= 128  # some of the 8 broken ones deserve full marks
    for n in (1, 7, 99):
        assert len(simulate._kinds(n, simulate.SHARES, simulate.random.Random(0))) == n


def test_the_same_seed_gives_the_same_files(school, tmp_path):
    folder, truth = school
    assert simulate.simulate(200, tmp_path, seed=3) == truth
    assert all(file_of(tmp_path, student) == file_of(folder, student) for student in truth)


def test_another_seed_gives_another_class(school, tmp_path):
    assert set(simulate.simulate(200, tmp_path, seed=4)) != set(school[1])


def test_no_two_students_answer_alike(school):
    """Or the cache would answer for them, and measurements would flatter."""
    folder, truth = school
    jobs = Counter()
    for student, statuses in truth.items():
        if set(statuses.values()) != {"missing"}:
            jobs[lifting.lift(file_of(folder, student), "01_vanishing_gradients").job] += 1
    assert len(jobs) > 190
    assert max(jobs.values()) == 1


def test_unreadable_files_are_unreadable_and_others_are_not(school):
    folder, truth = school
    for student, statuses in truth.items():
        if set(statuses.values()) == {"missing"}:
            with pytest.raises(lifting.Unreadable):
                lifting.lift(file_of(folder, student), "01_vanishing_gradients")
        else:
            lifting.lift(file_of(folder, student), "01_vanishing_gradients")


@pytest.mark.parametrize("broken", simulate.BROKEN, ids=lambda function: function.__name__.strip("_"))
def test_every_way_to_break_a_notebook_breaks_what_it_says(broken):
    name = "01_vanishing_gradients"
    right, everything = simulate.right_answers(), dict.fromkeys(exercises(name), "passed")
    data, expected = broken(simulate.filled(name, {e: right[e][0] for e in everything}), everything)
    if set(expected.values()) == {"missing"}:
        with pytest.raises(lifting.Unreadable):
            lifting.lift(data, name)
    else:
        answers = json.loads(lifting.lift(data, name).job)["answers"]
        assert {e for e, status in expected.items() if status == "missing"} == {
            e for e, place in answers.items() if place == "missing"}


def test_the_other_notebook_too(tmp_path):
    shares = {"right": 0.5, "partly": 0.25, "blank": 0.25}
    truth = simulate.simulate(40, tmp_path, notebook="00_start_here", shares=shares)
    assert Counter(next(iter(statuses.values())) for statuses in truth.values())["open"] >= 10
    for student in truth:
        data = (tmp_path / student / "00_start_here.ipynb").read_bytes()
        assert lifting.identify(data) == "00_start_here"


def test_some_files_are_as_large_as_pictures_make_them(school):
    folder, truth = school
    sizes = [len(file_of(folder, student)) for student in truth]
    assert max(sizes) > 350_000
    assert sum(size > 350_000 for size in sizes) >= 10


def test_the_command_writes_the_truth(tmp_path, monkeypatch, capsys):
    arguments = ["simulate", "5", str(tmp_path / "class"), "--seed", "1", "--truth", str(tmp_path / "truth.json")]
    monkeypatch.setattr("sys.argv", arguments)
    simulate.main()
    assert "5 submissions" in capsys.readouterr().out
    written = {path.name for path in (tmp_path / "class").iterdir()}
    assert set(json.loads((tmp_path / "truth.json").read_text())) == written


# Where the measurements go


def test_the_grading_section_is_replaced_and_nothing_else():
    old = "# Benchmarks\n\nfirst\n\n## Grading\n\nold\n\n## The library\n\nlast\n"
    new = bench_grading.with_section(old, "## Grading\n\nnew")
    assert new == "# Benchmarks\n\nfirst\n\n## Grading\n\nnew\n\n## The library\n\nlast\n"
    assert bench_grading.section(new) == "## Grading\n\nnew"


def test_the_grading_section_comes_last_where_there_is_none():
    text = "# Benchmarks\n\nfirst\n"
    new = bench_grading.with_section(text, "## Grading\n\nnew")
    assert new == "# Benchmarks\n\nfirst\n\n## Grading\n\nnew\n"
    assert bench_grading.section(text) == ""
    assert bench_grading.with_section(new, "## Grading\n\nnewer") == text + "\n## Grading\n\nnewer\n"


def test_nbgrader_gets_set_up_exercises_and_checks_only():
    content = json.loads((simulate.building.ROOT / "notebooks" / "01_vanishing_gradients.ipynb").read_text())
    cells = bench_grading.reduced(content)["cells"]
    assert cells[0]["source"][0] == "import numpy as np\n"
    wanted = [name + role for name in exercises("01_vanishing_gradients") for role in ("", "-check")]
    assert [bench_grading.grade_id(cell) for cell in cells[1:]] == wanted
