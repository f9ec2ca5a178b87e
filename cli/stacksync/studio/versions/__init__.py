"""Two versions of a module beside each other."""
