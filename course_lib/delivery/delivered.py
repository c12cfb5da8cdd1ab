"""What a learner was given: the cells of a notebook as it was delivered, known without building it anew."""

import ast
import json
import re
from functools import cache

from course_lib.delivery import building

# TensorFlow, where a notebook comes to it late, and explorers would cost every answer time; modules of exercises hold
# solutions and mistakes.
LEFT_OUT = "tensorflow|keras|widgets|exercises"
NO_CODE = r"\[markdown\]|exercise|answer"  # in the head of a cell of the source


class _Node(dict):
    """A dict whose entries are attributes too, as nbformat's: importing that takes longer than grading a notebook."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@cache
def delivered(notebook):
    """Return the cells of a notebook as learners get it, by id: from its file, or built if that isn't as built."""
    try:
        file = building.ROOT / "notebooks" / f"{notebook}.ipynb"
        nb = json.loads(file.read_text(encoding="utf-8"), object_hook=lambda pairs: _Node(_joined(pairs)))
        untouched = not building.differs(nb)
    except (OSError, ValueError, AttributeError, TypeError):
        untouched = False
    if not untouched:
        nb = building.build(building.source_of(notebook), notebook, outputs=None)
    return {cell.id: cell for cell in nb.cells}


def _joined(pairs):
    """Return a part of a notebook with its texts in one piece, which the file holds as lists of lines."""
    return {key: "".join(value) if key in ("source", "text", "text/plain") and isinstance(value, list) else value
            for key, value in pairs.items()}


def set_up(notebook):
    """Return the source of a notebook's set-up, and the imports of the cells below it.

    The set-up is its first code cell, with those that follow without a text or an exercise between.
    """
    parts = re.split(r"^# %%(.*)\n", building.source_of(notebook), flags=re.MULTILINE)[1:]
    cells = list(zip(parts[::2], parts[1::2], strict=True))  # read here: the builder would cost each worker a second
    code = [None if re.search(NO_CODE, head) else body.strip() for head, body in cells]
    first = next(place for place, body in enumerate(code) if body is not None)
    end = code.index(None, first) if None in code[first:] else len(code)
    nodes = [ast.get_source_segment(source, node) for source in filter(None, code[end:])
             for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return "\n".join([*code[first:end], *(text for text in nodes if not re.search(LEFT_OUT, text))])
