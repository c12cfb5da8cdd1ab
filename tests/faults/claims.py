"""Faults in course_lib.claims."""

from tests.faults import Fault

HOLDS = "return bool(condition) and bool(condition == condition)"

FAULTS = [
    Fault("claim", "everything holds", HOLDS, "return True"),
    Fault("claim", "only a Python bool holds", HOLDS, "return condition is True"),
    Fault("claim", "one of several numbers is enough", HOLDS, "import numpy as np\n        return bool(np.any(condition))"),
    Fault("claim", "NaN holds", HOLDS, "return bool(condition)"),
    Fault("claim", "a condition that raises stops the notebook", "    except Exception as error:", "    except ZeroDivisionError as error:"),
    Fault("claim", "a claim that fails is shown where it is tested, and nothing stops", "elif tested and not holds:", "elif False:"),
    Fault("claim", "a claim that fails stops a learner", "elif tested and not holds:", "elif not holds:"),
    Fault("claim", "with a log it stops all the same", "    elif tested and not holds:", "    if tested and not holds:"),
    Fault("claim", "pytest's kernels aren't tested", '("COURSE_TESTED", "PYTEST_CURRENT_TEST")', '("COURSE_TESTED",)'),
    Fault("claim", "our own kernels aren't tested", '("COURSE_TESTED", "PYTEST_CURRENT_TEST")', '("PYTEST_CURRENT_TEST",)'),
    Fault("claim", "an empty variable counts", "any(os.environ.get(name) for name in TESTED)", "any(name in os.environ for name in TESTED)"),
    Fault("claim", "what can't be judged passes where it is tested", "    if unjudged and tested:", "    if False:"),
    Fault("claim", "what can't be judged stops a learner", "    if unjudged and tested:", "    if unjudged:"),
    Fault("claim", "with a log what can't be judged is written down as false", "tested = log or any(", "tested = any("),
    Fault("claim", "claims are made on runs that were cut off", "if stopped := stopped_runs():", "if stopped := []:"),
    Fault("claim", "why it isn't judged isn't said", "unjudged if holds is None else", '"" if holds is None else'),
    Fault("claim", "the question isn't asked", 'else "" if holds else QUESTION', 'else ""'),
    Fault("claim", "the question is asked of claims that hold", 'else "" if holds else QUESTION', "else QUESTION"),
    Fault("claim", "the log holds the last claim alone", 'open(log, "a", ', 'open(log, "w", '),
    Fault("claim", "the log takes every claim as true", '"holds": holds', '"holds": True'),
    Fault("claim", "evidence that isn't text", '"evidence": str(evidence)}', '"evidence": evidence}'),
    Fault("claim", "what was measured isn't said", "{text} (measured: {evidence})", "{text}"),
    Fault("claim", "printed in a notebook too", "    if shell:", "    if not shell:"),
    Fault("claim", "the mark of one that fails", "Claim(text, str(evidence), holds,", "Claim(text, str(evidence), True,"),
    Fault("Claim", "text that isn't escaped", "{escape(self.text)}", "{self.text}"),
    Fault("Claim", "evidence that isn't escaped", "({escape(self.evidence)})", "({self.evidence})"),
    Fault("Claim", "a remark that isn't escaped", "{escape(self.remark)}", "{self.remark}"),
    Fault("Claim", "no evidence in the text", 'f"{self.mark} {self.text} ({self.evidence})"', 'f"{self.mark} {self.text}"'),
    Fault("Claim", "marks exchanged", 'True: "✓", False: "✗"', 'True: "✗", False: "✓"'),
    Fault("Claim", "a screen reader hears no difference", 'aria-label="{WORDS[self.holds]}"', 'aria-label="Claim"'),
    Fault("Claim", "one colour for all", "4px solid {COLOURS[self.holds]}", "4px solid {COLOURS[True]}"),
]
