"""`claim`: a sentence of the text that the notebook asserts with a number, so that text and experiment can't part."""

import json
import os
import sys
from html import escape


class ClaimError(AssertionError):
    """A sentence of the text doesn't hold for what was measured."""


class Claim:
    """A sentence with its evidence, as it is shown below the cell."""

    def __init__(self, text, evidence, holds=True):
        self.text, self.evidence, self.mark = text, evidence, "✓" if holds else "✗"

    def __repr__(self):
        return f"{self.mark} {self.text} ({self.evidence})"

    def _repr_html_(self):
        colour = "#1b7f5c" if self.mark == "✓" else "#c2410c"
        return (
            f'<p class="course-claim" style="border-left: 4px solid {colour}; padding: 0.2em 1em">'
            f"{self.mark} {escape(self.text)} <small>({escape(self.evidence)})</small></p>"
        )


def claim(text, condition, evidence):
    """Assert a sentence of the text, and show it with its evidence.

    Parameters
    ----------
    text : str
        The sentence.
    condition : bool
        Whether it holds for what was just measured.
    evidence : str
        The numbers measured and the tolerance.

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
    found = Claim(text, str(evidence), holds)
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell:
        from IPython.display import display

        display(found)
    else:
        print(found)
