"""Plain data as bytes: what goes in comes out, and bytes that nobody packed are refused before they cost anything."""

import json
import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib.grading.engine import wire
from tests.grading.counting import steps

NUMBERS = hnp.arrays(
    st.sampled_from([np.float16, np.float32, np.float64, np.int8, np.int64, np.uint8, bool]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-2**60, 2**60) | st.floats() | st.text(max_size=8) | NUMBERS,
    lambda part: st.lists(part, max_size=3) | st.lists(part, max_size=3).map(tuple)
    | st.dictionaries(st.text(max_size=3), part, max_size=3), max_leaves=8)


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or a != a and b != b


def through(data, step=7, ours=True):
    reader, packed = wire.Reader(ours=ours), wire.pack(data)
    return [message for i in range(0, len(packed), step) for message in reader.feed(packed[i : i + step])]


@given(PLAIN)
def test_what_goes_in_comes_out(data):
    (found,) = through(data)
    assert same(found, data)


def test_numpy_scalars_and_order_in_memory():
    turned = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    given_data = {"a": np.float32(2), 3: turned, "b": np.arange(3, dtype=">i4")}
    (found,) = through(given_data)
    assert type(found["a"]) is np.float32 and found["b"].tolist() == [0, 1, 2]
    assert np.array_equal(found[3], given_data[3]) and found[3].flags.writeable


@pytest.mark.parametrize("data", [object(), np.array([object()]), np.array("text"), np.zeros(2, complex), {1, 2},
                                  np.zeros(2, np.longdouble), b"bytes"])
def test_anything_else_cant_be_sent(data):
    with pytest.raises(TypeError, match="can't be sent"):
        wire.pack(data)


def message(header, body=b""):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return wire.LENGTHS.pack(len(header), len(body)) + header + body


@pytest.mark.parametrize("forged", [
    message(b"no json"), message([1]), message({"array": ["<f8", [3]]}), message({"array": ["<f8", [1]]}, bytes(9)),
    message({"array": ["O", [1]]}, bytes(8)), message({"array": ["<f8", [-1]]}), message({"array": ["<f8", [10**12]]}),
    message({"array": ["<f8", [2**32, 2**32]]}), message({"array": ["<f8", [1] * 80]}, bytes(8)),
    message({"array": ["(1,", [1]]}, bytes(8)), message({"array": [">f8", [1]]}, bytes(8)),
    message({"array": ["<U9", [1]]}, bytes(36)), message({"array": ["f8,f8", [1]]}, bytes(16)),
    message({"scalar": ["<f8", [2]]}, bytes(16)), message({"array": ["<f8", "33"]}), message({"array": 3}),
    message({"pickle": ["x"]}), message({"a": 1, "b": 2}), message({}), message({"dict": [[1]]}),
    message({"dict": [[{"list": []}, 1]]}), message(b'{"list":' * 5000 + b"1" + b"}" * 5000), message(None, b"x"),
    message({"tuple": 7}), message({"array": [["<f8"], [1]]}, bytes(8)), message({"array": ["<f8", [True]]}, bytes(8)),
    b"\xff" * 100,
    message(b'{"tuple": [Infinity]}'), message(b'{"tuple": [NaN]}'), message(b'{"tuple": [-Infinity]}'),
    message(b'{"tuple": [1e999]}'), message(b'{"tuple": [1.5]}'), message(b'{"tuple": [' + b"9" * 5000 + b"]}"),
    message({"tuple": [10**30]}), message({"dict": []}), message({"tuple": [{"dict": [[1, 2]]}]}),
    message({"tuple": [{"list": [{"list": []}]}]}), message({"array": ["<f8", [0] * 65]}),
    message('{"tuple": []}'.encode("utf-16")), message(b'{"tuple": [' + b"1," * 2**17 + b"1]}"),
])
def test_forged_bytes_are_malformed(forged):
    with pytest.raises(wire.Malformed):
        list(wire.Reader().feed(forged))


@given(st.binary(max_size=200))
def test_any_bytes_give_messages_or_malformed(data):
    try:
        list(wire.Reader().feed(data))
    except wire.Malformed:
        pass


def test_too_many_bytes_are_malformed():
    reader = wire.Reader(limit=1000)
    with pytest.raises(wire.Malformed, match="far more"):
        for _ in range(100):
            list(reader.feed(wire.pack(np.zeros(10))))


def test_a_huge_message_is_refused_at_its_first_bytes():
    with pytest.raises(wire.Malformed, match="64 MB"):
        list(wire.Reader(2**40).feed(wire.LENGTHS.pack(10, 2**31)))


@pytest.mark.parametrize("sent", [("ready",), ("raised", "ValueError", 3, "a"), ("forbidden", "f", ["x"]),
                                  ("result", [np.zeros((2, 0)), np.float32(3), np.array(True)])])
def test_what_answers_send_comes_through(sent):
    (found,) = through(sent, ours=False)
    assert same(found, sent)


def test_only_the_grader_may_send_more():
    for sent in ({"a": 1}, (1.5,), ([[1]],), (10**25,)):
        assert same(*through(sent), sent)
        with pytest.raises(wire.Malformed):
            through(sent, ours=False)


@pytest.mark.parametrize("packed", [message({"tuple": ["cell", 3]}), wire.pack(("result", [np.zeros(8)]))])
@pytest.mark.parametrize("at_once", [1, 64, 2**20])
def test_the_reader_takes_at_most_twice_the_steps_for_twice_the_bytes(packed, at_once):
    def read(n):
        data, reader = packed * n, wire.Reader()
        return sum(1 for i in range(0, len(data), at_once) for _ in reader.feed(data[i : i + at_once]))

    few, many = steps(read, 32), steps(read, 64)
    assert many <= 2.1 * few


def test_receive_waits_for_a_whole_message():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(wire.pack({"x": np.arange(1000)}) + wire.pack("next"))
        assert wire.receive(theirs)["x"].sum() == 499500
        assert wire.receive(theirs) == "next"
        ours.close()
        with pytest.raises(EOFError):
            wire.receive(theirs)
