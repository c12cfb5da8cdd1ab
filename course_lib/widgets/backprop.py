"""Explorer "backprop": a small filter goes over a real digit, forwards or backwards, one position at a time."""

from functools import lru_cache

import numpy as np

from course_lib.datasets import load_mnist
from course_lib.widgets.shell.panels import Cells
from course_lib.widgets.shell.picture import Picture, number

FILTERS = {
    "edge to the right": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "edge below": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "mean": [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    "one corner": [[1, 0, 0], [0, 0, 0], [0, 0, 0]],
}
WAYS = ("forwards", "backwards")
SIDE, KERNEL = 7, 3
POSITIONS = (SIDE - KERNEL + 1) ** 2  # without padding


def backprop(way="backwards", step=7, kernel="edge to the right", digit=3):
    """Draw a convolution after some of its positions: the window, the error there, what it has added so far.

    The loss is ½ Σ max(y, 0)², for which the error ∂L/∂y is y where y is positive, else 0.

    Parameters
    ----------
    way : "forwards" or "backwards"
    step : int
        How many of the 25 positions have been passed, 1 to 25.
    kernel : str
        A name from `FILTERS`.
    digit : int
        Which digit, 0 to 9; shrunk to 7 × 7 pixels of 0 to 9.

    Returns
    -------
    Picture
        Panels "image", "filter" and "output" forwards; "image", "error", "filter gradient" and "image gradient"
        backwards.

    Raises
    ------
    ValueError
        If a setting is unknown or out of range.
    """
    if way not in WAYS or kernel not in FILTERS:
        raise ValueError(f"backprop: way is {way!r} and kernel {kernel!r}, wanted one of {', '.join(WAYS)}, and of "
                         f"{', '.join(FILTERS)}")
    if not 1 <= step <= POSITIONS or not 0 <= digit <= 9:
        raise ValueError(f"backprop: step is {step!r} and digit {digit!r}, wanted 1 to {POSITIONS}, and 0 to 9")
    image, w = small_digit(digit), np.float32(FILTERS[kernel])
    y = _windows(image).reshape(POSITIONS, -1) @ w.ravel()
    row, column = divmod(step - 1, SIDE - KERNEL + 1)
    window = (row, column, KERNEL, KERNEL)
    panels, summary = (_forwards if way == "forwards" else _backwards)(image, w, y, step, window)
    verdict = (f"Position {step} of {POSITIONS}: window times filter sums to {number(summary['output'])}."
               if way == "forwards" else
               f"Position {step} of {POSITIONS}: the error {number(summary['error'])} adds "
               f"{number(summary['error'])} × window to the filter's gradient.")
    told = [f"{panel.title}, from {panel.values.min():g} to {panel.values.max():g}" for panel in panels.values()]
    text = (f"Digit {digit}, filter {kernel}, {way}. {verdict} Row {row + 1}, column {column + 1}. "
            f"Shown: {'; '.join(told)}.")
    return Picture(panels, _headline(way, summary), verdict, text, summary)


def _forwards(image, w, y, step, window):
    shown = np.where(np.arange(POSITIONS) < step, y, 0).reshape(SIDE - KERNEL + 1, -1)
    panels = {
        "image": Cells("Image and window", "pixels", image, 9, window),
        "filter": Cells("Filter", "weights", w, 4),
        "output": Cells("Output so far", "a number a position", np.float32(shown), float(np.abs(y).max()),
                        (*window[:2], 1, 1)),
    }
    return panels, {"output": float(y[step - 1])}


def _backwards(image, w, y, step, window):
    delta = np.maximum(y, 0)
    passed = np.float32(np.where(np.arange(POSITIONS) < step, delta, 0)).reshape(SIDE - KERNEL + 1, -1)
    delta = np.float32(delta.reshape(passed.shape))
    (dw, dx), (full_w, full_x) = (_gradients(image, w, errors) for errors in (passed, delta))
    panels = {
        "image": Cells("Image and window", "pixels", image, 9, window),
        "error": Cells("Error ∂L/∂y", "a number a position", delta, float(max(1, delta.max())), (*window[:2], 1, 1)),
        "filter gradient": Cells("∂L/∂w so far", "errors × windows, summed", dw, float(max(1, np.abs(full_w).max()))),
        "image gradient": Cells("∂L/∂x so far", "errors × filter, put back", dx, float(max(1, np.abs(full_x).max())),
                                window),
    }
    error, seen = float(delta.flat[step - 1]), float(_windows(image)[window[:2]].sum())  # neither is below 0
    return panels, {"error": error, "added": error * seen, "filter": float(np.abs(dw).sum())}


def _gradients(image, w, delta):
    """Return the filter's and the image's gradient for errors delta."""
    windows = _windows(image)
    dw, dx = np.tensordot(delta, windows.reshape(*delta.shape, KERNEL, KERNEL), axes=2), np.zeros_like(image)
    for i, j in np.ndindex(delta.shape):
        dx[i : i + KERNEL, j : j + KERNEL] += delta[i, j] * w
    return np.float32(dw), np.float32(dx)


def _windows(image):
    return np.lib.stride_tricks.sliding_window_view(image, (KERNEL, KERNEL))


@lru_cache(maxsize=10)
def small_digit(digit):
    """Return the first image of a digit in 7 × 7 pixels, whole numbers from 0 to 9."""
    data = load_mnist()
    image = data.x_train[np.argmax(data.y_train == digit)]
    return np.float32(np.rint(image.reshape(SIDE, 4, SIDE, 4).mean(axis=(1, 3)) * 9 / 255))


def _headline(way, summary):
    if way == "forwards":
        return [("Output", number(summary["output"]), "window times filter, summed")]
    return [
        ("Error", number(summary["error"]), "of this position; 0 where the output is negative"),
        ("Added", number(summary["added"]), "to the filter's gradient, sizes summed"),
        ("Gradient", number(summary["filter"]), "of the filter so far, sizes summed"),
    ]


def backprop_strip(steps=(3, 8, 25), **settings):
    """Draw the backward pass after several positions, a row each: what the explorer shows, for print.

    Parameters
    ----------
    steps : sequence of int
    settings
        kernel and digit, as for `backprop`.

    Returns
    -------
    CourseFigure
    """
    from course_lib.plots import cells

    panels = {f"{step}: {panel.title}": panel for step in steps
              for panel in backprop("backwards", step, **settings).panels.values()}
    return cells(
        {label: panel.values for label, panel in panels.items()},
        boxes={label: panel.box for label, panel in panels.items() if panel.box},
        limit={label: panel.limit for label, panel in panels.items()},
        title=f"After {', '.join(map(str, steps))} of {POSITIONS} positions: both gradients grow, error by error",
    )


def backprop_explorer():
    """Return the explorer; its `controls` are way, step, kernel and digit; `play` moves step on by itself."""
    import ipywidgets

    from course_lib.widgets.shell.explorer import Explorer, buttons, choice, slider

    explorer = Explorer(
        "backprop",
        backprop,
        way=buttons("Way", "backwards", WAYS, "through the convolution, or its errors back"),
        step=slider("Position", 7, 1, POSITIONS, "how many positions have been passed"),
        kernel=choice("Filter", "edge to the right", FILTERS, "3 by 3 weights"),
        digit=slider("Digit", 3, 0, 9, "the image"),
    )
    explorer.play = ipywidgets.Play(value=7, min=1, max=POSITIONS, interval=400, description="Play")
    ipywidgets.jslink((explorer.play, "value"), (explorer.controls["step"], "value"))
    explorer.children = (explorer.children[0], explorer.play, *explorer.children[1:])
    return explorer
