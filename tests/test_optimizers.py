"""Update rules: against Keras over 50 steps with every option, by hand, what the papers promise, and at the edges."""

import inspect

import hypothesis.extra.numpy as hnp
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.optimizers import adagrad, adam, adamw, ftrl, lion, momentum, nadam, nesterov, rmsprop, sgd, update

LR = 0.0625  # exact in float32, in which Keras keeps it and, on the way, some of the options
KERAS = {  # rule: Keras's class with what is fixed in it, Keras's names for the options, values that show each of them
    sgd: (keras.optimizers.SGD, {}, {}, {}),
    momentum: (keras.optimizers.SGD, {}, {"beta": "momentum"}, {"beta": 0.875}),
    nesterov: (keras.optimizers.SGD, {"nesterov": True}, {"beta": "momentum"}, {"beta": 0.875}),
    adagrad: (
        keras.optimizers.Adagrad,
        {},
        {"initial_accumulator": "initial_accumulator_value", "eps": "epsilon"},
        {"initial_accumulator": 0.5, "eps": 0.25},
    ),
    rmsprop: (
        keras.optimizers.RMSprop,
        {},
        {"rho": "rho", "beta": "momentum", "eps": "epsilon", "centered": "centered"},
        {"rho": 0.75, "beta": 0.5, "eps": 0.25, "centered": True},
    ),
    adam: (
        keras.optimizers.Adam,
        {},
        {"beta1": "beta_1", "beta2": "beta_2", "eps": "epsilon", "amsgrad": "amsgrad"},
        {"beta1": 0.75, "beta2": 0.875, "eps": 0.25, "amsgrad": True},
    ),
    adamw: (
        keras.optimizers.AdamW,
        {},
        {"beta1": "beta_1", "beta2": "beta_2", "eps": "epsilon", "amsgrad": "amsgrad"},
        {"beta1": 0.75, "beta2": 0.875, "eps": 0.25, "amsgrad": True},
    ),
    nadam: (
        keras.optimizers.Nadam,
        {},
        {"beta1": "beta_1", "beta2": "beta_2", "eps": "epsilon"},
        {"beta1": 0.75, "beta2": 0.875, "eps": 0.25},
    ),
    ftrl: (
        keras.optimizers.Ftrl,
        {},
        {
            "lr_power": "learning_rate_power",
            "initial_accumulator": "initial_accumulator_value",
            "l1": "l1_regularization_strength",
            "l2": "l2_regularization_strength",
            "l2_shrinkage": "l2_shrinkage_regularization_strength",
            "beta": "beta",
        },
        {"lr_power": -0.75, "initial_accumulator": 0.5, "l1": 4.0, "l2": 0.5, "l2_shrinkage": 0.25, "beta": 0.75},
    ),
    lion: (keras.optimizers.Lion, {}, {"beta1": "beta_1", "beta2": "beta_2"}, {"beta1": 0.75, "beta2": 0.875}),
}
RULES = list(KERAS)
named = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)


def each_option():
    """Yield every rule with its defaults, with each option alone, and with all at once."""
    for rule, (_, _, _, values) in KERAS.items():
        values = {**values, "weight_decay": 0.125}
        yield pytest.param(rule, {}, id=f"{rule.__name__}-defaults")
        for name in values:
            yield pytest.param(rule, {name: values[name]}, id=f"{rule.__name__}-{name}")
        yield pytest.param(rule, values, id=f"{rule.__name__}-all")
    yield pytest.param(ftrl, {"lr_power": 0.0}, id="ftrl-lr_power-0")
    yield pytest.param(ftrl, {"initial_accumulator": 0.0}, id="ftrl-initial_accumulator-0")
    yield pytest.param(rmsprop, {"centered": True, "beta": 0.5}, id="rmsprop-centered-beta")


def keras_optimizer(rule, options, lr):
    make, fixed, names, _ = KERAS[rule]
    defaults = {"momentum": 0.9} if make is keras.optimizers.SGD and "beta" in names else {}
    renamed = {names.get(name, name): value for name, value in options.items()}
    return make(learning_rate=lr, **{**defaults, **fixed, **renamed})


def in_float32(rule, options):
    """Return the options, defaults included, as the nearest numbers that float32 has."""
    parameters = inspect.signature(rule).parameters.values()
    defaults = {p.name: p.default for p in parameters if p.name in KERAS[rule][2] or p.name == "weight_decay"}
    return {k: v if isinstance(v, bool) else float(np.float32(v)) for k, v in {**defaults, **options}.items()}


def both_after(rule, options, steps, dtype="float64", lr=LR, shape=(3, 4)):
    """Return our weights and Keras's after the same gradients: of a bumpy loss with noise, one of them always 0."""
    rng = np.random.default_rng(0)
    w, state = rng.standard_normal(shape).astype(dtype), None
    variable, optimizer = keras.Variable(w, dtype=dtype), keras_optimizer(rule, options, lr)
    for _ in range(steps):
        grad = (np.sin(3 * w) + rng.standard_normal(shape)).astype(dtype)
        grad[..., 0] = 0
        w, state = rule(w, grad, state, lr=lr, **options)
        optimizer.apply([keras.ops.convert_to_tensor(grad, dtype=dtype)], [variable])
    return w, variable.value.numpy()


@pytest.mark.parametrize(("rule", "options"), list(each_option()))
def test_equals_keras_over_50_steps(rule, options):
    with np.errstate(invalid="ignore"):  # FTRL's 0 / 0 where s begins at 0 and no gradient has come yet
        ours, theirs = both_after(rule, in_float32(rule, options), 50)
    assert np.isfinite(theirs[..., 1:]).all()
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-7 if rule is nadam else 1e-12)  # Keras rounds its 0.96


@named
def test_equals_keras_with_the_defaults_as_they_are(rule):
    np.testing.assert_allclose(*both_after(rule, {}, 50, lr=2.0**-10), rtol=0, atol=1e-6)


@named
def test_equals_keras_in_float32_on_a_convolution_s_kernel(rule):
    ours, theirs = both_after(rule, {}, 20, "float32", 0.01, (3, 3, 2, 4))
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


@named
def test_defaults_equal_keras(rule):
    make, fixed, names, _ = KERAS[rule]
    theirs = make(**fixed).get_config()
    ours = {name: option.default for name, option in inspect.signature(rule).parameters.items()}
    assert ours["lr"] == pytest.approx(theirs["learning_rate"], rel=1e-6)
    assert ours["weight_decay"] == (theirs["weight_decay"] or 0)
    for name, theirs_name in names.items():
        assert ours[name] == (0.9 if theirs_name == "momentum" and rule is not rmsprop else theirs[theirs_name])


BY_HAND = [  # two steps from w = 1 with gradients 2 and -1
    (sgd, {"lr": 0.5}, [0, 0.5]),
    (momentum, {"lr": 0.5, "beta": 0.5}, [0, 0]),  # v = -1, 0
    (nesterov, {"lr": 0.5, "beta": 0.5}, [-0.5, 0]),  # v = -1, 0; steps 0.5 v - 0.5 grad = -1.5, 0.5
    (adagrad, {"lr": 0.5, "initial_accumulator": 5, "eps": 0}, [1 - 1 / 3, 1 - 1 / 3 + 0.5 / 10**0.5]),
    (adagrad, {"lr": 0.5, "initial_accumulator": 0, "eps": 5}, [1 - 1 / 3, 1 - 1 / 3 + 0.5 / 10**0.5]),
    (rmsprop, {"lr": 0.5, "rho": 0.5, "eps": 2}, [0.5, 0.5 + 0.5 / 3.5**0.5]),  # s = 2, 1.5
    (rmsprop, {"lr": 0.5, "rho": 0.5, "eps": 0, "centered": True}, [0, 0.5 / 1.5**0.5]),  # s - m² = 2 - 1, 1.5 - 0
    (adam, {"lr": 0.5, "beta1": 0.5, "beta2": 0.75, "eps": 0}, [0.5, 0.5]),  # m = 1, 0
    (adam, {"lr": 0.5, "beta1": 0.5, "beta2": 0.75, "eps": 1}, [0.75, 0.75]),  # s = 1: 0.5 · 0.5 / 0.5 · 1 / (1 + 1)
    (adamw, {"lr": 0.5, "beta1": 0.5, "beta2": 0.75, "eps": 0, "weight_decay": 0.5}, [0.25, 0.1875]),
    (ftrl, {"lr": 0.5, "initial_accumulator": 0}, [0.5, (1 + 5**0.5) / 20**0.5]),  # z = -2, -1 - √5
    (lion, {"lr": 0.5, "beta1": 0.5, "beta2": 0.75}, [0.5, 0.75 + 0.25]),  # m = 0.5; sign(0.25 - 0.5) = -1
]


@pytest.mark.parametrize(("rule", "options", "wanted"), BY_HAND, ids=lambda value: getattr(value, "__name__", "-"))
def test_two_steps_by_hand(rule, options, wanted):
    w, state = rule(np.array([1.0]), np.array([2.0]), **options)
    then, _ = rule(w, np.array([-1.0]), state, **options)
    np.testing.assert_allclose([w[0], then[0]], wanted, rtol=1e-12, atol=1e-15)


# What the papers promise


def path(rule, grads, w=0.0, **options):
    """Return the weights before and after each of the steps that the gradients ask for, one row a step."""
    w, state = np.asarray(w), None
    rows = [w]
    for grad in grads:
        w, state = rule(w, np.asarray(grad), state, **options)
        rows.append(w)
    return np.array(rows)


@pytest.mark.parametrize("rule", [momentum, nesterov])
def test_a_constant_gradient_leads_to_the_terminal_velocity(rule):
    steps = np.diff(path(rule, [3.0] * 400, lr=0.1, beta=0.9))
    assert steps[-1] == pytest.approx(-0.1 * 3 / (1 - 0.9))
    first = -0.1 * 3 * (1 if rule is momentum else 1.9)
    assert steps[0] == pytest.approx(first) and (np.diff(steps) < 1e-12).all()


def test_nesterov_is_momentum_with_the_gradient_taken_one_step_ahead():
    slope, lr, beta = np.cos, 0.25, 0.75
    at, v, ahead, state = 1.0, 0.0, np.array(1.0), None
    for _ in range(20):
        v = beta * v - lr * slope(at + beta * v)  # as Sutskever et al. (2013) write it
        at = at + v
        ahead, state = nesterov(ahead, slope(ahead), state, lr=lr, beta=beta)
        assert ahead == pytest.approx(at + beta * v)


def test_adagrad_slows_down_as_one_over_the_root_of_time():
    steps = np.diff(path(adagrad, [3.0] * 100, lr=0.5, initial_accumulator=0.0, eps=0.0))
    np.testing.assert_allclose(steps, -0.5 / np.sqrt(np.arange(1, 101)))


def test_rmsprop_keeps_its_pace_and_centred_speeds_up():
    steps = np.diff(path(rmsprop, [3.0] * 200, lr=0.5))
    assert steps[0] == pytest.approx(-0.5 / 0.1**0.5) and steps[-1] == pytest.approx(-0.5)
    assert np.diff(path(rmsprop, [3.0, 3.1, 3.0, 3.1] * 20, lr=0.5, centered=True))[-1] < -10


@pytest.mark.parametrize("rule", [adam, adamw, lion])
def test_the_first_steps_have_length_lr_whatever_the_gradient_s_scale(rule):
    grads = np.array([[0.01, -1e3, 20.0]] * 5)
    steps = np.diff(path(rule, grads, np.zeros(3), lr=0.5, weight_decay=0.0), axis=0)
    np.testing.assert_allclose(steps, 0.5 * np.array([[-1, 1, -1]] * 5), rtol=1e-3)


def test_amsgrad_remembers_the_largest_gradient():
    grads = [100.0] + [1.0] * 3000
    plain, ams = (np.diff(path(adam, grads, lr=0.5, beta2=0.9, amsgrad=amsgrad)) for amsgrad in (False, True))
    assert plain[-1] == pytest.approx(-0.5) and ams[-1] == pytest.approx(-0.5 / 1000**0.5)


def test_decay_is_apart_from_the_gradient_s_scale():
    for rule in RULES:
        if rule is not ftrl:
            w, _ = rule(np.array([2.0]), np.array([0.0]), lr=0.5, weight_decay=0.25)
            assert w == pytest.approx(2 * (1 - 0.5 * 0.25))
    assert adamw(np.array([2.0]), np.array([0.0]))[0] == pytest.approx(2 * (1 - 0.001 * 0.004), rel=1e-12)
    assert adam(np.array([2.0]), np.array([0.0]), weight_decay=0.5)[0] == pytest.approx(2 * (1 - 0.001 * 0.5))


def test_ftrl_s_l1_gives_exact_zeros_and_only_where_gradients_are_weak():
    rng = np.random.default_rng(0)
    grads = rng.standard_normal((200, 6)) + np.array([0, 0, 0, 2, -2, 4])
    weights = path(ftrl, grads, np.full(6, 0.5), lr=0.1, l1=60.0)[-1]
    assert (weights[:3] == 0).all() and (np.sign(weights[3:]) == [-1, 1, -1]).all()
    assert (path(ftrl, grads, np.full(6, 0.5), lr=0.1)[-1] != 0).all()


# What every rule keeps


def arrays_of(state):
    return [part for part in state or () if isinstance(part, np.ndarray)]


@pytest.mark.parametrize("lr", [1, 0.1, np.float32(0.1), np.float64(0.1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3), (3, 3, 1, 2)])
@named
def test_shape_and_dtype_are_kept_and_the_inputs_too(rule, shape, dtype, lr):
    w, grad = np.full(shape, 2, dtype), np.full(shape, 3, dtype)
    options = {k: v if isinstance(v, bool) else np.float64(v) for k, v in KERAS[rule][3].items()}
    options["weight_decay"] = np.float64(0.5)
    moved, state = rule(w, grad, lr=lr, **options)
    for array in (w, grad, moved, *arrays_of(state)):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    before = [array.copy() for array in arrays_of(state)]
    again, _ = rule(moved, grad, state, lr=lr, **options)
    repeated, _ = rule(moved, grad, state, lr=lr, **options)
    assert [np.shape(array) for array in (moved, again)] == [shape, shape]
    assert {array.dtype for array in (moved, again, *before)} == {np.dtype(dtype)}
    assert (w == 2).all() and (grad == 3).all() and (moved != 2).all()
    assert np.array_equal(again, repeated)
    assert all(map(np.array_equal, before, arrays_of(state)))


numbers = st.floats(-1000, 1000)


@named
@settings(deadline=None, derandomize=True, max_examples=30)
@given(given_=hnp.arrays(np.float64, st.tuples(st.just(4), st.integers(1, 3), st.integers(1, 3)), elements=numbers))
def test_every_element_is_on_its_own(rule, given_):
    w, *grads = given_
    together = path(rule, grads, w, lr=0.25, **KERAS[rule][3])
    for i in np.ndindex(w.shape):
        alone = path(rule, [grad[i] for grad in grads], w[i], lr=0.25, **KERAS[rule][3])
        np.testing.assert_allclose(together[(slice(None), *i)], alone, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@named
def test_extreme_gradients_give_no_nan(rule, dtype):
    grads = np.array([[1000, -1000, 1e-30, 0], [-1000, 1000, 0, 0], [1000, 0, -1e-30, 0]] * 20, dtype)
    weights = path(rule, grads, np.zeros(4, dtype))
    assert np.isfinite(weights).all() and (weights[:, 3] == 0).all()


@named
def test_nan_and_infinity_are_not_hidden(rule):
    with np.errstate(invalid="ignore"):
        moved, _ = rule(np.ones(3), np.array([np.nan, np.inf, 1]))
    assert np.isnan(moved[0]) and np.isfinite(moved[2])
    assert moved[1] == (0.999 if rule is lion else -np.inf) or np.isnan(moved[1])


# What is refused


@named
def test_other_shapes_are_refused(rule):
    with pytest.raises(ValueError, match=r"grad has shape \(3, 1\), wanted \(3,\), as w has"):
        rule(np.ones(3), np.ones((3, 1)))
    with pytest.raises(ValueError, match=r"grad has shape \(\), wanted \(3,\)"):
        rule(np.ones(3), 1.0)


@named
def test_what_is_no_array_is_refused(rule):
    with pytest.raises(ValueError, match="grad is a NoneType"):
        rule(np.ones(2), None)
    with pytest.raises(ValueError, match="w is an array of dtype <U1"):
        rule(np.array(["1"]), np.ones(1))


@pytest.mark.parametrize("value", [-0.1, np.nan, "0.1", None, np.ones(2)])
@named
def test_other_rates_are_refused(rule, value):
    for name in ("lr", "weight_decay", *(set(KERAS[rule][3]) - {"lr_power"})):
        with pytest.raises(ValueError, match=f": {name} is .*, wanted a number from "):
            rule(np.ones(2), np.ones(2), **{name: value})


@pytest.mark.parametrize(
    ("rule", "name"),
    [(r, n) for r in RULES if r is not ftrl for n in KERAS[r][3] if n in ("beta", "beta1", "beta2", "rho")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_shares_lie_below_1(rule, name):
    with pytest.raises(ValueError, match=rf"{name} is 1, wanted a number from 0 to 0\.9999999999999999"):
        rule(np.ones(2), np.ones(2), **{name: 1})
    moved, _ = rule(np.ones(2), np.ones(2), **{name: 0.99999})
    assert np.isfinite(rule(moved, np.ones(2), **{name: 0})[0]).all()


def test_ftrl_needs_a_rate_and_a_power_of_the_right_sign():
    with pytest.raises(ValueError, match="ftrl: lr is 0, wanted a number from 2"):
        ftrl(np.ones(2), np.ones(2), lr=0)
    with pytest.raises(ValueError, match=r"ftrl: lr_power is 0\.5, wanted a number from -inf to 0"):
        ftrl(np.ones(2), np.ones(2), lr_power=0.5)


def test_unknown_options_are_refused():
    for rule in RULES:
        with pytest.raises(TypeError, match="speed"):
            rule(np.ones(2), np.ones(2), speed=1)


# A dictionary of arrays


def counting(w, grad, state=None, *, lr):
    return w - lr * grad, (state or 0) + 1


def test_update_applies_the_rule_and_keeps_each_state():
    params, grads = {"a": np.ones(2), "b": np.zeros((1, 2))}, {"b": np.ones((1, 2)), "a": np.full(2, 4.0)}
    kept, states = dict(params), {}
    moved, states = update(counting, params, grads, states, lr=0.5)
    again, states = update(counting, moved, {**grads, "a": 0 * grads["a"]}, states, lr=0.5)
    assert list(moved) == ["a", "b"]
    assert moved["a"].tolist() == again["a"].tolist() == [-1, -1]
    assert again["b"].tolist() == [[-1, -1]]
    assert states == {"a": 2, "b": 2}
    assert params == kept and params["a"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("grads", "culprits"),
    [
        ({"a": np.ones(2)}, "look at b$"),
        ({"a": np.ones(2), "b": np.ones(3), "c": np.ones(1)}, "look at c$"),
        ({"a": np.ones((2, 1)), "b": np.ones(3)}, "look at a$"),
    ],
)
def test_update_names_what_differs(grads, culprits):
    with pytest.raises(ValueError, match=f"update: grads has shapes .*{culprits}"):
        update(sgd, {"a": np.ones(2), "b": np.ones(3)}, grads, {}, lr=1)


@named
@pytest.mark.parametrize("dtype", [object, complex])
def test_update_refuses_what_is_no_number(rule, dtype):
    good, bad = np.ones(2), np.ones(2, dtype)
    for params, grads, name in (({"a": good, "b": good}, {"a": good, "b": bad}, "grad"),
                                ({"a": good, "b": bad}, {"a": good, "b": good}, "w")):
        with pytest.raises(ValueError, match=f"{rule.__name__}: {name} is an array of dtype {bad.dtype}, wanted"):
            update(rule, params, grads, {}, lr=0.1)


@named
def test_update_keeps_every_array_s_state(rule):
    params, grads = {"a": np.ones(2), "b": np.full((2, 1), 3.0)}, {"a": np.full(2, -2.0), "b": np.ones((2, 1))}
    states, options = {}, {"lr": 0.25, "weight_decay": 0.5}
    for _ in range(3):
        params, states = update(rule, params, grads, states, **options)
    for name, start in (("a", 1.0), ("b", 3.0)):
        alone = path(rule, [grads[name]] * 3, np.full(grads[name].shape, start), **options)[-1]
        assert np.array_equal(params[name], alone)
