"""Item models over snapshots; no I/O."""
