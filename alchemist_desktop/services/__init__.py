"""Use cases; the only door for both faces."""
