"""What networks do, measured and foreseen: signals through layers, units that die, time."""

from course_lib.faces import face

__getattr__, __dir__, __all__ = face(__name__, {
    "profiles": "SATURATED Profile Signals growth mean_cosine profile rms signals",
    "mean_field": "Expected expected expected_profile gain gaussian_mean gaussian_pair_mean",
    "units": "StatisticsWatch UnitWatch came_back hidden_units",
    "timing": "nanoseconds",
})
