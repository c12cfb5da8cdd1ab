"""Answers that leave the sandbox: by files, notes for the next one, the network, daemons, namespaces, devices."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import RUN, TRACE, Attack, body, on_logistic, unless

NOTE = f"{TRACE}-note"
DAEMON = f"attack{RUN}"  # what left processes call themselves
PORT = 20_000 + int(RUN, 16) % 10_000  # the tests listen there, and on an abstract socket, outside the sandbox
FOLDERS = "FOLDERS = ['.', '/', '/tmp', '/var/tmp', '/dev', '/dev/shm', '/dev/mqueue', '/run', '/etc', '/usr', '/usr/local', '/root', '/home', '/work', '/course', sys.prefix, os.path.dirname(np.__file__)]\n"
SYSCALL = "libc = ctypes.CDLL(None, use_errno=True)\n"


def notes(*writes, reads, before=""):
    """Return the answers of two students: one leaves something and is right, one is right unless something is left."""
    tried = [part for line in writes for part in ("try:", *(f"    {line}" for line in line.split("\n")), "except Exception: pass")]
    return {"logistic": body(*tried, "return right(z)", before=FOLDERS + SYSCALL + before)}, {
        "logistic": unless(*reads, before=FOLDERS + SYSCALL + before)}


LEFT = {
    "a note in every folder": notes(
        f"for folder in FOLDERS:\n    try: open(folder + '/{NOTE}', 'w').write('seen')\n    except OSError: pass",
        reads=[f"return [folder for folder in FOLDERS if os.path.exists(folder + '/{NOTE}')]"]),
    "a note in modules": notes(
        "for name in ('numpy', 'course_lib', 'json', 'encodings'):\n    for file in (sys.modules[name].__file__, sys.modules[name].__cached__):\n        try: open(file, 'a').write('\\nraise SystemExit')\n        except OSError: pass",
        f"open(os.path.join(os.path.dirname(os.path.dirname(np.__file__)), '{NOTE}.pth'), 'w').write('import os')",
        "os.makedirs(os.path.expanduser('~/.ipython/profile_default/startup'))\nopen(os.path.expanduser('~/.ipython/profile_default/startup/note.py'), 'w').write('1 / 0')",
        reads=["return os.path.exists(os.path.expanduser('~/.ipython'))"]),
    "a note in the modules' memory": notes(
        "import course_lib.claims, json\njson.note = np.note = course_lib.claims.note = sys.note = os.note = 'seen'\nsys.modules['note'] = sys",
        reads=["import course_lib.claims, json", "return [thing for thing in (json, np, course_lib.claims, sys, os) if hasattr(thing, 'note')] or 'note' in sys.modules"]),
    "a note in shared memory": notes(
        f"from multiprocessing.shared_memory import SharedMemory\nSharedMemory('{NOTE}', create=True, size=100).buf[:4] = b'seen'",
        f"libc.shmget(0x47113, 4096, 0o1777)\nlibc.msgget(0x47113, 0o1777)\nlibc.semget(0x47113, 1, 0o1777)\nlibc.mq_open(b'/{NOTE}', 0o102, 0o666, None)",
        reads=["found = [name for name in ('shmget', 'msgget', 'semget') if getattr(libc, name)(0x47113, *([1] if name == 'semget' else [4096] if name == 'shmget' else []), 0) >= 0]",
               f"return found or os.path.exists('/dev/shm/{NOTE}') or libc.mq_open(b'/{NOTE}', 0, 0, None) >= 0"]),
    "a note in the keyring": notes(
        f"for ring in (-1, -2, -3, -4, -5): libc.syscall(248, b'user', b'{NOTE}', b'seen', 4, ring)",
        reads=[f"return libc.syscall(249, b'user', b'{NOTE}', None, 0) > 0"]),
    "a note in the host's name": notes(
        f"libc.sethostname(b'{NOTE}', {len(NOTE)})", reads=[f"return '{NOTE}' in socket.gethostname()"]),
    "an abstract socket": notes(
        f"other = socket.socket(socket.AF_UNIX)\nother.bind('\\0{NOTE}')\nother.listen()\nif os.fork() == 0: time.sleep(20)",
        reads=["other = socket.socket(socket.AF_UNIX)", f"other.connect('\\0{NOTE}')", "return 'connected'"]),
    "a port": notes(
        "other = socket.socket()\nother.bind(('127.0.0.1', 47114))\nother.listen()\nif os.fork() == 0: time.sleep(20)",
        reads=["other = socket.create_connection(('127.0.0.1', 47114), 1)", "return 'connected'"]),
    "a lock and a pipe": notes(
        f"import fcntl\nos.mkfifo('/tmp/{NOTE}')\nfile = open(np.__file__)\nfcntl.flock(file, fcntl.LOCK_EX)\nif os.fork() == 0: time.sleep(20)",
        reads=["import fcntl", f"if os.path.exists('/tmp/{NOTE}'): return 'pipe'", "file = open(np.__file__)",
               "for _ in range(20):  # another run may hold it for a moment", "    try: return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)", "    except BlockingIOError: time.sleep(0.1)",
               "return 'locked'"]),
    "a full disk": notes(
        f"for folder in FOLDERS:\n    for i in range(3):\n        try: open(f'{{folder}}/{TRACE}-{{i}}', 'wb').write(bytes(2**24))\n        except OSError: pass",
        reads=[f"open('/tmp/{TRACE}-mine', 'wb').write(bytes(2**20))", f"return os.path.exists('/tmp/{TRACE}-0')"]),
    "a low priority": notes(
        "os.nice(19)\nos.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\nos.setpriority(os.PRIO_USER, os.getuid(), 19)",
        reads=["return os.getpriority(os.PRIO_USER, os.getuid()) > os.getpriority(os.PRIO_PROCESS, 0)"]),
    "changed signals and limits": notes(
        "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nos.umask(0o777)",
        reads=["import resource", "return resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 10 or signal.pthread_sigmask(signal.SIG_BLOCK, [])"]),
}
DAEMONS = f"""
def daemon():
    '''Live on outside the answer's session, under a name of its own, and be a nuisance.'''
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    ctypes.CDLL(None).prctl(15, b'{DAEMON}')
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    end = time.monotonic() + 600
    while time.monotonic() < end:
        for folder in FOLDERS:
            try: open(folder + '/{NOTE}', 'w').write('seen')
            except OSError: pass
        for descriptor in range(3, 64):
            try: os.write(descriptor, b'still here')
            except OSError: pass
        try: os.kill(-1, 9)
        except OSError: pass
        time.sleep(0.01)
"""
QUIET = DAEMONS.replace("os.write(descriptor, b'still here')", "os.close(descriptor)").replace("os.kill(-1, 9)", "pass")
WATCHED = unless(f"if any(os.path.exists(folder + '/{NOTE}') for folder in FOLDERS): return 'a note'",
                 "for name in os.listdir('/proc'):", f"    if name.isdigit() and int(name) not in (os.getpid(), 1) and open(f'/proc/{{name}}/comm').read().strip() == '{DAEMON}': return name",
                 "time.sleep(0.1)", before=FOLDERS)
LIVING = [
    Attack("a daemon", {"logistic": body("daemon()", "time.sleep(0.2)", "return right(z)", before=FOLDERS + DAEMONS)},
           {"logistic": ("tampered", "died", "error", "timeout")}, then={"logistic": WATCHED}),
    Attack("a quiet daemon", {"logistic": body("if not started:", "    started.append(1)", "    daemon()", "return right(z)", before=FOLDERS + QUIET + "started = []\n")},
           then={"logistic": WATCHED}),
    Attack("a daemon of a cell", {"logistic": body("return right(z)", before=FOLDERS + QUIET) + "\ndaemon()\n"},
           then={"logistic": WATCHED}),
    Attack("a daemon that outlives its death", {"logistic": body("daemon()", "os._exit(0)", before=FOLDERS + QUIET)},
           {"logistic": ("died", "error")}, then={"logistic": WATCHED}),
]
NETWORK = {
    "the network": unless("other = socket.create_connection(('192.0.2.1', 80), 0.3)", "return other"),
    "the network by datagrams": unless("return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))"),
    "the network by IPv6": unless("return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('2001:db8::1', 9))"),
    "names": unless("return socket.getaddrinfo('grader.invalid', 80)"),
    "the grader's loopback": unless(f"return socket.create_connection(('127.0.0.1', {PORT}), 0.5)"),
    "the grader's loopback by IPv6": unless(f"return socket.create_connection(('::1', {PORT}), 0.5)"),
    "the grader's abstract sockets": unless("other = socket.socket(socket.AF_UNIX)", f"other.connect('\\0{TRACE}-socket')", "return other"),
    "the system's sockets": unless(
        "found = []", "for name in ('/run/docker.sock', '/var/run/docker.sock', '/run/systemd/private', '/run/dbus/system_bus_socket', '/tmp/.X11-unix/X0', '/run/nscd/socket'):",
        "    try:", "        other = socket.socket(socket.AF_UNIX)", "        other.connect(name)", "        found.append(name)", "    except OSError: pass", "return found"),
    "raw sockets": unless(
        "found = []", "for family, kind in ((socket.AF_INET, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_INET6, socket.SOCK_RAW)):",
        "    try: found.append(socket.socket(family, kind, 1))", "    except OSError: pass", "return found"),
    "the hypervisor": unless("other = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)", "other.settimeout(0.3)", f"other.connect((2, {PORT}))", "return other"),
    "other interfaces": unless("return [name for _, name in socket.if_nameindex() if name not in ('lo', 'tunl0', 'sit0', 'ip6tnl0', 'gre0', 'ip_vti0')]"),
}
SYSTEM = {
    "new namespaces": unless("return [flag for flag in (0x20000, 0x40000000, 0x10000000, 0x20000000, 0x8000000, 0x4000000, 0x2000000, 0x80) if libc.unshare(flag) == 0]", before=SYSCALL),
    "new namespaces by clone": unless(
        "for flag in (0x10000000, 0x20000, 0x20000000):", "    child = libc.syscall(56, flag | 17, 0, 0, 0, 0)", "    if child == 0: os._exit(0)",
        "    if child > 0: return flag", before=SYSCALL),
    "other namespaces": unless(
        "found = []", "for name in ('user', 'mnt', 'net', 'pid', 'ipc', 'uts'):", "    for pid in (1, os.getppid(), 'self'):",
        "        try:", "            file = os.open(f'/proc/{pid}/ns/{name}', 0)", "            if libc.setns(file, 0) == 0: found.append(name)", "        except OSError: pass", "return found", before=SYSCALL),
    "mounts": unless(
        f"os.makedirs('/tmp/{TRACE}-mount', exist_ok=True)", f"return [1 for arguments in ((b'none', b'/tmp/{TRACE}-mount', b'tmpfs', 0, None), (b'proc', b'/proc', b'proc', 0, None), (None, b'/', None, 32, None)) if libc.mount(*arguments) == 0] or libc.umount2(b'/proc', 2) == 0 or libc.umount2(b'/tmp', 2) == 0",
        before=SYSCALL),
    "another root": unless(f"os.makedirs('/tmp/{TRACE}-root', exist_ok=True)", f"os.chroot('/tmp/{TRACE}-root')", "return os.listdir('/')"),
    "system calls that nobody needs": unless(
        # userfaultfd, bpf, perf_event_open, io_uring_setup, keyctl, add_key, open_by_handle_at, kexec_load, init_module, reboot with a wrong magic, swapon, acct, quotactl
        "calls = {323: (0,), 321: (0, 0, 0), 298: (0, 0, -1, -1, 0), 425: (1, ctypes.create_string_buffer(200)), 250: (0, -3, 1), 248: (b'user', b'course-attack', b'x', 1, -4), 101: (0, 0, 0, 0)}",
        "return [number for number, arguments in calls.items() if libc.syscall(number, *arguments) >= 0]", before=SYSCALL),
    "devices": unless(
        "found = []", "for name in ('mem', 'kmem', 'kmsg', 'kvm', 'sda', 'vda', 'nvme0n1', 'fuse', 'net/tun', 'loop0', 'loop-control', 'mapper/control', 'input/event0'):",
        "    try: found.append(open('/dev/' + name, 'rb'))", "    except OSError: pass", "return found"),
    "settings of the system": unless(
        "found = []", "for name in ('/proc/sys/kernel/hostname', '/proc/sysrq-trigger', '/sys/kernel/uevent_helper', '/sys/fs/cgroup/cgroup.procs', '/proc/sys/vm/drop_caches'):",
        "    try: found.append(open(name, 'w'))", "    except OSError: pass", "return found"),
    "programs with special rights": unless(
        "found = []", "for command in (['su', '-c', 'id -u'], ['sudo', '-n', 'id', '-u'], ['newgrp'], ['mount'], ['pkexec', 'id', '-u'], ['unshare', '-r', 'id', '-u'], ['bwrap', '--ro-bind', '/', '/', 'true']):",
        "    try:", "        run = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=0.3)", "        if run.returncode == 0 and command[0] != 'mount' or run.stdout.strip() == b'0': found.append(command)",
        "    except Exception: pass", "return found"),
    "the terminal": unless("import fcntl, termios", "fcntl.ioctl(0, termios.TIOCSTI, b'x')", "return 'typed'"),
    "time": unless("return time.clock_settime(time.CLOCK_REALTIME, 0) or 'set'"),
}
WRITES = {
    "writes outside": unless(
        "found = []", "for folder in FOLDERS:", "    if folder not in ('.', '/tmp', '/dev/shm'):", f"        try: found.append(open(folder + '/{NOTE}', 'w').name)", "        except OSError: pass", "return found",
        before=FOLDERS),
    "writes in its own folder, and reads it again": body("np.save('numbers.npy', right(z))", "return np.load('numbers.npy')"),
    "changes rights of files": unless(
        "found = []", "for name in (np.__file__, sys.executable, '/', '/usr'):", "    try: found.append(os.chmod(name, 0o4777) or name)", "    except OSError: pass", "return found"),
    "removes and renames files": unless(
        "found = []", "for name in (np.__file__, os.__file__):", f"    for change in (os.remove, lambda n: os.rename(n, n + '.gone'), lambda n: os.link(n, '/tmp/{TRACE}-link'), lambda n: os.truncate(n, 0)):",
        "        try: found.append(change(name) or name)", "        except OSError: pass", "return found"),
}
# What two answers share without any file: the kernel's counters, what lies in wait, what is locked, watched or dated
SHARED = {
    "a counter of datagrams": notes(
        "for _ in range(100): socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        reads=["lines = [line.split() for line in open('/proc/net/snmp') if line.startswith('Udp:')]",
               "return int(dict(zip(*lines))['OutDatagrams'])"]),
    "a socket that waits": notes(
        "server = socket.create_server(('127.0.0.1', 47115))\nother = socket.create_connection(('127.0.0.1', 47115))\nback, _ = server.accept()\nother.close()\nback.close()\nserver.close()",
        reads=["return open('/proc/net/tcp').read().count('\\n') > 1"]),
}
MACHINE = {
    "where the machine keeps its files": unless(
        "found = []", "for name in ('mountinfo', 'mounts', 'mountstats', 'cgroup', 'root', 'cwd', 'ns/mnt'):", "    for who in ('self', 'thread-self', str(os.getpid()), 'self/task/1'):",
        "        if os.path.lexists(f'/proc/{who}/{name}'): found.append(name)", "return found"),
    "where the machine keeps its files, of a child": unless(
        "found, end = os.pipe()", "if os.fork() == 0:", "    os.write(end, b'x' * os.path.exists(f'/proc/{os.getpid()}/mountinfo'))", "    os._exit(0)",
        "os.wait()", "os.set_blocking(found, False)", "return os.read(found, 9)"),
    "where the machine keeps its files, by system calls": unless(
        "request = struct.pack('IIQQ', 24, 0, 2**64 - 1, 0)", "ids = (ctypes.c_uint64 * 100)()", "return libc.syscall(458, request, ids, 100, 0) > 0", before=SYSCALL),
    "the kernel's own accounts": unless(
        "return [name for name in ('loadavg', 'locks', 'net', 'sys', 'keys', 'interrupts', 'vmstat', 'sysvipc', 'uptime', 'pressure') if os.path.exists('/proc/' + name)]"),
    "the kernel's accounts of now": unless(
        "before = open('/proc/stat').read(), open('/proc/meminfo').read()", "hoard = np.ones(2**22)", "time.sleep(0.1)",
        "return before != (open('/proc/stat').read(), open('/proc/meminfo').read())"),
    "families of sockets": unless(
        "found = []", "for family in range(50):", "    for kind in (1, 2, 3, 5):", "        for protocol in (0, 6, 16):", "            try: socket.socket(family, kind, protocol).close()", "            except OSError: continue",
        "            if family != socket.AF_UNIX: found.append(family)", "return found"),
    "locks on the system's files": unless(
        "import fcntl", "found, file = [], open(np.__file__)",
        "for lock in (lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB), lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB), lambda: fcntl.fcntl(file, 37, struct.pack('hhqqi4x', fcntl.F_RDLCK, 0, 0, 0, 0)), lambda: fcntl.fcntl(file, 5, struct.pack('hhqqi4x', fcntl.F_RDLCK, 0, 0, 0, 0)), lambda: fcntl.fcntl(file, 1024, fcntl.F_RDLCK)):",
        "    try: found.append(lock() or 'locked')", "    except OSError: pass", "return found"),
    "watches on the system's files": unless(
        "import fcntl", "watch = libc.inotify_init1(0)", "if watch >= 0 and libc.inotify_add_watch(watch, os.path.dirname(np.__file__).encode(), 0xFFF) >= 0: return 'watches'",
        "return fcntl.fcntl(os.open(os.path.dirname(np.__file__), os.O_RDONLY), 1026, 0x3F) == 0", before=SYSCALL),
    "rights of devices": unless(
        "found = []", "for name in ('null', 'zero', 'full', 'random', 'urandom', 'tty'):", "    for change in (lambda n: os.chmod(n, 0o600), lambda n: os.utime(n), lambda n: os.setxattr(n, 'user.x', b'x'), os.remove):",
        "        try: found.append(change('/dev/' + name) or name)", "        except OSError: pass", "return found"),
    "terminals": unless("return os.openpty()"),
}
DEVICES = {
    "devices that answers use": body(
        "assert len(open('/dev/urandom', 'rb').read(8)) == 8 and open('/dev/null').read() == ''", "print('x', file=open('/dev/null', 'w'))", "return right(z)"),
    "what libraries look for": body(
        "import asyncio, psutil, shutil, multiprocessing", "assert os.cpu_count() and psutil.virtual_memory().total and psutil.Process().memory_info().rss",
        "asyncio.run(asyncio.sleep(0))", "shutil.copy(np.__file__, '/tmp/copy.py')",
        "with multiprocessing.Pool(2) as pool: assert pool.map(abs, [-1, 2]) == [1, 2]", "return right(z)"),
}

ATTACKS = [
    *(Attack(f"leaves {name}", first, then=second) for name, (first, second) in (LEFT | SHARED).items()),
    *LIVING,
    *on_logistic({name: (source, "passed") for name, source in (NETWORK | SYSTEM | WRITES | MACHINE | DEVICES).items()}),
]
