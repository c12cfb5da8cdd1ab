"""The panels of pictures: what the table says of a kind is what is sent, drawn on a canvas, and drawn in print."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from course_lib.plots.figure import new_figure
from course_lib.widgets.shell import panels as p
from course_lib.widgets.shell import static
from course_lib.widgets.shell.explorer import pack
from course_lib.widgets.shell.picture import Picture

ROW = np.float32([0.5, 0.5])
SERIES = p.Series(ROW, np.int8([0, 0]))
EXAMPLES = [
    p.HeatMap("a", "x", "y", np.full((2, 2), 0.25, np.float32), (1, 2), (0, 1), {"0": ROW}, {"overflow": ROW}),
    p.Lines("b", "x", "y", {"one": SERIES}, (1, 2), (0, 1)),
    p.Bars("c", "x", ["r", "s"], {"one": ROW, "two": ROW}, 1.0),
    p.Cells("d", "x", np.float32([[1, -1]]), 1.0),
    p.Walks("e", "x", "y", np.zeros((2, 2), np.float32), {"sgd": np.float32([[0, 0], [1, 1]])}, (0, 0), (0, 1), (0, 1)),
]


class Unknown(NamedTuple):
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    columns: int = 1


def picture(panel):
    return Picture({"only": panel}, [], "A verdict.", "Text.", {})


def canvas_functions():
    text = (Path(p.__file__).parent / "panels.js").read_text(encoding="utf-8")
    return re.findall(r"^PANELS\.(\w+) = ", text, re.MULTILINE)


def test_every_kind_is_in_the_table_and_nothing_else_is_drawn():
    assert {type(panel) for panel in EXAMPLES} == set(p.KINDS)
    assert sorted(canvas_functions()) == sorted(kind.__name__ for kind in p.KINDS)
    assert set(static.draw.registry) == {object, *p.KINDS}


@pytest.mark.parametrize("panel", EXAMPLES, ids=lambda panel: type(panel).__name__)
def test_what_is_sent_is_plain_and_complete(panel):
    (sent,) = pack(picture(panel))["panels"]
    kind = p.KINDS[type(panel)]
    assert sent["kind"] == type(panel).__name__ and sent["height"] == kind.height and sent["shares"] == kind.shares
    assert set(panel._fields) <= set(sent)
    for name, value in sent.items():
        assert not isinstance(value, dict | np.ndarray), name
        for part in value if name in kind.named else ():
            assert part["name"] in getattr(panel, name) and isinstance(part["values"], memoryview)


@pytest.mark.parametrize("panel", EXAMPLES, ids=lambda panel: type(panel).__name__)
def test_print_draws_it_under_its_title_and_explains_shares(panel):
    figure = static.picture_figure(picture(panel))
    assert figure.axes[0].get_title(loc="left") == panel.title and figure.axes[0].has_data()
    assert (len(figure.axes) == 2) == p.KINDS[type(panel)].shares


def test_what_is_no_panel_is_refused():
    with pytest.raises(TypeError, match="a Unknown is no panel, wanted one of HeatMap, Lines"):
        static.draw(Unknown(), new_figure().add_subplot())
    with pytest.raises(KeyError):
        pack(picture(Unknown()))
