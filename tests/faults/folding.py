"""Faults in course_lib.folding."""

from tests.faults import Fault

FAULTS = [
    Fault("folded", "batch norm stays as well", "layer = _merged(layers.pop(), layer, fold, eps)",
          "layers.append(_merged(layers.pop(), layer, fold, eps))"),
    Fault("folded", "another fold ignored", "w, b = fold(*below", "w, b = fold_batch_norm(*below"),
    Fault("folded", "eps ignored", "*norm.statistics.values(), eps=eps)", "*norm.statistics.values())"),
    Fault("folded", "anything may come before", 'if not layers or layers[-1].kind is not Kind.WEIGHTED:', "if not layers:"),
    Fault("folded", "goes by the name", "if layer.kind is Kind.BATCH_NORM:", 'if layer.name == "batch norm":'),
    Fault("folded", "what it is, is lost", "kind=below.kind, w=w", "w=w"),
    Fault("folded", "the layer itself is changed", "return Layer(below.name, below.forward, below.backward, kind=below.kind, w=w, b=b)",
          "below.params = {'w': w, 'b': b}\n    return below"),
]
