"""Exercise of notebook 01: the drop of the loss that a gradient promises."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb01_vanishing_gradients.single import single
from course_lib.gradients import predicted_drop


def _cases(rng):
    yield [np.array([3.0, 4.0]), np.array([[12.0]])], 0.1
    yield [np.array([0.5, -2.0])], 2.0
    yield [np.array([[1.0, -1.0], [2.0, 0.0]]), np.array([-3.0]), np.array([0.5, 0.25])], 0.03
    yield [np.zeros((2, 2)), np.zeros(2)], 0.5
    yield [np.array([-0.3, 0.1], np.float32), np.array([[0.2]], np.float32)], 0.25
    yield [rng.standard_normal(s) for s in [(3, 4), (4,), (4, 2), (2,)]], 0.7
    yield [rng.standard_normal(s) for s in [(5, 5), (5,), (5, 5), (5,)]], 1e-3
    yield [1e4 * rng.standard_normal((3, 2)), rng.standard_normal(2)], 0.01
    yield [0.01 * rng.standard_normal(s, dtype=np.float32) for s in [(100, 100), (100,)] * 3], 0.03


def _sum(grads, each=np.square):
    return sum(float(np.sum(each(g.astype(np.float64)))) for g in grads)


def _count(grads):
    return sum(g.size for g in grads)


DROP = Exercise(
    name="predicted_drop",
    reference=predicted_drop,
    cases=_cases,
    points=2,
    task=Task.DERIVE,
    call=single,
    mistakes=(
        Mistake(
            lambda grads, lr: lr * np.sqrt(_sum(grads)),
            "This is lr times the gradient's length, which is how far the step goes. On that way the loss falls by the "
            "length once more for every unit: no root.",
        ),
        Mistake(
            lambda grads, lr: -lr * _sum(grads),
            "This is the change of the loss, which is negative. Asked for is the drop, a positive number.",
        ),
        Mistake(
            lambda grads, lr: lr * _sum(grads, np.asarray),
            "The gradients count once, and those of opposite sign cancel. A gradient counts twice: it says how far its "
            "weight moves, and how much the loss changes on the way.",
        ),
        Mistake(
            lambda grads, lr: lr * _sum(grads, np.abs),
            "The gradients' sizes count once. A gradient counts twice: it says how far its weight moves, and how much "
            "the loss changes on the way.",
        ),
        Mistake(
            lambda grads, lr: _sum(grads),
            "lr isn't used: twice the rate goes twice as far down.",
        ),
        Mistake(
            lambda grads, lr: lr**2 * _sum(grads),
            "lr counts twice. Only the step contains it; the slope along the way doesn't.",
        ),
        Mistake(
            lambda grads, lr: lr**2 * _sum(grads) / 2,
            "This is half the square of the step, which would belong to the second order. To first order the drop is "
            "the slope times the way.",
        ),
        Mistake(
            lambda grads, lr: lr * _sum(grads) / 2,
            "This is half of it. A ½ belongs to the second order; to first order the slope is the same all the way.",
        ),
        Mistake(
            lambda grads, lr: 2 * lr * _sum(grads),
            "This is twice as much: the 2 comes from differentiating a square, and nothing is differentiated here.",
        ),
        Mistake(
            lambda grads, lr: lr * _sum(grads) / _count(grads),
            "This is a mean over all elements. Every weight moves, and what each contributes adds up.",
        ),
        Mistake(
            lambda grads, lr: lr * sum(np.mean(np.square(g, dtype=np.float64)) for g in grads),
            "Within each array the squares are averaged. Every weight moves, and what each contributes adds up.",
        ),
        Mistake(
            lambda grads, lr: lr * _sum(grads) / len(grads),
            "This is a mean over the arrays. What they contribute adds up.",
        ),
        Mistake(
            lambda grads, lr: lr * sum(_sum([g], np.asarray) ** 2 for g in grads),
            "The elements of each array are added before they are squared, so that signs cancel. Square every element "
            "first.",
        ),
        Mistake(
            lambda grads, lr: lr * _sum(grads, np.asarray) ** 2,
            "All elements are added before they are squared, so that signs cancel. Square every element first.",
        ),
        Mistake(
            lambda grads, lr: lr * sum(np.sqrt(_sum([g])) for g in grads),
            "The lengths of the arrays are added. What is added are the squares of all elements, without a root.",
        ),
        Mistake(
            lambda grads, lr: lr * _sum(grads[-1:]),
            "Only the last array counts here. In a loop every array's squares must be added: += instead of =.",
        ),
        Mistake(
            lambda grads, lr: lr * _sum(grads[:1]),
            "Only the first array counts here: is the return inside the loop, or grads[0] in the place of all?",
        ),
        Mistake(
            lambda grads, lr: _sum(grads) / lr,
            "It is divided by lr. A larger rate goes further down: multiply.",
        ),
        Mistake(
            lambda grads, lr: lr * _sum(grads) ** 2,
            "The whole sum is squared once more. Squared is each element; their sum is multiplied by lr.",
        ),
        Mistake(
            lambda grads, lr: sum(lr * np.abs(g).max(initial=0) ** 2 for g in grads),
            "Of each array only the largest element counts. Every weight moves: add the squares of all.",
        ),
        Mistake(
            lambda grads, lr: [lr * _sum([g]) for g in grads],
            "There is one number for each array. Their sum is asked for.",
        ),
        Mistake(
            lambda grads, lr: [lr * g**2 for g in grads],
            "There is a number for every weight. Their sum is asked for, over all elements of all arrays.",
        ),
        Mistake(
            lambda grads, lr: lr * np.sum(np.array(grads) ** 2),
            "Arrays of different shapes don't fit into one array, as np.array(grads) and np.square(grads) want it. Go "
            "through the list, one array after the other.",
        ),
        Mistake(
            lambda grads, lr: lr * np.sum(grads**2),
            "grads is a list of arrays, and a list can't be squared. Go through it, one array after the other.",
        ),
        Mistake(
            lambda grads, lr: lr * sum(g**2 for g in grads),
            "The arrays are added to each other, which wants equal shapes. Sum within each array first: np.sum(g**2).",
        ),
        Mistake(
            lambda grads, lr: lr * sum(sum(g**2) for g in grads),
            "Python's sum adds along the first axis only, so that rows are left over. np.sum(g**2) adds everything.",
        ),
    ),
    hints=(
        "A weight with gradient g moves by -lr · g. To first order the loss then changes by the slope times the way. "
        "Add that up over all weights.",
        "lr times the sum, over the arrays g in grads, of np.sum(g**2).",
    ),
)
