"""Recording an example, and playing it back, from the page."""
