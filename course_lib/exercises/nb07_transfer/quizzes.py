"""Quizzes of notebook 07."""

from course_lib.exercises.core import Quiz

QUIZZES = [
    Quiz(
        name="patient-07",
        question="A trunk is to be frozen by handing the optimizer only the head's variables. Its own outputs change "
        "all the same. What moved?",
        options=(
            ("The kernels of the trunk", "They are equal bit for bit: the optimizer never saw them."),
            (
                "The moving statistics of its batch norm",
                "They aren't moved by gradients but by every run in training mode. Freezing needs trainable = False "
                "as well, or a trunk that is called with training=False.",
            ),
            ("The biases of the trunk", "They are variables like the kernels, and weren't handed over."),
            ("Nothing, it is rounding", "Rounding doesn't depend on training, and it would not grow."),
        ),
        right=1,
    ),
    Quiz(
        name="stops-early",
        question="Only the last two layers are trained. What does backpropagation do below them?",
        options=(
            ("Nothing: the error isn't passed on", "Nobody asks for those gradients, so the chain rule ends there."),
            ("It computes all and throws some away", "Nothing would be saved. The tape computes what it must."),
            ("It passes the error on, and no more", "So it does in frozen layers that lie between trained ones."),
        ),
        right=0,
    ),
    Quiz(
        name="put-back",
        question="All layers are trained, and after each step the old weights of the lower ones are put back. What is "
        "wrong with it?",
        options=(
            (
                "Nothing with the result, but it computes and copies what is thrown away",
                "The upper layers move as they would anyway: with plain gradient descent bit for bit or nearly so.",
            ),
            ("The upper layers learn something else", "Their gradients are computed before anything moves."),
            ("The weights that are put back have another rounding", "They are copied, not computed."),
        ),
        right=0,
    ),
    Quiz(
        name="cache-and-augment",
        question="The frozen layers' outputs are cached. Why can't the images be augmented as well?",
        options=(
            (
                "A changed image has other outputs, and each epoch changes it in another way",
                "What is cached belongs to one image. One can cache a few changed copies of each, no endless stream.",
            ),
            ("Augmentation changes the labels", "It had better not, cached or not."),
            ("Augmented images need dropout", "The two have nothing to do with each other."),
        ),
        right=0,
    ),
    Quiz(
        name="which-layout",
        question="A dense kernel from another framework is 512 × 512, and so is yours. May it be copied as it is?",
        options=(
            ("Yes, the shapes are equal", "Shapes say nothing about which axis is which."),
            ("No: theirs is (outputs, inputs), yours (inputs, outputs)", "It has to be transposed, although it fits."),
            ("Only if there is a bias", "A bias is a vector, and the same in both."),
        ),
        right=1,
    ),
]
