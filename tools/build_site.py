"""`make site`: the executed notebooks as web pages, in site/."""

import re
import sys
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib.delivery import building
from course_lib.delivery.cells import measured
from course_lib.exercises import exercises
from course_lib.exercises.contents import chapter, in_words
from tools import evidence, running

INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Training deep neural networks</title>
<style>body {{ font: 1.1em/1.6 system-ui; max-width: 45em; margin: 3em auto; padding: 0 1em }}</style>
</head>
<body>
<main>
<h1>Training deep neural networks</h1>
<p>The notebooks as a learner first finds them, executed. To work in them, install the course.</p>
<ol start="0">
{rows}
</ol>
</main>
</body>
</html>
"""

FOLDED = """{%- extends "lab/index.html.j2" -%}
{%- block input -%}
{%- if cell.metadata.get("jupyter", {}).get("source_hidden") -%}
<details><summary>Code</summary>{{ super() }}</details>
{%- else -%}
{{ super() }}
{%- endif -%}
{%- endblock input -%}
"""


def main(root=building.ROOT, find=None):
    """Write the site; return the exit code."""
    site, rows, good = root / "site", [], True
    site.mkdir(exist_ok=True)
    for name in building.names(root):
        about = chapter(name, root, find or exercises)
        done = running.execute(building.assemble(name, root=root, find=find), name)
        print(f"{name}: executed in {done.run}", flush=True)
        if wrong := evidence.wrong("blank", done):
            print(wrong, flush=True)
            good = False
            continue
        (site / f"{name}.html").write_text(page(done.nb, about.title), encoding="utf-8")
        rows.append(f'<li><a href="{name}.html">{escape(about.title)}</a><br>'
                    f"{measured(in_words(about.hours), building.stored_outputs(name, root))}</li>")
    (site / "index.html").write_text(INDEX.format(rows="\n".join(rows)), encoding="utf-8")
    print(f"{site / 'index.html'} lists {len(rows)} notebooks")
    return 0 if good else 1


def page(nb, title):
    """One notebook as a page of JupyterLab's looks; the code of folded cells can be opened."""
    import nbformat
    from nbconvert import HTMLExporter
    # The state of widgets would have the page fetch scripts for them, and is no use without a kernel: stills are shown
    metadata = {key: value for key, value in nb.metadata.items() if key != "widgets"}
    nb = nbformat.from_dict({**nb, "metadata": metadata})
    exporter = HTMLExporter(raw_template=FOLDED, exclude_input_prompt=True, exclude_output_prompt=True)
    text = exporter.from_notebook_node(nb, resources={"metadata": {"name": title}})[0]
    return re.sub(r'href="(\d\d_\w+)\.ipynb', r'href="\1.html', text)  # the other notebooks are pages, too


if __name__ == "__main__":
    sys.exit(main())
