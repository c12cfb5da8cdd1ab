"""What comes back from the processes that grade."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from course_lib.grading import pools


def fail(text):
    raise ValueError(text)


@pytest.mark.parametrize(("text", "kind"), [("brief", ValueError), ("x" * 10**6, RuntimeError)])
def test_an_error_says_no_more_than_somebody_can_read(text, kind):
    pool = pools.Pool(fail, lambda: ThreadPoolExecutor(1), 1)
    pool.submit("key", text)
    ended = []
    while not ended:
        ended = pool.ended()
        time.sleep(0.001)
    pool.close()
    ((key, error),) = ended
    assert key == "key" and type(error) is kind and len(str(error)) < 1100
    assert "ValueError" in f"{type(error).__name__}: {error}"
