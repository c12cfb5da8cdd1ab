"""Every claim of the notebooks fails under some planted fault; a claim that can't fail doesn't belong in the text."""

import functools

import nbformat
import pytest

from course_lib import building
from tools import claims

# Each is put before the notebook's first cell. What a name is bound to when the exercises are imported is what the
# notebook's networks run on.
FAULTS = {
    "01_vanishing_gradients": {
        "weights of the wrong size": """
def plant():
    import course_lib.initializers as i
    glorot, float32 = i.glorot_normal, i.np.float32
    i.standard_normal = lambda shape, rng: float32(0.1) * rng.standard_normal(shape, dtype=float32)
    i.he_normal = glorot
    i.glorot_normal = lambda shape, rng: 3 * glorot(shape, rng)
plant()
""",
        "wrong gradients and clipping": """
def plant():
    import course_lib.activations as a, course_lib.layers as l, course_lib.regularizers as r
    slope, backward = a.logistic_derivative, l.dense_backward

    def dense_backward(dy, cache):
        dx, dw, db = backward(dy, cache)
        return 1.2 * dx, dw / len(dy), db

    a.logistic_derivative, l.dense_backward = lambda z: 4 * slope(z), dense_backward
    r.clip_by_value = lambda grad, limit: grad * (limit / abs(grad).max(initial=1))
    r.clip_by_global_norm = lambda grads, limit: grads
plant()
""",
        "one activation in the place of another": """
def plant():
    import course_lib.activations as a, course_lib.initializers as i
    a.logistic, a.tanh = a.tanh, a.logistic
    a.logistic_derivative, a.tanh_derivative = a.tanh_derivative, a.logistic_derivative
    a.relu, a.relu_derivative = lambda z: z, a.np.ones_like
    i.standard_normal = i.glorot_normal
plant()
""",
    }
}


@functools.cache
def outcome(name, fault):
    """Return the claims that hold and those that fail when the notebook runs with the fault."""
    nb = building.build(building.source_of(name), name, outputs=None)
    nb.cells.insert(0, nbformat.v4.new_code_cell(FAULTS[name][fault]))
    entries, error = claims.run_seed(nb, name, 0)
    assert not error
    failed = {entry["claim"] for entry in entries if not entry["holds"]}
    return {entry["claim"] for entry in entries} - failed, failed


@pytest.mark.parametrize(("name", "fault"), [(name, fault) for name in FAULTS for fault in FAULTS[name]])
def test_fault_is_caught(name, fault):
    assert outcome(name, fault)[1]


@pytest.mark.parametrize("name", FAULTS)
def test_every_claim_fails_under_some_fault(name):
    held, failed = zip(*(outcome(name, fault) for fault in FAULTS[name]), strict=True)
    assert not set.union(*held) - set.union(*failed)
