"""Exercise of notebook 06: dropout, judged by the statistics of what it drops."""

import math

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.layers import dropout

NUMBERS = 2000  # to be drawn at least: then a share is known within 0.05, and rounds to the right tenth
FEW = 100
AGAIN = 20  # draws that a second generator of the same seed repeats


def _cases(rng):
    yield np.array([1.0, 2.0, 3.0, 4.0]), 0.5, 1
    yield rng.standard_normal((64, 300)), 0.5, 2
    yield rng.standard_normal((50, 60)), 0.2, 3
    yield rng.normal(3, 1, (40, 60)).astype(np.float32), 0.8, 4
    yield rng.standard_normal((30, 3, 4, 10), dtype=np.float32), 0.3, 5
    yield 1000 * rng.standard_normal((40, 50)), 0.0, 6


def _dropped(answer, case):
    """Return numbers that don't depend on what is drawn; what they can't show is said here."""
    x, rate, seed = case
    n = max(2, math.ceil(NUMBERS / max(x.size, 1)))
    y, mask = _draw(answer, x, rate, seed, n)
    if x.size < FEW:  # of which one draw may well drop none
        _refuse_patterns(_draw(answer, np.resize(x, FEW), rate, seed, 2)[1] == 0, same=True)
    same = np.array_equal(mask[:AGAIN], _draw(answer, x, rate, seed, min(n, AGAIN))[1])
    with np.errstate(all="ignore"):  # what these numbers warn of would be shown as the answer's own warning
        _refuse_patterns(mask == 0, same)
        if rate and np.all(mask != 0) and np.array_equal(*np.broadcast_arrays(y, x)):
            raise Unusable("it drops nothing, which is right in use: in training a share of rate becomes 0")
        if np.allclose(x * y, mask) and not np.allclose(x * mask, y):
            raise Unusable("it returned mask first, and then y: wanted y, mask")
        if _evens_out(mask, rate):
            raise Unusable("it divides by the share that happened to be kept, another one in each draw: divide by "
                           "1 - rate")
        kept, share = mask != 0, y / np.where(mask == 0, 1, x * mask)
        left = np.abs(y / x)[~kept].max(initial=0)
    return np.round(np.mean(~kept), 1), _ends(mask[kept]), _ends(share[kept]), np.round(left, 4)


def _draw(answer, x, rate, seed, n):
    """Return n results one below the other, in float64: y and mask."""
    rng, before, results = np.random.default_rng(seed), x.copy(), []
    for _ in range(n):
        results.append([part.astype(np.float64) for part in _checked(answer(x, rate, rng), before)])
        if not np.array_equal(x, before):
            raise Unusable("it changed its input x: work on a copy, since the caller still needs it")
    return [np.array(parts) for parts in zip(*results, strict=True)]


def _checked(result, x):
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unusable(f"it returned a {type(result).__name__}, wanted two arrays: y and mask")
    for name, part in zip(("y", "mask"), result, strict=True):
        if not isinstance(part, np.ndarray) or part.shape != x.shape:
            raise Unusable(f"{name} has shape {np.shape(part)}, wanted an array of x's shape {x.shape}")
        if part.dtype.kind in "bi":
            raise Unusable(f"{name} has dtype {part.dtype}, wanted x's dtype {x.dtype}: y is x · mask, so mask holds "
                           "the enlarging, too")
        if part.dtype != x.dtype:
            raise Unusable(f"{name} has dtype {part.dtype}, wanted x's dtype {x.dtype}")
    return result


def _refuse_patterns(dropped, same):
    """Refuse draws that aren't new for each call, or not for each number; `same` says if a seed repeats them."""
    if dropped.all() or not dropped.any():
        return
    if np.all(dropped == dropped[:1]):
        raise Unusable("it drops the same numbers at each call: draw from the generator rng, which goes on by itself")
    if not same:
        raise Unusable("two generators of the same seed drop different numbers: draw from rng, and from nothing else")
    alike = [axis for axis in range(1, dropped.ndim) if np.all(dropped == dropped.take([0], axis))]
    if dropped.ndim == 2 and alike:
        raise Unusable("it drops all numbers of x or none: draw for each number by itself")
    if 1 in alike:
        raise Unusable("it drops the same units in every row of x, for all examples alike: draw for each number of x "
                       "by itself")
    if alike:
        line = "row" if dropped.ndim == 3 else f"line along axis {alike[-1] - 1}"
        raise Unusable(f"in each {line} of x all numbers are dropped or none, as if one draw were made for all of "
                       "them: draw for each number by itself")


def _evens_out(mask, rate):
    """Say whether each draw's mask has the mean 1 exactly, by factors of its own."""
    kept, flat = mask != 0, mask.reshape(len(mask), -1)
    usual = kept.all() or np.allclose(mask[kept], 1 / (1 - rate), rtol=1e-4)
    return not usual and np.allclose(flat[flat.any(axis=1)].mean(axis=1), 1, rtol=1e-4)


def _ends(numbers):
    return np.round([numbers.min(), numbers.max()] if numbers.size else [0.0, 0.0], 4)


def _wrong(factor=lambda rate: 1 / (1 - rate), kept=lambda rng, shape, rate: rng.random(shape) >= rate,
           seen=lambda x, mask, rate: x * mask, told=lambda mask, rate, rng: mask):
    """Return a wrong dropout: with another factor, other numbers kept, another y, or another mask beside it."""

    def answer(x, rate, rng):
        mask = np.where(kept(rng, x.shape, rate), factor(rate), 0).astype(x.dtype)
        return seen(x, mask, rate).astype(x.dtype), told(mask, rate, rng).astype(x.dtype)

    return answer


def _over(share):
    return 1 / share if share else 1.0


def _kept_below(rng, shape, rate):
    return rng.random(shape) < rate


def _unbracketed(x, rate, rng):
    mask = ((rng.random(x.shape) >= rate) / 1 - rate).astype(x.dtype)
    return x * mask, mask


DROPOUT = Exercise(
    name="dropout",
    reference=dropout,
    cases=_cases,
    points=3,
    call=_dropped,
    inputs=("x", "rate", "the seed of rng"),
    parts=(
        "share of mask that is 0", "least and largest factor in mask", "least and largest y / (x · mask)",
        "largest |y / x| where mask is 0",
    ),
    mistakes=(
        Mistake(
            _wrong(lambda rate: 1.0),
            "mask holds 1 for what is kept. Without enlarging, every mean shrinks in training to 1 - rate of what it "
            "is in use: divide by the share that is kept.",
        ),
        Mistake(
            _wrong(_over),
            "What is kept is divided by rate. Divide by the share that is kept, 1 - rate: then the mean stays.",
        ),
        Mistake(
            _wrong(kept=_kept_below),
            "What should be dropped is kept, and the other way round: rate is the share that is dropped, as in Keras.",
        ),
        Mistake(
            _wrong(_over, kept=_kept_below),
            "rate and 1 - rate are exchanged: rate is the share that is dropped, as in Keras.",
        ),
        Mistake(
            _wrong(lambda rate: 1 - rate),
            "What is kept is multiplied by 1 - rate, and so made smaller still. In training, divide by it.",
        ),
        Mistake(
            _wrong(lambda rate: 1 / (1 - rate) ** 2),
            "What is kept is enlarged twice: mask holds 1 / (1 - rate), once.",
        ),
        Mistake(
            _unbracketed,
            "The brackets are wrong: kept / 1 - rate divides by 1, and then takes rate away from what is dropped, too.",
        ),
        Mistake(
            _wrong(lambda rate: 2.0),
            "What is kept is doubled, whatever rate is. 2 belongs to rate 0.5: divide by the share that is kept.",
        ),
        Mistake(
            _wrong(kept=lambda rng, shape, rate: rng.random(shape) >= 0.5),
            "Half is dropped, whatever rate is: compare the draws with rate.",
        ),
        Mistake(
            _wrong(kept=lambda rng, shape, rate: rng.standard_normal(shape) >= rate),
            "The draws that are compared with rate look like those of a normal distribution. Of numbers spread evenly "
            "from 0 to 1 a share of rate lies below rate.",
        ),
        Mistake(
            _wrong(seen=lambda x, mask, rate: x * mask / (1 - rate)),
            "y is x · mask divided by 1 - rate once more. The enlarging is the mask's affair.",
        ),
        Mistake(
            _wrong(lambda rate: 1.0, seen=lambda x, mask, rate: x * mask / (1 - rate)),
            "y is enlarged, and mask isn't. The backward pass gets mask alone, so it must hold the factor, too.",
        ),
        Mistake(
            _wrong(seen=lambda x, mask, rate: x * mask * (1 - rate)),
            "y is x · mask multiplied by 1 - rate: it lacks an enlarging that mask has. The backward pass gets this "
            "mask, so y is to be x · mask.",
        ),
        Mistake(
            _wrong(seen=lambda x, mask, rate: x),
            "y is x as it was: nothing is dropped in it.",
        ),
        Mistake(
            _wrong(told=lambda mask, rate, rng: (mask == 0) / (1 - rate)),
            "mask is turned round: it is 0 where y isn't.",
        ),
        Mistake(
            _wrong(told=lambda mask, rate, rng: (rng.random(mask.shape) >= rate) / (1 - rate)),
            "y and mask don't belong together, as if each had draws of its own. Draw once: the backward pass has to "
            "drop the same numbers.",
        ),
    ),
    hints=(
        "Draw a number between 0 and 1 for each element; where it is below rate, the element is dropped. What is "
        "kept must make up for what is missing.",
        "kept = rng.random(x.shape) >= rate; mask = (kept / (1 - rate)).astype(x.dtype); and return x * mask, mask.",
    ),
)
