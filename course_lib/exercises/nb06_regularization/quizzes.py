"""Quizzes of notebook 06."""

from course_lib.exercises.core import Quiz

QUIZZES = [
    Quiz(
        name="patient-06",
        question="Two runs, one with l2 = 0 and one with l2 = 0.1. Their weights are equal to the last bit, their "
        "printed losses aren't. What is the bug?",
        options=(
            (
                "The penalty is too weak to be seen",
                "Then the weights would differ in some digit. They are equal bit for bit.",
            ),
            (
                "The penalty is added to the loss that is printed, but its gradient to no gradient",
                "A step uses gradients only. What is printed changes; what is learned doesn't.",
            ),
            (
                "The penalty is left out in inference",
                "It should be: it is a wish for training. The weights would differ all the same.",
            ),
            (
                "Biases aren't penalized",
                "They needn't be, and kernels would still feel the penalty.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="dropout-cost",
        question="Does dropout slow training down? Inference? And Monte Carlo dropout?",
        options=(
            (
                "Training a little for each step, inference not at all, Monte Carlo dropout once for each sample",
                "A mask is drawn and multiplied in each step; in inference there is nothing to do; thirty samples "
                "are thirty forward passes.",
            ),
            (
                "Training gets quicker, since fewer units are computed; inference stays",
                "The dropped units are computed and then multiplied by 0: nothing is saved.",
            ),
            (
                "All three alike, by the mask",
                "In inference there is no mask, so a network with dropout predicts as fast as one without.",
            ),
        ),
        right=0,
    ),
    Quiz(
        name="which-axis",
        question="A dense kernel has shape (784, 300). Over which axis goes the norm that max-norm limits?",
        options=(
            ("Axis 0, so that there are 300 norms", "A column holds the incoming weights of one unit."),
            ("Axis 1, so that there are 784 norms", "Those are each input's outgoing weights: the well-known error."),
            ("Both, one norm", "Then one large unit would shrink all others."),
        ),
        right=0,
    ),
    Quiz(
        name="label-preserving",
        question="Which change keeps the label of every handwritten digit?",
        options=(
            ("A turn by 180 degrees", "A 6 becomes a 9, and a 9 a 6."),
            ("A mirror image", "A 2 becomes what nobody writes, and a network learns shapes that it never meets."),
            ("A shift by a pixel", "What is written stays what it is, one pixel further on."),
        ),
        right=2,
    ),
    Quiz(
        name="left-on",
        question="A service gives another answer each time it is sent the same image. Training was fine. What "
        "happened?",
        options=(
            (
                "Dropout is left on in use",
                "Each call draws another mask. In Keras: model(x, training=True) where predict was meant.",
            ),
            ("The network is overfitted", "It would be wrong in the same way each time."),
            ("l2 was too strong", "Weights that are fixed give the same answer each time."),
        ),
        right=0,
    ),
    Quiz(
        name="which-first",
        question="1,000 labelled digits, a dense network that knows them by heart. What would you try first, after "
        "what you measured here?",
        options=(
            ("More images from these: shifts, turns, zooms", "It gained several points, all else one at most."),
            ("Dropout", "Worth trying, and it costs little; here it moved accuracy by less than a point or so."),
            ("A strong l1 penalty", "It lowered accuracy here. It is good for something else: few weights."),
        ),
        right=0,
    ),
]
