"""Running one answer, in a process that is thrown away afterwards, and sending back plain arrays.

Everything here shares its process with the answer and can be tampered with by it. That gains nothing: what goes out
are claims about results, and they are compared where the answer never was.
"""

import ast
import builtins
import dis
import importlib
import inspect
import os
import re
import sys
import types
import warnings

from course_lib.exercises.judge.comparing import Unusable, changed, copied, plain
from course_lib.grading.engine import wire

NEUTRAL = ("check", "claim", "display", "hint", "predict", "progress", "quiz")  # what is called around an exercise


class Room:
    """What is ready before any answer comes: the set-up cell's names, our code around the answers, the references.

    `found` are the references by exercise, those that lie in the library; `calls` the functions that call an answer.
    """

    def __init__(self, names, found, calls):
        self.names, self.found, self.calls = names, found, calls
        self.judging = False


class _Reference(BaseException):
    """Raised where an answer calls the very function that it should be."""


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
    return Room(names, found, calls)


class _Shell:
    """Stands in for IPython's: whatever it is asked for, it does nothing."""

    def __getattr__(self, name):
        return _nothing


def _nothing(*args, **kwargs):
    return None


def work(connection, room):
    """Read a job, run its answer on every case, send what came, and end the process."""
    job = wire.receive(connection)
    name, own = job["exercise"], os.getpid()

    def send(*message):
        if os.getpid() != own:  # a copy that the answer made of this process
            os._exit(0)
        connection.sendall(wire.pack(message))

    try:
        sys.setrecursionlimit(1000)
        code = _compiled(job["cells"][job["cell"]], "<answer>")
        forbidden = _used(code) & set(job["forbid"])
        if forbidden:  # unless they are functions of the learner's own
            forbidden -= set().union(*(_globals(source)[0] - _imported(source) for source in job["cells"]))
        send("forbidden", sorted(forbidden))
        _stub_out(room, name, send)
        answer = _defined(job, code, room, send)
        call = room.calls.get(name) or (lambda function, case: function(*case))
        for case in job["cases"]:
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
    send("end")
    os._exit(0)


def _compiled(source, place):
    """Compile a cell, also one that only IPython understands, with magics or indented as a whole."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return compile(source, place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except SyntaxError:
            from IPython.core.inputtransformer2 import TransformerManager

            plain = re.sub(r"^%%\w+.*\n", "\n", source)  # `%%time` hands the rest of the cell on as it is
            return compile(TransformerManager().transform_cell(plain), place, "exec", dont_inherit=True)


def _defined(job, code, room, send):
    """Return the answer: run its cell, and in the notebook's order the cells whose names it needs."""
    name, names = job["exercise"], {key: value for key, value in room.names.items() if key != job["exercise"]}
    others = {other: function for other, function in room.found.items() if other != name}
    names |= others  # a mistake in another exercise isn't counted twice
    helpers = _needed(job["cells"], code, names) if job["helpers"] else set()
    for i in sorted(helpers | {job["cell"]}):
        send("cell", i)
        try:
            _execute(code if i == job["cell"] else _compiled(job["cells"][i], "<cell>"), names)
        except Exception:  # as in the notebook: what was defined before the error stays
            if i == job["cell"] and name not in names:
                raise
        if i == job["cell"]:
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


def _needed(cells, code, names):
    """Return the numbers of the cells that bind what the answer uses, directly or by way of each other."""
    seen, found, stack = {*names, *dir(builtins)}, set(), [_loaded(code)]
    while stack:
        for name in stack.pop() - seen:
            seen.add(name)
            for i, cell in enumerate(cells):
                everything = re.search(r"^from \S+ import \*", cell, re.MULTILINE)
                if (name in cell or everything) and i not in found:  # in its text: most cells needn't be compiled
                    bound, loaded = _globals(cell)
                    if name in bound or everything:
                        found.add(i)
                        stack.append(loaded)
    return found


def _globals(source):
    """Return the names that a cell binds, and those it uses; none where it can't be compiled."""
    try:
        code = _compiled(source, "<cell>")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return set(), set()
    return _bound(code), _loaded(code)


def _imported(source):
    """Return the names that import statements of a cell bind."""
    try:
        steps = list(dis.get_instructions(_compiled(source, "<cell>")))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return set()
    pairs = zip(steps, steps[1:], strict=False)
    return {step.argval for before, step in pairs if before.opname in ("IMPORT_NAME", "IMPORT_FROM")}


def _bound(code):
    return {step.argval for step in dis.get_instructions(code) if step.opname in ("STORE_NAME", "STORE_GLOBAL")}


def _loaded(code):
    """Return the global names that code uses, that of the functions inside it too."""
    own = {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
    return own.union(*(_loaded(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)))


def _used(code):
    """Return all names and attributes in code, those of the functions inside it too."""
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*map(_used, inner))


def _stub_out(room, exercise, send):
    """Empty the reference of this exercise, wherever somebody holds it: its calls are said, and do nothing else."""
    function = room.found.get(exercise)
    if function is None:
        return

    def called():
        if not room.judging:  # a cell compares the two, perhaps
            raise RuntimeError("the course's own function isn't there when answers are graded")
        send("reference")
        raise _Reference

    function = inspect.unwrap(function)
    sys.modules["course_lib.grading.engine.answering"]._called = called
    function.__code__ = _stub.__code__
    function.__defaults__ = function.__kwdefaults__ = None


def _stub(*args, **kwargs):
    import sys  # this code runs among the names of another module

    sys.modules["course_lib.grading.engine.answering"]._called()


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
