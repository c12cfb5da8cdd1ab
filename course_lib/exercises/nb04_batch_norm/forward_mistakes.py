"""Wrong forward passes of batch norm that people really write, with their hints."""

import numpy as np

from course_lib.exercises.core import Mistake
from course_lib.exercises.nb04_batch_norm.wrong_forward import made_from, only, over, over_rows, summed, wrong

MISTAKES = (
    Mistake(
        wrong(over(-1, keepdims=True)),
        "Mean and variance are taken along each row: every example is normalized by itself. Batch norm goes down "
        "the columns: one mean a unit, over all examples.",
    ),
    Mistake(
        wrong(over(1, keepdims=True)),
        "axis=1 goes along each row, over the units of one example, or over an image's height. Batch norm takes one "
        "mean a unit: over every axis but the last.",
    ),
    Mistake(
        wrong(over(1)),
        "axis=1 goes along each row, over the units of one example. Batch norm goes down the columns: one mean a "
        "unit, over all examples.",
    ),
    Mistake(
        wrong(over(0)),
        "For dense layers this is right. For images each channel has one mean, over the batch and all positions: "
        "every axis but the last.",
    ),
    Mistake(
        wrong(only(2)),
        "For (batch, units) this is right, but it stops on images, which have four axes. Let the means go over "
        "every axis but the last, however many there are.",
    ),
    Mistake(
        wrong(over((0, 1, 2))),
        "Axes 0, 1 and 2 are an image's. A dense layer's x has only two axes: take every axis but the last, "
        "however many there are.",
    ),
    Mistake(
        wrong(made_from(mean=lambda x: summed(x) / len(x), variance=lambda x, centred: summed(centred**2) / len(x))),
        "For images n counts positions, too: batch times height times width, not the batch alone.",
    ),
    Mistake(
        wrong(made_from(variance=lambda x, centred: summed(centred**2) / (x.size // x.shape[-1] - 1))),
        "The variance is divided by n - 1. Batch norm divides by n: it normalizes this very batch, it doesn't "
        "estimate.",
    ),
    Mistake(
        wrong(kept=lambda p: {"std": np.sqrt(p.variance)}),
        "The cache's std lacks eps: keep the √(variance + eps) that y is to be divided by, since the backward pass "
        "divides by it, too.",
    ),
    Mistake(
        wrong(
            y=lambda p: p.gamma * p.centred / (np.sqrt(p.variance) + p.eps) + p.beta,
            kept=lambda p: {"std": np.sqrt(p.variance)},
        ),
        "eps is added to the standard deviation. It belongs under the root, and so into the cache's std: "
        "√(variance + eps).",
    ),
    Mistake(
        wrong(made_from(std=lambda variance, eps: np.sqrt(variance) + eps)),
        "eps is added to the standard deviation. It belongs under the root: √(variance + eps).",
    ),
    Mistake(
        wrong(made_from(std=lambda variance, eps: np.sqrt(variance))),
        "eps is left out: a unit that is constant over the batch divides 0 by 0.",
    ),
    Mistake(
        wrong(made_from(std=lambda variance, eps: np.sqrt(variance + type(eps)(1e-3)))),
        "eps is always 0.001 here, whatever the caller asked for: use the argument.",
    ),
    *(
        Mistake(
            wrong(default=eps),
            f"Where eps isn't given you take {eps:g}; here the default is 0.001, as in Keras.",
        )
        for eps in (1e-5, 1e-8)
    ),
    Mistake(
        wrong(made_from(std=lambda variance, eps: np.sqrt(variance + eps * eps))),
        "eps is squared. It is added to the variance as it is: √(variance + eps).",
    ),
    Mistake(
        wrong(made_from(variance=lambda x, centred: summed(x * x) / (x.size // x.shape[-1]))),
        "This is the mean of x², not the variance: take the mean away first, then square.",
    ),
    Mistake(
        wrong(made_from(variance=lambda x, centred: summed(centred**2))),
        "The squares are summed, and the sum isn't divided: the variance is their mean, over n rows.",
    ),
    Mistake(
        wrong(made_from(variance=lambda x, centred: summed(np.abs(centred)) / (x.size // x.shape[-1]))),
        "The variance is the mean of the squared distances to the mean, not of the distances themselves.",
    ),
    Mistake(
        wrong(made_from(mean=summed)),
        "The cache's mean is a sum: divide it by n, the number of rows.",
    ),
    Mistake(
        wrong(made_from(std=lambda variance, eps: variance + eps)),
        "std is variance + eps here. It is the root of that, so that y ends up with the deviation gamma.",
    ),
    Mistake(
        wrong(y=lambda p: p.gamma * p.centred / p.std**2 + p.beta),
        "y is divided by the variance. Divide by its root, so that the result has standard deviation gamma.",
    ),
    Mistake(
        wrong(y=lambda p: p.gamma * p.centred * p.std + p.beta),
        "y is multiplied by std. Divide by it: what varies little is stretched, what varies much is shrunk.",
    ),
    Mistake(
        wrong(y=lambda p: p.gamma * p.x / p.std + p.beta),
        "In y the mean isn't taken away: normalize x - mean, not x.",
    ),
    Mistake(
        wrong(y=lambda p: p.gamma * p.x - p.mean / p.std + p.beta),
        "Brackets: only the mean is divided by std here. Take it away first, then divide the difference.",
    ),
    Mistake(
        wrong(y=lambda p: p.normalized),
        "This y is x̂: the scale gamma and the shift beta are still to come.",
    ),
    Mistake(
        wrong(y=lambda p: p.normalized + p.beta),
        "gamma is missing in y: x̂ is multiplied by it before beta is added.",
    ),
    Mistake(
        wrong(y=lambda p: p.gamma * p.normalized),
        "beta is missing in y: it is added at the end.",
    ),
    Mistake(
        wrong(y=lambda p: p.gamma * (p.normalized + p.beta)),
        "beta is multiplied by gamma as well. Only x̂ is; beta is added afterwards.",
    ),
    Mistake(
        wrong(y=lambda p: p.beta * p.normalized + p.gamma),
        "gamma and beta are exchanged: gamma multiplies, beta is added.",
    ),
    Mistake(
        wrong(lambda x, eps: (x.mean(), x.var(), np.sqrt(x.var() + eps))),
        "There is one mean and one variance for everything here. Each unit has its own: take them over every axis "
        "but the last.",
    ),
    Mistake(
        wrong(made_from(mean=lambda x: np.full(x.shape[-1], x.mean()))),
        "All units share one mean here. Each has its own: take it over every axis but the last.",
    ),
    Mistake(
        wrong(kept=lambda p: {"centred": p.normalized}),
        "The cache holds x̂ where centred = x - mean belongs, not yet divided by std.",
    ),
    Mistake(
        wrong(kept=lambda p: {"centred": p.x}),
        "The cache holds x itself where centred = x - mean belongs.",
    ),
    Mistake(
        wrong(kept=lambda p: {"std": 1 / p.std}),
        "The cache's std is 1 / std here. Keep std itself: the backward pass will divide by it.",
    ),
    Mistake(
        wrong(kept=lambda p: {"variance": p.std, "std": p.variance}),
        "The cache's order is mean, variance, centred, std, gamma. Here variance and std don't both stand in their "
        "places.",
    ),
    Mistake(
        wrong(kept=lambda p: {"centred": p.std, "std": p.centred}),
        "The cache's order is mean, variance, centred, std, gamma. Here centred and std don't both stand in their "
        "places.",
    ),
    Mistake(
        wrong(kept=lambda p: {"variance": p.variance + p.eps}),
        "The cache's variance contains eps. Keep it bare: the moving averages take it in, and in use eps is added "
        "again.",
    ),
    Mistake(
        wrong(kept=lambda p: {"gamma": p.beta}),
        "The cache's last place is gamma's, not beta's: the backward pass needs what y was multiplied by.",
    ),
    Mistake(
        wrong(over_rows),
        "For an empty batch this divides 0 by 0 and keeps NaN in the cache. Its mean and variance are to be 0.",
    ),
)
