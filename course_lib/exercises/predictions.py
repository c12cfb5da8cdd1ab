"""The figure of a prediction beside the result."""

import numpy as np

from course_lib.plots.figure import COLOURS, new_figure


def _said(value):
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def prediction_figure(prediction, measured):
    """Draw a guess beside what was measured; where nobody guessed, the result alone.

    Parameters
    ----------
    prediction : Prediction
    measured : float, or one of the prediction's options

    Returns
    -------
    CourseFigure
    """
    figure = new_figure(4.5, 0.9 + 0.3 * len(prediction.options)) if prediction.options else new_figure(7.0, 1.6)
    axes = figure.add_subplot()
    said = (_options if prediction.options else _numbers)(axes, prediction, measured)
    figure.alt = f"{prediction.question} {said}."
    axes.legend(frameon=False, fontsize=9, loc="lower right", ncols=2, bbox_to_anchor=(1.0, 1.0))
    title = "Prediction and result" if prediction.made else "The result; you made no prediction"
    axes.set_title(title, loc="left", fontsize=11)
    return figure


def _options(axes, prediction, measured):
    """Mark the options; return what the picture says."""
    options = prediction.options
    for i, option in enumerate(options):
        axes.text(0.12, -i, option, va="center", fontsize=10, weight="bold" if option == measured else "normal")
    axes.plot([0.04], [-options.index(measured)], "D", color=COLOURS[2], markersize=10, label="measured")
    if prediction.made:
        guess = -options.index(prediction.value)
        axes.plot([0.08], [guess], "o", color=COLOURS[1], markersize=10, label="your prediction")
    axes.set(xlim=(0, 1), ylim=(-len(options) + 0.4, 0.6))
    axes.axis("off")
    if not prediction.made:
        return f"You made no prediction; measured: {measured}"
    result = "as measured" if prediction.value == measured else f"measured: {measured}"
    return f"Your prediction: {prediction.value}; {result}"


def _numbers(axes, prediction, measured):
    """Draw both on an axis; return what the picture says."""
    unit = f" {prediction.unit}" if prediction.unit else ""
    result, said = f"measured: {_said(measured)}{unit}", "You made no prediction"
    axes.axhline(0, color="#999999", linewidth=1, zorder=0)
    if prediction.made:
        said = f"Your prediction: {_said(prediction.value)}{unit}"
        axes.plot([prediction.value], [0], "o", color=COLOURS[1], markersize=12, label=said)
    axes.plot([measured], [0], "D", color=COLOURS[2], markersize=10, label=result)
    if prediction.log:
        axes.set_xscale("log")
    ends = list(prediction.ends())
    if np.isfinite(measured) and (measured > 0 or not prediction.log):
        ends.append(measured)
    axes.set_xlim(min(ends), max(ends))
    axes.set_yticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel(prediction.unit)
    return f"{said}; {result}"
