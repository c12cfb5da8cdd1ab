"""Faults in course_lib.schedules."""

from tests.faults import Fault

FAULTS = [
    Fault(
        "piecewise_constant",
        "changes one step early",
        "np.searchsorted(boundaries, step)",
        'np.searchsorted(boundaries, step, "right")',
    ),
    Fault("piecewise_constant", "factors multiplied together", "np.array([1, *factors])", "np.cumprod([1, *factors])"),
    Fault("piecewise_constant", "factors taken for rates", "lr * np.array([1, *factors])", "np.array([lr, *factors])"),
    Fault(
        "piecewise_constant",
        "never fires",
        "[np.searchsorted(boundaries, step)]",
        "[0 * np.searchsorted(boundaries, step)]",
    ),
    Fault("piecewise_constant", "boundaries in any order", "or list(boundaries) != sorted(boundaries)", ""),
    Fault("piecewise_constant", "fewer factors than boundaries", "len(boundaries) != len(factors) or", ""),
    Fault("exponential_decay", "whole periods only", "else step / decay_steps", "else step // decay_steps"),
    Fault("exponential_decay", "staircase ignored", "step // decay_steps if staircase else ", ""),
    Fault(
        "exponential_decay",
        "staircase rounds to the nearest",
        "step // decay_steps if",
        "np.round(step / decay_steps) if",
    ),
    Fault(
        "exponential_decay", "e in place of the rate", "lr * decay_rate**periods", "lr * np.exp(-decay_rate * periods)"
    ),
    Fault("exponential_decay", "decay_rate at every step", "lr * decay_rate**periods", "lr * decay_rate**step"),
    Fault(
        "exponential_decay",
        "negative decay_rate gives complex rates",
        '"decay_steps", "decay_rate", "warm',
        '"decay_steps", "warm',
    ),
    Fault(
        "power_decay",
        "linear",
        "lr / (1 + step / decay_steps) ** power",
        "lr * np.maximum(1 - step / decay_steps, 0) ** power",
    ),
    Fault(
        "power_decay",
        "power inside the sum",
        "(1 + step / decay_steps) ** power",
        "(1 + (step / decay_steps) ** power)",
    ),
    Fault("power_decay", "1 forgotten", "(1 + step / decay_steps) ** power", "(1e-9 + step / decay_steps) ** power"),
    Fault(
        "power_decay", "whole periods only", "(1 + step / decay_steps) ** power", "(1 + step // decay_steps) ** power"
    ),
    Fault("power_decay", "another default", "decay_steps, power=1.0", "decay_steps, power=0.5"),
    Fault(
        "cosine_decay",
        "rises again",
        "np.minimum(step / decay_steps, 1)\n    return lr * (alpha",
        "step / decay_steps\n    return lr * (alpha",
    ),
    Fault("cosine_decay", "a whole wave", "np.cos(np.pi * p)", "np.cos(2 * np.pi * p)"),
    Fault("cosine_decay", "degrees", "np.cos(np.pi * p)", "np.cos(180 * p)"),
    Fault(
        "cosine_decay",
        "alpha as an absolute rate",
        "lr * (alpha + (1 - alpha) * (1 + np.cos(np.pi * p)) / 2)",
        "alpha + (lr - alpha) * (1 + np.cos(np.pi * p)) / 2",
    ),
    Fault("cosine_decay", "alpha added on top", "(alpha + (1 - alpha) *", "(alpha + 1 *"),
    Fault(
        "warm_up",
        "goes on rising",
        "(lr - start) * np.minimum(step / warmup_steps, 1)",
        "(lr - start) * step / warmup_steps",
    ),
    Fault("warm_up", "start on top of lr", "start + (lr - start) *", "start + lr *"),
    Fault("warm_up", "start ignored", "start + (lr - start) *", "lr *"),
    Fault("warm_up", "one step late", "np.minimum(step / warmup_steps, 1)", "np.minimum(step / (warmup_steps + 1), 1)"),
    Fault(
        "warm_up", "one step early", "np.minimum(step / warmup_steps, 1)", "np.minimum((step + 1) / warmup_steps, 1)"
    ),
    Fault("one_cycle", "no tail", "cycle = steps * (1 - tail)", "cycle = steps * (1 - 1e-9)"),
    Fault("one_cycle", "tail taken twice", "cycle = steps * (1 - tail)", "cycle = steps * (1 - 2 * tail)"),
    Fault("one_cycle", "upside down", "[low, 1, low, end]", "[1, low, 1, end]"),
    Fault("one_cycle", "end as a share of low", "[low, 1, low, end]", "[low, 1, low, low * end]"),
    Fault(
        "one_cycle",
        "rates absolute",
        "lr * np.interp(step, [0, cycle / 2, cycle, steps], [low, 1, low, end])",
        "np.interp(step, [0, cycle / 2, cycle, steps], [low, lr, low, end])",
    ),
    Fault("one_cycle", "tail of the whole run allowed", '_BELOW_1 = {"factor", "tail"}', '_BELOW_1 = {"factor"}'),
    Fault(
        "performance_schedule",
        "best forgotten: compares with the last loss",
        "        if best is None or",
        "        best = losses[max(len(losses) - 2, 0)]\n        if best is None or",
    ),
    Fault("performance_schedule", "any fall counts", "loss + min_delta < best", "loss < best"),
    Fault(
        "performance_schedule", "min_delta with the wrong sign", "loss + min_delta < best", "loss - min_delta < best"
    ),
    Fault("performance_schedule", "a tie counts", "loss + min_delta < best", "loss + min_delta <= best"),
    Fault("performance_schedule", "one epoch too patient", "waited >= patience", "waited > patience"),
    Fault("performance_schedule", "waiting isn't reset by an improvement", "best, waited = loss, 0", "best = loss"),
    Fault(
        "performance_schedule",
        "waiting isn't reset by a reduction",
        "lr, waited, resting = max(lr * factor, min_lr), 0, cooldown",
        "lr, resting = max(lr * factor, min_lr), cooldown",
    ),
    Fault("performance_schedule", "no floor", "max(lr * factor, min_lr)", "lr * factor"),
    Fault("performance_schedule", "a rate below min_lr is raised", " and lr > min_lr:", ":"),
    Fault("performance_schedule", "cooldown ignored", "min_lr), 0, cooldown", "min_lr), 0, 0"),
    Fault("performance_schedule", "cooldown one epoch longer", "min_lr), 0, cooldown", "min_lr), 0, cooldown + 1"),
    Fault("performance_schedule", "factor from the first rate", "max(lr * factor, min_lr)", "max(factor, min_lr)"),
    Fault("performance_schedule", "factor of 1 allowed", '_BELOW_1 = {"factor", "tail"}', '_BELOW_1 = {"tail"}'),
    Fault(
        "performance_schedule",
        "NumPy's float handed on",
        "return rate if np.ndim(rate) else float(rate)",
        "return rate",
    ),
]
