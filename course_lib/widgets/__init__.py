"""Explorers: each a pure function from settings to a picture, and thin controls around it."""
