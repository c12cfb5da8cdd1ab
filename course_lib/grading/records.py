"""What is handed in and what comes of it, as plain records that every part of the grader shares."""

from dataclasses import dataclass

STATUSES = (
    "passed", "failed", "open", "error", "timeout", "memory", "died", "missing", "tampered", "needs review",
)


@dataclass(frozen=True)
class Submission:
    """One notebook of one student.

    Parameters
    ----------
    student : str
        The name by which the student is known: the folder's, or the LMS's.
    notebook : str
        Such as "01_vanishing_gradients".
    origin : str
        Where it was found; a file inside an archive is "archive.zip!name".
    modified : float
        When it was handed in or last changed, in seconds since 1970.
    data : bytes
        The file.
    ids : tuple of (str, str)
        What an LMS calls the student: ``(("canvas", "4711"),)``.
    """

    student: str
    notebook: str
    origin: str
    modified: float
    data: bytes
    ids: tuple = ()


@dataclass(frozen=True)
class Result:
    """What one answer is worth, and why.

    Parameters
    ----------
    exercise : str
    status : str
        One of `STATUSES`.
    score, max : float
        Points reached, and points to be had.
    message : str
        For the student: neither hidden inputs nor expected values are in it.
    hint : str
        Of the mistake that was recognised.
    detail : str
        For the instructor: what was got and what was wanted.
    seconds : float
        Time that the answer took, processor and waiting together.
    fingerprint : str
        The same for answers that differ in names, comments and layout only; empty where there is none.
    """

    exercise: str
    status: str
    score: float
    max: float
    message: str
    hint: str = ""
    detail: str = ""
    seconds: float = 0.0
    fingerprint: str = ""
