"""Quizzes of notebook 03."""

from course_lib.exercises.core import Quiz

QUIZZES = [
    Quiz(
        name="patient-03",
        question="Why does the network of five ReLU layers stay at 10%?",
        options=(
            (
                "The learning rate killed its units",
                "Then the lines would begin near 0 and jump up within the first steps, as at the beginning of this "
                "notebook. Here they are high before any step.",
            ),
            (
                "Its biases begin at -1, so that many units were never on, and whole layers pass nothing",
                "z = x·w - 1 is negative for every image wherever x·w stays below 1. The fewer units are on, the "
                "smaller the next layer's x·w; in the upper layers nobody is left, and below them no error arrives.",
            ),
            (
                "Its gradient vanishes by a factor at every layer",
                "It doesn't shrink little by little, it is exactly 0: one layer without a living unit stops it.",
            ),
            (
                "Its signal is too small for Glorot's weights",
                "The weights are He's, made for ReLU. With biases of 0 they keep the signal's size.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="elu-advantages",
        question="ELU is said to have three advantages over ReLU. Which list is right?",
        options=(
            (
                "It is negative below zero, so its mean output is nearer to 0; its slope isn't 0 there; with alpha 1 "
                "it has no corner",
                "These are the three of the book. Here the mean was 0.16 against ReLU's 0.40, no unit died at ordinary "
                "rates, and the slope is continuous. At rate 0.1 its units were lost all the same, by saturation.",
            ),
            (
                "It is quicker to compute, never saturates, and needs no initializer",
                "The exponential makes it slower, below zero it does saturate, at -alpha, and weights matter as ever.",
            ),
            (
                "Its output is bounded on both sides, centred, and its slope exceeds 1",
                "It isn't bounded above, where it is z itself; its mean isn't 0, and for alpha 1 the slope is at most "
                "1.",
            ),
        ),
        right=0,
    ),
    Quiz(
        name="which-activation",
        question="Which choice goes with what you have measured, and with the usual advice?",
        options=(
            (
                "ELU or SELU always, since they come first in the ranking",
                "In the study here nobody could rank the first twelve. SELU is for deep plain stacks without other "
                "normalization; ELU costs an exponential.",
            ),
            (
                "ReLU by default and where inference must be fast; a leak where units die; SELU in deep plain stacks; "
                "tanh for outputs from -1 to 1; the logistic function for yes or no; softmax for one of several",
                "Yes. For hidden layers the differences in accuracy were mostly within the spread, so what fails and "
                "what it costs decide; for the last layer the task decides.",
            ),
            (
                "Softmax in the hidden layers, since it keeps the outputs between 0 and 1",
                "It makes the units of a layer compete for a sum of 1, and saturates. It belongs at the end.",
            ),
            (
                "The logistic function wherever gradients are small",
                "Its slope is at most 1/4: it makes them smaller still, and it came last but one in the study.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="dead-or-off",
        question="A unit's z is negative on every image. Can gradient descent bring it back?",
        options=(
            (
                "If it is a ReLU: hardly, since its weights get no gradient; if it leaks: yes",
                "A ReLU unit's weights get a gradient of exactly 0. Only its inputs may change, if the layers below "
                "still learn. The leak's slope lets an error through.",
            ),
            (
                "Yes, with a larger learning rate",
                "Any rate times 0 is 0. A larger rate is what kills units in the first place.",
            ),
            (
                "No, whatever the activation",
                "At rate 0.1 a good part of leaky ReLU's units that were off came back on.",
            ),
        ),
        right=0,
    ),
    Quiz(
        name="normalizing",
        question="A stack of SELU layers grows from layer to layer. What is the least likely cause?",
        options=(
            (
                "He's weights in place of LeCun's",
                "That doubles the variance of z at every layer, and the signal grew more than tenfold in a hundred "
                "layers.",
            ),
            (
                "Alpha dropout",
                "It is made for SELU: it kept the deviation within 5% of 1 at every rate that was tried.",
            ),
            (
                "Plain dropout of half of the units",
                "That doubles the variance at every layer; at 50% SELU's pull back was too weak.",
            ),
            (
                "The two constants swapped",
                "Then the slope above zero is 1.67: the deviation reached millions.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="mask",
        question="Why does (exp(z) - 1) * (z <= 0) give NaN at z = 1000?",
        options=(
            (
                "Because z <= 0 is False, and False can't be multiplied",
                "It counts as 0, and 0 times any finite number is 0.",
            ),
            (
                "Because exp(1000) is infinite, and infinity times 0 isn't a number",
                "The mask comes too late. Keep the large number from exp: min(z, 0).",
            ),
            (
                "Because float64 is too short for 1000",
                "1000 fits well; e to the power of 1000, with 435 digits, doesn't.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="half-a-point-quiz",
        question="In a comparison with five seeds A is half a percentage point above B in the mean. The seeds of each "
        "spread over a whole point. What follows?",
        options=(
            (
                "A is better, if only by a little",
                "Another five seeds may well turn it round: the difference is smaller than the spread.",
            ),
            (
                "Nothing yet: more seeds, or runs compared in pairs, could tell",
                "With the same seeds the differences can be taken pair by pair; if their sign changes from seed to "
                "seed, the question stays open.",
            ),
            (
                "A and B are equally good",
                "That wasn't shown either. A difference that can't be seen with five seeds may be there.",
            ),
        ),
        right=1,
    ),
]
