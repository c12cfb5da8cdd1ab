"""What a job holds is counted whole: threads whose process has ended its first, copies made of what was shared."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from course_lib.grading.engine import control_groups, memory

MB = 2**20
FULL = "hoard = bytearray(b'x' * {})\nos.write(1, b'full\\n')\ntime.sleep(1000)"
ENDED = f"""
def fill():
    exec({FULL.format(50 * MB)!r}, globals())
ctypes.CDLL(None).prctl(15, b'VmRSS:\\t 1 kB')
threading.Thread(target=fill).start()
ctypes.CDLL(None).syscall({60 if os.uname().machine == "x86_64" else 93}, 0)
"""
FORKED = f"""
hoard = bytearray(b'x' * {50 * MB})
for _ in range(3):
    if os.fork() == 0:
        {{}}
        os.write(1, b'full\\n')
        time.sleep(1000)
time.sleep(1000)
"""
CHANGED = f"for i in range(0, {50 * MB}, 4096): hoard[i] = 1"


@pytest.fixture
def running():
    """A function that starts Python with some code and waits for words from it; all are ended."""
    processes = []

    def start(code, words=1):
        command = [sys.executable, "-c", f"import ctypes, os, threading, time\n{code}"]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True))
        for _ in range(words):
            assert processes[-1].stdout.readline() == "full\n"
        return processes[-1].pid

    yield start
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def family(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [pid, *map(int, file.read().split())]


def test_what_a_process_holds_is_counted(running):
    assert 50 * MB < memory._shown(running(FULL.format(50 * MB))) < 100 * MB


def test_a_process_whose_first_thread_has_ended_still_holds_it(running):
    pid = running(ENDED)
    with open(f"/proc/{pid}/statm") as file:
        assert file.read().split()[1] == "0"
    assert 50 * MB < memory._shown(pid) < 100 * MB
    assert 50 * MB < memory._share(pid) < 100 * MB


def test_what_processes_share_is_counted_once_where_it_matters(running):
    account = memory.Account(apart=False, group="/nowhere")
    pids = family(running(FORKED.format("pass"), words=3))
    assert account.held(pids, 1000 * MB) > 200 * MB  # for each of them: it is no more, at least
    assert 50 * MB < account.held(pids, 100 * MB) < 100 * MB


def test_copies_of_what_was_shared_are_counted(running):
    account = memory.Account(apart=False, group="/nowhere")
    pids = family(running(FORKED.format(CHANGED), words=3))
    assert account.held(pids, 100 * MB) > 200 * MB


def test_the_usual_is_not_counted():
    account = memory.Account(apart=False, group="/nowhere")
    before = account.held(["self"], 1000 * MB)
    account.begin()
    assert before > 10 * MB
    assert abs(account.held(["self"], 1000 * MB)) < 10 * MB


def test_sockets_are_counted_as_full_where_they_are_a_jobs_own(monkeypatch):
    both, account = socket.socketpair(), memory.Account(apart=True, group="/nowhere")
    with both[0], both[1]:
        assert account.buffers >= both[0].getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        assert memory._sockets([2**22 + 1, os.getpid()]) >= 2
    monkeypatch.setattr(memory, "_sockets", lambda pids: 100)
    assert account.held([], 0) == 100 * account.buffers
    assert memory.Account(apart=False, group="/nowhere").held([], 0) == 0


def test_processes_that_have_ended_hold_nothing():
    assert memory._shown(2**22 + 1) == memory._share(2**22 + 1) == memory._sockets([2**22 + 1]) == 0


# Control groups, in a folder that looks like theirs: what the kernel itself would do can't be had on every machine

STAT = "anon {}\nfile 900000000\nkernel 1000\nshmem 200\nsock 30\nslab 500\n"


def test_a_control_groups_account_counts_instead(tmp_path):
    stat = tmp_path / "memory.stat"
    stat.write_text(STAT.format(5000))
    account = memory.Account(apart=True, group=stat)
    account.begin()
    assert account.usual == 6230
    stat.write_text(STAT.format(7000))
    assert account.held(["self"], 0) == 2000


@pytest.mark.parametrize("text", [None, "anon 0\nfile 0\n"])
def test_a_control_group_that_was_not_joined_is_not_believed(text, tmp_path):
    stat = tmp_path / "memory.stat"
    if text:
        stat.write_text(text)
    assert memory.Account(apart=True, group=stat).group is None


@pytest.fixture
def tree(tmp_path):
    """A tree of groups, in which this process is at /user/shell, and may make more under /user."""
    (tmp_path / "user" / "shell").mkdir(parents=True)
    (tmp_path / "user" / "cgroup.subtree_control").write_text("cpu memory pids\n")
    (tmp_path / "user" / "cgroup.procs").write_text("")
    (tmp_path / "own").write_text("4:memory:/elsewhere\n0::/user/shell\n")
    return tmp_path


def beside(tree):
    return control_groups._beside_own(tree, tree / "own")


def test_groups_are_made_beside_ones_own_where_memory_is_accounted_for(tree):
    assert beside(tree) == tree / "user"
    (tree / "user" / "cgroup.subtree_control").write_text("cpu pids\n")
    assert beside(tree) is None


@pytest.mark.parametrize("own", ["", "4:memory:/user/shell\n", "0::/\n", "0::/gone/shell\n"])
def test_elsewhere_there_are_none(own, tree):
    (tree / "own").write_text(own)
    assert beside(tree) is None


def test_a_command_joins_its_group_and_shows_its_account(tree):
    place = tree / "user"
    command = control_groups.joining(["echo", "--", "program"], place=place)
    (group,) = place.glob(f"{control_groups.PREFIX}*")
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == f"--ro-bind-try {group}/memory.stat {memory.GROUP} -- program\n"
    assert (group / "cgroup.procs").read_text().strip().isdigit()
    (group / "cgroup.procs").unlink()  # in a real tree, groups without processes can be removed
    control_groups.joining(["echo"], place=place)
    assert not group.exists()


def test_groups_of_others_are_left_alone(tree):
    place = tree / "user"
    others, ended = (place / f"{control_groups.PREFIX}{pid}-x" for pid in (os.getppid(), 2**22 + 1))
    for group in (others, ended):
        group.mkdir()
    control_groups.joining(["echo"], place=place)
    assert others.exists() and not ended.exists()


def test_a_command_that_cant_join_or_has_no_walls_is_as_it_was(tree):
    assert control_groups.joining(["echo"], place=tree / "nowhere") == ["echo"]
    assert control_groups.joining(["echo"], unsafe=True, place=tree / "user") == ["echo"]
    assert not list((tree / "user").glob(f"{control_groups.PREFIX}*"))
