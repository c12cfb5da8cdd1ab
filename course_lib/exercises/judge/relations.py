"""How a wrong result is related to the right one: a sign, a factor, an input too much, an axis, a place.

Every function yields sentences that are true of one case. What is true of all wrong cases explains them.
"""

from itertools import combinations, permutations

import numpy as np

from course_lib.exercises.judge.comparing import close, near, part_name

ENOUGH, LARGE = 4, 12  # wrong cases, and numbers in one of them: in fewer, what is wrong lies in one place by chance
FLOAT64 = (
    " An array made without a dtype, or a NumPy number such as np.sqrt(0.5), is float64 and makes everything float64 "
    "that it meets."
)
WORDS = ("your ", "the ", "what ", "only ", "every ", "axis ", "part ")


def explain(exercise, wrong):
    """Return what is true of all wrong cases: a sentence for each part that is wrong, of at most two parts; or "".

    Parameters
    ----------
    exercise : Exercise
    wrong : list of tuples
        Inputs by name, the arrays that came, and those that were wanted.
    """
    if not all(isinstance(got, list) and isinstance(wanted, list) for _, got, wanted in wrong):
        return ""
    with np.errstate(all="ignore"):
        return _explain(exercise, wrong)


def _explain(exercise, wrong):
    if found := _common(_of_all_parts(exercise, got, wanted) for _, got, wanted in wrong):
        return found
    counts = {len(arrays) for _, *both in wrong for arrays in both}
    if len(counts) != 1:
        return ""
    sentences = []
    for i in range(counts.pop()):
        name = part_name(i, wrong[0][2], exercise.parts)
        name = "your result" if name == "the result" else name
        own = [(inputs, got[i], wanted[i]) for inputs, got, wanted in wrong if not _right(got[i], wanted[i])]
        if own and _say_something([w for *_, w in own]):
            sizes = _telling([inputs for inputs, *_ in own])
            rows = exercise.rows if len(own) >= ENOUGH and max(w.size for *_, w in own) >= LARGE else ""
            sentences.append(_common(_of_part(name, *each, sizes, rows) for each in own))
    return " ".join(sentences) if all(sentences) and len(sentences) <= 2 else ""


def _say_something(wanted):
    """Say whether there are numbers enough: nearly anything is true of a few zeros and ones."""
    numbers = np.concatenate([np.abs(w, dtype=np.float64).ravel() for w in wanted])
    return len(np.unique(numbers)) > 2


def _telling(cases):
    """Return the names of the sizes that differ between cases: one that never does is a number like any other."""
    sizes = [_sizes(inputs) for inputs in cases]
    return {key for key in sizes[0] if len({each.get(key) for each in sizes}) > 1}


def _common(each):
    """Return the first of the sentences that every case has."""
    first, *others = [list(dict.fromkeys(sentences)) for sentences in each]
    found = next((sentence for sentence in first if all(sentence in other for other in others)), "")
    return found[:1].upper() + found[1:] if found.startswith(WORDS) else found  # names of variables stay as they are


def _right(g, w):
    return g.shape == w.shape and close(g, w) and (g.dtype == w.dtype or not w.ndim)


def _of_all_parts(exercise, got, wanted):
    names = [part_name(i, wanted, exercise.parts) for i in range(len(wanted))]
    if len(got) == 1 and len(wanted) > 1:
        for name, w in zip(names, wanted, strict=True):
            if _equal(got[0], w):
                yield f"what it returns is {name} alone; wanted are {', '.join(names[:-1])} and {names[-1]}."
    if len(got) != len(wanted):
        return
    other = [i for i, (g, w) in enumerate(zip(got, wanted, strict=True)) if g.dtype != w.dtype and w.ndim]
    if other and all(map(_equal, got, wanted)):
        what = " and ".join(names[i] for i in other)
        yield (
            f"the numbers are right, but not the dtype of {what}: {got[other[0]].dtype} where {wanted[other[0]].dtype} "
            f"is wanted.{FLOAT64 if got[other[0]].dtype == np.float64 else ''}"
        )
    for i, j in combinations(range(len(wanted)), 2):
        others = [k for k in range(len(wanted)) if k not in (i, j)]
        if _equal(got[i], wanted[j]) and _equal(got[j], wanted[i]) and all(_equal(got[k], wanted[k]) for k in others):
            yield f"{names[i]} and {names[j]} are exchanged: what you return as one is the other."


def _equal(g, w):
    return g.shape == w.shape and close(g, w)


def _of_part(name, inputs, g, w, sizes, rows):
    if g.shape != w.shape:
        yield from _of_shapes(name, g, w)
    elif np.all(np.isfinite(g)) and np.all(np.isfinite(w)) and g.size:
        g, w = g.astype(np.float64), w.astype(np.float64)
        yield from _of_signs(name, g, w)
        yield from _of_inputs(name, inputs, g, w)
        yield from _of_factors(name, inputs, g, w, sizes)
        yield from _of_powers(name, g, w)
        yield from _of_axes(name, g, w)
        if rows:
            yield from _of_places(name, inputs, g, w, rows)


def _of_shapes(name, g, w):
    if g.size == w.size and _equal(g.reshape(w.shape), w):
        if g.squeeze().shape == w.squeeze().shape:
            which = "missing" if g.ndim < w.ndim else "left"
            yield f"the numbers of {name} are right, but an axis of length 1 is {which}."
        else:
            yield f"the numbers of {name} are right and in the right order, but not in the shape that is wanted."
    if g.size == w.size:
        for axes in permutations(range(g.ndim)) if g.ndim <= 4 else ():
            if _equal(g.transpose(axes), w):
                yield f"{name} has the right numbers with its axes exchanged."
    for axis in range(g.ndim) if g.size else ():
        if close(g, np.broadcast_to(np.take(g, [0], axis), g.shape)):  # the same number again and again
            continue
        if _equal(g.sum(axis=axis), w):
            yield f"the sum over axis {axis} is missing: added up over it, {name} would be right."
        if g.shape[axis] and _equal(g.mean(axis=axis), w):
            yield f"the mean over axis {axis} is missing: averaged over it, {name} would be right."
    for axis in range(w.ndim):
        if _equal(w.sum(axis=axis), g):
            yield f"{name} is added up over axis {axis}, which should stay."
        if w.shape[axis] and _equal(w.mean(axis=axis), g):
            yield f"{name} is averaged over axis {axis}, which should stay."


def _of_signs(name, g, w):
    if close(-g, w):
        yield f"{name} has the wrong sign everywhere: the numbers themselves are right."
    elif close(g, np.abs(w)):
        yield f"the signs of {name} are lost: it is the absolute value of what is wanted."
    elif close(np.abs(g), np.abs(w)):
        yield f"the numbers of {name} are right but for some of their signs."


def _of_inputs(name, inputs, g, w):
    """An input left out or taken once too often, as a factor or added."""
    for key, a in inputs.items():
        a = _numbers(a)
        if a is None or not _fits(a.shape, w.shape) or _is_dull(a):
            continue
        if close(g * a, w):
            yield f"{key} isn't multiplied into {name}: times {key}, it would be right."
        if close(g, w * a):
            yield f"{name} is multiplied by {key} once too often."
        if close(g + a, w):
            yield f"{key} isn't added to {name}: with it, it would be right."
        if close(g - a, w):
            yield f"{name} would be right with {key} taken away from it: it is added once too often, or not subtracted."
        if a.ndim == 0 and 0 < a < 1:
            if close(g * (1 - a), w):
                yield f"{name} would be right times (1 - {key})."
            if close(g, w * (1 - a)):
                yield f"{name} is multiplied by (1 - {key}), and would be right without it."
            if close(g * (1 - a), w * a):
                yield f"{key} and 1 - {key} are exchanged: {name} is in proportion to the wrong one of them."


def _fits(shape, whole):
    """Say whether an array of that shape is broadcast to the whole's."""
    return len(shape) <= len(whole) and all(n in (1, m) for n, m in zip(shape[::-1], whole[::-1], strict=False))


def _numbers(value):
    if isinstance(value, bool) or not isinstance(value, np.ndarray | float | int):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" or array.size == 0 or not np.all(np.isfinite(array)):
        return None
    return array.astype(np.float64)


def _is_dull(a):
    """Say whether an input is so near 0, or 1, that it would explain nothing."""
    return bool(np.all(np.abs(a) < 1e-4) or np.allclose(np.abs(a), 1, atol=0.01))


def _sizes(inputs):
    """Return the sizes of a case by what they are called in code."""
    sizes = {}
    for key, a in inputs.items():
        if isinstance(a, np.ndarray) and a.ndim:
            names = [f"len({key})", *(f"{key}.shape[{axis}]" for axis in range(1, a.ndim)), f"{key}.size"]
            sizes |= dict(zip(names, (*a.shape, a.size), strict=True))
    return sizes | {f"({key} - 1)": n - 1 for key, n in sizes.items() if n > 2}


def _of_factors(name, inputs, g, w, telling):
    """A factor that is a size of the case, or 2."""
    factor = _factor(g, w)
    if factor is None:
        return
    sizes = {key: n for key, n in _sizes(inputs).items() if key in telling}
    for key, n in sizes.items():
        if n < 2:
            continue
        for size, text in ((n, key), (n**0.5, f"√{key}")):
            if np.isclose(factor, size, rtol=1e-4):
                yield f"{name} is {text} times what is wanted: a sum for a mean, or a division left out."
            if np.isclose(factor, 1 / size, rtol=1e-4):
                yield f"{name} is what is wanted divided by {text}: a mean for a sum, or a division too much."
        if key[0] != "(" and (np.isclose(factor, n / (n - 1), rtol=1e-5) or np.isclose(factor, (n - 1) / n, rtol=1e-5)):
            yield f"{name} is divided by the wrong one of {key} and {key} - 1."
    if np.isclose(factor, 2, rtol=1e-4):
        yield f"{name} is twice what is wanted."
    if np.isclose(factor, 0.5, rtol=1e-4):
        yield f"{name} is half of what is wanted."


def _factor(g, w):
    """Return the number by which all of w is multiplied to give g; None if there is none."""
    largest = np.unravel_index(np.abs(w).argmax(), w.shape)
    if not w[largest] or not g[largest]:
        return None
    factor = g[largest] / w[largest]
    return abs(factor) if close(g, factor * w) else None


def _of_powers(name, g, w):
    if close(g * np.abs(g), w):
        yield f"{name} is the square root of what is wanted."
    if close(g, w * np.abs(w)):
        yield f"{name} is the square of what is wanted."
    if close(g * w, np.ones_like(w)):
        yield f"{name} is upside down: one divided by it is what is wanted."
    if close(1 - g, w):
        yield f"{name} is 1 minus what is wanted."


def _of_axes(name, g, w):
    for axes in permutations(range(w.ndim)) if 1 < w.ndim <= 4 else ():
        if axes != tuple(range(w.ndim)) and _equal(g.transpose(axes), w):
            yield f"{name} has the right numbers with its axes exchanged."
    for axis in range(w.ndim):
        if w.shape[axis] > 1 and close(np.flip(g, axis), w):
            yield f"axis {axis} of {name} runs the wrong way: reversed, it would be right."


def _of_places(name, inputs, g, w, rows):
    """Right in one row alone, or wrong in one; or wrong where an input is negative."""
    right = near(g, w)
    if w.ndim and len(w) > 1:
        each = right.reshape(len(w), -1).all(axis=1)
        for i, place in ((0, "first"), (-1, "last")):
            others = np.delete(each, i)
            # right in one row by chance, or wrong in a few places that happen to lie in all others: no news
            if each[i] and not others.any() and len(w) > 2 and w.ndim > 1 and np.delete(right, i, axis=0).mean() < 0.2:
                yield f"only the {place} {rows} of {name} is right."
            if not each[i] and others.all() and len(w) > 2:
                yield f"only the {place} {rows} of {name} is wrong."
        if not each[1:].any() and close(g, np.broadcast_to(w[0], w.shape)):
            yield f"every {rows} of {name} holds what belongs to the first."
    for key, a in inputs.items():
        if isinstance(a, np.ndarray) and a.shape == w.shape and a.dtype.kind == "f":
            for where, text, other in ((a < 0, "negative", "where it isn't"), (a > 0, "positive", "where it isn't"),
                                       (a == 0, "exactly 0", "everywhere else")):
                if where.any() and not where.all() and np.array_equal(~right, where):
                    yield f"{name} is wrong wherever {key} is {text}, and right {other}."
