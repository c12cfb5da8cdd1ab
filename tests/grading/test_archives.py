"""Archives are read within limits, and nothing in them leads anywhere."""

import io
import os
import struct
import zipfile
from random import Random

import pytest

from course_lib.grading.handed_in import archives, finding
from course_lib.grading.handed_in.archives import CLASS, INSIDE, MB, Limits, Refused, members
from tests.grading.classes import zipped

LIMIT = 20 * MB


def read(data, limits=CLASS, limit=LIMIT):
    """Return {name: bytes or the reason why not}, and why the archive was left, or nothing."""
    found = {}
    try:
        for member in members(io.BytesIO(data), limits):
            try:
                found[member.name] = member.refusal or member.read(limit)
            except Refused as error:
                found[member.name] = str(error)
    except Refused as error:
        return found, str(error)
    return found, ""


def test_members_are_read():
    files = {"ada/01.ipynb": b"one" * 100_000, "é/two words.ipynb": b"", "n\nl": b"x"}
    assert read(zipped(files)) == (files, "")


@pytest.mark.parametrize("path", ["../a", "a/../../b", "/etc/passwd", "C:\\a", "c:a", "a\\..\\b", ".."])
def test_tricky_paths_are_refused(path):
    found, _ = read(zipped({"fine": b"1", path: b"2"}))
    assert found["fine"] == b"1"
    assert all("lead out" in found[other] for other in found if other != "fine") and len(found) == 2


def test_size_is_counted_while_unpacking():
    found, _ = read(zipped({"bomb": bytes(3 * MB), "fine": b"1"}), limit=2 * MB)
    assert found == {"bomb": "is larger than 2 MB", "fine": b"1"}


def test_size_that_a_zip_claims_is_not_believed():
    data = zipped({"bomb": bytes(3 * MB)})
    lying = data.replace(struct.pack("<L", 3 * MB), struct.pack("<L", 10))
    found, _ = read(lying, limit=2 * MB)
    assert isinstance(found["bomb"], str)


def test_whole_of_an_archive_is_limited():
    packed = zipped({f"{i}": bytes(MB) for i in range(8)})
    found, left = read(packed, Limits(100, 5 * MB))
    assert sum(isinstance(data, bytes) for data in found.values()) in (4, 5)
    assert "holds more than 5 MB" in left + " ".join(map(str, found.values()))
    assert "holds more than 1 MB" in str(read(packed, Limits(100, MB)))


def test_a_bomb_takes_nothing_from_what_people_work_in():
    files = {f"{i}": bytes(MB) for i in range(8)} | {"honest": Random(1).randbytes(MB).hex().encode()}
    found, left = read(zipped(files), Limits(100, MB, 100))
    assert sum("holds more than 1 MB" in str(data) for data in found.values()) >= 6
    assert (found["honest"], left) == (files["honest"], "")


def test_number_of_members_is_limited():
    found, left = read(zipped({f"{i}": b"" for i in range(1001)}), INSIDE)
    assert left == "holds more than 1000 files" and len(found) <= 1000
    assert read(zipped({f"{i}": b"" for i in range(1000)}), INSIDE)[1] == ""


def test_unpacking_a_bomb_needs_little_memory():
    import tracemalloc

    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb", "w") as file:
        for _ in range(300):
            file.write(bytes(MB))
    tracemalloc.start()
    assert "larger than 20 MB" in read(bomb.getvalue())[0]["bomb"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * MB


def test_the_list_of_members_is_limited_before_it_is_read():
    """What the end of an archive says of the list's size is a claim, and a file with holes can be of any size."""

    class Holes(io.BytesIO):
        most = 0

        def read(self, n=-1):
            data = super().read(n)
            Holes.most = max(Holes.most, len(data))
            return data

    size = archives.DIRECTORY + MB
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1000, 1000, size, 0, 0)
    with pytest.raises(Refused, match="longer than 64 MB"):
        list(members(Holes(bytes(size) + end), CLASS))
    assert Holes.most < MB


def test_names_are_limited():
    packed = io.BytesIO(zipped({"a" * 5000: b"", "b": b""}))
    found = [(member.name, member.refusal) for member in members(packed, CLASS)]
    assert found == [("a" * 1000, "has a name of 5,000 characters, and at most 1,000 are taken"), ("b", "")]


def test_members_that_share_bytes_are_refused():
    data = zipped({"a": b"1" * 1000, "b": b"2" * 1000})
    place = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1) + 42
    data = data[:place] + bytes(4) + data[place + 4 :]  # the second begins where the first does
    assert all("shares bytes" in reason for reason in read(data)[0].values())


@pytest.mark.parametrize(("mode", "said"), [(0o120777, "link"), (0o010644, "pipe"), (0o020644, "device")])
def test_what_is_no_file_in_a_zip_is_refused(mode, said):
    info = zipfile.ZipInfo("link")
    info.external_attr = mode << 16
    found, _ = read(zipped({info: b"/etc/passwd", "fine": b"1"}))
    assert said in found["link"] and found["fine"] == b"1"


def test_encrypted_zip_is_refused():
    data = bytearray(zipped({"secret": b"1"}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    assert "encrypted" in read(bytes(data))[0]["secret"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_python_cant_unpack_piece_by_piece_are_refused(method):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("a", bytes(MB))
    assert "unusual" in read(packed.getvalue())[0]["a"]


def test_a_name_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a", b"1")
            archive.writestr("a", b"2")
    refusals = [member.refusal for member in members(io.BytesIO(packed.getvalue()), CLASS)]
    assert refusals == ["", "is in the archive twice"]


def test_damage_anywhere_is_refused_and_never_raises():
    whole = zipped({"a": bytes(range(256)) * 400, "b": b"2" * 2000})
    for cut in range(0, len(whole) - 1, max(1, len(whole) // 40)):
        read(whole[:cut])
        read(whole[:cut] + b"\xff" * 16 + whole[cut + 16 :])
    for rubbish in (b"", b"PK", b"\0" * 2000, b"no archive" * 200):
        found, left = read(rubbish)
        assert not found and (left or set(rubbish) <= {0})


def test_a_flipped_bit_is_found():
    data = bytearray(zipped({"a": b"1" * 5}))
    data[data.index(b"a", 30) + 3] ^= 1
    assert "damaged" in read(bytes(data))[0]["a"]


def walked(path):
    return {
        file.origin.removeprefix(str(path.parent) + "/"): file.refusal or file.read(LIMIT)
        for file in finding.files(path)
    }


def test_archive_in_an_archive_is_read_and_no_deeper(tmp_path):
    inner = zipped({"x.ipynb": b"1", "deeper.zip": zipped({"y.ipynb": b"2"})})
    (tmp_path / "all.zip").write_bytes(zipped({"Ada/work.zip": inner, "Bob/work.tgz": b"3"}))
    found = walked(tmp_path / "all.zip")
    assert found["all.zip!Ada/work.zip!x.ipynb"] == b"1"
    assert found["all.zip!Bob/work.tgz"] == b"3"
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


@pytest.mark.parametrize("when", [float("nan"), float("inf"), -float("inf"), -1.0, 2.0**40, 1e308])
def test_dates_that_no_clock_has_said_are_none(when, tmp_path, monkeypatch):
    (tmp_path / "b.zip").write_bytes(zipped({"c.ipynb": b"2"}))
    assert all(file.modified > 0 for file in finding.files(tmp_path))
    monkeypatch.setattr(archives, "_seconds", lambda date: when)
    assert [file.modified for file in finding.files(tmp_path)] == [0.0]


@pytest.mark.parametrize("when", [-10.0, 2.0**33 + 2])
def test_dates_of_files_are_in_range(when, tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"1")
    os.utime(tmp_path / "a.ipynb", (0, when))
    assert os.stat(tmp_path / "a.ipynb").st_mtime == when
    assert [file.modified for file in finding.files(tmp_path)] == [0.0]


def test_a_file_with_holes_is_said_to_be_too_large_without_being_read(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    with (tmp_path / "in" / "a.ipynb").open("wb") as file:
        file.truncate(2**40)
    monkeypatch.setattr(finding, "take", None)
    file, = finding.files(tmp_path / "in")
    with pytest.raises(Refused, match="larger than 20 MB"):
        file.read(LIMIT)


def test_an_archive_with_holes_is_not_read_as_a_whole(tmp_path):
    (tmp_path / "in" / "ada").mkdir(parents=True)
    with (tmp_path / "in" / "ada" / "a.zip").open("wb") as file:
        file.truncate(2**40)
    assert ["no archive" in file.refusal for file in finding.files(tmp_path / "in")] == [True]


def test_a_folder_of_too_many_files_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 5)
    for student, n in {"ada": 5, "eve": 6}.items():
        (tmp_path / "in" / student).mkdir(parents=True)
        for i in range(n):
            (tmp_path / "in" / student / f"{i}.ipynb").write_bytes(b"1")
    found = walked(tmp_path / "in")
    assert len(found) == 6 and found["in/eve"] == "holds more than 5 files: they aren't read"
