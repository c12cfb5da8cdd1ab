"""What a check found, as a panel in the browser and as text elsewhere."""

from dataclasses import dataclass
from html import escape

MARKS = {"passed": "✓", "failed": "✗", "open": "○", "error": "!", "timeout": "…"}
STEPS = ("idea", "formula", "nearly the code")
COLOURS = {"passed": "#1b7f5c", "open": "#6b7280"}  # anything else is vermilion
ALERT = "#c2410c"
WRAPPED = '"white-space: pre-wrap; overflow-wrap: anywhere; background: none; margin: 0"'


@dataclass
class Report:
    """The result of one check: `status` is "passed", "failed", "open", "error" or "timeout"."""

    name: str
    status: str
    score: float
    points: float
    message: str
    case: str = ""
    got: str = ""
    wanted: str = ""
    trace: str = ""
    hint: str = ""
    remark: str = ""
    hints: tuple = ()
    printed: str = ""
    warned: tuple = ()
    slowness: float = 1.0
    interrupted: bool = False

    def parts(self):
        """Return (label, text, is_code) for everything there is to tell below the message."""
        parts = (
            ("Hint", self.hint, False),
            ("Remark", self.remark, False),
            ("Error", self.trace, True),
            ("Inputs", self.case, True),
            ("Got", self.got, True),
            ("Wanted", self.wanted, True),
            ("It printed", self.printed, True),
            ("Warnings", "\n".join(self.warned), True),
        )
        return [(label, _sendable(text), code) for label, text, code in parts if text]

    def __str__(self):
        lines = [f"{MARKS[self.status]} {self.name}: {self.status}, {self.score:g} of {self.points:g} points"]
        lines.append(self.message)
        lines += [f"{label}:{_below(text) if code else ' ' + text}" for label, text, code in self.parts()]
        if self.hints:
            lines.append(f'For a hint run hint("{self.name}").')
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        left = 'style="text-align: left; vertical-align: top"'
        rows = "".join(
            f'<tr><th scope="row" {left}>{label}</th>'
            f"<td {left}>{f'<pre style={WRAPPED}>{escape(text)}</pre>' if code else _lines(text)}</td></tr>"
            for label, text, code in self.parts()
        )
        return (
            f'<section class="course-report" data-status="{self.status}" aria-label="Check of {escape(self.name)}" '
            f'style="border-left: 4px solid {COLOURS.get(self.status, ALERT)}; padding: 0.3em 1em; margin: 0.5em 0">'
            f"<p><strong>{MARKS[self.status]} {escape(self.name)}: {self.status}</strong>, "
            f"{self.score:g} of {self.points:g} points</p><p>{escape(self.message)}</p>"
            f"{f'<table>{rows}</table>' if rows else ''}{hints_html(self.hints)}</section>"
        )


def _sendable(text):
    """Return the text with what UTF-8 can't carry spelled out: half a character would stop the whole report."""
    return text.encode("utf-8", "backslashreplace").decode()


def _lines(text):
    return escape(text).replace("\n", "<br>")


def _below(text):
    """Put text of several lines below its label, indented, and a single line beside it."""
    return " " + text if "\n" not in text else "".join(f"\n    {line}" for line in text.split("\n"))


def hints_html(hints):
    """Return the three steps of help as folds that the reader opens one by one."""
    return "".join(
        f"<details><summary>Hint {i}: {step}</summary><p>{escape(hint)}</p></details>"
        for i, (step, hint) in enumerate(zip(STEPS, hints, strict=False), 1)
    )


class Hints:
    """Help in three steps: folds in the browser; as text the steps asked for so far."""

    def __init__(self, name, hints, shown):
        self.name, self.hints, self.shown = name, hints, min(shown, len(hints))

    def __repr__(self):
        steps = zip(STEPS, self.hints[: self.shown], strict=False)
        lines = [f"Hint {i}, {step}: {hint}" for i, (step, hint) in enumerate(steps, 1)]
        left = len(self.hints) - self.shown
        return "\n".join(lines + ([f'Run hint("{self.name}") again for the next of {left} more.'] if left else []))

    def _repr_html_(self):
        return f'<section aria-label="Hints for {escape(self.name)}">{hints_html(self.hints)}</section>'
