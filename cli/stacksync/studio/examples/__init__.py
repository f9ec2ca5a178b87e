"""Examples of a module: what was filled in, kept for its tests."""
