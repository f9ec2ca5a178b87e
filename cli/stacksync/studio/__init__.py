"""The page of `stacksync dev`: every module's form as its users will see it, and what the connector answers."""
