"""Times of functions side by side: in turn, the quickest of some rounds, so that other programs disturb little."""

from time import perf_counter

import numpy as np

from course_lib.threads import one_thread


def nanoseconds(functions, x, *, rounds=7):
    """Return how long each function takes for one number of x, in nanoseconds.

    Parameters
    ----------
    functions : dict of str to function
    x : array
    rounds : int
        Every round calls each function once, in turn.

    Returns
    -------
    dict of str to array (3,)
        The three quickest rounds.
    """
    times = {name: [] for name in functions}
    with one_thread(), np.errstate(all="ignore"):
        for _ in range(rounds):
            for name, function in functions.items():
                start = perf_counter()
                function(x)
                times[name].append(1e9 * (perf_counter() - start) / x.size)
    return {name: np.sort(found)[:3] for name, found in times.items()}
