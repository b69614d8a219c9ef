"""JSON on one side, domain types on the other: the only place that knows the names on the wire."""
