"""What the packages stand on that let connectors written for Stacksync's own packages run unchanged."""
