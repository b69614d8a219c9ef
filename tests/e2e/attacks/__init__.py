"""Attacks on the running program: it stays up, answers others meanwhile, and lets nobody in."""
