"""Faults in course_lib.measuring.mean_field."""

from tests.faults import Fault

FAULTS = [
    Fault("gaussian_mean", "variance for the standard deviation", "f(variance**0.5 * Z))", "f(variance * Z))"),
    Fault("gaussian_mean", "every z counts the same", "return float(DENSITY @ f(variance", "return float(np.full(Z.shape, 1 / Z.size) @ f(variance"),
    Fault("gaussian_mean", "the density isn't normalized", "return float(DENSITY @ f(variance", "return float(np.exp(-(Z**2) / 2) @ f(variance"),
    Fault("gaussian_mean", "a negative variance passes", "    if variance < 0:\n", "    if False:\n"),
    Fault("gain", "no root", "f(z) ** 2) ** -0.5", "f(z) ** 2) ** -1.0"),
    Fault("gain", "what is left instead of what makes up for it", "f(z) ** 2) ** -0.5", "f(z) ** 2) ** 0.5"),
    Fault("gain", "mean of the size", "gaussian_mean(lambda z: f(z) ** 2) ** -0.5", "gaussian_mean(lambda z: abs(f(z))) ** -1.0"),
    Fault("gain", "mean subtracted", "gaussian_mean(lambda z: f(z) ** 2) ** -0.5", "(gaussian_mean(lambda z: f(z) ** 2) - gaussian_mean(f) ** 2) ** -0.5"),
    Fault("Expected", "cosine and delta exchanged", "    cosine: np.ndarray\n    delta: np.ndarray\n", "    delta: np.ndarray\n    cosine: np.ndarray\n"),
    Fault("expected", "fan_out on the way up", "q = fan_in * w * a", "q = fan_out * w * a"),
    Fault("expected", "fan_in on the way down", "growth.append(fan_out * w)", "growth.append(fan_in * w)"),
    Fault("expected", "the layer's own weights on the way down", "growth[1:]) * slopes[:-1]", "growth[:-1]) * slopes[:-1]"),
    Fault("expected", "slopes of the layer above", "growth[1:]) * slopes[:-1]", "growth[1:]) * slopes[1:]"),
    Fault("expected", "mean squares for sizes", "Expected(np.sqrt(activations)", "Expected(np.array(activations)"),
    Fault("expected", "the size of the inputs not squared", "slopes, growth = size**2,", "slopes, growth = size,"),
    Fault("expected", "square of the mean slope", "slopes.append(gaussian_mean(lambda z: f_derivative(z) ** 2, q))", "slopes.append(gaussian_mean(f_derivative, q) ** 2)"),
    Fault("expected", "cosine of the layer below", "            cosine = min(_pair_mean(f, q, cosine) / a, 1.0) if a else cosine\n            activations.append(a)\n            cosines.append(cosine)\n", "            activations.append(a)\n            cosines.append(cosine)\n            cosine = min(_pair_mean(f, q, cosine) / a, 1.0) if a else cosine\n"),
    Fault("expected", "downwards summed from below", "np.cumprod(down[::-1])[::-1]", "np.cumprod(down)"),
    Fault("expected", "mean squares for gradients", "np.array(cosines), np.sqrt(delta))", "np.array(cosines), delta)"),
    Fault("expected", "what explodes warns", "with np.errstate(all=\"ignore\"):", "if True:"),
    Fault("expected", "two independent examples", "v = correlation * z[:, np.newaxis] + max(1 - correlation**2, 0) ** 0.5 * z", "v = 0 * z[:, np.newaxis] + z"),
    Fault("expected", "variances that don't add up to one", "max(1 - correlation**2, 0) ** 0.5 * z", "max(1 - correlation, 0) ** 0.5 * z"),
]
