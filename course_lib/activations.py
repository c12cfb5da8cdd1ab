"""Activation functions f(z) and their slopes f′(z), both of the pre-activation z; shape and dtype are kept."""

import numpy as np

from course_lib.contracts import arrays

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al., 2017, appendix A2


@arrays
def logistic(z):
    """Squash every number into (0, 1), without overflow for any z.

    z has any shape; shape and dtype are kept.

    Formula
    -------
    f(z) = 1 / (1 + exp(-z)), and for negative z the same written as exp(z) / (1 +
    exp(z)): both contain exp(-|z|).

    Notes
    -----
    Verhulst, 1845. In Keras: ``keras.activations.sigmoid``.
    """
    t = np.exp(-np.abs(z))  # in (0, 1], so it cannot overflow
    return np.where(np.less(z, 0), t, 1) / (1 + t)


@arrays
def logistic_derivative(z):
    """Return the slope of the logistic function at z, the pre-activation.

    z has any shape; shape and dtype are kept. The slope is nowhere above 1/4.

    Formula
    -------
    f'(z) = f(z) (1 - f(z)) = exp(-|z|) / (1 + exp(-|z|))²
    """
    t = np.exp(-np.abs(z))
    return t / (1 + t) ** 2


@arrays
def tanh(z):
    """Squash every number into (-1, 1): the logistic function, stretched and centred.

    Formula
    -------
    tanh(z) = 2 logistic(2z) - 1
    """
    return np.tanh(z)


@arrays
def tanh_derivative(z):
    """Return the slope of tanh at z: at most 1, at z = 0.

    Formula
    -------
    f'(z) = 1 - tanh(z)²
    """
    return 1 - np.tanh(z) ** 2


@arrays
def hard_sigmoid(z):
    """Replace the logistic curve by three straight lines (Howard et al., 2019).

    Formula
    -------
    f(z) = min(max(z + 3, 0), 6) / 6
    """
    return np.clip(z + 3, 0, 6) / 6


@arrays
def hard_sigmoid_derivative(z):
    """Return the slope of the hard sigmoid at z.

    Formula
    -------
    f'(z) = 1/6 where |z| < 3, else 0
    """
    return np.sign(np.maximum(3 - np.abs(z), 0)) / 6


@arrays
def relu(z):
    """Keep what is positive, and make everything else 0 (Nair and Hinton, 2010).

    Formula
    -------
    f(z) = max(z, 0)
    """
    return np.maximum(z, 0)


@arrays
def relu_derivative(z):
    """Return the slope of ReLU at z; at z = 0 it is 0, as in TensorFlow.

    Formula
    -------
    f'(z) = 1 where z > 0, else 0
    """
    return np.sign(np.maximum(z, 0))  # quicker than np.heaviside


@arrays
def softplus(z):
    """Round off ReLU's corner, without overflow for any z (Dugas et al., 2001).

    Formula
    -------
    f(z) = log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|))
    """
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


@arrays
def softplus_derivative(z):
    """Return the slope of softplus at z.

    Formula
    -------
    f'(z) = logistic(z)
    """
    return logistic(z)


@arrays
def leaky_relu(z, *, negative_slope=0.2):
    """Let part of what is negative through, so that no unit's slope is 0.

    z has any shape; shape and dtype are kept. negative_slope is the slope below 0.

    Formula
    -------
    f(z) = max(z, 0) + negative_slope · min(z, 0)

    Notes
    -----
    Maas, Hannun and Ng, 2013, with a slope of 0.01; 0.2 is Keras's default.
    """
    return np.maximum(z, 0) + float(negative_slope) * np.minimum(z, 0)


@arrays
def leaky_relu_derivative(z, *, negative_slope=0.2):
    """Return the slope of leaky ReLU at z.

    Formula
    -------
    f'(z) = 1 where z > 0, else negative_slope
    """
    positive = np.sign(np.maximum(z, 0))
    return positive + float(negative_slope) * (1 - positive)


@arrays
def prelu(z, slopes):
    """Leak as leaky ReLU does, with slopes that are learned (He et al., 2015).

    slopes fits z's last axes: (units,) or (channels,) for one each, (1, 1, channels) as Keras's ``shared_axes=[1, 2]``.

    Formula
    -------
    f(z) = max(z, 0) + slopes · min(z, 0)
    """
    got, wanted = np.shape(slopes), np.shape(z)
    if len(got) > len(wanted) or any(n not in (1, m) for n, m in zip(got[::-1], wanted[::-1], strict=False)):
        raise ValueError(f"prelu: slopes has shape {got}, wanted one that fits the last axes of z's {wanted}")
    return np.maximum(z, 0) + slopes * np.minimum(z, 0)


@arrays
def prelu_derivative(z, slopes):
    """Return the slope of PReLU at z; at z = 0 it is 0, as in Keras.

    Formula
    -------
    f'(z) = 1 where z > 0, slopes where z < 0
    """
    sign = np.sign(z)
    return sign * prelu(sign, slopes)


@arrays
def prelu_backward(dy, z, slopes):
    """Return the loss's gradients with respect to z and slopes, given dy = ∂L/∂y.

    Parameters
    ----------
    dy, z : arrays of one shape
    slopes : array
        As in `prelu`: its shape fits z's last axes; a slope may be shared along others.

    Returns
    -------
    dz : array of z's shape
    dslopes : array of slopes' shape

    Formula
    -------
    dz = dy · f'(z), where f' is 1 above zero and slopes below;
    dslopes = Σ of dy · min(z, 0) over the batch and every axis along which a slope is
    shared
    """
    if np.shape(dy) != np.shape(z):
        raise ValueError(
            f"prelu_backward: dy has shape {np.shape(dy)}, wanted z's, {np.shape(z)}"
        )
    dz = dy * prelu_derivative(z, slopes)
    lengths = (1,) * (np.ndim(z) - np.ndim(slopes)) + np.shape(slopes)
    shared = tuple(axis for axis, length in enumerate(lengths) if length == 1)
    return dz, np.sum(dy * np.minimum(z, 0), axis=shared).reshape(np.shape(slopes))


@arrays
def rrelu(z, rng, *, lower=1 / 8, upper=1 / 3):
    """Leak with slopes drawn anew for every number, and return them too: for training (Xu et al., 2015).

    Formula
    -------
    f(z) = slopes · z,   slopes = 1 where z > 0, else drawn from U(lower, upper)
    """
    if not lower <= upper:
        raise ValueError(f"rrelu: lower is {lower}, wanted at most upper, {upper}")
    drawn = rng.uniform(lower, upper, np.shape(z))
    slopes = np.where(np.greater(z, 0), 1, drawn).astype(np.result_type(z, 1.0))
    return slopes * z, slopes


@arrays
def rrelu_backward(dy, slopes):
    """Return (dz,), the gradient of the loss with respect to z, given dy = ∂L/∂y.

    Formula
    -------
    dz = dy · slopes
    """
    if np.shape(dy) != np.shape(slopes):
        raise ValueError(f"rrelu_backward: dy has shape {np.shape(dy)}, wanted slopes', {np.shape(slopes)}")
    return (dy * slopes,)


@arrays
def rrelu_inference(z, *, lower=1 / 8, upper=1 / 3):
    """Leak with RReLU's mean slope, once training is over.

    Formula
    -------
    f(z) = max(z, 0) + (lower + upper) / 2 · min(z, 0)
    """
    return leaky_relu(z, negative_slope=(lower + upper) / 2)


@arrays
def elu(z, *, alpha=1.0):
    """Bend smoothly towards -alpha below zero, without overflow for any z.

    z has any shape; shape and dtype are kept.

    Formula
    -------
    f(z) = z where z > 0, else alpha (exp(z) - 1): the same as
    max(z, 0) + alpha (exp(min(z, 0)) - 1), in which exp sees nothing positive

    Notes
    -----
    Clevert, Unterthiner and Hochreiter, 2015.
    """
    return np.maximum(z, 0) + float(alpha) * np.expm1(np.minimum(z, 0))


@arrays
def elu_derivative(z, *, alpha=1.0):
    """Return the slope of ELU at z, the pre-activation.

    z has any shape; shape and dtype are kept. No overflow for any z.

    Formula
    -------
    f'(z) = 1 where z > 0, else alpha exp(z); and exp must not see large positive
    numbers
    """
    return np.where(np.greater(z, 0), 1, float(alpha) * np.exp(np.minimum(z, 0)))


@arrays
def selu(z):
    """Scale ELU so that activations tend to mean 0 and variance 1, layer after layer.

    Its alpha is `SELU_ALPHA`, 1.6733, and its scale `SELU_SCALE`, 1.0507; the weights
    must be drawn by LeCun's rule. z has any shape; shape and dtype are kept.

    Formula
    -------
    f(z) = scale · elu(z, alpha) = scale · (max(z, 0) + alpha (exp(min(z, 0)) - 1))

    Notes
    -----
    Klambauer et al., 2017.
    """
    return SELU_SCALE * (np.maximum(z, 0) + SELU_ALPHA * np.expm1(np.minimum(z, 0)))


@arrays
def selu_derivative(z):
    """Return the slope of SELU at z.

    Formula
    -------
    f'(z) = scale where z ≥ 0, else scale · alpha · exp(z)
    """
    return np.where(np.greater_equal(z, 0), SELU_SCALE, SELU_SCALE * SELU_ALPHA * np.exp(np.minimum(z, 0)))


@arrays
def silu(z):
    """Weigh z by its logistic function. Also called Swish (Hendrycks and Gimpel, 2016).

    Formula
    -------
    f(z) = z logistic(z)
    """
    return z * logistic(z)


@arrays
def silu_derivative(z):
    """Return the slope of SiLU at z.

    Formula
    -------
    f'(z) = logistic(z) + z logistic'(z)
    """
    return logistic(z) + z * logistic_derivative(z)


@arrays
def mish(z):
    """Weigh z by the tanh of its softplus (Misra, 2019).

    Formula
    -------
    f(z) = z tanh(log(1 + exp(z)))
    """
    return z * np.tanh(softplus(z))


@arrays
def mish_derivative(z):
    """Return the slope of Mish at z.

    Formula
    -------
    f'(z) = t + z logistic(z) (1 - t²),   t = tanh(softplus(z))
    """
    t = np.tanh(softplus(z))
    return t + z * logistic(z) * (1 - t**2)


@arrays
def gelu(z, *, approximate=False):
    """Weigh z by the share of N(0, 1) below it, or by an approximation of that (Hendrycks and Gimpel, 2016).

    Formula
    -------
    f(z) = z Φ(z), Φ the distribution function of N(0, 1);
    approximately z / 2 · (1 + tanh(√(2 / π) (z + 0.044715 z³)))
    """
    if approximate:
        return 0.5 * z * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z * z * z)))
    from scipy.special import ndtr  # Φ

    return z * ndtr(z)


@arrays
def gelu_derivative(z, *, approximate=False):
    """Return the slope of GELU at z.

    Formula
    -------
    f'(z) = Φ(z) + z φ(z), φ the density of N(0, 1)
    """
    if approximate:
        t = np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z * z * z))
        return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * (2 / np.pi) ** 0.5 * (1 + 3 * 0.044715 * z * z)
    from scipy.special import ndtr  # Φ

    return ndtr(z) + z * np.exp(-0.5 * z * z) / (2 * np.pi) ** 0.5


@arrays
def softmax(z):
    """Turn each row of numbers into probabilities, without overflow.

    z has shape (..., classes); shape and dtype are kept.

    Formula
    -------
    softmax(z) = exp(z) / Σ exp(z) over the last axis, and the same with z - m for z, m
    the row's largest number: then no exponential exceeds 1.

    Notes
    -----
    Bridle, 1990.
    """
    if np.shape(z)[-1:] in ((), (0,)):
        raise ValueError(
            f"softmax: z has shape {np.shape(z)}, "
            "wanted (..., classes) with at least one class"
        )
    powers = np.exp(z - z.max(axis=-1, keepdims=True))  # at most 1; the shift cancels
    return powers / powers.sum(axis=-1, keepdims=True)


@arrays
def softmax_backward(dy, y):
    """Return (dz,), the gradient of the loss with respect to z, given dy = ∂L/∂y and y = softmax(z).

    Formula
    -------
    dz = y · (dy - Σ dy · y over the last axis): every output depends on every input of its row
    """
    if np.shape(dy) != np.shape(y):
        raise ValueError(f"softmax_backward: dy has shape {np.shape(dy)}, wanted y's, {np.shape(y)}")
    return (y * (dy - np.sum(dy * y, axis=-1, keepdims=True)),)
