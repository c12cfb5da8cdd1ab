"""CPU or GPU, chosen before TensorFlow is imported, and one seed for every source of randomness."""

import ctypes
import gc
import os
import platform
import random
import re
import sys
import tempfile
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

CHOICES = ("auto", "cpu", "gpu")
RESTART = "Restart the kernel, and call use_backend() before TensorFlow is first used."
_state = {"chosen": None, "seed": None, "hidden": False}  # hidden: "cpu" was set up once
_saved = {}  # what the environment said before "cpu" hid the GPUs


def use_backend(name=None):
    """Choose what TensorFlow computes on; "auto" and "cpu" don't import it, only set it up once it is.

    Parameters
    ----------
    name : "auto", "cpu" or "gpu", optional
        "auto" takes a GPU if there is one. By default what the environment variable COURSE_BACKEND says, else
        "auto".

    Returns
    -------
    str
        The name of what is chosen.

    Raises
    ------
    ValueError
        If the name is unknown.
    RuntimeError
        If "gpu" is chosen and TensorFlow sees none, or if TensorFlow runs already, on what wasn't chosen.

    Notes
    -----
    On a GPU memory is taken as it is needed, and operations are deterministic where that exists.
    """
    origin = "use_backend: name" if name is not None else "COURSE_BACKEND"
    name = name if name is not None else os.environ.get("COURSE_BACKEND") or "auto"
    if name not in CHOICES:
        raise ValueError(f"{origin} is {name!r}, wanted one of {', '.join(CHOICES)}")
    _set_environment(name)
    if tf := sys.modules.get("tensorflow"):
        _configure(tf, name)
    else:
        _watch()
    _state["chosen"] = name
    if name == "gpu":
        _require_gpu()
    return name


def seed_everything(seed=None):
    """Seed Python's `random`, NumPy's global generator and TensorFlow, now or when it is first imported.

    Parameters
    ----------
    seed : int from 0 to 2**32 - 1, optional
        By default what the environment variable COURSE_SEED says, else 0.

    Returns
    -------
    int
        The seed, for generators of your own: ``np.random.default_rng(seed)``.

    Raises
    ------
    ValueError
        If the seed is no such number.
    """
    origin = "seed_everything: seed" if seed is not None else "COURSE_SEED"
    given = seed if seed is not None else os.environ.get("COURSE_SEED") or "0"
    if not str(given).isdecimal() or int(given) >= 2**32:
        raise ValueError(f"{origin} is {given!r}, wanted a whole number from 0 to {2**32 - 1}")
    seed = int(given)
    _state["seed"] = seed
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002, for libraries that still draw from it
    if tf := sys.modules.get("tensorflow"):
        tf.random.set_seed(seed)
    else:
        _watch()
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(seed)  # Keras has a generator of its own besides
    return seed


class Description(NamedTuple):
    """What TensorFlow computes on, and which versions are installed."""

    backend: str
    devices: tuple
    python: str
    tensorflow: str
    keras: str
    numpy: str


def release_memory():
    """Hand memory that was freed back to the system.

    On Linux the C library keeps what large arrays leave behind, in case it is wanted again. Elsewhere nothing is done
    but collecting garbage.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:
        trim(0)


def describe():
    """Import TensorFlow and return its devices ("cpu" or "gpu" is what is in use) and all versions."""
    if not _state["chosen"]:
        use_backend()
    import tensorflow as tf  # only here and for "gpu": it takes seconds

    visible = tf.config.get_visible_devices()
    return Description(
        backend="gpu" if any(device.device_type == "GPU" for device in visible) else "cpu",
        devices=tuple(_label(tf, device) for device in visible),
        python=platform.python_version(),
        tensorflow=tf.__version__,
        keras=sys.modules["keras"].__version__,  # comes with TensorFlow
        numpy=np.__version__,
    )


def _label(tf, device):
    model = tf.config.experimental.get_device_details(device).get("device_name")
    return device.name.removeprefix("/physical_device:") + (f" ({model})" if model else "")


def _set_environment(name):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # errors only
    if name == "cpu":
        _saved.setdefault("CUDA_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES"))
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    elif _saved:
        before = _saved.pop("CUDA_VISIBLE_DEVICES")
        os.environ.pop("CUDA_VISIBLE_DEVICES")
        os.environ.update({} if before is None else {"CUDA_VISIBLE_DEVICES": before})


def _configure(tf, name):
    visible = tf.config.get_visible_devices("GPU")
    gpus = [] if name == "cpu" else visible or tf.config.list_physical_devices("GPU")
    try:
        if gpus != visible:
            tf.config.set_visible_devices(gpus, "GPU")
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError as error:
        runs = "on the GPU, with all its memory" if visible else "on the CPU"
        raise RuntimeError(f"{name!r} is chosen, but TensorFlow already runs {runs}. {RESTART}") from error
    if gpus and hasattr(tf.config.experimental, "enable_op_determinism"):
        # Not on the CPU: it gains nothing there, and every random operation would fail that has no seed.
        tf.config.experimental.enable_op_determinism()
        tf.random.set_seed(_state["seed"] or 0)
    _state["hidden"] = _state["hidden"] or name == "cpu"


def _require_gpu():
    import tensorflow as tf

    if tf.config.get_visible_devices("GPU"):
        return
    if _state["hidden"]:
        raise RuntimeError(f"'gpu' is chosen, but 'cpu' was before, which hides GPUs for good. {RESTART}")
    seen = ", ".join(_label(tf, device) for device in tf.config.list_physical_devices())
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    raise RuntimeError(
        f"'gpu' is chosen, but TensorFlow {tf.__version__} sees no GPU, only {seen}. "
        + (f"CUDA_VISIBLE_DEVICES is {hidden!r}: does that hide it? " if hidden is not None else "")
        + ("" if tf.test.is_built_with_cuda() else "This TensorFlow is built without CUDA. ")
        + "On Linux with an NVIDIA driver (try nvidia-smi): make lab BACKEND=gpu, or pip install -r "
        "requirements-gpu.txt in an environment of its own; then restart the kernel. "
        "Without a GPU: COURSE_BACKEND=cpu."
    )


def _watch():
    if not any(isinstance(finder, _Watch) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Watch())


class _Watch:
    """Stands among the import system's finders until TensorFlow is imported, to set it up before any use."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in others)), None)
        if spec and spec.loader:
            loader, load = spec.loader, spec.loader.exec_module

            def exec_module(module):
                loader.exec_module = load
                with _quiet():
                    load(module)
                    sys.meta_path.remove(self)  # only now: a failed import may be tried again
                    _set_up(module)

            loader.exec_module = exec_module
        return spec


def _set_up(tf):
    if _state["chosen"]:
        _configure(tf, _state["chosen"])
    if _state["seed"] is not None:
        tf.random.set_seed(_state["seed"])


@contextmanager
def _quiet():
    """Hold back the notes that TensorFlow writes while it loads, before it heeds its own log level."""
    try:
        stderr = os.dup(2)  # below sys.stderr, where C++ writes
    except OSError:
        stderr = None
    if stderr is None or os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        yield
        return
    levels = "IWE" if _state["chosen"] == "cpu" else "IW"  # that the hidden GPU can't be found is no error
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            kept.seek(0)
            note = re.compile(rf"WARNING: All log messages before absl|[{levels}]\d{{4}} ".encode())
            os.write(2, b"".join(line for line in kept if not note.match(line)))
