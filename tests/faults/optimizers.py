"""Faults in course_lib.optimizers."""

from tests.faults import Fault

ADAM = "    top = np.maximum(top, s) if amsgrad else s\n    step = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t)\n"
NADAM = "    product = product * u\n    m = beta1 * m + (1 - beta1) * grad\n    s = beta2 * s + (1 - beta2) * grad**2\n"
ADAM_MOMENTS = "    t = t + 1\n    m = beta1 * m + (1 - beta1) * grad\n    s = beta2 * s + (1 - beta2) * grad**2\n"
DECAYED = "rule(w - lr * decay * w, grad, state, **options)"

FAULTS = [
    Fault("sgd", "uphill", "return w - lr * grad, state", "return w + lr * grad, state"),
    Fault("sgd", "default rate of Adam", "state=None, *, lr=0.01):", "state=None, *, lr=0.001):"),
    Fault("sgd", "NumPy's float64 widens float32", "    return float(value)\n", "    return value\n"),
    Fault("sgd", "weights changed in place", "return w - lr * grad, state", "w -= lr * grad; return w, state"),
    Fault("sgd", "another shape is broadcast", "if np.shape(w) != np.shape(grad):", "if False:"),
    Fault("sgd", "negative rate allowed", "ranges.get(key, (0, inf))", "ranges.get(key, (-inf, inf))"),
    Fault("sgd", "decay without the rate", DECAYED, "rule(w - decay * w, grad, state, **options)"),
    Fault("sgd", "decay at sgd's default rate in every rule", 'options.get("lr", rule.__kwdefaults__["lr"])', 'options.get("lr", 0.01)'),
    Fault("sgd", "decay as an l2 penalty's gradient", DECAYED, "rule(w, grad + decay * w, state, **options)"),
    Fault("sgd", "decay left out", DECAYED, "rule(w, grad, state, **options)"),
    Fault("sgd", "decay twice as strong", DECAYED, DECAYED.replace("* decay", "* 2 * decay")),
    Fault("momentum", "damped like an average", "v = beta * v - lr * grad", "v = beta * v - (1 - beta) * lr * grad"),
    Fault("momentum", "speed gained uphill", "v = beta * v - lr * grad", "v = beta * v + lr * grad"),
    Fault("momentum", "speed forgotten", "return w + v, (v,)", "return w + v, None"),
    Fault(
        "momentum",
        "steps with the old speed",
        "    v = beta * v - lr * grad\n    return w + v, (v,)",
        "    new = beta * v - lr * grad\n    return w + v, (new,)",
    ),
    Fault(
        "momentum",
        "speed changed in place",
        "    v = beta * v - lr * grad\n",
        "    v = v if state else 0 * w\n    v *= beta\n    v -= lr * grad\n",
    ),
    Fault("momentum", "beta of 1 and more allowed", "@_rule(beta=_SHARE)\ndef momentum", "@_rule()\ndef momentum"),
    Fault("nesterov", "plain momentum", "return w + beta * v - step, (v,)", "return w + v, (v,)"),
    Fault(
        "nesterov",
        "looks ahead from the old speed",
        "    v = beta * v - step\n    return w + beta * v - step, (v,)",
        "    new = beta * v - step\n    return w + beta * v - step, (new,)",
    ),
    Fault("nesterov", "gradient added once only", "return w + beta * v - step", "return w + beta * v"),
    Fault("nesterov", "gradient's sign", "return w + beta * v - step", "return w + beta * v + step"),
    Fault(
        "adagrad", "eps outside the root", "lr * grad / np.sqrt(s + eps), (s,)", "lr * grad / (np.sqrt(s) + eps), (s,)"
    ),
    Fault("adagrad", "root forgotten", "lr * grad / np.sqrt(s + eps), (s,)", "lr * grad / (s + eps), (s,)"),
    Fault("adagrad", "begins at 0", "state or (initial_accumulator,)", "state or (0,)"),
    Fault("adagrad", "sum never kept", "np.sqrt(s + eps), (s,)", "np.sqrt(s + eps), (initial_accumulator,)"),
    Fault("adagrad", "gradient not squared", "    s = s + grad**2\n    return", "    s = s + abs(grad)\n    return"),
    Fault(
        "adagrad",
        "default of 0 as in the paper",
        "lr=0.001, initial_accumulator=0.1, eps",
        "lr=0.001, initial_accumulator=0.0, eps",
    ),
    Fault("rmsprop", "eps outside the root", "np.sqrt(variance + eps)", "(np.sqrt(variance) + eps)"),
    Fault(
        "rmsprop",
        "weights of old and new swapped",
        "s = rho * s + (1 - rho) * grad**2",
        "s = (1 - rho) * s + rho * grad**2",
    ),
    Fault("rmsprop", "sum in place of average", "s = rho * s + (1 - rho) * grad**2", "s = rho * s + grad**2"),
    Fault("rmsprop", "mean not squared", "s - m**2 if centered", "s - m if centered"),
    Fault(
        "rmsprop",
        "centred by the old mean",
        "    m = rho * m + (1 - rho) * grad if centered else m\n    variance = s - m**2 if centered else s\n",
        "    variance = s - m**2 if centered else s\n    m = rho * m + (1 - rho) * grad if centered else m\n",
    ),
    Fault(
        "rmsprop",
        "momentum multiplied by the rate",
        "    v = beta * v + lr * grad / np.sqrt(variance + eps)\n    return w - v",
        "    v = beta * v + grad / np.sqrt(variance + eps)\n    return w - lr * lr * v",
    ),
    Fault("rmsprop", "momentum without its speed", "v = beta * v + lr * grad /", "v = lr * grad /"),
    Fault("rmsprop", "centred by default", "centered=False", "centered=True"),
    Fault("adam", "step never advanced", ADAM_MOMENTS, ADAM_MOMENTS.replace("t = t + 1", "t = 1")),
    Fault(
        "adam", "corrected with the step before", "(m, s, top, t)\n\n\n@_rule(beta1=_SHARE, beta2=_SHARE)\ndef adamw", "(m, s, top, t + 1)\n\n\ndef adamw"
    ),
    Fault("adam", "no correction", ADAM, ADAM.replace(" * (1 - beta2**t) ** 0.5 / (1 - beta1**t)", "")),
    Fault("adam", "root of beta2's correction forgotten", ADAM, ADAM.replace(" ** 0.5", "")),
    Fault("adam", "eps inside the root", "step * m / (np.sqrt(top) + eps)", "step * m / np.sqrt(top + eps)"),
    Fault("adam", "eps outside the quotient", "step * m / (np.sqrt(top) + eps)", "step * m / np.sqrt(top) + eps"),
    Fault(
        "adam",
        "eps where the paper's algorithm has it",
        "step * m / (np.sqrt(top) + eps)",
        "step * m / (np.sqrt(top) + eps * (1 - beta2**t) ** 0.5)",
    ),
    Fault(
        "adam",
        "beta1 and beta2 swapped",
        ADAM_MOMENTS,
        ADAM_MOMENTS.replace("beta1", "b")
        .replace("beta2", "beta1")
        .replace("b *", "beta2 *")
        .replace("- b)", "- beta2)"),
    ),
    Fault("adam", "gradient not squared", ADAM_MOMENTS, ADAM_MOMENTS.replace("grad**2", "grad")),
    Fault("adam", "AMSGrad forgets its maximum", ADAM, ADAM.replace("np.maximum(top, s)", "np.maximum(0, s)")),
    Fault(
        "adam",
        "AMSGrad's maximum goes into the average",
        "(m, s, top, t)\n\n\n@_rule(beta1=_SHARE, beta2=_SHARE)\ndef adamw",
        "(m, top, top, t)\n\n\n@_rule(beta1=_SHARE, beta2=_SHARE)\ndef adamw",
    ),
    Fault("adamw", "decay left out", "decayed = w - lr * weight_decay * w", "decayed = w"),
    Fault("adamw", "decay without the rate", "decayed = w - lr * weight_decay * w", "decayed = w - weight_decay * w"),
    Fault("adamw", "decay as an l2 penalty's gradient", "    decayed = w - lr * weight_decay * w\n    return",
          "    decayed, grad = w, grad + weight_decay * w\n    return"),
    Fault("adamw", "decays twice", "return partial(_decaying, rule, decay) if decay else rule, options",
          "return partial(_decaying, rule, decay or options.get('weight_decay', 0)), options"),
    Fault("adamw", "another default decay", "weight_decay=0.004", "weight_decay=0.01"),
    Fault("adamw", "AMSGrad not passed on", "eps=eps, amsgrad=amsgrad", "eps=eps"),
    Fault(
        "adamw", "state forgotten", "return adam(decayed, grad, state, lr", "return adam(decayed, grad, None, lr"
    ),
    Fault(
        "nadam",
        "plain Adam",
        "ahead = u_next / (1 - product * u_next) * m + (1 - u) / (1 - product) * grad",
        "ahead = m / (1 - beta1**t)",
    ),
    Fault(
        "nadam",
        "beta1 doesn't grow",
        "u, u_next = beta1 * (1 - 0.96**t / 2), beta1 * (1 - 0.96 ** (t + 1) / 2)",
        "u = u_next = beta1",
    ),
    Fault("nadam", "product never kept", NADAM, NADAM.replace("product * u", "u")),
    Fault(
        "nadam",
        "this step's beta1 for the next one's",
        "beta1 * (1 - 0.96 ** (t + 1) / 2)",
        "beta1 * (1 - 0.96**t / 2)",
    ),
    Fault("nadam", "eps inside the root", "(np.sqrt(s / (1 - beta2**t)) + eps)", "np.sqrt(s / (1 - beta2**t) + eps)"),
    Fault("nadam", "s uncorrected", "np.sqrt(s / (1 - beta2**t))", "np.sqrt(s)"),
    Fault("ftrl", "l1 leaves small weights", "(np.clip(z, -l1, l1) - z)", "(l1 * np.sign(z) - z)"),
    Fault("ftrl", "l1 ignored", "(np.clip(z, -l1, l1) - z)", "-z"),
    Fault("ftrl", "l2 not doubled", "(new + beta) / lr + 2 * l2)", "(new + beta) / lr + l2)"),
    Fault("ftrl", "beta not divided by the rate", "(new + beta) / lr + 2 * l2)", "new / lr + beta + 2 * l2)"),
    Fault("ftrl", "shrinkage not doubled", "(2 * l2_shrinkage -", "(l2_shrinkage -"),
    Fault("ftrl", "shrinkage goes into s", "s + grad**2\n    new", "s + (grad + 2 * l2_shrinkage * w) ** 2\n    new"),
    Fault("ftrl", "power with the wrong sign", "    new = s**-lr_power\n", "    new = s**lr_power\n"),
    Fault("ftrl", "always the root", "    new = s**-lr_power\n", "    new = s**0.5\n"),
    Fault("ftrl", "sum of squares never kept", "2 * l2), (s, z)", "2 * l2), (initial_accumulator, z)"),
    Fault("ftrl", "rate of 0 gives NaN", "@_rule(lr=_POSITIVE, lr_power=_NEGATIVE)", "@_rule(lr_power=_NEGATIVE)"),
    Fault("lion", "sign forgotten", "np.sign(beta1 * m + (1 - beta1) * grad)", "(beta1 * m + (1 - beta1) * grad)"),
    Fault(
        "lion",
        "average updated before the step",
        "    (m,) = state or (0,)\n    return w - lr",
        "    (m,) = state or (0,)\n    m = beta2 * m + (1 - beta2) * grad\n    return w - lr",
    ),
    Fault("lion", "the same beta twice", "(beta2 * m + (1 - beta2) * grad,)", "(beta1 * m + (1 - beta1) * grad,)"),
    Fault(
        "lion", "average of signs", "(beta2 * m + (1 - beta2) * grad,)", "(beta2 * m + (1 - beta2) * np.sign(grad),)"
    ),
    Fault("lion", "Adam's beta2", "lr=0.001, beta1=0.9, beta2=0.99)", "lr=0.001, beta1=0.9, beta2=0.999)"),
    Fault(
        "update",
        "states never handed on",
        "rule(w, grads[k], states.get(k), **hyper)",
        "rule(w, grads[k], None, **hyper)",
    ),
    Fault("update", "one state for all", "states.get(k), **hyper", 'states.get("a"), **hyper'),
    Fault("update", "options dropped", "states.get(k), **hyper)", "states.get(k), lr=hyper['lr'])"),
    Fault(
        "update",
        "gradients by place, not by name",
        "grads[k], states",
        "list(grads.values())[list(params).index(k)], states",
    ),
    Fault("update", "options not checked", "rule, hyper = rule.prepared(hyper)",
          "rule, _ = rule.prepared(dict.fromkeys(hyper, 0.5))"),
    Fault("update", "decay left out", "rule, hyper = rule.prepared(hyper)",
          "rule, hyper = rule.__wrapped__, rule.prepared(hyper)[1]"),
    Fault("update", "gradients of any dtype taken", "is_numeric(w) and is_numeric(grads[k])", "is_numeric(w)"),
    Fault("update", "weights of any dtype taken", "is_numeric(w) and is_numeric(grads[k])", "is_numeric(grads[k])"),
    Fault("update", "shapes not compared", "    if wanted != got:\n", "    if wanted.keys() != got.keys():\n"),
    Fault(
        "update",
        "surplus gradients ignored",
        "    if wanted != got:\n",
        "    if wanted != {k: got.get(k) for k in wanted}:\n",
    ),
    Fault(
        "update",
        "old dictionary changed",
        "return {k: w for k, (w, _) in moved.items()}, {",
        "params.update((k, w) for k, (w, _) in moved.items()); return params, {",
    ),
]
