"""Answers that write on the channel to the grader, or look what they find on other descriptors."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import body, on_logistic, unless

GONE = ("tampered", "died", "failed", "error", "timeout")
BROKEN = ("tampered", "died")
EVERYWHERE = """
import json
def everywhere(data):
    for descriptor in range(3, 1024):
        try:
            os.set_blocking(descriptor, True)
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left):]
        except OSError:
            pass

def say(*message):
    everywhere(sys.modules["course_lib.grading.engine.wire"].pack(message))

def frame(header, body=b""):
    everywhere(struct.pack(">II", len(header), len(body)) + header + body)

"""
# Headers of messages, as expressions for the answer to evaluate
HEADERS = {
    "is no JSON": "b'passed'", "is empty": "b''", "is a number": "b'1'", "is a list": "b'[]'", "is text": "b'\"passed\"'", "is NaN": "b'NaN'",
    "is an empty dict": "b'{}'", "has two kinds": "b'{\"tuple\": [], \"list\": []}'", "has an unknown kind": "b'{\"pickle\": \"cos\\nsystem\"}'",
    "is deep": "b'{\"list\": [' * 20_000", "is deep and whole": "b'{\"list\": [' * 20_000 + b']}' * 20_000",
    "has a huge number": "b'{\"tuple\": [' + b'9' * 100_000 + b']}'", "has a huge float": "b'{\"tuple\": [\"result\", 1e99999]}'",
    "is invalid UTF-8": r"b'{\"tuple\": [\"unusable\", \"\xff\xfe\"]}'", "is UTF-16": "'{\"tuple\": []}'.encode('utf-16')",
    "has half a character": r"b'{\"tuple\": [\"unusable\", \"\\ud800\\u0000\"]}'",
    "has a line of Infinity": "b'{\"tuple\": [\"raised\", \"ValueError\", Infinity, \"x\"]}'", "has a line of -Infinity": "b'{\"tuple\": [\"raised\", \"ValueError\", -Infinity, \"x\"]}'",
    "has a line of NaN": "b'{\"tuple\": [\"stopped\", \"ValueError\", NaN, \"x\"]}'", "has a line of 1e999": "b'{\"tuple\": [\"stopped\", \"ValueError\", 1e999, \"x\"]}'",
    "has a line of 4,000 digits": "b'{\"tuple\": [\"stopped\", \"ValueError\", ' + b'9' * 4000 + b', \"x\"]}'",
    "has a dict of keys that collide": "json.dumps({'tuple': ['result', {'dict': [[i * (2**61 - 1), 0] for i in range(75_000)]}]}).encode()",
    "has a million zeros": "b'{\"tuple\": [' + b'0,' * 10**6 + b'0]}'", "has a million empty dicts": "b'{\"tuple\": [' + b'{},' * 650_000 + b'0]}'",
    "has a list as key": "b'{\"dict\": [[{\"list\": []}, 1]]}'", "has three in a pair": "b'{\"dict\": [[1, 2, 3]]}'",
}
# Arrays in a header, as JSON
ARRAYS = {
    "objects": '["|O", [1]]', "fields": '["f8,i4", [1]]', "a strange dtype": '["(1,", [1]]', "a dtype of commas": '[",,;", [1]]',
    "a dtype that is code": '["(__import__(1))f8", [1]]', "a dict as dtype": '[{"a": 1}, [1]]', "no dtype": "[null, [1]]",
    "a huge shape": '["<f8", [67108864, 67108864]]', "no bytes but a shape": '["<f8", [0, 67108864, 67108864]]',
    "a negative shape": '["<f8", [-1]]', "a true shape": '["<f8", [true]]', "a shape of text": '["<f8", "12"]', "no shape": '["<f8"]',
    "a hundred axes": '["<f8", [' + "0, " * 99 + "0]]", "sixty axes": '["<f8", [' + "0, " * 59 + "0]]", "a float as shape": '["<f8", [1.0]]',
}
HEADERS |= {f"has an array of {name}": f"b'{{\"tuple\": [\"result\", {{\"list\": [{{\"array\": {array}}}]}}]}}'" for name, array in ARRAYS.items()}
MESSAGES = {
    "nothing": "()", "a number": "(1, 2)", "an array": "(np.ones(3),)", "an unknown word": "('passed', 1000.0)", "result of nothing": "('result',)",
    "result of a number": "('result', 5)", "result of text": "('result', ['passed'])", "result of None": "('result', [None])",
    "result of dicts": "('result', [{'a': 1}])", "result of many": "('result', [np.ones(1)] * 10_000)", "result of nested lists": "('result', [[np.ones(1)]])",
    "a status": "('status', 'passed', 'score', 2.0)", "unusable with a list": "('unusable', ['a'])", "unusable with a page": "('unusable', 'x' * 10**6)",
    "raised nothing": "('raised',)", "raised too much": "('raised', 'A', 1, 'b', 'c')", "raised numbers": "('raised', 1, 'a', None)",
    "stopped with a list": "('stopped', [], {}, 1.5)", "names of numbers": "('names', [1, 2])", "names of nobody": "('names', None)", "a cell that isn't there": "('cell', 10**9)",
    "a cell of text": "('cell', 'x')", "a cell without number": "('cell',)", "a true cell": "('cell', True)", "a cell again": "('cell', 0)",
    "a line beyond all": "('raised', 'ValueError', 10**15, 'x')", "a line before all": "('stopped', 'ValueError', -1, 'x')",
    "nothing that is forbidden": "('forbidden', 'logistic', [])", "what another answer uses": "('forbidden', 'clip_by_value', ['clip'])",
    "another answer's turn": "('answer', 'clip_by_value')", "its own turn again": "('answer', 'logistic')", "ready again": "('ready',)",
    "ragged text": "('result', [['x' * 16_000] + [''] * 16_000])", "lists in lists": "('result', [[[1, 2], [3]]])", "scalars": "('result', [1.5])", "a page as its word": "('x' * 10**6,)", "markup": "('unusable', '<script>alert(1)</script>')",
}
WRITING = {
    "garbage": (body("everywhere(b'passed' * 100)", "return right(z)", before=EVERYWHERE), "tampered"),
    "garbage in a cell": (body("return right(z)", before=EVERYWHERE + "everywhere(os.urandom(1000))\n"), "tampered"),
    "1 GB of garbage": (body("everywhere(bytes(10**9))", "return right(z)", before=EVERYWHERE), "tampered"),
    "endless zeros": (body("while True: everywhere(bytes(2**20))", before=EVERYWHERE), GONE),
    "a message of 4 GB": (body("everywhere(b'\\xff' * 8)", "return right(z)", before=EVERYWHERE), "tampered"),
    "half a message, and hangs": (body("everywhere(b'\\0\\0\\0\\x20')", "time.sleep(10**8)", before=EVERYWHERE), ("timeout", "tampered")),
    "half a message, and exits": (body("everywhere(b'\\0\\0\\0\\x20')", "os._exit(0)", before=EVERYWHERE), BROKEN),
    "half a message, and goes on": (body("everywhere(b'\\0\\0')", "return right(z)", before=EVERYWHERE), (*BROKEN, "timeout")),
    "the end at once": (body("say('end')", "os._exit(0)", before=EVERYWHERE), GONE),
    "the end twice": (body("return right(z)", before=EVERYWHERE + "say('end')\nsay('end')\n"), GONE),
    "the end before": (body("return right(z)", before=EVERYWHERE + "say('end')\n"), GONE),
    "a right result too many": (body("say('result', [right(z)])", "return right(z)", before=EVERYWHERE), "tampered"),
    "a result before each of its own": (
        body("return Late([right(z)])", before=EVERYWHERE + "class Late(list):\n    def __iter__(self):\n"
             "        say('result', [np.array([0.5])])\n        return super().__iter__()\n"), GONE),
    "results before it was asked": (body("return z * 0", before=EVERYWHERE + "for _ in range(20): say('result', [np.array([0.5])])\n"), GONE),
    "what it uses is forgotten": (
        body("from scipy.special import expit", "say('forbidden', 'logistic', [])", "return expit(z)", before=EVERYWHERE), ("failed", "tampered")),
    "60,000 messages": (
        body("everywhere(sys.modules['course_lib.grading.engine.wire'].pack(('altered',)) * 60_000)", "return right(z)", before=EVERYWHERE), "tampered"),
    "its reference was called, 60,000 times": (
        body("everywhere(sys.modules['course_lib.grading.engine.wire'].pack(('reference',)) * 60_000)", "return right(z)", before=EVERYWHERE),
        ("needs review", "tampered")),
    "results that are stretched when compared": (
        body("say('result', [np.zeros((10**6, 1), np.uint8)])", "os._exit(0)", before=EVERYWHERE), GONE),
    "its reference was called": (body("say('reference')", "return right(z)", before=EVERYWHERE), ("needs review", "tampered")),
    "a connection that is closed": (body("os.closerange(3, 1024)", "return right(z)"), BROKEN),
    "a connection that is shut": (
        body("for descriptor in range(3, 64):", "    try: socket.socket(fileno=os.dup(descriptor)).shutdown(socket.SHUT_RDWR)",
             "    except OSError: pass", "return right(z)"), (*BROKEN, "timeout")),
    "a connection that leads nowhere": (
        body("null = os.open(os.devnull, os.O_RDWR)", "for descriptor in range(3, 64):",
             "    if descriptor != null: os.dup2(null, descriptor)", "return right(z)"), BROKEN),
    "a connection that is slow": (
        body("for descriptor in range(3, 64):", "    try: os.set_blocking(descriptor, False)", "    except OSError: pass",
             "return np.concatenate([right(z).ravel()] * 50_000)"), ("failed", "tampered", "died", "memory")),
    "a connection that another process uses": (
        body("if os.fork() == 0:", "    while True: everywhere(b'x')", "return right(z)", before=EVERYWHERE), GONE),
    "descriptors over the channel": (
        body("for descriptor in range(3, 64):",
             "    try: socket.send_fds(socket.socket(fileno=os.dup(descriptor)), [b'x'], [0, 1, 2] * 10)", "    except OSError: pass", "return right(z)"),
        "tampered"),
}
WRITING |= {
    f"a header that {name}": (body(f"frame({header})", "return right(z)", before=EVERYWHERE), "tampered")
    for name, header in HEADERS.items()
}
WRITING |= {
    f"a message of {name}": (body(f"say(*{message})", "return right(z)", before=EVERYWHERE), "tampered")
    for name, message in MESSAGES.items()
}
LOOKING = {
    "lists its descriptors": (
        unless("import fcntl", "found = []", "for descriptor in range(3, 4096):", "    try: found.append((descriptor, fcntl.fcntl(descriptor, fcntl.F_GETFD)))",
               "    except OSError: pass", "return found[1:]"), "passed"),
    "reads every descriptor": (
        unless("import select", "found = []", "for descriptor in range(1024):", "    try:", "        if select.select([descriptor], [], [], 0)[0]: found.append(os.read(descriptor, 1000))",
               "    except (OSError, ValueError): pass", "return b''.join(found)"), "passed"),
    "reads its own job again": (
        unless("found = []", "for descriptor in range(3, 64):", "    try: found.append(os.pread(descriptor, 1000, 0))", "    except OSError: pass", "return found"), "passed"),
    "reads /proc/self/fd": (
        unless("found = {}", "for name in os.listdir('/proc/self/fd'):", "    try: found[name] = os.readlink(f'/proc/self/fd/{name}')", "    except OSError: pass",
               "return {name: file for name, file in found.items() if 'socket' not in file and 'null' not in file and not file.startswith('/proc')}"), "passed"),
    "asks who is at the other end": (
        unless("found = []", "for descriptor in range(3, 64):", "    try:", "        other = socket.socket(fileno=os.dup(descriptor))",
               "        pid, uid, gid = struct.unpack('3i', other.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))",
               "        if pid > 0: os.kill(pid, 0); found.append(pid)", "    except OSError: pass", "return [pid for pid in found if pid != os.getpid()]"), "passed"),
}

ATTACKS = on_logistic(WRITING | LOOKING)
