"""Answers that use up memory, processes, files and other people's patience with output."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import TRACE, body, on_logistic, unless

FULL = ("memory", "died", "error", "timeout")
RIGHT_LINE = "return right(z)"

MEMORY = {
    "10 GB at once": (body("return np.ones(10 * 2**27)"), "memory"),
    "10 GB of bytes": (body("return bytes(10 * 2**30)"), "memory"),
    "10 GB untouched": (body("return np.zeros(10 * 2**27)"), ("memory", "failed")),
    "1000 TB": (body("return np.zeros(10**14)"), ("memory", "failed")),
    "10 GB in a cell": (body(RIGHT_LINE) + "\nhoard = np.ones(10 * 2**27)\n", "passed"),  # as with any error below a right answer
    # where the machine hands out memory slowly, time is up first
    "memory in steps": (body("hoard = []", "while True: hoard.append(np.ones(2**20))"), ("memory", "timeout")),
    "memory in small steps": (body("hoard = []", "while True: hoard.append({len(hoard): [None]})"), ("memory", "timeout", "died")),
    "memory, errors swallowed": (
        body("hoard = []", "while True:", "    try: hoard.append(bytearray(2**24))", "    except MemoryError: pass"),
        ("timeout", "memory", "died")),
    "memory, errors swallowed, then right": (
        body("try:", "    while not full: hoard.append(bytearray(2**28))", "except MemoryError:", "    hoard.clear()", "    full.append(1)",
             RIGHT_LINE, before="hoard, full = [], []\n"), "passed"),
    "memory of a string": (body("return 'x' * 10**10"), "memory"),
    "memory by mmap": (
        body("import mmap", "hoard = []", "while True:", "    hoard.append(mmap.mmap(-1, 2**28))",
             "    for i in range(0, 2**28, 4096): hoard[-1][i] = 1"), FULL),
    "shared memory": (
        body("from multiprocessing.shared_memory import SharedMemory", "hoard = []", "while True:",
             "    hoard.append(SharedMemory(create=True, size=2**28))", "    hoard[-1].buf[:] = bytes(2**28)"), FULL),
    "shared mapping": (
        body("import mmap", "hoard = []", "while True:",
             "    hoard.append(mmap.mmap(-1, 2**28, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))", "    hoard[-1].write(b'x' * 2**28)"),
        FULL),
    "memory file": (
        body("file = os.memfd_create('hoard')", "while True: os.write(file, bytes(2**24))"), FULL),
    "a file in every folder": (
        unless("wrote = 0",
               "for folder in ['.', '/tmp', '/dev/shm', '/run', '/var/tmp', os.path.expanduser('~'), '/', '/mnt', '/work']:",
               "    try:", f"        with open(folder + '/{TRACE}-full', 'wb') as file:",
               "            for _ in range(20): wrote += file.write(bytes(2**24))", "    except OSError: pass",
               "return wrote > 2**26 and f'wrote {wrote}'"), "passed"),
    "a sparse file of 1 TB": (
        unless(f"with open('{TRACE}-sparse', 'wb') as file:", "    file.truncate(2**40)", "return 'made it'"), "passed"),
    "many files": (
        unless("for i in range(20_000):", f"    with open(f'{TRACE}-{{i}}', 'w'): pass", "return 'made them'"), "passed"),
    "many descriptors": (
        unless("hoard = [open(os.devnull) for _ in range(1000)]", "return len(hoard)"), "passed"),
    "pipes full of data": (
        body("hoard = []", "while True:", "    hoard.append(os.pipe())", "    os.set_blocking(hoard[-1][1], False)",
             "    os.write(hoard[-1][1], bytes(2**16))"), FULL),
    "sockets full of data": (
        body("hoard = []", "while True:", "    pair = socket.socketpair()", "    hoard.append(pair)", "    pair[0].setblocking(False)",
             "    try:", "        while True: pair[0].send(bytes(2**16))", "    except BlockingIOError: pass"), FULL),
    "every descriptor": (body("hoard = []", "while True: hoard.append(open(os.devnull))"), FULL),
}
PROCESSES = {
    "many threads": (
        unless("for _ in range(1000): threading.Thread(target=time.sleep, args=(2,), daemon=True).start()", "return 'started'"), "passed"),
    "many processes": (
        unless("for _ in range(500):", "    if os.fork() == 0:", "        time.sleep(2)", "        os._exit(0)", "return 'forked'"), "passed"),
    "threads": (
        body("while True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"), FULL),
    "fork bomb": (body("while True:", "    try: os.fork()", "    except OSError: pass"), (*FULL, "tampered")),
    "fork bomb in new sessions": (
        body("while True:", "    try:", "        if os.fork() == 0:", "            os.setsid()", "            os.fork()",
             "    except OSError: pass"), (*FULL, "tampered")),
    "fork bomb that hides from signals": (
        body("for number in range(1, 32):", "    try: signal.signal(number, signal.SIG_IGN)", "    except OSError: pass", "while True:",
             "    try:", "        if os.fork(): os._exit(0)", "    except OSError: pass"), ("died", "timeout", "error")),
    "fork bomb in a cell": (
        body(RIGHT_LINE) + "\nwhile True:\n    try: os.fork()\n    except OSError: pass\n", (*FULL, "tampered")),
    "many processes with much memory": (
        body("children = []", "for _ in range(12):", "    child = os.fork()", "    if child == 0:",
             "        hoard = np.ones(75 * 2**20)", "        time.sleep(1000)", "    children.append(child)",
             "time.sleep(1000)"), "memory"),
    "programs": (
        body("hoard = []", "while True: hoard.append(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)']))"),
        FULL),
}
OUTPUT = {
    "200 MB to stdout": (
        body("if not said:", "    said.append(1)", "    for _ in range(200): print('x' * 10**6)", RIGHT_LINE, before="said = []\n"),
        "passed"),
    "200 MB to stderr": (body("if not said:", "    sys.stderr.write('x' * 2 * 10**8)", "    said.append(1)", RIGHT_LINE, before="said = []\n"), "passed"),
    "200 MB to descriptor 1": (
        body("if not said:", "    for _ in range(200): os.write(1, b'x' * 10**6)", "    said.append(1)", RIGHT_LINE, before="said = []\n"),
        "passed"),
    "200 MB to descriptor 2 by a program": (
        body("if not said:", "    subprocess.run('head -c 200000000 /dev/zero >&2', shell=True)", "    said.append(1)", RIGHT_LINE,
             before="said = []\n"), "error"),  # no answer starts one
    "200 MB in a cell": (body(RIGHT_LINE) + "\nprint('x' * 2 * 10**8)\n", "passed"),
    "200 MB of lines": (
        body("if not said:", "    said.append(1)", "    for _ in range(2 * 10**5): print('x' * 1000)", RIGHT_LINE, before="said = []\n"),
        "passed"),
    "a million warnings": (
        body("import warnings", "warnings.simplefilter('always')", "if not said:", "    said.append(1)",
             "    for i in range(10**5): warnings.warn(f'{i}')", RIGHT_LINE, before="said = []\n"), "passed"),
}
# Memory that no process shows, or that the first thread's end hides
MAPPING = """
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype, libc.mmap.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.munmap.argtypes = ctypes.c_void_p, ctypes.c_size_t
LEAVE = 60 if os.uname().machine == 'x86_64' else 93
def hold(flags, file=-1, size=2**28):
    at = libc.mmap(None, size, 3, flags, file, 0)
    if at not in (None, 2**64 - 1):
        ctypes.memset(at, 1, size)
        return not libc.munmap(at + 4096, size - 4096)
filled, tell = os.pipe()
def fill(millions):
    hoard = np.ones(millions * 2**20)
    os.write(tell, b'x')
    time.sleep(1000)
def leave_full(millions):
    threading.Thread(target=fill, args=(millions,)).start()
    libc.syscall(LEAVE, 0)
"""
UNSEEN = {
    "four children whose first threads have ended": (
        body("for _ in range(4):", "    if os.fork() == 0: leave_full(40)", "for _ in range(4): os.read(filled, 1)", "time.sleep(1)",
             RIGHT_LINE, before=MAPPING), "memory"),
    "children named like a line of their state, whose first threads have ended": (
        body("for _ in range(4):", "    if os.fork() == 0:", "        libc.prctl(15, b'VmRSS:\\t 1 kB')", "        leave_full(40)",
             "for _ in range(4): os.read(filled, 1)", "time.sleep(1)", RIGHT_LINE, before=MAPPING), "memory"),
    "pages given to pipes": (
        unless("class Piece(ctypes.Structure): _fields_ = [('at', ctypes.c_void_p), ('size', ctypes.c_size_t)]",
               "page = ctypes.create_string_buffer(4096)", "_, end = os.pipe()",
               "return libc.vmsplice(end, ctypes.byref(Piece(ctypes.addressof(page), 4096)), 1, 0) > 0", before=MAPPING), "passed"),
    "pages of files in pipes": (
        unless("inside, end = os.pipe()", "file = os.open(np.__file__, os.O_RDONLY)", "found = []",
               "for get in (lambda: os.splice(file, end, 100), lambda: os.sendfile(end, file, 0, 100), lambda: libc.tee(inside, os.pipe()[1], 100, 0) > 0):",
               "    try: found.append(get())", "    except OSError: pass", "return any(found)", before=MAPPING), "passed"),
    "wider pipes": (unless("import fcntl", "return fcntl.fcntl(os.pipe()[1], 1031, 2**20)"), "passed"),
    "wider sockets": (
        unless("one, _ = socket.socketpair()", "before = one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)",
               "one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**26)",
               "return one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) > before"), "passed"),
    "shared memory that is unmapped but for a page": (unless("return [1 for _ in range(4) if hold(0x21)]", before=MAPPING), "passed"),
    "shared memory of /dev/zero that is unmapped but for a page": (
        unless("return [1 for _ in range(4) if hold(1, os.open('/dev/zero', os.O_RDWR))]", before=MAPPING), "passed"),
    "rules that the kernel keeps": (
        unless("rules = libc.syscall(444, ctypes.byref(ctypes.c_uint64(1)), 8, 0)", "return rules >= 0", before=MAPPING), "passed"),
    "requests that the kernel keeps": (
        unless("many = ctypes.c_long()", "return libc.syscall(206 if LEAVE == 60 else 0, 1000, ctypes.byref(many)) == 0", before=MAPPING), "passed"),
}
ATTACKS = on_logistic(MEMORY | PROCESSES | OUTPUT | UNSEEN)
