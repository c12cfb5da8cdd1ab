"""Faults in course_lib.progress_bar."""

from tests.faults import Fault

FAULTS = [
    Fault("progress_bar", "the line stays", "leave=False", "leave=True"),
    Fault("progress_bar", "always shown", "disable=not shown", "disable=False"),
    Fault("progress_bar", "never shown", "disable=not shown", "disable=True"),
    Fault("progress_bar", "a terminal's bar in a notebook", "file=line,", "file=None,"),
    Fault("progress_bar", "no unit", "unit=unit", 'unit="it"'),
    Fault("in_notebook", "a terminal is a notebook", "return not isinstance(shell, TerminalInteractiveShell)", "return True"),
    Fault("in_notebook", "IPython has to be there", '"IPython" in sys.modules and sys', "sys"),
    Fault("in_notebook", "never", "return not isinstance(", "return isinstance("),
    Fault("in_notebook", "always, where IPython is there", "if not shell:", "if shell is False:"),
    Fault("NotebookLine.write", "a new output for every step", "self._output = display(", "display("),
    Fault("NotebookLine.write", "an output for nothing", "if text.strip() == self._text:", "if text == self._text:"),
    Fault("NotebookLine.write", "not wiped", "if text.strip() == self._text:", 'if text.strip() in ("", self._text):'),
]
