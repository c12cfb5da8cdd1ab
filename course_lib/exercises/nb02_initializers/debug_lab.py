"""The debug lab of notebook 02: which initializer was a network given, told from what every layer sees."""

from functools import partial

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.judge.comparing import Unusable

NAMES = ("large", "small", "Glorot", "He fan_in", "He fan_out")
LETTERS = {"A": "Glorot", "B": "He fan_out", "C": "large", "D": "He fan_in", "E": "small"}
WIDTHS = [400, 283, 200, 141, 100, 71, 50]
SEEDS = 4  # networks to a profile; the factor from layer to layer is then known within 5%


def diagnose(up, down):
    """Name the initializer of a ReLU network whose layers grow narrower.

    Each layer is 0.71 times as wide as the one below.

    Parameters
    ----------
    up : array (layers,)
        RMS of the activations, lowest layer first.
    down : array (layers,)
        RMS of ∂L/∂z, lowest layer first.

    Returns
    -------
    str
        "large": N(0, 1); "small": N(0, 0.01²); "Glorot"; "He fan_in" or "He fan_out",
        after the fan by which He's variance is divided.
    """
    factor = (up[-1] / up[0]) ** (1 / (len(up) - 1))
    if factor > 2:
        return "large"
    if factor < 0.3:
        return "small"
    if factor < 0.88:
        return "Glorot"
    return "He fan_in" if factor < 1.09 else "He fan_out"


def draws(name):
    """Return the initializer of that name, as function (shape, rng) -> weights."""
    from course_lib.initializers import glorot_normal, standard_normal, variance_scaling

    return {
        "large": standard_normal,
        "small": lambda shape, rng: np.float32(0.01) * standard_normal(shape, rng),
        "Glorot": glorot_normal,
        "He fan_in": lambda shape, rng: variance_scaling(shape, rng, scale=2, mode="fan_in"),
        "He fan_out": lambda shape, rng: variance_scaling(shape, rng, scale=2, mode="fan_out"),
    }[name]


def network_of(name, rng):
    """Return a new ReLU network of narrowing layers with the initializer of that name."""
    from course_lib.models import dense_network

    return dense_network(WIDTHS, "ReLU", draws(name), rng=rng)


def five_networks():
    """Return the functions (rng) -> network of the debug lab by their letters, one for each initializer."""
    return {letter: partial(network_of, name) for letter, name in LETTERS.items()}


def _cases(rng):
    from course_lib.datasets import load_mnist
    from course_lib.measuring import profile

    yield np.array([2.0, 1.4, 1.0, 0.7]), np.array([0.26, 0.41, 0.64, 1.0])
    yield np.array([0.6, 0.71, 0.85]), np.array([0.2, 0.2, 0.2])
    yield np.array([0.5, 0.585]), np.array([0.3, 0.3])
    yield np.array([0.5, 6.0, 60.0]), np.array([60.0, 7.0, 0.9])
    data = load_mnist().first(2000)
    for name in rng.permutation([*NAMES, *rng.choice(NAMES, 2)]):
        seeds = rng.integers(2**31, size=SEEDS)
        seen = profile(partial(network_of, name), data, seeds, batch_size=128)
        yield tuple(np.exp(np.log(sizes).mean(axis=0)) for sizes in (seen.activation, seen.delta))


def _named(answer, case):
    name = answer(*case)
    if name is None:
        raise Unusable("it returned None: does every way through it end in a `return`?")
    if not isinstance(name, str) or name not in NAMES:
        names = ", ".join(map(repr, NAMES))
        raise Unusable(f"it returned {name!r:.60}, wanted one of the names {names}, spelt like this")
    return np.array(NAMES.index(name))


def _same(got, wanted):
    got, wanted = (NAMES[int(part[0])] for part in (got, wanted))
    return None if got == wanted else f"it says {got!r}, and the network was given {wanted!r}"


def _by(factor, limits=(2, 0.3, 0.88, 1.09), names=NAMES):
    """Return a diagnosis by a number made from the profile, in the order of the reference."""

    def answer(up, down):
        value = factor(np.asarray(up), np.asarray(down))
        steps = [value > limits[0], value < limits[1], value < limits[2], value < limits[3]]
        return names[steps.index(True)] if any(steps) else names[-1]

    return answer


def _growth(values):
    return (values[-1] / values[0]) ** (1 / (len(values) - 1))


LEAVES = {"large": "grows many times over", "small": "falls to about a tenth", "Glorot": "falls to 0.77 of itself",
          "He fan_in": "keeps its size", "He fan_out": "grows by 1.19"}
CONFUSED = [
    Mistake(
        _by(lambda up, down: _growth(up), names=[said if known == name else known for known in NAMES]),
        f"{name!r} is taken for {said!r}. With it the signal {does} at each layer: look at the limit next to that, and "
        "at the order of the ifs. Is your number a ratio, no difference, from one layer to the next, not over all?",
    )
    for name, does in LEAVES.items()
    for said in NAMES
    if said != name
]


DIAGNOSE = Exercise(
    name="diagnose",
    reference=diagnose,
    cases=_cases,
    points=2,
    call=_named,
    compare=_same,
    task=Task.LAB,
    mistakes=(
        Mistake(
            _by(lambda up, down: _growth(up), names=(*NAMES[:3], NAMES[4], NAMES[3])),
            "The two of He are swapped. fan_in keeps the signal's size on its way up; fan_out keeps the gradient's on "
            "its way down, and in layers that become narrower the signal then grows.",
        ),
        Mistake(
            _by(lambda up, down: _growth(up), names=(NAMES[1], NAMES[0], *NAMES[2:])),
            "'large' and 'small' are swapped: with large weights the signal grows from layer to layer.",
        ),
        Mistake(
            _by(lambda up, down: up[-1] / up[0]),
            "This looks like the change over all layers together. Take it to the power of one over the number of "
            "steps, and compare the factor from layer to layer.",
        ),
        Mistake(
            _by(lambda up, down: (up[-1] / up[0]) ** (1 / len(up))),
            "There is one step less than there are layers: take the change over all of them to the power of "
            "1 / (len(up) - 1).",
        ),
        Mistake(
            _by(lambda up, down: (up[-1] / up[0]) ** (1 / 6)),
            "The number of steps seems to be fixed. It is one less than there are layers, len(up) - 1, and not all "
            "networks have seven.",
        ),
        Mistake(
            _by(lambda up, down: _growth(up), limits=(10, 0.1, 0.77, 1)),
            "The limits look like the expected factors themselves, from which chance moves each network a little up or "
            "down. Put them halfway between the factors of neighbours.",
        ),
        Mistake(
            _by(lambda up, down: _growth(up), names=(NAMES[0], NAMES[3], NAMES[3], NAMES[3], NAMES[4])),
            "Whatever lies below one limit is called 'He fan_in', also what lies far below. The first `if` that is "
            "true decides: begin with the smallest limit.",
        ),
        Mistake(
            _by(lambda up, down: np.log(_growth(up)), limits=(2, 0.3, 0.3, 0.3)),
            "All but 'large' is called 'small'. Is a logarithm compared with limits that are meant for ratios? The "
            "logarithm of 1, of what stays level, is 0.",
        ),
        Mistake(
            _by(lambda up, down: 1 / _growth(up)),
            "The factor is upside down: the signal goes from the first layer to the last, so it is up[-1] over up[0].",
        ),
        Mistake(
            _by(lambda up, down: _growth(down[::-1])),
            "Each of He's is taken for what lies below it, as when the gradient is read with the signal's limits: on "
            "the way down He's weights by fan_in leave 0.84 a layer here and those by fan_out 1.",
        ),
        Mistake(
            _by(lambda up, down: _growth(down)),
            "The gradient travels downwards, from the last layer to the first; and it has limits of its own. Begin "
            "with the signal, up.",
        ),
        Mistake(
            _by(lambda up, down: _growth(down), limits=(2, 0.3, 0.74, 0.92)),
            "This reads the gradient against its direction: both arrays begin with the lowest layer, and the gradient "
            "comes from the last. Its factor is the first layer's over the last's.",
        ),
        *(
            Mistake(
                _by(lambda up, down: 1, names=[said] * 5),
                f"It says {said!r} whatever it is given. Make a number from `up`: the factor from layer to layer.",
            )
            for said in NAMES
        ),
        *CONFUSED,
    ),
    hints=(
        "Turn each line into one number, the factor from layer to layer. Then say what each initializer does to it.",
        "A ReLU layer multiplies the signal by √(fan_in · Var(w) / 2). With fan_out = 0.71 fan_in that is 0.77 for "
        "Glorot, 1 for He by fan_in, 1.19 for He by fan_out.",
        "factor = (up[-1] / up[0]) ** (1 / (len(up) - 1)); then limits halfway between the expected factors, such as "
        "0.88 and 1.09.",
    ),
)
