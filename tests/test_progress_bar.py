"""The progress bar: shown while something runs, and nothing of it stays, in a terminal and in a notebook."""

import sys
from types import SimpleNamespace

import IPython
import pytest
from IPython.terminal.interactiveshell import TerminalInteractiveShell

from course_lib import progress_bar as module
from course_lib.progress_bar import NotebookLine, in_notebook, progress_bar


class Output:
    """An output of a cell: what it showed, one after the other."""

    def __init__(self):
        self.shown, self.calls = [], 0

    def display(self, data, raw, display_id):
        assert raw and display_id is True
        self.calls += 1
        self.shown.append(data)
        return self

    def update(self, data, raw):
        assert raw
        self.shown.append(data)


@pytest.fixture
def output(monkeypatch):
    made = Output()
    monkeypatch.setattr("IPython.display.display", made.display)
    return made


@pytest.fixture
def notebook(monkeypatch, output):
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=object()))
    return output


def test_where_ipython_runs_and_not_in_a_terminal_there_is_a_notebook(monkeypatch):
    assert not in_notebook()
    terminal = TerminalInteractiveShell.__new__(TerminalInteractiveShell)
    for shell, wanted in ((None, False), (terminal, False), (SimpleNamespace(kernel=None), True)):
        monkeypatch.setattr(IPython, "get_ipython", lambda shell=shell: shell)
        assert in_notebook() == wanted
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()


def test_a_line_is_written_in_place_and_wiped(output):
    line = NotebookLine()
    line.write("\r   ")
    assert output.calls == 0  # there was nothing to wipe
    line.write("\r 1/3 ")
    line.write("\r 2/3 ")
    line.flush()
    line.write("\r      ")
    assert [shown["text/plain"] for shown in output.shown] == ["1/3", "2/3", ""]
    assert output.calls == 1


def test_in_a_notebook_the_bar_is_a_line_and_leaves_it_empty(notebook, capsys):
    with progress_bar(3, unit=" steps") as bar:
        for _ in range(3):
            bar.update()
        bar.refresh()
    lines = [shown["text/plain"] for shown in notebook.shown]
    assert notebook.calls == 1 and lines[-1] == ""
    assert "3/3" in lines[-2] and "steps" in lines[-2] and max(map(len, lines)) <= 100
    assert capsys.readouterr() == ("", "")


def test_interrupted_it_is_wiped_too(notebook):
    with pytest.raises(KeyboardInterrupt), progress_bar(3) as bar:
        bar.update()
        raise KeyboardInterrupt
    assert notebook.shown[-1]["text/plain"] == ""


def test_in_a_terminal_the_line_is_wiped(output, capsys):
    with progress_bar(3, unit=" steps") as bar:
        bar.update(3)
    out, err = capsys.readouterr()
    assert out == "" and "steps" in err and err.rpartition("\r")[2] == "" and err.split("\r")[-2].strip() == ""
    assert output.shown == []


def test_none_is_shown_unless_wanted(notebook, capsys):
    with progress_bar(3, shown=False) as bar:
        bar.update(3)
    assert notebook.shown == [] and capsys.readouterr() == ("", "")
    assert module.progress_bar(3, shown=False).disable
