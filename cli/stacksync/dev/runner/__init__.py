"""What runs in the connector's own interpreter: only Python's own library and what a connector has is there.

It is started by its path and imports itself under the name `stacksync_runner`, so nothing of the command, and no
name of these files, is in the way of the connector's imports.
"""
