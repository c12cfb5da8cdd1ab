"""The backend: set up at TensorFlow's first import, shown with a stand-in for it and with itself."""

import os
import random
import subprocess
import sys
from unittest import mock

import numpy as np
import pytest

from course_lib import backend

backend.use_backend()  # on a machine with a GPU it can't be done later
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

STAND_IN = """
import os
calls = ["loading"]
os.write(2, b"I0000 00:00:1 port.cc:153] a note\\nE0000 00:00:1 x.cc:1] an error\\n")
class Device:
    def __init__(self, name):
        self.name, self.device_type = "/physical_device:" + name, name.split(":")[0]
class config:
    physical = [Device(name) for name in os.environ["DEVICES"].split()]
    visible = physical
    list_physical_devices = lambda kind=None: [d for d in config.physical if kind in (None, d.device_type)]
    get_visible_devices = lambda kind=None: [d for d in config.visible if kind in (None, d.device_type)]
    def set_visible_devices(devices, kind):
        config.visible = [d for d in config.physical if d.device_type != kind] + devices
    class experimental:
        set_memory_growth = lambda device, on: calls.append(f"growth {device.name[17:]} {on}")
        enable_op_determinism = lambda: calls.append("deterministic")
        get_device_details = lambda device: {"device_name": "Tesla"} if device.device_type == "GPU" else {}
class random:
    set_seed = lambda seed: calls.append(f"seed {seed}")
class test:
    is_built_with_cuda = lambda: False
__version__ = "9.9"
calls.append("loaded")
"""
USER = "import importlib.util\nimportlib.util.find_spec('tensorflow')\nimport tensorflow.math\n"
USER += "tensorflow.calls.append('used')\n"


@pytest.fixture
def run(tmp_path, root):
    """Run Python code where `tensorflow` is the stand-in, with these devices; a module `user` uses it."""
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text(STAND_IN)
    (tmp_path / "tensorflow" / "math.py").write_text("")
    (tmp_path / "user.py").write_text(USER)

    def run(code, devices="CPU:0", **env):
        path = os.pathsep.join([str(tmp_path), str(root)])
        names = {"PYTHONPATH": path, "DEVICES": devices, "COURSE_BACKEND": "", **env}
        return subprocess.run(
            [sys.executable, "-c", "import sys\nfrom course_lib.backend import *\n" + code],
            env=os.environ | names,
            capture_output=True,
            text=True,
            timeout=600,
        )

    return run


def printed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize("name", ["auto", "cpu"])
def test_auto_and_cpu_import_no_tensorflow(run, name):
    code = "print(use_backend(), seed_everything())\nprint({'tensorflow', 'keras'} & {*sys.modules})"
    assert printed(run(code, COURSE_BACKEND=name, COURSE_SEED="5")) == [f"{name} 5", "set()"]


def test_first_import_anywhere_sets_the_gpu_up_before_it_is_used(run):
    code = "use_backend(); seed_everything(7)\nimport user, tensorflow\nprint(*tensorflow.calls, sep='\\n')\n"
    code += "print([f for f in sys.meta_path if type(f).__module__ == 'course_lib.backend'])"
    assert printed(run(code, "CPU:0 GPU:0 GPU:1")) == [
        "loading", "loaded", "growth GPU:0 True", "growth GPU:1 True",
        "deterministic", "seed 7", "seed 7", "used", "[]",
    ]


def test_without_a_gpu_only_the_seed_is_set(run):
    code = "use_backend(); seed_everything(7)\nimport user, tensorflow\nprint(*tensorflow.calls)"
    assert printed(run(code)) == ["loading loaded seed 7 used"]


def test_cpu_hides_a_gpu(run):
    code = "import os; use_backend('cpu')\nimport user, tensorflow\nprint(*tensorflow.calls)\n"
    code += "print(os.environ['CUDA_VISIBLE_DEVICES'], [d.name for d in tensorflow.config.visible])"
    assert printed(run(code, "CPU:0 GPU:0")) == ["loading loaded used", "-1 ['/physical_device:CPU:0']"]


def test_auto_after_cpu_gives_back_what_the_environment_said(run):
    code = "import os; use_backend('cpu'); use_backend('cpu'); use_backend('auto')\n"
    code += "print(os.environ['CUDA_VISIBLE_DEVICES'])"
    assert printed(run(code, CUDA_VISIBLE_DEVICES="3")) == ["3"]


def test_gpu_is_used_at_once(run):
    code = "print(use_backend()); import tensorflow\nprint(*tensorflow.calls)"
    wanted = ["gpu", "loading loaded growth GPU:0 True deterministic seed 0"]
    assert printed(run(code, "CPU:0 GPU:0", COURSE_BACKEND="gpu")) == wanted


def test_gpu_without_a_gpu_says_what_is_seen_and_what_to_install(run):
    error = run("use_backend()", COURSE_BACKEND="gpu", CUDA_VISIBLE_DEVICES="7").stderr.splitlines()[-1]
    assert error.startswith(
        "RuntimeError: 'gpu' is chosen, but TensorFlow 9.9 sees no GPU, only CPU:0. "
        "CUDA_VISIBLE_DEVICES is '7'"
    )
    assert "requirements-gpu.txt" in error and "without CUDA" in error


def test_gpu_after_cpu_asks_for_a_new_kernel(run):
    code = "use_backend('cpu')\nimport tensorflow as tf\ntf.config.physical = []\nuse_backend('gpu')"
    done = run(code, "CPU:0 GPU:0")
    assert "'cpu' was before" in done.stderr and "Restart the kernel" in done.stderr


@pytest.mark.parametrize(
    ("level", "notes"), [("2", ["E0000 00:00:1 x.cc:1] an error"]), ("0", ["I0000", "E0000"])]
)
def test_notes_while_loading_are_held_back_and_errors_are_not(run, level, notes):
    lines = run("use_backend(); import tensorflow", TF_CPP_MIN_LOG_LEVEL=level).stderr.splitlines()
    assert len(lines) == len(notes)
    assert all(line.startswith(note) for line, note in zip(lines, notes, strict=True))


def test_failed_import_can_be_tried_again(run, tmp_path):
    code = f"""
from pathlib import Path
file = Path({str(tmp_path / "tensorflow" / "__init__.py")!r}); good = file.read_text()
use_backend(); file.write_text("import does_not_exist")
try:
    import tensorflow
except ModuleNotFoundError as error:
    print(error.name)
file.write_text(good + "#"); import tensorflow
print(*tensorflow.calls[2:])"""
    assert printed(run(code, "GPU:0")) == ["does_not_exist", "growth GPU:0 True deterministic seed 0"]


@pytest.fixture
def fresh(monkeypatch):
    """The backend as if nothing had been chosen; environment and generators are restored."""
    monkeypatch.setattr(backend, "_state", {"chosen": None, "seed": None, "hidden": False})
    monkeypatch.setattr(backend, "_saved", {})
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    with mock.patch.dict(os.environ):
        os.environ.pop("COURSE_BACKEND", None)
        yield
    random.setstate(states[0])
    np.random.set_state(states[1])  # noqa: NPY002


@pytest.fixture
def pretended(fresh):
    """TensorFlow itself, which is made to believe that there is a GPU, with its settings recorded."""
    cpu, gpu = (tf.config.PhysicalDevice(f"/physical_device:{kind}:0", kind) for kind in ("CPU", "GPU"))

    def devices(device_type=None):
        return [device for device in (cpu, gpu) if device_type in (None, device.device_type)]

    calls = mock.Mock()
    with (
        mock.patch.object(tf.config, "list_physical_devices", devices),
        mock.patch.object(tf.config, "get_visible_devices", devices),
        mock.patch.object(tf.config, "set_visible_devices", autospec=True) as calls.visible,
        mock.patch.object(tf.config.experimental, "set_memory_growth", autospec=True) as calls.growth,
        mock.patch.object(
            tf.config.experimental, "enable_op_determinism", autospec=True
        ) as calls.deterministic,
        mock.patch.object(tf.random, "set_seed", autospec=True) as calls.seed,
    ):
        calls.gpu = gpu
        yield calls


@pytest.mark.parametrize("name", ["auto", "gpu"])
def test_tensorflow_gets_memory_growth_determinism_and_the_seed(pretended, name):
    backend.seed_everything(3)
    pretended.seed.reset_mock()
    assert backend.use_backend(name) == name
    pretended.growth.assert_called_once_with(pretended.gpu, True)
    pretended.deterministic.assert_called_once_with()
    pretended.seed.assert_called_once_with(3)
    pretended.visible.assert_not_called()


def test_tensorflow_on_the_cpu_has_the_gpu_hidden(pretended):
    assert backend.use_backend("cpu") == "cpu"
    pretended.visible.assert_called_once_with([], "GPU")
    pretended.growth.assert_not_called()
    pretended.deterministic.assert_not_called()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"


@pytest.mark.parametrize(("name", "call"), [("cpu", "visible"), ("auto", "growth"), ("gpu", "growth")])
def test_tensorflow_that_runs_already_asks_for_a_new_kernel(pretended, name, call):
    getattr(pretended, call).side_effect = RuntimeError("cannot be modified after being initialized")
    with pytest.raises(
        RuntimeError, match=f"'{name}' is chosen, but TensorFlow already runs on the GPU.*Restart"
    ):
        backend.use_backend(name)


def test_tensorflow_really_refuses_changes_once_it_runs():
    tf.constant(1.0)
    with pytest.raises(RuntimeError, match="initialized"):
        tf.config.set_visible_devices([], "CPU")


def test_describe_tells_devices_and_versions(fresh):
    found = backend.describe()
    assert found.backend == ("gpu" if tf.config.get_visible_devices("GPU") else "cpu")
    assert found.devices[0] == "CPU:0"
    assert found[2:] == (sys.version.split()[0], tf.__version__, keras.__version__, np.__version__)


def test_describe_names_the_gpu(run):
    code = (
        "import types; sys.modules['keras'] = types.SimpleNamespace(__version__='3')\nprint(describe()[:2])"
    )
    assert printed(run(code, "CPU:0 GPU:0")) == ["('gpu', ('CPU:0', 'GPU:0 (Tesla)'))"]


@pytest.mark.parametrize(
    ("argument", "variable", "culprit"),
    [("tpu", "", "name is 'tpu'"), ("", "", "name is ''"), (None, "GPU", "COURSE_BACKEND is 'GPU'")],
)
def test_unknown_backend_is_refused(fresh, monkeypatch, argument, variable, culprit):
    monkeypatch.setenv("COURSE_BACKEND", variable)
    with pytest.raises(ValueError, match=f"{culprit}, wanted one of auto, cpu, gpu"):
        backend.use_backend(argument)


def draws():
    return [random.random(), np.random.random(), tf.random.normal(()).numpy(),  # noqa: NPY002
            keras.ops.convert_to_numpy(keras.random.normal(()))]


def test_a_seed_repeats_every_generator(fresh, monkeypatch):
    assert backend.seed_everything() == 0
    first, second = draws(), draws()
    monkeypatch.setenv("COURSE_SEED", "0")
    assert backend.seed_everything() == 0 and draws() == first
    monkeypatch.setenv("COURSE_SEED", "12")
    assert backend.seed_everything() == 12
    third = draws()
    assert backend.seed_everything(np.int64(12)) == 12 and draws() == third
    assert not {*map(float, first)} & {*map(float, second + third)}


@pytest.mark.parametrize("wrong", ["x", "-1", "1.5", str(2**32)])
def test_wrong_seed_is_refused(fresh, monkeypatch, wrong):
    monkeypatch.setenv("COURSE_SEED", wrong)
    with pytest.raises(ValueError, match=f"COURSE_SEED is '{wrong}', wanted a whole number"):
        backend.seed_everything()


@pytest.mark.parametrize("wrong", [-1, 0.5, 2**32, True])
def test_wrong_seed_argument_is_refused(fresh, wrong):
    with pytest.raises(ValueError, match=f"seed_everything: seed is {wrong}, wanted a whole number"):
        backend.seed_everything(wrong)


def test_a_new_python_imports_tensorflow_quietly(root):
    code = "from course_lib import backend\nbackend.use_backend('cpu')\n"
    code += "import tensorflow as tf\nprint(tf.ones(()).device)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "") and "CPU:0" in done.stdout


@pytest.mark.gpu
def test_a_real_gpu_is_found(root):
    code = "from course_lib import backend\nbackend.use_backend('gpu')\nprint(backend.describe().backend)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=600)
    assert done.stdout == "gpu\n", done.stderr


@pytest.mark.parametrize("call, left", [("release_memory()", (-50, 100)), ("", (150, 300))])
def test_what_was_freed_is_handed_back(call, left):
    """200 MB in small pieces, all but the last of which are freed; without the call the C library keeps them."""
    code = f"""
import numpy as np, psutil
from course_lib.backend import release_memory
before = psutil.Process().memory_info().rss
pieces = [np.ones(12_500) for _ in range(2000)]
pieces = pieces[-1]
{call}
print((psutil.Process().memory_info().rss - before) / 1e6)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert sys.platform != "linux" or left[0] <= float(run.stdout) <= left[1]
