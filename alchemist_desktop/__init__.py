"""Alchemist Desktop: a media library transcoder that verifies what it does and can undo it."""

__version__ = "0.1.0"
