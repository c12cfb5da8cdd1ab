"""Notebook 05 under test."""

VARIANTS = {
    "momentum": {
        "the rate outside, as PyTorch has it": """
def momentum(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = grad if state is None else beta * state + grad
    return w - lr * v, v
""",
        "in place on copies, state in a dict": """
def momentum(w, grad, state=None, lr=0.01, beta=0.9):
    v = state["v"].copy() if state else np.zeros_like(w)
    v *= beta
    v -= lr * grad
    w = w.copy()
    w += v
    return w, {"v": v}
""",
        "loop": """
def momentum(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = np.zeros_like(w) if state is None else state[0]
    new_w, new_v = np.empty_like(w), np.empty_like(w)
    for i in np.ndindex(w.shape):
        new_v[i] = beta * v[i] - lr * grad[i]
        new_w[i] = w[i] + new_v[i]
    return new_w, (new_v,)
""",
    },
    "nesterov": {
        "ahead and back": """
def nesterov(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = 0 * w if state is None else state
    here = w - beta * v
    v = beta * v - lr * grad
    return here + v + beta * v, v
""",
        "expanded, a list returned": """
def nesterov(w, grad, state=None, *, lr=0.01, beta=0.9):
    v = state[0] if state else np.zeros_like(w)
    return [w + beta * beta * v - (1 + beta) * lr * grad, [beta * v - lr * grad]]
""",
    },
    "adagrad": {
        "eps beside the root, as in the paper": """
def adagrad(w, grad, state=None, *, lr=0.001, initial_accumulator=0.1, eps=1e-7):
    s = np.full_like(w, initial_accumulator) if state is None else state
    s = s + grad * grad
    return w - lr / (np.sqrt(s) + eps) * grad, s
""",
        "in place on copies": """
def adagrad(w, grad, state=None, *, lr=0.001, initial_accumulator=0.1, eps=1e-7):
    if state is None:
        state = [np.ones_like(w) * initial_accumulator]
    state[0] += np.square(grad)
    w = np.array(w)
    w -= lr * grad * (state[0] + eps) ** -0.5
    return w, state
""",
        "loop": """
def adagrad(w, grad, state=None, *, lr=0.001, initial_accumulator=0.1, eps=1e-7):
    s = [initial_accumulator] * w.size if state is None else state
    s = [a + float(g) ** 2 for a, g in zip(s, grad.flat)]
    new = [x - lr * g / (a + eps) ** 0.5 for x, g, a in zip(w.flat, grad.flat, s)]
    return np.array(new, w.dtype).reshape(w.shape), s
""",
    },
    "rmsprop": {
        "eps beside the root, as in the paper": """
def rmsprop(w, grad, state=None, *, lr=0.001, rho=0.9, beta=0.0, eps=1e-7, centered=False):
    s = 0 if state is None else state
    s = s + (1 - rho) * (grad ** 2 - s)
    return w - lr * grad / (np.sqrt(s) + eps), s
""",
        "in place on copies": """
def rmsprop(w, grad, state=None, lr=0.001, rho=0.9, eps=1e-7):
    if state is None:
        state = {"s": np.zeros_like(w)}
    state["s"] *= rho
    state["s"] += (1 - rho) * grad * grad
    new = w.copy()
    new -= lr * grad / np.sqrt(state["s"] + eps)
    return new, state
""",
    },
    "adam": {
        "as in the paper's algorithm 1, eps beside the corrected root": """
def adam(w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7, amsgrad=False):
    m, v, t = state if state else (np.zeros_like(w), np.zeros_like(w), 0)
    t += 1
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad * grad
    m_hat = m / (1 - beta1 ** t)
    v_hat = v / (1 - beta2 ** t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), (m, v, t)
""",
        "averages moved by a share of the difference, state in a dict": """
def adam(w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
    if state is None:
        state = dict(m=0 * w, s=0 * w, t=0)
    state["t"] += 1
    state["m"] = state["m"] + (1 - beta1) * (grad - state["m"])
    state["s"] = state["s"] + (1 - beta2) * (grad ** 2 - state["s"])
    alpha = lr * np.sqrt(1 - beta2 ** state["t"]).item() / (1 - beta1 ** state["t"])
    return w - alpha * state["m"] / (np.sqrt(state["s"]) + eps), state
""",
        "powers of beta carried along": """
def adam(w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
    m, s, power1, power2 = state or (0, 0, 1, 1)
    power1, power2 = power1 * beta1, power2 * beta2
    m, s = beta1 * m + (1 - beta1) * grad, beta2 * s + (1 - beta2) * np.square(grad)
    return w - lr * (1 - power2) ** 0.5 / (1 - power1) * m / (s ** 0.5 + eps), (m, s, power1, power2)
""",
    },
    "exponential_decay": {
        "by the exponential function": """
def exponential_decay(step, *, lr, decay_steps, decay_rate, staircase=False):
    periods = np.asarray(step) / decay_steps
    if staircase:
        periods = np.floor(periods)
    return lr * np.exp(np.log(decay_rate) * periods)
""",
        "np.power": """
def exponential_decay(step, lr, decay_steps, decay_rate, staircase=False):
    exponent = np.floor_divide(step, decay_steps) if staircase else np.divide(step, decay_steps)
    return np.power(decay_rate, exponent) * lr
""",
    },
    "power_decay": {
        "a negative power": """
def power_decay(step, *, lr, decay_steps, power=1.0):
    return lr * ((decay_steps + step) / decay_steps) ** -power
""",
        "loop": """
def power_decay(step, *, lr, decay_steps, power=1.0):
    rates = [lr / (1 + float(s) / decay_steps) ** power for s in np.ravel(step)]
    return np.array(rates).reshape(np.shape(step))
""",
    },
    "performance_schedule": {
        "by indices": """
def performance_schedule(losses, *, lr, factor=0.1, patience=10, min_delta=1e-4, cooldown=0, min_lr=0.0):
    best, last = float("inf"), -1
    for epoch, loss in enumerate(losses):
        if loss < best - min_delta:
            best, last = loss, epoch
        elif epoch - last == patience:
            lr, last = factor * lr, epoch
    return lr
""",
        "counting reductions": """
def performance_schedule(losses, *, lr, factor=0.1, patience=10, min_delta=1e-4):
    best, bad, times = None, 0, 0
    for i in range(len(losses)):
        if best is None or best - losses[i] > min_delta:
            best, bad = losses[i], 0
            continue
        bad = bad + 1
        if bad == patience:
            times, bad = times + 1, 0
    return lr * factor ** times
""",
    },
    "steady": {
        "a smaller rate": 'def steady(config):\n    return {**config, "lr": 0.03, "half_life": 500}\n',
        "less momentum, in place": """
def steady(config):
    config["beta"] = 0
    config["half_life"] = 1000
    return config
""",
    },
}

FAULTS = {
    "rules and schedules that forget": """
def plant():
    import course_lib.optimizers as o, course_lib.schedules as c
    sgd, momentum, adagrad, rmsprop, adam, ftrl = o.sgd, o.momentum, o.adagrad, o.rmsprop, o.adam, o.ftrl

    def slower(w, grad, state=None, *, lr=0.01):
        return sgd(w, grad, state, lr=0.1 * lr)

    def averaged(w, grad, state=None, *, lr=0.01, beta=0.9):
        return momentum(w, grad, state, lr=(1 - beta) * lr, beta=beta)

    def forgetful(w, grad, state=None, *, lr=0.001, **options):
        return adagrad(w, grad, None, lr=lr, **options)

    def swapped(w, grad, state=None, *, lr=0.001, rho=0.9, **options):
        return rmsprop(w, grad, state, lr=2 * lr, rho=1 - rho, **options)

    def uncorrected(w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.999, **options):
        t = 1 + (state[3] if state else 0)
        return adam(w, grad, state, lr=lr * (1 - beta1**t) / (1 - beta2**t) ** 0.5, beta1=beta1, beta2=beta2, **options)

    def dense(w, grad, state=None, *, lr=0.001, l1=0.0, **options):
        return ftrl(w, grad, state, lr=lr, **options)

    o.sgd, o.momentum, o.nesterov, o.adagrad, o.rmsprop, o.adam, o.ftrl = (
        slower, averaged, averaged, forgetful, swapped, uncorrected, dense)
    c.exponential_decay = lambda step, *, lr, **options: lr + 0.0 * step
    c.one_cycle = lambda step, *, lr, **options: lr + 0.0 * step
plant()
""",
    "no momentum, wrong curvatures, schedules and results": """
def plant():
    import course_lib.models as m, course_lib.optimizers as o, course_lib.schedules as c, course_lib.studies as s
    import course_lib.surfaces as f
    sgd, ftrl, hessian, load, dense_network = o.sgd, o.ftrl, f.hessian, s.load, m.dense_network
    piecewise_constant, exponential_decay = c.piecewise_constant, c.exponential_decay
    o.momentum = lambda w, grad, state=None, *, lr=0.01, beta=0.9: sgd(w, grad, state, lr=lr)
    o.ftrl = lambda w, grad, state=None, *, lr=0.001, **options: ftrl(w, grad, state, lr=0.001 * lr, **options)
    f.hessian = lambda gradient, w: 2 * hessian(gradient, w)
    c.piecewise_constant = lambda step, *, lr, boundaries, factors: piecewise_constant(
        step, lr=lr, boundaries=[b // 1000 for b in boundaries], factors=factors)
    c.exponential_decay = lambda step, *, lr, decay_steps, decay_rate, staircase=False: exponential_decay(
        step, lr=lr, decay_steps=decay_steps, decay_rate=decay_rate**2, staircase=staircase)
    c.performance_schedule = lambda losses, *, lr, **options: lr
    m.dense_network = lambda widths, *args, **options: dense_network([w + 1 for w in widths], *args, **options)

    def other(study):
        rows = load(study)
        for row in rows:
            row["test_accuracy"] -= 0.1 * (row["rule"] == "Adam")
            row["valid_accuracy"] = 1.0 if row["lr"] == 0.00003 else 0.9 if row["lr"] == 0.01 else row["valid_accuracy"]
        return rows

    s.load = other
plant()
""",
}
