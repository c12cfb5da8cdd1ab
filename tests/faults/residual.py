"""Faults in course_lib.residual."""

from tests.faults import Fault

RETURN = "return dy + dz @ w1.T, x.T @ dz, h.T @ dbranch"

FAULTS = [
    Fault("residual_block", "no path past the branch", "return x + s * (h @ w2)", "return s * (h @ w2)"),
    Fault("residual_block", "s on the path", "return x + s * (h @ w2)", "return s * x + h @ w2"),
    Fault("residual_block", "s on both", "return x + s * (h @ w2)", "return s * (x + h @ w2)"),
    Fault("residual_block", "s forgotten", "return x + s * (h @ w2)", "return x + h @ w2"),
    Fault("residual_block", "no ReLU", "h = np.maximum(x @ w1, 0)", "h = x @ w1"),
    Fault("residual_block", "ReLU at the end", "x + s * (h @ w2)", "np.maximum(x + s * (h @ w2), 0)"),
    Fault("residual_block", "a NumPy factor widens float32", "s = float(s)", "s = np.float64(s)"),
    Fault("residual_block", "sums in the cache", "(x, h, w1, w2, s)\n\n\n@", "(x, x @ w1, w1, w2, s)\n\n\n@"),
    Fault("residual_block", "writes into x", "return x + s * (h @ w2)", "return np.add(x, s * (h @ w2), out=x)"),
    Fault("residual_block", "shapes not checked",
          '@shapes(x="batch width", w1="width units", w2="units width", s="(-inf, inf)")\n', ""),
    Fault("residual_block_backward", "no path past the branch", "return dy + dz @ w1.T", "return dz @ w1.T"),
    Fault("residual_block_backward", "the path alone", "return dy + dz @ w1.T", "return dy"),
    Fault("residual_block_backward", "s on the path too", "return dy + dz @ w1.T", "return s * dy + dz @ w1.T"),
    Fault("residual_block_backward", "s forgotten", "dbranch = s * dy", "dbranch = dy"),
    Fault("residual_block_backward", "s twice", "h.T @ dbranch", "s * h.T @ dbranch"),
    Fault("residual_block_backward", "ReLU's slope forgotten", "dbranch @ w2.T * (h > 0)", "dbranch @ w2.T"),
    Fault("residual_block_backward", "h for ReLU's slope", "dbranch @ w2.T * (h > 0)", "dbranch @ w2.T * h"),
    Fault("residual_block_backward", "slope 1 at 0", "(h > 0)", "(h >= 0)"),
    Fault("residual_block_backward", "the sums' gradient for dw2", "h.T @ dbranch", "h.T @ (dbranch - dy)"),
    Fault("residual_block_backward", "dw1 and dw2 swapped", RETURN, "return dy + dz @ w1.T, h.T @ dbranch, x.T @ dz"),
    Fault("residual_block_backward", "dw1 averaged", "x.T @ dz,", "x.T @ dz / len(x),"),
    Fault("residual_block_backward", "writes into dy", "dbranch = s * dy",
          "dbranch = np.multiply(s, dy, out=dy)"),
    Fault("residual_block_backward", "shapes not checked",
          '@shapes(cache=("batch width", "batch units", "width units", "units width", ""), dy="batch width")\n', ""),
]
