"""The operating system: power, processes, file watching, secrets."""
