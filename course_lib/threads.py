"""`one_thread`: the matrix products of small networks run best alone.

With layers of a hundred units a second thread gains nothing, and where other programs want the same cores (a
classroom's server, a browser that draws) waiting for it makes training many times slower.
"""

from functools import cache

from threadpoolctl import ThreadpoolController


def one_thread():
    """Return a context in which NumPy's matrix products use a single thread."""
    return _controller().limit(limits=1, user_api="blas")


@cache
def _controller():
    return ThreadpoolController()  # looks through all loaded libraries, which takes a millisecond
