"""A control group for each sandbox, where this user may make one: the kernel's own account of the memory in it.

That is so where version 2 of control groups gives the user a part of the tree, as systemd does on most desktops and
for `systemd-run --user --scope`. Anywhere else `memory` adds up what the processes show.
"""

import contextlib
import os
import tempfile
from pathlib import Path

from course_lib.grading.engine import memory

ROOT = Path("/sys/fs/cgroup")
PREFIX = "course-grading-"
# A shell joins the group and becomes the program. Where it can't, the group stays empty, and is then not believed.
JOIN = 'echo $$ > "$0"; exec "$@"'


def joining(command, unsafe=False, place=None):
    """Return a command of bubblewrap's that starts in a group of its own, and shows its account inside; or as it was.

    Parameters
    ----------
    command : list of str
    unsafe : bool
        The command has no walls, and needs no account.
    place : path
        Where groups are made; found where it isn't given.
    """
    place = None if unsafe else place or _beside_own()
    if place is None:
        return command
    try:
        _remove_left(place)
        group = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    except OSError:  # it isn't ours to write to
        return command
    shown = ["--ro-bind-try", str(group / "memory.stat"), memory.GROUP]
    return ["/bin/sh", "-c", JOIN, str(group / "cgroup.procs"), command[0], *shown, *command[1:]]


def _beside_own(root=ROOT, own="/proc/self/cgroup"):
    """Return the folder of the group above this process's own, if memory is accounted for in what it holds."""
    try:
        (name,) = [line[3:] for line in Path(own).read_text().splitlines() if line.startswith("0::")]
        above = (root / name.lstrip("/")).parent  # a group with processes can't divide memory among groups in it
        accounted = "memory" in (above / "cgroup.subtree_control").read_text().split()
        return above if accounted and name.strip("/") and os.access(above / "cgroup.procs", os.W_OK) else None
    except (OSError, ValueError):
        return None


def _remove_left(place):
    """Remove the groups of this process's earlier sandboxes, and of graders that have ended."""
    for group in place.glob(f"{PREFIX}*"):
        pid = group.name.removeprefix(PREFIX).partition("-")[0]
        if pid == str(os.getpid()) or not os.path.exists(f"/proc/{pid}"):
            with contextlib.suppress(OSError):  # something still runs in it
                group.rmdir()
