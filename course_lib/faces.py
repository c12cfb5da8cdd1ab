"""Faces of rooms: a package hands on the names of its modules, each imported when it is first asked for."""

import sys
from importlib import import_module


def face(package, names):
    """Return what makes a package the face of its modules: its `__getattr__`, `__dir__` and `__all__`.

    Whoever takes one name loads the module that has it and no other.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    names : dict of module -> str
        The names that the face hands on, separated by spaces.
    """
    homes = {name: module for module, listed in names.items() for name in listed.split()}

    def get(name):
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, value)  # from now on it is found at once
        return value

    return get, lambda: sorted(homes), sorted(homes)
