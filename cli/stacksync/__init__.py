"""The stacksync command: make, run and keep up to date connectors for Stacksync workflows."""

__version__ = "0.1.0"
