"""Faults in course_lib.regularizers."""

from tests.faults import Fault

FACTOR = "scale = float(limit / max(norm, limit))"
NORM = "np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in grads))"
INCOMING = "axis=tuple(range(w.ndim - 1)), keepdims=True"
LIMITED = "return w * (np.minimum(norm, float(limit)) / (norm + 1e-7))"
BETTER = "if state is None or loss + min_delta < state.best_loss:"
L1 = "return float(strength * np.sum(np.abs(w))), float(strength) * np.sign(w)"
L2 = "return float(strength * np.sum(np.square(w))), float(2 * strength) * w"
BOTH = "return float(penalty), float(l1) * np.sign(w) + float(2 * l2) * w"

FAULTS = [
    Fault(
        "clip_by_value", "cut off above only", "np.clip(grad, -float(limit), float(limit))", "np.minimum(grad, limit)"
    ),
    Fault(
        "clip_by_value",
        "large elements set to 0",
        "np.clip(grad, -float(limit), float(limit))",
        "grad * (np.abs(grad) <= float(limit))",
    ),
    Fault(
        "clip_by_value",
        "shortened instead",
        "np.clip(grad, -float(limit), float(limit))",
        "grad * np.float32(min(1, limit / max(np.max(np.abs(grad), initial=0), 1e-9)))",
    ),
    Fault(
        "clip_by_value",
        "a NumPy limit widens float32",
        "np.clip(grad, -float(limit), float(limit))",
        "np.clip(grad, -limit, limit)",
    ),
    Fault(
        "clip_by_value",
        "negative limits taken",
        'limit="[0, inf]")\ndef clip_by_value',
        'limit="[-inf, inf]")\ndef clip_by_value',
    ),
    Fault(
        "clip_by_norm", "limits not checked", 'limit="(0, inf]")\ndef clip_by_norm', 'limit="...")\ndef clip_by_norm'
    ),
    Fault(
        "clip_by_norm",
        "always stretched to the limit",
        "return clip_by_global_norm([grad], limit)[0]",
        "return grad * float(limit / max(np.sqrt(np.sum(np.square(grad, dtype=float))), 1e-300))",
    ),
    Fault(
        "clip_by_norm",
        "largest element for the norm",
        "return clip_by_global_norm([grad], limit)[0]",
        "return grad * float(limit / max(np.max(np.abs(grad), initial=0), limit))",
    ),
    Fault(
        "clip_by_norm",
        "cut off by value",
        "return clip_by_global_norm([grad], limit)[0]",
        "return np.clip(grad, -float(limit), float(limit))",
    ),
    Fault(
        "clip_by_global_norm",
        "a norm for each array",
        "return [g * scale for g in grads]",
        "return [g * float(limit / max(np.sqrt(np.sum(np.square(g, dtype=float))), limit)) for g in grads]",
    ),
    Fault(
        "clip_by_global_norm",
        "sum of the norms",
        NORM,
        "sum(np.sqrt(np.sum(np.square(g, dtype=float))) for g in grads)",
    ),
    Fault("clip_by_global_norm", "root forgotten", NORM, "sum(np.sum(np.square(g, dtype=float)) for g in grads)"),
    Fault("clip_by_global_norm", "always stretched to the limit", FACTOR, "scale = float(limit / max(norm, 1e-300))"),
    Fault("clip_by_global_norm", "squares overflow", "np.square(g, dtype=np.float64)", "np.square(g)"),
    Fault("clip_by_global_norm", "result is float64", FACTOR, "scale = np.float64(limit / max(norm, limit))"),
    Fault(
        "clip_by_global_norm",
        "written in place",
        "return [g * scale for g in grads]",
        "return [np.multiply(g, scale, out=g) for g in grads]",
    ),
    Fault("clip_by_global_norm", "NaN hidden", FACTOR, "scale = float(limit / max(limit, norm))"),
    Fault("clip_by_global_norm", "items not checked", '@shapes(grads=["..."], limit', "@shapes(limit"),
    Fault("l1", "mean instead of sum", L1, "return float(strength * np.mean(np.abs(w))), float(strength) * np.sign(w)"),
    Fault("l1", "no absolute values", L1, "return float(strength * np.sum(w)), float(strength) * np.sign(w)"),
    Fault(
        "l1",
        "gradient 1 at 0",
        L1,
        "return float(strength * np.sum(np.abs(w))), float(strength) * np.where(w < 0, -1, 1)",
    ),
    Fault("l1", "gradient of l2", L1, "return float(strength * np.sum(np.abs(w))), float(2 * strength) * w"),
    Fault("l1", "strength missing in the gradient", L1, "return float(strength * np.sum(np.abs(w))), np.sign(w)"),
    Fault(
        "l1", "a NumPy strength widens float32", L1, "return float(strength * np.sum(np.abs(w))), strength * np.sign(w)"
    ),
    Fault("l1", "another default", "def l1(w, strength=0.01)", "def l1(w, strength=0.001)"),
    Fault("l2", "half the penalty", L2, "return float(strength / 2 * np.sum(np.square(w))), float(2 * strength) * w"),
    Fault("l2", "2 lost in the gradient", L2, "return float(strength * np.sum(np.square(w))), float(strength) * w"),
    Fault(
        "l2", "norm not squared", L2, "return float(strength * np.sum(np.square(w)) ** 0.5), float(2 * strength) * w"
    ),
    Fault("l2", "mean instead of sum", L2, "return float(strength * np.mean(np.square(w))), float(2 * strength) * w"),
    Fault(
        "l2", "a NumPy strength widens float32", L2, "return float(strength * np.sum(np.square(w))), 2 * strength * w"
    ),
    Fault("l2", "negative strengths taken", 'strength="[0, inf)")\ndef l2', 'strength="...")\ndef l2'),
    Fault(
        "l1_l2",
        "strengths swapped in the penalty",
        "l1 * np.sum(np.abs(w)) + l2 * np.sum(np.square(w))",
        "l2 * np.sum(np.abs(w)) + l1 * np.sum(np.square(w))",
    ),
    Fault(
        "l1_l2",
        "strengths swapped in the gradient",
        BOTH,
        "return float(penalty), float(l2) * np.sign(w) + float(2 * l1) * w",
    ),
    Fault("l1_l2", "2 lost in the gradient", BOTH, "return float(penalty), float(l1) * np.sign(w) + float(l2) * w"),
    Fault("l1_l2", "l1 missing in the gradient", BOTH, "return float(penalty), float(2 * l2) * w"),
    Fault("l1_l2", "penalty subtracts", "np.sum(np.abs(w)) + l2", "np.sum(np.abs(w)) - l2"),
    Fault("l1_l2", "a NumPy strength widens float32", BOTH, "return float(penalty), l1 * np.sign(w) + 2 * l2 * w"),
    Fault(
        "l1_l2",
        "Keras's defaults, which do nothing",
        "def l1_l2(w, *, l1=0.01, l2=0.01)",
        "def l1_l2(w, *, l1=0.0, l2=0.0)",
    ),
    Fault("max_norm", "over the outgoing weights", INCOMING, "axis=-1, keepdims=True"),
    Fault("max_norm", "over the whole kernel", INCOMING, "keepdims=True"),
    Fault("max_norm", "over a convolution's first axis only", INCOMING, "axis=0, keepdims=True"),
    Fault("max_norm", "always stretched to the limit", LIMITED, "return w * (float(limit) / (norm + 1e-7))"),
    Fault(
        "max_norm",
        "root forgotten",
        "norm = np.sqrt(np.sum(np.square(w), axis=tuple(range(w.ndim - 1)), keepdims=True))",
        "norm = np.sum(np.square(w), axis=tuple(range(w.ndim - 1)), keepdims=True)",
    ),
    Fault("max_norm", "each weight cut off", LIMITED, "return np.clip(w, -float(limit), float(limit))"),
    Fault("max_norm", "no epsilon", LIMITED, "return w * (np.minimum(norm, float(limit)) / norm)"),
    Fault("max_norm", "a NumPy limit widens float32", "np.minimum(norm, float(limit))", "np.minimum(norm, limit)"),
    Fault("max_norm", "one axis taken", "np.ndim(w) < 2", "np.ndim(w) < 1"),
    Fault(
        "early_stopping",
        "the last loss compared, not the best",
        "    waited = state.waited + 1\n    return state._replace(waited",
        "    waited = state.waited + 1\n    return state._replace(best_loss=loss, waited",
    ),
    Fault(
        "early_stopping",
        "the last weights kept, not the best",
        "return state._replace(waited=waited)",
        "return state._replace(waited=waited, best_weights=weights)",
    ),
    Fault(
        "early_stopping",
        "waiting never begins anew",
        "return Stopping(loss, weights, 0), False",
        "return Stopping(loss, weights, state.waited if state else 0), False",
    ),
    Fault("early_stopping", "one too long", "waited >= patience", "waited > patience"),
    Fault("early_stopping", "stops at the first worse loss", "waited >= patience", "True"),
    Fault(
        "early_stopping", "as good counts as better", BETTER, "if state is None or loss + min_delta <= state.best_loss:"
    ),
    Fault(
        "early_stopping", "min_delta the wrong way", BETTER, "if state is None or loss - min_delta < state.best_loss:"
    ),
    Fault("early_stopping", "min_delta ignored", BETTER, "if state is None or loss < state.best_loss:"),
    Fault("early_stopping", "higher is better", BETTER, "if state is None or loss - min_delta > state.best_loss:"),
    Fault(
        "early_stopping", "NaN counts as better", BETTER, "if state is None or not loss + min_delta >= state.best_loss:"
    ),
    Fault("early_stopping", "options not checked", '@shapes(loss="", patience="[0, inf]", min_delta="[0, inf]")\n', ""),
    Fault(
        "EarlyStopping",
        "weights not copied",
        "{name: w.copy() for name, w in network.weights.items()}",
        "network.weights",
    ),
    Fault("EarlyStopping", "weights not put back", "network.weights = self.state.best_weights", "pass"),
    Fault(
        "EarlyStopping",
        "state of another training kept",
        "self.history, self.state = history, None",
        "self.history = history",
    ),
    Fault(
        "EarlyStopping",
        "weights of another training put in",
        "if history is self.history and self.state:  # none if Ctrl-C came within the first epoch's call\n            network",
        "if self.state:\n            network",
    ),
    Fault("EarlyStopping", "first loss looked at", "history.valid_loss[-1]", "history.valid_loss[0]"),
    Fault(
        "EarlyStopping",
        "options lost",
        "early_stopping(self.state, history.valid_loss[-1], weights, **options)",
        "early_stopping(self.state, history.valid_loss[-1], weights)",
    ),
    Fault("EarlyStopping", "says nothing", "        return stop\n", ""),
]
