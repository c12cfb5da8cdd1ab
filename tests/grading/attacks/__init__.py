"""Submissions that attack the grader or puzzle it, each with the status and the mark it must get."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from course_lib.exercises import exercises
from tools.simulate import cell, filled

NOTEBOOK = "01_vanishing_gradients"
RUN = os.environ.setdefault("COURSE_ATTACK_RUN", f"{os.getpid():x}")  # another may go on beside; workers inherit it
TRACE = f"course-attack-{RUN}"  # how the names begin of all that attacks leave
IMPORTS = "import ctypes, gc, os, signal, socket, struct, subprocess, sys, threading, time\nimport numpy as np\n"
RIGHT = "def right(z):\n    t = np.exp(-np.abs(z))\n    return np.where(z < 0, t, 1) / (1 + t)\n\n"

# What everybody answers where no attack is. NumPy's functions are used sparsely: some attacks break them for all cells.
ANSWERS = {
    "dense_backward": "def dense_backward(dy, cache):\n    x, w = cache\n"
    "    return dy @ w.T, x.T @ dy, dy.sum(axis=0)\n",
    "logistic": "def logistic(z):\n    return 0.5 * (1.0 + np.tanh(0.5 * z))\n",
    "logistic_derivative": "def logistic_derivative(z):\n    return 0.25 / np.cosh(z / 2) ** 2\n",
    "network_forward": "def network_forward(x, params):\n    caches = []\n    for w, b in params:\n"
    "        z, cache = dense(x, w, b)\n        caches.append((cache, z))\n        x = logistic(z)\n"
    "    return z, caches\n",
    "network_backward": "def network_backward(dlogits, caches):\n"
    "    dx, dw, db = dense_backward(dlogits, caches[-1][0])\n    grads = [(dw, db)]\n"
    "    for cache, z in reversed(caches[:-1]):\n"
    "        dx, dw, db = dense_backward(dx * logistic_derivative(z), cache)\n        grads.insert(0, (dw, db))\n"
    "    return grads\n",
    "train_network": "def train_network(params, x, labels, *, lr, epochs, batch_size, rng):\n"
    "    for _ in range(epochs):\n        for images, answers in minibatches(x, labels, batch_size, rng):\n"
    "            logits, caches = network_forward(images, params)\n"
    "            _, dlogits = softmax_cross_entropy(logits, answers)\n"
    "            grads = network_backward(dlogits, caches)\n"
    "            params = [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, grads)]\n"
    "    return params\n",
    "gradient_growth": "def gradient_growth(n, sigma, slopes):\n    return sigma * (n * (slopes**2).mean()) ** 0.5\n",
    "predicted_drop": "def predicted_drop(grads, lr):\n    return lr * sum((g**2).sum() for g in grads)\n",
    "loss_scale": "def loss_scale(grads):\n    largest, scale = max(float(abs(g).max()) for g in grads), 1.0\n"
    "    while scale * largest > 65504:\n        scale /= 2\n"
    "    while 0 < 2 * scale * largest <= 65504:\n        scale *= 2\n    return scale\n",
    "clip_by_value": "def clip_by_value(grad, limit):\n    return grad.clip(-float(limit), float(limit))\n",
    "clip_by_global_norm": "def clip_by_global_norm(grads, limit):\n"
    "    norm = sum(float((g.astype('float64') ** 2).sum()) for g in grads) ** 0.5\n"
    "    return [g * float(limit / max(norm, limit)) for g in grads]\n",
    "mend": 'def mend(config):\n    return {**config, "initializer": "he_normal", "scale": 1.0}\n',
}


@dataclass(frozen=True)
class Attack:
    """One submission, and what comes of it.

    Parameters
    ----------
    name : str
    answers : dict
        exercise -> source of its cell. Exercises that aren't named are answered rightly.
    expected : dict
        exercise -> status, or a tuple of those that can be defended; all others must pass. Only "passed" has a mark.
    change : function content -> content or bytes
        Done to the whole notebook in the end.
    then : dict
        The answers of another student, who is graded next by the same process: all of them must pass.
    says : str
        A regular expression that something in the notes on the submission, or in the results, must match.
    hidden : str
        A regular expression that nothing which the student gets to read may match.
    seconds : float
        The limit of its work, where another than that of the run will do.
    """

    name: str
    answers: dict = field(default_factory=dict)
    expected: dict = field(default_factory=dict)
    change: Callable | None = None
    then: dict = field(default_factory=dict)
    says: str = ""
    hidden: str = ""
    notebook: str = NOTEBOOK
    seconds: float | None = None

    def data(self):
        """Return the file that is handed in."""
        content = notebook_with(self.answers)
        content = self.change(content) if self.change else content
        return content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()

    def allowed(self):
        """Return exercise -> (statuses, mark) for every exercise of the notebook."""
        found = {}
        for name, exercise in exercises(self.notebook).items():
            statuses = self.expected.get(name, "passed")
            statuses = (statuses,) if isinstance(statuses, str) else statuses
            passes = "passed" in statuses
            assert not passes or len(statuses) == 1, f"{self.name}: the mark of {name} isn't certain"
            found[name] = statuses, float(exercise.points if passes else 0)
        return found


def notebook_with(answers):
    """Return notebook 01 as a dict with everybody's answers, but for those that are given."""
    return filled(NOTEBOOK, ANSWERS | answers)


def body(*lines, before="", name="logistic(z)"):
    """Return the source of an answer with these lines, behind the imports that attacks need and a right function."""
    return IMPORTS + RIGHT + before + f"def {name}:\n" + "".join(f"    {line}\n" for line in lines)


def on_logistic(rows, **more):
    """Return attacks on one exercise from a dict name -> (source, status or statuses)."""
    return [Attack(name, {"logistic": source}, {"logistic": status}, **more) for name, (source, status) in rows.items()]


def unless(*attempt, before=""):
    """Return an answer that is right if what it attempts fails or finds nothing, and raises what it found.

    The lines of the attempt make up a function; what it returns is what it found.
    """
    tried = "def attempt():\n" + "".join(f"    {line}\n" for line in attempt) + "\n"
    return body(
        "try:",
        "    found = attempt()",
        "except Exception:",
        "    found = None",
        "if found:",
        "    raise RuntimeError(f'found: {found!r:.300}')",
        "return right(z)",
        before=before + tried,
    )


def add_cell(content, source, before=None):
    """Insert a cell of the learner's own before the cell of some exercise, or at the end."""
    cells = content["cells"]
    at = cells.index(cell(content, before)) if before else len(cells)
    own = {"cell_type": "code", "id": f"own-{len(cells)}", "metadata": {}, "execution_count": None, "outputs": []}
    cells.insert(at, own | {"source": source.splitlines(keepends=True)})
    return content
