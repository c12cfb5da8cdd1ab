"""Wrong backward passes of batch norm that people really write, with their hints."""

import numpy as np

from course_lib.exercises.core import Mistake
from course_lib.exercises.nb04_batch_norm.wrong_backward import dx, over, summed, two_axes_only, wrong, wrong_throughout

MISTAKES = (
    Mistake(
        wrong(lambda t: t.factor * t.dy),
        "dx treats the batch's mean and variance as constants. They are made from x: if one x grows, the mean "
        "grows, and so all outputs of the unit change. Two paths are missing.",
    ),
    Mistake(
        wrong(lambda t: dx(t, dbeta=0)),
        "The path through the mean is missing: dx must also lose the mean of dy over the batch.",
    ),
    Mistake(
        wrong(lambda t: dx(t, dgamma=0)),
        "The path through the variance is missing: dx must also lose x̂ times the mean of dy · x̂ over the batch "
        "(of their product, not of each alone).",
    ),
    Mistake(
        wrong(lambda t: dx(t, dy=0, dbeta=0)),
        "Only the path through the variance is left in dx: the straight one, dx̂ / std, is lost or was overwritten. "
        "What comes back along several arrows is added.",
    ),
    Mistake(
        wrong(lambda t: dx(t, n=1)),
        "dx subtracts sums over the batch where it should subtract means: divide both by n.",
    ),
    Mistake(
        wrong(lambda t: dx(t, dgamma=t.n * t.dgamma)),
        "In dx the sum of dy · x̂ is subtracted where its mean should be: divide it by n.",
    ),
    Mistake(
        wrong(lambda t: dx(t, dbeta=t.n * t.dbeta)),
        "In dx the sum of dy is subtracted where its mean should be: divide it by n.",
    ),
    Mistake(
        wrong(lambda t: t.n * dx(t)),
        "dx is n times too large: n · dy minus two sums, as it is often written, is still to be divided by n.",
    ),
    Mistake(
        wrong(lambda t: dx(t, n=len(t.dy))),
        "For dense layers this is right. For images n counts positions, too: dy.size / dy.shape[-1], not the "
        "batch alone.",
    ),
    Mistake(
        wrong(lambda t: dx(t, n=t.dy.size)),
        "In dx n counts the units, too. It is the number of rows: dy.size / dy.shape[-1].",
    ),
    Mistake(
        wrong(lambda t: dx(t, dbeta=t.n * t.dy.mean(), dgamma=t.n * (t.dy * t.normalized).mean())),
        "In dx there is one mean for all units together. Each unit has its own, over every axis but the last.",
    ),
    Mistake(
        wrong(
            lambda t: dx(
                t,
                dbeta=t.n * t.dy.mean(axis=-1, keepdims=True),
                dgamma=t.n * (t.dy * t.normalized).mean(axis=-1, keepdims=True),
            )
        ),
        "In dx the means go along each row, over the units of one example. They go down the columns: one a unit, over "
        "every axis but the last.",
    ),
    Mistake(
        wrong(lambda t: dx(t, n=max(t.n - 1, 1))),
        "In dx the means are divided by n - 1. The mean and the variance of forward were divided by n: so is their "
        "gradient.",
    ),
    Mistake(
        wrong(lambda t: dx(t, factor=1 / t.std)),
        "dx lacks the factor gamma, by which forward multiplied.",
    ),
    Mistake(
        wrong(lambda t: dx(t, factor=t.gamma)),
        "dx lacks the division by std, by which forward divided.",
    ),
    Mistake(
        wrong(lambda t: dx(t, factor=t.gamma / t.std**2)),
        "dx is divided by the variance. Its factor is gamma / std.",
    ),
    Mistake(
        wrong(lambda t: t.gamma * dx(t)),
        "gamma is in dx twice: either in dx̂ = gamma · dy or in the factor in front, not in both.",
    ),
    Mistake(
        wrong(lambda t: dx(t, factor=t.gamma * t.std)),
        "dx is multiplied by std where it should be divided by it.",
    ),
    Mistake(
        wrong(lambda t: t.factor * t.dy - t.dbeta / t.n - t.normalized * t.dgamma / t.n),
        "gamma / std multiplies only dy here. It stands before the bracket, and the two means are in it, too.",
    ),
    Mistake(
        wrong(lambda t: dx(t, dgamma=-t.dgamma)),
        "In dx the term with x̂ has the wrong sign: it is subtracted, as the mean of dy is. (Look at brackets, too.)",
    ),
    Mistake(
        wrong(lambda t: dx(t, dbeta=-t.dbeta)),
        "In dx the mean of dy has the wrong sign: x - mean has a minus, so it is subtracted.",
    ),
    Mistake(
        wrong(lambda t: dx(t, dbeta=-t.dbeta, dgamma=-t.dgamma)),
        "In dx both means are added. Both are subtracted: they take out of dy what only shifts or stretches the "
        "column.",
    ),
    Mistake(
        wrong(lambda t: dx(t, normalized=t.centred)),
        "In dx the term of the variance is std times too large: it wants x̂ = centred / std. (In steps: dstd has "
        "centred / std², and dvariance is dstd / (2 std).)",
    ),
    Mistake(
        wrong(lambda t: dx(t, normalized=t.normalized / t.std)),
        "In dx the term of the variance is divided by std once too often: it wants x̂ = centred / std.",
    ),
    Mistake(
        wrong(lambda t: dx(t, normalized=1)),
        "In dx the mean of dy · x̂ is subtracted as it is. It must be multiplied by x̂ once more: each row gets its "
        "own share.",
    ),
    Mistake(
        wrong(lambda t: dx(t, dgamma=t.n * t.dy * t.normalized)),
        "In dx the product dy · x̂ isn't averaged. Take its mean over the batch, and multiply that by x̂.",
    ),
    Mistake(
        wrong(lambda t: dx(t, dgamma=2 * t.dgamma)),
        "In dx the term of the variance is twice what it should be: a root has the slope 1 / (2 std).",
    ),
    Mistake(
        wrong(lambda t: dx(t, dgamma=t.dgamma / 2)),
        "In dx the term of the variance is half of what it should be: a square has the slope 2 centred.",
    ),
    Mistake(
        lambda dy, cache: wrong()(dy, cache._replace(std=cache.variance)),
        "You divide by the variance. Forward divided by its root with eps, √(variance + eps), which is the cache's "
        "std.",
    ),
    Mistake(
        lambda dy, cache: wrong()(dy, cache._replace(std=np.sqrt(cache.variance))),
        "You divide by √variance, without eps. Forward divided by √(variance + eps), which is the cache's std.",
    ),
    Mistake(
        wrong(to_gamma=lambda t: t.dgamma * t.std),
        "dgamma is Σ dy · x̂, with the normalized x̂ = centred / std, not with centred alone.",
    ),
    Mistake(
        wrong_throughout(lambda t: t.dgamma * t.std),
        "dgamma is Σ dy · x̂, with the normalized x̂ = centred / std, not with centred alone. dx is wrong only since "
        "it uses dgamma.",
    ),
    Mistake(
        wrong(to_gamma=lambda t: t.dgamma / t.n, to_beta=lambda t: t.dbeta / t.n),
        "dgamma and dbeta are sums over the batch, not means: the division by the batch's size is in dy already.",
    ),
    Mistake(
        wrong_throughout(lambda t: t.dgamma / t.n, lambda t: t.dbeta / t.n),
        "dgamma and dbeta are means over the batch: sum. And dx, which takes them from there, divides by n once more.",
    ),
    Mistake(
        wrong(to_gamma=lambda t: t.dbeta),
        "dgamma is Σ dy here, which is dbeta's. gamma multiplied x̂ in forward, so its gradient is Σ dy · x̂.",
    ),
    Mistake(
        wrong(to_gamma=lambda t: t.dbeta, to_beta=lambda t: t.dgamma),
        "dgamma and dbeta stand in the wrong order: they come as batch_norm's arguments do, x, gamma, beta.",
    ),
    Mistake(
        lambda dy, cache: (lambda x, gamma, beta: (gamma, beta, x))(*wrong()(dy, cache)),
        "The order is dx, dgamma, dbeta, as batch_norm's arguments x, gamma, beta come.",
    ),
    Mistake(
        wrong(to_gamma=lambda t: t.gamma * t.dgamma),
        "dgamma has a factor gamma too many: gamma multiplies x̂ in forward, so its gradient is Σ dy · x̂, with dy "
        "and not with dx̂.",
    ),
    Mistake(
        wrong_throughout(lambda t: t.gamma * t.dgamma),
        "dgamma has a factor gamma too many, and takes it into dx: its gradient is Σ dy · x̂, with dy and not with "
        "dx̂ = gamma · dy.",
    ),
    Mistake(
        wrong(to_beta=lambda t: t.gamma * t.dbeta),
        "dbeta has a factor gamma too many: beta is added after gamma has multiplied, so its gradient is Σ dy.",
    ),
    Mistake(
        wrong(to_gamma=lambda t: summed(t.dy * (t.centred + t.mean))),
        "dgamma is Σ dy · x here. gamma multiplied the normalized x̂ = centred / std.",
    ),
    Mistake(
        wrong(to_gamma=lambda t: t.dy * t.normalized, to_beta=lambda t: t.dy),
        "What goes to gamma and beta is still to be summed over the batch, since they served every row.",
    ),
    Mistake(
        over(0, n=len),
        "For dense layers this is right. For images gamma and beta served every position, too: sum over every "
        "axis but the last.",
    ),
    Mistake(
        over(0),
        "n counts an image's positions, as it must; but the sums go over the batch alone. For images sum over every "
        "axis but the last.",
    ),
    Mistake(
        over((0, 1, 2)),
        "Axes 0, 1 and 2 are an image's. A dense layer's dy has only two axes: sum over every axis but the last, "
        "however many there are.",
    ),
    Mistake(
        two_axes_only,
        "For (batch, units) this is right, but it stops on images, which have four axes. Let the sums go over "
        "every axis but the last, however many there are.",
    ),
    Mistake(
        over(1),
        "axis=1 sums along each row, over the units of one example. gamma and beta have one number a unit: sum down "
        "the columns.",
    ),
    Mistake(
        over(None, keepdims=True),
        "dgamma and dbeta need the shape of gamma and beta, (channels,): with keepdims they keep the axes that were "
        "summed over.",
    ),
)
