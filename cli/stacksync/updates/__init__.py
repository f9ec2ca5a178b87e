"""`stacksync update`: take a release of the template."""
