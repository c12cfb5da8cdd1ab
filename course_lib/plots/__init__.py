"""Figures from arrays: each function returns a figure whose text alternative is made from the same arrays."""

from course_lib.faces import face

__getattr__, __dir__, __all__ = face(__name__, {
    "curves": "gallery lines panels",
    "spread": "clouds dots histograms share_maps",
    "images": "cells digits",
    "planes": "arrows rate_map walks",
    "tables": "table_chart",
    "diagrams": "BATCH_NORM CONV_NETWORK Node graph",
})
