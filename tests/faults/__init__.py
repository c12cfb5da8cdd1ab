"""Faults to plant in the library, one module of them for each module: the tests of that module must catch every one."""

from typing import NamedTuple


class Fault(NamedTuple):
    """A wrong variant: in the source of `function`, `right` (which occurs once in the module) becomes `wrong`."""

    function: str
    fault: str
    right: str
    wrong: str
