"""Colours of code fields, found by Pygments in a process of its own."""
