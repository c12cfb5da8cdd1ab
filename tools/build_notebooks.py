"""`make notebooks` and `make outputs`: from sources/ to notebooks/, and the stored outputs renewed.

Each notebook's line says what it gives to do; a revised one above the bar (`tools/doing.py`) fails once it is built.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from course_lib.delivery import building, way
from course_lib.delivery.cells import CHECKED, BuildError, machine
from course_lib.exercises import exercises
from course_lib.exercises.contents import chapters, in_words
from tools import doing, evidence, running

BEGIN, END = "<!-- notebooks:begin -->", "<!-- notebooks:end -->"
SECONDS_NOISE, SHARE_NOISE = 3, 0.25  # measurements within these of the stored ones change nothing


def main(arguments=None, *, root=building.ROOT, find=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="notebooks; all of them if none is named")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="change nothing, fail if something would change")
    how.add_argument("--force", action="store_true", help="rebuild edited notebooks too, keep them beside")
    how.add_argument("--execute", action="store_true", help="execute, renew stored outputs and measurements")
    options = parser.parse_args(arguments)
    known = building.names(root)
    if unknown := sorted(set(options.names) - set(known)):
        parser.error(f"no notebook {unknown[0]!r}, there are: {', '.join(known)}")
    good = True
    for name in options.names or known:
        try:
            if options.execute:
                good &= renew(name, root, find)
            good &= rebuild(name, root, find, check=options.check, force=options.force)
            good &= doing.report(name, root, find)
        except BuildError as error:
            print(f"{name}: refused. {error}", flush=True)
            good = False
    if not options.check:
        write_table(root, find)
    return 0 if good else 1


def rebuild(name, root, find=None, *, check=False, force=False):
    """Build one notebook's file where it changed; return whether all is well, and print what was done."""
    target = root / "notebooks" / f"{name}.ipynb"
    text = building.text_of(building.assemble(name, root=root, find=find))
    if target.exists() and target.read_bytes() == text.encode():
        print(f"{name}: unchanged", flush=True)
        return True
    if check:
        print(f"{name}: differs from what its source gives: run make notebooks", flush=True)
        return False
    if target.exists() and building.changed(target) and not force:
        print(f"{name}: refused. Somebody worked in it since it was built. "
              "`make notebooks FORCE=1` rebuilds it and keeps that version beside it.", flush=True)
        return False
    kept = building.replace(target, text)
    print(f"{name}: built" + (f", the former version is {kept.name}" if kept else ""), flush=True)
    return True


def renew(name, root, find=None):
    """Execute both forms of a notebook and store outputs and measurements; return whether that worked."""
    done = []
    for form in building.FORMS:
        nb = building.build(building.source_of(name, root), name, outputs=None, form=form, find=find, root=root)
        done.append(running.execute(nb, name, **running.FORM_VARIABLES[form]))
        print(f"{name}: {form} form executed in {done[-1].run}", flush=True)
        if wrong := evidence.wrong(form, done[-1]):
            print(f"{name}: refused. Its {form} form fails:\n{wrong}", flush=True)
            return False
    store_outputs(name, *done, root=root, find=find)
    return True


def store_outputs(name, blank, solved, *, root=building.ROOT, find=None):
    """Store outputs and measurements of a notebook's two executed forms, and what they depend on.

    Raises
    ------
    BuildError
        Where the forms print different texts.
    """
    outputs, others = checked_outputs(name, blank.nb), checked_outputs(name, solved.nb)
    for cell, text in outputs.items():
        if others[cell] != text:
            raise BuildError(f"{name}, cell {cell}: it gives {text} in the blank form and {others[cell]} "
                             "in the solved one: round it, or take the tag away.")
    nb = building.build(building.source_of(name, root), name, outputs=None, find=find, root=root)
    measured = {"seconds": round(blank.run.seconds, 1), "cores": running.cores(),
                "megabytes": round(max(blank.run.megabytes, solved.run.megabytes))}
    stored = {"key": evidence.full_key(nb, blank.files, root), "outputs": outputs,
              "measured": settled(building.stored_outputs(name, root).get("measured"), measured)}
    evidence.store(building.outputs_path(name, root), stored)


def settled(before, now):
    """The former measurement where the new one is within its noise, so that it makes no difference."""
    if before is None or before["cores"] != now["cores"]:
        return now
    seconds = max(SECONDS_NOISE, SHARE_NOISE * before["seconds"])
    same = (abs(now["seconds"] - before["seconds"]) <= seconds
            and abs(now["megabytes"] - before["megabytes"]) <= SHARE_NOISE * before["megabytes"])
    return before if same else now


def checked_outputs(name, nb):
    """Texts of the checked cells of an executed notebook, by cell and kind."""
    found = {}
    for cell in nb.cells:
        if CHECKED not in cell.metadata.get("tags", []):
            continue
        texts = found[cell.id] = {}
        place = f"{name}, cell {cell.id} ({cell.source.splitlines()[0]!r})"
        for output in cell.outputs:
            kinds = {output.name: output.text} if output.output_type == "stream" else output.get("data", {})
            for kind, text in kinds.items():
                if kind not in ("stdout", "text/plain") or output.output_type == "display_data":
                    raise BuildError(f"{place}: it shows {kind}, and only printed text can be checked: "
                                     "print it, or take the tag away.")
                texts[kind] = texts.get(kind, "") + text
        if not texts:
            raise BuildError(f"{place}: it prints nothing that could be checked: take the tag away.")
    return found


def write_table(root, find=None):
    """Renew README's table of notebooks, between its two marks."""
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    if BEGIN not in text or END not in text:
        return
    rows = ["| notebook | for you | for the machine | memory | afterwards you can |", "|:--|:--|:--|:--|:--|"]
    for each in chapters(root, find or exercises):
        measured = building.stored_outputs(each.name, root).get("measured")
        time, memory = machine(measured) if measured else ("", "")
        rows.append(f"| [{each.title}](notebooks/{each.file}) | {in_words(each.hours)} | {time} | {memory} "
                    f"| {way.aims(each)} |")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    new = "\n".join([head + BEGIN, *rows, END + tail])
    if new != text:
        readme.write_text(new, encoding="utf-8", newline="\n")
        print("README.md: its table of notebooks is renewed", flush=True)


if __name__ == "__main__":
    sys.exit(main())
