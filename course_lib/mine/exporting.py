"""`course export`: the learner's functions as a package of their own, `my_library`, which needs NumPy and nothing else.

A module a topic. What a function uses of another topic is imported, what it uses of the course's given functions is
copied into `given.py`, and what is still open raises NotImplementedError, which names the notebook where it waits.
"""

import importlib
import inspect
import sys
from collections import defaultdict
from pathlib import Path
from types import FunctionType

import course_lib
from course_lib.exercises import keeping
from course_lib.exercises.core import exercises, find, notebook_of, notebooks
from course_lib.exercises.tracing import Piece, PieceKind, Traced, Untraceable, trace
from course_lib.mine import rewriting
from course_lib.mine.modules import GIVEN, Module, missing

STANDARD = {*sys.stdlib_module_names, "numpy"}


class Library:
    """The package's modules: `modules` by topic, `functions` name -> topic, and `left_out`: name -> why."""

    def __init__(self):
        self.functions, self.left_out, self.modules = {}, {}, {}
        self.open, self._given = [], {}
        self.stubs = defaultdict(list)  # (what isn't there, why) -> the functions that use it
        ready = {}
        for notebook in notebooks():
            for name, exercise in exercises(notebook).items():
                kept = keeping.newest(name)
                if exercise.lab:
                    continue
                if kept is None:
                    self.open.append(name)
                    continue
                try:
                    ready[name] = self._resolved(keeping.traced(kept), topic_of(exercise))
                    self.functions[name] = topic_of(exercise)
                except Untraceable as error:
                    self.left_out[name] = str(error)
        for name, traced in ready.items():
            self._add(name, traced, self.functions[name])

    def _resolved(self, traced, topic):
        """Return a function with what it takes from the course's modules as borrowed names, in place of attributes."""
        if topic is None:
            raise Untraceable("it works on Keras models, and this library needs NumPy alone")
        source, pieces = traced.source, []
        helpers = {piece.name: piece.text for piece in traced.pieces}
        for piece in traced.pieces:
            module = _imported_module(piece)
            if module and module.split(".")[0] == "course_lib":
                texts, borrowed = rewriting.without_module(piece.name, [source, *helpers.values()])
                source, helpers = texts[0], dict(zip(helpers, texts[1:], strict=True))
                pieces += [_borrowed(local, attribute, module) for attribute, local in borrowed.items()]
            elif module and module.split(".")[0] not in STANDARD:
                raise Untraceable(f"it needs {module.split('.')[0]}, and this library needs NumPy alone")
            else:
                pieces.append(piece)
        pieces = [Piece(each.kind, each.name, helpers.get(each.name, each.text)) for each in pieces]
        return Traced(source, pieces)

    def _add(self, name, traced, topic):
        """Put a function into its module, and see that all it borrows is there."""
        borrowed = {}
        for piece in traced.pieces:
            if piece.kind is PieceKind.MINE:
                borrowed[piece.name] = self._mine(piece.text, name)
            elif piece.kind is PieceKind.COURSE:
                borrowed[piece.name] = self._from_course(piece.text, name)
        own = [piece for piece in traced.pieces if piece.name not in borrowed]
        self._module(topic).add(name, Traced(traced.source, own), borrowed)

    def _module(self, topic):
        if topic not in self.modules:
            taken = {name for name, home in self.functions.items() if home == topic}
            self.modules[topic] = Module(topic, taken)
        return self.modules[topic]

    def _mine(self, exercise, user):
        """Return topic and name of another exercise's function; where it is missing, something there says so."""
        topic = self.functions.get(exercise)
        if topic is None:
            topic = topic_of(find(exercise)) or GIVEN
            why = self.left_out.get(exercise, f"still open: it waits in notebook {notebook_of(exercise)}")
            self._module(topic).add(exercise, Traced(missing(exercise, why)), {})
            self.stubs[exercise, why].append(user)
        return topic, exercise

    def _from_course(self, place, user):
        """Return topic and name of a function that the course gives; it is copied."""
        name = place.split(":")[1]
        if place not in self._given:
            self._given[place] = None
            try:
                value = getattr(importlib.import_module(place.split(":")[0]), name)
                traced = trace(value, name, exercise_of=_exercise_of, course=True)
                self._add(name, self._resolved(traced, GIVEN), GIVEN)
            except Untraceable as error:
                self._given[place] = why = f"the course's own and can't come along, since {error}"
                self._module(GIVEN).add(name, Traced(missing(name, why)), {})
        if self._given[place]:
            self.stubs[name, self._given[place]].append(user)
        return GIVEN, name

    def written(self):
        """Return the text of every module by its topic."""
        arrows = {topic: set(module.neighbours) for topic, module in self.modules.items()}
        return {topic: module.text(late=_cyclic(topic, arrows)) for topic, module in sorted(self.modules.items())}


def topic_of(exercise):
    """Return the module that a function belongs into: that of the course's function of this name; None for Keras's."""
    module = inspect.unwrap(exercise.reference).__module__.split(".")[1:]
    if module[0] == "exercises":  # the reference stands beside its exercise: look for its namesake
        for file in sorted(Path(course_lib.__path__[0]).glob("*.py")):
            if f"\ndef {exercise.name}(" in file.read_text(encoding="utf-8"):
                return file.stem
        return notebook_of(exercise.name)[3:]
    return None if module[0] == "transfer" else module[-1]


def _imported_module(piece):
    """Return the module that an import piece imports, or imports from; None for other pieces."""
    if piece.kind is not PieceKind.IMPORT:
        return None
    return piece.text.split()[1]


def _borrowed(local, attribute, module):
    """Return the piece for something that was used as an attribute of one of the course's modules."""
    if module == "course_lib.mine":
        return Piece(PieceKind.MINE, local, find(attribute).name)
    value = getattr(importlib.import_module(module), attribute)
    if exercise := _exercise_of(local, value):
        return Piece(PieceKind.MINE, local, exercise)
    if not isinstance(inspect.unwrap(value), FunctionType | type):
        raise Untraceable(f"it uses {module}.{attribute}, which can't come along")
    return Piece(PieceKind.COURSE, local, f"{module}:{attribute}")


def _exercise_of(name, value):
    """Return the exercise that a function of the course's is the reference of."""
    own = getattr(value, "__name__", None)
    try:
        return own if isinstance(value, FunctionType) and find(own).reference is value else None
    except ValueError:
        return None


def _cyclic(topic, arrows):
    """Say whether a module needs, by way of others, itself."""
    seen, stack = set(), [topic]
    while stack:
        for other in arrows.get(stack.pop(), set()) - seen:
            seen.add(other)
            stack.append(other)
    return topic in seen
