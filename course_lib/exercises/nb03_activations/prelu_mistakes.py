"""Slips in one part of `prelu_backward`'s result while the other is right: pairs of a function and a hint."""

import numpy as np


def slope(z, slopes):
    """Return PReLU's slope at z."""
    return np.where(z > 0, 1, slopes)


# of dy, z, slopes, and m = min(z, 0)
DSLOPES = (
    (
        lambda dy, z, s, m: dy * m,
        "dslopes still has one row an example. A unit has one slope for all examples: sum over the batch, axis 0.",
    ),
    (
        lambda dy, z, s, m: (dy * m).sum(axis=0) / max(len(z), 1),
        "dslopes is the mean over the batch. The division by the batch size is in dy already: sum.",
    ),
    (
        lambda dy, z, s, m: (dy * z).sum(axis=0),
        "Where z is positive, the slope has no part in the output, so dslopes gets nothing from there: count the "
        "negative part of z only.",
    ),
    (
        lambda dy, z, s, m: (dy * np.maximum(z, 0)).sum(axis=0),
        "dslopes collects where z is positive, and the slope is used where z is negative: min(z, 0), not max.",
    ),
    (
        lambda dy, z, s, m: (dy * (z < 0)).sum(axis=0),
        "For dslopes: how much does y = slope · z change with the slope? By z, not by 1: each dy must be "
        "multiplied by its z.",
    ),
    (
        lambda dy, z, s, m: m.sum(axis=0),
        "In dslopes dy is missing: every min(z, 0) must be multiplied by the gradient that arrives there.",
    ),
    (
        lambda dy, z, s, m: (dy * s * m).sum(axis=0),
        "dslopes has the factor slopes in it, as happens when it is made from dz. It is made from dy as it "
        "arrives: dy times min(z, 0).",
    ),
    (
        lambda dy, z, s, m: -(dy * m).sum(axis=0),
        "dslopes has the wrong sign: y changes with the slope by z itself, which is negative there, not by |z|.",
    ),
    (
        lambda dy, z, s, m: np.minimum(dy * z, 0).sum(axis=0),
        "dslopes takes the negative part of dy · z. The negative part of z is meant: min(z, 0), then times dy.",
    ),
    (
        lambda dy, z, s, m: (dy * m).sum(axis=0, keepdims=True),
        "dslopes keeps an axis of length 1 for the batch. Its shape must be that of slopes, (units,): sum over "
        "axis 0 without keepdims.",
    ),
    (
        lambda dy, z, s, m: (dy * m).sum(),
        "dslopes is one number for all units: it was summed over everything. Each unit has a slope of its own, so "
        "sum over the batch only.",
    ),
    (
        lambda dy, z, s, m: np.full_like(s, (dy * m).sum()),
        "All units get the same dslopes: it was summed over everything. Every unit has a slope of its own.",
    ),
    (
        lambda dy, z, s, m: (dy * m).sum(axis=1),
        "dslopes is summed over the units, so there is one number an example. There must be one a unit: sum over "
        "the batch, axis 0.",
    ),
    (
        lambda dy, z, s, m: dy.T @ m,
        "dslopes is a matrix of all pairs of units: that is what @ makes. Unit j's slope meets only unit j's "
        "numbers: multiply number by number, then sum over the batch.",
    ),
    (
        lambda dy, z, s, m: dy[-1] * m[-1],
        "Only the last example counts in dslopes. All examples use the slope, so their parts must be added up; in "
        "a loop that is +=.",
    ),
    (
        lambda dy, z, s, m: np.array([one[one != 0][-1:].sum() for one in (dy * m).T]),
        "Only the last example with negative z counts in dslopes. All of them use the slope, so their parts must "
        "be added up: += in place of =.",
    ),
    (
        lambda dy, z, s, m: dy[0] * m[0],
        "Only the first example counts in dslopes. All examples use the slope, so their parts must be added up.",
    ),
    (
        lambda dy, z, s, m: (dy * np.abs(z)).sum(axis=0),
        "dslopes is made with |z|. Where z is positive the slope has no part in the output, and where it is "
        "negative y changes by z, not by |z|.",
    ),
    (
        lambda dy, z, s, m: (dy * np.min(z, 0)).sum(axis=0),
        "For dslopes np.min(z, 0) gives one number for a whole column, its smallest. What compares each number "
        "with 0 is np.minimum(z, 0).",
    ),
    (
        lambda dy, z, s, m: (dy * slope(z, s)).sum(axis=0),
        "dslopes is the sum of dz. Ask anew: how does y change with the slope? By min(z, 0), times dy.",
    ),
    (
        lambda dy, z, s, m: (dy * slope(z, s) * z).sum(axis=0),
        "dslopes is the sum of dz times z. It is made from dy as it arrives, and from the negative part of z only.",
    ),
    (
        lambda dy, z, s, m: (z < 0).sum(axis=0),
        "dslopes counts the examples with negative z. Each of them must bring its dy times its z.",
    ),
    (
        lambda dy, z, s, m: (z * m).sum(axis=0),
        "In dslopes z is multiplied by z. It is dy, the gradient that arrives, that is multiplied by min(z, 0).",
    ),
    (
        lambda dy, z, s, m: (np.minimum(dy, 0) * z).sum(axis=0),
        "dslopes takes the negative part of dy. The negative part of z is meant, min(z, 0), times dy of either sign.",
    ),
)

# of dy, z, slopes
DZ = (
    (
        lambda dy, z, s: dy * (z > 0),
        "dz is ReLU's: it is 0 for negative z. There the slope of the function is `slopes`.",
    ),
    (
        lambda dy, z, s: slope(z, s),
        "dz is the slope f'(z) itself; the gradient that arrives, dy, must be multiplied by it.",
    ),
    (lambda dy, z, s: np.where(z > 0, dy, s), "In dz the factor dy is missing below zero: there it is slopes · dy."),
    (
        lambda dy, z, s: np.where(z < 0, dy, s * dy),
        "In dz the sides are exchanged: 1 is the slope above zero, `slopes` below.",
    ),
    (
        lambda dy, z, s: np.where(z > 0, dy, -s * dy),
        "dz has the wrong sign below zero: y = slopes · z rises with z there, too.",
    ),
    (lambda dy, z, s: dy * s, "dz is multiplied by slopes everywhere. Above zero the slope of the function is 1."),
    (lambda dy, z, s: dy, "dz is dy unchanged. Below zero it must be multiplied by slopes."),
    (
        lambda dy, z, s: dy * np.where(z > 0, z, s * z),
        "dz is dy times the function's value. It is dy times the function's slope: 1 above zero, slopes below.",
    ),
    (
        lambda dy, z, s: np.where(z > 0, dy, s * z),
        "Below zero dz is slopes · z, the function's value. It is slopes · dy there.",
    ),
    (
        lambda dy, z, s: np.where(z > 0, dy, dy * s * z),
        "Below zero dz has z as a factor. y = slopes · z changes with z by slopes, so dz is slopes · dy there.",
    ),
    (
        lambda dy, z, s: np.where(z > 0, dy, dy * z),
        "Below zero dz is dy · z, which is what dslopes collects. y changes with z by slopes there.",
    ),
    (
        lambda dy, z, s: np.where(dy > 0, dy, s * dy),
        "dz asks for the sign of dy. Which side of the function is meant depends on the sign of z.",
    ),
    (
        lambda dy, z, s: dy * slope(z, s[0]),
        "dz uses the first unit's slope for all units. Each unit, that is each column, has its own.",
    ),
    (
        lambda dy, z, s: dy * slope(z, s.mean()),
        "dz uses the mean of all slopes. Each unit, that is each column, has its own.",
    ),
    (
        lambda dy, z, s: dy * slope(z, s) / max(len(z), 1),
        "dz is divided by the batch size. That division is in dy already.",
    ),
    (
        lambda dy, z, s: (dy * slope(z, s)).sum(axis=0),
        "dz is summed over the batch. Each example has a z of its own, so dz has the shape of z; only the slopes "
        "are shared.",
    ),
    (
        lambda dy, z, s: z * slope(z, s),
        "dz is made from z. It is dy, the gradient that arrives, that is multiplied by the slope.",
    ),
    (
        lambda dy, z, s: np.where(z > 0, 0, s * dy),
        "dz is 0 where z is positive. There the slope of the function is 1, so dz is dy.",
    ),
)
