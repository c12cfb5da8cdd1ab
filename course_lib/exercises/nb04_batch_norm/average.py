"""Exercise of notebook 04: the moving average that training leaves behind."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.calling import call
from course_lib.exercises.judge.comparing import Unusable
from course_lib.normalization import moving_average


def _cases(rng):
    yield np.array([0.0, 1.0]), np.array([10.0, 5.0]), 0.9
    yield np.array([2.0, -1.0, 0.5]), np.array([1.0, 3.0, 0.5])
    yield np.array([3.0]), np.array([4.0]), 0.0
    yield np.array([3.0]), np.array([4.0]), 1.0
    yield np.zeros(0), np.zeros(0), 0.5
    yield rng.standard_normal(100, dtype=np.float32), rng.standard_normal(100, dtype=np.float32), {"decay": 0.99}
    yield rng.standard_normal((40, 25)), rng.standard_normal((40, 25)), {"decay": 0.9}
    yield 1e6 * rng.standard_normal((3, 2)), rng.standard_normal((3, 2)), 0.75


def _array(answer, case):
    result = call(answer, case)
    if isinstance(result, tuple | list):
        raise Unusable(f"it returned a {type(result).__name__} of {len(result)}, wanted one array of old's shape")
    return result


def _wrong(formula, default=0.99):
    """Return a wrong average: another formula of old, new and decay, or another default."""

    def answer(old, new, decay=default):
        return formula(old, new, decay).astype(old.dtype)

    return answer


def _without_default(old, new, decay):
    return _right(old, new, decay)


def _right(old, new, decay):
    return decay * old + (1 - decay) * new


AVERAGE = Exercise(
    name="moving_average",
    reference=moving_average,
    cases=_cases,
    points=1,
    call=_array,
    rows="entry",
    mistakes=(
        Mistake(
            _wrong(lambda old, new, decay: (1 - decay) * old + decay * new),
            "The weights are exchanged: decay is the weight of the old value. (PyTorch counts the other way round.)",
        ),
        *(
            Mistake(
                _wrong(lambda old, new, decay: (1 - decay) * old + decay * new, default=decay),
                "The weights are exchanged: decay is the weight of the old value, and its default is 0.99, not "
                f"{decay:g}. (PyTorch counts the other way round.)",
            )
            for decay in (0.1, 0.01)
        ),
        Mistake(
            _without_default,
            "It stops where decay isn't given: it has no default any more. The default is 0.99.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: decay * old + new),
            "The weights must sum to 1, or the average grows beyond what it averages: multiply new by 1 - decay.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: old + (1 - decay) * new),
            "The old value keeps its whole weight, so the average grows beyond what it averages: multiply old by "
            "decay.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: decay * (old + new)),
            "Both are multiplied by decay. The new value's weight is 1 - decay.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: (1 - decay) * (old + new)),
            "Both are multiplied by 1 - decay. The old value's weight is decay.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: (1 - decay) * old + new),
            "The old value has the new one's weight, 1 - decay, and the new one has all of its own. It is decay for "
            "the old and 1 - decay for the new.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: (old + new) / 2),
            "Old and new count equally here. The old value's weight is decay, the new one's is what is left to 1.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: old + new),
            "This is the sum of both. The old value's weight is decay, the new one's is what is left to 1.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: 0.99 * old + 0.01 * new),
            "The weight is always 0.99, whatever the caller asked for: use the argument decay.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: 0.9 * old + 0.1 * new),
            "The weight is always 0.9, whatever the caller asked for: use the argument decay.",
        ),
        *(
            Mistake(
                _wrong(_right, default=decay),
                f"Where decay isn't given you take {decay:g}; the default is 0.99, as in Keras.",
            )
            for decay in (0.9, 0.999, 0.95, 0.5, 0.1, 0.01)
        ),
        Mistake(
            _wrong(lambda old, new, decay: new),
            "This forgets everything but the last batch.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: old),
            "The average stays what it was: the new value doesn't count at all. Its weight is 1 - decay.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: decay * old),
            "The old value is multiplied by decay, and nothing of the new one is added.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: (1 - decay) * (new - old)),
            "This is only the step towards the new value. The old one is where it begins: add it.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: (1 - decay) * new),
            "Only the new value's share is here. The old value times decay is to be added.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: decay * old - (1 - decay) * new),
            "The new value is subtracted. It is added, with the weight 1 - decay.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: decay * old + 1 - decay * new),
            "Brackets: 1 - decay * new takes decay · new away from 1. The weight is 1 - decay as a whole.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: old + (1 - decay) * (old - new)),
            "This moves away from the new value: the step goes by new - old, not by old - new.",
        ),
        Mistake(
            _wrong(lambda old, new, decay: decay * old + (1 - decay) * new**2),
            "The new value is squared here. It counts as it is; only an average of squares would want that.",
        ),
    ),
    hints=(
        "A weighted mean of two values: much of the old, a little of the new.",
        "One line: return decay * old + (1 - …) * …",
    ),
)
