"""Git: the only package that starts it."""
