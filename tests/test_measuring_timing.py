"""Times of functions: taken in turn, the quickest rounds kept."""

import numpy as np
import pytest

from course_lib.measuring import nanoseconds


def test_functions_are_timed_in_turn():
    calls = []
    times = nanoseconds({"a": lambda x: calls.append("a"), "b": lambda x: calls.append("b")}, np.zeros(4), rounds=5)
    assert calls == ["a", "b"] * 5
    assert all(found.shape == (3,) and (np.diff(found) >= 0).all() and found[0] > 0 for found in times.values())


def test_the_quickest_rounds_count_in_nanoseconds_a_number(monkeypatch):
    clock = iter(np.cumsum([0, 5, 0, 1, 0, 4, 0, 2, 0, 3]))  # five rounds
    monkeypatch.setattr("course_lib.measuring.timing.perf_counter", lambda: next(clock))
    assert nanoseconds({"a": np.sin}, np.zeros((2, 2)), rounds=5)["a"] == pytest.approx([0.25e9, 0.5e9, 0.75e9])
