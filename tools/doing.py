"""What a notebook gives the learner to do: how long one reads without it, and how much one writes."""

import argparse
import ast
import io
import re
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib.delivery import building
from course_lib.delivery.cells import solution

# The bar: words and cells between two things to do, lines that the learner writes, and what one sees of code
WORDS, CELLS, LINES, WIDTH, CODE = 400, 10, 40, 88, 10
ACTS = re.compile(r"raise NotImplementedError|\bpredict\(|\bquiz\(|\w*_explorer\(|course-task")
TASKS = re.compile(r"change and see|\*\*try this|your answer", re.IGNORECASE)
FOLDS = re.compile(r"<details>.*?</details>", re.DOTALL)
WITHOUT_LINES = "00_start_here"  # its one exercise shows how exercises work
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Doing:
    """What was counted in a notebook; the longest stretches with the heading under which they end."""

    words: int
    cells: int
    things: int
    longest_words: tuple
    longest_cells: tuple
    lines: int

    def __str__(self):
        (words, under), (cells, below) = self.longest_words, self.longest_cells
        return (f"{self.words} words, {self.cells} cells, {self.things} things to do; "
                f"longest without: {words} words (ends under {under!r}), {cells} cells (ends under {below!r}); "
                f"lines that the learner writes: {self.lines}")


def code_lines(source):
    """Return how many lines of a piece of code hold any, comments and blank lines apart."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    spans = [range(token.start[0], token.end[0] + 1) for token in tokens if token.type not in SILENT]
    return len({line for span in spans for line in span})


def written_lines(function):
    """Return how many lines of code a function's body has: what its learner writes."""
    text = solution(function)
    body = ast.parse(text).body[0].body
    body = body[ast.get_docstring(ast.parse(text).body[0]) is not None:]
    return code_lines("\n".join(text.splitlines()[body[0].lineno - 1:])) if body else 0


def headed(cells):
    """Yield each cell with the heading under which it stands, its own included."""
    heading = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            found = [line.strip("# ") for line in cell.source.splitlines() if line.startswith("#")]
            heading = found[-1] if found else heading
        yield cell, heading


def acts(cell):
    """Whether a built cell gives the learner something to do."""
    return bool((ACTS if cell.cell_type == "code" else TASKS).search(cell.source))


def count(cells, references):
    """Count what the learner's cells, as built, let the learner do.

    Parameters
    ----------
    cells : list of nbformat.NotebookNode
    references : iterable of functions
        The model answers of the notebook's exercises.

    Returns
    -------
    Doing
    """
    words = things = since = passed = 0
    longest_words = longest_cells = (0, "")
    for cell, heading in headed(cells):
        if cell.cell_type == "markdown":
            new = len(re.findall(r"\w+", FOLDS.sub("", cell.source)))
            words, since = words + new, since + new
        passed += 1
        longest_words = max(longest_words, (since, heading), key=lambda pair: pair[0])
        longest_cells = max(longest_cells, (passed, heading), key=lambda pair: pair[0])
        if acts(cell):
            things, since, passed = things + 1, 0, 0
    lines = sum(map(written_lines, references))
    return Doing(words, len(cells), things, longest_words, longest_cells, lines)


def above(name, doing, cells):
    """Say what of a notebook is above the bar, and where, a sentence each."""
    (words, under), (cells_passed, below) = doing.longest_words, doing.longest_cells
    found = []
    if words > WORDS:
        found.append(f"{words} words without anything to do, wanted at most {WORDS}: they end under {under!r}")
    if cells_passed > CELLS:
        found.append(f"{cells_passed} cells without anything to do, wanted at most {CELLS}: they end under {below!r}")
    if doing.lines < LINES and name != WITHOUT_LINES:
        found.append(f"the learner writes {doing.lines} lines, wanted at least {LINES}")
    for cell, heading in headed(cells):
        if cell.cell_type != "code":
            continue
        for line in cell.source.splitlines():
            if len(line) > WIDTH:
                found.append(f"a line of {len(line)} characters, wanted at most {WIDTH}: under {heading!r}, "
                             f"{line.strip()[:40]!r}")
        seen = "solution" if cell.metadata.get("nbgrader", {}).get("solution") else cell.metadata.get("jupyter")
        if not seen and (length := code_lines(cell.source)) > CODE:
            found.append(f"{length} lines of code in a cell that isn't folded, wanted at most {CODE}: "
                         f"under {heading!r}, {cell.source.splitlines()[0]!r}")
    return found


def revised(source):
    """Whether a source's header says ``revised: true`` under ``course``: then the notebook must keep to the bar."""
    import jupytext
    return jupytext.reads(source, fmt="py:percent").metadata.get("course", {}).get("revised", False)


def look(name, root=building.ROOT, find=None):
    """Count a notebook as its source would be built now; return the counts, and what is above the bar."""
    from course_lib.exercises import exercises
    cells = building.build(building.source_of(name, root), name, outputs=None, find=find).cells
    doing = count(cells, [exercise.reference for exercise in (find or exercises)(name).values()])
    return doing, above(name, doing, cells)


def report(name, root=building.ROOT, find=None, *, places=False):
    """Print a notebook's line; return whether it keeps to the bar, if it is revised. Print what is above it, too.

    Without `places` only a revised notebook is told where.
    """
    doing, found = look(name, root, find)
    print(f"{name}: {doing}", flush=True)
    held = revised(building.source_of(name, root))
    for sentence in found if held or places else []:
        print(f"  above the bar: {sentence}", flush=True)
    return not (held and found)


def main(arguments=None, *, root=building.ROOT, find=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="notebooks, to see what is above the bar and where")
    options = parser.parse_args(arguments)
    known = building.names(root)
    if unknown := sorted(set(options.names) - set(known)):
        parser.error(f"no notebook {unknown[0]!r}, there are: {', '.join(known)}")
    good = [report(name, root, find, places=bool(options.names)) for name in options.names or known]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
