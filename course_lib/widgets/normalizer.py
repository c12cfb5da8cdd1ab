"""Explorer "normalizer": what batch norm makes of twenty units that see real digits, in training and in use."""

from functools import lru_cache

import numpy as np

from course_lib.datasets import MNIST_MEAN, MNIST_STD, load_mnist, standardize
from course_lib.initializers import he_normal
from course_lib.normalization import batch_norm, batch_norm_inference
from course_lib.threads import one_thread
from course_lib.widgets.shell.deep_batch import check_settings
from course_lib.widgets.shell.panels import Lines
from course_lib.widgets.shell.picture import Picture, bounded_map, line_series, number

UNITS, IMAGES, BATCHES = 20, 2000, 40
SIZES, WEIGHTS, GAMMAS, BETAS = (1, 256), (0.1, 10.0), (0.0, 3.0), (-3.0, 3.0)
SEEN = (-6.0, 6.0)  # what is drawn of the values; what lies beyond has rows of its own


def normalizer(batch_size=32, weights=1.0, gamma=1.0, beta=0.0):
    """Draw twenty units' pre-activations in a batch of digits, before and after batch norm, and one image's output.

    Parameters
    ----------
    batch_size : int
        1 to 256.
    weights : float
        A factor on He's weights, 0.1 to 10.
    gamma, beta : float
        Batch norm's learned scale and shift, the same for all units: 0 to 3 and -3 to 3.

    Returns
    -------
    Picture
        Panels "before", "training", "use" and "one image".

    Raises
    ------
    ValueError
        If a setting is out of range.
    """
    check_settings(
        "normalizer",
        {"batch_size": (batch_size, SIZES), "weights": (weights, WEIGHTS), "gamma": (gamma, GAMMAS),
         "beta": (beta, BETAS)},
        {},
    )
    z, batches = _sums()
    z = np.float32(weights) * z
    gammas, betas = (np.full(UNITS, value, np.float32) for value in (gamma, beta))
    seen = z[batches[:, :batch_size]]  # (batches, batch_size, units); the first image of each is the same
    others = z[batches[:, 1 : batch_size + 1]]
    # What slow moving averages would end at; batches with one image in common would pull the mean towards it
    statistics = others.mean(axis=(0, 1)), others.var(axis=1).mean(axis=0)
    before = seen[0]
    after, _ = batch_norm(before, gammas, betas)
    used = batch_norm_inference(z[batches[0, : SIZES[1]]], gammas, betas, *statistics)
    one = np.array([batch_norm(batch, gammas, betas)[0][0, 0] for batch in seen])
    alone = float(batch_norm_inference(z[batches[0, :1]], gammas, betas, *statistics)[0, 0])
    summary = {
        "mean before": float(np.abs(before.mean(axis=0)).mean()),
        "std before": float(before.std(axis=0).mean()),
        "mean after": round(float(after.mean()), 3),
        "std after": float(after.std(axis=0).mean()),
        "std in use": float(used.std(axis=0).mean()),
        "wobble": float(one.std()),
        "alone": alone,
    }
    verdict = _verdict(summary, batch_size, beta)
    text = f"{_setting(batch_size, weights, gamma, beta)} {verdict} {_description(summary, one)}"
    return Picture(_panels(before, after, used, one, alone), _headline(summary), verdict, text, summary)


@lru_cache(maxsize=1)
def _sums():
    """Return 2,000 images' pre-activations of twenty units with He's weights, and the rows of forty batches."""
    rng = np.random.default_rng(0)
    images = load_mnist().x_train[:IMAGES].reshape(IMAGES, -1)
    with one_thread():
        z = standardize(images, MNIST_MEAN, MNIST_STD) @ he_normal((784, UNITS), rng)
    rows = np.array([rng.permutation(np.arange(1, IMAGES))[: SIZES[1]] for _ in range(BATCHES)])
    return z, np.concatenate([np.zeros((BATCHES, 1), rows.dtype), rows], axis=1)


def _panels(before, after, used, one, alone):
    x, unit, y = (1, UNITS), "unit", _around(one, alone)
    return {
        "before": bounded_map("Before: z in one batch", unit, "z", list(before.T), x, SEEN),
        "training": bounded_map("After, in training", unit, "y", list(after.T), x, SEEN),
        "one image": Lines(
            f"One image, unit 1, in {BATCHES} batches", "batch", "y",
            {"in training": line_series(one, y), "in use": line_series(np.full(BATCHES, alone), y)}, (1, BATCHES), y,
        ),
        "use": bounded_map(f"After, in use: {SIZES[1]} images", unit, "y", list(used.T), x, SEEN),
    }


def _around(one, alone):
    """Return whole numbers around one image's outputs."""
    values = [*one, alone]
    return float(np.floor(min(values) - 0.5)), float(np.ceil(max(values) + 0.5))


def _setting(batch_size, weights, gamma, beta):
    images = f"{batch_size} image{'s' * (batch_size > 1)}"
    return (f"{UNITS} units, batches of {images}, He's weights times {number(weights)}, gamma {gamma:.3g}, "
            f"beta {beta:.3g}.")


def _headline(summary):
    before = f"{number(summary['mean before'])} ± {number(summary['std before'])}"
    after = f"{summary['mean after'] + 0.0:.2f} ± {summary['std after']:.2f}"
    return [
        ("Before", before, "mean size of the units' means, ± std"),
        ("In training", after, "mean ± std after batch norm"),
        ("In use", f"± {number(summary['std in use'])}", f"std of {SIZES[1]} images, averaged statistics"),
        ("One image", f"± {number(summary['wobble'])}", "std of its output from batch to batch"),
    ]


def _verdict(summary, batch_size, beta):
    if batch_size == 1:
        return f"Alone in its batch every image becomes β, {beta:.3g}, whatever it shows."
    if not summary["std after"]:
        return "With γ = 0 every image becomes β: nothing is left to tell them apart."
    share = summary["wobble"] / summary["std after"]
    return f"One image's output wobbles from batch to batch by {share:.0%} of the spread; in use it stays."


def _description(summary, one):
    return (
        f"Heat maps of {UNITS} units: before, standard deviation {number(summary['std before'])} and means of size "
        f"{number(summary['mean before'])}; after, in training, {number(summary['std after'])} around "
        f"{number(summary['mean after'])}; in use {number(summary['std in use'])}. One image's output in {BATCHES} "
        f"batches: {one.min():.2f} to {one.max():.2f} in training, always {summary['alone']:.2f} in use."
    )


def normalizer_explorer():
    """Return the explorer; its `controls` are batch_size, weights, gamma and beta."""
    from course_lib.widgets.shell.explorer import Explorer, fraction_slider, log_slider, slider

    return Explorer(
        "normalizer",
        normalizer,
        batch_size=slider("Batch size", 32, *SIZES, "images in a batch"),
        weights=log_slider("Weights", 1.0, *WEIGHTS, "factor on all weights: 1 is He's rule"),
        gamma=fraction_slider("Scale γ", 1.0, *GAMMAS, "learned standard deviation after batch norm"),
        beta=fraction_slider("Shift β", 0.0, *BETAS, "learned mean after batch norm"),
    )
