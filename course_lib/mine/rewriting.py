"""Changing names in source, and nothing else of it."""

import ast

from course_lib.exercises.tracing import Untraceable, foreign_names


def renamed(text, old, new):
    """Return source with one global name changed, wherever it is used, bound or imported.

    Raises
    ------
    Untraceable
        If a function in it has a variable or an argument of either name: what is meant would not be clear.
    """
    tree, edits = ast.parse(text), []
    if {old, new} & _local(tree):
        raise Untraceable(f"{old} is the name of two different things: give one of them another")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            edits.append((node.lineno, node.col_offset, old, new))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == old:
            word = {ast.FunctionDef: "def ", ast.ClassDef: "class "}.get(type(node), "async def ")
            edits.append((node.lineno, node.col_offset, word + old, word + new))
        elif isinstance(node, ast.alias) and node in tree.body[0].names and (node.asname or node.name) == old:
            whole = f"{node.name} as {old}" if node.asname else old
            edits.append((node.lineno, node.col_offset, whole, f"{node.name} as {new}"))
    return edited(text, edits)


def without_module(module, texts):
    """Return sources in which `module.name` has become `name`, and a dict of these attributes to their new names.

    Raises
    ------
    Untraceable
        If the module is used in another way.
    """
    trees = [ast.parse(text) for text in texts]
    uses = [[node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
             and node.value.id == module] for tree in trees]
    every = sum(isinstance(node, ast.Name) and node.id == module for tree in trees for node in ast.walk(tree))
    if every != sum(map(len, uses)):
        raise Untraceable(f"it uses {module} otherwise than as {module}.NAME")
    bound = set().union(*(_local(tree) | set(foreign_names(text)) for tree, text in zip(trees, texts, strict=True)))
    attributes = {node.attr for nodes in uses for node in nodes}
    new = {name: f"{module}_{name}" if name in bound else name for name in sorted(attributes)}
    return [edited(text, [(node.lineno, node.col_offset, f"{module}.{node.attr}", new[node.attr]) for node in nodes])
            for text, nodes in zip(texts, uses, strict=True)], new


def edited(text, edits):
    """Return text with words replaced: each edit is (line, column in bytes, old, new)."""
    lines = text.encode().split(b"\n")
    for row, column, old, new in sorted(edits, reverse=True):
        line, size = lines[row - 1], len(old.encode())
        if line[column : column + size] != old.encode():
            raise Untraceable(f"{old} is written in a way that can't be changed automatically: write it plainly")
        lines[row - 1] = line[:column] + new.encode() + line[column + size :]
    return b"\n".join(lines).decode()


def _local(tree):
    """Return the names of arguments, and of what functions inside bind."""
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.arg):
                    found.add(node.arg)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
                    found.add(node.id)
    return found
