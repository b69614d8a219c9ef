"""What the program knows, as pure data and rules: no I/O, no clock, no Qt."""
