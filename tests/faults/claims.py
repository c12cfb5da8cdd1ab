"""Faults in course_lib.claims."""

from tests.faults import Fault

FAULTS = [
    Fault("claim", "everything holds", "holds = bool(condition)", "holds = True"),
    Fault("claim", "only a Python bool holds", "holds = bool(condition)", "holds = condition is True"),
    Fault("claim", "one of several numbers is enough", "holds = bool(condition)", "holds = bool(np.any(condition))"),
    Fault("claim", "a claim that fails is shown, and nothing stops", "elif not holds:", "elif False:"),
    Fault("claim", "with a log it stops all the same", "    elif not holds:", "    if not holds:"),
    Fault("claim", "the log holds the last claim alone", 'open(log, "a", ', 'open(log, "w", '),
    Fault("claim", "the log takes every claim as true", '"holds": holds', '"holds": True'),
    Fault("claim", "evidence that isn't text", '"evidence": str(evidence)}', '"evidence": evidence}'),
    Fault("claim", "what was measured isn't said", "{text} (measured: {evidence})", "{text}"),
    Fault("claim", "printed in a notebook too", "    if shell:", "    if not shell:"),
    Fault("claim", "the mark of one that fails", "Claim(text, str(evidence), holds)", "Claim(text, str(evidence))"),
    Fault("Claim", "text that isn't escaped", "{escape(self.text)}", "{self.text}"),
    Fault("Claim", "evidence that isn't escaped", "({escape(self.evidence)})", "({self.evidence})"),
    Fault("Claim", "no evidence in the text", 'f"{self.mark} {self.text} ({self.evidence})"', 'f"{self.mark} {self.text}"'),
    Fault("Claim", "marks exchanged", '"✓" if holds else "✗"', '"✗" if holds else "✓"'),
]
