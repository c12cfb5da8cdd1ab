"""Quizzes of notebook 01."""

from course_lib.exercises.core import Quiz

QUIZZES = [
    Quiz(
        name="patient",
        question="What ails the network of ten layers?",
        options=(
            (
                "Its units are saturated",
                "ReLU units that are on have slope 1 however large z is; and here z is tiny, not large.",
            ),
            (
                "The signal dies on its way up, and the error on its way down",
                "Both fall by about five at every layer (0.3 · √½ ≈ 0.21). Their product, the weight gradient, is "
                "level and hides it. At the top so little is left that the output is as good as the same for every "
                "image.",
            ),
            (
                "Its gradients explode",
                "Then a line would rise towards the bottom layers; ∂L/∂z falls instead.",
            ),
            (
                "The learning rate is too small",
                "Tempting, since the weight gradients are so level. But what the output owes to the image is so small "
                "that gradient descent changes it for all images alike, at any rate allowed here.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="old-recipe",
        question="Twenty logistic layers with weights from N(0,1) hardly learn by gradient descent. What was shown?",
        options=(
            (
                "Their gradient vanishes by a factor of four at every layer",
                "That is what happens with small weights. With N(0,1) the large weights make up for the small slopes, "
                "and g is near 1. See 'How fast does a gradient grow?'.",
            ),
            (
                "Their gradient is wrong beyond a tiny step, and that is why",
                "It is wrong there. But for the same promised drop the networks that learn keep less of it: a cause "
                "needs a control.",
            ),
            (
                "Two thirds of the slopes are flat, and another rule gets further with the same network",
                "Both were measured: about 68% of the slopes are below 0.05, and Adam takes the network from about 31% "
                "to about 53%. So part of the failure was the rule's. How much of the rest is saturation's, nothing "
                "here has shown.",
            ),
            (
                "The loss becomes NaN",
                "Logistic units stay between 0 and 1, whatever the weights; nothing overflows here.",
            ),
        ),
        right=2,
    ),
    Quiz(
        name="quarter",
        question="A logistic network with Glorot's weights, nothing saturated. What is left of δ ten layers down?",
        options=(
            ("About a quarter", "A quarter is what one layer leaves."),
            ("About a tenth", "A quarter is what is left each time, and the factors multiply."),
            (
                "About a millionth",
                "The slope is at most 1/4 and √(nσ²) = 1, so each layer leaves a quarter at best: 1/4 to the tenth "
                "power is 0.000001.",
            ),
        ),
        right=2,
    ),
    Quiz(
        name="level-gradients",
        question="All layers of a network get weight gradients of the same size. What do you know?",
        options=(
            (
                "It will learn",
                "ReLU with Glorot's weights has level gradients, too, and at layer 20 a thousandth of its signal. "
                "Whether that can learn you will see under 'Who learns?'.",
            ),
            (
                "Only the product of signal and error is level; either may have died",
                "dw = xᵀδ: one may fall towards the top and the other towards the bottom. Look at both.",
            ),
            (
                "Its activations are healthy",
                "The gradient contains them only as a factor; the other factor can make up for anything.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="clipping",
        question="Which kind of clipping keeps the direction of the whole step?",
        options=(
            ("By value", "It cuts large elements and leaves small ones, so the step turns. See the arrows."),
            (
                "By each array's own norm",
                "Within one array the direction is kept; but arrays are shortened by different factors, so the step of "
                "the whole network turns.",
            ),
            ("By the global norm", "All elements of all arrays are multiplied by one number."),
        ),
        right=2,
    ),
    Quiz(
        name="larger-rate",
        question="A gradient falls by four at every layer. Does a learning rate a million times larger help?",
        options=(
            (
                "Yes, the first layers then get steps of the right size",
                "They do, and the last layers get steps a million times too large in the same update.",
            ),
            (
                "No: what is wrong is the ratio between layers, and one rate multiplies them all",
                "Whatever rate suits the bottom is absurd at the top. The factor from layer to layer must be mended.",
            ),
            ("Only together with clipping", "Clipping by norm is one more common factor; the ratio stays."),
        ),
        right=1,
    ),
    Quiz(
        name="uniform-weights",
        question="Weights from U(±1/√n), for units with n inputs: why does a tanh signal shrink from layer to layer?",
        options=(
            (
                "Tanh is flatter than a straight line",
                "It presses large signals together. A small one passes nearly unchanged, and this one goes on "
                "shrinking when it is small.",
            ),
            (
                "The weights have mean 0, so what is positive and what is negative cancels",
                "Some of it does, with Glorot's weights as well, and those keep the signal. How much is left depends "
                "on the variance.",
            ),
            (
                "Their variance is 1/(3n), not 1/n",
                "A number from U(±a) has variance a²/3. So the sum of n terms keeps a third of the signal's variance, "
                "and its size falls by √⅓ ≈ 0.58 at every layer.",
            ),
        ),
        right=2,
    ),
    Quiz(
        name="network-or-rule",
        question="Which of these tells something of the network alone, whatever rule trains it?",
        options=(
            (
                "Its lowest layers hardly move",
                "How far a weight moves is the rule's affair. Plain gradient descent goes lr times the gradient; Adam "
                "divides by the gradient's own size, and moves weights with tiny gradients as far as others.",
            ),
            (
                "Before training, its gradient falls to a quarter at every layer",
                "That follows from its weights and slopes; no step has been taken. What becomes of it in training "
                "depends on the rule, too.",
            ),
            (
                "After two epochs it gets one digit in four right",
                "That tells of a network, a rule and a rate together. Another rule, or the same at its best rate, may "
                "bring the same network further.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="keras-clipping",
        question="Which of Keras's options keep the direction of the whole step?",
        options=(
            (
                "clipvalue",
                "It cuts the large elements and leaves the small ones: the step turns towards these.",
            ),
            (
                "clipnorm",
                "Every array keeps its own direction. But one array is shortened and another isn't, so the step of all "
                "weights together turns.",
            ),
            (
                "global_clipnorm",
                "One factor for all arrays: the whole step is shorter, and points where it pointed.",
            ),
            (
                "clipnorm and global_clipnorm",
                "Each array keeps its direction with both. All arrays together keep it only if they are shortened by "
                "the same factor.",
            ),
        ),
        right=2,
    ),
]
