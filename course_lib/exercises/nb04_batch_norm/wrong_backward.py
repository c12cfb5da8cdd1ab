"""Ways of going wrong in batch norm's backward pass, from which its mistakes are made."""

from types import SimpleNamespace


def terms(dy, cache, axes=None, n=None, keepdims=False):
    """Return what the gradients are made from, by name."""
    axes = tuple(range(dy.ndim - 1)) if axes is None else axes
    normalized = cache.centred / cache.std
    return SimpleNamespace(
        dy=dy,
        **cache._asdict(),
        normalized=normalized,
        factor=cache.gamma / cache.std,
        dgamma=(dy * normalized).sum(axis=axes, keepdims=keepdims),
        dbeta=dy.sum(axis=axes, keepdims=keepdims),
        n=n or dy.size / dy.shape[-1],
    )


def dx(t, **others):
    """Return dx; what is given by name takes the place of a term."""
    t = SimpleNamespace(**vars(t) | others)
    return t.factor * (t.dy - t.dbeta / t.n - t.normalized * t.dgamma / t.n)


def wrong(to_x=dx, to_gamma=lambda t: t.dgamma, to_beta=lambda t: t.dbeta):
    """Return a wrong backward pass: a part of it is another function of the terms."""

    def answer(dy, cache):
        t = terms(dy, cache)
        return to_x(t), to_gamma(t), to_beta(t)

    return answer


def wrong_throughout(to_gamma, to_beta=lambda t: t.dbeta):
    """Return a backward pass whose wrong dgamma or dbeta goes on into dx."""
    return wrong(lambda t: dx(t, dgamma=to_gamma(t), dbeta=to_beta(t)), to_gamma, to_beta)


def over(axes, n=None, **options):
    """Return a backward pass whose sums go over other axes, and whose n may be another function of dy."""

    def answer(dy, cache):
        t = terms(dy, cache, axes, n and n(dy), **options)
        return dx(t), t.dgamma, t.dbeta

    return answer


def two_axes_only(dy, cache):
    """Return the gradients, right, and stop on images."""
    if dy.ndim != 2:
        raise ValueError
    return wrong()(dy, cache)


def summed(a):
    """Sum over all axes but the last."""
    return a.sum(axis=tuple(range(a.ndim - 1)))
