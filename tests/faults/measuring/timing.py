"""Faults in course_lib.measuring.timing."""

from tests.faults import Fault

FAULTS = [
    Fault("nanoseconds", "one function after the other", """        for _ in range(rounds):
            for name, function in functions.items():
""", """        for name, function in functions.items():
            for _ in range(rounds):
"""),
    Fault("nanoseconds", "the slowest rounds", "np.sort(found)[:3]", "np.sort(found)[-3:]"),
    Fault("nanoseconds", "the first rounds", "np.sort(found)[:3]", "np.array(found)[:3]"),
    Fault("nanoseconds", "microseconds", "1e9 *", "1e6 *"),
    Fault("nanoseconds", "not for one number", "/ x.size", "/ 1"),
    Fault("nanoseconds", "for one row", "/ x.size", "/ len(x)"),
    Fault("nanoseconds", "always seven rounds", "range(rounds)", "range(7)"),
]
