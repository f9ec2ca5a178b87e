"""Cassettes of a module: recording one, looking at it before it is written, playing it back."""
