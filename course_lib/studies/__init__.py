"""Longer studies: what each one runs, and the stored files with what came out."""

from course_lib.studies.study import Study, StudyError, load

__all__ = ["Study", "StudyError", "load"]
