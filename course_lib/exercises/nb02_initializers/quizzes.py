"""Quizzes of notebook 02."""

from course_lib.exercises.core import Quiz

QUIZZES = [
    Quiz(
        name="one-value",
        question="May all weights of a layer start with one and the same value, if that value is drawn by He's rule?",
        options=(
            (
                "Yes, He's rule gives it the right size",
                "The size is right and all the units are one: same sum, same gradient, same step. The hundred units "
                "of the experiment above did no better than a single one.",
            ),
            (
                "No, the units of a layer would stay equal for ever",
                "Equal weights give equal sums, equal gradients and equal steps, so nothing ever tells the units "
                "apart. The weights must be drawn independently of each other.",
            ),
            (
                "Yes, since the layers above break the symmetry",
                "They would have to send different gradients to equal units. If their own weights are equal too, they "
                "can't; and if not, the units part only by what those weights happen to be.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="zero-biases",
        question="May all biases start at 0?",
        options=(
            (
                "Yes: the weights already differ, so the units do",
                "Symmetry is broken as soon as the weights are. In the experiment above biases that started at 0 did "
                "as well as random ones, and they didn't stay at 0.",
            ),
            (
                "No, they would stay equal, just as equal weights do",
                "Each bias moves by its own unit's gradient, and the units differ since their weights do.",
            ),
            (
                "No, ReLU units would all be off",
                "With weights of mean 0 about half of the sums are positive, with no help from a bias.",
            ),
        ),
        right=0,
    ),
    Quiz(
        name="five-networks",
        question="Which of the five networks was given He's weights by fan_out?",
        options=(
            ("A", "In A both lines fall: each layer leaves 0.77 of the signal and 0.64 of the gradient. Glorot's."),
            (
                "B",
                "In B the gradient is level on its way down, and the signal grows by √(fan_in / fan_out) = 1.19 at "
                "each of these narrowing layers. That is what fan_out does.",
            ),
            ("C", "In C both lines rise by a factor of ten and more at each layer: weights from N(0, 1)."),
            (
                "D",
                "In D the signal is level and the gradient loses 0.84 at each layer. That is He's, by fan_in.",
            ),
            ("E", "In E both lines fall by a factor of ten and more at each layer: weights from N(0, 0.01²)."),
        ),
        right=1,
    ),
    Quiz(
        name="factor-two",
        question="Where does the 2 in He's variance 2 / fan_in come from?",
        options=(
            (
                "A layer has two fans, and their mean is half their sum",
                "That 2 is in Glorot's 2 / (fan_in + fan_out), where it turns a sum into a mean.",
            ),
            (
                "ReLU sets half of its inputs to 0, and with them half of the mean square is gone",
                "z is symmetric around 0, so max(z, 0)² has half the mean of z². Twice the variance makes up for it.",
            ),
            (
                "It was found by trying",
                "It was derived before it was tried; you have derived it as well.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="unknown-activation",
        question="An activation has gain 0.9, and its slopes times the gain have an RMS of 2. What do 50 layers do?",
        options=(
            (
                "Signal and gradient keep their size: that is what the gain is for",
                "The gain looks at f alone, so at the signal alone. The gradient is multiplied by gain · f'.",
            ),
            (
                "The signal keeps its size, the gradient doubles at every layer",
                "The sine of 2z is of this kind: level activations, and a gradient that grows by a factor of 2 at "
                "each layer. At a size of 1 no variance serves both; a smaller signal meets a nearly straight sine.",
            ),
            (
                "The signal falls, since 0.9 is less than 1",
                "The gain is what makes up for the activation, so with it the signal is level.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="level-but-lost",
        question="Fifty logistic layers with Glorot's weights: the activations' RMS is level. Is the network healthy?",
        options=(
            ("Yes, the signal keeps its size", "Its size, yes. But look at what differs from image to image."),
            (
                "No: all images arrive as the same numbers",
                "The level part is the constant 1/2. What tells images apart shrinks to a quarter at each layer.",
            ),
            (
                "No, it is saturated",
                "With Glorot's weights its sums stay near 0, where the slope is at its best.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="residual-branch",
        question="A residual network is made four times as deep. By which factor should s, on its branches, change?",
        options=(
            (
                "None: the path past the branch keeps the signal",
                "It keeps it, and each branch adds to it: variances add up, block by block.",
            ),
            (
                "A half",
                "Four times as many terms of a quarter of the variance each add up to the same: a factor of "
                "1/√depth on the branch.",
            ),
            (
                "A quarter",
                "That keeps the sum of the sizes. Independent terms add up in their squares, so 1/√4 is enough.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="askers-spread",
        question="5 × 5 filters of one channel were given the spread √(2 / 784). What does this do to their sums?",
        options=(
            (
                "Nothing: He's rule keeps the signal",
                "He's rule counts what one output adds up. Here that is 25 pixels, and not the whole image of 784.",
            ),
            (
                "They are about a sixth as large as they should be",
                "The variance has 784 where 25 belongs, so the size is √(25 / 784) = 0.18 of what He's would give.",
            ),
            (
                "They are about a thirtieth as large as they should be",
                "25 / 784 = 0.03 is the factor on the variance. The size of the sums goes with its root.",
            ),
            (
                "They are more than five times too large",
                "The ratio is upside down: whoever divides by too many gets weights that are too small.",
            ),
        ),
        right=1,
    ),
]
