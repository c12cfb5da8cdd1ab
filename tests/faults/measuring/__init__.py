"""Faults in the room `measuring`."""
