"""The HTTP face: Starlette application, server, schemas, events."""
