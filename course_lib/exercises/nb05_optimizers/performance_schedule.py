"""Exercise of notebook 05: a learning rate that falls when the loss has stopped falling."""

from functools import partial

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.plateaus import (
    call,
    cases,
    failing_when_empty,
    is_lower,
    once,
    only_the_end,
    only_the_last_wait,
    wrong,
)
from course_lib.schedules import performance_schedule

PERFORMANCE = Exercise(
    name="performance_schedule",
    reference=performance_schedule,
    cases=cases,
    points=3,
    call=call,
    mistakes=(
        Mistake(
            wrong(worse=lambda best, loss: loss),
            "Each loss is compared with the one before it: a loss that swings up and down then looks like progress "
            "for ever. Compare with the best so far.",
        ),
        Mistake(
            wrong(again=lambda waited: waited),
            "Once patience is over, every further epoch without progress reduces the rate again. Begin to count from 0 "
            "after a reduction.",
        ),
        Mistake(
            wrong(again=lambda waited: waited, due=lambda waited, patience: waited == patience),
            "While the loss stands still the rate is reduced once only. After a reduction the count begins anew, and "
            "the next one is due after `patience` more epochs.",
        ),
        Mistake(
            wrong(first=lambda waited: waited),
            "The count of epochs without progress goes on although the loss improved: set it to 0 then. They must come "
            "in a row.",
        ),
        Mistake(
            once,
            "The rate is reduced once at most. Go through the losses in order, and reduce it every time that patience "
            "runs out.",
        ),
        Mistake(
            only_the_end,
            "Only the end of the list is looked at, and the rate is reduced once at most. Every reduction on the way "
            "counts: go through the losses from the first on.",
        ),
        Mistake(
            only_the_last_wait,
            "Reductions from before the last progress are forgotten: after progress the rate must stay where it was, "
            "not go back to lr.",
        ),
        Mistake(
            wrong(cut=lambda lr, factor: lr / factor),
            "The rate grows: factor is below 1, multiply by it.",
        ),
        Mistake(
            wrong(due=lambda waited, patience: waited > patience),
            "One epoch too patient: with patience 2 the second epoch in a row without progress reduces the rate.",
        ),
        Mistake(
            wrong(due=lambda waited, patience: waited >= patience - 1),
            "One epoch too impatient: with patience 2 only the second epoch in a row without progress reduces the "
            "rate.",
        ),
        Mistake(
            wrong(due=lambda waited, patience: True),
            "Every epoch without progress reduces the rate at once: patience isn't used.",
        ),
        Mistake(
            wrong(due=lambda waited, patience: patience == 1),
            "The count never gets beyond 1, so that only a patience of 1 runs out: add 1 to it for every epoch without "
            "progress.",
        ),
        Mistake(
            wrong(progress=is_lower),
            "Any improvement counts here, however small. Only one by more than min_delta is progress.",
        ),
        Mistake(
            wrong(progress=lambda loss, best, min_delta: loss < best + min_delta),
            "min_delta has the wrong sign: a loss that is a little worse than the best counts as progress. It must "
            "come down by more than min_delta, below best - min_delta.",
        ),
        Mistake(
            wrong(progress=lambda loss, best, min_delta: loss < best * (1 - min_delta)),
            "min_delta is taken as a share of the best loss. It is a difference: the loss must come down by more than "
            "min_delta.",
        ),
        Mistake(
            wrong(progress=lambda loss, best, min_delta: loss <= best - min_delta),
            "A loss exactly min_delta below the best, which for min_delta 0 is one that equals it, counts as progress. "
            "It must come down by more than that.",
        ),
        Mistake(
            wrong(progress=lambda loss, best, min_delta: abs(loss - best) > min_delta),
            "A loss that went up counts as progress, too: the absolute value hides in which direction it went.",
        ),
        Mistake(
            wrong(begin=lambda losses: -float("inf"), progress=lambda loss, best, min_delta: loss > best + min_delta),
            "A rising loss counts as progress, as it would for an accuracy. The best loss is the lowest.",
        ),
        Mistake(
            wrong(better=lambda best, loss: loss if best == float("inf") else best),
            "The best loss stays the first one: where a loss counts as progress, it is the new best.",
        ),
        Mistake(
            wrong(after=lambda best, loss: float("inf")),
            "After a reduction the best loss is forgotten, and the next one, however bad, counts as progress. Only the "
            "count begins anew.",
        ),
        Mistake(
            wrong(after=lambda best, loss: loss),
            "At a reduction the present loss becomes the best so far, though it was no progress. Only the count begins "
            "anew.",
        ),
        Mistake(
            wrong(begin=lambda losses: losses[0] if losses else 0),
            "The first loss counts as an epoch without progress. It is the best so far; counting begins with the "
            "second.",
        ),
        Mistake(
            lambda losses, *, lr, factor=0.1, patience=10, **options: lr * factor ** (len(losses) // patience),
            "The rate falls every `patience` epochs, whatever the losses are: none counts as progress. Compare each "
            "with the best so far, which must begin higher than any loss.",
        ),
        Mistake(
            wrong(cut=lambda lr, factor: lr * (1 - factor)),
            "factor is what remains of the rate, not what is taken away: multiply by factor itself.",
        ),
        Mistake(
            lambda losses, *, lr, **options: lr,
            "This schedule never fires: the rate that is returned is always the first one. Is the best loss renewed, "
            "is the whole list gone through, and can the count reach patience?",
        ),
        Mistake(
            wrong(progress=lambda loss, best, min_delta: loss <= best),
            "A loss that only equals the best counts as progress, and min_delta isn't used: it must come down by more "
            "than min_delta.",
        ),
        Mistake(
            wrong(waits=lambda loss, best, min_delta: loss > best),
            "Only a loss above the best counts as an epoch without progress. So does one that equals it, or is better "
            "by no more than min_delta.",
        ),
        Mistake(
            wrong(waits=lambda loss, best, min_delta: loss > best + min_delta),
            "A loss within min_delta of the best counts neither way. It is an epoch without progress, too.",
        ),
        Mistake(
            wrong(cut=lambda lr, factor: lr - factor),
            "factor is subtracted: the rate is to be multiplied by it.",
        ),
        Mistake(
            partial(only_the_end, progress=is_lower),
            "What counts here is only how long ago the lowest loss was: min_delta isn't used, and the rate is reduced "
            "once at most. Go through the losses from the first on, and keep every reduction.",
        ),
        Mistake(
            partial(only_the_last_wait, progress=is_lower),
            "What counts here is only how long ago the lowest loss was: min_delta isn't used, and reductions before it "
            "are forgotten. Go through the losses from the first on, and keep every reduction.",
        ),
        Mistake(
            failing_when_empty(lambda losses: losses[0]),
            "Before the first epoch the list is empty: there is no first or last loss to take out of it. The rate is "
            "lr then.",
        ),
        Mistake(
            failing_when_empty(min),
            "Before the first epoch the list is empty, and a minimum or maximum of nothing is refused. The rate is lr "
            "then.",
        ),
    ),
    hints=(
        "Go through the losses one by one, and remember three things: the best loss, for how many epochs it has stood, "
        "and the rate.",
        "best, waited = None, 0; for loss in losses: if best is None or loss + min_delta < best: best, waited = loss, "
        "0; else: waited += 1; if waited >= patience: lr, waited = lr * factor, 0. Then return lr.",
    ),
)
