"""Grading a class: answers run in a sandbox, results are compared outside, marks go to a store and to the LMS."""
