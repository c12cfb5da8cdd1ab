"""The filter of system calls (seccomp) behind which answers run: what no answer needs is refused, or isn't there.

What is refused would reach other processes, hold memory that belongs to no process, lock or watch files that others
see too, or make sockets that lead out. What "isn't there" is so for programs that then do it in another way.
"""

import functools
import platform
import struct

MACHINE = platform.machine()
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Numbers on x86-64, and on 64-bit ARM; None where a machine doesn't have the call.
REFUSED = {
    # into other processes, other namespaces, other rights
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "kcmp": (312, 272), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "statmount": (457, 457), "listmount": (458, 458), "open_by_handle_at": (304, 265),
    "bpf": (321, 280), "perf_event_open": (298, 241), "syslog": (103, 116), "seccomp": (317, 277),
    # another program, which would have what is emptied in this one
    "execve": (59, 221), "execveat": (322, 281),
    # memory, or a share of the system's, that no process shows
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186),
    "semget": (64, 190), "mq_open": (240, 180), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_setup": (206, 0), "vmsplice": (278, 75), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219),
    # what others do with the same files
    "inotify_init": (253, None), "inotify_init1": (294, 26), "fanotify_init": (300, 262), "cachestat": (451, 451),
}
ABSENT = {
    "clone3": (435, 435),  # its flags lie where no filter can read them; the C library then takes clone
    "splice": (275, 76), "tee": (276, 77), "sendfile": (40, 71),  # pin pages of files in pipes and sockets
    "flock": (73, 32),  # HDF5 goes on without
    "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445), "landlock_restrict_self": (446, 446),
}
LAST = 462  # the newest call that this list knows of, on both; what came later is as on an older kernel

CLONE, FCNTL, MMAP, PRCTL = (56, 220), (72, 25), (9, 222), (157, 167)
SOCKET, SOCKETPAIR, SETSOCKOPT = (41, 198), (53, 199), (54, 208)
ALL_NEW = 0x7E020000  # every namespace that clone can make
LOCKS = (5, 6, 7, 36, 37, 38)  # F_GETLK, F_SETLK, F_SETLKW, and those of open files
SETTINGS = (1024, 1026, 1031, 1036, 1038)  # F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ, hints of a file's life
SHARED, TYPE, ANONYMOUS, HUGE = 1, 0x0F, 0x20, 0x40000  # of mmap
SET_DUMPABLE, SET_SECCOMP = 4, 22
SOCKETS, BUFFERS = 1, (7, 26, 32)  # SOL_SOCKET; SO_SNDBUF, SO_ATTACH_FILTER, SO_SNDBUFFORCE

LOAD, AND, EQUAL, AT_LEAST, ANY_BIT, ANSWER = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06  # steps of the packet filter
ALLOW = 0x7FFF0000
NOT_PERMITTED, NOT_THERE, NO_SUCH_FAMILY = 0x50001, 0x50026, 0x50061  # EPERM, ENOSYS, EAFNOSUPPORT


@functools.cache  # filled before the forks, for all of them
def program(machine=MACHINE):
    """Return the filter as a program of the Berkeley packet filter: instructions of code, two jumps and an operand.

    Empty for a processor of another kind: there the other walls stand alone.
    """
    return b"".join(struct.pack("HBBI", *step) for step in steps(machine))


def steps(machine):
    """Return the filter's instructions as tuples."""
    if machine not in ARCHITECTURE:
        return []
    own = list(ARCHITECTURE).index(machine)
    found = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, ARCHITECTURE[machine]), _answer(NOT_PERMITTED)]
    found += [(LOAD, 0, 0, 0), (AT_LEAST, 0, 1, 0x40000000), _answer(NOT_PERMITTED)]  # the x32 calls
    found += [(AT_LEAST, 0, 1, LAST + 1), _answer(NOT_THERE)]
    for numbers, tests in {
        CLONE: [_load(0), (ANY_BIT, 0, 1, ALL_NEW), _answer(NOT_PERMITTED)],
        FCNTL: [_load(1), *_one_of(*LOCKS, *SETTINGS)],
        # shared memory without a file outlives its mapping: what is unmapped in parts is held, and shown nowhere
        MMAP: [_load(3), (ANY_BIT, 0, 1, HUGE), _answer(NOT_PERMITTED), (AND, 0, 0, ANONYMOUS | TYPE),
               *_one_of(ANONYMOUS | SHARED)],
        PRCTL: [_load(0), *_one_of(SET_DUMPABLE, SET_SECCOMP)],
        SETSOCKOPT: [_load(1), (EQUAL, 1, 0, SOCKETS), _answer(ALLOW), _load(2), *_one_of(*BUFFERS)],
        SOCKET: [_load(0), (EQUAL, 1, 0, 1), _answer(NO_SUCH_FAMILY)],  # but AF_UNIX, which asyncio needs
        SOCKETPAIR: [_load(0), (EQUAL, 1, 0, 1), _answer(NO_SUCH_FAMILY)],
    }.items():
        found += [(EQUAL, 0, len(tests) + 1, numbers[own]), *tests, _answer(ALLOW)]
    answers = {numbers[own]: NOT_PERMITTED for numbers in REFUSED.values() if numbers[own] is not None}
    answers |= {numbers[own]: NOT_THERE for numbers in ABSENT.values()}
    in_order = sorted(answers)
    for i in range(0, len(in_order), 8):  # in parts: the kernel tries every number there is, whenever it takes a filter
        part = in_order[i : i + 8]
        compared = [step for number in part for step in ((EQUAL, 0, 1, number), _answer(answers[number]))]
        found += [(AT_LEAST, len(compared) + 1, 0, part[-1] + 1), *compared, _answer(ALLOW)]
    return [*found, _answer(ALLOW)]


def _answer(what):
    return ANSWER, 0, 0, what


def _load(argument):
    """Load the lower half of an argument, which is all that the kernel looks at of a whole number."""
    return LOAD, 0, 0, 16 + 8 * argument


def _one_of(*values):
    """Refuse where what was loaded is one of some values."""
    return [step for value in values for step in ((EQUAL, 0, 1, value), _answer(NOT_PERMITTED))]
