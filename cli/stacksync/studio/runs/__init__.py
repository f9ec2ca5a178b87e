"""Sending a form to the connector, and what came back."""
