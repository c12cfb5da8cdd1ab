"""The process inside the sandbox that has everything imported, and forks for each answer.

It talks to the grader over the socket that is its standard input: a message with a descriptor is a job, one without
asks it to stop the job at hand. It never runs a line of a learner's, and no process that does can reach it: each has
namespaces of its own, in which this one doesn't exist.
"""

import gc
import importlib.util
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import time
import types

from course_lib.grading.engine import answering, confine, memory, system_calls, wire

NOBODY = 65534
TICK = 50  # milliseconds between two looks at a job's memory and time
CLOCK = os.sysconf("SC_CLK_TCK")


def main():
    """Get ready, say so, and take jobs until the grader closes the connection."""
    control = socket.socket(fileno=os.dup(0))
    _, (first,), *_ = socket.recv_fds(control, 1000, 1)
    with socket.socket(fileno=first) as connection:
        settings = wire.receive(connection)
    if settings["walls"]:
        confine.become(NOBODY)
        confine.new_namespaces(confine.NEWPID)  # in which this process may make more of them
        pid = os.fork()
        if pid:
            sys.exit(os.waitpid(pid, 0)[1])
    _import_course()
    room = answering.prepare(settings)
    if settings["walls"]:
        confine.prepare_files(settings["course"])
    parent = Parent(control, room, settings)
    system_calls.program()
    confine.at_start()
    gc.collect()
    gc.freeze()  # so that children share these pages instead of writing to them
    kind = "TensorFlow" if "tensorflow" in sys.modules else "NumPy"
    control.send(json.dumps({"ready": kind}).encode())
    while parent.serve():
        pass


class _Silent(types.ModuleType):
    """Stands in for the modules that draw: no answer needs them, and Matplotlib makes every fork slower."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class _Mine(types.ModuleType):
    """Stands in for the learner's own library: here nobody has kept anything, so it hands out the course's functions.

    Not the one that is being graded: its calls are said, like all of the reference's.
    """

    def __getattr__(self, name):
        if name in ("added", "versions", "where"):
            return lambda *args, **kwargs: None
        places = [module for key, module in list(sys.modules.items()) if key.startswith("course_lib.")]
        for module in places:
            found = vars(module).get(name)
            if callable(found) and getattr(found, "__module__", None) == module.__name__:
                return found
        raise AttributeError(f"mine has no {name!r} where answers are graded")


def _import_course():
    """Import the library's modules now: in the processes that run answers its files are hidden."""
    import course_lib
    from course_lib import measuring

    room = importlib.util.find_spec("course_lib.plots").submodule_search_locations
    course_lib.plots = sys.modules["course_lib.plots"] = _Silent("course_lib.plots")
    for module in pkgutil.iter_modules(room, "course_lib.plots."):
        sys.modules[module.name] = _Silent(module.name)
    course_lib.mine = sys.modules["course_lib.mine"] = _Mine("course_lib.mine")
    for package in (course_lib, measuring):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if not module.ispkg and module.name != "course_lib.__main__":
                importlib.import_module(module.name)


class Parent:
    """Forks for each job, watches it, and reports how it ended.

    Parameters
    ----------
    control : socket
        The connection to the grader.
    room : answering.Room
        What is ready for every answer.
    settings : dict
        ``walls``: whether answers are locked in; ``course``: the folder of the library in here.
    """

    def __init__(self, control, room, settings):
        self.control, self.room, self.settings = control, room, settings
        self.threads, self.own = _threads(), _processes()
        self.account = memory.Account(apart=settings["walls"])
        self.namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def serve(self):
        """Take one message and, if it is a job, see it through; False if the grader is gone."""
        message, descriptors, *_ = socket.recv_fds(self.control, 10_000, 1)
        if descriptors:
            if _threads() > self.threads:
                raise RuntimeError("a thread was added since the imports: what is forked now could hang")
            report = self._run(descriptors[0], json.loads(message))
            self.control.send(json.dumps(report).encode())
        return bool(message)

    def _run(self, descriptor, limits):
        self.account.begin()
        began = time.monotonic()
        pid = confine.fork_apart(self.namespace) if self.settings["walls"] else os.fork()
        if pid == 0:
            try:
                connection = socket.socket(fileno=descriptor)
                try:
                    _lock_in(descriptor, limits, self.settings)
                except Exception as error:
                    connection.sendall(wire.pack(("not locked in", str(error))))
                    os._exit(1)
                answering.work(connection, self.room)
            finally:
                os._exit(1)
        os.close(descriptor)
        why = self._wait(pid, began + limits["wall"], limits)
        _, status, used = os.wait4(pid, 0)
        return {"code": os.waitstatus_to_exitcode(status), "why": why, "cpu": used.ru_utime + used.ru_stime}

    def _wait(self, pid, deadline, limits):
        """Wait until the answer's process ends; end it for its time, its memory, or the grader's word. Say why.

        What it works counts, and apart from that what it sleeps, each up to ``limits["cpu"]`` seconds; not what it
        waits for a processor that others use, but for the deadline.
        """
        ended, asleep = os.pidfd_open(pid), 0
        try:
            poll = select.poll()
            poll.register(ended, select.POLLIN)
            poll.register(self.control, select.POLLIN)
            why = ""
            while not why:
                ready = {number for number, _ in poll.poll(TICK)}
                if ended in ready:
                    return ""
                if self.control.fileno() in ready:
                    self.control.recv(1000)
                    why = "stopped"
                    break
                job = self._job(pid)
                worked, busy = _work(job)
                asleep += not busy
                if max(worked, asleep * TICK / 1000) > limits["cpu"] or time.monotonic() > deadline:
                    why = "time"
                elif self.account.held(job, limits["memory"]) > limits["memory"]:
                    why = "memory"
            os.kill(pid, signal.SIGKILL)  # the first of its namespace: the kernel ends all others with it
            return why
        finally:
            os.close(ended)

    def _job(self, pid):
        """Return the job's processes: all that the sandbox shows but its own; without walls, the answer's alone."""
        return _processes() - self.own if self.settings["walls"] else {pid}


def _threads():
    return len(os.listdir("/proc/self/task"))


def _processes():
    return {name for name in os.listdir("/proc") if name.isdigit()}


def _lock_in(descriptor, limits, settings):
    confine.close_descriptors(descriptor)
    os.setsid()
    if settings["walls"]:
        process = confine.own_files()
        confine.new_namespaces(confine.NEWIPC | confine.NEWNET, process)
    processes = limits["processes"] if settings["walls"] else None
    confine.limit(cpu=limits["cpu"], memory=limits["memory"], processes=processes)
    if settings["walls"]:
        confine.give_up_rights()
        confine.forbid_system_calls()


def _work(pids):
    """Return the processor seconds of processes with their ended children, and whether any thread runs or wants to."""
    worked, busy = 0, False
    for pid in pids:
        try:
            worked += sum(map(int, _status(f"/proc/{pid}/stat")[11:15])) / CLOCK
            tasks = os.listdir(f"/proc/{pid}/task")
            busy = busy or any(_status(f"/proc/{pid}/task/{task}/stat")[0] in "RD" for task in tasks)
        except OSError:  # it ended just now
            continue
    return worked, busy


def _status(path):
    """Return the fields of a stat file behind the name, which a program may choose: state, ..., times, ..."""
    with open(path, errors="replace") as file:
        return file.read().rpartition(")")[2].split()


if __name__ == "__main__":
    main()
