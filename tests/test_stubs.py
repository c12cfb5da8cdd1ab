"""What a learner is to find stands nowhere before it: not in the stub, and what is to be derived not in the text."""

import ast
import inspect
import re
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_lib.delivery import building
from course_lib.delivery.cells import solution, stub
from course_lib.exercises.core import Task, exercises, formula, notebooks
from course_lib.layers import dense_backward
from course_lib.optimizers import adam
from tools import doing

EXERCISES = [(notebook, exercise) for notebook in notebooks() for exercise in exercises(notebook).values()]
ids = {"ids": lambda value: getattr(value, "name", "")}
FOLD = "<details><summary>What it comes to</summary>"


# Stubs


FORMULA = re.compile(
    r"""[=←≈∝]\s*\S.*([·*/+√Σ²ᵀ^]|\s-\s|\w\()   # something is an expression
    | \w\s?·\s?\w | [)\w]\s[*/@+-]\s[(\w√Σ] | \*\*
    | [√Σ]\s?[(|\w] | ᵀ | [A-Za-z)|]²
    | \b(exp|log|sqrt|max|min|sign|clip|tanh|sum|mean)\(
    | \bwhere\b.*\belse\b""",
    re.VERBOSE,
)
GIVEN = re.compile(r"\w+ = ∂L/∂\w+|∂L/∂\w+")
CODE = re.compile(r"``([^`]+)``|`([^`]+)`")
WORTH_COPYING = 8  # characters of an expression; shorter ones such as "len(x)" give nothing away


def expressions(reference):
    """Return the expressions of a function's body, without spaces; messages of errors don't count."""
    body = ast.parse(solution(reference)).body[0].body
    found, waiting = set(), list(body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.Raise):
            waiting += ast.iter_child_nodes(node)
            if isinstance(node, ast.BinOp | ast.Call | ast.Compare):
                found.add(ast.unparse(node).replace(" ", ""))
    return {code for code in found if len(code) >= WORTH_COPYING}


def computes(code):
    """Whether a piece of code in backticks computes something, which a name, an option or a call of Keras's doesn't."""
    try:
        nodes = list(ast.walk(ast.parse(code.strip())))
    except SyntaxError:
        return False
    calls = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    return any(isinstance(node, ast.BinOp) for node in nodes) or any(name.startswith("np.") for name in calls)


def copyable(text, reference):
    """Return what of a stub's text could be copied as the answer, or as a part of it."""
    function = ast.parse(text).body[0]
    doc = ast.get_docstring(function) or ""
    found = [code for code in map(ast.unparse, function.body[bool(doc):]) if code != "raise NotImplementedError"]
    found += [line for line in doc.splitlines() if FORMULA.search(GIVEN.sub("", CODE.sub("", line)))]
    found += [code for pair in CODE.findall(doc) if computes(code := "".join(pair))]
    return found + [code for code in expressions(reference) if code in doc.replace(" ", "")]


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES, **ids)
def test_nothing_in_a_stub_could_be_copied(notebook, exercise):
    assert copyable(stub(exercise.reference, raises=exercise.refuses), exercise.reference) == []


@pytest.mark.parametrize("line", [
    "dx = dy wᵀ,   dw = xᵀ dy",
    "y = x · mask",
    "m ← beta1 · m + (1 - beta1) · grad,   s ← beta2 · s + (1 - beta2) · grad²",
    "w ← w - lr · √(1 - beta2ᵗ) / (1 - beta1ᵗ) · m / (√s + eps)",
    "It is 1 where z > 0, else alpha exp(z).",
    "Draw with variance 2 / fan_in.",
    "The gradient is `dy @ w.T`.",
    "The gradient: ``np.sum(dy, axis=0)``.",
    "So `dw = x.T @ dy`.",
    "Return dy @ w.T and more.",
    "db is dy.sum(axis=0) here",
    "norm = √(Σ over all elements)",
    "f(z) = max(z, 0)",
    "Multiply lr by decay_rate^(step / decay_steps).",
])
@pytest.mark.parametrize("place", ["first", "section"])
def test_a_planted_formula_is_found(line, place):
    text = stub(dense_backward)
    planted = {"first": text.replace("\n\n", f"\n\n    {line}\n\n", 1),
               "section": text.replace("    dx : array", f"    dx : array\n        {line}\n    dx : array", 1)}[place]
    assert copyable(text, dense_backward) == []
    assert copyable(planted, dense_backward)


def test_a_planted_body_is_found_and_a_formula_that_is_left_in():
    begun = stub(dense_backward).replace("    raise", "    x, w = cache\n    raise")
    assert copyable(begun, dense_backward) == ["x, w = cache"]
    kept = stub(adam).replace("    Notes\n", f"    Formula\n    -------\n    {formula(adam)}\n\n    Notes\n")
    assert len(copyable(kept, adam)) == 1


@pytest.mark.parametrize("line", [
    "Return the gradients of the loss with respect to x, w and b, given dy = ∂L/∂y.",
    "In Keras: ``SGD(momentum=beta, nesterov=True)``, with ``training=True``; see `batch_norm`.",
    "x : array (batch, height, width, channels), of float32 or float64",
    "The slope is nowhere above 1/4, and at z = 0 it is 0; patience is 0 to 0.999.",
    "loss : function (y, outputs) -> scalar tensor, half-way",
])
def test_a_specification_is_no_formula(line):
    text = stub(dense_backward)
    assert copyable(text.replace("\n\n", f"\n\n    {line}\n\n", 1), dense_backward) == []


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES, **ids)
def test_the_second_hint_quotes_the_formula_where_there_is_one(notebook, exercise):
    assert len(exercise.hints) == (2 if formula(exercise.reference) else 3)
    assert exercise.task is not Task.DERIVE or formula(exercise.reference)


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES, **ids)
def test_what_a_learner_reads_of_a_reference_fits_the_notebooks(notebook, exercise):
    assert [line for line in solution(exercise.reference).splitlines() if len(line) > doing.WIDTH] == []


# Formulas in the text


def in_brackets(text):
    """Return how deep in brackets each character stands."""
    depth, found = 0, []
    for char in text:
        depth -= char in ")]}"
        found.append(depth)
        depth += char in "([{"
    return found


ENDS = re.compile(r"[=←≈;:]|,\s|\.(\s|$)|\b(where|with|over|then|and|else)\b|$")

DEFINED = re.compile(r"\b([Ww]ith|where|and)\s+\S+\s*$")


def right_hand_sides(text):
    """Return what follows each "=", "←" or "else" in a formula, up to the next such word or mark outside brackets.

    What is defined in passing, as in "with x̂ = ...", isn't what the formula is about.
    """
    depth, found = in_brackets(text), []
    for start in re.finditer(r"[=←≈]|\belse\b", text):
        if depth[start.start()] == 0 and not DEFINED.search(text[:start.start()]):
            ends = (end.start() for end in ENDS.finditer(text, start.end()))
            found.append(text[start.end():next(end for end in ends if end == len(text) or depth[end] == 0)].strip())
    return [side for side in found if len(re.findall(r"[^\W\d_]+", side)) > 1 and len(same(side)) > 3]


def returned(reference):
    """Return the expressions that a function returns, or gives to the names that it returns, as code."""
    function = ast.parse(solution(reference)).body[0]
    found, given = [], {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AugAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                given.setdefault(_whole(target), []).append(node.value)
        if isinstance(node, ast.Return):
            found += node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    found = [value for node in found for value in given.get(_whole(node), [node])]
    sides = [ast.unparse(node) for node in found if isinstance(node, ast.BinOp | ast.Call)]
    return [side for side in sides if not re.match(r"np\.(zeros|empty|full)", side)]


def _whole(node):
    """Return the array of which a node is a part, or else the node, as code."""
    return ast.unparse(node.value if isinstance(node, ast.Subscript) else node)


def _fraction(match):
    sums = [any(char in "+-" for char, deep in zip(part, in_brackets(part), strict=True) if deep == 0)
            for part in match.groups()]
    return "/".join(f"({part})" if is_sum else part for part, is_sum in zip(match.groups(), sums, strict=True))


SPELLINGS = [
    (r"−|–", "-"), (r"\\(left|right|[Bb]ig[lr]?|mathbf|mathsf|mathrm|mathcal|text|bm|operatorname)\b", ""),
    (r"\\(,|;|!|:|quad|\s)", ""), (r"\^\{\{T\}\}|\^\{\\?(top|intercal|T)\}|\^\\?(top|intercal|T)\b|\.T\b", "ᵀ"),
    (r"\^\{\([^()]*\)\}|\^\([^()]*\)", ""), (r"_\{[^{}]*\}|_[A-Za-z0-9]+", ""), (r"\*\*\s*2\b|\^2\b|\^\{2\}", "²"),
    (r"\\partial", "∂"), (r"\be\^\{([^{}]*)\}", r"exp(\1)"), (r"\be\^(\w)", r"exp(\1)"),
    (r"\\hat\s*\{(\w)\}|\\hat\s+(\w)", "\\1\\2\u0302"), (r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", _fraction),
    (r"∂\s*L\s*/\s*∂\s*(\w)", r"d\1"), (r"\\delta|δ", "dy"), (r"\\(var)?epsilon|ε", "eps"),
    (r"\\gamma|γ", "gamma"), (r"\\beta|β", "beta"), (r"\\alpha|α", "alpha"),
    (r"(\\sigma|σ|logistic|sigmoid)(?=\s*\()", "f"), (r"\\sum", "Σ"), (r"\\sqrt", "√"),
    (r"\\(cdot|times|odot|circ)\b|[·*@×∘⊙]|\bnp\.", ""), (r"[\s${}\\]", ""),
]


def same(text):
    """Return a formula in one spelling, whether it was LaTeX, Unicode or code: without spaces and signs of products."""
    for spelling, plain in SPELLINGS:
        text = re.sub(spelling, plain, text)
    return text.lower()


def given_away(cells, exercise):
    """Return the formulas of an exercise that a learner's cells show before it, with the first line of the cell."""
    sides = [*right_hand_sides(formula(exercise.reference)), *returned(exercise.reference)]
    before = cells[:[cell.id for cell in cells].index(exercise.name)]
    return [(side, cell.source.split("\n")[0]) for cell in before for side in sides if same(side) in same(cell.source)]


def folded_after(cells, exercise):
    """Whether the first text after an exercise folds away what it comes to."""
    after = cells[[cell.id for cell in cells].index(exercise.name):]
    return FOLD in next((cell.source for cell in after if cell.cell_type == "markdown"), "")


def test_what_is_to_be_derived_stands_after_the_exercise_and_only_there():
    for notebook in filter(lambda name: doing.revised(building.source_of(name)), notebooks()):
        cells = building.build(building.source_of(notebook), notebook, outputs=None).cells
        for exercise in exercises(notebook).values():
            if exercise.task is Task.DERIVE:
                assert given_away(cells, exercise) == [], (notebook, exercise.name)
                assert folded_after(cells, exercise), (notebook, exercise.name)


def small(text, after=f"{FOLD}\n\n$dx = dy\\,w^\\top$</details>", name="dense_backward"):
    """Return a small notebook's cells: a text or code, an exercise, what follows it."""
    first = new_code_cell(text[1:]) if text.startswith(">") else new_markdown_cell(text)
    answer = [new_code_cell("def ...", id=name), new_code_cell(f"check({name})"), new_code_cell("use")]
    return [new_markdown_cell("# Title"), first, *answer, new_markdown_cell(after)]


EXERCISE = {exercise.name: exercise for _, exercise in EXERCISES}


@pytest.mark.parametrize(("name", "text"), [
    ("dense_backward", "So dx = dy wᵀ."),
    ("dense_backward", "So $\\mathrm{dx} = dy\\,w^\\top$."),
    ("dense_backward", "We get\n\n$$\\frac{\\partial L}{\\partial W} = X^{\\top} \\frac{\\partial L}{\\partial Y}$$"),
    ("dense_backward", "In layer $l$: $\\delta^{(l)} W_l^T$."),
    ("dense_backward", "In code `dy @ w.T`."),
    ("dense_backward", ">grads = dy @ w.T, x.T @ dy"),
    ("dense_backward", ">db = dy.sum(axis=0)"),
    ("dense_backward", "<details><summary>Look</summary>dw = xᵀ · dy</details>"),
    ("logistic_derivative", "The slope is σ(z)(1 − σ(z))."),
    ("logistic_derivative", "$\\sigma(z)\\,(1 - \\sigma(z))$"),
    ("logistic_derivative", "$$f'(z) = f(z)\\,\\bigl(1 - f(z)\\bigr).$$"),
    ("logistic_derivative", "$\\frac{e^{-|z|}}{(1 + e^{-|z|})^2}$"),
    ("logistic_derivative", ">slope = t / (1 + t)**2"),
    ("elu_derivative", "Below zero it is $\\alpha e^{z}$."),
    ("elu_derivative", "else alpha exp(z)"),
    ("dropout_backward", "dx = dy · mask"),
    ("dropout_backward", ">dx = dy * mask"),
    ("batch_norm_backward", "$d\\beta = \\sum dy$, $d\\gamma = \\sum dy\\,\\hat{x}$"),
    ("flatten_backward", ">dx = dy.reshape(shape)"),
    ("conv2d_backward_bias", ">db = dy.sum(axis=(0, 1, 2))"),
    ("conv2d_backward_input", ">dx += dy @ w[i, j].T"),
])
def test_a_formula_planted_before_its_exercise_is_found_however_it_is_spelled(name, text):
    assert given_away(small(text, name=name), EXERCISE[name])


@pytest.mark.parametrize(("name", "text"), [
    ("dense_backward", "A layer computes y = x w + b; $y = x\\,w + b$; dy is ∂L/∂y, of shape (batch, fan_out)."),
    ("dense_backward", ">y = x @ w + b\nloss = y.sum(axis=0)"),
    ("dense_backward", "Three shapes: dy (batch, fan_out), w (fan_in, fan_out), x (batch, fan_in)."),
    ("logistic_derivative", "$f(z) = \\frac{1}{1 + e^{-z}}$, so f(0) = 1/2 and f(z) < 1."),
    ("elu_derivative", "f(z) = z where z > 0, else alpha (exp(z) - 1); $\\alpha(e^{z} - 1)$"),
    ("dropout_backward", "y = x · mask, and dropout returns y and the mask."),
])
def test_a_definition_before_an_exercise_gives_nothing_away(name, text):
    assert given_away(small(text, name=name), EXERCISE[name]) == []


def test_what_it_comes_to_is_folded_in_the_first_text_after_the_exercise():
    exercise = EXERCISE["dense_backward"]
    cells = small("y = x w + b")
    assert folded_after(cells, exercise)
    assert not folded_after([*cells[:-1], new_markdown_cell("More."), cells[-1]], exercise)
    assert not folded_after(small(FOLD, after="Nothing."), exercise)
    assert not folded_after(cells[:-1], exercise)


def test_every_formula_that_is_to_be_derived_can_be_recognised():
    for exercise in EXERCISE.values():
        if exercise.task is Task.DERIVE:
            assert returned(exercise.reference), exercise.name
            in_words = exercise.name == "max_pool2d_backward"
            assert in_words or right_hand_sides(formula(exercise.reference)), exercise.name


def formulated(x):
    """Return something.

    Formula
    -------
    y = 2 x,
    whatever x is

    Notes
    -----
    Nobody, 1900.
    """


def test_the_formula_is_quoted_in_one_line():
    assert formula(formulated) == "y = 2 x, whatever x is"
    assert formula(SimpleNamespace) == "" == formula(inspect.getdoc)
