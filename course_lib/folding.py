"""Folding batch norm away: a trained network for use only, with one layer where there were two."""

from course_lib.network import Kind, Layer, Network
from course_lib.normalization import fold_batch_norm


def folded(network, *, fold=fold_batch_norm, eps=1e-3):
    """Return a network for use only, each batch norm merged into the dense or convolutional layer before it.

    Parameters
    ----------
    network : Network
    fold : function, optional
        Your own `fold_batch_norm`.
    eps : float
        That of the network's batch norms.

    Returns
    -------
    Network
        Its inference gives what the other's does, within rounding. The network itself stays as it is.

    Raises
    ------
    ValueError
        If a batch norm follows anything else: only what is a sum of weighted inputs can take it in.
    """
    layers = []
    for name, layer in zip(network.names, network.layers, strict=True):
        if layer.kind is Kind.BATCH_NORM:
            if not layers or layers[-1].kind is not Kind.WEIGHTED:
                found = layers[-1].name if layers else "nothing"
                raise ValueError(f"folded: before {name} comes {found}, wanted a dense or convolutional layer")
            layer = _merged(layers.pop(), layer, fold, eps)
        layers.append(layer)
    return Network(layers)


def _merged(below, norm, fold, eps):
    w, b = fold(*below.params.values(), *norm.params.values(), *norm.statistics.values(), eps=eps)
    return Layer(below.name, below.forward, below.backward, kind=below.kind, w=w, b=b)
