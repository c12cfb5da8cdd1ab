"""Locking a process of ours in before it runs an answer: namespaces, mounts, limits, rights, system calls.

Linux only, and by its plain interfaces: unshare(2), mount(2), setrlimit(2), capset(2), seccomp(2). Called inside the
sandbox, between the fork and the first line of an answer.
"""

import contextlib
import ctypes
import functools
import os
import platform
import resource
import struct

NEWNS, NEWIPC, NEWUSER, NEWPID = 0x20000, 0x8000000, 0x10000000, 0x20000000
ALL_NEW = 0x7E020000  # every namespace that clone can make
READ_ONLY, NO_SUID, NO_DEVICES, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
DROP_BOUND, NO_NEW_PRIVILEGES, SECCOMP, NO_DUMP = 24, 38, 22, 4

# System calls that no answer needs, by number: on x86-64, and on 64-bit ARM.
FORBIDDEN = {
    "x86_64": {
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_getfd": 438, "kcmp": 312,
        "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
        "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "mount_setattr": 442,
        "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "msgget": 68, "semget": 64, "mq_open": 240,
        "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "fanotify_init": 300,
        "add_key": 248, "request_key": 249, "keyctl": 250, "open_by_handle_at": 304, "syslog": 103,
        "execve": 59, "execveat": 322,  # another program would have what is emptied here
    },
    "aarch64": {
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_getfd": 438, "kcmp": 272,
        "unshare": 97, "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51,
        "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "mount_setattr": 442,
        "memfd_create": 279, "memfd_secret": 447, "shmget": 194, "msgget": 186, "semget": 190, "mq_open": 180,
        "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "io_uring_setup": 425, "fanotify_init": 262,
        "add_key": 217, "request_key": 218, "keyctl": 219, "open_by_handle_at": 265, "syslog": 116,
        "execve": 221, "execveat": 281,
    },
}
CLONE, CLONE3 = {"x86_64": 56, "aarch64": 220}, 435
MACHINE = platform.machine()
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    plain = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(_libc, name)(*plain):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def become(uid):
    """Turn root into an unprivileged user for good; do nothing for anybody else."""
    if os.getuid() == 0:
        # bubblewrap covers parts of root's /proc, and no user namespace may mount one that shows more than it sees
        _mount("proc", "/proc", "proc", NO_SUID | NO_DEVICES)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        _call("prctl", NO_DUMP, 1, 0, 0, 0)  # dumpable, or /proc/self stays root's and no user map can be written


def new_namespaces(kinds):
    """Leave the parent's namespaces for new ones of some kinds, a user namespace with one user among them."""
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", NEWUSER | kinds)
    for name, text in ("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1"):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def fork_apart(usual):
    """Fork a child that is process 1 of a new process namespace; `usual` is the descriptor of the caller's own."""
    _call("unshare", NEWPID)
    pid = os.fork()
    if pid:
        _call("setns", usual, NEWPID)
    return pid


def own_files(course):
    """See a file system of one's own: fresh small folders to write to, own processes, of the course its data only."""
    _call("unshare", NEWNS)
    _mount(None, "/", None, RECURSIVE | PRIVATE)
    _mount("tmpfs", "/tmp", "tmpfs", NO_SUID | NO_DEVICES, "size=16m,nr_inodes=1000")
    _mount("tmpfs", "/dev/shm", "tmpfs", NO_SUID | NO_DEVICES, "size=16m,nr_inodes=1000")
    os.mkdir("/tmp/.data")
    _mount(f"{course}/data", "/tmp/.data", None, BIND)
    _mount("tmpfs", course, "tmpfs", NO_SUID | NO_DEVICES, "size=4k,nr_inodes=10")
    os.mkdir(f"{course}/data")
    _mount("/tmp/.data", f"{course}/data", None, BIND)
    _mount(None, course, None, REMOUNT | READ_ONLY | NO_SUID | NO_DEVICES)
    _mount("proc", "/proc", "proc", NO_SUID | NO_DEVICES)  # TensorFlow crashes without
    os.chdir("/tmp")


def _mount(source, target, kind, flags, options=None):
    source, target, kind, options = (text and text.encode() for text in (source, target, kind, options))
    _call("mount", source, target, kind, flags, options)


def limit(*, cpu, memory, processes):
    """Limit processor seconds, bytes of memory, processes with threads (None: not); small files, few descriptors."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    for name, value in {
        "CPU": cpu, "AS": used + memory, "DATA": used + memory, "NPROC": processes, "FSIZE": 16 * 2**20,
        "NOFILE": 64, "CORE": 0, "MSGQUEUE": 0, "MEMLOCK": 0, "SIGPENDING": 1000, "STACK": 8 * 2**20,
    }.items():
        which = getattr(resource, f"RLIMIT_{name}", None)
        if which is not None and value is not None:
            hard = resource.getrlimit(which)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (value, value))


def give_up_rights():
    """Drop every capability for good, also what a program with special rights would get, and forbid system calls."""
    for capability in range(64):
        with contextlib.suppress(OSError):  # this kernel has fewer
            _call("prctl", DROP_BOUND, capability, 0, 0, 0)
    _call("capset", struct.pack("=Ii", 0x20080522, 0), bytes(24))
    _call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def forbid_system_calls():
    """Answer "not permitted" to the system calls of `FORBIDDEN`, and to clone where it would make a namespace."""
    program = system_call_filter()
    if not program:  # on this processor the other walls stand alone
        return
    kept = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HL", len(program) // 8, ctypes.addressof(kept))
    _call("prctl", SECCOMP, 2, header, 0, 0)


@functools.cache  # filled before the forks, for all of them
def system_call_filter():
    """Return the filter as a program of the Berkeley packet filter: instructions of code, two jumps and an operand."""
    if MACHINE not in FORBIDDEN:
        return b""
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse, unknown = 0x7FFF0000, 0x50001, 0x50026  # EPERM; ENOSYS: the C library then falls back on clone
    number, architecture, first_argument = 0, 4, 16
    steps = [(load, 0, 0, architecture), (equal, 1, 0, ARCHITECTURE[MACHINE]), (answer, 0, 0, refuse)]
    steps += [(load, 0, 0, number), (at_least, 0, 1, 0x40000000), (answer, 0, 0, refuse)]  # the x32 calls
    for call in FORBIDDEN[MACHINE].values():
        steps += [(equal, 0, 1, call), (answer, 0, 0, refuse)]
    steps += [(equal, 0, 1, CLONE3), (answer, 0, 0, unknown)]
    steps += [(equal, 0, 3, CLONE[MACHINE]), (load, 0, 0, first_argument), (any_bit, 0, 1, ALL_NEW)]
    steps += [(answer, 0, 0, refuse), (answer, 0, 0, allow)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def close_descriptors(keep):
    """Close every descriptor but the kept one; standard input and output lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, 65536)
