"""Numbered schema steps; each holds its own frozen copy of what it needs."""
