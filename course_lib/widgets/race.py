"""Explorer "race": six update rules start together on one surface, with the same learning rate."""

from functools import lru_cache, partial

import numpy as np

from course_lib import optimizers
from course_lib.schedules import exponential_decay, one_cycle
from course_lib.surfaces import SURFACES, arrival, descend, hessian, relief
from course_lib.widgets.shell.deep_batch import check_settings
from course_lib.widgets.shell.panels import Lines, Series, Walks
from course_lib.widgets.shell.picture import Picture, number

STEPS = 200
RATES, BETAS, X, Y = (0.001, 3.0), (0.0, 0.95), (-2.5, 2.5), (-1.5, 2.0)
RULES = {"SGD": optimizers.sgd, "momentum": optimizers.momentum, "Nesterov": optimizers.nesterov,
         "AdaGrad": optimizers.adagrad, "RMSprop": optimizers.rmsprop, "Adam": optimizers.adam}
WITH_BETA = ("momentum", "Nesterov")
SCHEDULES = {
    "constant": lambda step, lr: lr + 0.0 * step,
    "exponential": partial(exponential_decay, decay_steps=50, decay_rate=0.3),
    "1cycle": partial(one_cycle, steps=STEPS),
}
HEIGHTS, LENGTHS, RATE_AXIS = (-8.0, 4.0), (-8.0, 2.0), (-5.0, 1.0)  # powers of ten that are drawn
NEAR = 1e-3
BANDS = 12
FAR = 3  # walks are cut where they are so many widths of the map outside of it


def race(surface="valley", rate=0.01, beta=0.9, schedule="constant", x=-1.5, y=1.5):
    """Let six rules walk over a surface for 200 steps, all with the same start and learning rate.

    Parameters
    ----------
    surface : str
        One of `SURFACES`.
    rate : float
        The learning rate, of a schedule the one that it begins with or, for 1cycle, its peak; 0.001 to 3.
    beta : float
        Of momentum and Nesterov, 0 to 0.95.
    schedule : str
        One of `SCHEDULES`.
    x, y : float
        The start, -2.5 to 2.5 and -1.5 to 2.

    Returns
    -------
    Picture
        Panels "walks", "heights", "rate" and "steps"; its summary holds each rule's last height above the floor.

    Raises
    ------
    ValueError
        If a setting is unknown or out of range.
    """
    ranges = {"rate": (rate, RATES), "beta": (beta, BETAS), "x": (x, X), "y": (y, Y)}
    check_settings("race", ranges, {"surface": (surface, tuple(SURFACES)), "schedule": (schedule, tuple(SCHEDULES))})
    place = SURFACES[surface]
    rates = SCHEDULES[schedule](np.arange(STEPS), lr=rate)
    paths = {
        name: descend(place.gradient, rule, (x, y), STEPS, lr=lambda step: float(rates[step]),
                      **({"beta": beta} if name in WITH_BETA else {}))
        for name, rule in RULES.items()
    }
    with np.errstate(all="ignore"):
        heights = {name: place.value(path.T) - place.floor for name, path in paths.items()}
        lengths = {name: np.linalg.norm(np.diff(path, axis=0), axis=1) for name, path in paths.items()}
    summary = {name: _finite(high[-1]) for name, high in heights.items()}
    fates = {name: _fate(place, paths[name], heights[name]) for name in RULES}
    verdict = _verdict(fates)
    text = f"{_setting(surface, rate, beta, schedule, x, y)} {verdict} {_description(summary, rates, surface)}"
    panels = {
        "walks": walks_panel(surface, paths),
        "heights": _lines("Height above the floor", "log₁₀ of height", heights, HEIGHTS, 0),
        "rate": _lines("Learning rate in use", "log₁₀ of rate",
                       {"rate": rates, "2/λ, plain descent's limit": np.full(STEPS, limit(surface))}, RATE_AXIS, 1),
        "steps": _lines("Length of the steps", "log₁₀ of length", lengths, LENGTHS, 1),
    }
    return Picture(panels, _headline(fates, rates, surface), verdict, text, summary)


@lru_cache(maxsize=len(SURFACES))
def limit(surface):
    """Return 2 / λ, λ the largest curvature at the lowest point: plain descent comes to rest only below this rate."""
    place = SURFACES[surface]
    return float(2 / np.linalg.eigvalsh(hessian(place.gradient, np.array(place.lowest)))[-1])


def _finite(height):
    return float(height) if np.isfinite(height) else 1e300


def _fate(place, path, heights):
    """Say what became of a walk: "arrives at step 50", "diverges" or "is on the way"."""
    if not np.isfinite(heights[-1]) or heights[-1] > 100 * max(heights[0], 1):
        return "diverges"
    step = arrival(place, path, NEAR)
    return f"arrives at step {step}" if step <= STEPS else "is on the way"


def _lines(title, label, rows, axis, first):
    """Return lines of powers of ten; what lies below the axis stays at its edge."""
    series = {}
    for name, values in rows.items():
        with np.errstate(all="ignore"):
            powers = np.log10(np.maximum(values, 10.0 ** axis[0]))
        beyond = (~(powers <= axis[1])).astype(np.int8)
        series[name] = Series(np.where(beyond, axis[1], powers).astype(np.float32), beyond)
    return Lines(title, "step", label, series, (first, STEPS), axis)


def _verdict(fates):
    """Say in a sentence or two who arrives, who diverges, and who is on the way."""
    arrived = sorted((int(fate.split()[-1]), name) for name, fate in fates.items() if fate.startswith("arrives"))
    lost = [name for name, fate in fates.items() if fate == "diverges"]
    said = "Nobody arrives within 200 steps."
    if arrived:
        said = f"{arrived[0][1]} is the first to stay within {NEAR:g} of the floor, at step {arrived[0][0]}"
        said += f", {arrived[-1][1]} the last, at step {arrived[-1][0]}." if len(arrived) > 1 else ", and the only one."
    return said + (f" {_listed(lost)} diverge{'s' * (len(lost) == 1)}." if lost else "")


def _listed(names):
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _headline(fates, rates, surface):
    words = [fate.split()[0] for fate in fates.values()]
    return [
        ("Arrived", f"{words.count('arrives')} of {len(RULES)}", f"within {NEAR:g} of the floor, and staying"),
        ("Diverged", f"{words.count('diverges')} of {len(RULES)}", "higher and higher"),
        ("Rate", f"{number(rates[0])} → {number(rates[-1])}", "in use, first and last step"),
        ("Limit", number(limit(surface)), "2/λ at the lowest point, for plain descent"),
    ]


def _setting(surface, rate, beta, schedule, x, y):
    return (f"Six rules on the {surface} from ({x:.3g}, {y:.3g}), {STEPS} steps, learning rate {rate:.3g}, {schedule}, "
            f"beta {beta:.3g}.")


def _description(summary, rates, surface):
    ends = ", ".join(f"{name} {'lost' if end >= 1e300 else number(end)}" for name, end in summary.items())
    return (f"Map of the walks and lines: heights above the floor after {STEPS} steps: {ends}. Learning rate in use "
            f"from {number(rates[0])} to {number(rates[-1])}, at most {number(rates.max())}; plain descent's limit is "
            f"{number(limit(surface))}.")


def walks_panel(name, paths):
    """Return the panel of a surface from `SURFACES` with walks over it; what is far outside is cut off.

    paths is a dict of label -> array (steps + 1, 2), as `descend` returns it.
    """
    surface = SURFACES[name]
    left, right, bottom, top = surface.box
    seen = {label: _near(path, surface.box) for label, path in paths.items()}
    return Walks(f"The {name} from above", "x", "y", _shade(name), seen, surface.lowest, (left, right), (bottom, top))


def _near(path, box):
    """Return a walk up to its first place that is far outside of the map."""
    left, right, bottom, top = box
    middle, room = np.array([left + right, bottom + top]) / 2, FAR * np.array([right - left, top - bottom])
    with np.errstate(all="ignore"):
        gone = np.flatnonzero(~(np.abs(path - middle) < room).all(axis=1))
    return np.float32(path[: gone[0]] if len(gone) else path)


@lru_cache(maxsize=len(SURFACES))
def _shade(name):
    """Return a surface's heights in bands, which are narrower near the floor, where walks end."""
    _, heights = relief(SURFACES[name])
    return np.float32(np.floor(BANDS * np.sqrt(heights / heights.max()) * 0.999) / (BANDS - 1))


def race_explorer():
    """Return the explorer; its `controls` are surface, rate, beta, schedule, x and y; a click sets both."""
    from course_lib.widgets.shell.explorer import Explorer, choice, fraction_slider, log_slider

    explorer = Explorer(
        "race",
        race,
        surface=choice("Surface", "valley", SURFACES, "what the rules walk over"),
        rate=log_slider("Rate", 0.01, *RATES, "learning rate of all rules"),
        beta=fraction_slider("β", 0.9, *BETAS, "share of the speed that momentum and Nesterov keep"),
        schedule=choice("Schedule", "constant", SCHEDULES, "how the rate changes in the 200 steps"),
        x=fraction_slider("x", -1.5, *X, "where the walks start; or click into the map"),
        y=fraction_slider("y", 1.5, *Y, "where the walks start; or click into the map"),
    )
    explorer.controls["rate"].readout_format = ".2g"

    def clicked(change):
        for name, (low, high) in {"x": X, "y": Y}.items():
            explorer.controls[name].value = round(20 * min(max(change["new"][name], low), high)) / 20

    explorer.canvas.observe(clicked, "clicked")
    return explorer
