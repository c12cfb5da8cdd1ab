"""Plain data as bytes and back, between the grader and an answer that it doesn't trust: no pickle, sizes checked.

A message is two lengths, a header and a body: the header is JSON, the body holds the numbers of the arrays in it. What
comes out of the sandbox is held to what answers need: no dicts, whose keys could be chosen to collide, no numbers
outside of arrays but small integers, and at most a list of arrays in a tuple.
"""

import json
import math
import re
import struct

import numpy as np

LENGTHS = struct.Struct(">II")
LARGEST = 64 * 2**20  # bytes of one message
HEADER = 2**18  # bytes of a header from the sandbox: a thousand arrays have one of 50,000
DEPTH = 100  # of what the grader sends
OUTSIDE = 2  # and of what comes from the sandbox: a tuple, a list in it
AXES = 64  # NumPy's own limit


class Malformed(ValueError):
    """Bytes that no `pack` has written."""


def pack(data):
    """Return nested tuples, lists, dicts, arrays, numbers, text and None as the bytes of one message.

    Raises
    ------
    TypeError
        For anything else.
    """
    body = []
    header = json.dumps(_plain(data, body)).encode()
    return b"".join([LENGTHS.pack(len(header), sum(map(len, body))), header, *body])


def _plain(data, body):
    if data is None or type(data) in (bool, int, float, str):
        return data
    if isinstance(data, np.ndarray | np.generic):
        array = np.asarray(data)
        if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
            raise TypeError(f"an array of {array.dtype} can't be sent, only real numbers of up to 8 bytes")
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        body.append(array.tobytes())
        return {"scalar" if isinstance(data, np.generic) else "array": [array.dtype.str, list(array.shape)]}
    if isinstance(data, dict):
        return {"dict": [[_plain(key, body), _plain(value, body)] for key, value in data.items()]}
    if isinstance(data, tuple | list):
        return {type(data).__name__ if type(data) in (tuple, list) else "tuple": [_plain(x, body) for x in data]}
    raise TypeError(f"a {type(data).__name__} can't be sent, only plain data and arrays")


def unpack(header, body, ours=False):
    """Return the data of a message from its header and body; Malformed unless they fit together exactly.

    `ours` says that the grader has sent it; else it comes from the sandbox.
    """
    try:
        data = (json.loads if ours else STRICT)(header.decode())
        data, end = _restored(data, memoryview(body), 0, ours, DEPTH if ours else OUTSIDE)
    except Malformed:
        raise
    except Exception as error:  # whatever it is, it came from bytes that aren't ours
        raise Malformed(f"{type(error).__name__}: {error}"[:200]) from None
    if end != len(body):
        raise Malformed(f"{len(body) - end} bytes too many")
    return data


def _refused(text):
    raise Malformed(f"the number {text:.50}")


def _small(text):
    if len(text) > 20:
        _refused(text)
    return int(text)


STRICT = json.JSONDecoder(parse_float=_refused, parse_constant=_refused, parse_int=_small).decode


def _restored(data, body, at, ours, depth):
    if not isinstance(data, dict):
        if isinstance(data, list):
            raise Malformed("a bare list")
        return data, at
    (kind, value), = data.items()
    if kind in ("array", "scalar"):
        return _array(kind, *value, body, at)
    if not depth:
        raise Malformed("lists in lists too deep")
    if kind == "dict" and ours:
        pairs = []
        for key, part in value:
            key, at = _restored(key, body, at, ours, depth - 1)
            part, at = _restored(part, body, at, ours, depth - 1)
            pairs.append((key, part))
        return dict(pairs), at
    if kind not in ("tuple", "list"):
        raise Malformed(f"an unknown kind {kind!r:.50}")
    parts = []
    for part in value:
        part, at = _restored(part, body, at, ours, depth - 1)
        parts.append(part)
    return tuple(parts) if kind == "tuple" else parts, at


def _array(kind, dtype, shape, body, at):
    if not re.fullmatch(r"<f[248]|[<|][iu][1248]|\|b1", dtype):
        raise Malformed(f"an array of {dtype!r:.50}")
    dtype = np.dtype(dtype)
    if len(shape) > AXES or not all(type(n) is int and 0 <= n < 2**62 for n in shape) or (kind == "scalar" and shape):
        raise Malformed("a shape that none can have")
    end = at + math.prod(shape) * dtype.itemsize
    if end > len(body):
        raise Malformed("an array longer than its message")
    array = np.frombuffer(body[at:end], dtype).reshape(shape).astype(dtype.newbyteorder("="))  # a copy: writable
    return (array[()] if kind == "scalar" else array), end


class Reader:
    """Cuts the bytes that arrive into messages.

    Parameters
    ----------
    limit : int
        Bytes that may arrive in all; more is Malformed.
    ours : bool
        Whether they come from the grader; else from the sandbox.
    """

    def __init__(self, limit=LARGEST, ours=False):
        self.buffer, self.left, self.ours = bytearray(), limit, ours

    def feed(self, data):
        """Take bytes in and yield the data of every message that is complete."""
        self.left -= len(data)
        if self.left < 0:
            raise Malformed("far more bytes than any answer gives")
        self.buffer += data
        while len(self.buffer) >= LENGTHS.size:
            lengths = LENGTHS.unpack_from(self.buffer)
            end = LENGTHS.size + sum(lengths)
            if end > LENGTHS.size + LARGEST:
                raise Malformed("a message of more than 64 MB")
            if lengths[0] > HEADER and not self.ours:
                raise Malformed("a header of more than 256 kB")
            if len(self.buffer) < end:
                return
            middle = LENGTHS.size + lengths[0]
            message = unpack(bytes(self.buffer[LENGTHS.size : middle]), bytes(self.buffer[middle:end]), self.ours)
            del self.buffer[:end]
            yield message


def receive(connection):
    """Wait for one message of the grader's and return its data; EOFError if it closes the connection."""
    reader = Reader(2**62, ours=True)
    while True:
        wanted = LENGTHS.size
        if len(reader.buffer) >= wanted:
            wanted += sum(LENGTHS.unpack_from(reader.buffer))
        data = connection.recv(min(wanted - len(reader.buffer), 2**20))
        if not data:
            raise EOFError("the other side closed the connection")
        for message in reader.feed(data):
            return message
