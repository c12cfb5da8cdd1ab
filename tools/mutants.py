"""Mutants of a right answer: its source with one change each, of the kinds that people make who write it themselves."""

import ast
import re
from difflib import SequenceMatcher
from typing import NamedTuple

PAIRS = [("sum", "mean"), ("max", "min"), ("maximum", "minimum"), ("argmax", "argmin"), ("var", "std"),
         ("floor", "ceil"), ("exp", "expm1"), ("log", "log1p"), ("zeros", "ones"), ("zeros_like", "ones_like"),
         ("any", "all"), ("amax", "amin")]
OTHER = dict(PAIRS) | {second: first for first, second in PAIRS}
BUILT_IN = {"max", "min", "any", "all"}  # of these, what Python has without np
REDUCING = {"sum", "mean", "max", "min", "amax", "amin", "var", "std", "prod", "any", "all", "argmax", "argmin"}
WRAPPING = {"sqrt", "square", "abs", "exp", "expm1", "log", "log1p", "tanh", "maximum", "minimum", "clip", "where",
            "float", "array", "asarray", "copy", "astype", "transpose", "sum", "mean", "norm"}  # what leaves a result
LIBRARIES = {"np", "numpy", "math", "linalg"}
COMPARED = {ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE), ast.Lt: (ast.LtE, ast.Gt),
            ast.LtE: (ast.Lt, ast.GtE), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,)}
SIGNS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


class Mutant(NamedTuple):
    """A changed answer: which right one was changed, its whole source, and the lines that were and that are now."""

    of: str
    source: str
    was: tuple
    now: tuple

    @property
    def size(self):
        """How many words and signs differ."""
        was, now = (re.findall(r"-?\w+|[^\w\s]", "\n".join(lines)) for lines in (self.was, self.now))
        blocks = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
        return sum(max(j - i, n - m) for kind, i, j, m, n in blocks if kind != "equal")


def mutants(source, name, label="", held=None):
    """Return all different mutants of the function `name` in a source.

    There are none if the source makes it otherwise than by def.

    Parameters
    ----------
    source, name : str
    label : str
        Says which answer it is.
    held : dict, optional
        What each of its names holds, in a word: only those that hold the same are taken for each other.
    """
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    if not functions:
        return []
    function = functions[-1]
    if ast.get_docstring(function):
        function.body = function.body[1:]
    before, found = ast.unparse(tree), {}
    for _ in variations(function, held or {}):
        after = ast.unparse(tree)
        if after != before and after not in found:
            found[after] = Mutant(label, after, *_changed_lines(before, after))
    return list(found.values())


def _changed_lines(before, after):
    was, now = before.splitlines(), after.splitlines()
    blocks = [block for block in SequenceMatcher(None, was, now, autojunk=False).get_opcodes() if block[0] != "equal"]
    return (tuple(line for _, i, j, _, _ in blocks for line in was[i:j]),
            tuple(line for _, _, _, i, j in blocks for line in now[i:j]))


def variations(function, held):
    """Change the function's tree in place, and yield; when the generator goes on, the tree is as it was."""
    kinds, defaults = _kinds_of_names(function)
    kinds = {name: (kind, held.get(name)) for name, kind in kinds.items()}
    changes = [*CHANGES, lambda node: _other_names(node, kinds, defaults)]
    nodes = [function, *(node for statement in function.body for node in _inside(statement))]
    for parent in nodes:
        fields = [("body", function.body)] if parent is function else list(ast.iter_fields(parent))
        for field, value in fields:
            listed = isinstance(value, list)
            for i, node in enumerate(value if listed else [value]):
                if not isinstance(node, ast.AST) or isinstance(node, ast.Raise | ast.JoinedStr):
                    continue
                for new in (new for change in changes for new in change(node)):
                    if listed:
                        new = [*value[:i], *_as_list(new), *value[i + 1 :]] or _empty(node)
                    setattr(parent, field, new)
                    yield
                    setattr(parent, field, value)


def _inside(node):
    """Yield a node and what is in it, but for messages and the digits of negative numbers."""
    if not isinstance(node, ast.Raise | ast.JoinedStr) and not _is_negative(node):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from _inside(child)


def _as_list(new):
    return new if isinstance(new, list) else [new]


def _empty(node):
    return [ast.Pass()] if isinstance(node, ast.stmt) else []


def _with(node, **fields):
    return type(node)(**dict(ast.iter_fields(node)) | fields)


# The kinds of change: each function takes a node and yields what may stand in its place, a list where it may be none


def terms_left_out(node):
    """Leave out a term, a factor, a condition, a part of a tuple, an end or the step of a slice."""
    if isinstance(node, ast.BinOp):
        yield node.left
        yield ast.UnaryOp(ast.USub(), node.right) if isinstance(node.op, ast.Sub) else node.right
    elif isinstance(node, ast.BoolOp) and len(node.values) == 2:
        yield from node.values
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        yield from (_with(node, elts=[*node.elts[:i], *node.elts[i + 1 :]]) for i in range(len(node.elts)))
    elif isinstance(node, ast.Slice):
        yield from (_with(node, **{part: None}) for part in ("lower", "upper", "step"))


def signs(node):
    """Turn a sign: + and -, * and /, that of a term or of an exponent."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in SIGNS:
        yield _with(node, op=SIGNS[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    elif isinstance(node, ast.Call) and _called(node) in ("exp", "expm1") and node.args:
        yield _with(node, args=[ast.UnaryOp(ast.USub(), node.args[0]), *node.args[1:]])


def axes(node):
    """Reduce over another axis, or over all."""
    others = [ast.Constant(value) for value in (0, 1, -1, None)]
    if isinstance(node, ast.keyword) and node.arg == "axis":
        yield from (_with(node, value=value) for value in others)
    elif isinstance(node, ast.Call) and _called(node) in REDUCING:
        i = 1 if _of_library(node) else 0
        if len(node.args) > i:
            yield from (_with(node, args=[*node.args[:i], value, *node.args[i + 1 :]]) for value in others)


def arguments_left_out(node):
    """Leave an argument to its default: a keyword, or the last by position."""
    if isinstance(node, ast.keyword):
        yield []
    elif isinstance(node, ast.Call) and len(node.args) > 1:
        yield _with(node, args=node.args[:-1])


def constants(node):
    """Take another number."""
    value = node.value if isinstance(node, ast.Constant) else None
    if _is_negative(node):
        yield from (ast.Constant(other) for other in (1 - node.operand.value, -1 - node.operand.value))
    elif isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(value - 1), ast.Constant(value + 1))
    elif isinstance(value, float):
        yield from (ast.Constant(other) for other in (0.0, 1.0, value / 2, value * 2) if other != value)


def _is_negative(node):
    """Say whether this is a number such as -1, which Python's trees have as the opposite of one."""
    number = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)
    return number and isinstance(node.operand.value, int | float)


def functions(node):
    """Call the function's counterpart: mean for sum, std for var, min for max."""
    name = _called(node) if isinstance(node, ast.Call) else None
    if name in OTHER and isinstance(node.func, ast.Attribute):
        yield _with(node, func=_with(node.func, attr=OTHER[name]))
    elif name in BUILT_IN:
        yield _with(node, func=ast.Name(OTHER[name], ast.Load()))


def calls_left_out(node):
    """Leave out a root, a square, a copy, a bound, a transpose: what it was applied to remains."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Call) and _called(node) in WRAPPING:
        if isinstance(node.func, ast.Attribute) and not _of_library(node):
            yield node.func.value
        elif _called(node) in ("maximum", "minimum", "clip", "where"):
            yield from node.args
        else:
            yield from node.args[:1]
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if any(isinstance(part, ast.Slice) or isinstance(part, ast.Constant) and part.value is None for part in parts):
            yield node.value


def orders(node):
    """Exchange neighbours: results, what is unpacked, arguments of a call, both sides of an operator."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
        yield _with(node, left=node.right, right=node.left)
    elif isinstance(node, ast.Tuple):
        yield from (_with(node, elts=elts) for elts in _exchanged(node.elts))
    elif isinstance(node, ast.Call):
        yield from (_with(node, args=args) for args in _exchanged(node.args))
    elif isinstance(node, ast.IfExp):
        yield _with(node, body=node.orelse, orelse=node.body)


def _exchanged(nodes):
    return [[*nodes[:i], nodes[i + 1], nodes[i], *nodes[i + 2 :]] for i in range(len(nodes) - 1)]


def roots(node):
    """Move a term into a root."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        if isinstance(node.left, ast.Call) and _called(node.left) == "sqrt":
            yield _with(node.left, args=[_with(node, left=node.left.args[0])])
        if isinstance(node.right, ast.Call) and _called(node.right) == "sqrt":
            yield _with(node.right, args=[_with(node, right=node.right.args[0])])
        if _is_root(node.left):
            yield _with(node.left, left=_with(node, left=node.left.left))


def _is_root(node):
    return (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)
            and node.right.value == 0.5)


def brackets(node):
    """Take brackets away, of an operator or of a call: a*(b-c) becomes a*b-c, and sqrt(a+b) sqrt(a)+b."""
    if isinstance(node, ast.BinOp):
        left, right = node.left, node.right
        if isinstance(right, ast.BinOp) and _level(right) <= _level(node):
            yield _with(right, left=_with(node, right=right.left))
        if isinstance(left, ast.BinOp) and _level(left) < _level(node):
            yield _with(left, right=_with(node, left=left.right))
    elif isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.BinOp):
        yield _with(node.args[0], left=_with(node, args=[node.args[0].left]))


def _level(node):
    kinds = [ast.Add | ast.Sub, ast.Mult | ast.Div | ast.MatMult, ast.Pow]
    return next((i for i, kind in enumerate(kinds) if isinstance(node.op, kind)), 3)


def comparisons(node):
    """Compare otherwise: with or without equality, or the other way round."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from (_with(node, ops=[other()]) for other in COMPARED.get(type(node.ops[0]), ()))


def statements(node):
    """Leave a step out, overwrite where something is to be added, or do always what has a condition."""
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=0)
    if isinstance(node, ast.Assign | ast.AugAssign | ast.If | ast.Expr):
        yield []
    if isinstance(node, ast.If):
        yield node.body


CHANGES = (terms_left_out, signs, axes, arguments_left_out, constants, functions, calls_left_out, orders, roots,
           brackets, comparisons, statements)


def _other_names(node, kinds, defaults):
    """Take another name of the same kind, or an option's default instead of what was passed."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in kinds:
        yield from (_with(node, id=name) for name, kind in kinds.items() if kind == kinds[node.id] and name != node.id)
        if node.id in defaults:
            yield defaults[node.id]


def _kinds_of_names(function):
    """Return the kind of each name, and the options' defaults.

    What has a default is an option, of the default's type; what a loop binds is an index; all else an array.
    """
    own = function.args
    positional = [*own.posonlyargs, *own.args]
    pairs = [*zip(positional[::-1], own.defaults[::-1], strict=False)]
    pairs += zip(own.kwonlyargs, own.kw_defaults, strict=True)
    defaults = {argument.arg: default for argument, default in pairs if default is not None}
    names = [argument.arg for argument in (*positional, *own.kwonlyargs)]
    names += [name for node in ast.walk(function) for name in _stored(node)]
    loops = [node.target for node in ast.walk(function) if isinstance(node, ast.For | ast.comprehension)]
    indices = {name for target in loops for node in ast.walk(target) for name in _stored(node)}
    kinds = {name: "index" if name in indices else "array" for name in names}
    kinds |= {name: type(getattr(default, "value", None)) for name, default in defaults.items()}
    return kinds, defaults


def _stored(node):
    return [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []


def _called(call):
    """Return the last name of what is called, if it has one."""
    return getattr(call.func, "attr", getattr(call.func, "id", None))


def _of_library(call):
    """Say whether a function of a module is called, no method of an array."""
    value = getattr(call.func, "value", None)
    return value is None or getattr(value, "id", getattr(value, "attr", None)) in LIBRARIES
