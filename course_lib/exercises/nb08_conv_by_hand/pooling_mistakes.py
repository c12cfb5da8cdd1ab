"""Wrong answers to notebook 08's way back through a max pool, and the hint for each."""

import numpy as np

from course_lib.exercises.core import Mistake


def _first(dy, x, best, seen, tied):
    return dy * (best & (seen == 1))


def _whole(dy, x, best, seen, tied):
    return dy * best


def _wrong(value=_first, *, by=lambda x: x, downwards=False, turned=False, then=lambda dx, dy: dx):
    """Return a wrong answer that puts value(dy, x[view], best, seen, tied) into dx, view by view.

    best says where by(x) is largest; seen counts the largest ones of a window up to this view, tied all of them.
    """

    def answer(dy, x, size=2):
        rows, columns = dy.shape[1] * size, dy.shape[2] * size
        places = sorted(np.ndindex(size, size), key=lambda place: place[::-1] if downwards else place)
        scores = [np.broadcast_to(by(x), x.shape)[:, i:rows:size, j:columns:size] for i, j in places]
        largest, dx, seen = np.max(scores, axis=0), np.zeros_like(x), np.zeros(dy.shape, int)
        tied = np.sum([score == largest for score in scores], axis=0)
        for (i, j), score in zip(places, scores, strict=True):
            seen += score == largest
            to = (j, i) if turned else (i, j)
            new = value(dy, x[:, i:rows:size, j:columns:size], score == largest, seen, tied)
            dx[:, to[0] : rows : size, to[1] : columns : size] = new
        return (then(dx, dy),)

    return answer


RIGHT = _wrong()


def _stops(error, otherwise=RIGHT):
    """Return an answer that stops where windows don't fill the image."""

    def answer(dy, x, size=2):
        if x.shape[1:3] != (dy.shape[1] * size, dy.shape[2] * size):
            raise error
        return otherwise(dy, x, size)

    return answer


def _windows_in_steps_of_one(dy, x, size=2):
    dx = np.zeros_like(x)
    for p, q in np.ndindex(dy.shape[1:3]):
        at = np.s_[:, p : p + size, q : q + size]
        dx[at] = RIGHT(dy[:, p : p + 1, q : q + 1], x[at], size)[0]
    return (dx,)


def _one_channel(dy, x, size=2):
    dx = np.zeros_like(x)
    for n, p, q in np.ndindex(dy.shape[:3]):
        window = x[n, p * size : (p + 1) * size, q * size : (q + 1) * size]
        i, j, c = np.unravel_index(window.argmax(), window.shape)
        dx[n, p * size + i, q * size + j, c] = dy[n, p, q, c]
    return (dx,)


def _around_x(dy, x, size=2):
    (wins,), (dx,) = (RIGHT(errors, x, size) for errors in (np.ones_like(dy), dy))
    return (np.where(wins > 0, dx, x),)


def _filled_part(dx, dy):
    _, rows, columns, _ = dy.shape
    size = dx.shape[1] // rows
    return dx[:, : rows * size, : columns * size]


MISTAKES = (
    Mistake(
        _stops(ValueError, _wrong(_whole)),
        "It stops with ValueError where the windows don't fill the image: leave out the last rows and columns that "
        "fill none. And where several numbers of a window are equally large, each gets the whole error; only the "
        "first should.",
    ),
    Mistake(
        _wrong(_whole),
        "Where several numbers of a window are equally large, each gets the whole error, so it is passed down "
        "several times. Behind ReLU windows of zeros are common. Give it to the first, as TensorFlow does.",
    ),
    Mistake(
        _wrong(lambda dy, x, best, seen, tied: dy * best / tied),
        "Where several numbers of a window are equally large, the error is shared among them. That is a possible "
        "choice, but TensorFlow gives all of it to the first, and so do we.",
    ),
    Mistake(
        _wrong(lambda dy, x, best, seen, tied: dy * (best & (seen == tied))),
        "Of several equally large numbers the last gets the error. Give it to the first, row by row.",
    ),
    Mistake(
        _wrong(downwards=True),
        "Of several equally large numbers the first column by column gets the error. Row by row is wanted: the "
        "upper right of a window comes before the lower left.",
    ),
    Mistake(
        _wrong(by=lambda x: np.maximum(x, 0)),
        "Where all numbers of a window are negative the error goes to the first of them: does the search for the "
        "largest begin at 0? Begin with the window's first number.",
    ),
    Mistake(
        _wrong(lambda dy, x, best, seen, tied: dy * best * (seen == 1) * (x > 0)),
        "Where no number of a window is above 0 nobody gets its error. The largest gets it, whatever its sign: does "
        "the search for it begin at 0?",
    ),
    Mistake(
        _wrong(by=np.abs),
        "The error goes to the number that is farthest from 0. The largest is wanted, signs counted: -1 is larger "
        "than -5.",
    ),
    Mistake(_wrong(by=np.negative), "The error goes to the smallest number of a window. The largest made y."),
    Mistake(
        _stops(ValueError),
        "It stops with ValueError where the windows don't fill the image. The last rows and columns that fill no "
        "window belong to none: leave them out of the windows, and 0 in dx.",
    ),
    Mistake(
        _stops(IndexError),
        "It stops with IndexError where the windows don't fill the image. There are as many windows as dy has "
        "rows and columns; what is left over belongs to none, and stays 0 in dx.",
    ),
    Mistake(
        _wrong(then=_filled_part),
        "dx lacks the last rows and columns, those that fill no window: they belong to x, so dx has them too, as 0.",
    ),
    Mistake(
        lambda dy, x, size=2: RIGHT(dy, x),
        "The argument size isn't used: the windows are 2 × 2, whatever it says.",
    ),
    Mistake(
        _windows_in_steps_of_one,
        "The windows overlap: they begin at pixel p, q. The next one begins size pixels on, at p · size, q · size.",
    ),
    Mistake(
        _wrong(turned=True),
        "Rows and columns are exchanged within the windows: the error meant for row i, column j goes to row j, "
        "column i.",
    ),
    Mistake(
        _wrong(by=lambda x: x.sum(axis=3, keepdims=True)),
        "All channels give their error to one place, where their sum is largest. Each channel is pooled by itself, "
        "and has its own largest number.",
    ),
    Mistake(
        _wrong(by=lambda x: x.max(axis=3, keepdims=True)),
        "All channels give their error to one place, where any of them is largest. Each channel is pooled by "
        "itself, and has its own largest number.",
    ),
    Mistake(
        _wrong(by=lambda x: x[..., :1]),
        "All channels give their error to the place of the first channel's largest number. Each has its own.",
    ),
    Mistake(
        _one_channel,
        "Of all channels of a window only one gets an error, the one with the largest number of all. Each channel is "
        "pooled by itself, and has its own error.",
    ),
    Mistake(
        lambda dy, x, size=2: _wrong(lambda dy, *_: dy / size**2)(dy, x, size),
        "All numbers of a window get an equal share. That is average pooling; here the largest alone decides y.",
    ),
    Mistake(
        _around_x,
        "dx holds x's own numbers where no error goes. They didn't move y, so they get 0: begin with zeros.",
    ),
    Mistake(
        _wrong(lambda dy, *_: dy),
        "All numbers of a window get the error. Only the largest moves y, the others get 0.",
    ),
    Mistake(
        _wrong(lambda dy, x, best, seen, tied: dy * x * (best & (seen == 1))),
        "The error is multiplied by the number that won. y is that number, so ∂y/∂x is 1 for it and 0 for the rest.",
    ),
    Mistake(
        _wrong(lambda dy, x, best, seen, tied: x * (best & (seen == 1))),
        "dx holds the largest numbers themselves. It wants their errors: dy of the window, at the same place.",
    ),
    Mistake(
        _wrong(lambda dy, x, best, seen, tied: best & (seen == 1)),
        "dx holds 1 at the largest number of each window: the slope of the pool. It is still to be multiplied by "
        "the window's error, dy.",
    ),
    Mistake(
        lambda dy, x, size=2: RIGHT(dy * (np.arange(len(dy)) < 1)[:, None, None, None], x, size),
        "Only the first image gets its errors. Every image of the batch has its own.",
    ),
    Mistake(
        _wrong(lambda dy, x, best, seen, tied: -_first(dy, x, best, seen, tied)),
        "The sign is turned: the largest number gets the error as it is.",
    ),
)
