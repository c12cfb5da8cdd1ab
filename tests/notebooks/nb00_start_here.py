"""Notebook 00 under test."""

VARIANTS = {
    "standardize": {
        "ufuncs with a dtype": """
def standardize(x, mean, std):
    return np.divide(np.subtract(x, mean, dtype=np.float32), std, dtype=np.float32)
""",
        "vectorized": """
def standardize(x, mean, std):
    return np.vectorize(lambda v: (v - mean) / std, otypes=[np.float32])(x)
""",
        "a tiny number in the denominator": """
def standardize(x, mean, std):
    return ((x - mean) / (std + 1e-8)).astype("float32")
""",
        "float64 inside": """
def standardize(x, mean, std):
    return ((x - mean) / std).astype(np.float32)
""",
        "in place on a copy": """
def standardize(x, mean, std):
    result = x.astype("float32")
    result -= mean
    result /= std
    return result
""",
        "loop": """
def standardize(x, mean, std):
    result = np.zeros(x.shape, np.float32)
    for i in np.ndindex(x.shape):
        result[i] = (float(x[i]) - mean) / std
    return result
""",
        "one product": """
def standardize(x, mean, std):
    return np.asarray(x, np.float32) * (1 / std) - mean / std
""",
    },
}

FAULTS = {}
