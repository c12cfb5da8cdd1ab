"""What the notebook tests share: a small course of one notebook, and nbval as it is really run."""

import functools
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat

from course_lib.exercises import Task
from tools import running

NAME = "01_small"
SOURCE = '''\
# %% [markdown]
# # A small notebook
#
# {{measured}}

# %%
import os

def check(answer):
    try:
        passed = answer(2) == 4
    except NotImplementedError:
        passed = False
    if not passed and "NBGRADER_EXECUTION" in os.environ:
        raise AssertionError("not passed")

def use(answer):
    return answer

# %% tags=["exercise"]
double

# %% tags=["nbval-check-output"]
print("six times seven is", 6 * 7)

# %% [markdown] tags=["answer"] grade_id="why-twice" points=2
# Your answer.

# %% tags=["nbval-check-output"]
6 * 7
'''
# Moves every control there is to its ends and through its choices, presses every button, answers every question: what
# they call back runs in the kernel as a learner's hand would have it run. Learners' notebooks have no such cell, which
# would leave explorers at a solution.
MOVE_CONTROLS = '''\
import gc
import ipywidgets as w

def positions(control):
    if isinstance(control, w.FloatLogSlider):
        return [control.base ** control.min, control.base ** control.max]
    if isinstance(control, (w.IntRangeSlider, w.FloatRangeSlider)):
        return [(control.min, control.min), (control.min, control.max)]
    if isinstance(control, (w.IntSlider, w.FloatSlider, w.BoundedIntText, w.BoundedFloatText, w.Play)):
        return [control.min, control.max]
    if type(control).__name__ == "Question":
        return list(range(len(control.options))) or [control.low, control.high]
    return [not control.value, control.value] if isinstance(control, (w.Checkbox, w.ToggleButton)) else []

for control in [thing for thing in gc.get_objects() if issubclass(type(thing), w.Widget)]:
    for value in positions(control):
        setattr(control, "value" if hasattr(control, "value") else "answer", value)
    if hasattr(control, "index") and hasattr(control, "options"):
        for choice in range(len(control.options)):
            control.index = choice
    if isinstance(control, w.Button):
        control.click()
'''


def decorated(function):
    """Stands for the library's own decorators, which the learner's stub must not show."""
    return functools.wraps(function)(lambda *args, **kwargs: function(*args, **kwargs))


@decorated
def double(x, *,
           times=2):  # a signature of two lines
    """Return x times two – "é".

    Examples
    --------
    >>> double(2)
    4
    """
    # the simplest way
    return times * x


def find(name):
    """The exercises of the small course."""
    one = SimpleNamespace(name="double", reference=double, points=3, refuses=False, task=Task.WRITE)
    return {"double": one} if name == NAME else {}


def small_course(folder, source=SOURCE):
    """Write the small course into `folder`, which becomes its root."""
    for place in ("sources", "notebooks"):
        (folder / place).mkdir(parents=True)
    (folder / "sources" / f"{NAME}.py").write_text(source, encoding="utf-8")
    (folder / "requirements.txt").write_text("numpy==2\n", encoding="utf-8")
    return folder


def validate(nb, name, folder, form="blank", *, cell_limit=120, **environment):
    """Run nbval on a notebook, without network and measured, in an empty folder and with one thread a library."""
    path = Path(folder) / f"{name}.ipynb"
    nbformat.write(nb, path)
    left_out = Path(__file__).with_name("sanitize.cfg")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--color=no", "-q",
               f"--nbval-cell-timeout={cell_limit}", f"--nbval-sanitize-with={left_out}",
               "-p", "no:cacheprovider", str(path)]
    env = running.environment(folder, PYTEST_ADDOPTS="", **running.ONE_THREAD, **running.FORM_VARIABLES[form])
    env |= environment
    return running.measure(running.offline(command), env=env, cwd=folder)


def with_controls_moved(nb):
    """Add a cell to a notebook that moves its explorers' controls."""
    nb.cells.append(nbformat.v4.new_code_cell(MOVE_CONTROLS, id="move-controls"))
    return nb
