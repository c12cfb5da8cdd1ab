"""What an answer warns of, in which cases, and what NumPy's warnings mean where the result is right all the same."""

from dataclasses import dataclass, field

MEANINGS = {
    "overflow": "a number grew too large for its dtype and became inf",
    "divide by zero": "a division by 0, or a logarithm of 0, gave inf",
    "invalid value": "something like inf - inf, inf / inf or 0 * inf gave NaN",
}
LUCK = (
    "The result is right all the same, since what follows makes the right number of it, as 1 / inf is 0, or leaves it "
    "out, as np.where does, which works out both of its sides. A form that never gets there warns of nothing."
)


@dataclass
class Warned:
    """Collects the distinct warnings, the first few of them, each with its cases: a loop can emit a million."""

    texts: dict = field(default_factory=dict)  # each warning, with the numbers of its cases in order
    lost: bool = False

    def add(self, message, category, case=None):
        text = f"{category.__name__}: {message}"[:300]
        if len(self.texts) < 5:
            self.texts.setdefault(text, {})
        if text in self.texts:
            self.texts[text][case] = None
        else:
            self.lost = True

    def kept(self):
        """Return what there is now: threads that can't be stopped may go on to warn."""
        return Warned({text: dict(cases) for text, cases in list(self.texts.items())}, self.lost)

    def lines(self, n=1, shown=None):
        """Return a line for each warning, which names the cases, of n, that it came in.

        Parameters
        ----------
        n : int
        shown : int, optional
            The number of the case that the report shows: its own warnings come first and name none.
        """
        own = sorted(text for text, cases in self.texts.items() if shown in cases)
        others = [_where(self.texts[text], n) + text for text in sorted(set(self.texts) - set(own))]
        return (*own, *others, *(["… and others"] if self.lost else []))

    def meaning(self, n, describe):
        """Say what NumPy's warnings of an answer that is right mean, and in which case; "" if it has none.

        Parameters
        ----------
        n : int
            The number of cases.
        describe : function case number -> str
            Its inputs.
        """
        said = {}
        for word, meaning in MEANINGS.items():
            cases = [case for text, cases in self.texts.items() if f"Warning: {word} " in text for case in cases]
            if cases:
                said.setdefault(describe(cases[0]).replace("\n", ", "), []).append(f"{meaning} ({word})")
        parts = [f"With {inputs}: {', and '.join(meanings)}." for inputs, meanings in said.items()]
        return " ".join([*parts, LUCK]) if parts else ""


def _where(cases, n):
    if n == 1 or None in cases:
        return ""
    first = f"in case {min(cases) + 1}"
    if len(cases) == 1:
        return f"{first} of {n}: "
    return "in every case: " if len(cases) == n else f"in {len(cases)} of {n} cases, first {first}: "
