"""What the variables of a model are called, and which of them a pattern means."""

from collections import Counter
from fnmatch import fnmatchcase


def named_variables(model):
    """Return a model's weights and statistics as a dict from names such as "conv/kernel" to variables.

    Parameters
    ----------
    model : Keras model that has its weights, or list of tf.Variable

    Raises
    ------
    ValueError
        If there are none yet, or two have the same name.
    """
    if isinstance(model, list | tuple):
        pairs = [(v.name.split(":")[0], v) for v in model]
    else:
        pairs = [("/".join(v.path.split("/")[-2:]), v) for v in model.weights]
        seen = Counter(name for name, _ in pairs)
        pairs = [(name if seen[name] == 1 else v.path, v) for name, v in pairs]
    if not pairs:
        raise ValueError("the model has no variables yet: call it on an input first")
    if twice := [name for name, n in Counter(name for name, _ in pairs).items() if n > 1]:
        raise ValueError(f"several variables are named {', '.join(twice)}: give each a name of its own")
    return dict(pairs)


def matching(names, patterns):
    """Return those of the names that a pattern matches, as a whole or by what stands before a "/".

    Parameters
    ----------
    names : iterable of str
    patterns : str, or list of str
        ``*`` stands for anything: "hidden*" is all of every layer whose name begins so, "*/bias" the bias of each.

    Raises
    ------
    ValueError
        If a pattern matches nothing; it tells the names that there are.
    """
    names, patterns = list(names), [patterns] if isinstance(patterns, str) else list(patterns)
    if lost := [repr(pattern) for pattern in patterns if not any(_matches(name, pattern) for name in names)]:
        raise ValueError(f"nothing is named {' or '.join(lost)}; there are {', '.join(names)}")
    return [name for name in names if any(_matches(name, pattern) for pattern in patterns)]


def _matches(name, pattern):
    parts = name.split("/")
    return any(fnmatchcase("/".join(parts[:n]), pattern) for n in range(1, len(parts) + 1))
