"""What a function needs to run elsewhere: its own source, its helpers', constants, imports, and what it borrows.

Pieces are plain text, so that they can be kept, handed on and exported; nothing is pickled.
"""

import ast
import builtins
import importlib
import inspect
import linecache
import math
import symtable
import sys
import sysconfig
import textwrap
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import FunctionType, ModuleType

import numpy as np

RESERVED = {"np": "numpy", "numpy": "numpy", "math": "math"}  # what everybody takes these names for
HOMES = ("numpy", "numpy.linalg", "numpy.random", "math", "functools", "itertools", "collections", "typing")
LONGEST = 10_000  # characters of a constant
LIBRARY = "my_library"  # the package that `course export` writes
HANDED = "mine"  # the module's name that functions have which `mine` has handed out


class PieceKind(StrEnum):
    """What a piece is."""

    IMPORT = "import"  # a line
    CONSTANT = "constant"  # an assignment
    HELPER = "helper"  # a definition
    MINE = "mine"  # borrowed: the name of an exercise
    COURSE = "course"  # borrowed: where something of the course's stands, as module:name


@dataclass(frozen=True)
class Piece:
    """One thing that a function needs, under the name by which it is used."""

    kind: PieceKind
    name: str
    text: str


@dataclass
class Traced:
    """A function's source, and the pieces that it needs, each after those that it needs itself."""

    source: str
    pieces: list = field(default_factory=list)


class Untraceable(Exception):
    """What a function needs can't be written down; the text says why, as a sentence without its full stop."""


def trace(function, name, *, exercise_of=lambda name, value: None, course=False):
    """Return a function's source and what it needs.

    Parameters
    ----------
    function : function
    name : str
        The name that it is to have.
    exercise_of : function (name, value) -> str or None
        The exercise that something used stands for, if it is to be borrowed instead of copied.
    course : bool
        Copy the course's own functions, too, without the decorators that check what they get.

    Raises
    ------
    Untraceable
    """
    own = inspect.unwrap(function) if callable(function) else function
    if not isinstance(own, FunctionType) and not (course and isinstance(own, type)):
        raise Untraceable(f"{name} isn't written as a function, with def, but is a {type(function).__name__}")
    tracer = _Tracer(name, exercise_of, course)
    return Traced(tracer.definition(name, own), list(tracer.pieces.values()))


class _Tracer:
    def __init__(self, name, exercise_of, course):
        self.name, self.exercise_of, self.course = name, exercise_of, course
        self.pieces, self.seen = {}, {name: None}

    def definition(self, name, value):
        """Return the source of a function or class under a name, after tracing what it needs."""
        strip = self.course and value.__module__.startswith("course_lib.")
        source, own = source_of(value, decorators=not strip)
        self.needs(source, _names_of(value), own)
        return source if own == name else f"{source}\n\n\n{name} = {own}"

    def needs(self, source, names, own):
        for used in foreign_names(source):
            if used != own and not used.startswith("__"):
                self.add(used, names)

    def add(self, name, names):
        value = names.get(name, self)
        if value is self or value is getattr(builtins, name, self):
            return  # a builtin, or a name on a path that was never taken
        if name in self.seen:
            if name != self.name and self.seen[name] is not value:
                raise Untraceable(f"two different things in it are called {name}")
            return
        self.seen[name] = value
        self.pieces[name] = self.piece(name, value, names)  # after what it needs itself

    def piece(self, name, value, names):
        if name in RESERVED and value is not sys.modules.get(RESERVED[name]):
            raise Untraceable(f"{name} is {_what(value)} and hides the module of that name: call yours something else, "
                              "and import the module again")
        if isinstance(value, ModuleType):
            if not installed(value):
                raise Untraceable(f"it uses {name}, a file of your own: write what it needs of it in the notebook")
            alias = "" if name == value.__name__ else f" as {name}"
            return Piece(PieceKind.IMPORT, name, f"import {value.__name__}{alias}")
        if exercise := self.exercise_of(name, value):
            return Piece(PieceKind.MINE, name, exercise)
        module = value.__module__ if isinstance(getattr(value, "__module__", None), str) else ""
        if module.startswith("course_lib.") and not self.course:
            place = _place(value, (module,))
            if place:
                return Piece(PieceKind.COURSE, name, ":".join(place))
        if (constant := literal(value)) is not None:
            if isinstance(value, np.generic):
                self.add("np", {"np": np})
            return Piece(PieceKind.CONSTANT, name, f"{name} = {constant}")
        plain = inspect.unwrap(value) if callable(value) else value
        if isinstance(plain, FunctionType | type) and self.to_copy(plain):
            return Piece(PieceKind.HELPER, name, self.definition(name, plain))
        if place := _place(value, (module, *HOMES)):
            alias = "" if place[1] == name else f" as {name}"
            return Piece(PieceKind.IMPORT, name, f"from {place[0]} import {place[1]}{alias}")
        if self.course and (found := _assignment(name, names)):
            self.needs(found, names, name)  # may be of a tuple: then it stands there for each of its names
            return Piece(PieceKind.HELPER, name, found)
        raise Untraceable(f"it uses {name}, {_what(value)} from elsewhere, which can't be written down as text: "
                          "make it an argument, or compute it inside")

    def to_copy(self, value):
        """Say whether a function or class is to be copied: the learner's own, and on demand the course's."""
        course = self.course and value.__module__.startswith("course_lib.")
        return course or not installed(sys.modules.get(value.__module__))


def _names_of(value):
    """Return the names among which a function or class was made."""
    if isinstance(value, FunctionType):
        return value.__globals__
    if module := sys.modules.get(value.__module__):
        return vars(module)
    return next((each.__globals__ for each in vars(value).values() if isinstance(each, FunctionType)), {})


def source_of(value, *, decorators=True):
    """Return the source of a function or class, and the name that it gives to what it makes; see `Untraceable`."""
    if isinstance(value, type):
        return _class_source(value)
    code, name = value.__code__, value.__name__
    tree, lines = _parsed(code.co_filename)
    for node in ast.walk(tree):
        made = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == code.co_name
        if made and _first(node) <= code.co_firstlineno <= node.lineno:
            if "<locals>" in value.__qualname__ and code.co_freevars:
                raise Untraceable(f"{name} is made inside another function and uses that one's variables")
            return _segment(lines, node, decorators), node.name
    for node in tree.body:  # name = lambda x: ...
        here = isinstance(node, ast.Assign) and node.lineno <= code.co_firstlineno <= node.end_lineno
        if here and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Lambda):
            return _segment(lines, node), node.targets[0].id
    raise Untraceable(f"the source of {name} isn't found: run its cell again, without magics such as %%time")


def _class_source(value):
    files = [each.__code__.co_filename for each in vars(value).values() if isinstance(each, FunctionType)]
    module = sys.modules.get(value.__module__)
    files += [getattr(module, "__file__", None) or ""]
    files += [name for name in reversed(list(linecache.cache)) if "ipykernel" in name or name.startswith("<")]
    for file in dict.fromkeys(filter(None, files)):
        try:
            tree, lines = _parsed(file)
        except Untraceable:
            continue
        for node in reversed(tree.body):
            targets = [each.id for each in getattr(node, "targets", []) if isinstance(each, ast.Name)]
            if isinstance(node, ast.ClassDef) and node.name == value.__name__:
                return _segment(lines, node), node.name
            if targets == [value.__name__] and isinstance(node.value, ast.Call):  # such as namedtuple(...)
                return _segment(lines, node), targets[0]
    raise Untraceable(f"the source of the class {value.__name__} isn't found: run its cell again")


def _parsed(file):
    linecache.checkcache(file)
    lines = linecache.getlines(file)
    try:
        return ast.parse("".join(lines)), lines
    except (SyntaxError, ValueError) as error:
        raise Untraceable(f"the source in {file} can't be read") from error


def _first(node):
    return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])


def _segment(lines, node, decorators=True):
    first = _first(node) if decorators else node.lineno
    return textwrap.dedent("".join(lines[first - 1 : node.end_lineno])).rstrip()


def _assignment(name, names):
    """Return the statement that gives a module's name its value, such as a table of dtypes."""
    file = names.get("__file__")
    tree, lines = _parsed(file) if file else (ast.Module([], []), [])
    for node in tree.body:
        bound = [each for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]
        if isinstance(node, ast.Assign) and any(each.id == name for each in bound):
            return _segment(lines, node)
    return None


def foreign_names(source):
    """Return the names, sorted, that a source uses without binding them at its top; builtins are among them."""
    whole = symtable.symtable(source, "answer", "exec")
    found = {each.get_name() for each in whole.get_symbols() if each.is_referenced() and not each.is_assigned()}
    tables, own = list(whole.get_children()), {each.get_name() for each in whole.get_symbols() if each.is_assigned()}
    while tables:
        table = tables.pop()
        tables += table.get_children()
        found |= {each.get_name() for each in table.get_symbols() if each.is_global()}
    return sorted(found - own)


def literal(value):
    """Return a plain constant as Python writes it, or None: numbers, text, and tuples, lists, sets, dicts of them."""
    if isinstance(value, np.generic) and value.dtype.kind in "fiub" and value.size == 1:
        return f"np.{'bool_' if value.dtype == bool else value.dtype.name}({literal(value.item())})"
    if type(value) is float and not math.isfinite(value):
        return f"float('{value}')"
    if type(value) not in (bool, int, float, complex, str, bytes, type(None), tuple, list, set, dict):
        return None
    try:
        text = repr(value)
        return text if len(text) <= LONGEST and ast.literal_eval(text) == value else None
    except (ValueError, SyntaxError, TypeError, RecursionError):
        return None


def _place(value, modules):
    """Return in which of some modules a value is found, and under which name; None if in none."""
    for name in (getattr(value, "__qualname__", None), getattr(value, "__name__", None)):
        for module in filter(None, modules):
            try:
                if isinstance(name, str) and getattr(importlib.import_module(module), name, None) is value:
                    return module, name
            except ImportError:
                continue
    return None


def installed(module):
    """Say whether a module can be imported anywhere here: Python's own, a package's, or the course's."""
    if module is None or module.__name__ in ("__main__", HANDED) or module.__name__.split(".")[0] == LIBRARY:
        return False
    file = getattr(module, "__file__", None)
    if file is None or module.__name__.split(".")[0] == "course_lib":
        return True
    places = {sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
    return any(Path(file).is_relative_to(place) for place in places)


def _what(value):
    """Say what a value is, such as "an array"."""
    kind = {"ndarray": "array", "function": "function of your own", "type": "class of your own"}
    kind = kind.get(type(value).__name__, type(value).__name__)
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
