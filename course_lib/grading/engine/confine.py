"""Locking a process of ours in before it runs an answer: namespaces, mounts, limits, rights.

Linux only, and by its plain interfaces: unshare(2), mount(2), setrlimit(2), capset(2), seccomp(2). Called inside the
sandbox, between the fork and the first line of an answer.
"""

import ctypes
import functools
import os
import resource
import struct
from pathlib import Path

from course_lib.grading.engine import system_calls

NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
ALIKE = os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME  # the same in mount and statvfs
ROUGH_DATES, EXACT_DATES = 1 << 21, 1 << 24  # of reading: relatime, strictatime
NO_NEW_PRIVILEGES, SECCOMP, DUMPABLE = 38, 22, 4

# Of /proc an answer sees copies, made once, of what libraries look for. Nothing there counts what others do, leads into
# a process, or says where on this machine a mount comes from.
COPIES = "/tmp/.processes"
COPIED = (
    "cpuinfo", "filesystems", "meminfo", "stat", "version",
    *(f"self/{name}" for name in ("cmdline", "comm", "maps", "stat", "statm", "status")),
)

LIMITED = {
    "CPU": None, "AS": None, "DATA": None, "NPROC": None, "FSIZE": 16 * 2**20, "NOFILE": 64, "CORE": 0,
    "MSGQUEUE": 0, "MEMLOCK": 0, "SIGPENDING": 1000, "STACK": 8 * 2**20,
}

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    plain = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(_libc, name)(*plain):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def become(uid):
    """Turn root into an unprivileged user for good; do nothing for anybody else."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        _call("prctl", DUMPABLE, 1, 0, 0, 0)  # dumpable, or /proc/self stays root's and no user map can be written


def new_namespaces(kinds, process=None):
    """Leave the parent's namespaces for new ones of some kinds, a user namespace with one user among them.

    `process` is a descriptor of this process's folder in /proc, where that can't be seen any more; it is closed.
    """
    uid, gid = os.getuid(), os.getgid()
    folder = os.open("/proc/self", os.O_RDONLY) if process is None else process
    _call("unshare", NEWUSER | kinds)
    for name, text in ("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1"):
        file = os.open(name, os.O_WRONLY, dir_fd=folder)
        os.write(file, text.encode())
        os.close(file)
    os.close(folder)


def fork_apart(usual):
    """Fork a child that is process 1 of a new process namespace; `usual` is the descriptor of the caller's own."""
    _call("unshare", NEWPID)
    pid = os.fork()
    if pid:
        _call("setns", usual, NEWPID)
    return pid


def prepare_files(course):
    """Make once what all answers will see alike and can't change: devices, copies of /proc, of the course its data.

    Devices are read and written as before, but keep the host's dates and rights.
    """
    _call("unshare", NEWNS)
    _mount(None, "/", None, RECURSIVE | PRIVATE)
    for name in ("full", "null", "random", "tty", "urandom"):
        _make_read_only(f"/dev/{name}")
    copies = Path(COPIES)
    (copies / "self").mkdir(parents=True)
    (copies / "1").symlink_to("self")
    (copies / "self" / "exe").symlink_to(os.readlink("/proc/self/exe"))  # TensorFlow ends without
    for name in COPIED:
        try:
            (copies / name).write_bytes(Path("/proc", name).read_bytes())
        except OSError:  # this system has no such file, or shows it to nobody
            continue
    _mount(COPIES, COPIES, None, BIND)
    _make_read_only(COPIES)
    os.mkdir("/tmp/.data")
    _mount(f"{course}/data", "/tmp/.data", None, BIND)
    _mount("tmpfs", course, "tmpfs", NO_SUID | NO_DEVICES, "size=4k,nr_inodes=10")
    os.mkdir(f"{course}/data")
    _mount("/tmp/.data", f"{course}/data", None, BIND)
    _mount(None, course, None, REMOUNT | READ_ONLY | NO_SUID | NO_DEVICES)


def _make_read_only(target):
    """Make a mount read-only; what else it is must be said again, since only who mounted it may change that."""
    flags = os.statvfs(target).f_flag
    dates = ROUGH_DATES if flags & os.ST_RELATIME else 0 if flags & os.ST_NOATIME else EXACT_DATES
    _mount(None, target, None, REMOUNT | BIND | READ_ONLY | flags & ALIKE | dates)


def own_files():
    """See what was prepared, and fresh small folders to write to; return a descriptor of this process's in /proc."""
    process = os.open("/proc/self", os.O_RDONLY)
    _call("unshare", NEWNS)
    _mount(COPIES, "/proc", None, BIND)
    for folder in ("/tmp", "/dev/shm"):
        _mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEVICES, "size=16m,nr_inodes=1000")
    os.chdir("/tmp")
    return process


def _mount(source, target, kind, flags, options=None):
    source, target, kind, options = (text and text.encode() for text in (source, target, kind, options))
    _call("mount", source, target, kind, flags, options)


@functools.cache  # filled before the forks, for all of them
def at_start():
    """Return limit -> its number and what it can't be raised above, and the bytes of addresses that are in use."""
    numbers = {name: getattr(resource, f"RLIMIT_{name}", None) for name in LIMITED}  # not every system has all
    hard = {name: (each, resource.getrlimit(each)[1]) for name, each in numbers.items() if each is not None}
    return hard, int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def limit(*, cpu, memory, processes):
    """Limit processor seconds, bytes of memory, processes with threads (None: not); small files, few descriptors."""
    most, used = at_start()
    values = LIMITED | {"CPU": cpu, "AS": used + memory, "DATA": used + memory, "NPROC": processes}
    for name, (number, hard) in most.items():
        value = values[name]
        if value is not None:
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (value, value))


def give_up_rights():
    """Drop every capability for good: no program that this process starts gives it others."""
    _call("capset", struct.pack("=Ii", 0x20080522, 0), bytes(24))
    _call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def forbid_system_calls():
    """Put the filter of `system_calls` between this process and the kernel."""
    program = system_calls.program()
    if not program:
        return
    kept = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HL", len(program) // 8, ctypes.addressof(kept))
    _call("prctl", SECCOMP, 2, header, 0, 0)


def close_descriptors(keep):
    """Close every descriptor but the kept one; standard input and output lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, 65536)
