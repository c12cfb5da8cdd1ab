"""Compiling cells, and telling by their code which names they bind and use, without running them."""

import ast
import builtins
import dis
import re
import types
import warnings


def compiled(source, place):
    """Compile a cell, also one that only IPython understands, with magics or indented as a whole."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return compile(source, place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except SyntaxError:
            from IPython.core.inputtransformer2 import TransformerManager

            plain = re.sub(r"^%%\w+.*\n", "\n", source)  # `%%time` hands the rest of the cell on as it is
            return compile(TransformerManager().transform_cell(plain), place, "exec", dont_inherit=True)


def needed_by(cells, code, names):
    """Return the numbers of the cells that bind what the answer uses, directly or by way of each other."""
    seen, found, stack = {*names, *dir(builtins)}, set(), [_loaded(code)]
    while stack:
        for name in stack.pop() - seen:
            seen.add(name)
            for i, cell in enumerate(cells):
                everything = re.search(r"^from \S+ import \*", cell, re.MULTILINE)
                if (name in cell or everything) and i not in found:  # in its text: most cells needn't be compiled
                    bound, loaded = globals_of(cell)
                    if name in bound or everything:
                        found.add(i)
                        stack.append(loaded)
    return found


def globals_of(source):
    """Return the names that a cell binds, and those it uses; none where it can't be compiled."""
    try:
        code = compiled(source, "<cell>")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return set(), set()
    return _bound(code), _loaded(code)


def imported(source):
    """Return the names that import statements of a cell bind."""
    try:
        steps = list(dis.get_instructions(compiled(source, "<cell>")))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return set()
    pairs = zip(steps, steps[1:], strict=False)
    return {step.argval for before, step in pairs if before.opname in ("IMPORT_NAME", "IMPORT_FROM")}


def _bound(code):
    return {step.argval for step in dis.get_instructions(code) if step.opname in ("STORE_NAME", "STORE_GLOBAL")}


def _loaded(code):
    """Return the global names that code uses, that of the functions inside it too."""
    own = {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
    return own.union(*(_loaded(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)))
