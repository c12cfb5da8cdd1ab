"""Running a submission's answers, in a process that is thrown away afterwards, and sending back plain arrays.

Everything here shares its process with an answer and can be tampered with by it. That gains nothing: what goes out
are claims about results, and they are compared where no answer ever was. Several answers share a process only if they
are self-contained; any other has one of its own, so that none can do anything to, or for, the next.
"""

import builtins
import importlib
import inspect
import os
import sys

from course_lib.exercises.judge.calling import call as plain_call
from course_lib.exercises.judge.comparing import Unusable, arrays_in, changed, copied, plain
from course_lib.exercises.judge.copying import names_in
from course_lib.grading.engine import emptying, wire
from course_lib.grading.engine.compiling import compiled, globals_of, imported, needed_by
from course_lib.grading.engine.selfcontained import is_self_contained, surroundings

NEUTRAL = ("check", "claim", "display", "hint", "predict", "progress", "quiz")  # what is called around an exercise


class Room:
    """What is ready before any answer comes: the set-up cell's names, our code around the answers, the references.

    `found` are the references by exercise, those that lie in the library; `twins` the places of what else does an
    exercise's work, `compiled` who holds those of C; `calls` the functions that call an answer; `cases` the hidden
    inputs, which come once for all submissions.
    """

    def __init__(self, names, found, twins, compiled, calls, cases):
        self.names, self.found, self.twins, self.compiled = names, found, twins, compiled
        self.calls, self.cases = calls, cases
        self.judging = False


class _Reference(BaseException):
    """Raised where an answer calls the very function that it should be, or a twin of it."""


def prepare(settings):
    """Run the set-up cell and what the exercises bring along; return the `Room`."""
    names = {"__name__": "__main__", "__builtins__": builtins}
    exec(compile(settings["set_up"], "<set-up>", "exec"), names)
    found = {}
    for name, (module, function) in settings["references"].items():
        found[name] = getattr(importlib.import_module(module), function)
    calls = {}
    for name, (function, source) in settings["calls"].items():
        own = {"__name__": f"call of {name}"}
        exec(compile(source, f"<{own['__name__']}>", "exec"), own)
        calls[name] = own[function]
    names |= dict.fromkeys(NEUTRAL, _nothing) | {"use": lambda answer: answer}
    names |= {"get_ipython": _Shell, "In": [], "Out": {}}
    compiled = emptying.holders(settings.get("compiled", ()))
    return Room(names, found, settings.get("twins", {}), compiled, calls, settings["cases"])


class _Shell:
    """Stands in for IPython's: whatever it is asked for, it does nothing."""

    def __getattr__(self, name):
        return _nothing


def _nothing(*args, **kwargs):
    return None


def work(connection, room):
    """Read a job, run its answers one after the other on their cases, send what came, and end the process."""
    job = wire.receive(connection)
    answers = [each | {"cases": each.get("cases") or room.cases[each["exercise"]]} for each in job["answers"]]
    if any(each.get("cases") for each in job["answers"]):
        _forget(room)
    cells, own, waiting = job["cells"], os.getpid(), []

    def send(*message):
        if os.getpid() != own:  # a copy that an answer made of this process
            os._exit(0)
        waiting.append(wire.pack(message))
        if len(answers) == 1 or message[0] == "answer":  # who comes next may end this process
            flush()

    def flush():
        connection.sendall(b"".join(waiting))
        waiting.clear()

    codes = [_looked_at(each, cells, send) for each in answers]
    if len(answers) == 1:
        name, called = answers[0]["exercise"], _teller(room, send)
        if name in room.found:  # what could bring it back isn't kept: the answer would find it
            emptying.empty_function(room.found[name], name, called)
        emptying.empty(room.twins.get(name, ()), room.compiled, called)
        _run(answers[0], codes[0], cells, job["helpers"], room, send)
    for each, code in zip(answers, codes, strict=True) if len(answers) > 1 else ():
        if _may_share(each, code, cells, room):
            name = each["exercise"]  # it can't reach any twin
            whole = name in room.found and emptying.empty_function(room.found[name], name, _teller(room, send))
            _run(each, code, cells, False, room, send, shared=True)
            if whole:  # the next exercise may use this one's reference
                emptying.restore(whole)
    send("end")
    flush()
    os._exit(0)


def _forget(room):
    """Lose the hidden inputs where answers run on others: what is told of those must not depend on the hidden ones."""
    for array in arrays_in(list(room.cases.values())):
        array.fill(0)  # whoever makes an empty array could be handed their memory
    room.cases.clear()  # the grader's settings hold the same dict


def _may_share(each, code, cells, room):
    """Tell whether an answer may run where others do: nothing that it uses lies outside its cell, or leads there."""
    try:
        known = room.found.keys() - {each["exercise"]}
        if not is_self_contained(cells[each["cell"]], known):
            return False
        alone = {each["exercise"], "np", "numpy", "math"}.issuperset(code.co_names)
        # a helper of the same name in another cell would come between
        return alone or needed_by(cells, code, room.names.keys() - {each["exercise"]} | known) <= {each["cell"]}
    except Exception:  # whatever is wrong with it, it says alone
        return False


def _looked_at(each, cells, send):
    """Compile an answer's cell, and say which forbidden names it uses; return the code, or why there is none."""
    try:
        code = compiled(cells[each["cell"]], "<answer>")
        forbidden = names_in(code) & set(each["forbid"])
        if forbidden:  # unless they are functions of the learner's own
            forbidden -= set().union(*(globals_of(source)[0] - imported(source) for source in cells))
        send("forbidden", each["exercise"], sorted(forbidden))
        return code
    except Exception as error:  # for its turn
        return error


def _run(each, code, cells, helpers, room, send, shared=False):
    """Run one answer on every case, and send what came of each."""
    name, room.judging = each["exercise"], False
    send("answer", name)
    try:
        sys.setrecursionlimit(1000)
        if isinstance(code, Exception):
            raise code
        names = surroundings(room.names) if shared else room.names
        answer = _defined(each, code, cells, helpers, names, room, send)
        call = room.calls.get(name, plain_call)
        for case in each["cases"]:
            given = copied(case)
            try:
                result = plain(call(answer, given))
                send("altered") if changed(case, given) else send("result", result)
            except Unusable as error:
                send("unusable", str(error)[:500])
            except (Exception, _Reference) as error:
                if isinstance(error, _Reference | NotImplementedError | MemoryError):
                    raise
                send("raised", *_told(error))
    except BaseException as error:
        send("stopped", *_told(error))


def _defined(each, code, cells, helpers, names, room, send):
    """Return the answer: run its cell, and in the notebook's order the cells whose names it needs."""
    name, place = each["exercise"], each["cell"]
    names = {key: value for key, value in names.items() if key != name}
    others = {other: function for other, function in room.found.items() if other != name}
    names |= others  # a mistake in another exercise isn't counted twice
    needed = needed_by(cells, code, names) if helpers else set()
    for i in sorted(needed | {place}):
        send("cell", i)
        try:
            _execute(code if i == place else compiled(cells[i], "<cell>"), names)
        except Exception:  # as in the notebook: what was defined before the error stays
            if i == place and name not in names:
                raise
        if i == place:
            answer = names.get(name)
        names |= others
    if not callable(answer):
        raise NameError(f"the cell defines no function {name}")
    names[name] = answer
    room.judging = True
    send("ready")
    return answer


def _execute(code, names):
    """Run a cell; one that awaits something at its top, in a loop of its own."""
    running = eval(code, names)
    if inspect.iscoroutine(running):
        import asyncio

        asyncio.run(running)


def _teller(room, send):
    """Return what is told of calls of emptied functions; see `emptying`."""

    def called(name):
        if not room.judging:  # a cell compares the two, perhaps
            raise RuntimeError("what does the exercise's work isn't there when answers are graded")
        send("reference", name)
        raise _Reference

    return called


def _told(error):
    """Return an exception as its type's name, the line of the answer where it arose, and its text."""
    line, trace = 0, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<answer>":
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno or 0
    try:
        text = str(error)[:500]
    except BaseException:
        text = "its text can't be shown"
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    return "Reference" if isinstance(error, _Reference) else kinds[0], int(line), text
