"""`make test`: which parts run with which flags, and what its exit code is."""

import pytest

from tools import run_tests


@pytest.fixture
def parts(monkeypatch):
    """A function: exit codes of the parts, flags -> the exit code of it all, and the arguments of each part."""

    def run(codes, *flags):
        given, left = [], list(codes)
        monkeypatch.setattr(run_tests.subprocess, "call", lambda command, cwd: given.append(command[3:]) or left.pop(0))
        return run_tests.main(list(flags)), given

    return run


def test_every_test_runs_in_one_part_and_the_browser_comes_first(parts):
    code, (browser, lanes, again) = parts([0, 0, 0], "-k", "lab")
    assert code == 0 and all(arguments[-2:] == ["-k", "lab"] for arguments in (browser, lanes, again))
    assert [f"--ignore={path}" in lanes for path in (*browser[:-2], *again[:-2])] == [True] * 3
    assert "tests" in lanes and all((run_tests.ROOT / path).exists() for path in (*browser[:-2], *again[:-2]))


@pytest.mark.parametrize(("codes", "code"), [
    ([0, 0, 0], 0), ([1, 0, 0], 1), ([0, 1, 0], 1), ([0, 0, 2], 2), ([5, 0, 5], 0), ([5, 5, 5], 5), ([5, 1, 5], 1)])
def test_a_failure_anywhere_is_one_and_parts_without_a_chosen_test_are_none(codes, code, parts):
    found, given = parts(codes)
    assert found == code and len(given) == 3


def test_named_files_run_by_themselves(parts):
    code, given = parts([0], "-x", "tests/test_conv.py::test_it")
    assert code == 0 and given == [["-x", "tests/test_conv.py::test_it"]]
