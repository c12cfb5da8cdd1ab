"""Exercise of notebook 05: Adam, whose two averages are corrected for having begun at 0."""

from course_lib.exercises.core import Exercise
from course_lib.exercises.nb05_optimizers.adam_average_mistakes import AVERAGES
from course_lib.exercises.nb05_optimizers.adam_step_mistakes import STEPS
from course_lib.exercises.nb05_optimizers.averaging import cases
from course_lib.exercises.nb05_optimizers.walking import INPUTS, walk
from course_lib.optimizers import adam

ADAM = Exercise(
    name="adam",
    reference=adam,
    cases=cases,
    points=3,
    call=walk,
    inputs=INPUTS,
    rows="step",
    any_dtype=True,
    mistakes=(*STEPS, *AVERAGES),
    hints=(
        "Two moving averages, of the gradient and of its square, and a count of the steps. An average that began at 0 "
        "is too small by a factor that you know: 1 - beta^t.",
        "m, s, t = state or (0, 0, 0); t = t + 1; then m and s; step = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t); "
        "return w - step * m / (np.sqrt(s) + eps), (m, s, t)",
    ),
)
