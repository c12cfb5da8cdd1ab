"""What AdaGrad's and RMSprop's exercises share: rules with something wrong, whose steps are divided by a root of s."""

import numpy as np

from course_lib.exercises.nb05_optimizers.walking import mistaken


def over_root(a):
    """Return what the step is when right."""
    return a.lr * a.grad / np.sqrt(a.s + a.eps)


def wrong(reference, begin, renew):
    """Return a function that makes a rule with something wrong in one part; begin and renew are the right ones.

    Every part gets all that the rule has: w, grad, lr and the other options; old, the s that came in; s, the new one;
    first, whether there was no state.
    """

    def rule(begin=begin, renew=renew, step=over_root, kept=lambda a: a.s):
        def take(a):
            a.old = begin(a) if a.first else a.state[0]
            a.s = renew(a)
            return a.w - step(a), (kept(a),)

        return mistaken(reference, take)

    return rule


def whole(a):
    """Return the squares as one sum for the whole array."""
    return np.sum(a.grad**2)
