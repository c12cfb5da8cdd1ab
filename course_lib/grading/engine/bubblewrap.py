"""The command that starts a process inside bubblewrap: no network, a read-only system, no rights, nothing to see."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

COURSE = Path(importlib.util.find_spec("course_lib").origin).parent
INSIDE, VENV = "/course/course_lib", "/venv"
# What the parent process and an answer's will do, in short: namespaces in namespaces, and mounts in them.
TRIAL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    if getattr(libc, name)(*arguments):
        raise SystemExit(f"{name} is not permitted here: {os.strerror(ctypes.get_errno())}.")
if os.getuid() == 0:
    call("setresuid", 65534, 65534, 65534)
for new in 0x30000000, 0x20020000:
    call("unshare", new)
    pid = os.fork()
    if pid:
        raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None)
call("unshare", 0x48000000)
"""
# /dev as bubblewrap makes it, but that nobody can change it.
# /dev/zero can't be opened: mapped, it would be memory that nobody counts. There are no terminals to open.
DEVICES = [
    "--dev", "/dev", "--ro-bind", "/dev/null", "/dev/zero", "--tmpfs", "/dev/pts", "--remount-ro", "/dev/pts",
    "--remount-ro", "/dev",
]
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "MPLBACKEND": "Agg", "MPLCONFIGDIR": "/tmp",
    "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "COURSE_SEED": "0", "COURSE_PROGRESS": "/tmp/progress",
    "COURSE_ANSWERS": "off", "COURSE_BACKEND": "cpu", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3",
    # One thread: a fork keeps only the thread that forks, and whoever waits for another one waits forever.
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
}


def environment(unsafe):
    """Return the variables that the sandbox's processes see: none of the grader's own."""
    path = {"PYTHONPATH": str(COURSE.parent if unsafe else Path(INSIDE).parent)}
    return ENVIRONMENT | path | ({"HOME": tempfile.gettempdir()} if unsafe else {})


def command(unsafe):
    """Return the command that starts the parent process, inside bubblewrap unless unsafe."""
    parent = [sys.executable, "-P", "-m", "course_lib.grading.engine.parent"]
    if unsafe:
        return parent
    folders = ["/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", sys.base_prefix]
    binds = {folder: folder for folder in folders if os.path.isdir(folder)} | {str(COURSE): INSIDE}
    if sys.prefix != sys.base_prefix:
        binds[sys.prefix] = VENV  # at a place of its own: where it is outside may be hidden inside, as /tmp is
        parent[0] = str(Path(VENV) / Path(sys.executable).relative_to(sys.prefix))
    # bubblewrap makes the folders above a mount readable for root alone, unless told to make them
    above = sorted({str(parent) for inside in binds.values() for parent in Path(inside).parents} - {"/"})
    read = [word for folder in above for word in ("--dir", folder)]
    read += [word for outside, inside in sorted(binds.items()) for word in ("--ro-bind", outside, inside)]
    for name in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"):
        read += ["--ro-bind-try", name, name]
    kept = ("SETUID", "SETGID") if os.getuid() == 0 else ()  # until the parent becomes somebody else
    rights = [word for name in kept for word in ("--cap-add", f"CAP_{name}")]
    return [
        shutil.which("bwrap") or "bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
        "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL", *rights,
        *read, "--proc", "/proc", *DEVICES, "--perms", "1777", "--tmpfs", "/tmp",
        "--remount-ro", "/", "--chdir", "/tmp", "--", *parent,
    ]


def trial():
    """Start a program inside bubblewrap as answers will; return why it can't be, or nothing."""
    start = command(False)
    python = start.index("--") + 1
    start = [*start[: python + 1], "-I", "-S", "-c", TRIAL]
    done = subprocess.run(start, capture_output=True, text=True, env=ENVIRONMENT, stdin=subprocess.DEVNULL)
    return "" if done.returncode == 0 else f"{done.stderr.strip()[-500:] or f'exit code {done.returncode}'}."
