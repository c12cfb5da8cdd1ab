"""Schedules: against Keras step by step, known values at the corners, arrays of steps, and what is refused."""

import doctest
import inspect
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib import schedules
from course_lib.schedules import (
    cosine_decay,
    exponential_decay,
    one_cycle,
    performance_schedule,
    piecewise_constant,
    power_decay,
    warm_up,
)

KERAS = keras.optimizers.schedules
STEPS = [0, 1, 2, 9, 10, 11, 19, 20, 21, 30, 35, 100, 1000]
AGAINST_KERAS = [
    (
        piecewise_constant,
        {"boundaries": [10, 20], "factors": [0.5, 0.1]},
        KERAS.PiecewiseConstantDecay([10, 20], [0.3, 0.15, 0.03]),
    ),
    (piecewise_constant, {"boundaries": [10], "factors": [2]}, KERAS.PiecewiseConstantDecay([10], [0.3, 0.6])),
    (exponential_decay, {"decay_steps": 10, "decay_rate": 0.5}, KERAS.ExponentialDecay(0.3, 10, 0.5)),
    (
        exponential_decay,
        {"decay_steps": 10, "decay_rate": 0.9, "staircase": True},
        KERAS.ExponentialDecay(0.3, 10, 0.9, staircase=True),
    ),
    (power_decay, {"decay_steps": 10}, KERAS.InverseTimeDecay(0.3, 10, 1.0)),
    (cosine_decay, {"decay_steps": 20}, KERAS.CosineDecay(0.3, 20)),
    (cosine_decay, {"decay_steps": 20, "alpha": 0.25}, KERAS.CosineDecay(0.3, 20, alpha=0.25)),
]
OPTIONS = {
    piecewise_constant: {"boundaries": [10, 20], "factors": [0.5, 0.1]},
    exponential_decay: {"decay_steps": 10, "decay_rate": 0.5},
    power_decay: {"decay_steps": 10, "power": 2},
    cosine_decay: {"decay_steps": 20, "alpha": 0.25},
    warm_up: {"warmup_steps": 10, "start": 0.125},
    one_cycle: {"steps": 30},
}
named = pytest.mark.parametrize("schedule", OPTIONS, ids=lambda schedule: schedule.__name__)


@pytest.mark.parametrize(
    ("schedule", "options", "theirs"), AGAINST_KERAS, ids=lambda value: getattr(value, "__name__", "-")
)
def test_equals_keras(schedule, options, theirs):
    wanted = [float(theirs(step)) for step in STEPS]
    np.testing.assert_allclose([schedule(step, lr=0.3, **options) for step in STEPS], wanted, rtol=1e-5, atol=1e-8)


def test_a_warm_up_and_then_a_cosine_equal_keras():
    theirs = KERAS.CosineDecay(0.125, 20, alpha=0.25, warmup_target=0.5, warmup_steps=10)
    for step in STEPS:
        later = cosine_decay(max(step - 10, 0), lr=0.5, decay_steps=20, alpha=0.25)
        ours = warm_up(step, lr=later, warmup_steps=10, start=0.125)
        assert ours == pytest.approx(float(theirs(step)), rel=1e-5)


def test_the_example_is_right():
    failed, tried = doctest.testmod(schedules, extraglobs={"np": np})
    assert (failed, tried) == (0, 3)


KNOWN = [
    (
        piecewise_constant,
        {"boundaries": [10, 20], "factors": [0.5, 0.1]},
        {0: 1, 10: 1, 11: 0.5, 20: 0.5, 21: 0.1, 99: 0.1},
    ),
    (piecewise_constant, {"boundaries": [], "factors": []}, {0: 1, 99: 1}),
    (exponential_decay, {"decay_steps": 10, "decay_rate": 0.25}, {0: 1, 5: 0.5, 10: 0.25, 20: 0.0625}),
    (
        exponential_decay,
        {"decay_steps": 10, "decay_rate": 0.25, "staircase": True},
        {0: 1, 9: 1, 10: 0.25, 19: 0.25, 20: 0.0625},
    ),
    (power_decay, {"decay_steps": 10}, {0: 1, 10: 0.5, 30: 0.25, 70: 0.125}),
    (power_decay, {"decay_steps": 10, "power": 0.5}, {0: 1, 30: 0.5}),
    (power_decay, {"decay_steps": 10, "power": 0}, {0: 1, 30: 1}),
    (cosine_decay, {"decay_steps": 12}, {0: 1, 4: 0.75, 6: 0.5, 8: 0.25, 12: 0, 24: 0}),
    (cosine_decay, {"decay_steps": 12, "alpha": 0.5}, {0: 1, 6: 0.75, 12: 0.5, 24: 0.5}),
    (warm_up, {"warmup_steps": 4}, {0: 0, 1: 0.25, 4: 1, 5: 1, 99: 1}),
    (warm_up, {"warmup_steps": 4, "start": 1}, {0: 0.5, 2: 0.75, 4: 1}),  # lr is 2
    (one_cycle, {"steps": 100}, {0: 0.1, 45: 1, 22.5: 0.55, 67.5: 0.55, 90: 0.1, 95: 0.0505, 100: 0.001, 120: 0.001}),
    (one_cycle, {"steps": 80, "low": 0.5, "end": 0.25, "tail": 0.5}, {0: 0.5, 20: 1, 40: 0.5, 60: 0.375, 80: 0.25}),
    (one_cycle, {"steps": 80, "tail": 0}, {0: 0.1, 40: 1, 60: 0.55, 79: 0.1225}),
]


@pytest.mark.parametrize(("schedule", "options", "shares"), KNOWN, ids=lambda value: getattr(value, "__name__", "-"))
def test_known_values(schedule, options, shares):
    for step, share in shares.items():
        assert schedule(step, lr=2.0, **options) == pytest.approx(2 * share, abs=1e-15)


@named
def test_an_array_of_steps_gives_the_rate_of_each(schedule):
    steps = np.array(STEPS).reshape(1, -1)
    steps.flags.writeable = False
    rates = schedule(steps, lr=0.3, **OPTIONS[schedule])
    assert rates.shape == steps.shape and rates.dtype == np.float64
    np.testing.assert_allclose(rates[0], [schedule(step, lr=0.3, **OPTIONS[schedule]) for step in STEPS], rtol=1e-13)
    assert schedule(np.arange(0), lr=0.3, **OPTIONS[schedule]).shape == (0,)
    assert len(np.unique(rates)) > 2, "a schedule that never changes the rate"


@named
def test_one_step_gives_a_float_of_python(schedule):
    for step in (0, 7, np.int64(7), np.array(7)):
        rate = schedule(step, lr=np.float32(0.5), **OPTIONS[schedule])
        assert type(rate) is float and rate == pytest.approx(schedule(int(step), lr=0.5, **OPTIONS[schedule]))


@named
@settings(deadline=None, derandomize=True, max_examples=30)
@given(step=st.integers(0, 10**6), lr=st.floats(0, 10))
def test_rates_are_in_proportion_to_lr_and_never_above_it(schedule, step, lr):
    options = {**OPTIONS[schedule], **({"start": lr / 8} if schedule is warm_up else {})}
    unit = {**options, **({"start": 1 / 8} if schedule is warm_up else {})}
    rate = schedule(step, lr=lr, **options)
    assert 0 <= rate <= lr * (1 + 1e-12)
    assert rate == pytest.approx(lr * schedule(step, lr=1.0, **unit))


def test_defaults_equal_keras():
    defaults = {name: p.default for name, p in inspect.signature(performance_schedule).parameters.items()}
    theirs = keras.callbacks.ReduceLROnPlateau()
    for name in ("factor", "patience", "min_delta", "cooldown", "min_lr"):
        assert defaults[name] == getattr(theirs, name)
    defaults = {name: p.default for name, p in inspect.signature(cosine_decay).parameters.items()}
    assert defaults["alpha"] == KERAS.CosineDecay(0.1, 1).alpha


# The schedule that looks at the losses


def keras_rates(losses, lr, **options):
    """Return the rate before the first epoch and after each, as Keras's callback sets it."""
    model = SimpleNamespace(optimizer=keras.optimizers.SGD(learning_rate=lr))
    callback = keras.callbacks.ReduceLROnPlateau(**options)
    callback.set_model(model)
    callback.on_train_begin()
    rates = [lr]
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        rates.append(float(model.optimizer.learning_rate))
    return rates


exact = st.integers(0, 12).map(lambda k: k / 8)  # sums of these have no rounding, in float32 neither


@settings(deadline=None, derandomize=True, max_examples=50)
@given(
    losses=st.lists(st.one_of(exact, st.sampled_from([np.nan, np.inf])), max_size=25),
    patience=st.integers(0, 4),
    min_delta=st.sampled_from([0.0, 0.125, 0.25]),
    cooldown=st.integers(0, 3),
    min_lr=st.sampled_from([0.0, 0.0625, 0.1875, 2.0]),
)
@example(losses=[1.0] * 20, patience=2, min_delta=0.0, cooldown=0, min_lr=0.0)
@example(losses=[1.0] * 20, patience=2, min_delta=0.0, cooldown=3, min_lr=0.1875)
@example(losses=[1.0, 1.0, 0.5, 0.5, 0.5, 1.0], patience=2, min_delta=0.125, cooldown=1, min_lr=0.0)
@example(losses=[1.0, 0.875, 0.75, 0.625, 0.5, 0.375], patience=3, min_delta=0.125, cooldown=0, min_lr=0.0)
@example(losses=[np.nan, 1.0, 0.5, 0.25], patience=2, min_delta=0.0, cooldown=0, min_lr=0.0)
def test_performance_schedule_equals_keras(losses, patience, min_delta, cooldown, min_lr):
    options = dict(factor=0.5, patience=patience, min_delta=min_delta, cooldown=cooldown, min_lr=min_lr)
    ours = [performance_schedule(losses[:n], lr=1.0, **options) for n in range(len(losses) + 1)]
    assert ours == keras_rates(losses, 1.0, **options)


def test_performance_schedule_by_hand():
    losses = [3.0, 2.0, 2.0, 2.5, 1.0, 1.5, 1.5, 1.5, 1.5]
    rates = [performance_schedule(losses[:n], lr=1.0, factor=0.5, patience=2) for n in range(10)]
    assert rates == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]
    assert performance_schedule([1.0] * 11, lr=0.5) == 0.05 and performance_schedule([1.0] * 10, lr=0.5) == 0.5
    creeping = [1 - 0.00005 * k for k in range(11)]
    assert performance_schedule(creeping, lr=0.5, patience=2) == pytest.approx(0.5 * 0.1**3)
    assert performance_schedule(creeping, lr=0.5, patience=2, min_delta=0) == 0.5


def test_performance_schedule_leaves_the_history_alone():
    losses = np.ones(30, np.float32)
    losses.flags.writeable = False
    rate = performance_schedule(losses, lr=np.float64(0.5))
    assert type(rate) is float and rate == performance_schedule(list(losses), lr=0.5) == pytest.approx(0.005)


# What is refused


@named
@pytest.mark.parametrize("step", [-1, np.array([0, -1]), np.nan, "3", None])
def test_other_steps_are_refused(schedule, step):
    with pytest.raises(ValueError, match=f"{schedule.__name__}: step is .*, wanted (0 or more|numbers)"):
        schedule(step, lr=0.1, **OPTIONS[schedule])
    with pytest.raises(ValueError, match="step is"):
        schedule(step=step, lr=0.1, **OPTIONS[schedule])


REFUSED = [(schedule, "lr", -0.1) for schedule in OPTIONS] + [
    (piecewise_constant, "boundaries", [20, 10]),
    (piecewise_constant, "boundaries", [10]),
    (piecewise_constant, "boundaries", [-1, 10]),
    (piecewise_constant, "factors", [0.5, -0.1]),
    (exponential_decay, "decay_steps", 0),
    (exponential_decay, "decay_rate", 0),
    (exponential_decay, "decay_rate", -0.5),
    (power_decay, "decay_steps", 0),
    (power_decay, "power", -1),
    (cosine_decay, "decay_steps", 0),
    (cosine_decay, "alpha", -0.1),
    (warm_up, "warmup_steps", 0),
    (warm_up, "start", None),
    (one_cycle, "steps", 0),
    (one_cycle, "tail", 1),
    (one_cycle, "low", -1),
    (one_cycle, "end", -1),
]


@pytest.mark.parametrize(
    ("schedule", "name", "value"), REFUSED, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_other_numbers_are_refused(schedule, name, value):
    with pytest.raises(ValueError, match=f"{schedule.__name__}: {name} is .*, wanted "):
        schedule(3, **{"lr": 0.1, **OPTIONS[schedule], name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("losses", 1.0),
        ("losses", [[1.0]]),
        ("losses", [None]),
        ("lr", -1),
        ("factor", 1),
        ("factor", 0),
        ("patience", -1),
        ("min_delta", -0.1),
        ("cooldown", -1),
        ("min_lr", -0.1),
    ],
)
def test_performance_schedule_refuses(name, value):
    with pytest.raises(ValueError, match=f"performance_schedule: {name} is .*, wanted "):
        performance_schedule(**{"losses": [1.0], "lr": 0.1, name: value})
