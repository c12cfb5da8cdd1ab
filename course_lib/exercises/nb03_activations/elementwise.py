"""What the exercises of notebook 03 on elementwise functions share: slips that have to do with arrays and arguments."""

import numpy as np

from course_lib.exercises.core import Mistake


def halves(above, below):
    """Return the function that is `above` where z > 0, and else `below`, which sees no positive number."""

    def function(z, **options):
        return np.where(z > 0, above(z, **options), below(np.minimum(z, 0), **options)).astype(z.dtype)

    return function


def array_slips(right, above, below):
    """Return the mistakes of somebody who thinks of one number and is given an array.

    Parameters
    ----------
    right : function (z, **options)
        The whole function.
    above, below : function (z, **options)
        Its two sides.
    """

    def refusing(refused, error):
        def function(z, **options):
            if refused(z):
                raise error
            return right(z, **options)

        return function

    def all_or_nothing(question):
        return lambda z, **options: (above if question(z > 0) else below)(z, **options).astype(z.dtype)

    def for_one(z, **options):
        if z.size > 1:
            raise ValueError
        if z.flat[0] <= 0:
            raise TypeError
        return right(z, **options)

    def in_no_case(z, **options):
        raise TypeError

    def in_a_list(z, **options):
        if z.ndim > 1:
            raise ValueError
        return list(right(z, **options))

    def into_places(z, **options):
        y = right(z, **options)
        y[z < 0] = below(z, **options)
        return y

    return (
        Mistake(
            refusing(lambda z: z.size > 1, ValueError),
            "This works on a single number only. `if`, and Python's own max and min, want one yes or no, and an array "
            "gives one for each of its numbers. np.where, np.maximum and np.minimum decide number by number.",
        ),
        Mistake(
            for_one,
            "`if` wants one yes or no, and an array gives one for each of its numbers; what follows it, such as "
            "math.exp, takes a single number, too. np.where decides number by number, np.exp takes arrays.",
        ),
        Mistake(
            in_no_case,
            "No input gets through, each time there is a TypeError; its last line says why. If it speaks of "
            "0-dimensional arrays: math.exp and float take a single number, np.exp takes arrays.",
        ),
        Mistake(
            all_or_nothing(np.any),
            "One question is asked about the whole array, with any(), so all numbers are treated alike as soon as one "
            "is positive. Decide for each number by itself: np.where, or np.maximum and np.minimum.",
        ),
        Mistake(
            all_or_nothing(np.all),
            "One question is asked about the whole array, with all(), so all numbers are treated alike as soon as one "
            "isn't positive. Decide for each number by itself: np.where, or np.maximum and np.minimum.",
        ),
        Mistake(
            refusing(lambda z: z.ndim > 1, ValueError),
            "A loop over an array of two axes gives whole rows, not numbers: this works for one axis only. Write it "
            "for any shape, without a loop.",
        ),
        Mistake(
            in_a_list,
            "A list comes back, and an array is wanted. A loop over z also fails for two axes, where it gives whole "
            "rows: write it for the whole array, without a loop.",
        ),
        Mistake(
            lambda z, **options: list(right(z, **options).ravel()),
            "The numbers come back in a list, without z's shape. An array of z's shape is wanted.",
        ),
        Mistake(
            lambda z, **options: right(z, **options).ravel(),
            "The numbers are right, in a single row. The result must have z's shape: reshape it at the end.",
        ),
        Mistake(
            refusing(lambda z: z.ndim < 2, TypeError),
            "This works for rows and columns only. z may have any number of axes, one for example: write it for the "
            "whole array, without loops.",
        ),
        Mistake(
            refusing(lambda z: z.ndim < 2, IndexError),
            "This wants rows and columns, and an array of one axis has no z.shape[1]. Write it for any shape, without "
            "loops.",
        ),
        Mistake(
            refusing(lambda z: z.ndim < 2, ValueError),
            "This wants exactly two axes, and z may have one. Write it for any shape, without loops.",
        ),
        Mistake(
            into_places,
            "On the left stand only the chosen places, y[z < 0], on the right as many numbers as in all of z. Choose "
            "on both sides: z[z < 0] there, too.",
        ),
    )


def argument_slips(right, name, default, *, others, fixed):
    """Return the mistakes that have to do with an argument that may be left out.

    Parameters
    ----------
    right : function (z, **options)
    name : str
        The argument's.
    default : float
    others : tuple of float
        Defaults that people give it.
    fixed : tuple of float
        Numbers that people write in its place.
    """

    def always(value):
        return lambda z, **options: right(z, **{name: value})

    def by_default(value):
        return lambda z, **options: right(z, **({name: value} | options))

    def unknown(z):
        return right(z)

    def demanded(z, **options):
        if name not in options:
            raise TypeError
        return right(z, **options)

    return (
        *(
            Mistake(
                always(value),
                f"{name} plays no part: the result is that of {name} = {value:.5g}, whatever is asked for. Use the "
                "argument.",
            )
            for value in fixed
        ),
        *(
            Mistake(
                by_default(value),
                f"Right where {name} is given. Where it is left out, this takes {value:.5g}: the default is {default}.",
            )
            for value in others
        ),
        Mistake(
            unknown,
            f"The second argument must have exactly the name {name}: callers pass it by that name, as in "
            f"{name}={default}.",
        ),
        Mistake(
            demanded,
            f"{name} may be left out by the caller; then it is {default}. Give it that default in the first line.",
        ),
    )


def clipping_slips(right, limits):
    """Return the mistakes of somebody who clips all of z so that the exponential stays finite."""
    return tuple(
        Mistake(
            lambda z, limit=limit, **options: right(np.minimum(z, limit), **options),
            f"NaN is avoided by cutting z off at {limit}, so 1000 is treated as {limit}. Only what the exponential "
            "sees needs a limit, and 0 is the right one: above it the function is a straight line.",
        )
        for limit in limits
    )
