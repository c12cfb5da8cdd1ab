"""Update rules, all of one form: `w, state = rule(w, grad, state, lr=...)`; nothing is changed in place."""

from course_lib.contracts import shapes


@shapes(w="...", grad="...")
def sgd(w, grad, state=None, *, lr=0.01):
    """Take one step of plain gradient descent: w ← w - lr · grad.

    Parameters
    ----------
    w, grad : arrays of one shape
    state : None
        Plain gradient descent remembers nothing.
    lr : float
        Learning rate.

    Returns
    -------
    w : array
    state : None

    Notes
    -----
    Cauchy, 1847; on random batches Robbins and Monro, 1951.
    """
    return w - float(lr) * grad, state  # a NumPy float64 would make float32 wider


def update(rule, params, grads, states, **hyper):
    """Apply one rule to every array of a dictionary.

    Parameters
    ----------
    rule : function (w, grad, state, **hyper) -> (w, state)
    params, grads : dict of arrays with the same keys
    states : dict
        As the last call returned it; {} before the first.
    **hyper
        Passed on to the rule, such as lr.

    Returns
    -------
    params, states : dict
        New dictionaries.

    Raises
    ------
    ValueError
        If params and grads differ in their keys or shapes.
    """
    wanted, got = {k: v.shape for k, v in params.items()}, {k: v.shape for k, v in grads.items()}
    if wanted != got:
        differ = sorted(k for k in wanted | got if wanted.get(k) != got.get(k))
        raise ValueError(f"update: grads has shapes {got}, wanted {wanted}: look at {', '.join(differ)}")
    moved = {k: rule(w, grads[k], states.get(k), **hyper) for k, w in params.items()}
    return {k: w for k, (w, _) in moved.items()}, {k: state for k, (_, state) in moved.items()}
