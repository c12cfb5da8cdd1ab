"""Reference implementations of the course: import what you need from the modules, nothing is loaded before."""

__version__ = "0.2.0"
