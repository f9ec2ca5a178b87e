"""The connector's processes: one that serves, one that is loaded to follow it, and all that run beside this one."""
