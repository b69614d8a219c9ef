"""Dialogs, always opened without a nested event loop."""
