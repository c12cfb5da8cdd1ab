"""Quizzes of notebook 05."""

from course_lib.exercises.core import Quiz

QUIZZES = [
    Quiz(
        name="steady-05",
        question="Two plots of one run: its loss, and the learning rate that it used. Why does it crawl?",
        options=(
            (
                "The rate is too small from the first step on",
                "At step 0 it is 0.3, and the loss jumps about: that is too large, not too small. Look where it is "
                "after 30 steps.",
            ),
            (
                "The schedule halves the rate every three steps, so that it is gone after thirty; and at the height at "
                "which it begins, momentum would diverge",
                "The crawling and the diverging run are the same settings but for the schedule. It hides a rate that "
                "is too large, at the price of stopping before anything is learned.",
            ),
            (
                "Momentum of 0.9 is too much for any network",
                "With a smaller rate 0.9 is the usual value. What counts together is lr / (1 - beta).",
            ),
            (
                "Its gradients vanish, as in notebook 01",
                "Two hidden layers with He's weights pass their gradients on. With another rate this network learns.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="high-beta",
        question="Somebody sets momentum's beta to 0.99999. What will happen?",
        options=(
            (
                "It behaves as with 0.9, only smoother",
                "It remembers a hundred thousand steps in place of ten: it can't slow down before any run is over.",
            ),
            (
                "It speeds up towards the minimum, shoots past it, comes back, and swings so for very long, since next "
                "to nothing slows it down",
                "That is what the bowl showed. Friction is 1 - beta: with 0.00001 a swing loses half of its size in "
                "more than a hundred thousand steps.",
            ),
            (
                "It stops after a few steps",
                "It would if the speed were lost; here nearly all of it is kept.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="sparse-ways",
        question="A model must be small: most of its weights are to be exactly 0. Which way does NOT give exact zeros?",
        options=(
            (
                "Train as usual, then set every weight below a threshold to 0",
                "It does, as many as you like; whether the model survives it is to be tried.",
            ),
            (
                "Add the l1 penalty's gradient to the loss's, and train by gradient steps",
                "Right, this one gives hardly any: a step of fixed size jumps across 0 and back. The weights become "
                "tiny and never 0.",
            ),
            (
                "l1 by a proximal step: after each step, shrink every weight by lr · strength and stop at 0",
                "It does: what would cross 0 is stopped there.",
            ),
            (
                "FTRL with l1",
                "It does: a weight is 0 as long as the sum z of its gradients stays within ±l1.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="stability",
        question="Plain gradient descent on a bowl of curvatures 1 and 20: from which rate on does it diverge?",
        options=(
            ("2 / 1 = 2, the gentle direction's limit", "Long before that the steep direction has diverged."),
            (
                "2 / 20 = 0.1",
                "Each step multiplies the distance along a direction by 1 - lr · curvature. Beyond 2 / 20 that is "
                "below -1 for the steep one.",
            ),
            (
                "1 / 20 = 0.05",
                "There the steep direction is solved in one step: 1 - lr · curvature is 0.",
            ),
            ("It depends on the starting point", "The factor is the same everywhere on a bowl."),
        ),
        right=1,
    ),
    Quiz(
        name="never-fires",
        question="A piecewise constant schedule has its first boundary at step 50,000. The run has 600 steps. What "
        "will you see?",
        options=(
            (
                "An error, since the boundary lies beyond the last step",
                "No library checks that: a schedule doesn't know how long the run will be.",
            ),
            (
                "A constant rate, and no complaint: plot the rates that the run used",
                "This is in published notebooks. The curve of the rates in use shows it at once.",
            ),
            (
                "The rate falls evenly towards the boundary",
                "Piecewise constant means that nothing changes between the boundaries.",
            ),
        ),
        right=1,
    ),
    Quiz(
        name="which-rule",
        question="Which choice goes with what you have measured, and with the usual advice?",
        options=(
            (
                "Adam or AdamW at 0.001 to begin with; momentum or Nesterov with a tuned, falling rate is as good; "
                "whatever the rule, the learning rate is searched first",
                "At their best rates most rules came out close together; at a wrong rate every one of them failed.",
            ),
            (
                "The rule that came first in the table, at any learning rate",
                "The heat map says otherwise: no rule was good at all rates, and the first places were within the "
                "spread of their seeds.",
            ),
            (
                "Newton's method, since it needs one step",
                "On a bowl. A network of 90,000 weights has a Hessian of eight billion numbers, and its surface isn't "
                "a bowl.",
            ),
            (
                "AdaGrad, since its steps shrink by themselves",
                "They do, whether it has arrived or not; it was quick here. On long runs it slows down too early.",
            ),
        ),
        right=0,
    ),
]
