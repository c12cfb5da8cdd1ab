"""The learner's own library: `mine.NAME` is their function where it has passed, else the course's.

`mine` shows how far it has come, `mine.where(name)` says whose a function is, `mine.added(notebook)` what a notebook
added, `mine.versions(name)` lists the kept versions of an answer, oldest first.
"""

import sys
from types import ModuleType

from course_lib.faces import face

_get, _, __all__ = face(__name__, {"standing": "added versions where"})


class _Mine(ModuleType):
    """A module whose attributes are looked up when they are asked for, since an answer may have passed just now."""

    def __getattr__(self, name):
        if name in __all__:
            return _get(name)
        if name.startswith("_"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from course_lib.mine.handing import hand  # here, so that the command starts without NumPy

        return hand(name)

    def __dir__(self):
        from course_lib.exercises.outline import known_functions

        return [*known_functions(), *__all__]

    def __repr__(self):
        return repr(self.added())

    def _repr_html_(self):
        return self.added()._repr_html_()


sys.modules[__name__].__class__ = _Mine
