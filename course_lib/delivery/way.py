"""The learner's way through the course, as Markdown: the table of contents, and links from notebook to notebook."""

from course_lib.exercises.contents import chapters, heading, in_words, names, source_of

AIMS_SHOWN = 2  # in the table of contents; the notebook's first cell has them all
CONTENTS = "The-course"  # the heading in the first notebook under which the table stands, as JupyterLab's links say it


def neighbours(name, root):
    """Return links to the notebooks before and after one, and to the contents; "" for a notebook that isn't there."""
    known = names(root)
    if name not in known or len(known) == 1:
        return ""
    here = known.index(name)
    links = [f"← {_link(other, root)}" for other in known[:here][-1:]]
    if here:
        links.append(f"[Contents]({known[0]}.ipynb#{CONTENTS})")
    links += [f"{_link(other, root)} →" for other in known[here + 1:][:1]]
    return " | ".join(links)


def with_neighbours(cells, name, root):
    """Put the links below a notebook's title and into a cell at its end."""
    links = neighbours(name, root)
    if not links:
        return
    first = next(iter(cells.values()))
    title, line, rest = first.source.partition("\n")
    if title.startswith("# "):
        first.source = f"{title}\n\n{links}{line}{rest}"
    from nbformat.v4 import new_markdown_cell
    cells["neighbours"] = new_markdown_cell(links, id="neighbours")


def table(root, find):
    """Return the table of contents: a link to each notebook, its hours, and what it lets a learner do."""
    rows = ["| notebook | for you | afterwards you can |", "|:--|:--|:--|"]
    for each in chapters(root, find):
        rows.append(f"| [{each.title}]({each.file}) | {in_words(each.hours)} | {aims(each)} |")
    return "\n".join(rows)


def aims(chapter):
    """Return the first of what a notebook lets a learner do, for a table's cell."""
    return "; ".join(chapter.aims[:AIMS_SHOWN]).replace("|", r"\|")


def _link(name, root):
    return f"[{heading(source_of(name, root))}]({name}.ipynb)"
