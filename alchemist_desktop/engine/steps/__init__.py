"""The steps of one job, one module each."""
