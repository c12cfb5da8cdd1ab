"""Emptying functions that do an exercise's work, where answers run: whoever calls them, by whatever name, gets nothing.

What is emptied is gone from the process, not guarded: Python's functions lose their code, and functions of C make way
for empty ones wherever a module holds them. Compiled modules are imported before, and can't be loaded again; what else
isn't imported yet is emptied as soon as it is.
"""

import importlib
import inspect
import sys
import types
from importlib.machinery import PathFinder

NAME = "the function's name"
_called = None  # what is told of calls


def empty(places, compiled, called):
    """Empty functions, now or when their modules are imported.

    Parameters
    ----------
    places : iterable of str
        "module:name" of a function, a class, or an object with methods; "module:*" for all that a module defines.
    compiled : dict
        What `holders` found, for those that are functions of C.
    called : function name -> None
        Told of every call, with the place that it stands for.
    """
    global _called
    _called, waiting, ends = called, {}, set()
    for place in places:
        module, _, name = place.partition(":")
        if place in compiled:
            ends.add(module.rpartition(".")[2])
            _replace(compiled[place], place)
        elif module in sys.modules:
            _empty_all(sys.modules[module], [name])
        waiting.setdefault(module, []).append(name)
    if ends or waiting.keys() - sys.modules.keys():
        finder = _Finder(waiting)
        sys.meta_path.insert(0, finder)
        sys.addaudithook(_watch(finder, frozenset(ends)))


def holders(places):
    """Import modules, and return which namespaces hold their functions of C: place -> list of (dict, key)."""
    modules = [importlib.import_module(place.partition(":")[0]) for place in places]
    found = {}
    for place, module in zip(places, modules, strict=True):
        value = vars(module)[place.partition(":")[2]]
        tables = [vars(other) for other in list(sys.modules.values()) if hasattr(other, "__dict__")]
        found[place] = [(held, key) for held in tables for key, other in list(held.items()) if other is value]
    return found


def empty_function(function, name, called):
    """Empty one function of Python's, below its decorators; return what `restore` needs."""
    global _called
    _called, function = called, inspect.unwrap(function)
    whole = function, function.__code__, function.__defaults__, function.__kwdefaults__
    _take_code(function, name)
    return whole


def restore(whole):
    """Undo `empty_function`."""
    function, function.__code__, function.__defaults__, function.__kwdefaults__ = whole


def _empty_all(module, names):
    if "*" in names:
        own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
        names = [*names, *own]
    for name in names:
        place, value = f"{module.__name__}:{name}", vars(module).get(name)
        if isinstance(value, types.FunctionType):
            _take_code(inspect.unwrap(value), place)
        elif functions := _functions_of(value):
            for function in functions:
                _take_code(inspect.unwrap(function), place)


def _functions_of(value):
    """Return the functions of Python's that a class defines, or the class of an object."""
    kind = value if isinstance(value, type) else type(value)
    found = (getattr(each, "__func__", each) for each in vars(kind).values())
    return [each for each in found if isinstance(each, types.FunctionType)]


def _take_code(function, name):
    """Give a function of Python's the code of `_stub`, which knows its name."""
    code = _stub.__code__
    constants = tuple(name if constant == NAME else constant for constant in code.co_consts)
    function.__code__ = code.replace(co_consts=constants, co_freevars=function.__code__.co_freevars)
    function.__defaults__ = function.__kwdefaults__ = None


def _replace(held, name):
    """Put a stub in the place of a function of C's, in every namespace that holds it."""
    stub = types.FunctionType(_stub.__code__, {}, name.rpartition(":")[2])
    _take_code(stub, name)
    for table, key in held:
        table[key] = stub


def _stub(*args, **kwargs):
    import sys  # this code runs among the names of another module

    return sys.modules["course_lib.grading.engine.emptying"]._called("the function's name")


class _Finder:
    """Finds the modules whose functions are to be emptied, and empties them as soon as they have run."""

    def __init__(self, waiting):
        self.waiting = waiting

    def find_spec(self, name, path=None, target=None):
        spec = PathFinder.find_spec(name, path, target) if name in self.waiting else None
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            _empty_all(module, self.waiting[name])

        spec.loader.exec_module = exec_module
        return spec


def _watch(finder, ends):
    """Return a hook that refuses to load compiled modules again; see PEP 578: no code of Python's removes it.

    It uses no name that an answer could replace. All that leads to it is the collector's list of objects.
    """

    def watch(event, arguments):
        if event == "import":
            name, file, _, finders, _ = arguments
            if file is None:
                if finders is not None and finder not in finders:
                    finders.insert(0, finder)
                return
        elif event == "ctypes.dlopen" or event == "ctypes.dlsym":
            *_, name = arguments
            name = f"{name}".rpartition("/")[2].partition(".")[0].removeprefix("PyInit_")
        elif event == "gc.get_objects" or event == "gc.get_referrers":
            name = refused
        else:
            return
        if name is refused or name.rpartition(".")[2] in ends:
            raise error

    refused, error = object(), ImportError("what an exercise asks for can't be loaded where answers are graded")
    return watch
