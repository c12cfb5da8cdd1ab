"""The questions of notebook 08."""

from course_lib.exercises.core import Quiz

QUIZZES = [
    Quiz(
        name="one-weight-many-places",
        question="A filter's number is used at 784 positions of 50 images. What is its gradient?",
        options=(
            ("The mean of what each position asks for", "Each use passes its error on; they add up."),
            ("The sum of what each position of each image asks for", "One number, 39,200 uses: 39,200 terms."),
            ("What the position with the largest error asks for", "That is pooling's rule, not convolution's."),
        ),
        right=1,
    ),
    Quiz(
        name="full-convolution",
        question="At stride 1, 'same' padding: how can the gradient of the image be computed from dy?",
        options=(
            ("As a convolution of dy with the filter as it is", "Then each error would come from the opposite side."),
            (
                "As a convolution of dy with the filter turned over, channels and filters exchanged",
                "The pixel that w[i] met lies i to the right of the position; seen from the pixel, i to the left.",
            ),
            ("It can't be: convolutions have no inverse", "The gradient isn't an inverse; it asks who contributed."),
        ),
        right=1,
    ),
    Quiz(
        name="patient-08",
        question="A's gradients are right for both dense layers and wrong for both convolutions; B's are wrong for the "
        "first convolution alone. Where are the faults?",
        options=(
            ("Both in the convolution's filter gradient", "Then B's second convolution would be wrong as well."),
            (
                "A's between the dense layers and the second convolution, B's between the two convolutions",
                "An array's gradient is right as long as everything above it is right.",
            ),
            (
                "A's in the dense layers, B's in the second convolution",
                "Their gradients are right. The fault lies below the last array that is right.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="dead-map",
        question="A network with one filter, drawn and fixed, gets 74% with one draw and 90% with another. Why?",
        options=(
            ("The dense layers had bad luck", "They are trained, and mend their luck."),
            (
                "A filter most of whose outputs are negative leaves little of the image behind ReLU",
                "What ReLU has made 0 no later layer brings back. Eight filters are rarely all so unlucky.",
            ),
            ("The learning rate was too high", "It was the same for both."),
        ),
        right=1,
    ),
    Quiz(
        name="im2col",
        question="im2col copies each pixel up to nine times. Why is it faster all the same?",
        options=(
            (
                "One large matrix product uses the processor as loops never can",
                "Copying nine numbers costs less than calling Python once.",
            ),
            ("It needs fewer multiply-adds", "It needs exactly as many."),
            ("It needs less memory", "It needs up to nine times as much."),
        ),
        right=0,
    ),
]
