"""Carries messages out of this computer: web requests and mail, to addresses that were checked."""
