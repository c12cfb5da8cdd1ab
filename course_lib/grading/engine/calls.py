"""What the sandbox gets of an exercise: the code that calls an answer, as source, with just the names it needs.

The reference's expected values, the mistakes and the cases stay outside: they aren't among these names.
"""

import ast
import sys
from pathlib import Path

from course_lib.delivery.delivered import set_up
from course_lib.exercises.core import exercises
from course_lib.grading.engine import twins

EXERCISES = "course_lib.exercises.nb"  # where the mistakes are


def settings(notebook):
    """Return what a sandbox needs before it can run answers of a notebook; see `engine.sandbox.Sandbox`."""
    known = exercises(notebook).values()
    return {
        "set_up": set_up(notebook),
        "references": {exercise.name: place for exercise in known if (place := twins.reference(exercise))},
        "twins": {exercise.name: twins.of(exercise) for exercise in known},
        "compiled": [place for exercise in known for place in twins.of(exercise) if place in twins.COMPILED],
        "calls": {each.name: (each.call.__name__, source_of(each.call)) for each in known if each.call},
    }


def source_of(function):
    """Return the source of a module's function and of everything in its module that it needs, in the module's order.

    Raises
    ------
    ValueError
        If the function isn't defined by a plain ``def`` of its module, such as a lambda.
    """
    if function.__name__ not in _bindings(ast.parse(_text(function.__module__))):
        raise ValueError(f"{function.__module__}: {function.__name__} must be a function of the module, made by def")
    return _source(function.__module__, [function.__name__])


def _source(module, names):
    """Return the source of some names of a module and of all that they need, in the module's order.

    What they import from a notebook's exercises is copied likewise: an import would load the mistakes, too.
    """
    text = _text(module)
    bindings, kept, stack, used = _bindings(ast.parse(text)), [], list(names), set()
    while stack:
        name = stack.pop()
        used.add(name)
        node = bindings.get(name)
        if node is not None and node not in kept:
            kept.append(node)
            stack += [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
    parts = []
    for node in sorted(kept, key=lambda node: node.lineno):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(EXERCISES):
            parts.append(_source(node.module, [alias.name for alias in node.names if alias.name in used]).rstrip())
        else:
            parts.append(_segment(text, node))
    return "\n\n".join(parts) + "\n"


def _text(module):
    return Path(sys.modules[module].__file__).read_text(encoding="utf-8")


def _bindings(module):
    """Return the statements of a module by the names that they bind."""
    found = {}
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        else:
            names = _stored(node)
        found |= dict.fromkeys(names, node)
    return found


def _stored(node):
    """Yield the names that a statement binds in its module; those of a lambda or comprehension stay inside it."""
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    for part in ast.iter_child_nodes(node):
        yield from _stored(part)


def _segment(text, node):
    """Return a statement's source, its decorators included."""
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])
