"""One module per noun, with the same names as the services."""
