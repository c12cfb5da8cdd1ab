"""Notebook 07 under test."""

VARIANTS = {
    "train_step": {
        "all watched": """
def train_step(model, loss, x, y, optimizer, variables):
    with tf.GradientTape() as tape:
        value = loss(y, model(x, training=True))
    optimizer.apply(tape.gradient(value, variables), variables)
    return value
""",
        "one gradient at a time": """
def train_step(model, loss, x, y, optimizer, variables):
    with tf.GradientTape(persistent=True) as tape:
        before = loss(y, model(x, training=True))
    grads = [tape.gradient(before, v) for v in variables]
    del tape
    optimizer.apply(grads, variables)
    return tf.identity(before)
""",
        "pairs": """
def train_step(model, loss, x, y, optimizer, variables):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(variables)
        outputs = model(x, training=True)
        total = loss(y, outputs)
    grads = [tape_grad for tape_grad in tape.gradient(total, list(variables))]
    optimizer.apply_gradients(zip(grads, variables))
    return total
""",
    },
    "cached_outputs": {
        "a list of starts": """
def cached_outputs(layers, x, batch_size=256):
    refuse_changing(layers, x[:32])
    def below(batch):
        for layer in layers:
            batch = layer(batch)
        return batch
    return np.concatenate([below(x[i:i + batch_size]).numpy() for i in range(0, len(x), batch_size)], axis=0)
""",
        "equal parts, float64": """
def cached_outputs(layers, x, batch_size=256):
    refuse_changing(layers, x[:32])
    rows = []
    for i in range(-(-len(x) // batch_size)):
        h = x[i * batch_size:][:batch_size]
        for layer in layers:
            h = layer(h)
        rows.extend(np.asarray(h, np.float64))
    return np.array(rows)
""",
        "an array that is filled": """
def cached_outputs(layers, x, batch_size=256):
    refuse_changing(layers, x[:32])
    result = None
    for i in range(0, len(x), batch_size):
        h = tf.constant(x[i:i + batch_size])
        for layer in layers:
            h = layer(h)
        if result is None:
            result = np.empty((len(x),) + tuple(h.shape[1:]), np.float32)
        result[i:i + batch_size] = h
    return result
""",
    },
    "import_weights": {
        "own list of problems": """
def import_weights(model, arrays, flattened=None):
    new = {}
    for name in arrays:
        w = np.asarray(arrays[name])
        layer, kind = name.split(".")
        if w.ndim == 4:
            w = np.moveaxis(w, (0, 1), (3, 2))
        if w.ndim == 2:
            if flattened and layer in flattened:
                h, wide, c = flattened[layer]
                w = w.reshape(-1, c, h, wide).transpose(0, 2, 3, 1).reshape(len(w), -1)
            w = w.T
        new[layer + ("/kernel" if kind == "weight" else "/" + kind)] = w
    problems = [name for name in set(new) | set(model)
                if name not in new or name not in model or new[name].shape != tuple(model[name].shape)]
    if problems:
        raise ValueError(f"these don't fit: {sorted(problems)}")
    for name in model:
        model[name].assign(new[name])
""",
        "einsum": """
def import_weights(model, arrays, flattened=None):
    found = {}
    for name, w in arrays.items():
        layer, kind = name.rsplit(".", 1)
        if w.ndim == 4:
            w = np.einsum("ochw->hwco", w)
        elif w.ndim == 2 and layer in (flattened or {}):
            h, v, c = flattened[layer]
            w = np.einsum("ochw->hwco", w.reshape(-1, c, h, v)).reshape(-1, len(w))
        elif w.ndim == 2:
            w = np.einsum("oi->io", w)
        found[f"{layer}/kernel" if kind == "weight" else f"{layer}/{kind}"] = w
    refuse_misfits("import_weights", found, model)
    for name, variable in model.items():
        variable.assign(found[name])
""",
    },
    "low_rank": {
        "sum of outer products": """
def low_rank(w, rank):
    matrix = w.reshape(-1, w.shape[-1])
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    total = np.zeros_like(matrix)
    for i in range(rank):
        total += s[i] * np.outer(u[:, i], vt[i])
    return total.reshape(w.shape)
""",
        "the rest taken away": """
def low_rank(w, rank):
    u, s, vt = np.linalg.svd(w.reshape(-1, w.shape[-1]))
    rest = sum((s[i] * u[:, i : i + 1] @ vt[i : i + 1] for i in range(rank, len(s))), 0 * w.reshape(-1, w.shape[-1]))
    return w - rest.reshape(w.shape)
""",
        "projection on eigenvectors": """
def low_rank(w, rank):
    matrix = w.reshape(-1, w.shape[-1]).astype(np.float64)
    _, vectors = np.linalg.eigh(matrix.T @ matrix)
    best = vectors[:, -rank:]
    return (matrix @ best @ best.T).reshape(w.shape).astype(w.dtype)
""",
    },
    "bias_variables": {
        "by path, another order": """
def bias_variables(model):
    return sorted((v for v in model.trainable_variables if v.path.endswith(("bias", "beta"))), key=lambda v: v.path)
""",
        "names cut at the slash": """
def bias_variables(model):
    return [v for v in model.variables if v.trainable and str(v.path).rsplit("/", 1)[-1] in "bias beta".split()]
""",
        "layer by layer": """
def bias_variables(model):
    found = ()
    for layer in model.layers:
        found += tuple(v for v in layer.trainable_variables if v.name in {"bias", "beta"})
    return found
""",
    },
}

FAULTS = {
    "weights of 0, two steps for one, other results": """
def plant():
    import course_lib.initializers as i, course_lib.studies as s
    import course_lib.studies.thawing, course_lib.transfer as t, course_lib.transfer.changing as c
    i.he_normal = lambda shape, rng: 0 * rng.standard_normal(shape, dtype="float32")
    train_step, load = c.train_step, s.load

    def twice(model, loss, x, y, optimizer, variables):
        train_step(model, loss, x, y, optimizer, variables)
        return train_step(model, loss, x, y, optimizer, variables)

    t.train_step = c.train_step = twice

    def other(study):
        rows = load(study)
        for row in rows:
            row["test_accuracy"] += 0.5 * (row["way"] in ("FFF", "NDD")) - 0.3 * (row["way"] == "TTT")
        return rows

    s.load = other
plant()
""",
    "a cache of noise, nothing frozen, no guard, other variables": """
def plant():
    import contextlib, numpy, course_lib.transfer as t
    cached_outputs, matching, import_weights = t.cached_outputs, t.matching, t.import_weights

    def noisy(layers, x, batch_size=256):
        found = cached_outputs(layers, x, batch_size)
        return found + numpy.random.default_rng(0).standard_normal(found.shape).astype("float32")

    t.cached_outputs = noisy
    t.freeze = lambda model, patterns: model.trainable_variables
    t.assert_only_changed = lambda model, patterns: contextlib.nullcontext()
    t.matching = lambda names, patterns: matching(names, patterns)[:-1]
    t.import_weights = lambda model, arrays, flattened=None: import_weights(model, arrays)
    t.bias_variables = lambda model: model.trainable_variables[::2]
plant()
""",
}
