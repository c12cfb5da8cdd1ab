"""Faults in course_lib.folding."""

from tests.faults import Fault

FAULTS = [
    Fault("folded", "batch norm stays as well", "layer = _merged(layers.pop(), layer, fold, eps)",
          "layers.append(_merged(layers.pop(), layer, fold, eps))"),
    Fault("folded", "another fold ignored", "w, b = fold(*below", "w, b = fold_batch_norm(*below"),
    Fault("folded", "eps ignored", "*norm.statistics.values(), eps=eps)", "*norm.statistics.values())"),
    Fault("folded", "anything may come before", 'if not layers or layers[-1].name not in ("dense", "conv"):', "if not layers:"),
    Fault("folded", "the layer itself is changed", "return Layer(below.name, below.forward, below.backward, w=w, b=b)",
          "below.params = {'w': w, 'b': b}\n    return below"),
]  # fmt: skip
