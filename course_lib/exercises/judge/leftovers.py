"""Putting right what an answer changes beside its result: names of NumPy's, random states, the working directory."""

import builtins
import contextlib
import math
import os
import random

import numpy as np

MODULES = {"np": np, "np.linalg": np.linalg, "np.random": np.random, "math": math, "builtins": builtins}


@contextlib.contextmanager
def put_back():
    """Put back what was changed in the meantime; yields a list in which the changes then stand, as sentences.

    Random states and NumPy's settings are put back without a word: to draw from the global generator is no mistake.
    """
    said, names = [], {key: dict(vars(module)) for key, module in MODULES.items()}
    draws = np.random.get_state()  # noqa: NPY002 - the old generator is the one that answers share with all other cells
    states = random.getstate(), np.geterr(), np.get_printoptions()
    folder = _folder()
    try:
        yield said
    finally:
        for key, module in MODULES.items():
            own = vars(module)
            for name, value in names[key].items():
                if own.get(name, own) is not value:
                    setattr(module, name, value)
                    said.append(f"It replaced {key}.{name}, which all other cells use, too: the original is back.")
        np.random.set_state(draws)  # noqa: NPY002
        random.setstate(states[0])
        np.seterr(**states[1])
        np.set_printoptions(**states[2])
        if folder and _folder() != folder:
            with contextlib.suppress(OSError):  # the folder itself is gone
                os.chdir(folder)
                said.append("It changed the working directory, in which other cells look for files: it is back.")


def _folder():
    try:
        return os.getcwd()
    except OSError:
        return None
