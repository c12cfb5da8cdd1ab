"""Archives are read within limits, and nothing in them leads anywhere."""

import gzip
import io
import struct
import tarfile
import zipfile

import pytest

from course_lib.grading.handed_in import archives, finding
from course_lib.grading.handed_in.archives import MB, Refused, members
from tests.grading.classes import tarred, zipped

LIMIT = 20 * MB


def read(data, name, depth=0, limit=LIMIT):
    """Return {name: bytes or the reason why not}, and why the archive was left, or nothing."""
    found = {}
    try:
        for member in members(io.BytesIO(data), name, depth):
            try:
                found[member.name] = member.refusal or member.read(limit)
            except Refused as error:
                found[member.name] = str(error)
    except Refused as error:
        return found, str(error)
    return found, ""


KINDS = [("a.zip", zipped), ("a.tar", lambda files: tarred(files, "w")), ("a.tar.gz", tarred), ("A.TGZ", tarred)]


@pytest.mark.parametrize(("name", "pack"), KINDS)
def test_members_are_read(name, pack):
    files = {"ada/01.ipynb": b"one" * 100_000, "é/two words.ipynb": b"", "n\nl": b"x"}
    assert read(pack(files), name) == (files, "")


@pytest.mark.parametrize(("name", "pack"), KINDS)
@pytest.mark.parametrize("path", ["../a", "a/../../b", "/etc/passwd", "C:\\a", "c:a", "a\\..\\b", ".."])
def test_tricky_paths_are_refused(name, pack, path):
    found, _ = read(pack({"fine": b"1", path: b"2"}), name)
    assert found["fine"] == b"1"
    assert all("lead out" in found[other] for other in found if other != "fine") and len(found) == 2


@pytest.mark.parametrize(("name", "pack"), KINDS)
def test_size_is_counted_while_unpacking(name, pack):
    found, _ = read(pack({"bomb": bytes(3 * MB), "fine": b"1"}), name, limit=2 * MB)
    assert found == {"bomb": "is larger than 2 MB", "fine": b"1"}


def test_size_that_a_zip_claims_is_not_believed():
    data = zipped({"bomb": bytes(3 * MB)})
    lying = data.replace(struct.pack("<L", 3 * MB), struct.pack("<L", 10))
    found, _ = read(lying, "a.zip", limit=2 * MB)
    assert isinstance(found["bomb"], str)


@pytest.mark.parametrize(("name", "pack"), KINDS)
def test_whole_of_an_archive_is_limited(name, pack, monkeypatch):
    monkeypatch.setattr(archives, "UNPACKED", (5 * MB, MB))
    packed = pack({f"{i}": bytes(MB) for i in range(8)})
    found, left = read(packed, name)
    assert sum(isinstance(data, bytes) for data in found.values()) in (4, 5)
    assert "holds more than 5 MB" in left + " ".join(map(str, found.values()))
    assert "holds more than 1 MB" in str(read(packed, name, depth=1))


@pytest.mark.parametrize(("name", "pack"), KINDS)
def test_number_of_members_is_limited(name, pack):
    found, left = read(pack({f"{i}": b"" for i in range(1001)}), name, depth=1)
    assert left == "holds more than 1000 files" and len(found) <= 1000
    assert read(pack({f"{i}": b"" for i in range(1000)}), name, depth=1)[1] == ""


def test_unpacking_a_bomb_needs_little_memory():
    import tracemalloc

    bomb = io.BytesIO()
    with gzip.open(bomb, "wb") as file:
        head = tarfile.TarInfo("bomb")
        head.size = 300 * MB
        file.write(head.tobuf())
        for _ in range(300):
            file.write(bytes(MB))
    tracemalloc.start()
    assert "larger than 20 MB" in read(bomb.getvalue(), "a.tgz")[0]["bomb"]
    assert "holds more than 256 MB" in read(bomb.getvalue(), "a.tgz", depth=1)[1]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * MB


def link(kind, name="link"):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


@pytest.mark.parametrize(("kind", "said"), [
    (tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "link"), (tarfile.CHRTYPE, "device"), (tarfile.BLKTYPE, "device"),
    (tarfile.FIFOTYPE, "pipe")])  # fmt: skip
def test_what_is_no_file_in_a_tar_is_refused(kind, said):
    found, left = read(tarred({link(kind): b"", "fine": b"1"}), "a.tgz")
    assert said in found["link"] and found["fine"] == b"1" and not left


@pytest.mark.parametrize(("mode", "said"), [(0o120777, "link"), (0o010644, "pipe"), (0o020644, "device")])
def test_what_is_no_file_in_a_zip_is_refused(mode, said):
    info = zipfile.ZipInfo("link")
    info.external_attr = mode << 16
    found, _ = read(zipped({info: b"/etc/passwd", "fine": b"1"}), "a.zip")
    assert said in found["link"] and found["fine"] == b"1"


def test_encrypted_zip_is_refused():
    data = bytearray(zipped({"secret": b"1"}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    assert "encrypted" in read(bytes(data), "a.zip")[0]["secret"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_python_cant_unpack_piece_by_piece_are_refused(method):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("a", bytes(MB))
    assert "unusual" in read(packed.getvalue(), "a.zip")[0]["a"]


def test_a_name_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a", b"1")
            archive.writestr("a", b"2")
    refusals = [member.refusal for member in members(io.BytesIO(packed.getvalue()), "a.zip", 0)]
    assert refusals == ["", "is in the archive twice"]


@pytest.mark.parametrize(("name", "pack"), KINDS)
def test_damage_anywhere_is_refused_and_never_raises(name, pack):
    whole = pack({"a": bytes(range(256)) * 400, "b": b"2" * 2000})
    for cut in range(0, len(whole) - 1, max(1, len(whole) // 40)):
        read(whole[:cut], name)
        read(whole[:cut] + b"\xff" * 16 + whole[cut + 16 :], name)
    for rubbish in (b"", b"PK", b"\0" * 2000, b"no archive" * 200):
        found, left = read(rubbish, name)
        assert not found and (left or set(rubbish) <= {0})


def test_a_flipped_bit_is_found():
    data = bytearray(zipped({"a": b"1" * 5}))
    data[data.index(b"a", 30) + 3] ^= 1
    assert "damaged" in read(bytes(data), "a.zip")[0]["a"]


def patched(block, start, text):
    """Return a tar's header with a field replaced and its checksum mended."""
    block = bytearray(block)
    block[start : start + len(text)] = text
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def test_negative_sizes_in_a_tar_end():
    head = tarfile.TarInfo("a").tobuf()[:512]
    for size in (b"\xff" * 12, b"\xff" * 10 + b"\xfc\x00"):
        found, left = read(patched(head, 124, size) * 3, "a.tar")
        assert "damaged" in left
        for kind in (b"x", b"L", b"g"):  # headers of headers
            assert read(patched(patched(head, 124, size), 156, kind) * 3, "a.tar")[1]


def test_long_headers_of_a_tar_are_refused():
    info = tarfile.TarInfo("a" * 9000)
    found, left = read(tarred({info: b"1"}), "a.tgz")
    assert not found and "too long" in left


def test_tar_that_goes_on_after_its_end_is_said():
    plain = tarred({"a": b"1" * 512}, "w")
    broken = plain[:1024] + b"\x80" * 512 + plain[1024:]
    found, left = read(broken, "a.tar")
    assert found == {"a": b"1" * 512} and "goes on" in left


def walked(path):
    return {
        file.origin.removeprefix(str(path.parent) + "/"): file.refusal or file.read(LIMIT)
        for file in finding.files(path)
    }


def test_archive_in_an_archive_is_read_and_no_deeper(tmp_path):
    inner = zipped({"x.ipynb": b"1", "deeper.zip": zipped({"y.ipynb": b"2"})})
    (tmp_path / "all.zip").write_bytes(zipped({"Ada/work.zip": inner, "Bob/work.tgz": tarred({"z.ipynb": b"3"})}))
    found = walked(tmp_path / "all.zip")
    assert found["all.zip!Ada/work.zip!x.ipynb"] == b"1"
    assert found["all.zip!Bob/work.tgz!z.ipynb"] == b"3"
    assert "in an archive in an archive" in found["all.zip!Ada/work.zip!deeper.zip"]
    assert len(found) == 3


def test_archive_inside_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(finding, "LARGEST_INSIDE", MB)
    large = io.BytesIO()
    with zipfile.ZipFile(large, "w") as archive:
        archive.writestr("x.ipynb", bytes(2 * MB))
    (tmp_path / "all.zip").write_bytes(zipped({"Ada/work.zip": large.getvalue(), "Bob/x.zip": b"rubbish"}))
    found = walked(tmp_path / "all.zip")
    assert found["all.zip!Ada/work.zip"] == "is larger than 1 MB"
    assert "damaged, or no archive" in found["all.zip!Bob/x.zip"]


def test_nothing_is_written(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "all.zip").write_bytes(zipped({"../a": b"1", "b/work.zip": zipped({"x": b"2"})}))
    monkeypatch.chdir(tmp_path)
    walked(tmp_path / "in")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["all.zip", "in"]
