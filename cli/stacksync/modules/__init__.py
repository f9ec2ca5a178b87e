"""The modules of a connector: list, add, copy and remove them."""
