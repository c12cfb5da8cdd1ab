"""The shell that every explorer shares: a row of controls, and a canvas that draws what they ask for."""

import traceback
from html import escape
from pathlib import Path

import ipywidgets
import numpy as np
import traitlets

from course_lib.views.kept import LOOKS, SCRIPT, Answering, Kept
from course_lib.widgets.shell.panels import KINDS, Series


def slider(description, value, low, high, meaning):
    """Return a slider for whole numbers that tells of every step while it moves."""
    return ipywidgets.IntSlider(value, low, high, **_named(description, meaning))


def fraction_slider(description, value, low, high, meaning):
    """Return a slider for numbers in steps of 0.05."""
    return ipywidgets.FloatSlider(value, min=low, max=high, step=0.05, **_named(description, meaning))


def log_slider(description, value, low, high, meaning):
    """Return a slider for a positive factor; 20 steps multiply it by 10."""
    low, high = np.log10((low, high))
    return ipywidgets.FloatLogSlider(
        value, min=low, max=high, step=0.05, readout_format=".2f", **_named(description, meaning)
    )


def choice(description, value, options, meaning):
    """Return a drop-down list."""
    return ipywidgets.Dropdown(value=value, options=list(options), **_named(description, meaning))


def buttons(description, value, options, meaning):
    """Return buttons side by side, one of which is pressed: a choice among few, all in sight."""
    look = {"layout": {"width": "100%"}, "style": {"description_width": "68px", "button_width": "90px"}}
    return ipywidgets.ToggleButtons(value=value, options=list(options), description=description,
                                    tooltips=[meaning] * len(options), **look)


def _named(description, meaning):
    look = {"layout": {"width": "auto", "flex": "1 1 230px", "max_width": "290px"},
            "style": {"description_width": "68px"}}
    return {"description": description, "tooltip": meaning, **look}


def _text(name):
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


class Canvas(Answering):
    """Draws the last picture it was given; `error` is shown instead where it isn't empty."""

    _esm = SCRIPT + _text("explorer.js") + _text("panels.js")
    _css = LOOKS + _text("explorer.css")
    picture = traitlets.Dict().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    clicked = traitlets.Dict().tag(sync=True)  # the place x, y on a map with walks


class Explorer(Kept, ipywidgets.VBox):
    """Controls, and the picture that a pure function makes of them. As a cell's last value it is shown.

    Parameters
    ----------
    name : str
        Gives the element its CSS class, such as "signal-explorer".
    draw : function (**settings) -> Picture
    **controls : widgets with a value
        One for each setting; also kept as the dict `controls`.

    Attributes
    ----------
    picture : Picture
        The last that was drawn.
    """

    def __init__(self, name, draw, **controls):
        self.controls, self._draw, self._revision = controls, draw, 0
        self.canvas = Canvas()
        panel = ipywidgets.Box(list(controls.values()), layout={"flex_flow": "row wrap"})
        super().__init__([panel, self.canvas])
        self.add_class("course-explorer").add_class(f"{name}-explorer")
        self._update()
        for control in controls.values():
            control.observe(self._update, "value")

    def _update(self, change=None):
        settings = {name: control.value for name, control in self.controls.items()}
        try:
            self.picture = self._draw(**settings)
        except Exception as error:
            self.canvas.error = traceback.format_exception_only(error)[-1].strip()
            raise
        self._revision += 1
        self.canvas.error = ""
        self.canvas.picture = {"revision": self._revision, **pack(self.picture)}
        self.changed()

    def still(self):
        """Return the picture with the controls' settings and the headline, as HTML."""
        numbers = [f"{label}: <strong>{escape(value)}</strong> ({escape(note)})"
                   for label, value, note in self.picture.headline]
        image = self.picture.figure()._repr_html_()
        return f"<p>{escape(self.settings())}</p>{image}<p>{' · '.join(numbers)}</p>"

    def words(self):
        """Return the settings and the picture as text."""
        return f"{self.settings()}\n{self.picture.text}"

    def settings(self):
        """Return what the controls say, such as "Depth 20 · Weights He"."""
        return " · ".join(f"{control.description} {_shown(control)}" for control in self.controls.values())


def _shown(control):
    """Return a control's value as it is read on the page."""
    if hasattr(control, "label"):
        return control.label
    return format(control.value, getattr(control, "readout_format", ""))


def pack(picture):
    """Return a picture as what a widget can send: dicts and lists, and the arrays as bytes."""
    panels = []
    for panel in picture.panels.values():
        kind = KINDS[type(panel)]
        fields = panel._asdict() | kind._asdict() | {"kind": type(panel).__name__, "columns": panel.columns}
        for named in kind.named:
            fields[named] = [_bytes({"name": name} | _fields(row)) for name, row in fields[named].items()]
        panels.append(_bytes(fields))
    return {"panels": panels, "headline": picture.headline, "verdict": picture.verdict, "text": picture.text}


def _fields(row):
    return row._asdict() if isinstance(row, Series) else {"values": row}


def _bytes(fields):
    return {
        key: memoryview(np.ascontiguousarray(value)).cast("B") if isinstance(value, np.ndarray) else value
        for key, value in fields.items()
    }
