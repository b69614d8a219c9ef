"""One module per page of the window: layout and wiring."""
