"""SQLite: the one database thread, tables, migrations and a repository per noun."""
