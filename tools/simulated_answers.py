"""Wrong answers as learners write them, and learners' names, for `tools.simulate`."""

# exercise -> answers and what they deserve. Each is a mistake that the exercise knows, or none that it has heard of.
WRONG = {
    "standardize": [
        ("def standardize(x, mean, std):\n    return (x - mean) / std**2\n", "failed"),
        ("def standardize(x, mean, std):\n    return x / std - mean\n", "failed"),
        ("def standardize(x, mean, std):\n    return ((x - x.mean()) / x.std()).astype(np.float32)\n", "failed"),
        ("def standardize(x, mean, std):\n    return (x - mean) / std\n", "failed"),
        ("def standardize(x, mean, std):\n    result = (x - mean) / std\n", "failed"),
    ],
    "dense_backward": [
        ("def dense_backward(dy, cache):\n    x, w = cache\n    n = max(len(dy), 1)\n"
         "    return dy @ w.T, x.T @ dy, dy.sum(axis=0) / n\n", "failed"),
        ("def dense_backward(dy, cache):\n    x, w = cache\n    db = dy.sum()\n    return dy @ w.T, x.T @ dy, db\n",
         "failed"),
        ("def dense_backward(dy, cache):\n    x, w = cache\n    return dy @ w.T, dy.T @ x, dy.sum(axis=0)\n", "failed"),
        ("def dense_backward(dy, cache):\n    x, w = cache\n    dx = dy @ w\n    return dx, x.T @ dy, dy.sum(axis=0)\n",
         "error"),
        ("def dense_backward(dy, cache):\n    x, w = cache\n    return x.T @ dy, dy @ w.T, dy.sum(axis=0)\n", "failed"),
        ("def dense_backward(dy, cache):\n    x, w, b = cache\n    return dy @ w.T, x.T @ dy, dy.sum(axis=0)\n",
         "error"),
        ("def dense_backward(dy, cache):\n    x, w = cache\n    return dy @ w.T, x.T @ dy\n", "failed"),
    ],
    "logistic": [
        ("def logistic(z):\n    return np.exp(z) / (1 + np.exp(z))\n", "failed"),
        ("def logistic(z):\n    return 1 / (1 + np.exp(z))\n", "failed"),
        ("def logistic(z):\n    return 1 / 1 + np.exp(-z)\n", "failed"),
        ("def logistic(z):\n    return np.tanh(z)\n", "failed"),
        ("def logistic(z):\n    small = np.clip(z, -10, 10)\n    return 1 / (1 + np.exp(-small))\n", "failed"),
        ("def logistic(z):\n    y = 1 / (1 + np.exp(-np.clip(z, -80, 80)))\n    print(y)\n", "failed"),
        ("def logistic(z):\n    return 1 / (1 + math.exp(-z))\n", "error"),
    ],
    "logistic_derivative": [
        ("def logistic_derivative(z):\n    return z * (1 - z)\n", "failed"),
        ("def logistic_derivative(z):\n    s = 1 / (1 + np.exp(-np.clip(z, -80, 80)))\n    return s\n", "failed"),
        ("def logistic_derivative(z):\n    return 1 - np.tanh(z) ** 2\n", "failed"),
        ("def logistic_derivative(z):\n    t = np.exp(-z)\n    return t / (1 + t) ** 2\n", "failed"),
    ],
    "network_forward": [
        ("def network_forward(x, params):\n    caches = []\n    for w, b in params:\n"
         "        z, cache = dense(x, w, b)\n        caches.append((cache, z))\n        x = logistic(z)\n"
         "    return x, caches\n", "failed"),
        ("def network_forward(x, params):\n    caches = []\n    for i, (w, b) in enumerate(params):\n"
         "        x, cache = dense(x, w, b)\n        if i < len(params) - 1:\n"
         "            x = logistic(x)\n        caches.append(cache)\n    return x, caches\n", "failed"),
        ("def network_forward(x, params):\n    caches = []\n    for i, (w, b) in enumerate(params):\n"
         "        x, cache = dense(x, w, b)\n        if i < len(params) - 1:\n"
         "            x = logistic(x)\n        caches.append((cache, x))\n    return x, caches\n", "failed"),
        ("def network_forward(x, params):\n    caches = []\n    for w, b in params:\n"
         "        z, cache = dense(x, w, b)\n        caches.append((cache, z))\n        x = logistic(z)\n"
         "        return z, caches\n", "failed"),
        ("def network_forward(x, params):\n    caches = []\n    for w, b in params:\n"
         "        z, cache = dense(x, w, b)\n        a = logistic(z)\n        caches.append((cache, z))\n"
         "    return z, caches\n", "error"),
    ],
    "network_backward": [
        ("def network_backward(dlogits, caches):\n    grads = []\n    dy = dlogits\n"
         "    for cache, z in reversed(caches):\n        dy, dw, db = dense_backward(dy, cache)\n"
         "        grads.insert(0, (dw, db))\n    return grads\n", "failed"),
        ("def network_backward(dlogits, caches):\n    grads = []\n    dy = dlogits\n"
         "    for cache, z in reversed(caches):\n        dz = dy * logistic_derivative(z)\n"
         "        dy, dw, db = dense_backward(dz, cache)\n        grads.insert(0, (dw, db))\n"
         "    return grads\n", "failed"),
        ("def network_backward(dlogits, caches):\n    grads = []\n    dz = dlogits\n"
         "    for i in range(len(caches) - 1, -1, -1):\n        cache, _ = caches[i]\n"
         "        dx, dw, db = dense_backward(dz, cache)\n        grads.append((dw, db))\n"
         "        if i > 0:\n            dz = dx * logistic_derivative(caches[i - 1][1])\n"
         "    return grads\n", "failed"),
        ("def network_backward(dlogits, caches):\n    grads = []\n    d = dlogits\n"
         "    for cache, z in reversed(caches):\n        dx, dw, db = dense_backward(d, cache)\n"
         "        d = dx * logistic_derivative(z)\n        grads.insert(0, (dw, db))\n    return grads\n", "failed"),
        ("def network_backward(dlogits, caches):\n    grads = []\n    dz = dlogits\n"
         "    for i in range(len(caches) - 1, 0, -1):\n"
         "        dx, dw, db = dense_backward(dz, caches[i][0])\n        grads.insert(0, (dw, db))\n"
         "        dz = dx * logistic_derivative(caches[i - 1][1])\n    return grads\n", "failed"),
    ],
    "train_network": [
        ("def train_network(params, x, labels, *, lr, epochs, batch_size, rng):\n"
         "    for _ in range(epochs):\n        for xb, yb in minibatches(x, labels, batch_size, rng):\n"
         "            logits, caches = network_forward(xb, params)\n"
         "            loss, dlogits = softmax_cross_entropy(logits, yb)\n"
         "            for (w, b), (dw, db) in zip(params, network_backward(dlogits, caches)):\n"
         "                w -= lr * dw\n                b -= lr * db\n    return params\n", "failed"),
        ("def train_network(params, x, labels, *, lr, epochs, batch_size, rng):\n"
         "    for _ in range(epochs):\n        for xb, yb in minibatches(x, labels, batch_size, rng):\n"
         "            logits, caches = network_forward(xb, params)\n"
         "            loss, dlogits = softmax_cross_entropy(logits, yb)\n"
         "            grads = network_backward(dlogits, caches)\n"
         "            for (w, b), (dw, db) in zip(params, grads):\n                w = w - lr * dw\n"
         "                b = b - lr * db\n    return params\n", "failed"),
        ("def train_network(params, x, labels, *, lr, epochs, batch_size, rng):\n"
         "    for _ in range(epochs):\n        for xb, yb in minibatches(x, labels, batch_size, rng):\n"
         "            logits, caches = network_forward(xb, params)\n"
         "            _, d = softmax_cross_entropy(logits, yb)\n"
         "            g = network_backward(d, caches)\n"
         "            params = [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, g)]\n"
         "        return params\n", "failed"),
        ("def train_network(params, x, labels, *, lr, epochs, batch_size, rng):\n"
         "    for _ in range(epochs):\n        for xb, yb in minibatches(x, labels, batch_size, rng):\n"
         "            logits, caches = network_forward(xb, params)\n"
         "            _, d = softmax_cross_entropy(logits, yb)\n"
         "            g = network_backward(d / len(xb), caches)\n"
         "            params = [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, g)]\n"
         "    return params\n", "failed"),
        ("def train_network(params, x, labels, *, lr, epochs, batch_size, rng):\n"
         "    for _ in range(epochs):\n        for i in range(0, len(x), batch_size):\n"
         "            logits, caches = network_forward(x[i:i + batch_size], params)\n"
         "            _, d = softmax_cross_entropy(logits, labels[i:i + batch_size])\n"
         "            g = network_backward(d, caches)\n"
         "            params = [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, g)]\n"
         "    return params\n", "failed"),
    ],
    "gradient_growth": [
        ("def gradient_growth(n, sigma, slopes):\n    return np.sqrt(n) * sigma * np.mean(slopes)\n", "failed"),
        ("def gradient_growth(n, sigma, slopes):\n    rms = np.sqrt(np.mean(slopes**2))\n"
         "    return n * sigma * rms\n", "failed"),
        ("def gradient_growth(n, sigma, slopes):\n    return n * sigma**2 * np.mean(slopes**2)\n", "failed"),
        ("def gradient_growth(n, sigma, slopes):\n    return np.sqrt(n * sigma * np.mean(slopes**2))\n", "failed"),
        ("def gradient_growth(n, sigma, slopes):\n    return np.sqrt(n * sigma**2) * slopes.std()\n", "failed"),
    ],
    "predicted_drop": [
        ("def predicted_drop(grads, lr):\n    return lr * np.sqrt(sum((g**2).sum() for g in grads))\n", "failed"),
        ("def predicted_drop(grads, lr):\n    return sum((g * (-lr * g)).sum() for g in grads)\n", "failed"),
        ("def predicted_drop(grads, lr):\n    return lr * sum(np.abs(g).sum() for g in grads)\n", "failed"),
        ("def predicted_drop(grads, lr):\n    return 0.5 * lr * sum((g**2).sum() for g in grads)\n", "failed"),
        ("def predicted_drop(grads, lr):\n    return sum(((lr * g) ** 2).sum() for g in grads)\n", "failed"),
    ],
    "loss_scale": [
        ("def loss_scale(grads):\n    return 65504 / max(np.abs(g).max() for g in grads)\n", "failed"),
        ("def loss_scale(grads):\n    top = max(np.abs(g).max() for g in grads)\n    if top == 0:\n"
         "        return 1.0\n    return 2.0 ** np.round(np.log2(65504 / top))\n", "failed"),
        ("def loss_scale(grads):\n    top = max(np.abs(g).max() for g in grads)\n"
         "    return 2.0 ** np.floor(np.log2(65504 / top))\n", "failed"),
        ("def loss_scale(grads):\n    top = max(float(np.abs(g).max()) for g in grads)\n    if top == 0:\n"
         "        return 1.0\n    s = 2.0 ** -100\n    while s * top <= 65504:\n        s *= 2\n"
         "    return s\n", "failed"),
        ("def loss_scale(grads):\n    top = max(float(np.abs(g).max()) for g in grads)\n    s = 1.0\n"
         "    while 0 < s * 2 * top <= 65504:\n        s *= 2\n    return s\n", "failed"),
    ],
    "clip_by_value": [
        ("def clip_by_value(grad, limit):\n    return np.minimum(grad, limit)\n", "failed"),
        ("def clip_by_value(grad, limit):\n    return np.clip(grad, 0, limit)\n", "failed"),
        ("def clip_by_value(grad, limit):\n    return np.where(np.abs(grad) > limit, 0, grad)\n", "failed"),
        ("def clip_by_value(grad, limit):\n    if grad > limit:\n        return limit\n    return grad\n", "error"),
        ("def clip_by_value(grad, limit):\n    grad[grad > limit] = limit\n    grad[grad < -limit] = -limit\n"
         "    return grad\n", "failed"),
    ],
    "clip_by_global_norm": [
        ("def clip_by_global_norm(grads, limit):\n    result = []\n    for g in grads:\n"
         "        norm = np.linalg.norm(g.astype(float))\n"
         "        result.append(g * float(limit / max(norm, limit)))\n    return result\n", "failed"),
        ("def clip_by_global_norm(grads, limit):\n    norm = sum(np.sum(g.astype(float) ** 2) for g in grads)\n"
         "    return [g * float(limit / max(norm, limit)) for g in grads]\n", "failed"),
        ("def clip_by_global_norm(grads, limit):\n    norm = np.sqrt(sum(np.sum(g**2) for g in grads))\n"
         "    return [g * float(limit / max(norm, limit)) for g in grads]\n", "failed"),
        ("def clip_by_global_norm(grads, limit):\n    norm = np.linalg.norm(grads)\n"
         "    return [g * limit / max(norm, limit) for g in grads]\n", "error"),
    ],
    "mend": [
        ('def mend(config):\n    return {**config, "lr": 1.0}\n', "failed"),
        ('def mend(config):\n    config["initializer"] = "he_normal"\n    return config\n', "failed"),
        ('def mend(config):\n    return {**config, "activation": "tanh"}\n', "failed"),
        ('def mend(config):\n    return {**config, "scale": 1.0}\n', "failed"),
        ("def mend(config):\n    return config\n", "failed"),
        ('def mend(config):\n    config["initializer"] = "he_normal"\n    config["scale"] = 1.0\n', "failed"),
    ],
}

COMMENTS = (
    "see the formula above", "shapes: as in the lecture", "first try was wrong, this works", "asked in the forum",
    "check again before handing in", "the hint helped", "keeps the dtype", "no loops", "works for the example",
    "compare with the book", "why is that so?", "done", "from my notes", "second version",
)
SCRATCH = (
    "import sys\nprint(sys.version)",
    "values = np.linspace(-3, 3, 7)\nprint(values)",
    "def relative(a, b):\n    return np.abs(a - b).max()",
    "total = 0\nfor i in range(10):\n    total += i\ntotal",
    "# to do: read the chapter again",
    'print("how far I got:", 3, "of 6")',
    "np.set_printoptions(precision=3)",
)

FIRST = (
    "Ada", "André", "Anaïs", "Asja", "Björn", "Chloë", "Çiğdem", "D'Andre", "Đorđe", "Élodie", "Emmy", "Fionn",
    "François", "Gökhan", "Grace", "Héctor", "Ilse", "İrem", "Jean-Luc", "José María", "Kateřina", "Léa", "Łukasz",
    "Mairéad", "Mary Ann", "Ngọc", "Niels", "Noël", "Olga", "Øyvind", "Pál", "Quỳnh", "Ramón", "Róisín", "Sadiq",
    "Siân", "Søren", "Štěpán", "Tove", "Ümit", "Vigdís", "Wisława", "Xavi", "Yōko", "Zoë", "Žofia", "Юлия", "Νίκος",
    "美咲", "يوسف",
)
LAST = (
    "Ångström", "Bäcklund", "Castaño", "Çelik", "Dvořák", "d'Alembert", "de la Cruz", "Eşref", "Fernández Núñez",
    "Grünwald", "Hall-Jones", "Ibáñez", "Jørgensen", "Kovács", "Lefèvre", "Le Guin", "Māhoe", "McCarthy", "Müller",
    "Nguyễn", "Núñez", "O'Brien", "O’Neill", "Østergaard", "Peña", "Quiñones", "Řezníček", "Šimánek", "St. John",
    "Sørensen", "Tămaș", "Ó Súilleabháin", "van 't Hoff", "von Neumann", "Weiß", "Yıldız", "Zając", "Иванова", "王",
    "Żak",
)
NICKNAMES = ('"Ace"', '"Kit"', '"Bo"', '"Mimi"')
