"""Connections that are saved on this machine."""
