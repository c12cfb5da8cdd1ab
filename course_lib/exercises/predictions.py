"""The figure of a prediction beside the result."""

import numpy as np

from course_lib.plots.figure import COLOURS, new_figure


def _said(value):
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def prediction_figure(prediction, measured):
    """Draw a guess beside what was measured.

    Parameters
    ----------
    prediction : Prediction
    measured : float, or one of the prediction's options

    Returns
    -------
    CourseFigure
    """
    who = "your prediction" if prediction.made else "the default"
    unit = f" {prediction.unit}" if prediction.unit else ""
    figure = new_figure(4.5, 0.9 + 0.3 * len(prediction.options)) if prediction.options else new_figure(7.0, 1.6)
    axes = figure.add_subplot()
    if prediction.options:
        for i, option in enumerate(prediction.options):
            axes.text(0.12, -i, option, va="center", fontsize=10, weight="bold" if option == measured else "normal")
        axes.plot([0.04], [-prediction.options.index(measured)], "D", color=COLOURS[2], markersize=10, label="measured")
        guess = -prediction.options.index(prediction.value)
        axes.plot([0.08], [guess], "o", color=COLOURS[1], markersize=10, label=who)
        axes.set(xlim=(0, 1), ylim=(-len(prediction.options) + 0.4, 0.6))
        axes.axis("off")
        said = "as measured" if prediction.value == measured else f"measured: {measured}"
        figure.alt = f"{prediction.question} {who.capitalize()}: {prediction.value}; {said}."
    else:
        axes.axhline(0, color="#999999", linewidth=1, zorder=0)
        guess, result = f"{_said(prediction.value)}{unit}", f"{_said(measured)}{unit}"
        axes.plot([prediction.value], [0], "o", color=COLOURS[1], markersize=12, label=f"{who}: {guess}")
        axes.plot([measured], [0], "D", color=COLOURS[2], markersize=10, label=f"measured: {result}")
        if prediction.log:
            axes.set_xscale("log")
        ends = [10.0**end if prediction.log else end for end in (prediction.low, prediction.high)]
        if np.isfinite(measured) and (measured > 0 or not prediction.log):
            ends.append(measured)
        axes.set_xlim(min(ends), max(ends))
        axes.set_yticks([])
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.set_xlabel(prediction.unit)
        figure.alt = f"{prediction.question} {who.capitalize()}: {guess}; measured: {result}."
    axes.legend(frameon=False, fontsize=9, loc="lower right", ncols=2, bbox_to_anchor=(1.0, 1.0))
    axes.set_title("Prediction and result", loc="left", fontsize=11)
    return figure
