"""Faults in course_lib.unfinished."""

from tests.faults import Fault

FAULTS = [
    Fault("record_stop", "nothing is kept", "    _stopped[_cell(shell)] = count, what\n", ""),
    Fault("record_stop", "one for all cells", "_stopped[_cell(shell)] = count, what", '_stopped[""] = count, what'),
    Fault("record_stop", "a cell that has come to its end isn't noticed",
          '        shell.events.register("post_run_cell", _forget)  # once, however often it is asked for\n', "        pass\n"),
    Fault("record_stop", "the cell before is named", "len(shell.history_manager.input_hist_raw) - 1",
          "len(shell.history_manager.input_hist_raw) - 2"),
    Fault("record_stop", "a cell that failed counts as done", "result.success and ", ""),
    Fault("record_stop", "a cell that goes on after the stop counts as done", "> _stopped[cell][0]", ">= _stopped[cell][0]"),
    Fault("record_stop", "any cell that ends is taken for the one", "        del _stopped[cell]\n", "        _stopped.clear()\n"),
    Fault("record_end", "nothing is forgotten", '    _stopped.pop("", None)\n', "    pass\n"),
    Fault("record_end", "other cells are forgotten, too", '    _stopped.pop("", None)\n', "    _stopped.clear()\n"),
    Fault("record_end", "raises where nothing was stopped", '_stopped.pop("", None)', '_stopped.pop("")'),
    Fault("stopped_runs", "a cell that has no number is named", "if count else", "if True else"),
    Fault("stopped_runs", "no cell is named", "f'cell [{count}], ' if count else ''", "''"),
    Fault("stopped_runs", "the first one only", "for count, what in _stopped.values()]",
          "for count, what in list(_stopped.values())[:1]]"),
    Fault("stopped_runs", "where it was stopped isn't said", "else ''}{what})", "else ''})"),
]
