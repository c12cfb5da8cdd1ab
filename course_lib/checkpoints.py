"""Checkpoints: a network and its generator of random numbers on disk, so that a run that was killed can go on."""

import json
import os
from pathlib import Path

import numpy as np

from course_lib.contracts import refuse_misfits

RNG = "random generator"


def save_checkpoint(path, network, rng):
    """Write weights, statistics and the generator's state to one file; a crash leaves the old file or the new one.

    Parameters
    ----------
    path : str or Path
        Ends in .npz.
    network : Network
    rng : numpy.random.Generator
    """
    path = Path(path)
    state = np.frombuffer(json.dumps(rng.bit_generator.state).encode(), np.uint8)
    beside = path.with_suffix(".part.npz")
    np.savez(beside, **network.weights, **{RNG: state})
    os.replace(beside, path)


def load_checkpoint(path, network, rng):
    """Put what `save_checkpoint` wrote into a network with the same layers and into a generator.

    Parameters
    ----------
    path : str or Path
    network : Network
    rng : numpy.random.Generator
        Of the same kind as the one that was saved.

    Raises
    ------
    ValueError
        If arrays are missing, unknown or of another shape, all of which it names, or the generator is of another
        kind. Network and generator are left alone.
    """
    with np.load(path, allow_pickle=False) as file:
        found = {name: file[name] for name in file.files}
    state = found.pop(RNG, None)
    refuse_misfits(f"{path} doesn't fit the network", found, network.weights)
    if state is None:
        raise ValueError(f"{path} has no random generator, wanted a file that save_checkpoint wrote")
    rng.bit_generator.state = json.loads(state.tobytes())  # refused if it is of another kind: so before the weights
    network.weights = found
