"""`course train`: the network is made of the learner's functions, as far as they reach."""

import numpy as np
import pytest
from typer.testing import CliRunner

from course_lib.__main__ import main
from course_lib.datasets import load_mnist
from course_lib.exercises.core import find
from course_lib.gradcheck import check_gradient
from course_lib.mine import ladder
from tests.test_exercises_keeping import PLAIN, SLOPE, file, passed  # noqa: F401 - a fixture
from tests.test_mine import kept
from tests.test_mine_exporting import DENSE


def test_the_rungs_name_exercises_in_the_order_of_the_course():
    names = [name for rung in ladder.LADDER for name in rung.functions.split()]
    assert len(set(names)) == len(names)
    assert [find(name).name for name in names] == names
    assert all(0.95 < rung.reached < 1 for rung in ladder.LADDER)


def test_how_far_a_learner_is():
    assert ladder.highest() == 1
    kept("logistic", PLAIN, [["import", "np", "import numpy as np"]])
    kept("logistic_derivative", SLOPE, [["mine", "logistic", "logistic"]])
    assert not ladder.is_own("dense_backward")
    kept("dense_backward", DENSE)
    assert ladder.highest() == 1
    kept("adam", "def adam(w, grad, state=None, *, lr=0.001): return w - lr * grad, state")
    assert ladder.highest() == 6  # what is open below it is the course's
    kept("adam", "broken")
    assert ladder.highest() == 1


@pytest.mark.parametrize("height", range(1, len(ladder.LADDER) + 1))
def test_every_rung_is_a_network_for_images(height):
    network = ladder.network_of(ladder.parts_of(height), 8, np.random.default_rng(0))
    logits, caches = network.forward(load_mnist().x_train[:6])
    grads = network.backward(np.ones((6, 10), np.float32), caches)
    assert logits.shape == (6, 10) and np.isfinite(logits).all()
    assert {key: grad.shape for key, grad in grads.items()} == {key: w.shape for key, w in network.params.items()}


def test_the_convolutions_gradients_are_right():
    rng = np.random.default_rng(0)
    network = ladder.network_of(ladder.parts_of(8) | {"dropout": 0.0}, 8, rng)
    network.params = {key: array.astype(np.float64) for key, array in network.params.items()}

    def forward(w):
        network.params = network.params | {"conv 1/w": w}
        return network.forward(load_mnist().x_train[:3])

    def backward(dy, caches):
        return (network.backward(dy, caches)["conv 1/w"],)

    assert max(check_gradient(forward, backward, network.params["conv 1/w"], rng=rng)) < 1e-4


@pytest.mark.parametrize("height", range(1, len(ladder.LADDER) + 1))
def test_what_a_rung_uses_is_what_it_was_given(height, monkeypatch):
    asked = []

    def hand(name):
        asked.append(name)
        return find(name).reference

    monkeypatch.setattr(ladder, "hand", hand)
    ladder.network_of(ladder.parts_of(height), 8, np.random.default_rng(0))
    ladder.rule_of(ladder.parts_of(height))
    assert set(asked) == ladder.used(ladder.parts_of(height)) - {"sgd"}


def test_training_runs_on_the_learners_functions_and_says_so():
    passed(PLAIN)
    done = CliRunner().invoke(main, ["train", "--epochs", "1", "--images", "640", "--hidden", "10"])
    assert done.exit_code == 0, done.exception
    assert ("Rung 1 of 8, a logistic hidden layer: 1 hidden layer of 10 logistic units, LeCun's weights; "
            "trained by sgd at 0.1.") in done.output
    assert "1 of its 3 functions are yours: logistic." in done.output
    assert "The course's: dense_backward, which waits in notebook 01_vanishing_gradients." in done.output
    assert "Next: its layers joined by loops of your own, when network_forward, network_backward from" in done.output
    assert "The test images stay closed" in done.output


def test_a_learners_function_is_really_what_trains():
    kept("dense_backward", "def dense_backward(dy, cache):\n    raise ArithmeticError('mine was called')")
    with pytest.raises(ArithmeticError, match="mine was called"):
        ladder.climb(1, 8, 64, progress=False)
    kept("adam", "def adam(w, grad, state=None, *, lr=0.001):\n    raise ArithmeticError('my adam')")
    kept("dense_backward", DENSE)
    with pytest.raises(ArithmeticError, match="my adam"):
        ladder.climb(1, 8, 64, progress=False)


def test_the_functions_that_a_learners_loops_run_on_are_counted():
    kept("logistic", "def logistic(z): return z")
    kept("logistic_derivative", "def logistic_derivative(z): return mine.logistic(z)",
         [["import", "mine", "import course_lib.mine as mine"]])
    kept("network_backward", "def network_backward(dlogits, caches): return slope(dlogits), dense_backward(caches)",
         [["mine", "slope", "logistic_derivative"], ["mine", "dense_backward", "dense_backward"]])
    assert ladder.used(ladder.parts_of(2)) == {
        "sgd", "network_forward", "network_backward", "logistic_derivative", "logistic", "dense_backward"}


def test_what_was_stopped_is_said(monkeypatch):
    def stopping(network, data, rule, *, history, **more):
        history.stopped = "interrupted after step 3"
        raise KeyboardInterrupt

    monkeypatch.setattr(ladder, "fit", stopping)
    said = ladder.climb(1, 8, 64, progress=False)
    assert said.startswith("It was stopped: interrupted after step 3.\n0 of its 3 functions are yours: none yet.")


def test_it_learns():
    said = ladder.climb(1, 50, 12_800, height=6, progress=False)
    assert float(said.split("%")[0].split()[-1]) > 88
