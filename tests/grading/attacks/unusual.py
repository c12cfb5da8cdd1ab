"""Settings that aren't what they seem, in the exercise whose answer is data; and notebooks of unusual size."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import Attack, add_cell
from tests.grading.attacks.forging import EVERYWHERE

WRONG = ("failed", "error", "died", "tampered")
HEADER = "import os, struct, sys\nimport numpy as np\n"
RIGHT = '{**config, "initializer": "he_normal", "scale": 1.0}'
REAL = """
import numbers
class Lie:
    def __le__(self, other): return True
    __ge__ = __lt__ = __gt__ = __eq__ = __le__
    def __float__(self): return float("nan")
    def __array__(self, *a, **k): return np.array(1e300)
numbers.Real.register(Lie)
"""


def settings(value, before="", first="pass"):
    return HEADER + before + f"def mend(config):\n    {first}\n    return {value}\n"


def sent(array):
    """Return an answer that sends numbers of its own in place of settings, and leaves."""
    return settings("config", EVERYWHERE, f"say('forbidden', 'mend', []); say('answer', 'mend'); say('cell', 0); say('ready'); say('result', [{array}]); say('end'); os._exit(0)")


CONFIGS = {
    "right, as a subclass of dict": (settings(f"type('Mine', (dict,), {{}})({RIGHT})"), "passed"),
    "right, in NumPy's numbers": (settings('{**config, "initializer": "he_normal", "scale": np.float32(1), "lr": np.float64(0.05)}'), "passed"),
    "right, in fractions": (settings('{**config, "initializer": "he_normal", "scale": Fraction(1), "lr": Fraction(1, 20)}', "from fractions import Fraction\n"), "passed"),
    "right, in place": (settings("config", first='config.update(initializer="he_normal", scale=1.0)'), "passed"),
    "a huge number": (settings('{**config, "scale": 10**400}'), WRONG),
    "NaN": (settings('{**config, "scale": float("nan")}'), WRONG),
    "True": (settings('{**config, "scale": True}'), WRONG),
    "a complex number": (settings('{**config, "lr": 0.05 + 0j}'), WRONG),
    "a Decimal": (settings('{**config, "lr": Decimal("0.05")}', "from decimal import Decimal\n"), WRONG),
    "a number that lies": (settings('{**config, "initializer": "he_normal", "scale": Lie()}', REAL), WRONG),
    "an array": (settings('{**config, "scale": np.ones(3)}'), WRONG),
    "a list as activation": (settings('{**config, "activation": ["ReLU"]}'), WRONG),
    "a name that equals everything": (
        settings('{**config, "activation": Any("linear")}', "class Any(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__\n"), WRONG),
    "a dict that changes": (
        settings("Mine(config)", "class Mine(dict):\n    n = 0\n    def __getitem__(self, key):\n        Mine.n += 1\n        return dict.__getitem__(self, key) if Mine.n < 4 else 1e9\n"), WRONG),
    "other keys": (settings('{**config, "layers": 1}'), WRONG),
    "the trained accuracy": (settings("np.array([1.0])"), WRONG),
}
SENT = {
    "no settings": "np.array([])", "one number": "np.array(1.0)", "a choice that isn't there": "np.array([9.0, 9.0, 1.0, 0.05])", "a choice from behind": "np.array([-9.0, 2.0, 1.0, 0.05])",
    "NaN": "np.full(4, np.nan)", "infinity": "np.array([2.0, 2.0, np.inf, np.inf])", "huge settings": "np.array([2.0, 2.0, 1e300, 1e300])", "bools": "np.ones(4, bool)",
    "a matrix": "np.ones((4, 4))", "100,000 settings": "np.ones(100_000)", "too large a rate": "np.array([2.0, 2.0, -1.0, -0.05])",
}


def many(n, source):
    """Return a change that adds many cells of the learner's own."""

    def change(content):
        for i in range(n):
            add_cell(content, source.format(i=i))
        return content

    return change


HELPED = {"logistic": "def logistic(z):\n    return 0.5 * (1.0 + halved(z))\n"}
ATTACKS = [
    *(Attack(f"settings: {name}", {"mend": source}, {"mend": status}) for name, (source, status) in CONFIGS.items()),
    *(Attack(f"sends {name} as settings", {"mend": sent(array)}, {"mend": WRONG}) for name, array in SENT.items()),
    Attack("3,000 cells of its own", HELPED, change=lambda content: add_cell(many(3000, "x{i} = {i}\n")(content), "def halved(z):\n    return np.tanh(z / 2)\n")),
    Attack("a chain of 300 helpers", {"logistic": "def logistic(z):\n    return f0(z)\n"},
           change=lambda content: add_cell(many(300, "def f{i}(z): return globals()['f%d' % ({i} + 1)](z) if 0 else g{i}(z)\ng{i} = lambda z: 0.5 * (1.0 + np.tanh(0.5 * z))\n")(content), "f300 = None\n")),
    Attack("40 cells of 150 KB", change=many(40, "# {i}\n" + "# " + "spam " * 30_000 + "\n")),
    Attack("helpers in circles", HELPED, change=lambda content: add_cell(add_cell(content, "def halved(z):\n    return np.tanh(z / two())\ndef three(): return two() + 1\n"), "def two():\n    return 2 if halved else three()\n")),
]
