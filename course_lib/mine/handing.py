"""Handing out functions: the learner's newest that passed, compiled from its kept source, or the course's own."""

import importlib
import inspect
import linecache
import sys

from course_lib.exercises import keeping
from course_lib.exercises.core import find
from course_lib.exercises.judge.copying import handed_out
from course_lib.exercises.tracing import HANDED, PieceKind

_made, _failed, _making = {}, {}, set()
_of = None  # the state of the record that _made was made from


def hand(name):
    """Return the learner's function of that name, or where it is open, the course's.

    Raises
    ------
    AttributeError
        If no exercise is called so; names those there are.
    """
    try:
        reference = find(name).reference
    except ValueError as error:
        raise AttributeError(f"mine: {error}") from None
    kept = keeping.newest(name)
    return own(kept) or reference if kept else reference


def own(kept):
    """Return a version's function, or None if it doesn't run any more, which is said once."""
    global _of
    if _of != (state := keeping.state()):  # what a function borrows may be another one now
        _of = state
        _made.clear()
    if kept.hash in _making:  # two answers that use each other
        return lambda *inputs, **options: hand(kept.name)(*inputs, **options)
    if kept.hash not in _made:
        _making.add(kept.hash)
        try:
            _made[kept.hash] = compiled(kept)
            _failed.pop(kept.hash, None)
        except (Exception, SystemExit) as error:
            _made[kept.hash], why = None, f"{type(error).__name__}: {error}"
            if _failed.get(kept.hash) != why:
                print(f"Your {kept.name} of {kept.day} doesn't run any more ({why}). The course's is used in its "
                      "place; check yours again in its notebook.", file=sys.stderr)
            _failed[kept.hash] = why
        finally:
            _making.discard(kept.hash)
    return _made[kept.hash]


def failure(kept):
    """Say why a version doesn't run any more; "" if it does."""
    own(kept)
    return _failed.get(kept.hash, "")


def compiled(kept):
    """Return the function that a version's source defines, made in a namespace of its own."""
    names = {"__name__": HANDED}
    for piece in kept.pieces:
        if piece.kind is PieceKind.MINE:
            names[piece.name] = hand(piece.text)
        elif piece.kind is PieceKind.COURSE:
            module, function = piece.text.split(":")
            names[piece.name] = getattr(importlib.import_module(module), function)
    texts = [piece.text for piece in kept.pieces if piece.kind not in (PieceKind.MINE, PieceKind.COURSE)]
    source, file = "\n\n\n".join([*texts, kept.source]) + "\n", handed_out(kept.name)
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file  # for tracebacks
    exec(compile(source, file, "exec", dont_inherit=True), names)
    if not callable(inspect.unwrap(names[kept.name])):
        raise TypeError(f"{kept.name} is no function")
    return names[kept.name]
