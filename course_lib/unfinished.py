"""Training runs that were stopped before their end: until their cell has been run to its end, nothing is claimed."""

import sys

_stopped = {}  # the cell's id -> the number of its execution, and what was stopped


def record_stop(what):
    """Remember that a run was stopped in the cell that is being executed.

    A cell is told from others by the id that its page sends along. It counts as unfinished until it is executed again
    and comes to its end.

    Parameters
    ----------
    what : str
        Such as "interrupted after step 37".
    """
    shell = _shell()
    # the input kept last is that of the cell under way; versions of IPython differ in when they count on
    count = len(shell.history_manager.input_hist_raw) - 1 if shell else 0
    _stopped[_cell(shell)] = count, what
    if shell:
        shell.events.register("post_run_cell", _forget)  # once, however often it is asked for


def record_end():
    """Remember that a run came to its end; where cells have no ids, it is taken for one stopped before, run again."""
    _stopped.pop("", None)


def stopped_runs():
    """Return a sentence for each cell with a run that was stopped and hasn't been run to its end since."""
    return [f"a training run was stopped ({f'cell [{count}], ' if count else ''}{what})"
            for count, what in _stopped.values()]


def _forget(result):
    """Forget what was stopped in a cell that has come to its end, in a later execution."""
    cell = result.info.cell_id
    if cell in _stopped and result.success and (result.execution_count or 0) > _stopped[cell][0]:
        del _stopped[cell]


def _cell(shell):
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return parent.get("metadata", {}).get("cellId") or ""


def _shell():
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
