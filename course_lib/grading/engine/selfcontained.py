"""Telling answers that compute, and can reach nothing outside themselves: these may share a process.

A list of what is allowed, never of what is forbidden: whatever isn't on it costs the answer no more than a process of
its own. So the list needn't be complete, only harmless: with it no answer can leave anything behind for the next one,
be it a patched function, a thread, a file or a kept reference.
"""

import ast
import builtins

# Control and arithmetic. Left out are classes, decorators, deleting, generators, `try`, and `global`.
NODES = {
    getattr(ast, name)
    for name in """
    Module FunctionDef Lambda arguments arg Return Expr Pass Break Continue If For While With withitem Raise Assert
    Assign AugAssign AnnAssign NamedExpr BoolOp BinOp UnaryOp IfExp Compare Call keyword Starred Attribute Subscript
    Slice Name Constant Tuple List Dict Set ListComp DictComp SetComp GeneratorExp comprehension JoinedStr
    FormattedValue Import ImportFrom alias Load Store
""".split()
}
for kind in (ast.boolop, ast.operator, ast.unaryop, ast.cmpop):
    NODES.update(kind.__subclasses__())
MODULES = {"numpy", "math"}
NAMES = set(
    """
    abs all any bool dict enumerate Exception float int isinstance len list map math max min NotImplementedError np
    numpy pow print range reversed round set slice sorted str sum tuple TypeError ValueError zip

    dense minibatches softmax_cross_entropy
""".split()
)  # the last are the course's own, which set-up cells import: they keep nothing
# NumPy's functions and constants, and those of math; then what arrays, lists, dicts, texts and generators of random
# numbers have. np.random itself isn't here: it has a state that all share.
ATTRIBUTES = set(
    """
    abs absolute add all allclose amax amin any append arange arctan argmax argmin argsort array array_equal
    asarray atleast_1d atleast_2d bool_ broadcast_to cbrt ceil clip concatenate copysign cos cosh cumprod cumsum
    diag diff divide dot e eigh einsum empty empty_like equal erf errstate exp exp2 expand_dims expm1 eye fabs
    finfo flip float16 float32 float64 floor floor_divide fmax fmin fsum full full_like greater hstack hypot
    identity inf inner int32 int64 isclose isfinite isinf isnan less linalg linspace log log10 log1p log2 logaddexp
    logical_and logical_not logical_or matmul max maximum median min minimum mod moveaxis multiply nan nan_to_num
    ndenumerate ndim ndindex negative newaxis norm ones ones_like outer pad pi polyfit pow power prod reciprocal
    remainder repeat result_type rint roll round s_ select sign signbit sin sinc sinh size spacing sqrt square
    squeeze stack std subtract sum svd swapaxes tan tanh tensordot tile trace tri tril triu true_divide trunc
    unique var vdot vstack where zeros zeros_like

    astype binomial choice copy dtype endswith extend fill flat flatten get insert integers item items itemsize join
    keys mean nbytes normal pop ravel reshape setdefault shape sort split standard_normal startswith T take tolist
    transpose uniform update values
""".split()
)


def is_self_contained(source, known):
    """Tell whether a cell uses nothing but what is listed here, its own names, and some that are known to be harmless.

    Parameters
    ----------
    source : str
    known : collection of str
        Names of pure functions that the cell may call.
    """
    nodes = list(ast.walk(ast.parse(source)))
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    own |= {name.asname or name.name for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names}
    return all(_allowed(node, own | NAMES | set(known)) for node in nodes)


def surroundings(names):
    """Return of some names those that a self-contained cell may find; a name that it only seems to bind leads nowhere.

    `if False: exec = 0` binds exec in the eyes of `is_self_contained`, and would else reach Python's own.
    """
    own = {name: getattr(builtins, name) for name in NAMES & set(dir(builtins))} | {"__import__": builtins.__import__}
    return {name: names[name] for name in NAMES & set(names)} | {"__name__": "__main__", "__builtins__": own}


def _allowed(node, names):
    if type(node) not in NODES:
        return False
    if isinstance(node, ast.FunctionDef):
        return not node.decorator_list and not node.name.startswith("__")
    if isinstance(node, ast.Name):
        return node.id in names and not node.id.startswith("__")
    if isinstance(node, ast.Attribute):
        return node.attr in ATTRIBUTES and isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.Import):
        return all(name.name in MODULES and (name.asname or "") in ("", "np") for name in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module in MODULES and not node.level and all(name.name in ATTRIBUTES for name in node.names)
    return True
