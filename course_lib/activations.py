"""Activation functions f(z) and their slopes f′(z), both of the pre-activation z; shape and dtype are kept."""

import numpy as np

from course_lib.contracts import arrays

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al., 2017, appendix A2


@arrays
def logistic(z):
    """Squash every number into (0, 1), without overflow for any z.

    f(z) = 1 / (1 + exp(-z)), and the same written for negative z: exp(z) / (1 + exp(z)).
    z is an array of any shape; shape and dtype are kept. Verhulst, 1845. In Keras: ``keras.activations.sigmoid``.
    """
    t = np.exp(-np.abs(z))  # in (0, 1], so it cannot overflow
    return np.where(np.less(z, 0), t, 1) / (1 + t)


@arrays
def logistic_derivative(z):
    """Return the slope of the logistic function at z, the pre-activation: at most 1/4, at z = 0.

    f'(z) = f(z) (1 - f(z)) = exp(-|z|) / (1 + exp(-|z|))²; z is an array of any shape; shape and dtype are kept.
    """
    t = np.exp(-np.abs(z))
    return t / (1 + t) ** 2


@arrays
def tanh(z):
    """Squash every number into (-1, 1): the logistic function, centred. tanh(z) = 2 logistic(2z) - 1."""
    return np.tanh(z)


@arrays
def tanh_derivative(z):
    """Return the slope of tanh at z: f'(z) = 1 - tanh(z)², at most 1, at z = 0."""
    return 1 - np.tanh(z) ** 2


@arrays
def hard_sigmoid(z):
    """Replace the logistic curve by three straight lines: min(max(z + 3, 0), 6) / 6 (Howard et al., 2019)."""
    return np.clip(z + 3, 0, 6) / 6


@arrays
def hard_sigmoid_derivative(z):
    """Return the slope of the hard sigmoid at z: 1/6 where |z| < 3, else 0."""
    return np.sign(np.maximum(3 - np.abs(z), 0)) / 6


@arrays
def relu(z):
    """Keep what is positive: f(z) = max(z, 0) (Nair and Hinton, 2010)."""
    return np.maximum(z, 0)


@arrays
def relu_derivative(z):
    """Return the slope of ReLU at z: 1 where z > 0, else 0 (at z = 0 too, as in TensorFlow)."""
    return np.sign(np.maximum(z, 0))  # quicker than np.heaviside


@arrays
def softplus(z):
    """Round off ReLU's corner: log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|)) (Dugas et al., 2001)."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


@arrays
def softplus_derivative(z):
    """Return the slope of softplus at z: logistic(z)."""
    return logistic(z)


@arrays
def leaky_relu(z, *, negative_slope=0.2):
    """Let part of what is negative through, so that no unit's slope is 0: max(z, 0) + negative_slope · min(z, 0).

    z has any shape; shape and dtype are kept. Maas, Hannun and Ng, 2013, with a slope of 0.01; 0.2 is Keras's default.
    """
    return np.maximum(z, 0) + float(negative_slope) * np.minimum(z, 0)


@arrays
def leaky_relu_derivative(z, *, negative_slope=0.2):
    """Return the slope of leaky ReLU at z: 1 where z > 0, else negative_slope."""
    positive = np.sign(np.maximum(z, 0))
    return positive + float(negative_slope) * (1 - positive)


@arrays
def prelu(z, slopes):
    """Leak as leaky ReLU does, with slopes that are learned: max(z, 0) + slopes · min(z, 0) (He et al., 2015).

    slopes fits z's last axes: (units,) or (channels,) for one each, (1, 1, channels) as Keras's ``shared_axes=[1, 2]``.
    """
    got, wanted = np.shape(slopes), np.shape(z)
    if len(got) > len(wanted) or any(n not in (1, m) for n, m in zip(got[::-1], wanted[::-1], strict=False)):
        raise ValueError(f"prelu: slopes has shape {got}, wanted one that fits the last axes of z's {wanted}")
    return np.maximum(z, 0) + slopes * np.minimum(z, 0)


@arrays
def prelu_derivative(z, slopes):
    """Return the slope of PReLU at z: 1 where z > 0, slopes where z < 0, and 0 at z = 0, as in Keras."""
    sign = np.sign(z)
    return sign * prelu(sign, slopes)


@arrays
def prelu_backward(dy, z, slopes):
    """Return the gradients of the loss with respect to z and slopes, given dy = ∂L/∂y.

    dz = dy · f'(z),   dslopes = Σ of dy · min(z, 0) over the batch and every axis along which a slope is shared.
    dy and z have one shape; slopes is as in `prelu`. Returns dz, of z's shape, and dslopes, of slopes' shape.
    """
    if np.shape(dy) != np.shape(z):
        raise ValueError(f"prelu_backward: dy has shape {np.shape(dy)}, wanted z's, {np.shape(z)}")
    dz = dy * prelu_derivative(z, slopes)
    lengths = (1,) * (np.ndim(z) - np.ndim(slopes)) + np.shape(slopes)
    shared = tuple(axis for axis, length in enumerate(lengths) if length == 1)
    return dz, np.sum(dy * np.minimum(z, 0), axis=shared).reshape(np.shape(slopes))


@arrays
def rrelu(z, rng, *, lower=1 / 8, upper=1 / 3):
    """Return slopes · z, and slopes: 1 where z > 0, else drawn from U(lower, upper), in training (Xu et al., 2015)."""
    if not lower <= upper:
        raise ValueError(f"rrelu: lower is {lower}, wanted at most upper, {upper}")
    drawn = rng.uniform(lower, upper, np.shape(z))
    slopes = np.where(np.greater(z, 0), 1, drawn).astype(np.result_type(z, 1.0))
    return slopes * z, slopes


@arrays
def rrelu_backward(dy, slopes):
    """Return (dz,), the gradient of the loss with respect to z, given dy = ∂L/∂y: dz = dy · slopes."""
    if np.shape(dy) != np.shape(slopes):
        raise ValueError(f"rrelu_backward: dy has shape {np.shape(dy)}, wanted slopes', {np.shape(slopes)}")
    return (dy * slopes,)


@arrays
def rrelu_inference(z, *, lower=1 / 8, upper=1 / 3):
    """Leak with RReLU's mean slope, (lower + upper) / 2, once training is over: `leaky_relu` with that slope."""
    return leaky_relu(z, negative_slope=(lower + upper) / 2)


@arrays
def elu(z, *, alpha=1.0):
    """Bend smoothly towards -alpha below zero: f(z) = z where z > 0, else alpha (exp(z) - 1).

    z has any shape; shape and dtype are kept. No overflow for any z. Clevert, Unterthiner and Hochreiter, 2015.
    """
    return np.maximum(z, 0) + float(alpha) * np.expm1(np.minimum(z, 0))


@arrays
def elu_derivative(z, *, alpha=1.0):
    """Return the slope of ELU at z, the pre-activation: 1 where z > 0, else alpha exp(z); shape and dtype are kept."""
    return np.where(np.greater(z, 0), 1, float(alpha) * np.exp(np.minimum(z, 0)))


@arrays
def selu(z):
    """Scale ELU so that activations tend to mean 0 and variance 1, layer after layer: f(z) = scale · elu(z, alpha).

    alpha is `SELU_ALPHA` = 1.6733 and scale `SELU_SCALE` = 1.0507; the weights must be drawn by LeCun's rule.
    z has any shape; shape and dtype are kept. Klambauer et al., 2017.
    """
    return SELU_SCALE * (np.maximum(z, 0) + SELU_ALPHA * np.expm1(np.minimum(z, 0)))


@arrays
def selu_derivative(z):
    """Return the slope of SELU at z: scale where z ≥ 0, else scale · alpha · exp(z)."""
    return np.where(np.greater_equal(z, 0), SELU_SCALE, SELU_SCALE * SELU_ALPHA * np.exp(np.minimum(z, 0)))


@arrays
def silu(z):
    """Weigh z by its logistic function: z logistic(z). Also called Swish (Hendrycks and Gimpel, 2016)."""
    return z * logistic(z)


@arrays
def silu_derivative(z):
    """Return the slope of SiLU at z: logistic(z) + z logistic'(z)."""
    return logistic(z) + z * logistic_derivative(z)


@arrays
def mish(z):
    """Weigh z by the tanh of its softplus: z tanh(log(1 + exp(z))) (Misra, 2019)."""
    return z * np.tanh(softplus(z))


@arrays
def mish_derivative(z):
    """Return the slope of Mish at z: t + z logistic(z) (1 - t²), where t = tanh(softplus(z))."""
    t = np.tanh(softplus(z))
    return t + z * logistic(z) * (1 - t**2)


@arrays
def gelu(z, *, approximate=False):
    """Weigh z by the share of N(0, 1) below it: z Φ(z), or its approximation by tanh (Hendrycks and Gimpel, 2016)."""
    if approximate:
        return 0.5 * z * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z * z * z)))
    from scipy.special import ndtr  # Φ

    return z * ndtr(z)


@arrays
def gelu_derivative(z, *, approximate=False):
    """Return the slope of GELU at z: Φ(z) + z φ(z), where φ is the density of N(0, 1)."""
    if approximate:
        t = np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z * z * z))
        return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * (2 / np.pi) ** 0.5 * (1 + 3 * 0.044715 * z * z)
    from scipy.special import ndtr  # Φ

    return ndtr(z) + z * np.exp(-0.5 * z * z) / (2 * np.pi) ** 0.5


@arrays
def softmax(z):
    """Turn each row of numbers into probabilities, without overflow: exp(z) / Σ exp(z) over the last axis.

    z has shape (..., classes); shape and dtype are kept. Bridle, 1990.
    """
    if np.shape(z)[-1:] in ((), (0,)):
        raise ValueError(f"softmax: z has shape {np.shape(z)}, wanted (..., classes) with at least one class")
    powers = np.exp(z - z.max(axis=-1, keepdims=True))  # at most 1; the shift cancels
    return powers / powers.sum(axis=-1, keepdims=True)


@arrays
def softmax_backward(dy, y):
    """Return (dz,), the gradient of the loss with respect to z, given dy = ∂L/∂y and y = softmax(z).

    dz = y · (dy - Σ dy · y over the last axis): every output depends on every input of its row.
    """
    if np.shape(dy) != np.shape(y):
        raise ValueError(f"softmax_backward: dy has shape {np.shape(dy)}, wanted y's, {np.shape(y)}")
    return (y * (dy - np.sum(dy * y, axis=-1, keepdims=True)),)
