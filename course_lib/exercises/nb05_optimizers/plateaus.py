"""What the performance schedule's exercise needs: cases, a call, and schedules with something wrong in one part."""

import numpy as np

from course_lib.exercises.judge.comparing import Unusable


def cases(rng):
    """Yield losses and options.

    No case lets losses creep down by steps below min_delta: whether the best so far is then the lowest loss, or the
    last that counted as progress, the text leaves open.
    """
    half = {"lr": 0.1, "factor": 0.5, "patience": 2}
    yield [1.0, 0.9, 0.95, 0.95], half
    yield [], half
    yield [1.0, 1.2], half
    yield [1.0, 0.8, 0.6, 0.4], half
    yield [1.0, 0.5, 0.6, 0.55, 0.52, 0.51], half
    yield [1.0] * 8, half | {"patience": 3, "min_delta": 0.0}
    yield [1.0, 1.1, 0.9, 1.0, 0.8, 0.9, 0.7, 0.8], half
    yield [1.0, 0.99, 0.98, 0.97, 0.96], half | {"min_delta": 0.1}
    yield [0.2, 0.15, 0.12, 0.11], half | {"min_delta": 0.1}
    yield [1.0, 1.1, 1.2, 0.85, 0.9, 0.7, 0.8], half | {"min_delta": 0.1}
    yield [0.5, 0.6, 0.7, 0.6, 0.5, 0.4, 0.45, 0.45], half | {"factor": 0.1}
    yield [1.0, 1.1, 0.5, 0.6, 0.4], half | {"patience": 1}
    yield [1.0, 1.2, 1.3, 1.1, 1.1, 1.1, 0.9, 0.8], half
    # by default: nine epochs, one better by more than 0.0001, three, one better by less, six
    yield [1.0] * 10 + [0.9998] * 4 + [0.99975] * 7, {"lr": 0.1}
    for n in (12, 40):
        losses = np.round(20 * np.exp(-np.arange(n) / 8) + rng.integers(0, 4, n)) / 20
        yield losses.tolist(), half | {"patience": 3, "min_delta": 0.01}
    yield (rng.integers(32, 64, 200) / 64).tolist(), half | {"factor": 0.9, "patience": 5}


def call(answer, case):
    """Return an answer's rate, which must be one number."""
    losses, options = case
    given = list(losses)
    rate = answer(given, **options)
    if given != losses:
        raise Unusable("it changed its input losses, into which the run goes on writing: work on a copy")
    if isinstance(rate, tuple | list) or np.ndim(rate):
        raise Unusable(f"it returned a {type(rate).__name__}, wanted one number: the rate of the next epoch")
    return rate


def has_improved(loss, best, min_delta):
    return loss < best - min_delta


def wrong(progress=has_improved, begin=lambda losses: np.inf, better=lambda best, loss: loss,
          worse=lambda best, loss: best, first=lambda waited: 0, due=lambda waited, patience: waited >= patience,
          after=lambda best, loss: best, again=lambda waited: 0, cut=lambda lr, factor: lr * factor):
    """Return a schedule with something wrong in one part.

    Parameters
    ----------
    progress : function (loss, best, min_delta)
        Whether a loss counts as progress.
    begin, better, worse, after : functions
        The best loss before the first, after progress, without it, after a reduction.
    first, again : functions
        The count after progress, and after a reduction.
    due, cut : functions
        Whether to reduce the rate, and to what.
    """

    def schedule(losses, *, lr, factor=0.1, patience=10, min_delta=1e-4):
        best, waited = begin(losses), 0
        for loss in losses:
            if progress(loss, best, min_delta):
                best, waited = better(best, loss), first(waited)
                continue
            best, waited = worse(best, loss), waited + 1
            if due(waited, patience):
                lr, best, waited = cut(lr, factor), after(best, loss), again(waited)
        return lr

    return schedule


def only_the_end(losses, *, lr, factor=0.1, patience=10, min_delta=1e-4):
    """Reduce once if the last epochs brought no progress."""
    return lr * factor if _waited(losses, min_delta) >= patience else lr


def only_the_last_wait(losses, *, lr, factor=0.1, patience=10, min_delta=1e-4):
    """Forget what was reduced before the last progress."""
    return lr * factor ** (_waited(losses, min_delta) // patience)


def _waited(losses, min_delta):
    """Return for how many epochs the last progress has stood."""
    best, waited = np.inf, 0
    for loss in losses:
        best, waited = (loss, 0) if has_improved(loss, best, min_delta) else (best, waited + 1)
    return waited


def once(losses, *, lr, factor=0.1, **options):
    """Reduce once at most."""
    return lr * factor if wrong()(losses, lr=lr, factor=factor, **options) < lr else lr


def failing_when_empty(look):
    """Return the right schedule, but for the empty list, of which `look` is asked."""

    def schedule(losses, *, lr, **options):
        look(losses)
        return wrong()(losses, lr=lr, **options)

    return schedule
