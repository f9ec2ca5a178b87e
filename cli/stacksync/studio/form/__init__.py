"""The form of a module: its schema, its choices and its controls."""
