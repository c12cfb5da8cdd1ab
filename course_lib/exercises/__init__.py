"""Exercises, one module a notebook: `check` judges, `hint` helps, `quiz` and `predict` ask, `progress` shows."""

from course_lib.faces import face

__getattr__, __dir__, __all__ = face(__name__, {
    "core": "Exercise Mistake Quiz Task exercises find",
    "asking": "hint predict quiz",
    "judge.checking": "check use",
    "judge.report": "Report",
    "panel": "progress",
})
