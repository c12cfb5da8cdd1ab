"""Quiz of notebook 00."""

from course_lib.exercises.core import Quiz

QUIZZES = [
    Quiz(
        name="first-quiz",
        question="The mean and standard deviation that standardize test images come from…",
        options=(
            (
                "the test images",
                "Then the network would see test images on another scale than training images, and the result for "
                "one image would depend on which others it was tested with.",
            ),
            (
                "the training images",
                "The network learns weights for inputs on this scale, so everything it meets later must be brought "
                "to the same scale.",
            ),
            (
                "all images together",
                "Close in numbers, but the test set would have a say in training: it must stay unseen until the end.",
            ),
        ),
        right=1,
    )
]
