"""Noticing what is saved, and what it means for the process that serves."""
