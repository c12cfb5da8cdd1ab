"""Checkpoints: what was saved comes back bit for bit, a killed run goes on, and a wrong file changes nothing."""

import numpy as np
import pytest

from course_lib.checkpoints import load_checkpoint, save_checkpoint
from course_lib.datasets import load_mnist
from course_lib.models import dense_network
from course_lib.optimizers import sgd
from course_lib.training import fit


def network(rng, widths=(8,)):
    return dense_network(list(widths), rng=rng, batch_norm=True)


def test_a_run_that_is_gone_on_with_equals_one_that_was_never_interrupted(tmp_path):
    data, path = load_mnist().first(200, valid=50), tmp_path / "run.npz"
    rng = np.random.default_rng(0)
    whole = network(rng)
    fit(whole, data, sgd, lr=0.1, rng=rng, epochs=4, progress=False)
    rng = np.random.default_rng(0)
    first = network(rng)
    fit(first, data, sgd, lr=0.1, rng=rng, epochs=2, progress=False)
    save_checkpoint(path, first, rng)
    other = np.random.default_rng(99)
    second = network(other)
    load_checkpoint(path, second, other)
    fit(second, data, sgd, lr=0.1, rng=other, epochs=2, progress=False)
    assert all(np.array_equal(w, second.weights[name]) for name, w in whole.weights.items())
    assert rng.random() != other.random()


def test_a_file_that_does_not_fit_is_named_and_changes_nothing(tmp_path):
    rng = np.random.default_rng(0)
    save_checkpoint(tmp_path / "small.npz", network(rng, (8,)), rng)
    large = network(rng, (9, 5))
    before, state = {name: w.copy() for name, w in large.weights.items()}, rng.bit_generator.state
    with pytest.raises(ValueError, match=r"dense 1/w: found \(784, 8\), wanted \(784, 9\).*dense 3/w: found nothing"):
        load_checkpoint(tmp_path / "small.npz", large, rng)
    assert all(np.array_equal(w, large.weights[name]) for name, w in before.items())
    assert rng.bit_generator.state == state


def test_a_file_without_a_generator_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    made = network(rng)
    np.savez(tmp_path / "weights.npz", **made.weights)
    with pytest.raises(ValueError, match="no random generator"):
        load_checkpoint(tmp_path / "weights.npz", made, rng)


def test_a_generator_of_another_kind_is_refused_and_changes_nothing(tmp_path):
    rng, other = np.random.default_rng(0), np.random.Generator(np.random.MT19937(0))
    save_checkpoint(tmp_path / "run.npz", network(rng), rng)
    made = network(rng)
    before = {name: w.copy() for name, w in made.weights.items()}
    with pytest.raises(ValueError, match="PCG64|MT19937"):
        load_checkpoint(tmp_path / "run.npz", made, other)
    assert all(np.array_equal(w, made.weights[name]) for name, w in before.items())


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    rng, path = np.random.default_rng(0), tmp_path / "run.npz"
    made = network(rng)
    save_checkpoint(path, made, rng)
    before = path.read_bytes()

    def breaks_off(file, **arrays):
        file.write_bytes(b"half of it")
        raise ZeroDivisionError

    monkeypatch.setattr(np, "savez", breaks_off)
    with pytest.raises(ZeroDivisionError):
        save_checkpoint(path, made, rng)
    assert path.read_bytes() == before
