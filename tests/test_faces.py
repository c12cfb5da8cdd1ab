"""Faces of rooms: they hand on what is asked for, and load nothing else."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import course_lib
from course_lib.faces import face

ROOMS = [name for _, name, package in pkgutil.iter_modules(course_lib.__path__) if package]
FACES = [name for name in ROOMS if hasattr(importlib.import_module(f"course_lib.{name}"), "__getattr__")]


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A package with a face and two modules."""
    (tmp_path / "a_room").mkdir()
    (tmp_path / "a_room" / "__init__.py").write_text("from course_lib.faces import face\n"
        "__getattr__, __dir__, __all__ = face(__name__, {'one': 'f g', 'two': 'h'})\n")
    (tmp_path / "a_room" / "one.py").write_text("def f(): pass\ng = 7\n")
    (tmp_path / "a_room" / "two.py").write_text("h = 8\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("a_room")
    for name in [name for name in sys.modules if name.split(".")[0] == "a_room"]:
        del sys.modules[name]


def test_one_name_loads_its_module_alone(room):
    assert not {"a_room.one", "a_room.two"} & set(sys.modules)
    assert room.g == 7
    assert "a_room.one" in sys.modules and "a_room.two" not in sys.modules


def test_what_was_found_stays(room):
    assert "f" not in vars(room)
    assert room.f is room.f is vars(room)["f"] is sys.modules["a_room.one"].f


def test_names_are_listed(room):
    assert dir(room) == room.__all__ == ["f", "g", "h"]
    assert face("any", {"one": "b a"})[1]() == ["a", "b"]


def test_an_unknown_name_is_an_attribute_error_that_says_whose(room):
    with pytest.raises(AttributeError, match="module 'a_room' has no attribute 'k'"):
        room.k  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'k' from 'a_room'"):
        exec("from a_room import k")


@pytest.mark.parametrize("name", FACES)
def test_every_name_of_the_course_is_there(name):
    code = f"import course_lib.{name} as room\nfor name in room.__all__: getattr(room, name)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_there_are_faces():
    assert {"exercises", "measuring", "plots"} <= set(FACES)
