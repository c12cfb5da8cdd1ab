"""Exercise of notebook 06: stopping early, and remembering the best weights."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.regularizers import Stopping, early_stopping


def _cases(rng):
    yield [3.0, 2.0, 2.5, 1.0, 1.5, 1.5, 1.5], 3, 0.0
    yield [1.0], 1, 0.0
    yield [2.0, 1.0, 1.0, 1.0, 0.5], 2, 0.0
    yield [2.0, 1.9, 1.8, 1.7, 1.0, 1.2, 1.3], 2, 0.25
    yield [1.0, 1.2, 1.1, 1.05, 1.0, 0.9], 2, 0.0
    yield [1.0, float("nan"), float("nan"), 0.5], 2, 0.0
    yield list(np.cumsum(rng.normal(-0.05, 0.3, 60)) + 5), 4, 0.05


def _course(answer, case):
    """Return whether to stop, the best loss and the number of its weights, after each loss until the first stop."""
    losses, patience, min_delta = case
    state, seen = None, []
    for epoch, loss in enumerate(losses):
        weights = {"w": np.array([float(epoch)])}
        result = answer(state, loss, weights, patience=patience, min_delta=min_delta)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise Unusable(f"it returned a {type(result).__name__}, wanted two things: state and stop")
        state, stop = result
        if not isinstance(state, tuple | list) or len(state) != 3:
            raise Unusable(f"its state is a {type(state).__name__}, wanted Stopping(best_loss, best_weights, waited)")
        if not isinstance(state[1], dict) or set(state[1]) != {"w"}:
            raise Unusable("its state's best_weights aren't the dict that it was given")
        state = Stopping(*state)
        seen.append([bool(stop), float(state[0]), float(state[1]["w"][0])])
        if stop:
            break
    return tuple(np.array(column, np.float64) for column in zip(*seen, strict=True))


def _better(state, loss, min_delta):
    return loss + min_delta < state.best_loss


def _wrong(improved=_better, kept=None, enough=None, again=None):
    """Return a wrong early stopping: of another test, other weights kept, another end, or another count."""

    def answer(state, loss, weights, *, patience=0, min_delta=0.0):
        if state is None or improved(state, loss, min_delta):
            return Stopping(loss, weights, again(state) if again and state else 0), False
        waited = state.waited + 1
        state = kept(state, loss, weights) if kept else state
        return Stopping(state[0], state[1], waited), enough(waited, patience) if enough else waited >= patience

    return answer


STOPPING = Exercise(
    name="early_stopping",
    reference=early_stopping,
    cases=_cases,
    points=3,
    call=_course,
    mistakes=(
        Mistake(
            _wrong(kept=lambda state, loss, weights: (state.best_loss, weights, 0)),
            "The weights of every epoch are kept, so at the end those of the last. Keep them only where the loss is "
            "the best so far.",
        ),
        Mistake(
            _wrong(kept=lambda state, loss, weights: (loss, state.best_weights, 0)),
            "Each loss is compared with the one before. Compare it with the best so far: a noisy curve goes up and "
            "down many times.",
        ),
        Mistake(
            _wrong(lambda state, loss, min_delta: loss < state.best_loss),
            "min_delta isn't used: an improvement must be larger than it.",
        ),
        Mistake(
            _wrong(lambda state, loss, min_delta: loss + min_delta <= state.best_loss),
            "An equal loss counts as an improvement here, so a curve that stands still never stops.",
        ),
        Mistake(
            _wrong(enough=lambda waited, patience: waited > patience),
            "It waits for one loss more than patience: stop as soon as waited has reached it.",
        ),
        Mistake(
            _wrong(again=lambda state: state.waited),
            "waited isn't set back to 0 when the loss improves: it counts all bad epochs, not those in a row.",
        ),
        Mistake(
            _wrong(enough=lambda waited, patience: True),
            "It stops at the first loss that isn't better, whatever patience is.",
        ),
    ),
    hints=(
        "Two cases: the loss is the best so far (or the first), or it isn't. What is remembered in each, and when is "
        "it enough?",
        "Better means loss + min_delta < best_loss: then remember loss and weights, and waited = 0. Else waited "
        "grows by 1; stop when it has reached patience.",
        "if state is None or loss + min_delta < state.best_loss: return Stopping(loss, weights, 0), False. Else "
        "waited = state.waited + 1, and return Stopping(state.best_loss, state.best_weights, waited), waited >= "
        "patience.",
    ),
)
