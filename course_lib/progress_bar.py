"""A progress bar that leaves nothing behind: a line of text, renewed in place, empty at its end."""

import sys


def progress_bar(total, *, unit="", shown=True):
    """Return a tqdm progress bar that is cleared when it is closed.

    In a notebook it is one line of an output's text. A saved notebook keeps that empty; tqdm's own bar for notebooks is
    a widget, of which a saved one keeps the id of something that no longer exists.

    Parameters
    ----------
    total : int
        Steps to the end.
    unit : str
    shown : bool

    Returns
    -------
    tqdm.tqdm
        To be used in a `with`, so that it is closed whatever happens.
    """
    from tqdm import tqdm  # takes longer than the small trainings that show none

    line = NotebookLine() if shown and in_notebook() else None
    return tqdm(total=total, unit=unit, leave=False, disable=not shown, file=line, ncols=100 if line else None)


def in_notebook():
    """Say whether outputs go to a notebook: IPython runs, and not in a terminal."""
    shell = "IPython" in sys.modules and sys.modules["IPython"].get_ipython()
    if not shell:
        return False
    from IPython.terminal.interactiveshell import TerminalInteractiveShell

    return not isinstance(shell, TerminalInteractiveShell)


class NotebookLine:
    """A file for tqdm: what was written last stands in an output of the cell that runs."""

    def __init__(self):
        self._text, self._output = "", None

    def write(self, text):
        """Show a line in place of the one before; blanks, with which tqdm wipes its line, empty it."""
        from IPython.display import display

        if text.strip() == self._text:
            return
        self._text = text.strip()
        if self._output:
            self._output.update({"text/plain": self._text}, raw=True)
        else:
            self._output = display({"text/plain": self._text}, raw=True, display_id=True)

    def flush(self):
        """Do nothing: what is written is shown at once."""
