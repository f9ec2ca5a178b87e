"""`stacksync dev`: a connector that is served while it is edited."""
