"""A module of the exported library, put together from functions and what they need; names that clash are changed."""

import textwrap
from collections import defaultdict

from course_lib.exercises.tracing import Piece, PieceKind, Traced
from course_lib.mine.rewriting import renamed

GIVEN = "given"  # the module of the course's own functions that the learner's use


class Module:
    """One module: imports, what comes from its neighbours, constants and helpers, functions.

    Parameters
    ----------
    topic : str
        Its name.
    taken : set of str
        The names of the functions that it will hold: a helper of that name is called something else.
    title : str
        What its docstring says before their names.
    """

    def __init__(self, topic, taken=(), title=""):
        self.topic, self.taken = topic, set(taken)
        self.title = title or ("What the course gives" if topic == GIVEN else f"My own {topic.replace('_', ' ')}")
        self.imports, self.constants, self.helpers, self.functions = {}, {}, {}, {}
        self.neighbours, self.aliases = defaultdict(dict), {}

    def add(self, name, traced, borrowed):
        """Put in a function.

        Parameters
        ----------
        name : str
        traced : Traced
            Its source, and what it needs apart from what it borrows.
        borrowed : dict of str -> (topic, name)
            What it uses of the library's other functions, under which names.
        """
        if name in self.functions:
            return
        traced, borrowed = self._without_clashes(name, traced, borrowed)
        places = {PieceKind.IMPORT: self.imports, PieceKind.CONSTANT: self.constants, PieceKind.HELPER: self.helpers}
        for piece in traced.pieces:
            places[piece.kind][piece.name] = piece.text
        for local, (topic, other) in borrowed.items():
            if topic != self.topic:
                self.neighbours[topic][local] = other
            elif local != other:
                self.aliases[local] = other
        self.functions[name] = traced.source

    def _without_clashes(self, name, traced, borrowed):
        """Return the same with new names for what already means something else here."""
        new = {}
        for piece in traced.pieces:
            if self._bound(piece.name, name) not in (None, piece.text):
                new[piece.name] = self._free(piece.name, name)
        for local, (topic, other) in borrowed.items():
            meant = self._bound(local, name) if topic != self.topic or local != other else None
            if meant not in (None, (topic, other)):
                new[local] = self._free(local, name)
        for old, free in new.items():
            pieces = [Piece(each.kind, new.get(each.name, each.name) if each.name == old else each.name,
                            renamed(each.text, old, free)) for each in traced.pieces]
            traced = Traced(renamed(traced.source, old, free), pieces)
        return traced, {new.get(local, local): place for local, place in borrowed.items()}

    def _bound(self, name, function):
        """Return what a name means in this module so far; None if nothing."""
        for names in (self.imports, self.constants, self.helpers):
            if name in names:
                return names[name]
        for topic, names in self.neighbours.items():
            if name in names:
                return topic, names[name]
        if name in self.aliases:
            return self.topic, self.aliases[name]
        return "a function" if name in self.taken | self.functions.keys() and name != function else None

    def _free(self, name, function):
        number = 2
        while self._bound(f"{name}_{number}", function) is not None:
            number += 1
        return f"{name}_{number}"

    def text(self, *, late=False):
        """Return the module's source; with `late` its neighbours are imported at the end, since they need it, too."""
        first = sorted(self.imports.values(), key=lambda line: (line.startswith("from"), line))
        near = [f"from .{topic} import {', '.join(sorted(_as(local, other) for local, other in names.items()))}"
                for topic, names in sorted(self.neighbours.items())]
        names = textwrap.fill(f'"""{self.title}: {", ".join(self.functions)}."""', 100, break_on_hyphens=False)
        parts = [names, "\n".join(first)]
        parts += [] if late else ["\n".join(near)]
        parts += ["\n".join(self.constants.values())]
        tail = [f"{local} = {other}" for local, other in self.aliases.items()]
        tail += ["# Here below, since these modules need this one, too", *near] if late and near else []
        blocks = [*dict.fromkeys(self.helpers.values()), *self.functions.values(), "\n".join(tail)]
        return "\n\n".join(filter(None, parts)) + "".join(f"\n\n\n{block}" for block in blocks if block) + "\n"


def missing(name, why):
    """Return the source of a function that isn't there, and says so when it is called."""
    return f"def {name}(*inputs, **options):\n    raise NotImplementedError({f'{name} is {why}'!r})"


def _as(local, other):
    return other if local == other else f"{other} as {local}"
