"""The composition root: builds everything once and owns start and stop."""
