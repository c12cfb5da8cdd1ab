"""Quizzes of notebook 04."""

from course_lib.exercises.core import Quiz

QUIZZES = [
    Quiz(
        name="patient-04-a",
        question="Network A: right on nearly all of its training images, on one in ten in use. What is its bug?",
        options=(
            (
                "It overfits: it has learned its 1,600 training images by heart",
                "Overfitting costs some ten points here, not ninety; and it has nothing to do with the two variances.",
            ),
            (
                "Its moving statistics are never updated",
                "The moving variance stays at 1, its first value, for all sixteen epochs, while the batches' is many "
                "times smaller. In use every unit is divided by 1 where training divided by much less.",
            ),
            (
                "It predicts in the wrong mode, with each batch's own statistics",
                "Then the moving variance would follow the batches' all the same, and images predicted together would "
                "come out right.",
            ),
            (
                "Its learning rate is too large",
                "Training works: nearly all are right there. Only use fails.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="patient-04-b",
        question="Network B: its moving variance follows the batches' well; one image at a time it is right on one in "
        "ten, all together on nine in ten. What is its bug?",
        options=(
            (
                "Its moving statistics are never updated",
                "They are: the two lines lie together. They just aren't used.",
            ),
            (
                "Its decay is too large",
                "Then the moving variance would lag behind the batches'.",
            ),
            (
                "It predicts in the wrong mode, with the statistics of whatever batch it is given",
                "A batch of 500 has good statistics of its own. One image alone has variance 0 in every unit: it is "
                "normalized to nothing.",
            ),
        ),
        right=2,
    ),
    Quiz(
        name="four-numbers",
        question="Batch norm keeps four numbers for each unit. How is each obtained?",
        options=(
            (
                "All four are learned by gradient descent",
                "Mean and variance are computed from the batch; no gradient step ever changes their averages.",
            ),
            (
                "gamma and beta are learned by gradient descent; mean and variance are averaged over the batches",
                "Two are trained, two are estimated. The averages are used only when predicting.",
            ),
            (
                "gamma and beta are averaged over the batches; mean and variance are learned",
                "It is the other way round.",
            ),
            (
                "gamma is the batch's standard deviation, beta its mean; the other two are their averages",
                "Then batch norm would undo itself at once. It could, if training wanted: that is what gamma and beta "
                "are free to do.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="momentum-or-decay",
        question="A paper says: 'batch norm with momentum 0.1, in PyTorch'. What do you write in Keras?",
        options=(
            (
                "momentum=0.1",
                "In Keras this is the weight of the old value: the average would forget nine tenths at every step.",
            ),
            (
                "momentum=0.9",
                "PyTorch's momentum is the weight of the new value, Keras's that of the old one.",
            ),
            (
                "Nothing: both default to the same",
                "Keras's default is 0.99, PyTorch's 0.1, which is 0.9 in Keras.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="bias-before-norm",
        question="What does the bias of a dense layer do if batch norm follows it?",
        options=(
            (
                "It shifts the activation's input",
                "Whatever it adds to all examples, the mean takes away again.",
            ),
            (
                "Nothing: its effect is taken away with the mean, its gradient is 0, and beta does its work",
                "That is why one writes Dense(100, use_bias=False) before batch norm.",
            ),
            (
                "It speeds up the moving mean",
                "The moving mean follows the bias, too, and takes it away again in use.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="one-at-a-time",
        question="Your service gets one image at a time, and your training batches had 64. What must you change?",
        options=(
            (
                "Nothing, if it predicts in inference mode: the statistics come from training",
                "One image or a thousand: each gets the same answer as in any other company.",
            ),
            (
                "Collect 64 images before predicting",
                "Then an image's answer would depend on the 63 others.",
            ),
            (
                "Train with batches of one",
                "Then every unit is its own mean, and comes out as beta: nothing can be learned.",
            ),
        ),
        right=0,
    ),
    Quiz(
        name="frozen-norm",
        question="You reuse a trained network in TensorFlow and give the optimizer only the new top layer's weights. "
        "Below there is batch norm. Does anything below change?",
        options=(
            (
                "No: no variable below gets a gradient",
                "The moving statistics need no gradient. Called with training=True, the layer moves them all the same.",
            ),
            (
                "Yes, its moving statistics, if the model is called with training=True",
                "Set layer.trainable = False: since TensorFlow 2 such a layer also runs in inference mode. Or call the "
                "lower part with training=False.",
            ),
            (
                "Yes: gamma and beta",
                "Those change only if their gradients are computed and applied.",
            ),
        ),
        right=1,
    ),
]
