"""Answers that return what no grader wants to hold."""
# ruff: noqa: E501 (pieces of source)

from tests.grading.attacks import TRACE, Attack, body, on_logistic

WRONG = ("failed", "error")
EQUAL = """
class Equal:
    __hash__ = None
    def __eq__(self, other): return True
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__
    def __bool__(self): return True
    def __float__(self): return 0.5
    def __len__(self): return 1
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __array__(self, *args, **kwargs): return np.array([0.5])
"""
LIAR = """
class Liar(np.ndarray):
    __array_priority__ = 1e9
    shape = property(lambda self: (1,))
    dtype = property(lambda self: np.dtype(float))
    size = property(lambda self: 1)
    def __eq__(self, other): return True
    __lt__ = __gt__ = __le__ = __ge__ = __eq__
    def __array__(self, *args, **kwargs): return np.array([0.5])
    def __array_ufunc__(self, *args, **kwargs): return np.array(True)
    def __array_function__(self, *args, **kwargs): return np.array(True)
    def __reduce__(self): return os._exit, (0,)
    __reduce_ex__ = lambda self, protocol: (os._exit, (0,))
    def copy(self, *args): return self
    def tobytes(self, *args): return b'forged'
    def tolist(self): return [0.5]
"""
ROTTEN = "class Rotten:\n    {}\n"

KINDS = {
    "None": (body("right(z)"), "failed"),
    "its input": (body("return z"), "failed"),
    "a dict": (body("return {'y': right(z)}"), WRONG),
    "text": (body("return 'passed'"), WRONG),
    "bytes": (body("return right(z).tobytes()"), WRONG),
    "a set": (body("return {0.5}"), WRONG),
    "a function": (body("return right"), WRONG),
    "a module": (body("return np"), WRONG),
    "NotImplemented": (body("return NotImplemented"), WRONG),
    "a generator": (body("yield right(z)"), WRONG),
    "a list of rows": (body("return right(z).tolist()"), WRONG),
    "a list of a million arrays": (body("return [z] * 10**6"), WRONG),
    "an empty tuple": (body("return ()"), WRONG),
    "two results": (body("return right(z), right(z)"), "failed"),
    "a number for all": (body("return 0.5"), "failed"),
    "a column": (body("return right(z)[..., None]"), "failed"),
    "0-d": (body("return np.array(0.5)"), "failed"),
    "float64 always": (body("return right(z.astype(np.float64))"), "failed"),
    "float16": (body("return right(z).astype(np.float16)"), "failed"),
    "NaN everywhere": (body("return z * np.nan"), "failed"),
    "infinity": (body("return np.full_like(z, np.inf)"), "failed"),
    "NaN with other bits": (body("return np.full(z.shape, -1, 'i4' if z.itemsize == 4 else 'i8').view(z.dtype)"), "failed"),
    "in two parts": (body("return [*right(z)]"), WRONG),
    "big-endian": (body("return right(z).astype(z.dtype.newbyteorder('>'))"), "passed"),  # the same numbers
    "Fortran order": (body("return np.asfortranarray(right(z))"), "passed"),
    "a view with negative strides": (body("return right(z[::-1])[::-1]"), "passed"),
    "read-only": (body("y = right(z)", "y.setflags(write=False)", "return y"), "passed"),
}
DTYPES = {
    "objects": (body("return right(z).astype(object)"), WRONG),
    "objects that exit": (body("return np.array([Exit()] * z.size, object).reshape(z.shape)",
                               before="class Exit:\n    def __reduce__(self): return os._exit, (0,)\n    def __float__(self): os._exit(0)\n"),
                          (*WRONG, "died")),
    "complex": (body("return right(z) + 0j"), WRONG),
    "longdouble": (body("return right(z).astype(np.longdouble)"), WRONG),
    "structured": (body("return np.zeros(z.shape, 'f8,i4')"), WRONG),
    "void": (body("return np.zeros(z.shape, 'V1000')"), WRONG),
    "strings": (body("return right(z).astype(str)"), WRONG),
    "strings of another kind": (body("return right(z).astype(np.dtypes.StringDType())"), WRONG),
    "dates": (body("return np.zeros(z.shape, 'M8[ns]')"), WRONG),
    "time spans": (body("return np.zeros(z.shape, 'm8')"), WRONG),
    "bools": (body("return right(z) > 0.5"), "failed"),
    "dtype with metadata": (
        body("return right(z).astype(np.dtype(z.dtype, metadata={'status': 'passed'}))"), "passed"),
    "names a thousand fields": (
        body("return np.zeros(z.shape, [('f' * 1000 + str(i), 'f8') for i in range(1000)])"), WRONG),
}
SIZES = {
    "2 GB": (body("return np.zeros(250_000_000)"), ("failed", "memory")),
    "a billion by broadcasting": (body("return np.broadcast_to(np.float64(0.5), 10**9)"), ("failed", "memory")),
    "10 to the 18 by broadcasting": (body("return np.broadcast_to(np.float64(0.5), (10**9, 10**9))"), WRONG),
    "without bytes": (body("return np.zeros((10**9, 0))"), "failed"),
    "64 axes": (body("return np.zeros((1,) * 64)"), WRONG),
    "strides out of its memory": (
        body("from numpy.lib.stride_tricks import as_strided", "return as_strided(z, z.shape, (10**12,) * z.ndim)"), (*WRONG, "died")),
    "ten million, ten times": (body("return [np.zeros(10**7)] * 10"), ("failed", "memory", "timeout")),
}
LIES = {
    "equals everything": (body("return Equal()", before=EQUAL), WRONG),
    "objects that equal everything": (
        body("return np.array([Equal()] * z.size, object).reshape(z.shape)", before=EQUAL), WRONG),
    "lying subclass": (body("return np.zeros_like(z).view(Liar)", before=LIAR), (*WRONG, "died", "tampered")),
    "lying subclass, right values": (body("return right(z).view(Same)", before="class Same(np.ndarray): pass\n"), "passed"),
    "points anywhere": (
        body("return Rotten()", before=ROTTEN.format(
            "__array_interface__ = {'shape': (10**6,), 'typestr': '<f8', 'data': (4096, True), 'version': 3}")),
        (*WRONG, "died")),
    "a structure that points anywhere": (
        body("return Rotten()", before=ROTTEN.format("__array_struct__ = property(lambda self: 1 / 0)")), WRONG),
    "a buffer over the process": (
        body("return np.ctypeslib.as_array(ctypes.cast(4096, ctypes.POINTER(ctypes.c_double)), (1000,))"), (*WRONG, "died")),
    "exits in __array__": (
        body("return Rotten()", before=ROTTEN.format("def __array__(self, *a, **k): os._exit(0)")), (*WRONG, "died")),
    "exits in __class__": (
        body("return Rotten()", before=ROTTEN.format("__class__ = property(lambda self: os._exit(0))")), (*WRONG, "died")),
    "exits in __getattribute__": (
        body("return Rotten()", before=ROTTEN.format("def __getattribute__(self, name): os._exit(0)")), (*WRONG, "died")),
    "a list that changes its length": (
        body("return Rotten([z])", before="class Rotten(list):\n    def __len__(self): return int.from_bytes(os.urandom(1))\n"),
        WRONG),
    "a subclass of float": (
        body("return Half(0.5)", before="class Half(float):\n    def __eq__(self, other): return True\n"), WRONG),
    "its name is a lie": (
        body("return Rotten()", before=ROTTEN.format("pass") + "Rotten.__name__ = Rotten.__qualname__ = 'x' * 10**7 + '\\0<b>'\n"), WRONG),
    "memory-mapped": (
        body("if not z.size: return right(z)", f"file = np.memmap('{TRACE}-map', z.dtype, 'w+', shape=z.shape)", "file[...] = right(z)", "return file"),
        "passed"),
    "masked": (body("return np.ma.masked_array(right(z), mask=True)"), "passed"),  # as `check` says: the values are right
    "a matrix": (body("return np.asmatrix(right(np.atleast_2d(z)))"), WRONG),
    "a record array": (body("return np.rec.array(np.zeros(z.shape, 'f8,f8'))"), WRONG),
    "a ragged list": (body("return [[1.0], [1.0, 2.0]]"), WRONG),
    "changes when it is copied": (
        body("y = right(z).view(Rotten)", "return y",
             before="class Rotten(np.ndarray):\n    def __array_finalize__(self, other):\n        if other is not None: self.flags.writeable and self.fill(0)\n"),
        (*WRONG, "died")),
}

# Answers that are right in the cases of `check`, which everybody has, and with hidden inputs choose what there is to tell
KNOWN = "KNOWN = {}\ndef hidden(z): return float(z.sum()) not in KNOWN\n"


def _known():
    """Return the source that tells hidden inputs from those of `check`."""
    import numpy as np

    from course_lib.exercises import find

    return KNOWN.format({float(z.sum()) for (z,) in find("logistic").cases(np.random.default_rng(0))})


CHOOSING = {
    "error": (["if hidden(z): raise LookupError", "return right(z)"], "error"),
    "line": (["if hidden(z):", "    1 / 0", "return right(z)"], "error"),
    "dtype": (["return right(z).astype('f2') if hidden(z) else right(z)"], "failed"),
    "shape": (["return right(z).ravel()[:5] if hidden(z) else right(z)"], "failed"),
    "number of parts": (["return (right(z), z) if hidden(z) else right(z)"], "failed"),
    "mistake": (["return np.tanh(z) if hidden(z) else right(z)"], "failed"),
    "kind of nonsense": (["return 'text' if hidden(z) else right(z)"], "failed"),
    "input, changed": (["if hidden(z): z += 1", "return right(z)"], "failed"),
}
TOLD = [
    Attack(f"chooses its {name} by hidden inputs", {"logistic": body(*lines, before=_known())}, {"logistic": status},
           says="right in every case that check tries",
           hidden=r"LookupError|ZeroDivision|line \d|float16|shape of|wrong|[Tt]anh|number of arrays|arrays of real|changes its")
    for name, (lines, status) in CHOOSING.items()
]
EMPTY = body("if z.size: seen.append(int(1000 * abs(z.ravel()[0])))", "return right(z) if z.size else np.zeros((0, 12345))",
             before="seen = []\n")
TOLD.append(Attack("tells hidden inputs in the shape for an empty array", {"logistic": EMPTY}, hidden="12345"))

ATTACKS = TOLD + on_logistic(KINDS | DTYPES | SIZES | LIES)
