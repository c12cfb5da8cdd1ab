"""Faults in course_lib.datasets."""

from tests.faults import Fault

STANDARD = "return ((x - np.float32(mean)) / np.float32(std)).astype(np.float32)"
SPLIT = "Split(x[:55000], y[:55000], x[55000:], y[55000:], x_test, y_test)"
CHOSEN = "*(mixed[y[mixed] == label][:n] for label in classes)"
MOONS = "x = np.stack([np.where(y, 1 - np.cos(t), np.cos(t)), np.where(y, 0.5 - np.sin(t), np.sin(t))], axis=1)"
MOONS_END = MOONS + "\n    return (x + rng.normal(0, noise, x.shape)).astype(np.float32), y.astype(np.uint8)"
ARM = "x = np.stack([r * np.cos(a), r * np.sin(a)], axis=1)"
ARM_END = ARM + "\n    return (x + rng.normal(0, noise, x.shape)).astype(np.float32), y.astype(np.uint8)"

FAULTS = [
    Fault(
        "Split",
        "first cuts the validation set too",
        "x_valid=self.x_valid[:valid]",
        "x_valid=self.x_valid[: valid or n]",
    ),
    Fault(
        "Split",
        "first leaves the labels",
        "x_train=self.x_train[:n], y_train=self.y_train[:n]",
        "x_train=self.x_train[:n]",
    ),
    Fault("Split", "first takes the last", "x_train=self.x_train[:n]", "x_train=self.x_train[-2 * n:]"),
    Fault(
        "standardize",
        "its own mean and deviation",
        STANDARD,
        "return ((x - np.mean(x)) / max(np.std(x), 1e-9)).astype(np.float32)",
    ),
    Fault(
        "standardize",
        "divided by the variance",
        STANDARD,
        "return ((x - np.float32(mean)) / np.float32(std) ** 2).astype(np.float32)",
    ),
    Fault(
        "standardize", "mean added", STANDARD, "return ((x + np.float32(mean)) / np.float32(std)).astype(np.float32)"
    ),
    Fault(
        "standardize", "divided first", STANDARD, "return (x / np.float32(std) - np.float32(mean)).astype(np.float32)"
    ),
    Fault("standardize", "result is float64", STANDARD, "return (x - mean) / std"),
    Fault(
        "standardize",
        "small whole numbers wrap round",
        STANDARD,
        "return ((x - np.asarray(mean).astype(x.dtype)) / np.float32(std)).astype(np.float32)",
    ),
    Fault("standardize", "written in place", STANDARD, "x[...] = (x - mean) / std\n    return x.astype(np.float32)"),
    Fault(
        "load_mnist", "validation images also trained on", SPLIT, "Split(x, y, x[55000:], y[55000:], x_test, y_test)"
    ),
    Fault(
        "load_mnist",
        "validation from the front",
        SPLIT,
        "Split(x[5000:], y[5000:], x[:5000], y[:5000], x_test, y_test)",
    ),
    Fault(
        "load_mnist",
        "test set for validation",
        SPLIT,
        "Split(x[:55000], y[:55000], x_test[:5000], y_test[:5000], x_test, y_test)",
    ),
    Fault("load_mnist", "damage not noticed", "if found != MNIST_SHA256:", "if not found:"),
    Fault("load_mnist", "a missing file not explained", "if not MNIST.is_file():", "if MNIST.is_dir():"),
    Fault(
        "load_mnist",
        "loaded anew each time",
        "@cache\ndef load_mnist",
        "@lambda f: setattr(f, '__wrapped__', f) or f\ndef load_mnist",
    ),
    Fault("load_mnist", "wrong mean", "MNIST_MEAN, MNIST_STD = 33.318421", "MNIST_MEAN, MNIST_STD = 33.3285"),
    Fault("load_mnist", "writable", "        array.flags.writeable = False\n", "        pass\n"),
    Fault(
        "load_iris",
        "in the file's order, species by species",
        "order = mixed.reshape(3, 50).T.ravel()",
        "order = np.arange(150)",
    ),
    Fault(
        "load_iris",
        "not stratified",
        "order = mixed.reshape(3, 50).T.ravel()",
        "order = np.random.default_rng(0).permutation(150)",
    ),
    Fault(
        "load_iris",
        "another order each time",
        "np.random.default_rng(0).permutation(50)",
        "np.random.default_rng().permutation(50)",
    ),
    Fault(
        "load_iris",
        "labels not mixed along",
        "x[order].astype(np.float32), y[order].astype(np.uint8)",
        "x[order].astype(np.float32), y.astype(np.uint8)",
    ),
    Fault("load_iris", "validation and test overlap", "x[120:], y[120:]", "x[90:120], y[90:120]"),
    Fault("minibatches", "rest left out", "range(0, len(x), size)", "range(0, len(x) - size + 1, size)"),
    Fault(
        "minibatches",
        "in the same order every epoch",
        "order = rng.permutation(len(x))\n    for",
        "order = np.arange(len(x))\n    for",
    ),
    Fault(
        "minibatches", "labels mixed by themselves", "yield x[rows], y[rows]", "yield x[rows], y[rng.permutation(rows)]"
    ),
    Fault(
        "minibatches",
        "drawn with repeats",
        "order = rng.permutation(len(x))\n    for",
        "order = rng.integers(len(x) or 1, size=len(x))\n    for",
    ),
    Fault("minibatches", "batches overlap", "order[start : start + size]", "order[start : start + size + 1]"),
    Fault("minibatches", "lengths not compared", "if len(x) != len(y):", "if False:"),
    Fault("minibatches", "a size of 0 taken", "if size < 1:", "if size < 0:"),
    Fault(
        "per_class", "class by class", "    rows = rng.permutation(rows)  # until here they lie class by class\n", ""
    ),
    Fault("per_class", "always the first ones", "mixed = rng.permutation(len(y))", "mixed = np.arange(len(y))"),
    Fault(
        "per_class",
        "in the order of the draw, rare classes last",
        "    rows = rng.permutation(rows)  # until here they lie class by class\n",
        "    rows = mixed[np.sort(np.argsort(mixed)[rows])]\n",
    ),
    Fault("per_class", "with repeats", CHOSEN, "*(rng.choice(np.flatnonzero(y == label), n) for label in classes)"),
    Fault("per_class", "n in all", CHOSEN, "*(mixed[y[mixed] == label][: n // len(classes)] for label in classes)"),
    Fault("per_class", "fewer where a class has fewer", "        if count < n:", "        if count < 0:"),
    Fault("per_class", "labels of other rows", "return x[rows], y[rows]", "return x[rows], np.sort(y[rows])"),
    Fault("per_class", "lengths not compared", '@shapes(x="batch ...", y="batch", n="[0, inf)")\n', ""),
    Fault("moons", "whole circles", "t = rng.uniform(0, np.pi, n)", "t = rng.uniform(0, 2 * np.pi, n)"),
    Fault("moons", "apart from each other", "0.5 - np.sin(t)", "-0.5 - np.sin(t)"),
    Fault("moons", "side by side", "1 - np.cos(t)", "2 - np.cos(t)"),
    Fault("moons", "labels swapped", "np.where(y, 1 - np.cos(t), np.cos(t))", "np.where(y, np.cos(t), 1 - np.cos(t))"),
    Fault("moons", "labels drawn, not balanced", "y = rng.permutation(n) % 2", "y = rng.integers(0, 2, n)"),
    Fault("moons", "one class after the other", "y = rng.permutation(n) % 2", "y = np.arange(n) * 2 // max(n, 1)"),
    Fault("moons", "no noise", MOONS_END, MOONS_END.replace("0, noise,", "0, 0 * noise,")),
    Fault("moons", "noise along one axis", MOONS_END, MOONS_END.replace("x.shape", "(n, 1)")),
    Fault("moons", "uniform noise", MOONS_END, MOONS_END.replace("rng.normal(0, noise", "rng.uniform(-noise, noise")),
    Fault("moons", "noise taken for the variance", MOONS_END, MOONS_END.replace("0, noise", "0, noise**0.5")),
    Fault("moons", "points are float64", MOONS_END, MOONS_END.replace(".astype(np.float32)", "")),
    Fault("spirals", "rings", "2 * np.pi * (turns * r + y / classes)", "2 * np.pi * (rng.random(n) + y / classes)"),
    Fault("spirals", "all on one arm", "(turns * r + y / classes)", "(turns * r + 0 * y / classes)"),
    Fault("spirals", "arms half a turn apart, whatever their number", "y / classes)", "y / 2)"),
    Fault("spirals", "crowded in the middle", "r = np.sqrt(rng.random(n))", "r = rng.random(n)"),
    Fault(
        "spirals",
        "turns taken for radians",
        "a = 2 * np.pi * (turns * r + y / classes)",
        "a = turns * r + 2 * np.pi * y / classes",
    ),
    Fault("spirals", "two classes only", "y = rng.permutation(n) % classes", "y = rng.permutation(n) % 2"),
    Fault(
        "spirals", "labels drawn, not balanced", "y = rng.permutation(n) % classes", "y = rng.integers(0, classes, n)"
    ),
    Fault("spirals", "no noise", ARM_END, ARM_END.replace("0, noise,", "0, 0 * noise,")),
    Fault("spirals", "noise grows outwards", ARM_END, ARM_END.replace("x + rng", "x + r[:, None] * rng")),
    Fault("spirals", "too much noise by default", "turns=1.5, noise=0.03", "turns=1.5, noise=0.3"),
    Fault("spirals", "no class taken", 'classes="[1, 256]"', 'classes="[0, 256]"'),
]
