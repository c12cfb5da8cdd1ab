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
