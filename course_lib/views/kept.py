"""Widgets of which a saved notebook keeps more than their id: what they showed last, as a still.

A notebook's file holds no widgets. So a cell that shows one has a second output, its still, in plain HTML. The page
hides the still while it has the widget, and hides the widget's output, with its "model not found", where it hasn't:
without a kernel, on the second day, in an export. The kernel keeps the still up to date while the widget changes.
"""

import asyncio
from pathlib import Path

import anywidget
import ipywidgets
from IPython.display import display, update_display

QUIET = 1.0  # seconds without a change before the still is drawn again: a picture takes longer than a slider's step
STYLE = """<style>
body:has(.{view}) .still-{view}, body:not(:has(.{view})) .jp-OutputArea-child:has(+ * .still-{view}) {{display: none}}
.course-still {{line-height: 1.5}}
.course-still .hint {{font-size: 85%; font-style: italic; margin: 0}}
</style>"""
SCRIPT, LOOKS = (Path(__file__).with_name(f"answering.{end}").read_text(encoding="utf-8") for end in ("js", "css"))


class Kept:
    """A part of widget classes: what is shown in a cell leaves a still there, and keeps it up to date.

    Its other half gives `still()`, the HTML of what it shows now, and `words()`, the same as text; and calls `changed`.
    """

    _displayed, _waiting = False, None

    @property
    def view(self):
        """The CSS class by which a page finds the widget."""
        return f"course-view-{self.model_id[:12]}"

    def _ipython_display_(self):
        self.add_class(self.view)
        self._displayed = True
        display({**ipywidgets.DOMWidget._repr_mimebundle_(self), "text/plain": self.words()}, raw=True)
        display(self._still_bundle(), raw=True, display_id=self.view)

    def changed(self):
        """Have the still renewed, once it has been quiet for a moment."""
        if not self._displayed:
            return
        if self._waiting:
            self._waiting.cancel()
        try:
            self._waiting = asyncio.get_running_loop().call_later(QUIET, self._renew)
        except RuntimeError:  # nothing runs that could do it later
            self._renew()

    def _renew(self):
        update_display(self._still_bundle(), raw=True, display_id=self.view)

    def _still_bundle(self):
        hint = '<p class="hint">As it was last. To go on with it, run the cell again in the notebook.</p>'
        html = f'{STYLE.format(view=self.view)}<div class="course-still still-{self.view}">{self.still()}{hint}</div>'
        return {"text/html": html, "text/plain": self.words()}


class Answering(anywidget.AnyWidget):
    """A widget that answers when its page asks whether anybody is there; see answering.js."""

    def __init__(self, **traits):
        super().__init__(**traits)
        self.on_msg(lambda widget, content, buffers: self.send({"here": True}))
