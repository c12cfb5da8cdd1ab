"""What only its author can know of a notebook, one module each: how else its exercises can be solved, and what would
make its claims false.

VARIANTS : dict of exercise -> label -> source
    Right answers, written in other ways than the reference.
FAULTS : dict of label -> source
    Each is put before the notebook's first cell. What a name is bound to when the exercises are imported is what the
    notebook's networks run on. Every claim must fail under one of them.
"""

import importlib

from course_lib.exercises.core import notebooks

_MODULES = {name: importlib.import_module(f"{__name__}.nb{name}") for name in notebooks()}
VARIANTS = {exercise: kinds for module in _MODULES.values() for exercise, kinds in module.VARIANTS.items()}
FAULTS = {name: module.FAULTS for name, module in _MODULES.items() if module.FAULTS}
