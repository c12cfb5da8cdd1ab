"""Writing the exported library into a folder, without overwriting what the learner has changed there since."""

import hashlib
import json
from pathlib import Path

from course_lib.delivery.building import keep_beside
from course_lib.exercises import keeping
from course_lib.exercises.core import find, notebook_of
from course_lib.exercises.outline import known_functions
from course_lib.exercises.tracing import LIBRARY
from course_lib.mine.cases import tests
from course_lib.mine.exporting import Library

MANIFEST = ".exported.json"


class Exported:
    """What an export came to: the folder, how many functions, and which changed files are kept beside the new ones."""

    def __init__(self, place, library, untested, kept):
        self.place, self.library, self.untested, self.kept = place, library, untested, kept

    def __str__(self):
        count = len(self.library.functions)
        are = "functions of your own are" if count != 1 else "function of your own is"
        lines = [f"{count} {are} now in {self.place}."]
        lines += [f"{name} is left out: {why}." for name, why in self.library.left_out.items()]
        lines += [f"{', '.join(users)} can't run in full there: {name} is {why}."
                  for (name, why), users in self.library.stubs.items()]
        lines += [f"You had changed {old.name}: your version is kept as {new.name}. Run `course check` before you "
                  "export, and what passes comes along." for old, new in self.kept]
        lines += [f"Try it: python {self.place / 'tests' / 'run.py'}"] if count else []
        return "\n".join(lines)


def export(folder):
    """Write the learner's library into a folder, as the package `my_library`.

    A file that the learner has changed since the last export is kept beside the new one. A second export of the same
    changes nothing.

    Raises
    ------
    ValueError
        If the folder, or the package's place in it, is a file.
    OSError
        If it can't be written.
    """
    place = Path(folder) / LIBRARY
    for path in (place.parent, place):
        if path.exists() and not path.is_dir():
            raise ValueError(f"{path} is a file, wanted a folder: name another one.")
    library = Library()
    files, untested = files_of(library)
    last, kept = manifest(place), []
    for name, content in files.items():
        path = place / name
        if path.is_file() and (old := path.read_bytes()) != content and last.get(name) != _sha(old):
            kept.append((path, keep_beside(path)))
    for name in last.keys() - files.keys():  # what an earlier export wrote and this one doesn't
        if not edited(place, name, last):
            (place / name).unlink(missing_ok=True)
    for name, content in files.items():
        _write(place / name, content)
    hashes = {name: _sha(content) for name, content in sorted(files.items())}
    _write(place / MANIFEST, json.dumps(hashes, indent=1).encode())
    return Exported(place, library, untested, kept)


def manifest(place):
    """Return what the last export wrote: the hash of every file by its name; nothing where that isn't known."""
    try:
        found = json.loads((place / MANIFEST).read_bytes())
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def edited(place, name, last):
    """Say whether a file is another than the last export wrote."""
    return not (place / name).is_file() or last.get(name) != _sha((place / name).read_bytes())


def files_of(library):
    """Return the package's files by their names, and which functions have no tests."""
    texts = library.written()
    files = {f"{topic}.py": text.encode() for topic, text in texts.items()}
    own, untested = tests(library.functions, find)
    files |= {f"tests/{name}": content for name, content in own.items()}
    files["__init__.py"] = _face(library.functions).encode()
    files["README.md"] = readme(library, untested).encode()
    return files, untested


def _write(path, content):
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _sha(content):
    return hashlib.sha256(content).hexdigest()


def _face(functions):
    homes = "".join(f'    "{name}": "{topic}",\n' for name, topic in functions.items())
    return f'''"""My own library for training neural networks, written function by function; it needs NumPy alone."""

from importlib import import_module

HOMES = {{
{homes}}}


def __getattr__(name):
    if name not in HOMES:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    return getattr(import_module(f"{{__name__}}.{{HOMES[name]}}"), name)


def __dir__():
    return sorted(HOMES)
'''


def readme(library, untested):
    """Return the package's README: what is the learner's, what is missing, and how to test it."""
    total = len(known_functions()) - sum(find(name).lab for name in known_functions())
    lines = [
        "# My library", "",
        f"{len(library.functions)} of the {total} functions of the course *Training deep neural networks*, in my own "
        "words. They need NumPy and nothing else.", "",
        "```python", f"from {LIBRARY} import {next(iter(library.functions), '...')}", "```", "",
        f"`python {LIBRARY}/tests/run.py` tests them on the course's cases. After a change, `course check FOLDER` says "
        "what is wrong with what fails, and keeps what passes.", "",
        "## What is mine", "", "| function | module | passed in | on |", "|---|---|---|---|",
    ]
    for name, topic in library.functions.items():
        kept = keeping.newest(name)
        lines.append(f"| `{name}` | `{topic}` | {kept.notebook} | {kept.day} |")
    sections = {
        "What doesn't run yet": [
            f"- {', '.join(f'`{user}`' for user in users)}, where `{name}` is called, which is {why}."
            for (name, why), users in library.stubs.items()],
        "What is missing": [f"- `{name}` waits in notebook {notebook_of(name)}." for name in library.open]
        + [f"- `{name}` is left out: {why}." for name, why in library.left_out.items()],
        "What has no tests here": [f"- `{name}`: {why}. `course check` judges it." for name, why in untested.items()],
    }
    if "given" in library.modules:
        sections["What the course gives"] = ["- `given.py` holds functions of the course's that mine use."]
    for title, rows in sections.items():
        lines += ["", f"## {title}", "", *rows] if rows else []
    return "\n".join(lines) + "\n"
