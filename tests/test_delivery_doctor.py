"""The examination of the machine: all is well, something is wrong, or it can't be told."""

import sys
from collections import namedtuple
from html.parser import HTMLParser
from importlib import metadata
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from course_lib import backend, datasets
from course_lib.delivery import doctor
from course_lib.delivery.doctor import Examination, Row

NAMES = ["Python", *doctor.PACKAGES, *doctor.CHECKS]


@pytest.fixture
def pins(monkeypatch, tmp_path):
    """Write a requirements.txt of our own."""
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    return (tmp_path / "requirements.txt").write_text


@pytest.fixture
def installed(monkeypatch):
    """Pretend that some versions are installed; None is missing."""
    real, pretended = metadata.version, {}

    def version(name):
        found = pretended[name] if name in pretended else real(name)
        if found is None:
            raise metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(metadata, "version", version)
    return pretended.update


def test_all_rows_on_this_machine():
    found = doctor.doctor()
    assert [row.name for row in found.rows] == NAMES
    rows = {row.name: row for row in found.rows}
    del rows["memory"]  # other programs decide
    assert not [row for row in rows.values() if not row.ok]
    assert not [row for row in rows.values() if row.advice]
    assert rows["numpy"].found == np.__version__
    assert rows["MNIST"].found == "70,000 images, checksum right"
    assert "CPU:0" in rows["backend"].found


def test_nothing_raises_even_if_every_examination_does(monkeypatch):
    def broken():
        raise KeyError("surprise")

    monkeypatch.setattr(doctor, "CHECKS", dict.fromkeys(doctor.CHECKS, broken))
    monkeypatch.setattr(doctor, "_python", broken)
    monkeypatch.setattr(doctor, "_package", lambda package: broken())
    found = doctor.doctor()
    assert [row.name for row in found.rows] == NAMES and not found.ok
    assert {row[1:] for row in found.rows} == {("could not be determined", False, "KeyError: 'surprise'")}


@pytest.mark.parametrize(
    ("version", "ok"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)]
)
def test_python_versions(monkeypatch, version, ok):
    monkeypatch.setattr(sys, "version_info", (*version, 0))
    found, right, advice = doctor._python()
    assert right == ok and ("3.11 to 3.13" in advice) != ok


def test_a_package_is_compared_with_its_pin(pins, installed):
    pins(
        "numpy==2.0.1 \\\n    --hash=sha256:00\n"
        'keras==1 ; python_version < "3" \\\nkeras==3.1 ; python_version > "3"\n'
    )
    installed({"numpy": "2.0.0", "keras": "3.1", "anywidget": "7", "matplotlib": None})
    found, ok, advice = doctor._package("numpy")
    assert (found, ok) == ("2.0.0", False) and "requirements.txt has 2.0.1" in advice and "make lab" in advice
    assert doctor._package("keras") == ("3.1", True, "")
    assert doctor._package("anywidget") == ("7", True, "")  # no pin
    assert doctor._package("matplotlib")[:2] == ("missing", False)


def test_tensorflow_goes_by_two_names(pins, installed):
    pins("tensorflow-cpu==2.5\n")
    installed({"tensorflow": None, "tensorflow-cpu": "2.5"})
    assert doctor._package("tensorflow") == ("2.5", True, "")
    installed({"tensorflow": "2.5", "tensorflow-cpu": None})
    assert doctor._package("tensorflow") == ("2.5", True, "")
    installed({"tensorflow": None})
    assert doctor._package("tensorflow")[:2] == ("missing", False)


def test_all_other_pins_are_compared(pins, installed):
    pins('scipy==1.2\ntqdm==3\nnumpy==0\ntensorflow-cpu==0\nabsent==1 ; python_version < "3"\n')
    installed({"scipy": "1.2", "tqdm": "3"})
    assert doctor._others() == ("2 of 2 as in requirements.txt", True, "")
    installed({"scipy": "1.1", "tqdm": None})
    found, ok, advice = doctor._others()
    assert (found, ok) == ("0 of 2 as in requirements.txt", False)
    assert advice.startswith("scipy 1.1, not 1.2; tqdm missing, not 3. Install")


def test_without_requirements_nothing_is_compared(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert doctor._others() == ("no requirements.txt to compare with", True, "")
    assert doctor._package("numpy") == (np.__version__, True, "")


def test_data_that_is_damaged_after_it_was_loaded_is_noticed(monkeypatch, tmp_path):
    assert doctor._data()[1]
    path = tmp_path / "course_lib" / "data" / "mnist.npz"
    monkeypatch.setattr(datasets, "MNIST", path)
    found, ok, advice = doctor._data()
    assert (found, ok) == ("missing", False) and "git checkout" in advice
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK")
    found, ok, advice = doctor._data()
    assert (found, ok) == ("damaged", False) and "git checkout" in advice


@pytest.mark.parametrize(("free", "ok"), [(1.4e9, False), (1.6e9, True)])
def test_little_memory(monkeypatch, free, ok):
    monkeypatch.setattr(doctor, "_bytes", lambda: (4e9, free))
    found, right, advice = doctor._memory()
    assert found == f"{free / 1e9:.1f} of 4.0 GB free"
    assert right == ok and ("close other programs" in advice) != ok


@pytest.mark.parametrize(
    ("limit", "wanted"),
    [(None, (8000, 3100)), ("max", (8000, 3100)), ("2000", (2000, 900)), ("9000", (8000, 3100))],
)
def test_a_containers_limit_counts(monkeypatch, tmp_path, limit, wanted):
    memory = namedtuple("memory", "total available")(8000, 3000)
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=100))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(psutil, "Process", lambda: process)
    if limit:
        (tmp_path / "memory.max").write_text(limit + "\n")
        (tmp_path / "memory.current").write_text("1500\n")
        (tmp_path / "memory.stat").write_text("anon 7\nactive_file 9\ninactive_file 300\n")
    assert doctor._bytes(tmp_path) == wanted


def test_widgets_must_fit_together(installed):
    assert doctor._widgets()[1:] == (True, "")
    installed({"jupyterlab_widgets": "2.0.0"})
    found, ok, advice = doctor._widgets()
    assert (
        not ok and "jupyterlab_widgets 2.0.0" in found and "ipywidgets wants jupyterlab_widgets ~=3" in advice
    )
    installed({"anywidget": None})
    assert doctor._widgets()[0].endswith("anywidget missing") and not doctor._widgets()[1]


@pytest.fixture
def kernel(monkeypatch):
    """As if in a notebook."""
    monkeypatch.setitem(
        sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1))
    )


def test_nothing_is_promised_that_the_command_does_not_show(kernel):
    assert "slider" not in doctor._widgets()[0]


def test_a_progress_file_that_can_be_written(monkeypatch, tmp_path):
    path = tmp_path / "new" / "progress.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    assert doctor._progress() == (f"{path}, can be written", True, "")
    path.write_text("kept\n")
    assert doctor._progress()[1] and path.read_text() == "kept\n"


def test_a_progress_file_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    found, ok, advice = doctor._progress()
    assert not ok and "progress.jsonl: " in found and "COURSE_PROGRESS" in advice


def test_the_folder_of_the_notebook_is_examined(monkeypatch, tmp_path, kernel):
    monkeypatch.chdir(tmp_path)
    assert doctor._folder() == (f"{tmp_path}, can be written", True, "")

    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    found, ok, advice = doctor._folder()
    assert (found, ok) == (f"{tmp_path}: Permission denied", False) and "course lab --copy-to" in advice


def test_outside_a_kernel_it_is_the_courses_own_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert doctor._folder()[:2] == (f"{tmp_path / 'notebooks'}: No such file or directory", False)


def test_a_gpu_that_was_chosen_and_is_not_there(monkeypatch):
    def describe():
        raise RuntimeError("no GPU, do this")

    monkeypatch.setenv("COURSE_BACKEND", "gpu")
    monkeypatch.setattr(backend, "describe", describe)
    assert doctor._backend() == ("COURSE_BACKEND is gpu", False, "no GPU, do this")


SICK = Examination([Row("a", "1", True), Row("<b>", "2 <i>", False, 'do "that"')])


def test_text_table():
    assert str(SICK).splitlines() == [
        "✓ ok     a    1",
        "✗ to do  <b>  2 <i>",
        '              do "that"',
        "1 of 2 need attention.",
    ]
    assert not SICK.ok and Examination(SICK.rows[:1]).ok
    assert str(Examination(SICK.rows[:1])).endswith("Everything is as it should be.")


class Table(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes).get("scope")))
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.texts.append(text)


def test_html_table_can_be_read_aloud_and_in_the_dark():
    html = SICK._repr_html_()
    table = Table(html)
    assert table.open == []
    assert [scope for tag, scope in table.tags if tag == "th"] == ["col"] * 4 + ["row"] * 2
    assert table.tags[1] == ("caption", None) and "1 of 2 need attention" in table.texts[0]
    assert table.texts[5:] == ["a", "✓ ok", "1", "<b>", "✗ to do", "2 <i>", 'do "that"']
    assert "color" not in html and "background" not in html
