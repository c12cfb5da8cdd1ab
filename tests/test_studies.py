"""Longer studies: run row by row, gone on with, sorted, read back with every damage named; the fourteen in small."""

import math

import numpy as np
import pytest

from course_lib.datasets import load_mnist
from course_lib.measuring import gain, hidden_units
from course_lib.studies import Study, StudyError, load
from course_lib.studies import activations as f
from course_lib.studies.study import FOLDER, path_of, read
from tools import studies


def small(run=None, **changes):
    """A study of two functions and two rates, whose values follow from its settings."""
    made = {
        "name": "small", "budget": {"epochs": 1}, "grid": {"activation": ("ReLU", "tanh, twice"), "lr": (0.1, 0.01)},
        "seeds": (0, 1), "values": ("accuracy", "ms"),
        "run": run or (lambda setting, seed: {"ms": 2.5, "accuracy": setting["lr"] + seed}),
    }
    return Study(**made | changes)


def make(study, folder, *arguments):
    return studies.main(list(arguments), studies={study.name: study}, folder=folder)


@pytest.fixture
def stored(tmp_path):
    assert make(small(), tmp_path) == 0
    return tmp_path


def test_a_study_is_run_stored_and_read_back(stored):
    rows = load(small(), stored)
    assert [(row["activation"], row["lr"], row["seed"]) for row in rows] == [
        (name, lr, seed) for name in ("ReLU", "tanh, twice") for lr in (0.1, 0.01) for seed in (0, 1)
    ]
    assert all(math.isclose(row["accuracy"], row["lr"] + row["seed"]) and row["ms"] == 2.5 for row in rows)
    header, first, *_ = path_of(small(), stored).read_text().splitlines()
    assert header == "activation,lr,seed,accuracy,ms,digest,numpy,python,date"
    assert np.__version__ in first and small().digest in first


def test_a_second_call_runs_nothing_and_changes_nothing(stored):
    before = path_of(small(), stored).read_bytes()
    assert make(small(run=lambda setting, seed: 1 / 0), stored) == 0
    assert path_of(small(), stored).read_bytes() == before


def test_a_killed_run_goes_on_and_ends_with_the_same_file(stored, tmp_path_factory):
    whole, calls = path_of(small(), stored).read_bytes(), []

    def killed(setting, seed):
        calls.append((setting, seed))
        if len(calls) == 4:
            raise KeyboardInterrupt
        return small().run(setting, seed)

    folder = tmp_path_factory.mktemp("again")
    with pytest.raises(KeyboardInterrupt):
        make(small(run=killed), folder)
    path = path_of(small(), folder)
    assert len(path.read_text().splitlines()) == 4
    path.write_bytes(path.read_bytes() + b"tanh, tw")  # and a line that was being written
    assert make(small(), folder) == 0
    assert path.read_bytes() == whole


def test_fresh_replaces_what_is_stored(stored):
    other = small(run=lambda setting, seed: {"accuracy": 0.5, "ms": 1.0})
    assert make(other, stored, "--fresh") == 0
    assert {row["accuracy"] for row in load(other, stored)} == {0.5}


DAMAGE = {
    "missing": (lambda text: None, "is missing: `make studies` runs"),
    "empty": (lambda text: "", "is empty or no CSV file"),
    "other columns": (lambda text: text.replace("accuracy", "loss", 1), "has the columns .*loss.*wanted are"),
    "a line cut off": (lambda text: text[:-20] + "\n", "line 9 has 7 cells, wanted 9"),
    "no number": (lambda text: text.replace("0.1,0,0.1", "0.1,0,high"), "line 2 is damaged .*high"),
    "not finite": (lambda text: text.replace("0.1,0,0.1", "0.1,0,nan"), "line 2: accuracy is nan, wanted a finite"),
    "a run lost": (lambda text: "".join(text.splitlines(True)[:-1]), "lacks 1 runs, the first with .*tanh.* seed 1"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_a_clear_error(stored, damage):
    change, words = DAMAGE[damage]
    path = path_of(small(), stored)
    text = change(path.read_text())
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(StudyError, match=words):
        load(small(), stored)


@pytest.mark.parametrize("change", [{"budget": {"epochs": 2}}, {"values": ("ms", "accuracy")}])
def test_results_of_another_definition_are_stale(stored, change):
    with pytest.raises(StudyError, match="another definition|has the columns"):
        load(small(**change), stored)


def test_stale_results_are_refused_not_mixed(stored, capsys):
    before = path_of(small(), stored).read_bytes()
    assert make(small(budget={"epochs": 2}), stored) == 1
    assert "refused" in capsys.readouterr().out
    assert path_of(small(), stored).read_bytes() == before


def test_more_settings_need_only_the_new_runs(stored):
    calls = []
    wider = small(seeds=(0, 1, 2), run=lambda setting, seed: calls.append(seed) or {"accuracy": 1.0, "ms": 1.0})
    with pytest.raises(StudyError, match="lacks 4 runs"):
        load(wider, stored)
    assert make(wider, stored) == 0
    assert calls == [2, 2, 2, 2] and len(load(wider, stored)) == 12


def test_unknown_names_are_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        make(small(), tmp_path, "large")
    assert "no study 'large', there are: small" in capsys.readouterr().err


# The study "activations"


def test_every_study_is_stored_with_the_course():
    for study in studies.STUDIES.values():
        assert len(load(study)) == len(study.runs())
    assert sorted(path.stem for path in FOLDER.glob("*.csv")) == sorted(studies.STUDIES)


def test_there_are_fourteen_and_each_has_its_slope():
    assert len(f.FOURTEEN) == 14
    z, h = np.linspace(-4.03, 4.0, 60), 1e-6
    for name, (function, slope) in f.FOURTEEN.items():
        assert np.allclose((function(z + h) - function(z - h)) / (2 * h), slope(z), atol=1e-5), name


@pytest.mark.parametrize("name", f.FOURTEEN)
def test_every_pre_activation_begins_with_mean_square_one(name):
    rng = np.random.default_rng(0)
    network, x, sizes = f.level_network(name, rng, widths=[400] * 3), load_mnist().x_train[:256], []
    for layer in network.layers:
        if layer.name in ("activation", "prelu", "rrelu"):
            sizes.append(np.mean(np.square(x)))
        x = layer.forward(x, *layer.params.values())[0]
    assert len(sizes) == 3 and all(0.6 < size < 1.5 for size in sizes), sizes


def mean_square(name):
    """What an activation makes of a signal of mean square 1."""
    return gain(f.FOURTEEN[name][0]) ** -2


def test_mean_squares_are_those_that_are_known():
    assert mean_square("ReLU") == pytest.approx(0.5, abs=1e-3)
    assert mean_square("SELU") == pytest.approx(1.0, abs=1e-3)
    z = np.random.default_rng(0).standard_normal(400_000)
    for name in ("logistic", "tanh", "GELU", "PReLU"):
        assert mean_square(name) == pytest.approx(np.mean(f.FOURTEEN[name][0](z) ** 2), rel=0.01)


def test_all_get_the_same_draws_and_the_same_order():
    weights = {name: f.level_network(name, np.random.default_rng(3), seed=3).params for name in f.FOURTEEN}
    first = weights["ReLU"]["dense 1/w"]
    for name, params in weights.items():
        assert np.array_equal(params["dense 1/w"], first), name
        ratio = (mean_square(name) / mean_square("ReLU")) ** 0.5
        assert np.allclose(params["dense 3/w"] * ratio, weights["ReLU"]["dense 3/w"], rtol=1e-4), name


@pytest.mark.parametrize("name", ["ReLU", "RReLU", "PReLU"])
def test_a_tiny_run_is_the_same_every_time(name):
    """Seed 0 of a tiny setting: it learns something, and a second run learns exactly the same."""
    runs = [f.train(name, 0.001, 0, images=1280, epochs=1) for _ in range(2)]
    (one, history), (other, _) = runs
    assert 0.4 < history.valid_accuracy[-1] < 0.95
    assert all(np.array_equal(one.params[key], other.params[key]) for key in one.params)


def test_a_run_measures_what_the_study_stores(monkeypatch):
    tiny = f.train("ReLU", 0.01, 0, images=640, epochs=1)
    monkeypatch.setattr(f, "train", lambda *setting: tiny)
    values = f.run({"activation": "ReLU", "lr": 0.01}, 0)
    assert set(values) == set(f.VALUES)
    assert values["dead"] == values["off"] and 0 <= values["dead"] < 1
    assert values["valid_accuracy"] == tiny[1].valid_accuracy[-1]
    assert abs(values["test_accuracy"] - values["valid_accuracy"]) < 0.15
    assert 0 < values["step_ms"] < 1000 and 0 < values["inference_ms"] < 10_000
    assert hidden_units(tiny[0], load_mnist().x_valid[:10]).dead.shape == (5, 100)


def test_the_best_rate_is_chosen_by_validation_and_not_by_test():
    rows = [{"activation": "A", "lr": lr, "seed": seed, "valid_accuracy": valid, "test_accuracy": 1 - valid}
            for lr, valid in ((0.1, 0.5), (0.01, 0.9), (0.001, 0.7)) for seed in (0, 1)]
    best = f.best_rates(rows)
    assert list(best) == ["A"] and [(row["lr"], row["seed"]) for row in best["A"]] == [(0.01, 0), (0.01, 1)]


def test_stored_and_new_runs_agree():
    """The stored seed 0 of a quick activation can be made again, within what another machine's rounding may do."""
    stored = read(f.STUDY)["tanh", "0.001", 0]
    network, history = f.train("tanh", 0.001, 0)
    assert history.valid_accuracy[-1] == pytest.approx(stored["valid_accuracy"], abs=0.02)
