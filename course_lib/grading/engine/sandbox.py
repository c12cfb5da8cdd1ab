"""The sandbox seen from outside: started once for a notebook, then one job after the other, each with limits."""

import contextlib
import json
import os
import select
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field, replace

from course_lib.grading.engine import bubblewrap, control_groups, wire

START = 120  # seconds to import everything
GRACE = 20  # seconds beyond a job's own limit, after which the sandbox itself is taken for broken
GIGABYTE = 2**30
END = ("end",)


class Broken(RuntimeError):
    """The sandbox ended; the message says how."""


class NotReady(Broken):
    """The sandbox can't be started, or can't lock an answer in: this machine's fault, and no answer's."""


@dataclass
class Outcome:
    """What came out of one job, or of one answer in it.

    Parameters
    ----------
    messages : list of tuple
        What the answers' process sent, in order: claims, to be checked.
    times : list of float
        When each of them came.
    end : str
        "" if it sent everything; else "time", "memory", "died" or "forged".
    detail : str
        How it ended, for the instructor.
    began, seconds : float
        When it started, by the same clock, and from start to end.
    complete : bool
        Whether it said that this was all.
    """

    messages: list = field(default_factory=list)
    times: list = field(default_factory=list)
    end: str = ""
    detail: str = ""
    began: float = 0.0
    seconds: float = 0.0
    complete: bool = False

    def hear(self, message, most):
        """Take a message; Malformed where our own code sends none such any more, or never so many."""
        if type(message) is not tuple or not message or type(message[0]) is not str or self.complete:
            raise wire.Malformed("a message that isn't ours")
        if self.messages and message[0] == self.messages[-1][0] == "reference":
            return  # however often it is called in a case, the first call counts
        if len(self.messages) >= most:
            raise wire.Malformed(f"more than the {most} messages that there can be")
        self.messages.append(message)
        self.times.append(time.monotonic())
        self.complete = message == END

    def parts(self, names):
        """Return exercise -> the `Outcome` of its answer; all are forged where somebody else than our code wrote.

        Answers whose turn was over when the process ended did end well, whatever came then.
        """
        if self.end == "forged":
            return dict.fromkeys(names, replace(self, messages=[]))
        found = {name: replace(self, messages=[]) for name in names}
        turn, began, over = None, self.began, set()
        try:
            for message, at in zip(self.messages, self.times, strict=True):
                word, *rest = message
                if word == "forbidden":  # said of each at most once, and before any of them has run
                    if over or found[rest[0]].messages:
                        raise ValueError
                    found[rest[0]].messages.append(message)
                elif word not in ("answer", "end"):
                    turn.messages.append(message)
                else:
                    if turn:
                        turn.end, turn.seconds, began = "", at - began, at
                    (name,) = rest or (None,)
                    if name in over:
                        raise ValueError
                    turn = found[name] if word == "answer" else None
                    over |= {name} if turn else {name, *found}
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return dict.fromkeys(names, replace(self, messages=[], end="forged", detail="a message of no answer's"))
        if turn:
            turn.seconds = self.began + self.seconds - began
        return found


class Sandbox:
    """One parent process inside bubblewrap, ready to run answers of one notebook.

    Parameters
    ----------
    settings : dict
        ``set_up``: the set-up cell's source; ``references``: {exercise: (module, function)}; ``twins``: {exercise:
        places}, ``compiled``: those of C; ``calls``: {exercise: (function, source)}; ``cases``: {exercise: list of
        inputs}.
    unsafe : bool
        Run without walls: for machines without bubblewrap, and answers that are trusted.
    """

    def __init__(self, settings, unsafe=False):
        self.log = tempfile.TemporaryFile()
        self.control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with inside:
            try:
                command = control_groups.joining(bubblewrap.command(unsafe), unsafe)
                self.process = subprocess.Popen(
                    command, stdin=inside, stdout=subprocess.DEVNULL, stderr=self.log,
                    env=bubblewrap.environment(unsafe), start_new_session=True)
            except OSError as error:
                raise NotReady(f"The sandbox can't be started: {error}.") from error
        course = str(bubblewrap.COURSE) if unsafe else bubblewrap.INSIDE
        try:
            with self._connection(b"settings") as connection, contextlib.suppress(OSError):
                connection.sendall(wire.pack(settings | {"course": course, "walls": not unsafe}))
            self.kind = self._reply(time.monotonic() + START)["ready"]
        except Broken as error:
            self.close()
            raise NotReady(str(error)) from error
        self.cases = {name: len(cases) for name, cases in settings["cases"].items()}
        self.memory = (4 if self.kind == "TensorFlow" else 1) * GIGABYTE
        self.processes = 200 if self.kind == "TensorFlow" else 16

    def run(self, job, *, cpu, wall, limit):
        """Run one job.

        Parameters
        ----------
        job : dict
            Plain data, as `course_lib.grading.engine.answering.work` reads it.
        cpu, wall : float
            Seconds that it may work, and sleep as long; and in all, where it waits for a processor.
        limit : int
            Bytes that the answer may send.

        Returns
        -------
        Outcome

        Raises
        ------
        Broken
            If the sandbox itself ended.
        """
        outcome = Outcome(began=time.monotonic())
        limits = {"cpu": max(1, round(cpu)), "wall": wall, "memory": self.memory, "processes": self.processes}
        with self._connection(json.dumps(limits).encode()) as connection:
            try:
                said = outcome, wire.Reader(limit), self._most(job)
                end = self._talk(connection, wire.pack(job), said, outcome.began + wall + GRACE)
            except BaseException:  # it may still be at this job: the next one must not get its answers
                self.close()
                raise
        outcome.seconds = time.monotonic() - outcome.began
        if outcome.messages[:1] and outcome.messages[0][0] == "not locked in":  # no answer has run before it
            raise NotReady(f"An answer couldn't be locked in: {str(outcome.messages[0][-1])[:500]}.")
        if not outcome.end and not outcome.complete:
            # the kernel counts processor time more coarsely than it reports it
            slow = end["why"] == "time" or (end["code"] < 0 and end["cpu"] >= 0.7 * limits["cpu"])
            outcome.end = "time" if slow else end["why"] if end["why"] == "memory" else "died"
            outcome.detail = f"exit code {end['code']}, {end['cpu']:.1f} s of processor time"
        return outcome

    def _most(self, job):
        """Return how many messages there can be of a job.

        Of each answer: what it is forbidden, that it begins, is ready and stopped, its cells, its cases; before each
        of them that the reference was called; and the end.
        """
        own = [each.get("cases") for each in job["answers"]]
        names = [each["exercise"] for each in job["answers"]]
        cases = sum(len(cases) if cases else self.cases[name] for cases, name in zip(own, names, strict=True))
        return 2 * (cases + len(job["answers"]) * (4 + len(job["cells"]))) + 1

    def _talk(self, connection, job, said, deadline):
        """Send the job, collect what comes, and return how the answer's process ended."""
        connection.setblocking(False)
        poll, left = select.poll(), memoryview(job)
        poll.register(self.control, select.POLLIN)
        poll.register(connection, select.POLLIN | select.POLLOUT)
        while True:
            ready = dict(poll.poll(max(0, 1000 * (deadline - time.monotonic()))))
            if not ready:
                raise Broken("The sandbox didn't end a job in time.")
            events = ready.get(connection.fileno(), 0)
            try:
                if events & select.POLLOUT and left:
                    left = left[connection.send(left) :]
                    if not left:
                        poll.modify(connection, select.POLLIN)
                if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                    self._take(connection, *said, poll)
            except OSError:  # the other end is gone
                with contextlib.suppress(KeyError):
                    poll.unregister(connection)
            if self.control.fileno() in ready:
                self._rest(connection, *said, poll)
                return json.loads(self._message())

    def _take(self, connection, outcome, reader, most, poll):
        """Read what there is; stop the job once it is complete, or sent what our code never sends."""
        data = connection.recv(2**20)
        if not data:
            poll.unregister(connection)
            return self._stop()
        if outcome.end:
            return None
        try:
            for message in reader.feed(data):
                outcome.hear(message, most)
        except wire.Malformed as error:
            outcome.end, outcome.detail = "forged", str(error)
        if outcome.end or outcome.complete:
            self._stop()
        return None

    def _rest(self, connection, outcome, reader, most, poll):
        with contextlib.suppress(OSError, KeyError):
            while not outcome.end:
                before = reader.left
                self._take(connection, outcome, reader, most, poll)
                if reader.left == before:
                    return

    def _stop(self):
        with contextlib.suppress(OSError):
            self.control.send(b"stop")

    def _connection(self, message):
        """Make a connection for one job and hand its other end in."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self.control, [message], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise Broken(f"The sandbox ended: {self._said()}") from error
        return ours

    def _reply(self, deadline):
        if not select.select([self.control], [], [], max(0, deadline - time.monotonic()))[0]:
            raise Broken(f"The sandbox wasn't ready in {START} s. {self._said()}")
        return json.loads(self._message())

    def _message(self):
        try:
            message = self.control.recv(100_000)
        except ConnectionError:
            message = b""
        if not message:
            self.process.wait()
            raise Broken(f"The sandbox ended: {self._said()}")
        return message

    def _said(self):
        """Return the last lines that the sandbox wrote on stderr."""
        self.log.seek(max(0, self.log.seek(0, os.SEEK_END) - 2000))
        return self.log.read().decode(errors="replace").strip()[-2000:] or f"exit code {self.process.poll()}"

    def close(self):
        """End the sandbox with everything in it."""
        self.control.close()
        self.process.kill()
        self.process.wait()
