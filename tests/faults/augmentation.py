"""Faults in course_lib.augmentation."""

from tests.faults import Fault

SHIFTS = "shifts = rng.integers(-shift, shift, (n, 2), endpoint=True)"
ANGLES = "rng.uniform(-rotate, rotate, n)"
ZOOMS = "rng.uniform(1 - zoom, 1 + zoom, n)"
FACTOR = "factor = rng.uniform(1 - contrast, 1 + contrast, n)"
MIX = "return (1 - lower) * upper_row + lower * lower_row"

FAULTS = [
    Fault("transform", "rows and columns swapped", "shifts[:, 0], shifts[:, 1]", "shifts[:, 1], shifts[:, 0]"),
    Fault("transform", "shifted the other way", "(height - 1) / 2 - down", "(height - 1) / 2 + down"),
    Fault("transform", "turned the other way", "_neighbours(cos * u - sin * v", "_neighbours(cos * u + sin * v"),
    Fault(
        "transform",
        "turned the other way round both",
        "turn, dtype = np.deg2rad(angles)",
        "turn, dtype = -np.deg2rad(angles)",
    ),
    Fault("transform", "radians", "turn, dtype = np.deg2rad(angles)", "turn, dtype = angles"),
    Fault(
        "transform",
        "zoom inverted",
        "np.cos(turn) / zooms, np.sin(turn) / zooms",
        "np.cos(turn) * zooms, np.sin(turn) * zooms",
    ),
    Fault("transform", "zoom along one axis", "np.sin(turn) / zooms", "np.sin(turn)"),
    Fault(
        "transform",
        "shift before turning",
        "_neighbours(cos * v + sin * u, height",
        "_neighbours(cos * (v + down) + sin * u - down, height",
    ),
    Fault("transform", "about the corner", "(height - 1) / 2 - down", "0 - down"),
    Fault("transform", "middle half a pixel off", "offset + (length - 1) / 2", "offset + length / 2"),
    Fault("transform", "nearest pixel only", MIX, "return np.where(lower < 0.5, upper_row, lower_row)"),
    Fault("transform", "shares swapped", MIX, "return lower * upper_row + (1 - lower) * lower_row"),
    Fault(
        "transform",
        "wraps round at the edge",
        "np.clip(offset + (length - 1) / 2, 0, length - 1)",
        "(offset + (length - 1) / 2) % length",
    ),
    Fault("transform", "pixels not mixed", "np.minimum(first + 1, length - 1)", "first"),
    Fault(
        "transform",
        "all images by the first one's numbers",
        "numbers.astype(dtype)[:, None, None]",
        "(0 * numbers + numbers[:1]).astype(dtype)[:, None, None]",
    ),
    Fault("transform", "pixels of the first image only", "first = np.arange(n)", "first = 0 * np.arange(n)"),
    Fault(
        "transform",
        "height taken for width",
        "above, below = (first + above) * width",
        "above, below = (first + above) * height",
    ),
    Fault("transform", "result is float64", "numbers.astype(dtype)", "numbers.astype(float)"),
    Fault(
        "transform",
        "shapes not checked",
        'images="batch height width ...", shifts="batch 2", angles="batch", zooms="batch"',
        "",
    ),
    Fault(
        "augment",
        "one shift for all",
        SHIFTS,
        "shifts = np.repeat(rng.integers(-shift, shift, (1, 2), endpoint=True), n, axis=0)",
    ),
    Fault("augment", "last shift never drawn", SHIFTS, "shifts = rng.integers(-shift, max(shift, 1 - shift), (n, 2))"),
    Fault("augment", "along the diagonal only", SHIFTS, SHIFTS.replace("(n, 2)", "(n, 1)") + ".repeat(2, axis=1)"),
    Fault("augment", "fractions of a pixel", SHIFTS, "shifts = rng.uniform(-shift, shift, (n, 2))"),
    Fault("augment", "turned one way only", ANGLES, "rng.uniform(0, rotate, n)"),
    Fault("augment", "one angle for all", ANGLES, "np.full(n, rng.uniform(-rotate, rotate))"),
    Fault("augment", "only made larger", ZOOMS, "rng.uniform(1, 1 + zoom, n)"),
    Fault("augment", "the inverse of the zoom drawn", ZOOMS, "1 / rng.uniform(1 - zoom, 1 + zoom, n)"),
    Fault("augment", "rotation alone ignored", "if shift or rotate or zoom:", "if shift or zoom:"),
    Fault("augment", "brightness instead of contrast", "images = mean + factor", "images = 0 * mean + factor"),
    Fault(
        "augment",
        "mean of all channels together",
        "mean(axis=(1, 2), keepdims=True)",
        "mean(axis=tuple(range(1, images.ndim)), keepdims=True)",
    ),
    Fault(
        "augment",
        "mean of the whole batch",
        "mean(axis=(1, 2), keepdims=True)",
        "mean(axis=(0, 1, 2), keepdims=True) + 0 * images",
    ),
    Fault("augment", "one contrast for all", FACTOR, "factor = np.full(n, rng.uniform(1 - contrast, 1 + contrast))"),
    Fault("augment", "contrast only raised", FACTOR, "factor = rng.uniform(1, 1 + contrast, n)"),
    Fault(
        "augment",
        "uniform noise",
        "rng.standard_normal(images.shape, dtype=np.float32)",
        "12**0.5 * (rng.random(images.shape) - 0.5)",
    ),
    Fault(
        "augment",
        "one noise for all images",
        "rng.standard_normal(images.shape, dtype=np.float32)",
        "rng.standard_normal(images.shape[1:], dtype=np.float32)",
    ),
    Fault("augment", "noise taken for the variance", "float(noise) *", "float(noise) ** 0.5 *"),
    Fault(
        "augment", "wraps round", "np.clip(np.rint(images), limits.min, limits.max)", "np.rint(images).astype(np.int64)"
    ),
    Fault("augment", "rounded down", "np.clip(np.rint(images)", "np.clip(np.floor(images)"),
    Fault(
        "augment",
        "floats cut off too",
        '    if dtype.kind != "f":\n',
        '    images = np.clip(images, 0, 255)\n    if dtype.kind != "f":\n',
    ),
    Fault("augment", "dtype lost", "    return images.astype(dtype)\n", "    return images\n"),
    Fault("augment", "part of a pixel taken", "if shift != int(shift):", "if False:"),
]
