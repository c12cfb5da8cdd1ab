"""Emptying functions that do an exercise's work, where answers run: whoever calls them, by whatever name, gets nothing.

What is emptied is gone from the process, not guarded: Python's functions lose their code, and functions of C make way
for empty ones in the module that holds them, before anybody else can. So nothing that an answer does brings it back.
What isn't imported yet is emptied as soon as it is.
"""

import contextlib
import inspect
import os
import sys
import types
from importlib.machinery import PathFinder

NAME = "the function's name"
_called = None  # what is told of calls


def empty(places, called):
    """Empty functions, now or when their modules are imported.

    Parameters
    ----------
    places : iterable of str
        "module:name" of a function, a class, or an object with methods; "module:*" for all that a module defines.
    called : function name -> None
        Told of every call, with the place that it stands for.
    """
    global _called
    _called, waiting = called, {}
    for place in places:
        module, _, name = place.partition(":")
        waiting.setdefault(module, []).append(name)
    for module in waiting.keys() & sys.modules.keys():
        _empty_all(sys.modules[module], waiting[module])
    if waiting.keys() - sys.modules.keys():
        finder = _Finder(waiting)
        sys.meta_path.insert(0, finder)
        sys.addaudithook(finder.watch)


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
        elif value is not None:
            _replace(value, place)


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


def _replace(value, name):
    """Put a stub in the place of a function of C's, in every module that holds it."""
    stub = types.FunctionType(_stub.__code__, {}, getattr(value, "__name__", "stub"))
    stub.__doc__ = getattr(value, "__doc__", None)
    _take_code(stub, name)
    for module in list(sys.modules.values()):
        held = getattr(module, "__dict__", {})
        for key in [key for key, other in list(held.items()) if other is value]:
            held[key] = stub


def _stub(*args, **kwargs):
    import sys  # this code runs among the names of another module

    return sys.modules["course_lib.grading.engine.emptying"]._called("the function's name")


class _Finder:
    """Finds the modules whose functions are to be emptied, and empties them as soon as they have run."""

    def __init__(self, waiting):
        self.waiting, self.ends, self.busy = waiting, {name.rpartition(".")[2] for name in waiting}, 0

    def find_spec(self, name, path=None, target=None):
        spec = PathFinder.find_spec(name, path, target) if name in self.waiting else None
        if spec is None or spec.loader is None:
            return None
        load, run = spec.loader.create_module, spec.loader.exec_module

        def create_module(spec):
            with self._at_it():
                return load(spec)

        def exec_module(module):
            with self._at_it():
                run(module)
                _empty_all(module, self.waiting[name])

        spec.loader.create_module, spec.loader.exec_module = create_module, exec_module
        return spec

    @contextlib.contextmanager
    def _at_it(self):
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1

    def watch(self, event, arguments):
        """Refuse to load a compiled module behind the finder's back; no code of Python's can remove this hook."""
        if event == "import":
            name, file, _, finders, _ = arguments
            if file is None and finders is not None and not any(each is self for each in finders):
                finders.insert(0, self)
            if file is None or self.busy:
                return
        elif event in ("ctypes.dlopen", "ctypes.dlsym"):
            name = os.path.basename(str(arguments[-1])).partition(".")[0].removeprefix("PyInit_")
        else:
            return
        if str(name).rpartition(".")[2] in self.ends:
            raise ImportError(f"{name} can't be loaded this way where answers are graded")
