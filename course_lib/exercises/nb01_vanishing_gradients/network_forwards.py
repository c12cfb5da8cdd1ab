"""Exercise of notebook 01: forwards through all layers of a network."""

import numpy as np

from course_lib.activations import logistic
from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.exercises.nb01_vanishing_gradients.networks import NETWORKS, PAPER, drawn
from course_lib.first_network import network_backward, network_forward
from course_lib.layers import dense

PAIR = "((array, array), array)"


def _cases(rng):
    yield np.array([[1.0, 2.0]]), PAPER
    for sizes, batch, dtype in NETWORKS:
        yield rng.standard_normal((batch, sizes[0])).astype(dtype), drawn(rng, *sizes, dtype=dtype)
    yield 1e3 * rng.standard_normal((3, 2)), drawn(rng, 2, 3, 2)


def _call(answer, case):
    """Return the logits, and the gradients that follow from the caches, in one row."""
    x, params = case
    result = answer(x, params)
    if result is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    if not isinstance(result, tuple | list) or len(result) != 2:
        count = f" of {len(result)}" if isinstance(result, tuple | list) else ""
        raise Unusable(f"it returned a {type(result).__name__}{count}, wanted two things: `return logits, caches`")
    logits, caches = result
    shape = len(x), params[-1][1].size
    if np.shape(logits) != shape:
        raise Unusable(f"its logits have shape {np.shape(logits)}, wanted {shape}")
    _look_at(caches, len(params))
    dlogits = np.cos(np.arange(np.prod(shape))).reshape(shape).astype(x.dtype)
    try:
        grads = network_backward(dlogits, caches)
    except (ValueError, TypeError) as error:
        raise Unusable(f"network_backward can't use its caches: {error}") from error
    return logits, np.concatenate([np.ravel(array) for pair in grads for array in pair])


def _look_at(caches, layers):
    if not isinstance(caches, tuple | list):
        raise Unusable(f"its caches are a {type(caches).__name__}, wanted a list of pairs (cache, z), one a layer")
    if _form(caches) == PAIR:
        raise Unusable("its caches are a single pair (cache, z), wanted a list of them, one a layer")
    for i, pair in enumerate(caches):
        if _form(pair) != PAIR and not (_form(pair).startswith("((array, array), ") and i == len(caches) - 1):
            raise Unusable(f"caches[{i}] is {_form(pair)}, wanted {PAIR}: the cache (x, w) that dense returned, and z")
    if len(caches) != layers:
        raise Unusable(f"its caches hold {len(caches)} pairs, wanted {layers}, one a layer")


def _form(thing):
    """Return what a thing is made of, such as "((array, array), array)"."""
    if isinstance(thing, tuple | list) and len(thing) < 5:
        return f"({', '.join(map(_form, thing))})"
    return "array" if isinstance(thing, np.ndarray) else f"a {type(thing).__name__}"


def _passing(f=logistic, *, last=lambda z: z, layer=lambda x, w, b: x @ w + b, top=1, start=lambda x: x,
             kept=lambda x, w, z, y: ((x, w), z), order=lambda caches: caches):
    """Return a forward pass that is wrong in one thing.

    Parameters
    ----------
    f, last : functions
        What follows every layer, and the `top` ones at the end.
    layer : function (x, w, b) -> z
    start : function
        What is done to the inputs.
    kept : function (x, w, z, y) -> what is kept of a layer
    order : function list -> list
        What is done to the caches at the end.
    """

    def forward(x, params):
        caches, x = [], start(x)
        for i, (w, b) in enumerate(params):
            z = layer(x, w, b)
            y = f(z) if i < len(params) - top else last(z)
            caches.append(kept(x, w, z, y))
            x = y
        return x, order(caches)

    return forward


def _softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _not_passed_on(x, params):
    caches = []
    for w, b in params:
        z, cache = dense(x, w, b)
        caches.append((cache, z))
    return z, caches


def _first_alone(x, params):
    (w, b), *_ = params
    z, cache = dense(x, w, b)
    return z, [(cache, z)]


def _cached_late(x, params):
    caches = []
    for w, b in params:
        z, _ = dense(x, w, b)
        x = logistic(z)
        caches.append(((x, w), z))
    return z, caches


FORWARD = Exercise(
    name="network_forward",
    reference=network_forward,
    cases=_cases,
    points=2,
    call=_call,
    parts=("logits", "the gradient that follows from caches"),
    rows="example",
    any_dtype=True,
    forbid=("Network",),
    mistakes=(
        Mistake(
            _passing(last=logistic),
            "The logistic function follows the last layer, too. Logits are what the last dense layer gives, as it is; "
            "the loss takes them so.",
        ),
        Mistake(
            _passing(f=lambda z: z),
            "There is no logistic function between the layers. Without one, the whole stack is a single linear layer.",
        ),
        Mistake(
            _passing(last=_softmax),
            "The last layer's outputs went through softmax. The loss does that itself: return them as they are.",
        ),
        Mistake(
            _cached_late,
            "The logits are right, but the x in each cache is the layer's output: x got its new value before the cache "
            "was made. Backward needs what went in. Keep the cache that dense returns.",
        ),
        Mistake(
            _passing(kept=lambda x, w, z, y: ((x, w), y)),
            "The logits are right, but what stands in caches beside each cache is f(z). Backward needs z itself, since "
            "the slope is taken at z.",
        ),
        Mistake(
            _passing(kept=lambda x, w, z, y: ((x, w), x)),
            "The logits are right, but what stands in caches beside each cache is the layer's input. That is in the "
            "cache already; backward needs z, what dense returned first.",
        ),
        Mistake(
            _passing(kept=lambda x, w, z, y: ((w, x), z)),
            "In the caches w stands before x. dense_backward wants them as dense returned them, (x, w).",
        ),
        Mistake(
            _passing(order=lambda caches: caches[::-1]),
            "The logits are right, but the caches come last layer first. They are wanted in the order of params, "
            "lowest first; backward turns them round itself.",
        ),
        Mistake(
            _passing(order=lambda caches: caches[-1:]),
            "Only the last layer's cache is returned. Make the list before the loop, and append to it in the loop.",
        ),
        Mistake(
            _passing(order=lambda caches: caches[-1]),
            "What comes back as caches is the last layer's pair alone. Collect the pairs of all layers in a list.",
        ),
        Mistake(
            _passing(order=lambda caches: caches[:-1]),
            "The last layer's cache is missing. It has no logistic function behind it, and gradients all the same.",
        ),
        Mistake(
            _passing(order=lambda caches: []),
            "The list of caches is still empty: append each layer's pair in the loop.",
        ),
        Mistake(
            _passing(kept=lambda x, w, z, y: (x, w)),
            "caches holds what dense returned, without z. Backward needs both: append (cache, z), a pair whose first "
            "part is dense's own pair.",
        ),
        Mistake(
            _passing(kept=lambda x, w, z, y: (x, w, z)),
            "caches holds triples (x, w, z). Wanted are pairs (cache, z): the cache stays the pair that dense "
            "returned, so that dense_backward can have it as it is.",
        ),
        Mistake(
            _passing(kept=lambda x, w, z, y: z),
            "caches holds z alone. The weights' gradients need each layer's input, too: append (cache, z).",
        ),
        Mistake(
            _passing(kept=lambda x, w, z, y: (z, (x, w))),
            "The pairs are turned round: (z, cache), where (cache, z) is wanted.",
        ),
        Mistake(
            lambda x, params: _passing()(x, params)[0],
            "The logits alone come back. Backward needs what each layer kept: return logits, caches.",
        ),
        Mistake(
            lambda x, params: _passing()(x, params)[::-1],
            "The two results are turned round: logits first, then caches.",
        ),
        Mistake(
            _not_passed_on,
            "Every layer gets the network's own input. What a layer gives must be the next one's x: put it under that "
            "name at the end of the loop.",
        ),
        Mistake(
            _first_alone,
            "Only the first layer was computed: is the return inside the loop?",
        ),
        Mistake(
            lambda x, params: _passing()(x, params[::-1]),
            "The layers are taken from the last to the first. params begins with the lowest, which gets the inputs.",
        ),
        Mistake(
            _passing(layer=lambda x, w, b: x @ w),
            "The biases are left out: z = x w + b.",
        ),
        Mistake(
            _passing(layer=lambda x, w, b: x @ w - b),
            "The biases are subtracted: z = x w + b.",
        ),
        Mistake(
            _passing(top=2),
            "The last layer but one has no logistic function behind it. Only the last layer has none.",
        ),
        Mistake(
            _passing(start=logistic),
            "The network's inputs went through the logistic function, as if a layer stood below the first. It follows "
            "layers: the first layer gets x as it is.",
        ),
        Mistake(
            _passing(f=np.tanh),
            "Between the layers stands tanh. Here it is the logistic function.",
        ),
        Mistake(
            _passing(f=lambda z: np.maximum(z, 0)),
            "Between the layers stands ReLU. Here it is the logistic function.",
        ),
        Mistake(
            _passing(f=lambda z: logistic(z) * (1 - logistic(z))),
            "Between the layers stands the slope f'(z). Forward takes f(z); the slope's turn is in backward.",
        ),
        Mistake(
            _passing(f=lambda z: logistic(logistic(z))),
            "The logistic function is applied twice between two layers.",
        ),
    ),
    hints=(
        "One loop over params. What a layer gives is the next layer's x, except for the logistic function on the way; "
        "which layer is the exception?",
        "In the loop over (w, b): z, cache = dense(x, w, b), then caches.append((cache, z)), then x = logistic(z). "
        "After the loop z still holds the last layer's.",
    ),
)
