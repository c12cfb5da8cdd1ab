"""Exercise of notebook 01: clipping all gradients together by their common norm."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable, changed, copied
from course_lib.regularizers import clip_by_global_norm


def _cases(rng):
    yield [np.array([3.0]), np.array([4.0])], 1.0
    yield [np.array([3.0, 4.0])], 10.0
    yield [np.array([0.6]), np.array([-0.8])], 2.0
    yield [np.array([3.0, 4.0], np.float32)], 2.5
    yield [np.zeros(2), np.zeros((2, 2))], 1.0
    yield [np.array([[6.0, 0.0]]), np.array([[-1.0], [2.0]]), np.array([8.0])], 5.0
    yield [np.array([[6.0, 0.0]]), np.zeros((0,)), np.array([8.0])], 5.0
    yield [np.array([3e25, 0.0], np.float32), np.array([[4e25]], np.float32)], 1.0
    yield [rng.standard_normal(s) for s in [(3, 4), (4,), (4, 2), (2,)]], 2.0
    yield [rng.standard_normal(s, dtype=np.float32) for s in [(100, 100), (100,)] * 5], 1.0


def _untouched(answer, case):
    before = copied(case)
    result = answer(*case)
    if changed(before, case):  # said here, or else it would be taken for a mistake that shows in large numbers only
        raise Unusable("it changed its input: work on a copy, since the caller still needs it")
    return result


def _squares(grads):
    return np.float64(sum(np.sum(np.square(g, dtype=np.float64)) for g in grads))


def _norm(grads):
    return np.sqrt(_squares(grads))


def _factor(norm, limit):
    return limit / np.maximum(norm, limit)


def _scaled(norm=_norm, factor=_factor):
    """Return the right function but for the norm, or for the factor that it gives."""

    def clip(grads, limit):
        with np.errstate(all="ignore"):
            return [(g * factor(norm(grads), limit)).astype(g.dtype) for g in grads]

    return clip


def _single(grads):
    return np.sqrt(sum(np.sum(g**2) for g in grads))


def _count(grads):
    return sum(g.size for g in grads)


def _in_place(grads, limit):
    for g, clipped in zip(grads, _scaled()(grads, limit), strict=True):
        g[...] = clipped
    return grads


CLIP_NORM = Exercise(
    name="clip_by_global_norm",
    reference=clip_by_global_norm,
    cases=_cases,
    points=2,
    call=_untouched,
    rows="element",
    mistakes=(
        Mistake(
            lambda grads, limit: [_scaled()([g], limit)[0] for g in grads],
            "Each array is clipped by its own norm, so small ones grow in weight against large ones and the direction "
            "of the whole step changes. Compute one norm over all arrays.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: limit / norm),
            "Gradients shorter than the limit are stretched to it, and zeros become NaN. They must stay as they are: "
            "clipping only shortens.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: limit / np.maximum(norm, 1e-300)),
            "Gradients shorter than the limit are stretched to it. They must stay as they are: clipping only shortens.",
        ),
        Mistake(
            _scaled(_single),
            "Right, until gradients really explode: the square of 3e25 is too large for float32, and the norm becomes "
            "inf. Sum the squares in float64: np.sum(np.square(g, dtype=np.float64)).",
        ),
        Mistake(
            _scaled(_squares),
            "The norm is the square root of the sum of squares: the root is missing.",
        ),
        Mistake(
            lambda grads, limit: _scaled(factor=lambda n, limit: limit / n if n**2 > limit else 1.0)(grads, limit),
            "The sum of squares is compared with the limit, so that some gradients are stretched that are short "
            "enough. Take the root before you compare.",
        ),
        Mistake(
            _scaled(lambda grads: sum(_norm([g]) for g in grads)),
            "The norms of the arrays are added. Add the squares of all elements first and take one root at the end.",
        ),
        Mistake(
            _scaled(lambda grads: _norm(grads) / np.sqrt(_count(grads))),
            "This is the root of the mean square, which doesn't grow with the number of elements. The norm is the root "
            "of the sum.",
        ),
        Mistake(
            _scaled(lambda grads: _squares(grads) / _count(grads)),
            "This takes the mean of the squares for the norm. The norm is the root of their sum.",
        ),
        Mistake(
            _scaled(lambda grads: _norm(grads) / np.sqrt(len(grads))),
            "This takes the mean over the arrays before the root. The norm is the root of the sum of all squares.",
        ),
        Mistake(
            _scaled(lambda grads: np.sqrt(sum(np.mean(np.square(g, dtype=np.float64)) for g in grads if g.size))),
            "Within each array this takes the mean of the squares. The norm is the root of the sum of all squares.",
        ),
        Mistake(
            _scaled(lambda grads: sum(_norm([g]) for g in grads) / len(grads)),
            "This is the mean of the arrays' norms. Add the squares of all elements first and take one root at the "
            "end.",
        ),
        Mistake(
            _scaled(lambda grads: np.sqrt(sum(np.sum(g, dtype=np.float64) ** 2 for g in grads))),
            "The elements of each array are added before they are squared, so that signs cancel. Square every element "
            "first.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: _factor(norm, limit) ** 2),
            "The factor counts twice, so the gradients become too short. Multiply by limit / max(norm, limit) once.",
        ),
        Mistake(
            _scaled(lambda grads: max(_norm([g]) for g in grads)),
            "The norm of the largest array alone decides here. All arrays count together: add the squares of all "
            "elements, then take one root.",
        ),
        Mistake(
            _scaled(lambda grads: max(np.abs(g).max(initial=0) for g in grads)),
            "The largest element decides here. The norm is the length of the whole vector: the root of the sum of all "
            "squares.",
        ),
        Mistake(
            _scaled(lambda grads: sum(np.abs(g.astype(np.float64)).sum() for g in grads)),
            "This adds the sizes |g| of all elements. The norm adds their squares and takes the root.",
        ),
        Mistake(
            _scaled(lambda grads: _norm(grads[-1:])),
            "The norm is that of the last array alone. In a loop the squares of every array must be added: += instead "
            "of =.",
        ),
        Mistake(
            _scaled(lambda grads: _norm(grads[:1])),
            "The norm is that of the first array alone. All arrays count: add the squares of all of them.",
        ),
        Mistake(
            lambda grads, limit: [np.clip(g, -limit, limit) for g in grads],
            "This is clipping by value, which treats every element alone and turns the direction. By norm, one factor "
            "multiplies all elements of all arrays.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: min(1.0, limit / float(norm))),
            "Where all gradients are 0, so is the norm, and limit / norm is a division by zero. max(norm, limit) is "
            "never 0.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: 1 / np.maximum(norm, limit)),
            "The division by max(norm, limit) is there, the multiplication by limit isn't.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.where(norm > limit, 1 / norm, 1.0)),
            "Gradients that are too long are shortened to the length 1, whatever the limit. The factor is limit / "
            "norm.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: 1 / norm),
            "Everything is brought to the length 1. Gradients that are too long should get the length limit, and those "
            "that aren't should stay as they are.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.maximum(norm, limit) / limit),
            "The factor is upside down: it is above 1 where gradients are too long, and makes them longer still.",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: limit / np.minimum(norm, limit)),
            "It is the wrong way round: gradients longer than the limit stay, and shorter ones are stretched to it. Is "
            "it min where max should be, or < for >?",
        ),
        Mistake(
            _scaled(factor=lambda norm, limit: np.minimum(1.0, limit / (norm + 1e-6))),
            "A millionth is added to the norm, as in PyTorch, so what is clipped becomes a little too short. The "
            "text's formula has max(norm, limit), which is never 0: nothing has to be added.",
        ),
        Mistake(
            lambda grads, limit: np.concatenate([g.ravel() for g in _scaled()(grads, limit)]),
            "One long vector comes back. That is how to think of the norm; the result is a list again, of arrays with "
            "the shapes that went in.",
        ),
        Mistake(
            lambda grads, limit: [g.ravel() for g in _scaled()(grads, limit)],
            "The arrays have lost their shapes: each must come back in the shape in which it went in.",
        ),
        Mistake(
            _scaled(lambda grads: np.sqrt(np.sum(np.array(grads) ** 2))),
            "Arrays of different shapes don't fit into one array, as np.array(grads) wants it. Go through the list: "
            "the squares of one array after the other.",
        ),
        Mistake(
            _scaled(lambda grads: np.sqrt(np.sum(grads**2))),
            "grads is a list of arrays, and a list can't be squared or multiplied by a number. Go through it: the "
            "squares of one array after the other.",
        ),
        Mistake(
            lambda grads, limit: [g.copy() for g in grads],
            "Nothing is shortened: the gradients come back as they were. If there is a loop: g = g * scale gives a "
            "new array the name g, and the list keeps its old ones.",
        ),
        Mistake(
            lambda grads, limit: [g * _factor(_norm(grads), limit) for g in grads],
            "Each array must keep its dtype. A norm by NumPy is a float64 number and makes float32 wider, and "
            ".astype(np.float32) makes float64 narrower; float(norm) is an ordinary number, which changes no dtype.",
        ),
        Mistake(
            _in_place,
            "The caller's own arrays are changed: *= and g[…] = … write into them. Multiply into new arrays.",
        ),
    ),
    hints=(
        "Think of all the gradients as one long vector. How long is it, and by which factor must it shrink?",
        "norm = np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in grads)); then a list of g * scale, where "
        "scale = limit / max(float(norm), limit) is an ordinary number.",
    ),
)
