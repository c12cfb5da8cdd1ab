"""Whether the kernel has the answer's last version: its cell may have failed before it defined anything."""

import inspect
import re
import sys

DEF = re.compile(r"^([ \t]*)(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)

_failed = {}  # name -> what became of the last cell that was to define it, where it didn't


def watch():
    """From now on, notice what becomes of cells; outside IPython there are none."""
    if shell := _shell():
        shell.events.register("post_run_cell", _note)


def not_taken(name):
    """Say why the kernel doesn't have the last version of a function; "" if it has."""
    return _failed.get(name, "")


def _note(result):
    for indent, name in DEF.findall(result.info.raw_cell):
        if error := result.error_before_exec:
            kind, line = type(error).__name__, getattr(error, "lineno", None)
            what = f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}" + (f" in line {line}" if line else "")
            _failed[name] = f"Your last version has {what} and was not taken"
        elif result.error_in_exec and not indent and not _is_from(name, result):
            kind = type(result.error_in_exec).__name__
            _failed[name] = f"The cell of your last version stopped with {kind} before it was defined"
        else:
            _failed.pop(name, None)


def _is_from(name, result):
    """Say whether a function was defined by that cell, after which Python names the place of its code."""
    shell, cell = _shell(), result.info.raw_cell
    code = getattr(inspect.unwrap(shell.user_ns.get(name)), "__code__", None)
    place = shell.compile.get_code_name(cell, shell.transform_cell(cell), result.execution_count)
    return code is None or code.co_filename == place  # what has no code, such as a partial, can't be told


def _shell():
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
