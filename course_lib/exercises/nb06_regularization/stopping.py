"""Exercise of notebook 06: stopping early, and remembering the best weights."""

import numpy as np

from course_lib.exercises.core import Exercise
from course_lib.exercises.judge.calling import split
from course_lib.exercises.judge.comparing import Unusable
from course_lib.exercises.nb06_regularization.stopping_mistakes import MISTAKES
from course_lib.regularizers import Stopping, early_stopping

NOT_A_NUMBER = float("nan")


def _cases(rng):
    yield [3.0, 2.0, 2.5, 1.0, 1.5, 1.5], {"patience": 2}
    yield [3.0, 2.0, 1.0], {"patience": 1}
    yield [2.0, 1.5, 1.75, 1.25, 1.0], {}
    yield [2.0, 1.0, 1.5, 0.75, 0.5], {"patience": 0}
    yield [1.0, 0.99999, 0.99997, 0.99998, 0.9], {"patience": 1}
    yield [2.0, 1.5, 1.375, 1.0], {"min_delta": 0.25}
    yield [2.0, 1.0, 1.0, 1.0, 0.5], {"patience": 2, "min_delta": 0.0}
    yield [2.0, 1.875, 1.75, 1.625, 1.5, 1.25, 1.5, 1.125, 1.0625, 0.5], {"patience": 3, "min_delta": 0.25}
    yield [2.0, 2.125, 2.0625, 1.0], {"patience": 2, "min_delta": 0.25}
    yield [1.0, 1.2, 1.1, 1.05, 1.02, 0.9, 0.8], {"patience": 3}
    yield [2.5, 1.5, 1.75, 1.25, 1.5, 1.375, 0.5], {"patience": 2, "min_delta": 0.125}
    yield [1000.0, NOT_A_NUMBER, 500.0, NOT_A_NUMBER, NOT_A_NUMBER, 250.0], {"patience": 2}
    yield (20 + np.cumsum(rng.normal(-0.05, 0.3, 60))).tolist(), {"patience": 4, "min_delta": 0.05}
    yield (2 + 5 * 0.9 ** np.arange(40) + rng.normal(0, 0.2, 40)).tolist(), {"patience": 10, "min_delta": 0.01}


def _course(answer, case):
    """Return what an answer says after each loss until it is time to stop.

    Each time it gets the state that is right: so a wrong one does no harm to what comes after it.
    """
    (losses,), options = split(case)
    state, said = None, []
    for epoch, loss in enumerate(losses, 1):
        weights = {"w": np.array([float(epoch)])}
        new, stop = _checked(answer(state, loss, weights, **options))
        said.append([bool(stop), new.best_loss, new.best_weights["w"][0], new.waited])
        if state is None or loss + options.get("min_delta", 0.0) < state.best_loss:
            state = Stopping(loss, weights, 0)
        else:
            state = state._replace(waited=state.waited + 1)
            if state.waited >= options.get("patience", 0):
                break
    return tuple(np.array(column, np.float64) for column in zip(*said, strict=True))


def _checked(result):
    if not isinstance(result, tuple | list) or len(result) != 2:
        end = ": is there a `return` at each end?" if result is None else ""
        raise Unusable(f"it returned a {type(result).__name__}, wanted two things: state and stop{end}")
    state, stop = result
    if isinstance(stop, tuple | list):
        raise Unusable("it returned stop first, and then the state: wanted state, stop")
    if not isinstance(state, tuple | list) or len(state) != 3:
        raise Unusable(f"its state is a {type(state).__name__}, wanted Stopping(best_loss, best_weights, waited)")
    state = Stopping(*state)
    if not isinstance(state.best_weights, dict) or set(state.best_weights) != {"w"}:
        raise Unusable("its state's best_weights aren't a dict that it was given: the order is best_loss, "
                       "best_weights, waited")
    for name in ("best_loss", "waited"):
        if np.ndim(getattr(state, name)) or not np.isreal(getattr(state, name)):
            raise Unusable(f"its state's {name} is a {type(getattr(state, name)).__name__}, wanted a number")
    return state, stop


STOPPING = Exercise(
    name="early_stopping",
    reference=early_stopping,
    cases=_cases,
    points=3,
    call=_course,
    inputs=("the losses, one after the other",),
    parts=("stop", "best_loss", "the epoch of best_weights", "waited"),
    rows="epoch",
    mistakes=MISTAKES,
    hints=(
        "Two cases: the loss is the best so far (or the first), or it isn't. What is remembered in each, and when is "
        "it enough?",
        "if state is None or loss + min_delta < state.best_loss: return Stopping(loss, weights, 0), False. Else "
        "waited = state.waited + 1, and return Stopping(state.best_loss, state.best_weights, waited), waited >= "
        "patience.",
    ),
)
