"""Explorer "dying": which share of each layer's units is dead or off, epoch by epoch, while networks train."""

from functools import partial

import numpy as np

from course_lib.datasets import load_mnist
from course_lib.initializers import he_normal
from course_lib.measuring import UnitWatch
from course_lib.models import deep_network
from course_lib.optimizers import adam
from course_lib.training import fit
from course_lib.widgets.shell.panels import Lines
from course_lib.widgets.shell.picture import Picture, line_series


def dying(watches, epoch=0, rate=None):
    """Draw the dead units and those that are off, layer by layer, at one moment of a training.

    Parameters
    ----------
    watches : dict of str to dict of str to UnitWatch
        By learning rate, then by activation, at most three; all looked equally often, first before training.
    epoch : int
        The moment: 0 is before training.
    rate : str, optional
        One of the learning rates; the first without it.

    Returns
    -------
    Picture
        Panels "dead" and "off".

    Raises
    ------
    ValueError
        If there is no such rate or epoch.
    """
    rate = next(iter(watches)) if rate is None else rate
    if rate not in watches:
        raise ValueError(f"dying: rate is {rate!r}, wanted one of {', '.join(watches)}")
    last = last_epoch(watches)
    if not 0 <= epoch <= last:
        raise ValueError(f"dying: epoch is {epoch!r}, wanted 0 to {last}")
    chosen = watches[rate]
    shares = {kind: {name: getattr(watch, kind)[epoch].mean(axis=1) for name, watch in chosen.items()}
              for kind in ("dead", "off")}
    summary = {f"{kind} {name}": float(share.mean()) for kind, rows in shares.items() for name, share in rows.items()}
    layers = len(next(iter(shares["dead"].values())))
    panels = {
        "dead": _lines("Dead: slope 0 on every image", shares["dead"], layers),
        "off": _lines("Off: z ≤ 0 on every image", shares["off"], layers),
    }
    when = "Before training" if epoch == 0 else f"Epoch {epoch} of {last}"
    dead = ", ".join(f"{name} {summary[f'dead {name}']:.0%}" for name in chosen)
    off = ", ".join(f"{name} {summary[f'off {name}']:.0%}" for name in chosen)
    verdict = f"{when}, learning rate {rate}: dead are {dead} of all hidden units."
    by_layer = "; ".join(
        f"{name}: {' '.join(f'{share:.0%}' for share in rows)}" for name, rows in shares["off"].items()
    )
    text = f"{verdict} Off for every image are {off}; by layer, lowest first: {by_layer}."
    headline = [(name, f"{summary[f'dead {name}']:.0%} dead", f"{summary[f'off {name}']:.0%} off for every image")
                for name in chosen]
    return Picture(panels, headline, verdict, text, summary)


def last_epoch(watches):
    """Return the number of the last moment that all have seen."""
    return min(len(watch.seen) for chosen in watches.values() for watch in chosen.values()) - 1


def _lines(title, shares, layers):
    series = {name: line_series(100 * share) for name, share in shares.items()}
    return Lines(title, "hidden layer (1: next to the image)", "% of units", series, (1, layers), (0, 100))


def example():
    """Return the watches of six short trainings: ReLU, leaky ReLU and ELU at two learning rates, 640 images."""
    data, watches = load_mnist(), {}
    for rate in ("0.001", "0.1"):
        for name in ("ReLU", "leaky ReLU", "ELU"):
            rng = np.random.default_rng(0)
            network = deep_network(5, 100, name, he_normal, rng=rng)
            watches.setdefault(rate, {})[name] = watch = UnitWatch(data.x_valid[:500], network)
            fit(network, data.first(640), adam, lr=float(rate), epochs=3, rng=rng, callbacks=[watch], progress=False)
    return watches


def dying_explorer(watches=None):
    """Return the explorer of some trainings, or of an `example`; its `controls` are epoch and rate."""
    from course_lib.widgets.shell.explorer import Explorer, choice, slider  # takes a second, so not for tests

    watches = watches or example()
    return Explorer(
        "dying",
        partial(dying, watches),
        epoch=slider("Epoch", 0, 0, last_epoch(watches), "how far training has come; 0 is before it"),
        rate=choice("Rate", list(watches)[-1], watches, "learning rate"),
    )
