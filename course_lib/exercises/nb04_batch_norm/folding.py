"""Exercise of notebook 04: batch norm folded into the layer before it."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.normalization import fold_batch_norm


def _cases(rng):
    yield np.array([[2.0], [4.0]]), *(np.array([v]) for v in (1.0, 3.0, 10.0, 4.0, 5.0)), {"eps": 4.0}
    for shape, dtype, options in [
        ((3, 2), np.float64, {"eps": 0.5}), ((3, 3), np.float64, {"eps": 0.25}), ((2, 4), np.float64, {}),
        ((100, 100), np.float32, {}), ((3, 3, 2, 4), np.float64, {"eps": 0.25}), ((2, 5, 3, 3), np.float64, {}),
        ((5, 5, 1, 8), np.float32, {}), ((0, 2), np.float64, {}),
    ]:
        gamma, variance = rng.uniform(0.5, 2, (2, shape[-1]))
        b, beta, mean = rng.standard_normal((3, shape[-1]))
        yield (*(a.astype(dtype) for a in (rng.standard_normal(shape), b, gamma, beta, mean, variance)), options)


def _scale(gamma, variance, eps):
    return gamma / np.sqrt(variance + eps)


def _new_w(w, scale):
    return w * scale


def _new_b(b, beta, mean, scale):
    return (b - mean) * scale + beta


def _wrong(new_w=_new_w, new_b=_new_b, scale=_scale, default=1e-3):
    """Return a wrong folding: another scale, another rule for the weights or for the bias, another default of eps."""

    def answer(w, b, gamma, beta, mean, variance, *, eps=default):
        s = scale(gamma, variance, eps).astype(w.dtype)
        return new_w(w, s), new_b(b, beta, mean, s)

    return answer


def _bias(new_b):
    return _wrong(new_b=new_b)


def _weights(new_w):
    return _wrong(new_w=new_w)


def _by(scale):
    return _wrong(scale=scale)


def _along_inputs_if_square(w, scale):
    return w * scale[:, None] if w.shape[0] == w.shape[-1] == len(scale) else w * scale


def _two_axes_only(w, scale):
    if w.ndim != 2:
        raise ValueError
    return w * scale


FOLD = Exercise(
    name="fold_batch_norm",
    reference=fold_batch_norm,
    cases=_cases,
    points=2,
    task=Task.DERIVE,
    parts=("w", "b"),
    mistakes=(
        Mistake(
            _bias(lambda b, beta, mean, scale: b + beta - mean),
            "The old bias and the mean go through the scale as well: (b - mean) · scale + beta.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: b * scale + beta),
            "The mean got lost. What batch norm sees is x·w + b, and it takes the mean away from that.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: beta - mean * scale),
            "The layer's own bias b got lost: batch norm sees x·w + b.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: b),
            "The bias stays as it was. Batch norm shifts, too: the mean goes out of b, then come the scale and beta.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: beta),
            "Only beta is left of the bias. What b and the mean make of it must go into it, too.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: b + beta),
            "The new bias is b + beta here. Batch norm takes the mean away from b and scales what is left before it "
            "adds beta.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: b * scale),
            "The bias is only scaled. Batch norm shifts, too: the mean is taken away before, beta is added after.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: (b + mean) * scale + beta),
            "The mean is added. It is taken away: batch norm makes (x·w + b) - mean of what it sees.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: (mean - b) * scale + beta),
            "b and the mean are exchanged in the difference: it is b - mean.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: b - mean * scale + beta),
            "b isn't scaled. Batch norm multiplies all of x·w + b - mean.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: b * scale - mean + beta),
            "The mean isn't scaled. It is taken away before batch norm multiplies.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: (b - mean) * scale),
            "beta got lost: batch norm adds it at the end.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: (b - mean + beta) * scale),
            "beta is scaled as well. It is added after the scaling.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: (b - mean) * scale + beta * scale + beta),
            "beta is counted twice, once scaled and once as it is. It is added once, at the end.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: (b - mean) * scale - beta),
            "beta is subtracted. It is added.",
        ),
        Mistake(
            _bias(lambda b, beta, mean, scale: (b - mean) / scale + beta),
            "b - mean is divided by the scale. It is multiplied by it, as the weights are.",
        ),
        Mistake(
            _weights(lambda w, scale: w),
            "The weights must be scaled too: each unit's column by its own scale.",
        ),
        Mistake(
            _weights(lambda w, scale: w / scale),
            "The weights are divided by the scale. They are multiplied by it, as b - mean is.",
        ),
        Mistake(
            _weights(lambda w, scale: (w.T * scale).T),
            "The scale went along the inputs. It belongs to the units, the last axis of w.",
        ),
        Mistake(
            _weights(lambda w, scale: w * scale[:, None]),
            "The scale meets w in the inputs' axis, the last but one. It belongs to the units, the last axis.",
        ),
        Mistake(
            _weights(_along_inputs_if_square),
            "Where w is square, the scale goes along its inputs. It belongs to the units, the last axis, in every "
            "shape.",
        ),
        Mistake(
            _weights(_two_axes_only),
            "For a dense layer this is right, but it stops on a convolution's kernel, which has four axes. The units "
            "are the last axis in both, where NumPy puts the scale by itself.",
        ),
        Mistake(
            lambda w, *others, eps=1e-3: _wrong()(w, *others, eps=eps)[::-1],
            "Look at what you return: first the new weights, then the new bias.",
        ),
        Mistake(
            _by(lambda gamma, variance, eps: gamma / np.sqrt(variance)),
            "eps is left out. It must be the same as in training, under the root, for the weights and for the bias.",
        ),
        Mistake(
            _by(lambda gamma, variance, eps: gamma / (variance + eps)),
            "It divides by the variance. The scale of weights and bias is gamma by its root.",
        ),
        Mistake(
            _by(lambda gamma, variance, eps: gamma / (np.sqrt(variance) + eps)),
            "eps is added to the standard deviation. It belongs under the root, as in training.",
        ),
        Mistake(
            _by(lambda gamma, variance, eps: 1 / np.sqrt(variance + eps)),
            "gamma is missing: weights and bias both have the scale gamma / std.",
        ),
        Mistake(
            _by(lambda gamma, variance, eps: gamma),
            "The division by the standard deviation is missing: weights and bias both have the scale gamma / std.",
        ),
        Mistake(
            _by(lambda gamma, variance, eps: gamma * np.sqrt(variance + eps)),
            "The scale multiplies by the standard deviation. It divides by it: gamma / std.",
        ),
        Mistake(
            _by(lambda gamma, variance, eps: np.sqrt(variance + eps) / gamma),
            "The scale is upside down: it is gamma / std, for weights and bias alike.",
        ),
        Mistake(
            _by(lambda gamma, variance, eps: _scale(gamma, variance, 1e-3)),
            "eps is always 0.001 here, whatever the caller asked for: use the argument.",
        ),
        Mistake(
            _by(lambda gamma, variance, eps: _scale(gamma, variance, 1e-5)),
            "eps is always 0.00001 here, whatever the caller asked for: use the argument, and 0.001 for its default.",
        ),
        *(
            Mistake(
                _wrong(default=eps),
                f"Where eps isn't given you take {eps:g}; here the default is 0.001, as in Keras.",
            )
            for eps in (1e-5, 1e-4, 1e-6)
        ),
        Mistake(
            _wrong(default=1e-8),
            "Where eps isn't given you take next to nothing; here the default is 0.001, as in Keras.",
        ),
    ),
    hints=(
        "In use, batch norm is a straight line for each unit: times a number, plus a number. Two straight lines after "
        "each other are one.",
        "scale = gamma / np.sqrt(variance + eps); the new weights are w * scale (NumPy takes the last axis by itself), "
        "the new bias (b - mean) * scale + beta.",
    ),
)
