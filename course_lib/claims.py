"""`claim`: a sentence of the text that the notebook asserts with a number, so that text and experiment can't part."""

import json
import os
import sys
from html import escape

from course_lib.unfinished import stopped_runs

QUESTION = "You changed something, or found something: what?"
TESTED = ("COURSE_TESTED", "PYTEST_CURRENT_TEST")  # kernels that pytest starts inherit the second
MARKS = {True: "✓", False: "✗", None: "○"}
WORDS = {True: "Claim that holds", False: "Claim that doesn't hold here", None: "Claim that isn't judged"}
COLOURS = {True: "#1b7f5c", False: "#c2410c", None: "#6b7280"}


class ClaimError(AssertionError):
    """A sentence of the text doesn't hold for what was measured, or can't be judged."""


class Claim:
    """A sentence with its evidence, as it is shown below the cell; `holds` is None where it isn't judged."""

    def __init__(self, text, evidence, holds=True, remark=""):
        self.text, self.evidence, self.holds, self.remark = text, evidence, holds, remark
        self.mark = MARKS[holds]

    def __repr__(self):
        return f"{self.mark} {self.text} ({self.evidence})" + (f"\n  {self.remark}" if self.remark else "")

    def _repr_html_(self):
        remark = f"<br><em>{escape(self.remark)}</em>" if self.remark else ""
        return (
            f'<p class="course-claim" role="note" aria-label="{WORDS[self.holds]}" '
            f'style="border-left: 4px solid {COLOURS[self.holds]}; padding: 0.2em 1em">'
            f"{self.mark} {escape(self.text)} <small>({escape(self.evidence)})</small>{remark}</p>"
        )


def claim(text, condition, evidence):
    """Assert a sentence of the text, and show it with its evidence.

    One that doesn't hold is shown with a cross and a question, and the notebook goes on: whoever changed something has
    found something. It isn't judged while a training run that was stopped hasn't been run to its end.

    Parameters
    ----------
    text : str
        The sentence.
    condition : bool
        Whether it holds for what was just measured. NaN, which no comparison gives, holds for nothing.
    evidence : str
        The numbers measured and the tolerance.

    Raises
    ------
    ClaimError
        Where the notebook is tested, that is under pytest or where COURSE_TESTED is set, if the claim doesn't hold or
        can't be judged. Where COURSE_CLAIMS names a file, the outcome is written there, so that all claims of a run
        are seen, and only one that can't be judged raises.
    """
    holds, unjudged = _judged(condition)
    log = os.environ.get("COURSE_CLAIMS")
    tested = log or any(os.environ.get(name) for name in TESTED)
    if unjudged and tested:
        raise ClaimError(f"This can't be judged: {text} ({unjudged})")
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(json.dumps({"claim": text, "holds": holds, "evidence": str(evidence)}) + "\n")
    elif tested and not holds:
        raise ClaimError(f"This doesn't hold here: {text} (measured: {evidence})")
    _show(Claim(text, str(evidence), holds, unjudged if holds is None else "" if holds else QUESTION))


def _judged(condition):
    """Return whether a condition holds, None if that can't be said, and then why."""
    if stopped := stopped_runs():
        return None, f"Not judged: {'; '.join(stopped)}. Run it to its end."
    try:
        # NaN is no truth, though Python takes it for one; of a NumPy number, too, a comparison gives a NumPy bool
        return bool(condition) and bool(condition == condition), ""  # noqa: PLR0124
    except Exception as error:  # several numbers, or whatever stands in for a truth value
        return None, f"Not judged: the condition is no truth value, but of type {type(condition).__name__}: {error}"


def _show(found):
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell:
        from IPython.display import display

        display(found)
    else:
        print(found)
