"""Update rules, all of one form: `w, state = rule(w, grad, state, lr=...)`; nothing is changed in place.

Every rule also takes weight_decay=0.0: if it isn't 0, w ← w - lr · weight_decay · w comes before the rule's own step.
"""

from functools import partial, wraps
from inspect import Parameter, signature
from math import inf
from numbers import Real

import numpy as np

from course_lib.contracts import is_numeric, shapes

_SHARE, _POSITIVE, _NEGATIVE = (0, 1 - 2**-53), (2.0**-1022, inf), (-inf, 0)


def _rule(**ranges):
    """Check w and grad (one shape) and the options (0 to infinity where no range is given here); add weight_decay."""

    def decorate(rule):
        decays_itself = "weight_decay" in rule.__kwdefaults__

        def prepared(options):
            """Return the rule, with the decay that it doesn't have itself, and its options, all of them checked."""
            options = {key: _number(rule, key, value, *ranges.get(key, (0, inf))) for key, value in options.items()}
            decay = 0 if decays_itself else options.pop("weight_decay", 0)
            return partial(_decaying, rule, decay) if decay else rule, options

        @shapes(w="...", grad="...")
        @wraps(rule)
        def checked(w, grad, state=None, **options):
            if np.shape(w) != np.shape(grad):
                raise ValueError(f"{rule.__name__}: grad has shape {np.shape(grad)}, wanted {np.shape(w)}, as w has")
            step, options = prepared(options)
            return step(w, grad, state, **options)

        if not decays_itself:
            decay = Parameter("weight_decay", Parameter.KEYWORD_ONLY, default=0.0)
            checked.__signature__ = signature(rule).replace(parameters=[*signature(rule).parameters.values(), decay])
        checked.prepared = prepared
        return checked

    return decorate


def _decaying(rule, decay, w, grad, state, **options):
    lr = options.get("lr", rule.__kwdefaults__["lr"])
    return rule(w - lr * decay * w, grad, state, **options)


def _number(rule, name, value, low, high):
    """Return an option as Python's float; a NumPy float64 would make float32 wider."""
    if not ((type(value) is float or isinstance(value, Real)) and low <= value <= high):
        raise ValueError(f"{rule.__name__}: {name} is {value!r}, wanted a number from {low} to {high}")
    return float(value)


@_rule()
def sgd(w, grad, state=None, *, lr=0.01):
    """Take one step of plain gradient descent.

    Parameters
    ----------
    w, grad : arrays of one shape
    state : None, for nothing need be remembered
    lr : float, the learning rate

    Returns
    -------
    w, state : array, None

    Formula
    -------
    w ← w - lr · grad

    Notes
    -----
    Cauchy, 1847; on random batches Robbins and Monro, 1951. In Keras: ``SGD``.
    """
    return w - lr * grad, state


@_rule(beta=_SHARE)
def momentum(w, grad, state=None, *, lr=0.01, beta=0.9):
    """Gather speed, as a ball does, and let it carry the weights.

    Parameters
    ----------
    w, grad : arrays of one shape
    state : None at first (then the speed v is 0), later (v,)
    lr, beta : float, the learning rate and the share of the speed that is kept

    Returns
    -------
    w, state : array, (v,)

    Formula
    -------
    v ← beta · v - lr · grad,   w ← w + v

    Notes
    -----
    Polyak, 1964. In Keras: ``SGD(momentum=beta)``.
    """
    (v,) = state or (0,)
    v = beta * v - lr * grad
    return w + v, (v,)


@_rule(beta=_SHARE)
def nesterov(w, grad, state=None, *, lr=0.01, beta=0.9):
    """Gather speed as in momentum, and look ahead.

    w stands where the speed will carry it next, so that grad is the gradient one step
    ahead.

    Parameters
    ----------
    w, grad : arrays of one shape
    state : None at first (then v is 0), later (v,)
    lr, beta : float

    Returns
    -------
    w, state : array, (v,)

    Formula
    -------
    v ← beta · v - lr · grad;   then, v being the new one, w ← w + beta · v - lr · grad

    Notes
    -----
    Nesterov, 1983; in this form Bengio et al., 2013.
    In Keras: ``SGD(momentum=beta, nesterov=True)``.
    """
    (v,) = state or (0,)
    step = lr * grad
    v = beta * v - step
    return w + beta * v - step, (v,)


@_rule()
def adagrad(w, grad, state=None, *, lr=0.001, initial_accumulator=0.1, eps=1e-7):
    """Take the shorter steps along an axis the steeper it has been.

    Parameters
    ----------
    w, grad : arrays of one shape
    state : None at first (then s is initial_accumulator), later (s,)
    lr, initial_accumulator, eps : float

    Returns
    -------
    w, state : array, (s,)

    Formula
    -------
    s ← s + grad²,   w ← w - lr · grad / √(s + eps)

    Notes
    -----
    Duchi, Hazan and Singer, 2011. In Keras: ``Adagrad``, with eps inside the root.
    """
    (s,) = state or (initial_accumulator,)
    s = s + grad**2
    return w - lr * grad / np.sqrt(s + eps), (s,)


@_rule(rho=_SHARE, beta=_SHARE)
def rmsprop(
    w, grad, state=None, *, lr=0.001, rho=0.9, beta=0.0, eps=1e-7, centered=False
):
    """Scale steps as AdaGrad does, but forget the squares of long ago.

    Parameters
    ----------
    w, grad : arrays of one shape
    state : None at first (then s, v and m are 0), later (s, v, m)
    lr, rho, beta, eps : float; rho is the weight of the old average, beta the momentum
    centered : bool
        Divide by the root of the variance, not of the mean square; m is the mean
        gradient.

    Returns
    -------
    w, state : array, (s, v, m)

    Formula
    -------
    s ← rho · s + (1 - rho) · grad²,   v ← beta · v + lr · grad / √(s + eps),   w ← w -
    v; centred: m ← rho · m + (1 - rho) · grad, and s - m² in place of s in the root

    Notes
    -----
    Tieleman and Hinton, 2012; centred: Graves, 2013. In Keras: ``RMSprop``, with eps
    inside the root.
    """
    s, v, m = state or (0, 0, 0)
    s = rho * s + (1 - rho) * grad**2
    m = rho * m + (1 - rho) * grad if centered else m
    variance = s - m**2 if centered else s
    v = beta * v + lr * grad / np.sqrt(variance + eps)
    return w - v, (s, v, m)


@_rule(beta1=_SHARE, beta2=_SHARE)
def adam(
    w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7, amsgrad=False
):
    """Step by the mean gradient over the root of its mean square, both corrected.

    Parameters
    ----------
    w, grad : arrays of one shape
    state : None at first (then all are 0), later (m, s, top, t)
        Two moving averages, of the gradient and of its square, which are too small at
        first, since they start at 0; the largest s; the number of steps.
    lr, beta1, beta2, eps : float
        beta1 and beta2 are the weights of the old averages.
    amsgrad : bool, whether to divide by the root of `top`, the largest s so far

    Returns
    -------
    w, state : array, (m, s, top, t)

    Formula
    -------
    t ← t + 1,   m ← beta1 · m + (1 - beta1) · grad,   s ← beta2 · s + (1 - beta2) ·
    grad², w ← w - lr · √(1 - beta2ᵗ) / (1 - beta1ᵗ) · m / (√s + eps)

    Notes
    -----
    Kingma and Ba, 2015, eps as in the last lines of their section 2; AMSGrad: Reddi et
    al., 2018. In Keras: ``Adam``.
    """
    m, s, top, t = state or (0, 0, 0, 0)
    t = t + 1
    m = beta1 * m + (1 - beta1) * grad
    s = beta2 * s + (1 - beta2) * grad**2
    top = np.maximum(top, s) if amsgrad else s
    step = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
    return w - step * m / (np.sqrt(top) + eps), (m, s, top, t)


@_rule(beta1=_SHARE, beta2=_SHARE)
def adamw(w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7, amsgrad=False, weight_decay=0.004):
    """Take Adam's step, with weights that decay apart from the gradient, which Adam would scale.

    Options and state as in `adam`.

    Formula
    -------
    w ← w - lr · weight_decay · w, then Adam's own step

    Notes
    -----
    Loshchilov and Hutter, 2019. In Keras: ``AdamW``.
    """
    decayed = w - lr * weight_decay * w
    return adam(decayed, grad, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps, amsgrad=amsgrad)


@_rule(beta1=_SHARE, beta2=_SHARE)
def nadam(w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
    """Take Adam's step, but look ahead, with a beta1 that grows.

    State: None at first, later (m, s, U, t).

    Formula
    -------
    uₜ = beta1 · (1 - 0.96ᵗ / 2),   U = u₁ · ... · uₜ,   m, s and t as in `adam`,
    w ← w - lr · (uₜ₊₁ · m / (1 - U · uₜ₊₁) + (1 - uₜ) · grad / (1 - U)) / (√(s / (1 - beta2ᵗ)) + eps)

    Notes
    -----
    Dozat, 2016. In Keras: ``Nadam``.
    """
    m, s, product, t = state or (0, 0, 1, 0)
    t = t + 1
    u, u_next = beta1 * (1 - 0.96**t / 2), beta1 * (1 - 0.96 ** (t + 1) / 2)
    product = product * u
    m = beta1 * m + (1 - beta1) * grad
    s = beta2 * s + (1 - beta2) * grad**2
    ahead = u_next / (1 - product * u_next) * m + (1 - u) / (1 - product) * grad
    return w - lr * ahead / (np.sqrt(s / (1 - beta2**t)) + eps), (m, s, product, t)


@_rule(lr=_POSITIVE, lr_power=_NEGATIVE)
def ftrl(
    w, grad, state=None, *, lr=0.001, lr_power=-0.5, initial_accumulator=0.1, l1=0.0, l2=0.0, l2_shrinkage=0.0, beta=0.0
):
    """Find w anew from the sum z of all gradients, with penalties on w: l1 makes weights exactly 0.

    State: None at first, when s is initial_accumulator; later (s, z).

    Formula
    -------
    z ← z + grad + 2 · l2_shrinkage · w - (q(s + grad²) - q(s)) / lr · w,   s ← s + grad²,   where q(s) = s^(-lr_power),
    w ← (clip(z, -l1, l1) - z) / ((q(s) + beta) / lr + 2 · l2)

    Notes
    -----
    McMahan et al., 2013. In Keras: ``Ftrl``.
    """
    s, z = state or (initial_accumulator, 0)
    old, s = s**-lr_power, s + grad**2
    new = s**-lr_power
    z = z + grad + (2 * l2_shrinkage - (new - old) / lr) * w
    return (np.clip(z, -l1, l1) - z) / ((new + beta) / lr + 2 * l2), (s, z)


@_rule(beta1=_SHARE, beta2=_SHARE)
def lion(w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.99):
    """Step by exactly lr along every axis, up or down by the sign of an average.

    State: None at first, when m is 0; later (m,).

    Formula
    -------
    w ← w - lr · sign(beta1 · m + (1 - beta1) · grad),   m ← beta2 · m + (1 - beta2) · grad

    Notes
    -----
    Chen et al., 2023. In Keras: ``Lion``.
    """
    (m,) = state or (0,)
    return w - lr * np.sign(beta1 * m + (1 - beta1) * grad), (beta2 * m + (1 - beta2) * grad,)


def update(rule, params, grads, states, **hyper):
    """Apply one rule to every array of a dictionary, and return two new dictionaries: params, states.

    Parameters
    ----------
    rule : function (w, grad, state, **hyper) -> (w, state)
    params, grads : dict of arrays
        The same keys and shapes in both, or a ValueError says which differ.
    states : dict, as the last call returned it, {} before the first
    **hyper : the rule's options, such as lr
    """
    wanted, got = {k: v.shape for k, v in params.items()}, {k: v.shape for k, v in grads.items()}
    if wanted != got:
        differ = sorted(k for k in wanted | got if wanted.get(k) != got.get(k))
        raise ValueError(f"update: grads has shapes {got}, wanted {wanted}: look at {', '.join(differ)}")
    if hasattr(rule, "prepared"):  # what holds for one array holds for all, but that it holds numbers
        for k in [k for k, w in params.items() if not (is_numeric(w) and is_numeric(grads[k]))]:
            rule(params[k], grads[k])  # raises the ValueError that says so
        rule, hyper = rule.prepared(hyper)
    moved = {k: rule(w, grads[k], states.get(k), **hyper) for k, w in params.items()}
    return {k: w for k, (w, _) in moved.items()}, {k: state for k, (_, state) in moved.items()}
