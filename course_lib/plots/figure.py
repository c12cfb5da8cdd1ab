"""Figures that show themselves in a notebook and carry a text alternative, and the look that all figures share.

Colours are Okabe and Ito's, safe for the colour-blind, and never the only sign: lines differ in marker and dash too.
They are drawn for white paper. In a dark theme the page turns lightness around and keeps the hues, so that paper is as
dark as the page and ink is light; a figure whose brightness itself means something becomes a dimmed card instead.
"""

import base64
import io
from html import escape

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course_lib.unfinished import stopped_runs

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), "-")
DPI = 200  # twice the 100 pixels an inch at which it is shown, for sharp screens
NARROWEST = 0.75  # of its width: in a narrower window it is scrolled, since letters of 8 points couldn't be read
DARK = "invert(0.93) hue-rotate(180deg)"  # white turns into the background of JupyterLab's dark theme, black into 93%
CARD = "brightness(0.8)"
THEMES = ('[data-jp-theme-light="false"]', ".vscode-dark")
STYLE = "@media screen {" + " ".join(
    f"{theme} .course-figure img {{ filter: {DARK} }} {theme} .course-figure.card img {{ filter: {CARD} }}"
    for theme in THEMES) + "}"


class CourseFigure(Figure):
    """A Matplotlib figure with a text alternative, `alt`, that it carries into the page.

    `keeps_colours` says that dark must stay dark in every theme: photographs, and maps whose low end is dark.
    """

    alt, keeps_colours = "", False

    def png(self):
        """Return the picture as the bytes of a PNG file."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=DPI)
        return buffer.getvalue()

    def _repr_html_(self):
        width = round(self.get_figwidth() * 100)
        data = base64.b64encode(self.png()).decode()
        style = f"max-width: 100%; min-width: {round(NARROWEST * width)}px; height: auto; background: white"
        return (f'<style>{STYLE}</style><div class="course-figure{" card" * self.keeps_colours}" tabindex="0" '
                f'role="group" aria-label="Figure" style="overflow-x: auto">'
                f'<img alt="{escape(self.alt)}" width="{width}" style="{style}" src="data:image/png;base64,{data}">'
                f"</div>{''.join(f'<p>{escape(note)}</p>' for note in _cut_off())}")

    def __repr__(self):
        return " ".join([self.alt, *_cut_off()])


def _cut_off():
    """Return what is said below every figure while a run that was stopped may be drawn in it.

    Figures are made from arrays, which don't know where they came from.
    """
    stopped = stopped_runs()
    return [f"Before this was drawn, {'; '.join(stopped)}: what is drawn of it is cut off."] if stopped else []


def new_figure(width=7.0, height=3.5):
    """Return an empty figure of that size in inches, 100 pixels each; independent of pyplot and its global state."""
    return CourseFigure(figsize=(width, height), layout="constrained", facecolor="white")


def number(value):
    """Say a number in a text alternative."""
    return f"{value:.2g}" if np.isfinite(value) else str(float(value))


def round_ticks(low, high, most=6):
    """Return at most so many round numbers from low to high."""
    return [y for y in MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high) if low <= y <= high]


def root_norm(full):
    """Return a scale of colours for shares: the root of a share counts, and from `full` on the colour is the same."""
    return PowerNorm(0.5, vmin=0, vmax=full, clip=True)


def finish(axes, title, xlabel, ylabel):
    """Give axes the title and the labels, in the common look."""
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
