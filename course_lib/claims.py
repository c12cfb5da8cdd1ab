"""`claim`: a sentence of the text that the notebook asserts with a number, so that text and experiment can't part."""

import json
import os
from html import escape


class ClaimError(AssertionError):
    """A sentence of the text doesn't hold for what was measured."""


class Claim:
    """A sentence that held, with its evidence."""

    def __init__(self, text, evidence):
        self.text, self.evidence = text, evidence

    def __repr__(self):
        return f"✓ {self.text} ({self.evidence})"

    def _repr_html_(self):
        return (
            '<p class="course-claim" style="border-left: 4px solid #1b7f5c; padding: 0.2em 1em">'
            f"✓ {escape(self.text)} <small>({escape(self.evidence)})</small></p>"
        )


def claim(text, condition, evidence):
    """Assert a sentence of the text.

    Parameters
    ----------
    text : str
        The sentence.
    condition : bool
        Whether it holds for what was just measured.
    evidence : str
        The numbers measured and the tolerance.

    Returns
    -------
    Claim
        Shown below the cell.

    Raises
    ------
    ClaimError
        If the condition is false; where COURSE_CLAIMS names a file, the outcome is written there instead, so that
        all claims of a run are seen.
    """
    holds = bool(condition)
    log = os.environ.get("COURSE_CLAIMS")
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(json.dumps({"claim": text, "holds": holds, "evidence": str(evidence)}) + "\n")
    elif not holds:
        raise ClaimError(f"This doesn't hold here: {text} (measured: {evidence})")
    return Claim(text, str(evidence))
