"""Wrong answers to notebook 06's exercise on stopping early, and what helps whoever wrote them."""

from course_lib.exercises.core import Mistake
from course_lib.regularizers import Stopping


def _better(state, loss, min_delta):
    return loss + min_delta < state.best_loss


def _wrong(
    improved=_better,
    first=0,
    new=lambda state, loss, weights: (loss, weights, 0),
    kept=lambda state, loss, weights: state,
    enough=lambda waited, patience: waited >= patience,
    at_once=lambda patience: False,
):
    """Return a wrong early stopping.

    It has another test for an improvement, another number waited at first, remembers others of an improvement (`new`),
    keeps others where there is none, has another end, or may stop `at_once`, at an improvement.
    """

    def answer(state, loss, weights, *, patience=0, min_delta=0.0):
        if state is None:
            return Stopping(loss, weights, first), at_once(patience)
        if improved(state, loss, min_delta):
            return Stopping(*new(state, loss, weights)), at_once(patience)
        best, own, waited = kept(state, loss, weights)
        return Stopping(best, own, waited + 1), enough(waited + 1, patience)

    return answer


_right = _wrong()  # the reference itself would be found out


def _from_zero(state, loss, weights, *, patience=0, min_delta=0.0):
    return _right(state or Stopping(0.0, weights, 0), loss, weights, patience=patience, min_delta=min_delta)


def _uncounted(state, loss, weights, *, patience=0, min_delta=0.0):
    new, stop = _right(state, loss, weights, patience=patience, min_delta=min_delta)
    return (new if new.waited == 0 else state), stop


def _asked_first(state, loss, weights, *, patience=0, min_delta=0.0):
    new, _ = _right(state, loss, weights, min_delta=min_delta)
    return (state, True) if new.waited > patience else (new, False)


def _counting_down(state, loss, weights, *, patience=0, min_delta=0.0):
    if state is None or _better(state, loss, min_delta):
        return Stopping(loss, weights, patience), False
    return state._replace(waited=state.waited - 1), state.waited - 1 <= 0


MISTAKES = (
    Mistake(
        _wrong(kept=lambda state, loss, weights: (state.best_loss, weights, state.waited)),
        "The weights are replaced even where the loss is no improvement, so at the end they are the last. Those "
        "of the best loss are wanted.",
    ),
    Mistake(
        _wrong(kept=lambda state, loss, weights: (loss, state.best_weights, state.waited)),
        "Each loss is compared with the one before. Compare it with the best so far: a noisy curve goes up and "
        "down many times.",
    ),
    Mistake(
        _wrong(kept=lambda state, loss, weights: (loss, weights, state.waited)),
        "Loss and weights are replaced at each epoch, improvement or not. What isn't better than the best so far "
        "changes nothing but waited.",
    ),
    Mistake(
        _wrong(lambda state, loss, min_delta: loss < state.best_loss),
        "min_delta isn't used: an improvement must be larger than it.",
    ),
    Mistake(
        _wrong(lambda state, loss, min_delta: loss + min_delta <= state.best_loss),
        "A loss that is better by exactly min_delta counts as an improvement here, so with min_delta 0 a curve that "
        "stands still goes on for ever. It must be better by more.",
    ),
    Mistake(
        _wrong(lambda state, loss, min_delta: loss - min_delta < state.best_loss),
        "min_delta is on the wrong side: even a loss that is a little worse counts as an improvement. It must be "
        "better by more than min_delta.",
    ),
    Mistake(
        _wrong(lambda state, loss, min_delta: abs(loss - state.best_loss) > min_delta),
        "Any change of more than min_delta counts as an improvement here, a rise too. Only a fall is one.",
    ),
    Mistake(
        _wrong(lambda state, loss, min_delta: loss < state.best_loss * (1 - min_delta)),
        "min_delta is taken as a share of the best loss. It is a difference between two losses.",
    ),
    Mistake(
        _wrong(lambda state, loss, min_delta: loss > state.best_loss + min_delta),
        "A larger loss counts as the better one, as for an accuracy. A loss is better if it is smaller.",
    ),
    Mistake(
        _wrong(lambda state, loss, min_delta: loss + min_delta > state.best_loss),
        "The comparison is turned round: whatever isn't better by min_delta counts as an improvement. A loss is better "
        "if it is smaller.",
    ),
    Mistake(
        _from_zero,
        "The first loss is compared with 0, so no positive one is ever an improvement. The first, when state is "
        "None, always is one.",
    ),
    Mistake(
        _wrong(enough=lambda waited, patience: waited > patience),
        "It waits for one loss more than patience. Count this loss first, and stop as soon as the new waited has "
        "reached patience.",
    ),
    Mistake(
        _asked_first,
        "waited is compared with patience before this loss has been counted, so it waits for one loss more.",
    ),
    Mistake(
        _wrong(enough=lambda waited, patience: waited + 1 >= patience),
        "It stops one loss too early: not before waited has reached patience.",
    ),
    Mistake(
        lambda state, loss, weights, *, patience=0, min_delta=0.01: _right(
            state, loss, weights, patience=patience, min_delta=min_delta),
        "Where no min_delta is given, a small improvement doesn't count here: the default is 0.",
    ),
    Mistake(
        _wrong(enough=lambda waited, patience: waited == patience),
        "With patience 0 it never stops. Then the first loss that isn't better is enough: waited is 1, and has "
        "more than reached 0.",
    ),
    Mistake(
        lambda state, loss, weights, *, patience=5, min_delta=0.0: _right(
            state, loss, weights, patience=patience, min_delta=min_delta),
        "Where no patience is given, it waits too long: the default is 0.",
    ),
    Mistake(
        _wrong(at_once=lambda patience: patience <= 0),
        "With patience 0 it stops right at an improvement, even at the very first loss. Only a loss that is no "
        "improvement is a reason to stop.",
    ),
    Mistake(
        _wrong(at_once=lambda patience: True),
        "It says stop where the loss improves, at the first loss too. There stop is False.",
    ),
    Mistake(
        _wrong(new=lambda state, loss, weights: (loss, weights, state.waited)),
        "waited isn't set back to 0 when the loss improves: it counts all bad epochs, not those in a row.",
    ),
    Mistake(
        _wrong(first=1, new=lambda state, loss, weights: (loss, weights, 1)),
        "waited begins at 1 after an improvement. It counts the losses that were none, so there it is 0.",
    ),
    Mistake(
        _uncounted,
        "What waited has grown to isn't handed on: the state that comes back is the old one, so the next call "
        "counts from there again.",
    ),
    Mistake(
        _wrong(kept=lambda state, loss, weights: (state.best_loss, state.best_weights, 0)),
        "waited never gets beyond 1: it has to grow from the state's own number.",
    ),
    Mistake(
        _wrong(enough=lambda waited, patience: True),
        "It stops at the first loss that isn't better, whatever patience is.",
    ),
    Mistake(
        _wrong(enough=lambda waited, patience: False),
        "It never says stop. The second result is True as soon as waited has reached patience.",
    ),
    Mistake(
        _wrong(enough=lambda waited, patience: waited < patience),
        "stop is turned round: while waited is below patience it is to be False.",
    ),
    Mistake(
        _wrong(enough=lambda waited, patience: waited <= patience),
        "stop is True while waited is at most patience. It is to be True from where waited has reached it.",
    ),
    Mistake(
        _wrong(enough=lambda waited, patience: waited < patience, at_once=lambda patience: True),
        "The second result says whether to go on. It is to say whether to stop.",
    ),
    Mistake(
        _wrong(kept=lambda state, loss, weights: (loss, weights, state.waited) if loss < state.best_loss else state),
        "best_loss and best_weights follow even a fall of less than min_delta, while waited goes on. What is no "
        "improvement changes nothing but waited.",
    ),
    Mistake(
        _counting_down,
        "waited counts down from patience here. It counts the losses without improvement: 0 after an improvement, "
        "then up.",
    ),
    Mistake(
        _wrong(kept=lambda state, loss, weights: (min(state.best_loss, loss), state.best_weights, state.waited)),
        "best_loss falls here even where the loss is no improvement, being better by less than min_delta. Then "
        "loss and weights no longer belong together: change both or neither.",
    ),
    Mistake(
        _wrong(new=lambda state, loss, weights: (loss, state.best_weights, 0)),
        "best_loss follows an improvement, and best_weights doesn't: the weights of the first epoch stay.",
    ),
    Mistake(
        _wrong(new=lambda state, loss, weights: (state.best_loss, weights, 0)),
        "best_loss stays the first loss. At an improvement it becomes the new one.",
    ),
    Mistake(
        _wrong(lambda state, loss, min_delta: not loss + min_delta >= state.best_loss),
        "A loss that is NaN counts as an improvement here: every comparison with NaN is False, so ask whether it "
        "is better, not whether it isn't worse.",
    ),
)
